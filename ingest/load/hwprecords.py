"""The records of HWP 5 streams, as a tree, and the paragraphs in them.

본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
(Made with the public description of the format by Hancom, which asks for this sentence.)
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.load.hangul import PLAIN, Cell, Held, Paragraph, Shape, Table
from ingest.load.parsed import ruby

PARA_SHAPE: Final = 25
STYLE: Final = 26
NUMBERING: Final = 23
BULLET: Final = 24
DISTRIBUTE: Final = 28
PARA_HEADER: Final = 66
PARA_TEXT: Final = 67
CTRL_HEADER: Final = 71
LIST_HEADER: Final = 72
TABLE: Final = 77
EQEDIT: Final = 88
MEMO_LIST: Final = 93

DEEPEST: Final = 96
"""Levels of records; a table in a table takes two more."""

_LARGE: Final = 0xFFF
_CONTROL: Final = re.compile("[\x00-\x1f]")
_GLYPHS: Final = {"\t": "\t", "\n": "\n", "\x18": "-", "\x1e": "\u00a0", "\x1f": " "}
_ONE_UNIT: Final = frozenset("\x00\n\r\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f")
_EXTENDED: Final = frozenset("\x01\x02\x03\x0b\x0c\x0e\x0f\x10\x11\x12\x15\x16\x17")
_UNITS: Final = 8
_NOT_READ: Final = frozenset({"secd", "cold", "head", "foot", "tcmt"})
_NOTES: Final = (1, 2)
_COUNTED: Final = (3, 4, 5)


@dataclass(slots=True)
class Record:
    """A record with those below it."""

    tag: int
    data: bytes
    children: list[Record] = field(default_factory=list)

    @property
    def control(self) -> str:
        """Of a control its name of four letters, stored the wrong way round."""
        return self.data[3::-1].decode("latin-1") if len(self.data) >= 4 else ""

    def number(self, form: str, offset: int) -> int:
        """The number in that place, 0 where the record is shorter."""
        if offset + struct.calcsize(form) > len(self.data):
            return 0
        return int(struct.unpack_from(form, self.data, offset)[0])

    def text(self, offset: int) -> tuple[str, int]:
        """The text behind its length in that place, and where it ends."""
        start = offset + 2
        end = start + 2 * self.number("<H", offset)
        return self.data[start:end].decode("utf-16-le", "replace"), end


def flat(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Tag, level, data and end of each record. Raises ValueError where one is cut off."""
    position = 0
    while position + 4 <= len(data):
        (header,) = struct.unpack_from("<I", data, position)
        position += 4
        size = header >> 20
        if size == _LARGE:
            if position + 4 > len(data):
                raise ValueError("a record is cut off")
            (size,) = struct.unpack_from("<I", data, position)
            position += 4
        if position + size > len(data):
            raise ValueError("a record is cut off")
        yield header & 0x3FF, header >> 10 & 0x3FF, data[position : position + size], position + size
        position += size


def tree(data: bytes) -> list[Record]:
    """The records of a stream, each below the last one of a lower level. Raises ValueError at damage."""
    top: list[Record] = []
    path: list[tuple[int, Record]] = []
    for tag, level, body, _ in flat(data):
        record = Record(tag, body)
        while path and path[-1][0] >= level:
            path.pop()
        if len(path) > DEEPEST:
            raise ValueError("records are nested too deep")
        (path[-1][1].children if path else top).append(record)
        path.append((level, record))
    return top


