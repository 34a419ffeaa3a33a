"""PPTX: the text of slides from top to bottom, their tables, charts, diagrams and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.load.counting import numeral
from ingest.load.drawing import add_chart, add_diagram
from ingest.load.numbering import BULLET
from ingest.load.opc import (
    DGM,
    MC,
    A,
    C,
    M,
    P,
    R,
    Relation,
    alternative,
    main_part,
    properties,
    relations,
    root,
    walk,
)  # fmt: skip
from ingest.load.package import Package, damage
from ingest.load.parsed import Builder, Parsed
from ingest.load.slides import Shape, in_order, is_headline

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_TITLES: Final = frozenset(("title", "ctrTitle"))
_AROUND: Final = frozenset(("dt", "ftr", "hdr", "sldNum", "sldImg"))
_LISTS: Final = frozenset(("body", "obj"))
_EMU: Final = 36_000
"""Of the units that places are given in, so many are a millimetre."""
_LISTED: Final = re.compile(
    r"(arabic|alphaLc|alphaUc|romanLc|romanUc|ea1Chs|ea1Cht|ea1JpnChs|ea1JpnKor|ea1|circleNum|thai|hebrew2|hindi)"
    r"\w*?(ParenBoth|ParenR|Period|Plain|Minus)?"
)
_NUMERALS: Final = {
    "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman",
    "ea1Chs": "chineseCounting", "ea1Cht": "taiwaneseCounting", "ea1JpnChs": "japaneseCounting",
    "ea1JpnKor": "japaneseCounting", "circleNum": "decimalEnclosedCircle",
}  # fmt: skip
_AROUND_NUMBER: Final = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Minus": "{}-"}
_UNSEEN: Final = frozenset(f"{A}{name}" for name in ("pPr", "rPr", "endParaRPr"))
_MOST_COLUMNS: Final = 256


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a presentation (also of WPS, LibreOffice, Google Slides), hidden slides too.

    A slide's title is a heading; shapes are read from top to bottom, those side by side from left to right.
    `page` is the number of the slide, its place ``slide 3``, that of its notes ``slide 3 notes``. Left out
    are comments, footers and slide numbers.

    Raises:
        DocumentError: ``broken``, ``encrypted`` or ``too_large`` (a bomb).
    """
    del encoding
    package = Package(data, name)
    builder = Builder()
    with damage(name, "presentation"):
        part = main_part(package, name, "ppt/presentation.xml")
        related = relations(package, part)
        listed = (related.get(one.get(f"{R}id", "")) for one in root(package, part).iter(f"{P}sldId"))
        for number, slide in enumerate(listed, 1):
            if slide is not None and slide.target in package:
                _Slide(package, slide.target, builder, number).read()
        title, meta = properties(package)
    return builder.parsed(MEDIA_TYPE, title=title, meta=meta, warnings=package.warnings)


@dataclass(slots=True)
class _Slide:
    """A slide that is read into a builder."""

    package: Package
    part: str
    builder: Builder
    page: int
    place: str = ""
    related: dict[str, Relation] = field(default_factory=dict)
    _layout: dict[str, tuple[float, float]] = field(default_factory=dict)

    def read(self) -> None:
        """The shapes of the slide, then its notes."""
        self.place = f"slide {self.page}"
        self.related = relations(self.package, self.part)
        self._layout = self._places()
        self._shapes(root(self.package, self.part))
        self.place = f"slide {self.page} notes"
        for one in list(self.related.values()):
            if one.kind == "notesSlide" and one.target in self.package:
                self.related = relations(self.package, one.target)
                self._shapes(root(self.package, one.target), titled=False)

    def _places(self) -> dict[str, tuple[float, float]]:
        """Where the layout puts placeholders, by their index and by their kind."""
        layout = next((one.target for one in self.related.values() if one.kind == "slideLayout"), "")
        if layout not in self.package:
            return {}
        found: dict[str, tuple[float, float]] = {}
        for shape in root(self.package, layout).iter(f"{P}sp"):
            place = _offset(shape)
            if place is not None and shape.find(f".//{P}nvPr/{P}ph") is not None:
                kind, index = _placeholder(shape)
                found.setdefault(index, place)
                found.setdefault(kind, place)
        return found

    def _shapes(self, slide: Any, *, titled: bool = True) -> None:
        tree = slide.find(f"{P}cSld/{P}spTree")
        shapes = [] if tree is None else in_order(self._placed(one) for one in _children(tree))
        if titled and shapes and not any(one.is_title for one in shapes):
            lines = [_text(one) for one in shapes[0].element.iterfind(f"{P}txBody/{A}p")]
            if is_headline(lines, len(shapes)):
                shapes[0] = Shape(shapes[0].element, is_title=True)
        stack = shapes[::-1]
        while stack:
            shape = stack.pop()
            if shape.element.tag == f"{P}grpSp":
                stack += in_order(self._placed(one) for one in _children(shape.element))[::-1]
            elif shape.element.tag == f"{P}graphicFrame":
                self._frame(shape.element)
            else:
                self._written(shape.element, titled=titled and shape.is_title)

    def _placed(self, element: Any) -> Shape:
        kind, index = _placeholder(element)
        known = self._layout.get(index) or self._layout.get(kind) or (0.0, 0.0)
        top, left = _offset(element) or known
        return Shape(element, top, left, kind in _TITLES)

    def _written(self, shape: Any, *, titled: bool) -> None:
        kind, _ = _placeholder(shape)
        body = shape.find(f"{P}txBody")
        if body is None or kind in _AROUND:
            return
        if titled:
            text = "\n".join(map(_text, body.iterfind(f"{A}p")))
            self.builder.add("heading", text, level=1, page=self.page, part=self.place)
            return
        labels = _Labels(bulleted=kind in _LISTS and not self.place.endswith("notes"))
        for paragraph in body.iterfind(f"{A}p"):
            text = _text(paragraph)
            if text.strip():
                listed, label = labels.of(paragraph)
                self.builder.add(
                    "list" if listed else "paragraph", label + text, page=self.page, part=self.place
                )

    def _frame(self, frame: Any) -> None:
        """A table, a chart or a diagram."""
        for table in frame.iter(f"{A}tbl"):
            rows = [_cells(row) for row in table.iterfind(f"{A}tr")]
            self.builder.table(rows, page=self.page, part=self.place)
        for drawn in frame.iter(f"{C}chart", f"{DGM}relIds"):
            diagram = drawn.tag == f"{DGM}relIds"
            one = self.related.get(drawn.get(f"{R}dm" if diagram else f"{R}id", ""))
            if one is not None and one.target in self.package:
                add = add_diagram if diagram else add_chart
                add(self.builder, self.package, one.target, page=self.page, place=self.place)


