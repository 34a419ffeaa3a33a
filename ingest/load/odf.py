"""OpenDocument texts and presentations (LibreOffice, OpenOffice, Calligra), zipped or flat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from ingest.load.odftables import cells_of, layout
from ingest.load.odftext import (
    DRAW,
    MANIFEST,
    META,
    OFFICE,
    PRESENTATION,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    Counter,
    Level,
    number,
    text_of,
)  # fmt: skip
from ingest.load.opc import meta, titled
from ingest.load.package import Package, damage, xml
from ingest.load.parsed import Builder, Parsed
from ingest.load.slides import Shape, in_order, is_headline
from rag.errors import DocumentError

_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_MATHS: Final = "{http://www.w3.org/1998/Math/MathML}"
_SAID: Final = tuple(f"{_MATHS}{name}" for name in ("mi", "mn", "mo", "mtext"))
_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument."
_SHAPES: Final = frozenset(
    f"{DRAW}{name}"
    for name in re.findall(
        r"[a-z-]+", "a g frame custom-shape rect ellipse circle polygon path caption line connector"
    )
)
_OPENED: Final = (
    _SHAPES
    | {
        f"{TEXT}{name}"
        for name in re.findall(
            r"[a-z-]+",
            """section index-body index-title note-body list-item list-header meta numbered-paragraph
        table-of-content illustration-index table-index object-index user-index alphabetical-index
        bibliography""",
        )
    }
    | {f"{DRAW}text-box"}
)
_HIDEABLE: Final = tuple(f"{TEXT}{name}" for name in ("span", "p", "h", "section"))
_BINARY: Final = re.compile(rb"<office:binary-data>[^<]*</office:binary-data>")
_LENGTH: Final = re.compile(r"(-?\d{1,9}(?:\.\d*)?)(mm|cm|in|pt|pc|px)")
_IN_MILLIMETRES: Final = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 0.353, "pc": 4.233, "px": 0.265}


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of an OpenDocument text or presentation.

    As with Word documents: headings with their levels, lists with their numbers, notes and text boxes after
    the paragraph they belong to, readings beside the base of ruby; comments and deleted text are left out.
    Slides carry their number as `page` and ``slide 3`` as their place, their notes ``slide 3 notes``.

    Raises:
        DocumentError: ``broken``, ``encrypted`` or ``too_large``.
    """
    del encoding
    with damage(name, "OpenDocument file"):
        file = _zipped(data, name) if data.startswith(b"PK") else _flat(data, name)
        reader = _Reader(file)
        reader.read_all()
        title, known = properties(file.meta)
    return reader.builder.parsed(
        _MEDIA_TYPE + file.kind, title=reader.title or title, meta=known, warnings=file.warnings
    )


@dataclass(slots=True)
class _File:
    """The roots of the parts of a file, which are one and the same in a flat one."""

    kind: str
    content: Any
    styles: Any | None
    meta: Any | None
    package: Package | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.package.warnings if self.package else ()

    def object(self, reference: str) -> Any | None:
        """The content of an embedded object."""
        entry = f"{reference.removeprefix('./').rstrip('/')}/content.xml"
        return self.package.xml(entry) if self.package and entry in self.package else None


def _flat(data: bytes, name: str) -> _File:
    root = xml(_BINARY.sub(b"", data), name)
    kind = root.get(f"{OFFICE}mimetype", "").rsplit(".", 1)[-1]
    return _File(kind or "text", root, root, root)


def opened(package: Package, name: str) -> Any | None:
    """The root of ``meta.xml``, if there is one. Raises DocumentError ``encrypted``."""
    if "META-INF/manifest.xml" in package:
        manifest = package.xml("META-INF/manifest.xml")
        if next(manifest.iter(f"{MANIFEST}encryption-data"), None) is not None:
            raise DocumentError(name, "encrypted", "is protected by a password; save a copy without")
    return package.xml("meta.xml") if "meta.xml" in package else None


def _zipped(data: bytes, name: str) -> _File:
    package = Package(data, name)
    known = opened(package, name)
    kind = package.read("mimetype", 1000).decode("ascii", "replace") if "mimetype" in package else ""
    styles = package.xml("styles.xml") if "styles.xml" in package else None
    short = kind.strip().rsplit(".", 1)[-1].removesuffix("-template")
    return _File(short or "text", package.xml("content.xml"), styles, known, package)


