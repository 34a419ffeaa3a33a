"""What a collection knows of its documents, read from the manifest without owning the index."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from rag.collection import Collection
from rag.errors import StoreUnavailable

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
    for row in _query(collection, f"SELECT {_COLUMNS} FROM documents ORDER BY name, root"):
        name, path, state, *rest = row
        rest[5] = bool(rest[5])
        found.append(DocumentInfo(name, path, state == "live", *rest))
    return found


def counts(collection: Collection) -> tuple[int, int]:
    """Searchable documents and chunks. Raises StoreUnavailable."""
    rows = _query(collection, "SELECT count(*), coalesce(sum(chunks), 0) FROM documents WHERE state = 'live'")
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def _query(collection: Collection, sql: str) -> list[tuple[Any, ...]]:
    if not collection.manifest.is_file():
        return []
    try:
        address = f"{collection.manifest.as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as db:
            return db.execute(sql).fetchall()
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{collection.manifest}: cannot be read: {error}") from error