@dataclass(slots=True)
class _Labels:
    """The numbers and bullets of one shape's paragraphs."""

    bulleted: bool
    _counts: dict[int, tuple[str, int]] = field(default_factory=dict)

    def of(self, paragraph: Any) -> tuple[bool, str]:
        """Whether a paragraph is an item of a list, and what stands before it."""
        settings = paragraph.find(f"{A}pPr")
        level = settings.get("lvl", "0") if settings is not None else "0"
        depth = int(level) if level.isdecimal() and len(level) < 3 else 0
        numbered = settings.find(f"{A}buAutoNum") if settings is not None else None
        last = depth + (numbered is not None)
        self._counts = {key: count for key, count in self._counts.items() if key < last}
        if numbered is not None:
            return True, self._number(depth, numbered.get("type", ""), numbered.get("startAt", "1"))
        if settings is None or settings.find(f"{A}buNone") is None:
            if settings is not None and settings.find(f"{A}buChar") is not None:
                return True, f"{BULLET} "
            return self.bulleted, ""
        return False, ""

    def _number(self, depth: int, kind: str, start: str) -> str:
        before = self._counts.get(depth, ("", 0))
        first = int(start) if start.isdecimal() and len(start) < 6 else 1
        count = before[1] + 1 if before[0] == kind else first
        self._counts[depth] = (kind, count)
        found = _LISTED.fullmatch(kind)
        written = numeral(count, _NUMERALS.get(found[1] if found else "", "decimal"))
        return _AROUND_NUMBER.get((found[2] if found else "") or "", "{}").format(written) + " "


def _children(tree: Any) -> Iterator[Any]:
    """The shapes of a slide or of a group; of alternatives the one that is shown."""
    for child in tree:
        if child.tag == f"{MC}AlternateContent":
            shown = alternative(child)
            yield from () if shown is None else shown
        elif child.tag in {f"{P}sp", f"{P}grpSp", f"{P}graphicFrame"}:
            yield child


def _placeholder(shape: Any) -> tuple[str, str]:
    """The kind and the index of a placeholder; both empty for what is none."""
    found = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    if found is None:
        return "", ""
    return found.get("type", "obj"), found.get("idx", "0")


def _offset(shape: Any) -> tuple[float, float] | None:
    """How far from the top and the left a shape lies."""
    found = shape.find(f"{P}spPr/{A}xfrm/{A}off")
    found = shape.find(f"{P}grpSpPr/{A}xfrm/{A}off") if found is None else found
    found = shape.find(f"{P}xfrm/{A}off") if found is None else found
    try:
        return None if found is None else (int(found.get("y", "0")) / _EMU, int(found.get("x", "0")) / _EMU)
    except ValueError:
        return None


def _text(paragraph: Any) -> str:
    pieces = []
    for element, entering in walk(paragraph, _UNSEEN):
        if entering and element.tag in {f"{A}t", f"{M}t"}:
            pieces.append(element.text or "")
        elif entering and element.tag == f"{A}br":
            pieces.append("\n")
    return "".join(pieces)


def _cells(row: Any) -> list[str]:
    cells = []
    for cell in row.iterfind(f"{A}tc"):
        merged = {cell.get("hMerge"), cell.get("vMerge")} & {"1", "true"}
        lines = () if merged else map(_text, cell.iterfind(f"{A}txBody/{A}p"))
        cells.append("\n".join(filter(None, lines)))
    return cells[:_MOST_COLUMNS]