def properties(root: Any | None) -> tuple[str, dict[str, str]]:
    """Title, date and author from ``office:meta``."""
    if root is None:
        return "", {}
    found = {one.tag: " ".join((one.text or "").split()) for one in root.iterfind(f"{OFFICE}meta/*")}
    time = found.get(f"{_DC}date") or found.get(f"{META}creation-date", "")
    author = found.get(f"{META}initial-creator") or found.get(f"{_DC}creator", "")
    return titled(found.get(f"{_DC}title", "")), meta(time, author)


@dataclass(slots=True)
class _List:
    """A list that is open: its style's name, its counter, how deep it is."""

    style: str
    counter: Counter
    depth: int


@dataclass(slots=True)
class _Reader:
    """Reads blocks one after another into a builder."""

    file: _File
    builder: Builder = field(default_factory=Builder)
    title: str = ""
    _page: int | None = None
    _part: str = ""
    _parents: dict[str, str] = field(default_factory=dict)
    _hidden: set[str] = field(default_factory=set)
    _lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    _counters: dict[str, Counter] = field(default_factory=dict)
    _outline: Counter = field(default_factory=lambda: Counter({}))
    _below: int = 0

    def read_all(self) -> None:
        """The body of the file."""
        self._learn()
        body = self.file.content.find(f"{OFFICE}body")
        if body is None:
            return
        for slide in body.iterfind(f"{OFFICE}presentation/{DRAW}page"):
            self._slide(slide)
        for text in chain(body.iterfind(f"{OFFICE}text"), body.iterfind(f"{OFFICE}drawing/{DRAW}page")):
            self._below = int(any(self._is_title(one) for one in text.iter(f"{TEXT}p")))
            self.read(text)

    def _learn(self) -> None:
        """Styles: what each is based on, and how lists and headings are numbered."""
        for root in (self.file.styles, self.file.content):
            for style in () if root is None else root.iter(f"{STYLE}style"):
                self._parents[style.get(f"{STYLE}name", "")] = style.get(f"{STYLE}parent-style-name", "")
                if any(one.get(f"{TEXT}display") == "none" for one in style.iter(f"{STYLE}text-properties")):
                    self._hidden.add(style.get(f"{STYLE}name", ""))
            for style in () if root is None else root.iter(f"{TEXT}list-style"):
                self._lists[style.get(f"{STYLE}name", "")] = _levels(style)
            for style in () if root is None else root.iter(f"{TEXT}outline-style"):
                self._outline = Counter(_levels(style))
        self._hide()

    def _hide(self) -> None:
        """Empty what is not shown: text whose style says so, sections and paragraphs that are hidden."""
        for element in self.file.content.iter(*_HIDEABLE):
            said = element.get(f"{TEXT}display") == "none"
            if said or element.get(f"{TEXT}style-name") in self._hidden:
                element.clear(keep_tail=True)

    def read(self, parent: Iterable[Any], listed: _List | None = None) -> None:
        """Everything below ``parent``; what stands beside a paragraph comes after it."""
        stack: list[tuple[Iterator[Any], _List | None, str]] = [(iter(parent), listed, "")]
        while stack:
            elements, open_list, label = stack[-1]
            element = next(elements, None)
            if element is None:
                stack.pop()
                continue
            tag, beside = element.tag, list[Any]()
            if tag in {f"{TEXT}p", f"{TEXT}h"}:
                self._paragraph(element, label, beside, in_list=open_list is not None)
                stack[-1] = elements, open_list, ""
            elif tag == f"{TEXT}list":
                stack.append((iter(element), self._opened(element, open_list), ""))
            elif tag == f"{TEXT}list-item" and open_list is not None:
                stack.append((iter(element), open_list, self._item(element, open_list)))
            elif tag == f"{TABLE}table":
                cells = layout(element)
                if cells:
                    stack.append((chain.from_iterable(cells), None, ""))
                else:
                    self._table(element, beside)
            elif tag == f"{DRAW}object":
                self._object(element)
            elif tag in _OPENED:
                stack.append((iter(element), open_list, label))
            if beside:
                stack.append((iter(_unfolded(beside)), None, ""))

    def _paragraph(self, element: Any, label: str, beside: list[Any], *, in_list: bool) -> None:
        text = text_of(element, beside)
        level = number(element.get(f"{TEXT}outline-level"), 1, most=10) if element.tag == f"{TEXT}h" else 0
        if level:
            if text.strip() and element.get(f"{TEXT}is-list-header") != "true":
                label = label or self._outline.label(level)
            self._add("heading", label + text, level + self._below)
        elif self._is_title(element):
            self.title = self.title or " ".join(text.split())
            self._add("heading", text, 1)
        elif text.strip():
            self._add("list" if in_list else "paragraph", label + text)

    def _add(self, kind: Any, text: str, level: int = 0) -> None:
        self.builder.add(kind, text, level=level, page=self._page, part=self._part)

    def _opened(self, element: Any, outer: _List | None) -> _List:
        """A list that begins: one inside another counts on in it, one that continues another as that did."""
        own = element.get(f"{TEXT}style-name", "")
        style = own or (outer.style if outer else "")
        if outer and style == outer.style:
            return _List(style, outer.counter, outer.depth + 1)
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        counter = self._counters.get(style) if goes_on else None
        if counter is None:
            counter = self._counters[style] = Counter(self._lists.get(style, {}))
        return _List(style, counter, outer.depth + 1 if outer else 1)

    @staticmethod
    def _item(element: Any, listed: _List) -> str:
        """The label of an item; one that holds nothing but a deeper list has none."""
        first = next(iter(element), None)
        if first is None or first.tag == f"{TEXT}list":
            return ""
        start = element.get(f"{TEXT}start-value")
        return listed.counter.label(listed.depth, number(start, 1) if start else None)

    def _is_title(self, paragraph: Any) -> bool:
        style: str | None = paragraph.get(f"{TEXT}style-name", "")
        for _ in range(20):
            if style == "Title":
                return True
            style = self._parents.get(style or "")
            if not style:
                return False
        return False

    def _table(self, table: Any, beside: list[Any]) -> None:
        self.builder.table(cells_of(table, beside), page=self._page, part=self._part)

    def _object(self, element: Any) -> None:
        """The table behind a chart; a formula in one line."""
        content = self.file.object(element.get(f"{XLINK}href", ""))
        if content is None:
            return
        if content.tag == f"{_MATHS}math":
            said = [one.text or "" for one in content.iter(*_SAID)]
            self._add("paragraph", " ".join(filter(str.strip, said)))
        for table in content.iter(f"{TABLE}table"):
            self._table(table, [])

    def _slide(self, slide: Any) -> None:
        self._page = (self._page or 0) + 1
        self._part = f"slide {self._page}"
        shapes = [_placed(one) for one in slide if one.tag in _SHAPES]
        for place, shape in enumerate(in_order(shapes)):
            lines = [text_of(one) for one in shape.element.iter(f"{TEXT}p", f"{TEXT}h")]
            if shape.is_title or (place == 0 and is_headline(lines, len(shapes))):
                self._add("heading", "\n".join(lines), 1)
            else:
                self.read([shape.element])
        self._part = f"slide {self._page} notes"
        for notes in slide.iterfind(f"{PRESENTATION}notes"):
            self.read(one for one in notes if one.tag == f"{DRAW}frame")


def _levels(style: Any) -> dict[int, Level]:
    return {number(one.get(f"{TEXT}level"), 1, most=10): Level.of(one) for one in style}


def _unfolded(beside: list[Any]) -> Iterator[Any]:
    """What was put aside, as the blocks it is made of."""
    for element in beside:
        if element.tag in {f"{TABLE}table", f"{DRAW}object"}:
            yield element
        else:
            yield from element


def _placed(element: Any) -> Shape:
    first = next((one for one in element.iter() if one.get(f"{SVG}y")), element)
    role = element.get(f"{PRESENTATION}class", "")
    return Shape(element, _length(first, "y"), _length(first, "x"), is_title=role == "title")


def _length(element: Any, side: str) -> float:
    found = _LENGTH.fullmatch(element.get(f"{SVG}{side}", ""))
    return float(found[1]) * _IN_MILLIMETRES[found[2]] if found else 0.0
