"""HWPX: documents of the Hangul word processor in OWPML (KS X 6101), a zip of XML.

Elements are known by their local names: the namespaces changed with the editions of the standard.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.load.hangul import (
    PLAIN,
    Cell,
    Level,
    Paragraph,
    Shape,
    Table,
    named,
    write,
)
from ingest.load.opc import meta, titled
from ingest.load.package import Package
from ingest.load.parsed import Parsed, ruby
from rag.errors import DocumentError

_GLYPHS: Final = {"tab": "\t", "lineBreak": "\n", "hyphen": "-", "nbSpace": "\u00a0", "fwSpace": " "}
_SECTION: Final = re.compile(r"(?i)(?:.*/)?section(\d+)\.xml")
_COUNTED: Final = frozenset({"TABLE", "PICTURE", "EQUATION"})
_NOTES: Final = frozenset({"FOOTNOTE", "ENDNOTE"})


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a HWPX document in reading order.

    Of 덧말 (text above text) the base stays and the reading is kept; tables become Markdown rows; notes and
    text boxes follow the paragraph they are anchored in. Deleted revisions, hidden comments, memos, page
    headers and footers are left out.

    Raises:
        DocumentError: ``encrypted``, ``broken``, or ``too_large`` (a zip bomb).
    """
    del encoding
    package = Package(data, name)
    _refuse_encrypted(package, name)
    parts = _Parts.of(package)
    if not parts.sections:
        raise DocumentError(name, "broken", "is a damaged Hangul document: it has no text in it")
    forms = _Forms.of(package, parts.header)
    flow: list[Paragraph] = []
    for section in parts.sections:
        root = package.xml(section)
        flow += _Reader(forms, root).flow(root)
    return write(flow, forms.lists).parsed(
        "application/hwp+zip", title=parts.title, meta=parts.meta, warnings=package.warnings
    )


