"""What is planned, written and live: the record that makes ingesting resumable.

A document's points are written under a new, hidden generation. One transaction then makes it the live
one and hides the old, whose points are deleted afterwards from a queue. Whatever a kill leaves behind is
hidden, and `recover` clears it away.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType

from rag.collection import HIDDEN_TABLE, Collection
from rag.errors import StoreUnavailable

SCHEMA = 3
_ADDED = ("stamp", "container", "warnings", "tokens")  # columns that earlier schemas had not

NAMESPACE = uuid.UUID("6f0a7a52-4f0e-5b0a-9d3e-0c6a1c1f8e11")

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS roots (key TEXT PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    doc_id TEXT PRIMARY KEY, root TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, pipeline TEXT NOT NULL,
    state TEXT NOT NULL, generation TEXT, next_generation TEXT,
    outcome TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    encoding TEXT, confidence REAL NOT NULL, suspicious INTEGER NOT NULL,
    lang TEXT NOT NULL, title TEXT NOT NULL, chars INTEGER NOT NULL, chunks INTEGER NOT NULL,
    stamp TEXT NOT NULL DEFAULT '', container TEXT NOT NULL DEFAULT '', warnings TEXT NOT NULL DEFAULT '',
    tokens TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS documents_by_root ON documents (root, name);
CREATE TABLE IF NOT EXISTS deletions (generation TEXT PRIMARY KEY, doc_id TEXT NOT NULL);
{HIDDEN_TABLE};
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the manifest knows it.

    ``state`` is ``planned``, ``written``, ``live``, or empty for a file that holds nothing searchable;
    ``generation`` is the one being searched, ``next_generation`` the one being written. ``stamp`` is what
    the file system said of the file when it was read, empty where that proves nothing; ``container`` the
    document id of the file that this one is inside of; ``warnings`` as in `rag.types.Source`, joined by
    spaces; ``tokens`` as in `ingest.sizes`.
    """

    doc_id: str
    root: str
    name: str
    path: str
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0
    pipeline: str = ""
    state: str = ""
    generation: str | None = None
    next_generation: str | None = None
    outcome: str = ""
    code: str = ""
    message: str = ""
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False
    lang: str = "und"
    title: str = ""
    chars: int = 0
    chunks: int = 0
    stamp: str = ""
    container: str = ""
    warnings: str = ""
    tokens: str = ""


_COLUMNS = [one.name for one in fields(Row)]
_INSERT = (
    f"INSERT OR REPLACE INTO documents ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
)


