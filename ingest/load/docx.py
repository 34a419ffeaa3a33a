"""DOCX: what a reader of the printed document sees, in its order, and what stands in its margins.

Own walk over the XML: every library that was tried loses the base text of ruby, text boxes or notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from ingest.load.drawing import add_chart, add_diagram
from ingest.load.eq import equation
from ingest.load.numbering import Numbering
from ingest.load.opc import (
    DGM,
    MC,
    A,
    C,
    M,
    R,
    Relation,
    W,
    alternative,
    main_part,
    one_of,
    relations,
    root,
    walk,
)
from ingest.load.opc import properties as core_properties
from ingest.load.package import Package, damage
from ingest.load.parsed import Builder, Parsed, ruby
from ingest.load.symbols import symbol
from ingest.load.wordstyles import Styles, number_of, outline_level, styles
from rag.types import BlockKind

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_OPENED: Final = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "dir", "bdo")
)
_UNSEEN: Final = frozenset(
    f"{W}{name}"
    for name in re.findall(
        r"\w+",
        """del moveFrom delText delInstrText pPr rPr tblPr tcPr trPr sdtPr sdtEndPr rubyPr customXmlPr
        smartTagPr footnoteRef endnoteRef annotationRef separator continuationSeparator""",
    )
)
_GLYPHS: Final = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_IN_MATHS: Final = {f"{M}den": "/", f"{M}sup": "^", f"{M}sub": "_"}
_NOTES: Final = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_LAYOUT_CELLS: Final = 4
_MOST_COLUMNS: Final = 63


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a Word document (also of WPS, LibreOffice, Google Docs).

    Headings have the levels of their styles; numbers and bullets of lists are written out; notes stand after
    the paragraph that refers to them, text boxes after the one they are anchored at; of ruby the base text
    is kept and the reading beside it. Left out are deleted revisions, comments, hidden text, page headers
    and footers. Pages are told where Word left its breaks and they agree with its count.

    Raises:
        DocumentError: ``broken``, ``encrypted`` or ``too_large`` (a bomb).
    """
    del encoding
    package = Package(data, name)
    with damage(name, "Word document"):
        word = _opened(package, name)
        word.read(word.body)
        title, meta = core_properties(package)
    return word.builder.parsed(
        MEDIA_TYPE, title=word.title or title, meta=meta, warnings=(*package.warnings, *word.warnings)
    )


def _opened(package: Package, name: str) -> _Word:
    part = main_part(package, name, "word/document.xml")
    document = root(package, part)
    body = document.find(f"{W}body")
    body = document if body is None else body
    related = relations(package, part)
    known = styles(one_of(package, related, "styles"), body)
    return _Word(
        package,
        body,
        related,
        known,
        Numbering.of(one_of(package, related, "numbering"), known.lists),
        _notes(package, related),
        page=1 if _pages_are_known(package, body) else None,
        fields_end=_count(body, "begin") == _count(body, "end"),
    )


def _notes(package: Package, related: dict[str, Relation]) -> dict[tuple[str, str], Any]:
    """Footnotes and endnotes by their kind and id."""
    parts = [(kind, one_of(package, related, f"{kind}s")) for kind in ("footnote", "endnote")]
    return {
        (kind, note.get(f"{W}id", "")): note
        for kind, part in parts
        if part is not None
        for note in part.iter(f"{W}{kind}")
        if note.get(f"{W}type", "normal") == "normal"
    }


def _pages_are_known(package: Package, body: Any) -> bool:
    """Whether the breaks that Word left in the text agree with the number of pages it counted."""
    breaks = sum(1 for _ in body.iter(f"{W}lastRenderedPageBreak"))
    counted = one_of(package, relations(package, ""), "extended-properties")
    return bool(breaks) and counted is not None and counted.findtext("{*}Pages") == str(breaks + 1)


def _count(body: Any, kind: str) -> int:
    return sum(1 for one in body.iter(f"{W}fldChar") if one.get(f"{W}fldCharType") == kind)


@dataclass(slots=True)
class _Field:
    """A field that is open: its code, and whether its result has begun."""

    code: str = ""
    shown: bool = False


