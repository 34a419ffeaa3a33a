"""What both formats of the Hangul word processor hold: paragraphs, tables, outline and list numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ingest.load.counting import numeral
from ingest.load.parsed import Builder
from rag.types import BlockKind

LONGEST_HEADING: Final = 120
"""The outline also numbers clauses and lists: what is longer is no heading."""

_STYLES: Final = {
    "DIGIT": "decimal",
    "CIRCLED_DIGIT": "decimalEnclosedCircle",
    "ROMAN_CAPITAL": "upperRoman",
    "ROMAN_SMALL": "lowerRoman",
    "LATIN_CAPITAL": "upperLetter",
    "LATIN_SMALL": "lowerLetter",
    "HANGUL_SYLLABLE": "ganada",
    "HANGUL_JAMO": "chosung",
    "HANGUL_PHONETIC": "koreanCounting",
    "IDEOGRAPH": "japaneseCounting",
    "CIRCLED_IDEOGRAPH": "ideographEnclosedCircle",
    "DECAGON_CIRCLE_HANJA": "ideographTraditional",
}
_RINGED: Final = {
    "CIRCLED_LATIN_CAPITAL": ("Ⓐ", 26),
    "CIRCLED_LATIN_SMALL": ("ⓐ", 26),
    "CIRCLED_HANGUL_SYLLABLE": ("㉮", 14),
    "CIRCLED_HANGUL_JAMO": ("㉠", 14),
}
NUMBER_FORMATS: Final = (
    "DIGIT", "CIRCLED_DIGIT", "ROMAN_CAPITAL", "ROMAN_SMALL", "LATIN_CAPITAL", "LATIN_SMALL",
    "CIRCLED_LATIN_CAPITAL", "CIRCLED_LATIN_SMALL", "HANGUL_SYLLABLE", "CIRCLED_HANGUL_SYLLABLE",
    "HANGUL_JAMO", "CIRCLED_HANGUL_JAMO", "HANGUL_PHONETIC", "IDEOGRAPH", "CIRCLED_IDEOGRAPH",
)  # fmt: skip
"""By the number that stands for them in the binary format."""

_PLACE: Final = re.compile(r"\^([1-9nN])")
_OUTLINE: Final = re.compile(r"(?i)(?:개요|outline|heading|제목)\s*(\d{1,2})")
_TITLE: Final = frozenset({"제목", "문서 제목", "title"})


@dataclass(slots=True)
class Cell:
    """A cell of a table with its address."""

    row: int
    column: int
    flow: list[Paragraph]


@dataclass(slots=True)
class Table:
    """The cells of a table in the order of the file, and its caption."""

    cells: list[Cell]
    caption: list[Paragraph] = field(default_factory=list)


Held: TypeAlias = "Table | list[Paragraph]"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the form of a paragraph makes of it: its level in the outline, its list and the level in it."""

    kind: BlockKind = "paragraph"
    level: int = 0
    list_id: str = ""
    depth: int = 0
    bullet: str = ""


PLAIN: Final = Shape()