class Manifest:
    """The manifest of one collection, open for its owner.

    Raises:
        StoreUnavailable: the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._said():
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._upgrade()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _upgrade(self) -> None:
        """Make the tables, or bring those of an earlier version up to date."""
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA:
            self._db.close()
            raise StoreUnavailable(
                f"{self._path}: was written by a newer cjkrag (schema {version}, known is {SCHEMA}). Upgrade"
            )
        self._db.executescript(_SCHEMA)
        known = {row[1] for row in self._db.execute("PRAGMA table_info(documents)")}
        for column in _ADDED:
            if column not in known:
                self._db.execute(f"ALTER TABLE documents ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    # -- roots ---------------------------------------------------------------------------------------

    def roots(self) -> dict[str, Path]:
        """Every ingested folder by its key."""
        with self._said():
            found = self._db.execute("SELECT key, path FROM roots").fetchall()
        return {key: Path(os.fsdecode(path)) for key, path in found}

    def set_root(self, key: str, path: Path) -> None:
        """Remember a folder."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO roots VALUES (?, ?)", (key, _storable(path)))

    def drop_root(self, key: str) -> None:
        """Forget a folder; its documents are removed first."""
        with self._transaction():
            self._db.execute("DELETE FROM roots WHERE key = ?", (key,))

    # -- documents -----------------------------------------------------------------------------------

    def rows(self, root: str | None = None) -> dict[str, Row]:
        """Documents by id, of one root or of all, ordered by name."""
        where, values = ("WHERE root = ?", (root,)) if root is not None else ("", ())
        query = f"SELECT {', '.join(_COLUMNS)} FROM documents {where} ORDER BY name, root"
        with self._said():
            return {row[0]: _row(row) for row in self._db.execute(query, values)}

    def note(self, rows: Sequence[Row]) -> None:
        """Keep what became of files that leave the index as it is."""
        with self._transaction():
            self._write(rows)

    def plan(self, rows: Sequence[Row]) -> None:
        """Before their points are written: the new generations exist, hidden."""
        with self._transaction():
            self._write(rows)
            self._hide(row.next_generation for row in rows if row.next_generation)

    def written(self, rows: Sequence[Row]) -> None:
        """All points of the new generations are in the store."""
        with self._transaction():
            self._db.executemany(
                "UPDATE documents SET state = 'written' WHERE doc_id = ?", [(row.doc_id,) for row in rows]
            )

    def flip(self, rows: Sequence[Row]) -> None:
        """In one step the new generations are seen and the old ones are not, and wait for deletion."""
        with self._transaction():
            old = dict(self._generations(row.doc_id for row in rows))
            self._queue((generation, doc_id) for doc_id, generation in old.items() if generation)
            self._db.executemany(
                "DELETE FROM hidden WHERE generation = ?", [(row.generation,) for row in rows]
            )
            self._write(rows)

    def remove(self, rows: Iterable[Row]) -> None:
        """In one step the documents are gone; their points wait for deletion."""
        with self._transaction():
            for row in rows:
                for generation in filter(None, (row.generation, row.next_generation)):
                    self._queue([(generation, row.doc_id)])
                self._db.execute("DELETE FROM documents WHERE doc_id = ?", (row.doc_id,))

    def retire(self, row: Row) -> None:
        """Keep the row, but what it had searchable is hidden and waits for deletion."""
        with self._transaction():
            self._queue((old, doc) for doc, old in self._generations([row.doc_id]) if old)
            self._write([row])

    # -- deletions -----------------------------------------------------------------------------------

    def recover(self) -> None:
        """Give up what a kill left half written: it stays hidden and waits for deletion."""
        with self._transaction():
            half = self._db.execute(
                "SELECT next_generation, doc_id FROM documents WHERE next_generation IS NOT NULL"
            ).fetchall()
            self._queue(half)
            self._db.execute(
                "UPDATE documents SET next_generation = NULL, sha256 = '', stamp = '',"
                " state = CASE WHEN generation IS NULL THEN '' ELSE 'live' END"
                " WHERE next_generation IS NOT NULL"
            )

    def deletions(self) -> list[tuple[str, str]]:
        """Generations to delete from the store, with their documents."""
        with self._said():
            return self._db.execute("SELECT generation, doc_id FROM deletions ORDER BY generation").fetchall()

    def deleted(self, generations: Iterable[str]) -> None:
        """They are gone from the store."""
        gone = [(one,) for one in generations]
        with self._transaction():
            self._db.executemany("DELETE FROM deletions WHERE generation = ?", gone)
            self._db.executemany("DELETE FROM hidden WHERE generation = ?", gone)

    # -- inside --------------------------------------------------------------------------------------

    def _write(self, rows: Sequence[Row]) -> None:
        self._db.executemany(_INSERT, [tuple(getattr(row, name) for name in _COLUMNS) for row in rows])

    def _hide(self, generations: Iterable[str]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO hidden VALUES (?)", [(one,) for one in generations])

    def _queue(self, pairs: Iterable[tuple[str, str]]) -> None:
        waiting = list(pairs)
        self._db.executemany("INSERT OR REPLACE INTO deletions VALUES (?, ?)", waiting)
        self._hide(generation for generation, _ in waiting)

    def _generations(self, doc_ids: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        for doc_id in doc_ids:
            yield from self._db.execute(
                "SELECT doc_id, generation FROM documents WHERE doc_id = ?", (doc_id,)
            ).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._said():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"{self._path}: the manifest failed: {error}. Free disk space, or delete it and ingest again"
            ) from error


def known_rows(collection: Collection) -> dict[str, Row]:
    """Every document by id, read without owning the manifest; none where it is not written yet."""
    known = {row[1] for row in collection.query("PRAGMA table_info(documents)")}
    columns = [name for name in _COLUMNS if name in known] or _COLUMNS
    found = collection.query(f"SELECT {', '.join(columns)} FROM documents ORDER BY name, root")
    return {row[0]: _row([*row, *[""] * (len(_COLUMNS) - len(row))]) for row in found}


def document_id(root: str, name: str) -> str:
    """A document's id: the same folder name and relative path give the same id on any machine."""
    return str(uuid.uuid5(NAMESPACE, f"{root}\n{name}"))


def _storable(path: Path) -> str | bytes:
    """The path as text, or its bytes where these are no UTF-8; `os.fsdecode` takes both."""
    raw = os.fsencode(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def _row(values: Sequence[object]) -> Row:
    named = dict(zip(_COLUMNS, values, strict=True))
    named["suspicious"] = bool(named["suspicious"])
    return Row(**named)  # type: ignore[arg-type]
