"""What a collection knows of its documents, read from the manifest without owning the index."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rag.collection import Collection

_COLUMNS = (
    "name, path, state, outcome, code, message, encoding, confidence, suspicious,"
    " lang, title, size, chars, chunks"
)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One file of a collection; ``live`` says whether any version of it is searchable."""

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

    def to_json(self) -> dict[str, Any]:
        """Every field, for ``json.dumps``."""
        return asdict(self)


def documents(collection: Collection) -> list[DocumentInfo]:
    """Every file the collection has seen, by name. Raises StoreUnavailable."""
    found = []
    for row in collection.query(f"SELECT {_COLUMNS} FROM documents ORDER BY name, root"):
        name, path, state, *rest = row
        rest[5] = bool(rest[5])
        found.append(DocumentInfo(name, path, state == "live", *rest))
    return found


def counts(collection: Collection) -> tuple[int, int]:
    """Searchable documents and chunks. Raises StoreUnavailable."""
    rows = collection.query("SELECT count(*), coalesce(sum(chunks), 0) FROM documents WHERE state = 'live'")
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)