@dataclass(slots=True)
class _Word:
    """A document that is read: what its parts say, and how far the reading has come."""

    package: Package
    body: Any
    related: dict[str, Relation]
    styles: Styles
    numbering: Numbering
    notes: dict[tuple[str, str], Any]
    page: int | None
    fields_end: bool
    builder: Builder = field(default_factory=Builder)
    title: str = ""
    warnings: tuple[str, ...] = ()
    _fields: list[_Field] = field(default_factory=list)
    _beside: list[Any] = field(default_factory=list)
    _drawn: list[Any] = field(default_factory=list)

    def read(self, parent: Any) -> None:
        """Paragraphs and tables below ``parent``, content controls opened, then what stands beside each."""
        stack = [iter(parent)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
            elif element.tag == f"{W}p":
                self._paragraph(element)
            elif element.tag == f"{W}tbl":
                cells = _layout(element)
                if cells:
                    stack.append(chain.from_iterable(cells))
                else:
                    self._table(element)
            elif element.tag == f"{MC}AlternateContent":
                stack.append(iter(() if (shown := alternative(element)) is None else shown))
            elif element.tag in _OPENED:
                stack.append(iter(element))
            elif element.tag == f"{W}altChunk":
                self.warnings = ("embedded_not_read",)
            self._draw()
            if self._beside:
                stack.append(chain.from_iterable(self._beside))
                self._beside = []

    def _paragraph(self, paragraph: Any) -> None:
        properties = paragraph.find(f"{W}pPr")
        key = self._style(properties)
        text, page = self._text(paragraph)
        kind, level = self._kind(properties, key)
        label = self._label(properties, key)
        if key in self.styles.titles and not self.title:
            self.title = " ".join(text.split())
        if text.strip():
            self.builder.add(kind, label + text, level=level, page=page)

    def _table(self, table: Any) -> None:
        page = self.page
        self.builder.table([self._cells(row) for row in _rows(table)], page=page)

    def _cells(self, row: Any) -> list[str]:
        texts = [""] * _span(row.find(f"{W}trPr/{W}gridBefore"), 0)
        for cell in _own(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            texts.append("" if _is_merged(properties) else self._cell(cell))
            span = properties.find(f"{W}gridSpan") if properties is not None else None
            texts += [""] * (_span(span, 1) - 1)
        return texts[:_MOST_COLUMNS]

    def _cell(self, cell: Any) -> str:
        """The paragraphs of a cell, and those of the tables in it."""
        lines = []
        walking = walk(cell, _UNSEEN)
        for element, entering in walking:
            if entering and element.tag == f"{W}p":
                properties = element.find(f"{W}pPr")
                text = self._text(element)[0]
                label = self._label(properties, self._style(properties))
                lines.append(label + text if text.strip() else "")
                walking.send(True)
        return "\n".join(filter(None, lines))

    def _style(self, properties: Any | None) -> str:
        style = properties.find(f"{W}pStyle") if properties is not None else None
        return style.get(f"{W}val", "") if style is not None else self.styles.default

    def _kind(self, properties: Any | None, key: str) -> tuple[BlockKind, int]:
        said = outline_level(properties)
        level = self.styles.levels.get(key, 0) if said is None else said
        if level:
            return "heading", level
        return ("list" if self._number(properties, key)[0] else "paragraph"), 0

    def _number(self, properties: Any | None, key: str) -> tuple[str, int]:
        """The list of a paragraph, empty for none, and its level in it."""
        number, depth = number_of(properties) if properties is not None else ("", None)
        if not number:
            number, inherited = self.styles.numbers.get(key, ("", None))
            depth = inherited if depth is None else depth
        if not number or number == "0":
            return "", 0
        if depth is None or not depth.isdecimal():
            return number, self.numbering.level_of(number, key)
        return number, int(depth)

    def _label(self, properties: Any | None, key: str) -> str:
        number, depth = self._number(properties, key)
        return self.numbering.label(number, depth) if number else ""

    def _text(self, paragraph: Any) -> tuple[str, int | None]:
        """The text of a paragraph, and the page where it begins; notes and boxes are put aside."""
        pieces: list[str] = []
        page, hidden = self.page, False
        walking = walk(paragraph, _UNSEEN)
        for element, entering in walking:
            tag = element.tag
            if tag == f"{W}r":
                hidden = entering and _is_hidden(element)
            elif tag == f"{W}fldChar" and entering:
                pieces.append(self._field(element.get(f"{W}fldCharType", "")))
            elif tag == f"{W}instrText" and entering and self._fields:
                self._fields[-1].code += element.text or ""
            elif tag == f"{W}lastRenderedPageBreak" and entering and self.page is not None:
                self.page += 1
                page = page if any(map(str.strip, pieces)) else self.page
            elif tag == f"{W}txbxContent" or (entering and tag in _NOTES):
                if entering:
                    self._put_aside(element)
                    walking.send(True)
            elif tag == f"{W}ruby" and entering:
                pieces.append(_ruby(element))
                walking.send(True)
            elif not hidden and not self._in_code():
                pieces.append(self._piece(element, entering=entering))
        return "".join(pieces), page

    def _piece(self, element: Any, *, entering: bool) -> str:
        tag = element.tag
        if tag.startswith(M):
            return _maths(element, entering=entering)
        if not entering:
            return "\n" if tag == f"{A}p" else ""
        if tag in {f"{W}t", f"{A}t"}:
            return element.text or ""
        if tag == f"{W}br":
            return "" if element.get(f"{W}type") in {"page", "column"} else "\n"
        if tag == f"{W}sym":
            return symbol(element.get(f"{W}font", ""), element.get(f"{W}char", ""))
        if tag in {f"{C}chart", f"{DGM}relIds"}:
            self._drawn.append(element)
        return _GLYPHS.get(tag, "")

    def _field(self, kind: str) -> str:
        """A mark of a field; at its end the text that its code writes."""
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
        elif kind == "end" and self._fields:
            done = self._fields.pop()
            return "" if done.shown or self._in_code() else equation(done.code)
        return ""

    def _in_code(self) -> bool:
        return self.fields_end and not all(one.shown for one in self._fields)

    def _put_aside(self, element: Any) -> None:
        if element.tag in _NOTES:
            element = self.notes.pop((_NOTES[element.tag], element.get(f"{W}id", "")), None)
        if element is not None:
            self._beside.append(element)

    def _draw(self) -> None:
        """The charts and diagrams of what was just read."""
        drawn, self._drawn = self._drawn, []
        for element in drawn:
            diagram = element.tag == f"{DGM}relIds"
            one = self.related.get(element.get(f"{R}dm" if diagram else f"{R}id", ""))
            if one is not None and one.target in self.package:
                add = add_diagram if diagram else add_chart
                add(self.builder, self.package, one.target, page=self.page)


def _ruby(element: Any) -> str:
    base, reading = (
        "".join(text.text or "" for part in element.iter(f"{W}{name}") for text in part.iter(f"{W}t"))
        for name in ("rubyBase", "rt")
    )
    return ruby(base, reading)


def _maths(element: Any, *, entering: bool) -> str:
    """Formulas in one line: fractions with a slash, powers with ``^``, brackets as they are drawn."""
    tag = element.tag
    if tag == f"{M}t":
        return (element.text or "") if entering else ""
    if tag == f"{M}d":
        edge, usual = ("begChr", "(") if entering else ("endChr", ")")
        return _drawn_as(element, "dPr", edge, usual)
    if tag == f"{M}nary" and entering:
        return _drawn_as(element, "naryPr", "chr", "∫")
    return _IN_MATHS.get(tag, "") if entering and len(element) else ""


def _drawn_as(element: Any, properties: str, name: str, usual: str) -> str:
    found = element.find(f"{M}{properties}/{M}{name}")
    return usual if found is None else str(found.get(f"{M}val", ""))


def _is_hidden(run: Any) -> bool:
    found = run.find(f"{W}rPr/{W}vanish")
    return found is not None and found.get(f"{W}val", "1") not in {"0", "false", "off"}


def _own(parent: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, content controls opened; not those of tables inside."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag == tag:
            yield element
        elif element.tag in _OPENED:
            stack.append(iter(element))


def _rows(table: Any) -> list[Any]:
    return [row for row in _own(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]


def _layout(table: Any) -> list[Any]:
    """The cells of a table that is there for the layout: a frame, or a few cells with tables in them."""
    cells = [list(_own(row, f"{W}tc")) for row in _rows(table)]
    count, widest = sum(map(len, cells)), max(map(len, cells), default=0)
    nested = (widest == 1 or count <= _LAYOUT_CELLS) and next(
        table.iterdescendants(f"{W}tbl"), None
    ) is not None
    return list(chain.from_iterable(cells)) if count == 1 or nested else []


def _is_merged(properties: Any | None) -> bool:
    """Whether a cell goes on the one above or before it."""
    if properties is None:
        return False
    found = [properties.find(f"{W}{name}") for name in ("vMerge", "hMerge")]
    return any(one is not None and one.get(f"{W}val", "continue") == "continue" for one in found)


def _span(element: Any | None, usual: int) -> int:
    value = element.get(f"{W}val", "") if element is not None else ""
    return min(int(value), _MOST_COLUMNS) if value.isdecimal() and len(value) < 4 else usual
