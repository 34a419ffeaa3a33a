"""The structure that a tagged PDF says its text has: which marked content belongs to which paragraph."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

_BLOCKS: Final = frozenset(
    re.findall(
        r"\w+", "P H H1 H2 H3 H4 H5 H6 LI TD TH Caption Note FENote BlockQuote TOCI Title Formula Aside Code"
    )
)
_MOST = 20_000


@dataclass(frozen=True)
class Tag:
    """A paragraph, heading, cell... of the page; ``kind`` is its standard structure type."""

    key: int
    kind: str


def tags(page: pypdfium2.PdfPage) -> dict[int, Tag]:
    """The paragraph that each marked content of a page belongs to; nothing where the page is not tagged."""
    tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return {}
    try:
        return _walked(tree)
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _walked(tree: Any) -> dict[int, Tag]:
    found: dict[int, Tag] = {}
    count = min(pdfium.FPDF_StructTree_CountChildren(tree), _MOST)
    stack: list[tuple[Any, Tag | None]] = [
        (pdfium.FPDF_StructTree_GetChildAtIndex(tree, number), None) for number in reversed(range(count))
    ]
    seen = 0
    while stack and seen < _MOST:
        element, tag = stack.pop()
        if not element:
            continue
        seen += 1
        kind = _kind(element)
        if kind in _BLOCKS and not (kind == "P" and tag is not None and tag.kind == "LI"):
            tag = Tag(seen, kind)
        children = range(min(pdfium.FPDF_StructElement_CountChildren(element), _MOST))
        for number in children:
            content = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, number)
            if content >= 0 and tag is not None:
                found[content] = tag
        stack += (
            (pdfium.FPDF_StructElement_GetChildAtIndex(element, number), tag) for number in reversed(children)
        )
    return found


def _kind(element: Any) -> str:
    buffer = ctypes.create_string_buffer(64)
    length = pdfium.FPDF_StructElement_GetType(element, buffer, 64)
    return buffer.raw[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