@dataclass(slots=True)
class Paragraph:
    """Text, and what is anchored in it: a table or text box before the first word stands before it."""

    shape: Shape = PLAIN
    before: list[Held] = field(default_factory=list)
    after: list[Held] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _visible: bool = False

    def write(self, text: str) -> None:
        """Append text."""
        self._pieces.append(text)
        self._visible = self._visible or bool(text.strip())

    def hold(self, held: Held) -> None:
        """Anchor a table, or the paragraphs of a text box or note, at this spot."""
        if held:
            (self.after if self._visible else self.before).append(held)

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._pieces)


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered: ``^1.^2)`` with the numbers of these levels."""

    form: str = ""
    style: str = "DIGIT"
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Numbers paragraphs one after another, as they stand in the document."""

    lists: Mapping[str, list[Level]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    def mark(self, shape: Shape) -> str:
        """The number or bullet in front of the next paragraph of that shape, with a space; or nothing."""
        if shape.bullet:
            return f"{shape.bullet} "
        levels = self.lists.get(shape.list_id, [])
        if shape.depth >= len(levels):
            return ""
        counts = self._counts.setdefault(shape.list_id, [None] * len(levels))
        before = counts[shape.depth]
        counts[shape.depth] = levels[shape.depth].start if before is None else before + 1
        counts[shape.depth + 1 :] = [None] * (len(levels) - shape.depth - 1)
        shown = [_shown(level, count) for level, count in zip(levels, counts, strict=True)]

        def number(found: re.Match[str]) -> str:
            if found[1] in "nN":
                return ".".join(shown[: shape.depth + 1]) + ("." if found[1] == "N" else "")
            return shown[int(found[1]) - 1] if int(found[1]) <= len(shown) else ""

        marked = _PLACE.sub(number, levels[shape.depth].form).strip()
        return f"{marked} " if marked else ""


def _shown(level: Level, count: int | None) -> str:
    number = level.start if count is None else count
    if level.style in _RINGED:
        first, many = _RINGED[level.style]
        return chr(ord(first) + number - 1) if 0 < number <= many else str(number)
    return numeral(number, _STYLES.get(level.style, "decimal"))


def named(*names: str) -> Shape:
    """The form of a paragraph by the names of its style: 개요 1, Outline 1, 제목; level 0 is the title."""
    if any(name.strip().lower() in _TITLE for name in names):
        return Shape("heading")
    level = next((int(found[1]) for name in names if (found := _OUTLINE.fullmatch(name.strip()))), 0)
    return Shape("heading", level) if level else PLAIN


def write(flow: list[Paragraph], lists: Mapping[str, list[Level]]) -> Builder:
    """The paragraphs of a document with all they hold, headings below its title where it has one."""
    titled = any(one.shape.kind == "heading" and not one.shape.level and one.text.strip() for one in flow)
    writer = _Writer(Builder(), Numbering(lists), int(titled))
    writer.flow(flow)
    return writer.builder


@dataclass(slots=True)
class _Writer:
    """Writes blocks; nesting is as deep as the reader of the format allows."""

    builder: Builder
    numbering: Numbering
    below: int

    def flow(self, flow: list[Paragraph]) -> None:
        for paragraph in flow:
            mark = self.numbering.mark(paragraph.shape)
            for held in paragraph.before:
                self._held(held)
            text = paragraph.text.strip()
            if text:
                self._text(mark + text, paragraph.shape)
            for held in paragraph.after:
                self._held(held)

    def _text(self, text: str, shape: Shape) -> None:
        if shape.kind == "heading" and len(text) <= LONGEST_HEADING:
            self.builder.add("heading", text, level=max(shape.level + self.below, 1))
        else:
            self.builder.add("list" if shape.kind == "list" else "paragraph", text)

    def _held(self, held: Held) -> None:
        if not isinstance(held, Table):
            self.flow(held)
            return
        self.flow(held.caption)
        if _is_layout(held):
            for cell in held.cells:
                self.flow(cell.flow)
        else:
            self.builder.table(_rows(held, self.numbering))


def _is_layout(table: Table) -> bool:
    """A table of one column, or with tables in it, is there for the looks."""
    columns = {cell.column for cell in table.cells}
    return len(columns) < 2 or any(_has_table(cell.flow) for cell in table.cells)


def _has_table(flow: list[Paragraph]) -> bool:
    return any(
        isinstance(held, Table) or _has_table(held)
        for paragraph in flow
        for held in (*paragraph.before, *paragraph.after)
    )


def _rows(table: Table, numbering: Numbering) -> list[list[str]]:
    """The rows, each cell at the column it begins in; where many cells are missing they close up."""
    columns = {one: place for place, one in enumerate(sorted({cell.column for cell in table.cells}))}
    rows: dict[int, list[tuple[int, str]]] = {}
    for cell in table.cells:
        text = " ".join(_texts(cell.flow, numbering))
        rows.setdefault(cell.row, []).append((columns[cell.column], text))
    sparse = len(rows) * len(columns) > 50 * len(table.cells)
    return [_row(sorted(rows[key]), sparse) for key in sorted(rows)]


def _row(cells: list[tuple[int, str]], sparse: bool) -> list[str]:
    row: list[str] = []
    for column, text in cells:
        if not sparse:
            row += [""] * (column - len(row))
        row.append(text)
    return row


def _texts(flow: list[Paragraph], numbering: Numbering) -> Iterator[str]:
    """The texts in a cell: of its paragraphs, and of notes and boxes in them."""
    for paragraph in flow:
        text = numbering.mark(paragraph.shape) + paragraph.text.strip()
        for held in paragraph.before:
            if not isinstance(held, Table):
                yield from _texts(held, numbering)
        yield text
        for held in paragraph.after:
            if not isinstance(held, Table):
                yield from _texts(held, numbering)
