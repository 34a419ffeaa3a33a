"""DOCX: paragraphs and tables in their order, headings by outline level in any language of Word."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from lxml import etree

from ingest.load.parsed import Builder, Parsed
from rag.errors import DocumentError
from rag.types import BlockKind

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED: Final = {
    f"{_W}{name}"
    for name in (
        "del",
        "moveFrom",
        "instrText",
        "delText",
        "rt",
        "pPr",
        "rPr",
        "tblPr",
        "tcPr",
        "footnoteReference",
    )
} | {f"{_MC}Fallback"}
_GLYPHS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_HEADING: Final = re.compile(r"(?i)(?:heading|überschrift|標題|标题|見出し|제목)\s*(\d)")
_MOST_INFLATED: Final = 1_000_000_000
_MOST_RATIO: Final = 200

_DAMAGE: Final = (
    OpcError, zipfile.BadZipFile, zlib.error, etree.LxmlError, KeyError, ValueError, NotImplementedError,
    EOFError,
)  # fmt: skip


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a Word document. Raises DocumentError ``broken`` or ``too_large`` (a zip bomb).

    Of ruby the base text is kept; deleted revisions are left out; tables become Markdown rows.
    """
    del encoding
    _refuse_bombs(data, name)
    try:
        document = docx.Document(io.BytesIO(data))
        builder = Builder()
        _read(document.element.body, builder, _styles(document))
    except _DAMAGE as error:
        raise DocumentError(name, "broken", f"is a damaged Word document: {error}") from error
    return Parsed(
        builder.text,
        builder.blocks,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )


def _refuse_bombs(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inflated = sum(entry.file_size for entry in archive.infolist())
    except _DAMAGE as error:
        raise DocumentError(name, "broken", f"is a damaged Word document: {error}") from error
    if inflated > _MOST_INFLATED or (inflated > 50_000_000 and inflated > _MOST_RATIO * len(data)):
        raise DocumentError(name, "too_large", f"inflates to {inflated:,} bytes")


def _read(parent: Any, builder: Builder, styles: _Styles) -> None:
    """Paragraphs and tables below ``parent``, content controls opened."""
    for element in parent:
        if element.tag == f"{_W}p":
            kind, level = _kind(element, styles)
            builder.add(kind, _text(element), level=level)
        elif element.tag == f"{_W}tbl":
            builder.table(list(_rows(element)))
        elif element.tag == f"{_W}sdt":
            content = element.find(f"{_W}sdtContent")
            if content is not None:
                _read(content, builder, styles)
        elif element.tag in {f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"}:
            _read(element, builder, styles)


def _text(element: Any) -> str:
    """The text of runs in order, with the base text of ruby and what text boxes hold."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _GLYPHS:
            yield _GLYPHS[child.tag]
        elif child.tag not in _SKIPPED and isinstance(child.tag, str):
            if child.tag == f"{_W}p":
                yield "\n"
            stack.append(iter(child))


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells = [
            " ".join(_text(cell).split())
            for cell in row.iter(f"{_W}tc")
            if next(cell.iterancestors(f"{_W}tr")) is row
        ]
        yield cells


def _kind(paragraph: Any, styles: _Styles) -> tuple[BlockKind, int]:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return "paragraph", 0
    style = properties.find(f"{_W}pStyle")
    key = style.get(f"{_W}val", "") if style is not None else ""
    level = _outline_level(properties) or styles.levels.get(key, 0)
    if level:
        return "heading", level
    numbered = properties.find(f"{_W}numPr") is not None or key in styles.lists
    return ("list" if numbered else "paragraph"), 0


def _outline_level(properties: Any) -> int:
    """1 to 9 where the paragraph or style is part of the outline, else 0."""
    found = properties.find(f"{_W}outlineLvl")
    value = found.get(f"{_W}val") if found is not None else None
    return int(value) + 1 if value and value.isdigit() and int(value) < 9 else 0


@dataclass(frozen=True, slots=True)
class _Styles:
    """What styles make of their paragraphs: heading levels and lists, by style id."""

    levels: dict[str, int]
    lists: frozenset[str]


def _styles(document: WordDocument) -> _Styles:
    """Headings by outline level or name, lists by numbering, each also by the style they are based on.

    Where a paragraph has the style of a title, the headings are one level below it.
    """
    elements = {style.get(f"{_W}styleId", ""): style for style in document.styles.element.iter(f"{_W}style")}
    chains = {key: list(_chain(key, elements)) for key in elements}
    titles = {key for key, chain in chains.items() if any(_name(style) == "title" for style in chain)}
    used = {style.get(f"{_W}val") for style in document.element.body.iter(f"{_W}pStyle")}
    below = 1 if titles & used else 0
    levels = dict.fromkeys(titles, 1)
    for key, chain in chains.items():
        level = next(filter(None, map(_style_level, chain)), 0)
        if level and key not in titles:
            levels[key] = level + below
    lists = {
        key
        for key, chain in chains.items()
        if any(one.find(f"{_W}pPr/{_W}numPr") is not None for one in chain)
    }
    return _Styles(levels, frozenset(lists))


def _chain(key: str, elements: dict[str, Any]) -> Iterator[Any]:
    """A style and those it is based on."""
    seen: set[str] = set()
    while key in elements and key not in seen:
        seen.add(key)
        yield elements[key]
        based = elements[key].find(f"{_W}basedOn")
        key = based.get(f"{_W}val", "") if based is not None else ""


def _name(style: Any) -> str:
    name = style.find(f"{_W}name")
    return name.get(f"{_W}val", "").lower() if name is not None else ""


def _style_level(style: Any) -> int:
    properties = style.find(f"{_W}pPr")
    found = _HEADING.fullmatch(_name(style))
    return (_outline_level(properties) if properties is not None else 0) or (int(found[1]) if found else 0)
