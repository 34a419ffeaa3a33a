"""What a collection knows of its documents, read from the manifest without owning the index."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ingest.manifest import Row, known_rows
from ingest.sizes import UNKNOWN, Sizes, read
from rag.collection import Collection


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One file of a collection; ``live`` says whether any version of it is searchable.

    An archive is ``indexed`` and holds nothing itself; what is inside it stands beside it, named
    ``archive.zip/member.txt``. ``warnings`` as in `rag.types.Source`; ``sizes`` are those of its chunks.
    """

    name: str
    path: str
    live: bool
    outcome: str
    code: str
    message: str
    encoding: str | None
    confidence: float
    suspicious: bool
    lang: str
    title: str
    size: int
    chars: int
    chunks: int
    warnings: tuple[str, ...] = ()
    sizes: Sizes = UNKNOWN

    def to_json(self) -> dict[str, Any]:
        """Every field, for ``json.dumps``."""
        return asdict(self)


def documents(collection: Collection) -> list[DocumentInfo]:
    """Every file the collection has seen, by name. Raises StoreUnavailable."""
    return [_info(row) for row in known_rows(collection).values()]


def counts(collection: Collection) -> tuple[int, int]:
    """Searchable documents and chunks. Raises StoreUnavailable."""
    rows = collection.query("SELECT count(*), coalesce(sum(chunks), 0) FROM documents WHERE state = 'live'")
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def _info(row: Row) -> DocumentInfo:
    return DocumentInfo(
        name=row.name,
        path=row.path,
        live=row.state == "live",
        outcome=row.outcome,
        code=row.code,
        message=row.message,
        encoding=row.encoding,
        confidence=row.confidence,
        suspicious=row.suspicious,
        lang=row.lang,
        title=row.title,
        size=row.size,
        chars=row.chars,
        chunks=row.chunks,
        warnings=tuple(row.warnings.split()),
        sizes=read(row.tokens),
    )
