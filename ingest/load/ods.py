"""Rows of OpenDocument spreadsheets, one after another, whatever they repeat."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from lxml import etree

from ingest.load.cells import typed
from ingest.load.odftables import CELLS
from ingest.load.odftext import OFFICE, TABLE, TEXT, number, text_of

Row: TypeAlias = tuple[str, int, list[str]]
"""The sheet, the number of the row from 1, and the cells from column A on."""

_MOST_COLUMNS: Final = 16_384
_MOST_REPEATED: Final = 200_000
_VALUES: Final = {
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "time": "time-value",
    "boolean": "boolean-value",
}
_INSIDE: Final = (f"{OFFICE}annotation", f"{TABLE}table")


def rows(content: bytes) -> Iterator[Row]:
    """The rows with something in them. Raises what lxml raises where the content is damaged."""
    tags = (f"{TABLE}table", f"{TABLE}table-row")
    events = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), tag=tags, resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    open_tables: list[str] = []
    row = 0
    for event, element in events:
        if element.tag == tags[0]:
            if event == "start":
                open_tables.append(element.get(f"{TABLE}name", ""))
                row = 0 if len(open_tables) == 1 else row
            else:
                open_tables.pop()
        elif event == "end" and len(open_tables) == 1:
            times = number(element.get(f"{TABLE}number-rows-repeated"), 1)
            cells = _cells(element)
            for again in range(min(times, _MOST_REPEATED) if cells else 0):
                yield open_tables[0], row + again + 1, cells
            row += times
            _forget(element)


def _cells(row: Any) -> list[str]:
    """The texts of a row up to the last that says something."""
    texts: list[str] = []
    blank = 0
    for cell in row:
        if cell.tag not in CELLS:
            continue
        times = number(cell.get(f"{TABLE}number-columns-repeated"), 1, most=_MOST_COLUMNS)
        text = "" if cell.tag != f"{TABLE}table-cell" else _text(cell)
        if not text.strip():
            blank += times
        elif len(texts) + blank < _MOST_COLUMNS:
            texts += [""] * blank + [text] * min(times, _MOST_COLUMNS - len(texts) - blank)
            blank = 0
    return texts


def _text(cell: Any) -> str:
    kind = cell.get(f"{OFFICE}value-type", "")
    within = {one for inner in cell.iter(*_INSIDE) for one in inner.iter(f"{TEXT}p")}
    words = "\n".join(text_of(one) for one in cell.iter(f"{TEXT}p") if one not in within)
    value = cell.get(f"{OFFICE}{_VALUES[kind]}", "") if kind in _VALUES else ""
    return typed(kind, value, words) if value else words or cell.get(f"{OFFICE}string-value", "")


def _forget(element: Any) -> None:
    """Free what was read."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
