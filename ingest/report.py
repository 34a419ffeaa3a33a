"""What became of every file of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from ingest.sizes import UNKNOWN, Sizes

FileOutcome: TypeAlias = Literal["indexed", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file; ``code`` is a stable word for the cause where it was skipped or failed.

    ``twin`` names the file whose equal bytes were in the index already; ``warnings`` as in
    `rag.types.Source`; ``sizes`` are those of its chunks.
    """

    name: str
    outcome: FileOutcome
    code: str = ""
    message: str = ""
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False
    chars: int = 0
    chunks: int = 0
    warnings: tuple[str, ...] = ()
    twin: str = ""
    sha256: str = ""
    sizes: Sizes = UNKNOWN


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``done`` of ``total`` files; ``name`` is the one being worked on."""

    stage: str
    done: int
    total: int
    name: str = ""


Listener: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Report:
    """A run over a folder: each file once, by name, and the documents that went because their files did.

    ``seconds`` are by stage (scan, read, chunk, embed, analyse, write) and ``total``; ``moved`` pairs the
    old name of a file with its new one, and is not part of ``removed``.
    """

    collection: str
    files: tuple[FileReport, ...] = ()
    removed: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    moved: tuple[tuple[str, str], ...] = ()

    def of(self, outcome: FileOutcome) -> list[FileReport]:
        """The files with that outcome."""
        return [one for one in self.files if one.outcome == outcome]

    @property
    def indexed(self) -> list[FileReport]:
        """Files that were read and are searchable now."""
        return self.of("indexed")

    @property
    def failed(self) -> list[FileReport]:
        """Files that could not be read; each says why."""
        return self.of("failed")

    @property
    def suspicious(self) -> list[FileReport]:
        """Files whose encoding is doubtful."""
        return [one for one in self.files if one.suspicious]

    @property
    def counts(self) -> dict[str, int]:
        """Files by outcome, with the removed documents."""
        outcomes = Counter(one.outcome for one in self.files)
        named = {one: outcomes[one] for one in ("indexed", "unchanged", "skipped", "failed")}
        return {**named, "removed": len(self.removed), "moved": len(self.moved)}

    @property
    def codes(self) -> dict[str, int]:
        """Files that were skipped or failed, by cause."""
        return dict(sorted(Counter(one.code for one in self.files if one.code).items()))

    @property
    def chars(self) -> int:
        """Characters of the documents written by this run."""
        return sum(one.chars for one in self.indexed)

    @property
    def cut(self) -> list[FileReport]:
        """Files of which a part was left out because it is too large; their warnings say how much."""
        return [one for one in self.files if any("_cut" in warning for warning in one.warnings)]

    @property
    def chunks(self) -> int:
        """Chunks written by this run."""
        return sum(one.chunks for one in self.indexed)

    @property
    def sizes(self) -> Sizes:
        """Tokens of each chunk written by this run."""
        tokens = tuple(size for one in self.indexed for size in one.sizes.tokens)
        return Sizes(tokens, sum(one.sizes.split for one in self.indexed))

    def summary(self) -> str:
        """One line for a person."""
        if not self.files and not self.removed:
            return f"{self.collection}: the folder holds no files"
        parts = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items() if count)
        chunks = f"{self.chunks} chunks" + (f" of {self.sizes}" if self.chunks else "")
        return f"{self.collection}: {parts}; {chunks} in {self.seconds.get('total', 0.0):.1f} s"

    def to_json(self) -> dict[str, Any]:
        """Everything, for ``json.dumps``."""
        return {
            "collection": self.collection,
            "counts": self.counts,
            "codes": self.codes,
            "chars": self.chars,
            "chunks": self.chunks,
            "cut": [one.name for one in self.cut],
            "removed": list(self.removed),
            "moved": [list(one) for one in self.moved],
            "seconds": {stage: round(value, 3) for stage, value in self.seconds.items()},
            "files": [asdict(one) for one in self.files],
        }

    @classmethod
    def joined(cls, reports: Sequence[Report]) -> Report:
        """One report of several runs into the same collection, the first one's name; seconds add up."""
        seconds: Counter[str] = Counter()
        for one in reports:
            seconds.update(one.seconds)
        files = tuple(file for one in reports for file in one.files)
        removed = tuple(name for one in reports for name in one.removed)
        moved = tuple(pair for one in reports for pair in one.moved)
        return cls(reports[0].collection, files, removed, dict(seconds), moved)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """The report that `to_json` wrote."""
        return cls(
            collection=data["collection"],
            files=tuple(_file(one) for one in data["files"]),
            removed=tuple(data["removed"]),
            seconds=dict(data["seconds"]),
            moved=tuple((old, new) for old, new in data["moved"]),
        )


def _file(data: Mapping[str, Any]) -> FileReport:
    sizes = Sizes(tuple(data["sizes"]["tokens"]), data["sizes"]["split"])
    return FileReport(**{**data, "warnings": tuple(data["warnings"]), "sizes": sizes})


_QUIET = frozenset(("hidden", "junk", "ignored", "excluded"))


def told(report: Report) -> list[str]:
    """A line for each file that a person should hear of, and one for those left out by rule."""
    lines = [line for one in report.files if (line := _line(one))]
    lines += [f"moved  {old} -> {new}" for old, new in report.moved]
    quiet = {code: count for code, count in report.codes.items() if code in _QUIET}
    left_out = ", ".join(f"{count} {code}" for code, count in quiet.items())
    return [*lines, f"left out: {left_out}"] if left_out else lines


def _line(one: FileReport) -> str:
    if one.outcome in ("failed", "skipped"):
        return "" if one.code in _QUIET else f"{one.outcome} ({one.code})  {one.name}: {one.message}"
    if one.outcome == "unchanged":
        return ""
    warnings = f" [{', '.join(one.warnings)}]" if one.warnings else ""
    if one.suspicious:
        doubt = (
            f"read as {one.encoding}; if it is garbled, set ingest.encoding" if one.encoding else "doubtful"
        )
        return f"doubtful  {one.name}: {doubt}{warnings}"
    return f"indexed  {one.name}:{warnings}" if warnings else ""