@dataclass(slots=True)
class Body:
    """Turns the records of sections into paragraphs; recursion is bounded by `DEEPEST`.

    ``shapes`` and ``styles`` are the forms that paragraphs refer to by number.
    """

    shapes: Sequence[Shape]
    styles: Sequence[Shape]
    _outline: str = ""

    def flow(self, records: Sequence[Record]) -> list[Paragraph]:
        """The paragraphs among the records, up to the memos at the end."""
        made = []
        for record in records:
            if record.tag == MEMO_LIST:
                break
            if record.tag == PARA_HEADER:
                made.append(self._paragraph(record))
        return made

    def _paragraph(self, record: Record) -> Paragraph:
        controls = [one for one in record.children if one.tag == CTRL_HEADER]
        for one in controls:
            if one.control == "secd":
                self._outline = str(one.number("<H", 18))
        paragraph = Paragraph(self._shape(record.number("<H", 8), record.number("<B", 10)))
        text = b"".join(one.data for one in record.children if one.tag == PARA_TEXT)
        for piece, control in _pieces(text):
            paragraph.write(piece)
            found = _taken(controls, control) if control else None
            if found is not None:
                self._control(found, paragraph)
        for left in controls:
            self._control(left, paragraph)
        return paragraph

    def _shape(self, number: int, style: int) -> Shape:
        own = self.shapes[number] if number < len(self.shapes) else PLAIN
        styled = self.styles[style] if style < len(self.styles) else PLAIN
        if own.kind == "heading":
            return Shape("heading", own.level, own.list_id or self._outline, own.depth)
        return styled if styled.kind == "heading" else own

    def _control(self, record: Record, paragraph: Paragraph) -> None:
        kind = record.control
        if kind == "tbl ":
            paragraph.hold(self._table(record))
        elif kind == "eqed":
            scripts = (one.text(4)[0] for one in record.children if one.tag == EQEDIT)
            paragraph.write(" ".join(scripts))
        elif kind == "tdut":
            base, end = record.text(4)
            paragraph.write(ruby(base, record.text(end)[0]))
        elif kind == "tcps":
            paragraph.write(record.text(4)[0])
        elif kind == "atno":
            paragraph.write(_auto_number(record))
        elif kind not in _NOT_READ:
            for held in self._lists(record):
                paragraph.hold(held)

    def _lists(self, record: Record) -> list[Held]:
        """The paragraphs in a note, a shape or a group of shapes."""
        held: list[Held] = []
        stack = [record]
        while stack:
            one = stack.pop()
            flow = self.flow(one.children)
            if flow:
                held.append(flow)
            stack += (child for child in reversed(one.children) if child.tag != PARA_HEADER)
        return held

    def _table(self, record: Record) -> Table:
        table = Table([])
        flow = table.caption
        inside = False
        for one in record.children:
            if one.tag == TABLE:
                inside = True
            elif one.tag == LIST_HEADER and inside:
                flow = []
                table.cells.append(Cell(one.number("<H", 10), one.number("<H", 8), flow))
            elif one.tag == PARA_HEADER:
                flow.append(self._paragraph(one))
        return table


def _pieces(data: bytes) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the name of the control behind it or nothing.

    Units are kept apart, because what a control holds may look like half a character.
    """
    units = array("H", data[: len(data) & ~1])
    text = "".join(map(chr, units))
    start = position = 0
    while found := _CONTROL.search(text, position):
        place, char = found.start(), found[0]
        position = place + (1 if char in _ONE_UNIT else _UNITS)
        name = ""
        if char in _EXTENDED:
            name = data[2 * place + 2 : 2 * place + 6][::-1].decode("latin-1")
        yield text[start:place] + _GLYPHS.get(char, ""), name
        start = position
    yield text[start:], ""


def _taken(controls: list[Record], name: str) -> Record | None:
    """The next control of that name, taken from the list; those before it wait for the end."""
    for place, record in enumerate(controls):
        if record.control == name:
            return controls.pop(place)
    return None


def _auto_number(record: Record) -> str:
    """What captions and notes are numbered with; the number of a page is no part of the text."""
    kind = record.number("<I", 4) & 0xF
    number = str(record.number("<H", 8))
    if kind in _COUNTED:
        return number
    if kind not in _NOTES:
        return ""
    before, behind = (chr(record.number("<H", place)).strip("\x00") for place in (12, 14))
    return f"{before}{number}{behind}"
