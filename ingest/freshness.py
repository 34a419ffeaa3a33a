"""When a file need not be read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, Literal

from ingest.abilities import abilities
from ingest.manifest import Row
from ingest.scan import LEFT_OUT, Found, Rules
from rag.collection import Collection
from rag.settings import Settings

VERSION: Final = "2"
SKIPPED: Final = frozenset(
    {"empty", "unsupported", "too_large", "not_a_file", "path_too_long", "nested", "no_ocr", *LEFT_OUT}
)
"""Codes of files that are not for us; all others are failures."""


def pipeline_of(collection: Collection, settings: Settings) -> str:
    """Changes whenever the same bytes would be indexed differently."""
    own = settings.ingest
    parts = [VERSION, own.encoding or "", own.encodings, collection.fingerprint(), *["secrets"] * own.secrets]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def skipping(pipeline: str, settings: Settings) -> str:
    """Changes whenever a file that was skipped might be read."""
    return f"{pipeline}/{abilities() if settings.ingest.ocr else ''}"


def settled(row: Row, one: Found, pipeline: str, settings: Settings) -> bool:
    """Whether a row tells what would become of the file if its bytes are still the same."""
    known = {"indexed": pipeline, "skipped": skipping(pipeline, settings)}
    return not one.code and row.pipeline == known.get(row.outcome)


def whole(row: Row) -> bool:
    """Whether what a row calls indexed is: a kill may have left it without its points or its hash."""
    return row.outcome != "indexed" or (bool(row.sha256) and (row.state == "live" or row.chunks == 0))


def torn(rows: Iterable[Row], pipeline: str, settings: Settings) -> frozenset[str]:
    """The documents that must be read again, whatever their own rows say.

    Because a kill took something of them, or something inside of them was skipped that could be read now.
    """
    now = skipping(pipeline, settings)
    return frozenset(
        row.container or row.doc_id
        for row in rows
        if not whole(row) or (row.container and row.outcome == "skipped" and row.pipeline != now)
    )


def proven(row: Row, one: Found) -> bool:
    """Whether the file system itself says that the file was not touched since it was read."""
    return bool(one.stamp) and one.stamp == row.stamp


def encoding_of(name: str, settings: Settings) -> str | None:
    """The encoding that the user says a file has: by the first glob that names it, else for all."""
    named = (one for glob, one in settings.ingest.encodings.items() if fnmatchcase(name, glob))
    return next(named, settings.ingest.encoding)


def rules_of(settings: Settings) -> Rules:
    """What of a folder is read, by the settings."""
    own = settings.ingest
    return Rules(
        include=own.include,
        exclude=own.exclude,
        gitignore=own.gitignore,
        secrets=own.secrets,
        max_bytes=int(own.max_megabytes * 1_000_000),
        index=settings.data_dir.resolve(),
    )


def outcome_of(code: str) -> Literal["skipped", "failed"]:
    """What becomes of a file that is not read, by the cause."""
    return "skipped" if code in SKIPPED else "failed"
