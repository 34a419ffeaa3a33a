"""What a loader gives, and how one that builds its own text writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from rag.errors import DocumentError
from rag.text.clean import clean
from rag.types import NOTHING, Block, BlockKind, Place, Reading

_RUBY = re.compile("\ufff9([^\ufff9-\ufffb]*)\ufffa([^\ufff9-\ufffb]*)\ufffb")
_SPACES = re.compile("[ \t\n]+")
_STRAY = re.compile("[\ufff9-\ufffb]")


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another: of an archive, or attached to a message; ``error`` where it cannot be had."""

    name: str
    data: bytes = b""
    error: DocumentError | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """Text with its blocks; ``encoding`` is None for formats that say it themselves.

    ``members`` come one by one, each read into memory only when it is taken; a file that is nothing but
    its members has no text. ``warnings`` as in `rag.types.Source`, ``meta`` as in `rag.types.Document`.
    """

    text: str
    blocks: tuple[Block, ...]
    media_type: str
    title: str = ""
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False
    places: tuple[Place, ...] = ()
    readings: tuple[Reading, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    warnings: tuple[str, ...] = ()
    members: Iterable[Member] = ()


@dataclass(slots=True)
class Builder:
    """Collects blocks into one text, a blank line between them.

    Text may carry ruby as `ruby` writes it: the base stays, the reading is kept beside it.
    """

    separator: str = "\n\n"
    _parts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _readings: list[Reading] = field(default_factory=list)
    _length: int = 0

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        page: int | None = None,
        level: int = 0,
        part: str = "",
        at: str = "",
    ) -> None:
        """Append a block; one without visible characters is left out. ``part`` and ``at`` make its place."""
        text = clean(text).strip("\n") if kind == "code" else clean(text).strip()
        text, readings = plain(text)
        if not text.strip():
            return
        start = self._begin()
        self._blocks.append(Block(kind, start, start + len(text), page, level))
        self._parts.append(text)
        self._length += len(text)
        self._read(readings, start)
        if part or at:
            self._places.append(Place(start, part, at))

    def table(
        self,
        rows: Iterable[Sequence[str]],
        *,
        page: int | None = None,
        part: str = "",
        at: Sequence[str] = (),
    ) -> None:
        """Append a table as Markdown rows, its first row as the header; ``at`` names the place of each row.

        Rows without visible characters are left out; a table of one row or column is still a table.
        """
        kept = [
            ([_SPACES.sub(" ", clean(cell)).strip(" ").replace("|", "\\|") for cell in row], where or "")
            for row, where in zip_longest(rows, at)
            if row is not None and any(cell.strip() for cell in row)
        ]
        if not kept:
            return
        width = max(len(cells) for cells, _ in kept)
        start = self._begin()
        for number, (cells, where) in enumerate(kept):
            line = "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"
            self._row(
                line if number else f"{line}\n|{' --- |' * width}", part, where, last=number == len(kept) - 1
            )
        self._blocks.append(Block("table", start, self._length, page))

    def _row(self, line: str, part: str, where: str, *, last: bool) -> None:
        text, readings = plain(line)
        self._readings += (
            Reading(self._length + one.start, self._length + one.end, one.text) for one in readings
        )
        if part or where:
            self._places.append(Place(self._length, part, where))
        text += "" if last else "\n"
        self._parts.append(text)
        self._length += len(text)

    def _read(self, readings: Iterable[Reading], offset: int) -> None:
        self._readings += (Reading(offset + one.start, offset + one.end, one.text) for one in readings)

    def _begin(self) -> int:
        if self._parts:
            self._parts.append(self.separator)
            self._length += len(self.separator)
        return self._length

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Spans into `text`."""
        return tuple(self._blocks)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where each block or row that named its place stands."""
        return tuple(self._places)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings of what was written with ruby."""
        return tuple(self._readings)

    def parsed(self, media_type: str, **others: Any) -> Parsed:
        """All of it as a `Parsed`; ``others`` are its further fields."""
        return Parsed(
            self.text, self.blocks, media_type, places=self.places, readings=self.readings, **others
        )


def ruby(base: str, reading: str) -> str:
    """The base with its reading, as `Builder.add` takes it (interlinear annotation, U+FFF9 to U+FFFB).

    Example:
        >>> plain(ruby("権", "けん") + ruby("利", "り") + "の行使")
        ('権利の行使', [Reading(start=0, end=2, text='けんり')])
    """
    base, reading = _STRAY.sub("", base), " ".join(_STRAY.sub("", reading).split())
    return f"\ufff9{base}\ufffa{reading}\ufffb" if base.strip() and reading else base


def plain(text: str) -> tuple[str, list[Reading]]:
    """The text without its ruby marks, and the readings; those right beside one another become one."""
    parts: list[str] = []
    readings: list[Reading] = []
    done = length = 0
    for found in _RUBY.finditer(text):
        before = _STRAY.sub("", text[done : found.start()])
        start = length + len(before)
        length = start + len(found[1])
        if readings and readings[-1].end == start and not before:
            last = readings.pop()
            readings.append(Reading(last.start, length, last.text + found[2]))
        else:
            readings.append(Reading(start, length, found[2]))
        parts += (before, found[1])
        done = found.end()
    return "".join((*parts, _STRAY.sub("", text[done:]))), readings