def _refuse_encrypted(package: Package, name: str) -> None:
    manifest = "META-INF/manifest.xml"
    if manifest in package and any(
        _tag(one) in {"encryption-data", "encryption-method"} for one in package.xml(manifest).iter()
    ):
        raise DocumentError(name, "encrypted", "is protected by a password; save a copy without")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the package says of itself."""

    sections: list[str]
    header: str | None
    title: str
    meta: dict[str, str]

    @classmethod
    def of(cls, package: Package) -> _Parts:
        root = package.xml("Contents/content.hpf")
        items = {one.get("id", ""): one.get("href", "") for one in root.iter() if _tag(one) == "item"}
        spine = [items.get(one.get("idref", ""), "") for one in root.iter() if _tag(one) == "itemref"]
        parts = [part for href in (*spine, *items.values()) for part in (href, f"Contents/{href}")]
        sections = dict.fromkeys(part for part in parts if part in package and _SECTION.fullmatch(part))
        headers = [part for part in (*parts, "Contents/header.xml") if part.lower().endswith("header.xml")]
        said = {one.get("name", ""): _all_text(one) for one in root.iter() if _tag(one) == "meta"}
        titles = [_all_text(one) for one in root.iter() if _tag(one) == "title"]
        return cls(
            list(sections) or _by_number(package),
            next((part for part in headers if part in package), None),
            titled(titles[0]) if titles else "",
            meta(said.get("ModifiedDate") or said.get("CreatedDate", ""), said.get("creator", "")),
        )


def _by_number(package: Package) -> list[str]:
    found = [(int(match[1]), one) for one in package.names if (match := _SECTION.fullmatch(one))]
    return [name for _, name in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms that paragraphs refer to, by the id of their shape and of their style."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    styles: dict[str, Shape] = field(default_factory=dict)
    lists: dict[str, list[Level]] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package, header: str | None) -> _Forms:
        if header is None:
            return cls()
        root = package.xml(header)
        bullets = {one.get("id", ""): one.get("char", "") for one in root.iter() if _tag(one) == "bullet"}
        forms = cls()
        for one in root.iter():
            if _tag(one) == "paraPr":
                forms.shapes[one.get("id", "")] = _shape(one, bullets)
            elif _tag(one) == "style":
                forms.styles[one.get("id", "")] = named(one.get("name", ""), one.get("engName", ""))
            elif _tag(one) == "numbering":
                forms.lists[one.get("id", "")] = _levels(one)
        return forms

    def shape(self, paragraph: Any, outline: str) -> Shape:
        """The form of a paragraph; ``outline`` is the list that numbers the headings of its section."""
        own = self.shapes.get(paragraph.get("paraPrIDRef", ""), PLAIN)
        styled = self.styles.get(paragraph.get("styleIDRef", ""), PLAIN)
        if own.kind == "heading":
            return Shape("heading", own.level, own.list_id or outline, own.depth)
        return styled if styled.kind == "heading" else own


def _shape(properties: Any, bullets: dict[str, str]) -> Shape:
    heading = next((one for one in properties.iter() if _tag(one) == "heading"), None)
    kind = heading.get("type", "NONE") if heading is not None else "NONE"
    if heading is None or kind == "NONE":
        return PLAIN
    depth = _number(heading.get("level"))
    of_list = heading.get("idRef", "0")
    if kind == "OUTLINE":
        return Shape("heading", depth + 1, "" if of_list == "0" else of_list, depth)
    if kind == "BULLET":
        char = bullets.get(of_list, "")
        return Shape("list", bullet=char if char.isprintable() and char.strip() else "•")
    return Shape("list", list_id=of_list, depth=depth)


def _levels(numbering: Any) -> list[Level]:
    heads = {_number(one.get("level")): one for one in numbering if _tag(one) == "paraHead"}
    return [
        Level(_all_text(one), one.get("numFormat", "DIGIT"), _number(one.get("start")) or 1)
        for _, one in sorted(heads.items())
    ]


class _Reader:
    """Reads the paragraphs of a section."""

    def __init__(self, forms: _Forms, root: Any) -> None:
        self._forms = forms
        self._ends = Counter(one.get("Id") for one in root.iter() if _tag(one) == "deleteEnd")
        self._deleted: set[str] = set()
        self._outline = next(
            (one.get("outlineShapeIDRef", "") for one in root.iter() if _tag(one) == "secPr"), ""
        )

    def flow(self, parent: Any) -> list[Paragraph]:
        """The paragraphs that are children of an element; lxml bounds how deep they are nested."""
        return [self._paragraph(one) for one in parent if _tag(one) == "p"]

    def _paragraph(self, element: Any) -> Paragraph:
        paragraph = Paragraph(self._forms.shape(element, self._outline))
        for run in element:
            if _tag(run) == "run":
                for one in run:
                    self._content(one, paragraph)
        return paragraph

    def _content(self, element: Any, paragraph: Paragraph) -> None:
        tag = _tag(element)
        if tag == "t":
            self._text(element, paragraph)
        elif tag == "switch":
            for one in _chosen(element):
                self._content(one, paragraph)
        elif tag == "ctrl":
            for one in element:
                self._control(one, paragraph)
        elif not self._deleted:
            self._object(element, tag, paragraph)

    def _text(self, element: Any, paragraph: Paragraph) -> None:
        self._say(element.text, paragraph)
        for one in element:
            tag = _tag(one)
            if tag == "deleteBegin" and self._ends[one.get("Id")]:
                self._deleted.add(one.get("Id", ""))
            elif tag == "deleteEnd":
                self._deleted.discard(one.get("Id", ""))
            elif tag in _GLYPHS:
                self._say(_GLYPHS[tag], paragraph)
            elif tag == "char":
                self._say(one.text, paragraph)
            self._say(one.tail, paragraph)

    def _say(self, text: str | None, paragraph: Paragraph) -> None:
        if text and not self._deleted:
            paragraph.write(text)

    def _control(self, element: Any, paragraph: Paragraph) -> None:
        tag = _tag(element)
        if tag in {"footNote", "endNote"} and not self._deleted:
            for one in element:
                if _tag(one) == "subList":
                    paragraph.hold(self.flow(one))
        elif tag == "autoNum":
            self._say(_auto_number(element), paragraph)

    def _object(self, element: Any, tag: str, paragraph: Paragraph) -> None:
        if tag == "tbl":
            paragraph.hold(self._table(element))
        elif tag == "equation":
            paragraph.write(" ".join(_all_text(one) for one in element if _tag(one) == "script"))
        elif tag == "dutmal":
            said = {_tag(one): _all_text(one) for one in element}
            paragraph.write(ruby(said.get("mainText", ""), said.get("subText", "")))
        elif tag == "compose":
            paragraph.write(element.get("composeText", ""))
        elif tag == "textart":
            paragraph.hold([_said(element.get("text", ""))])
        elif tag == "edit":
            paragraph.write("".join(_all_text(one) for one in element if _tag(one) == "text"))
        elif tag not in {"secPr", "linesegarray"}:
            for one in _lists(element):
                paragraph.hold(self.flow(one))

    def _table(self, element: Any) -> Table:
        caption = [
            paragraph
            for part in element
            if _tag(part) == "caption"
            for one in _lists(part)
            for paragraph in self.flow(one)
        ]
        rows = [one for one in element if _tag(one) == "tr"]
        return Table(
            [
                self._cell(cell, row, column)
                for row, cells in enumerate(rows)
                for column, cell in enumerate(one for one in cells if _tag(one) == "tc")
            ],
            caption,
        )

    def _cell(self, element: Any, row: int, column: int) -> Cell:
        address = next((one for one in element if _tag(one) == "cellAddr"), None)
        if address is not None:
            row = _number(address.get("rowAddr"), row)
            column = _number(address.get("colAddr"), column)
        lists = [one for one in element if _tag(one) == "subList"]
        return Cell(row, column, [paragraph for one in lists for paragraph in self.flow(one)])


def _said(text: str) -> Paragraph:
    paragraph = Paragraph()
    paragraph.write(text)
    return paragraph


def _auto_number(element: Any) -> str:
    """What captions and notes are numbered with; the number of a page is no part of the text."""
    kind = element.get("numType", "")
    if kind in _COUNTED:
        return str(element.get("num", ""))
    if kind not in _NOTES:
        return ""
    form = next((one for one in element if _tag(one) == "autoNumFormat"), element)
    return f"{form.get('prefixChar', '')}{element.get('num', '')}{form.get('suffixChar', '')}"


def _chosen(switch: Any) -> Iterator[Any]:
    """Of alternatives the one for every program."""
    for one in switch:
        if _tag(one) == "default":
            yield from one


def _lists(element: Any) -> Iterator[Any]:
    """The lists of paragraphs in a shape, a group or a picture with a caption, not those inside them."""
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif _tag(child) == "subList":
            yield child
        elif _tag(child) not in {"fieldBegin", "tbl"}:
            stack.append(iter(child))


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _all_text(element: Any) -> str:
    return "".join(element.itertext())


def _number(value: str | None, otherwise: int = 0) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 7 else otherwise
