"""The documents of an evaluation folder, cut as they are when they are ingested."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.chunk import chunk_document
from ingest.decode import decode
from ingest.load import parse
from rag.errors import DocumentError
from rag.evaluate.documents import aligned
from rag.ports import Embedder
from rag.settings import ChunkSettings
from rag.types import Chunk, Document

_PASSES: Final = 3
_LONG: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Cut:
    """Documents and their chunks.

    Attributes:
        sources: the text of each file as it is, its byte order mark and line ends included.
        chunks: of all documents; their spans are offsets in the sources.
        bytes: of the documents' texts in UTF-8.
        seconds: of CPU time that cutting took, token counting included, reading not; the quickest of three
            passes, fewer where one takes long.
    """

    sources: Mapping[str, str]
    chunks: tuple[Chunk, ...]
    bytes: int
    seconds: float

    @property
    def megabytes_per_second(self) -> float:
        """Millions of bytes that were cut in a second of CPU time."""
        return self.bytes / 1e6 / max(self.seconds, 1e-9)


def cut_files(files: Mapping[str, Path], embedder: Embedder, settings: ChunkSettings) -> Cut:
    """Read and cut files as `ingest.pipeline.ingest` does.

    Args:
        files: paths by the names that the documents are to have.
        embedder: whose tokens are counted.
        settings: of them the budget is at most what reaches the embedder.

    Raises:
        DocumentError: a file cannot be read, or reading it changed its text (Aozora gaiji).
        ConfigError: the strategy is unknown.
    """
    read = {name: _read(name, path) for name, path in files.items()}
    documents = {name: document for name, (_, document) in read.items() if document is not None}
    made, seconds = _timed(documents, embedder, settings)
    sources = {name: source for name, (source, _) in read.items()}
    moved = tuple(
        one for name, found in made.items() for one in _moved(found, sources[name], documents[name].text)
    )
    return Cut(sources, moved, sum(len(one.text.encode()) for one in documents.values()), seconds)


def _timed(
    documents: Mapping[str, Document], embedder: Embedder, settings: ChunkSettings
) -> tuple[dict[str, list[Chunk]], float]:
    """The chunks of each document, and the CPU time of the quickest pass."""
    for document in list(documents.values())[:1]:
        chunk_document(document, embedder, settings)  # what is loaded at the first use is not timed
    passes: list[float] = []
    while len(passes) < _PASSES and sum(passes) < _LONG:
        start = time.process_time()
        made = {name: chunk_document(document, embedder, settings) for name, document in documents.items()}
        passes.append(time.process_time() - start)
    return made, min(passes)


def _read(name: str, path: Path) -> tuple[str, Document | None]:
    """A file's text as it is, and its document; None where nothing is in it to be found."""
    try:
        data = path.read_bytes()
        document = parse(data, name=name)
    except OSError as error:
        raise DocumentError(name, "unreadable", f"cannot be read: {error.strerror or error}") from error
    except DocumentError as error:
        if error.code != "empty":
            raise
        return "", None
    mark = "\ufeff" if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) else ""
    return mark + decode(data, name=name).text, document


def _moved(found: list[Chunk], source: str, text: str) -> list[Chunk]:
    """The chunks with the offsets that they have in the file's text."""
    offsets = aligned(source, text, found[0].document if found else "")
    return [replace(one, start=offsets[one.start], end=offsets[one.end - 1] + 1) for one in found]
