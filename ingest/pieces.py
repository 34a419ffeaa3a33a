"""A document cut into chunks, with the row that the manifest is to have of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ingest.chunk import chunk_document
from ingest.manifest import Row
from ingest.sizes import written
from ingest.writing import Read
from rag.engine import Engine
from rag.errors import DocumentError
from rag.types import Chunk, Document


def cut(row: Row, document: Document, engine: Engine) -> Read:
    """The chunks of a document under the pipeline of ``row``, and its row as it will be.

    A document without text, a mere container, has none. Raises DocumentError (``empty``) where there is
    text but nothing in it to be found.
    """
    generation = _generation(document, row.pipeline)
    pieces = _chunks(document, generation, engine) if document.text.strip() else []
    return Read(_filled(row, document, pieces, generation), pieces)


def _chunks(document: Document, generation: str, engine: Engine) -> list[Chunk]:
    pieces = chunk_document(document, engine.embedder, engine.settings.chunk, key=generation)
    if not pieces:
        raise DocumentError(document.source.name, "empty", "holds no text")
    return pieces


def _filled(row: Row, document: Document, pieces: list[Chunk], generation: str) -> Row:
    source = document.source
    return replace(
        row,
        sha256=source.sha256,
        size=source.size,
        state="planned" if pieces else "",
        next_generation=generation if pieces else None,
        outcome="indexed",
        code="",
        message="",
        encoding=source.encoding,
        confidence=source.confidence,
        suspicious=source.suspicious,
        lang=document.lang,
        title=document.title,
        chars=len(document.text),
        chunks=len(pieces),
        warnings=" ".join(source.warnings),
        tokens=written(pieces),
    )


def _generation(document: Document, pipeline: str) -> str:
    key = f"{document.id}\n{document.source.sha256}\n{document.source.encoding}\n{pipeline}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]
