"""What a run over a folder would do, found out without reading documents or writing anything."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ingest import roots
from ingest.freshness import pipeline_of, proven, rules_of, settled, torn
from ingest.manifest import Row, document_id, known_rows
from ingest.scan import LEFT_OUT, Found, scan
from rag.assemble import fingerprint
from rag.collection import Collection
from rag.settings import Settings

Action: TypeAlias = Literal["new", "changed", "unchanged", "retried", "moved", "removed", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one file; ``was`` is its name before it was moved, ``code`` why it is left out."""

    name: str
    action: Action
    code: str = ""
    message: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All files of a folder and all documents whose files are gone, by name."""

    collection: str
    files: tuple[Planned, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Files by action."""
        return dict(sorted(Counter(one.action for one in self.files).items()))

    def summary(self) -> str:
        """One line for a person."""
        parts = ", ".join(f"{count} {action}" for action, count in self.counts.items())
        return f"{self.collection}: {parts or 'nothing to do'}; nothing was written (dry run)"

    def to_json(self) -> dict[str, Any]:
        """Everything, for ``json.dumps``."""
        files = [{key: value for key, value in asdict(one).items() if value} for one in self.files]
        return {"collection": self.collection, "dry_run": True, "counts": self.counts, "files": files}


def plan(target: Path, collection: Collection, settings: Settings, *, rebuild: bool = False) -> Plan:
    """What `ingest.pipeline.ingest` would do now; what is inside archives is not looked at.

    Raises:
        ConfigError: there is no such file or folder.
        IndexMismatch: the index was made with other models, and is not to be made anew.
        StoreUnavailable: the manifest is damaged.
    """
    if collection.exists and not rebuild:
        collection.check(fingerprint(settings))
    target = Path(os.path.abspath(target))
    folders = {key: Path(os.fsdecode(path)) for key, path in collection.query("SELECT key, path FROM roots")}
    key, root = roots.find(target, folders)
    rows = {doc_id: row for doc_id, row in known_rows(collection).items() if row.root == key}
    found = scan(target, root, rules_of(settings))
    pipeline = pipeline_of(collection, settings) if collection.exists else ""
    gone = roots.missing(target, root, found, rows)
    olds = {row.sha256: row for row in gone if row.sha256}
    again = torn(rows.values(), pipeline, settings)
    files = [
        _planned(one, rows.get(doc_id), pipeline, olds, settings, rebuild or doc_id in again)
        for one in found
        if (doc_id := document_id(key, one.name))
    ]
    moved = {document_id(key, one.was) for one in files}
    files += [Planned(row.name, "removed") for row in gone if moved.isdisjoint((row.doc_id, row.container))]
    return Plan(collection.name, tuple(sorted(files, key=lambda one: one.name)))


def _planned(
    one: Found, row: Row | None, pipeline: str, olds: Mapping[str, Row], settings: Settings, rebuild: bool
) -> Planned:
    if one.code:
        skipped = one.code in LEFT_OUT or one.code in ("too_large", "path_too_long")
        return Planned(one.name, "skipped" if skipped else "failed", one.code, one.message)
    if row is None or not row.outcome:
        old = olds.get(_digest(one.path)) if one.size in {row.size for row in olds.values()} else None
        return Planned(one.name, "moved", was=old.name) if old else Planned(one.name, "new")
    if row.outcome == "failed":
        return Planned(one.name, "retried", row.code)
    if rebuild or not settled(row, one, pipeline, settings):
        return Planned(one.name, "changed")
    if row.outcome == "skipped" and (row.size, row.mtime_ns) == (one.size, one.mtime_ns):
        return Planned(one.name, "skipped", row.code, row.message)
    same = (proven(row, one) and not settings.ingest.verify) or _same(one, row)
    return Planned(one.name, "unchanged" if same else "changed")


def _same(one: Found, row: Row) -> bool:
    return one.size == row.size and _digest(one.path) == row.sha256


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def named(files: Sequence[Planned]) -> list[str]:
    """A line for each file that something would be done about."""
    marks = {"new": "+", "changed": "~", "retried": "~", "removed": "-", "moved": ">"}
    lines = [(one, f"{marks[one.action]} {one.name}") for one in files if one.action in marks]
    return [f"{line} (was {one.was})" if one.was else line for one, line in lines]
