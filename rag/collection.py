"""Where a collection lies on disk, what it was made with, and which generations are hidden.

DATA_DIR/collections/SLUG/
collection.json     name and fingerprint
manifest.sqlite     written by ingest; its table ``hidden`` is read here
store/              the vector store's own files
owner.lock          held by the one process that has the store open
owner.json          its PID, URL and token
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ConfigError, IndexMismatch, IndexMissing, StoreUnavailable

HIDDEN_TABLE = "CREATE TABLE IF NOT EXISTS hidden (generation TEXT PRIMARY KEY) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class Collection:
    """A named index and its folder."""

    name: str
    path: Path

    @property
    def manifest(self) -> Path:
        """The SQLite file that ingest keeps."""
        return self.path / "manifest.sqlite"

    @property
    def store(self) -> Path:
        """The vector store's folder."""
        return self.path / "store"

    @property
    def exists(self) -> bool:
        """Whether it was ever made."""
        return (self.path / "collection.json").is_file()

    def fingerprint(self) -> dict[str, str]:
        """What the index was made with. Raises IndexMissing, StoreUnavailable."""
        return dict(_read_card(self.path)["fingerprint"])

    def create(self, fingerprint: Mapping[str, str], pending: Iterable[str] = ()) -> None:
        """Make the folder and write its card, atomically; its owner alone may read it.

        ``pending`` names folders that were in the index before it was made anew, and are to be read again.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {"name": self.name, "fingerprint": dict(fingerprint), "pending": sorted(pending)}
        card = json.dumps(content, ensure_ascii=False, indent=1)
        temporary = self.path / "collection.json.new"
        temporary.write_text(card, "utf-8", "surrogateescape")
        temporary.replace(self.path / "collection.json")

    def check(self, expected: Mapping[str, str]) -> None:
        """Raises IndexMismatch where ``expected`` differs from what the index was made with."""
        found = self.fingerprint()
        if dict(expected) != found:
            raise IndexMismatch(self.name, expected, found)

    def hidden(self) -> frozenset[str]:
        """Generations that must not be seen now."""
        return frozenset(row[0] for row in self.query("SELECT generation FROM hidden"))

    def folders(self) -> tuple[str, ...]:
        """Every folder that was ingested, or is still to be read again."""
        known = [os.fsdecode(row[0]) for row in self.query("SELECT path FROM roots")]
        return tuple(sorted({*known, *self.pending()}))

    def pending(self) -> tuple[str, ...]:
        """Folders that were in the index before it was made anew, and are to be read again."""
        return tuple(_read_card(self.path).get("pending", ()))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the manifest, read without owning it; none where it is not written yet.

        Raises:
            StoreUnavailable: it is damaged.
        """
        if not self.manifest.is_file():
            return []
        try:
            with closing(sqlite3.connect(f"{self.manifest.as_uri()}?mode=ro", uri=True, timeout=10)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):  # its owner is just making it
                return []
            raise StoreUnavailable(f"{self.manifest}: cannot be read: {error}") from error


def collection(data_dir: Path, name: str) -> Collection:
    """The collection of that name, whether it exists or not.

    Raises:
        ConfigError: the name is empty, longer than 100 characters, or holds control characters.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > 100 or any(unicodedata.category(ch) in ("Cc", "Cs") for ch in name):
        raise ConfigError(f"a collection's name has 1 to 100 printable characters, found {name!r}")
    return Collection(name, data_dir / "collections" / _slug(name))


def existing(data_dir: Path) -> list[Collection]:
    """Every collection below ``data_dir``, by name."""
    cards = sorted((data_dir / "collections").glob("*/collection.json"))
    return sorted(
        (Collection(_read_card(card.parent)["name"], card.parent) for card in cards), key=lambda one: one.name
    )


def require(data_dir: Path, name: str) -> Collection:
    """The collection of that name. Raises IndexMissing naming those that exist."""
    found = collection(data_dir, name)
    if not found.exists:
        raise IndexMissing(found.name, tuple(one.name for one in existing(data_dir)))
    return found


def _read_card(path: Path) -> Any:
    try:
        return json.loads((path / "collection.json").read_text("utf-8", "surrogateescape"))
    except FileNotFoundError:
        raise IndexMissing(path.name) from None
    except (OSError, ValueError) as error:
        raise StoreUnavailable(f"{path / 'collection.json'}: cannot be read: {error}") from error


def _slug(name: str) -> str:
    """A folder name that is the name itself where that is safe, else readable ASCII and a digest."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        return name
    ascii_part = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    return f"{ascii_part}-{digest}" if ascii_part else f"c-{digest}"
