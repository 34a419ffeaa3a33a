"""Rows of the XML spreadsheets of Excel 2002 and 2003, which many systems still export as .xls."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from ingest.load.cells import typed
from ingest.load.odftext import number
from ingest.load.ods import Row

_SS: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_KINDS: Final = {"Number": "float", "DateTime": "date"}
_TRUTH: Final = {"1": "TRUE", "0": "FALSE"}
_MOST_COLUMNS: Final = 16_384


def rows(content: bytes) -> Iterator[Row]:
    """The rows with something in them. Raises what lxml raises where the content is damaged."""
    tags = (f"{_SS}Worksheet", f"{_SS}Row")
    events = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), tag=tags, resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    sheet, row = "", 0
    for event, element in events:
        if element.tag == tags[0] and event == "start":
            sheet, row = element.get(f"{_SS}Name", ""), 0
        elif element.tag == tags[1] and event == "end":
            row = number(element.get(f"{_SS}Index"), row + 1)
            cells = _cells(element)
            if cells:
                yield sheet, row, cells
            row += number(element.get(f"{_SS}Span"), 0)
            element.clear()


def _cells(row: Any) -> list[str]:
    texts: list[str] = []
    for cell in row.iterchildren(f"{_SS}Cell"):
        place = number(cell.get(f"{_SS}Index"), len(texts) + 1) - 1
        if place >= _MOST_COLUMNS:
            break
        texts += [""] * (place - len(texts))
        texts.append(_text(cell.find(f"{_SS}Data")))
        texts += [""] * min(number(cell.get(f"{_SS}MergeAcross"), 0), _MOST_COLUMNS - len(texts))
    return texts


def _text(data: Any | None) -> str:
    if data is None:
        return ""
    words = "".join(data.itertext())
    kind = data.get(f"{_SS}Type", "")
    if kind == "Boolean":
        return _TRUTH.get(words, words)
    return typed(_KINDS[kind], words.removesuffix(".000"), words) if kind in _KINDS else words
