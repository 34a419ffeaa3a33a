"""Tables of OpenDocument texts and slides; what is repeated a million times is not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from ingest.load.odftext import DRAW, OFFICE, TABLE, TEXT, number, text_of

_WITHIN: Final = frozenset(
    f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")
)
CELLS: Final = frozenset({f"{TABLE}table-cell", f"{TABLE}covered-table-cell"})
_ASIDE: Final = (f"{TEXT}note", f"{DRAW}frame", f"{OFFICE}annotation")
_MOST_ROWS: Final = 20_000
_MOST_COLUMNS: Final = 256


def cells_of(table: Any, beside: list[Any]) -> list[list[str]]:
    """The texts of a table's cells, row by row; notes and boxes in them are put into ``beside``.

    What lies under a merged cell is empty; a table inside a cell is part of its text.
    """
    return [_spread(row, beside) for row in _rows(table)]


def layout(table: Any) -> list[Any]:
    """The cell of a table that is there for the layout: a frame around text; none for one with data."""
    cells = list(chain.from_iterable(row.iterchildren(*CELLS) for row in _rows(table)))
    return cells if len(cells) == 1 else []


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, not those of tables inside; one that is repeated comes so many times."""
    stack, left = [iter(table)], _MOST_ROWS
    while stack and left > 0:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in _WITHIN:
            stack.append(iter(element))
        elif element.tag == f"{TABLE}table-row":
            times = number(element.get(f"{TABLE}number-rows-repeated"), 1)
            filled = next(element.iter(f"{TEXT}p", f"{TEXT}h"), None) is not None
            for _ in range(min(times if filled else 1, left)):
                left -= 1
                yield element


def _spread(row: Any, beside: list[Any]) -> list[str]:
    texts: list[str] = []
    for cell in row:
        if cell.tag in CELLS and len(texts) < _MOST_COLUMNS:
            text = _cell(cell, beside) if cell.tag == f"{TABLE}table-cell" else ""
            times = number(cell.get(f"{TABLE}number-columns-repeated"), 1)
            texts += [text] * min(times, _MOST_COLUMNS - len(texts))
    return texts


def _cell(cell: Any, beside: list[Any]) -> str:
    within = {one for aside in cell.iter(*_ASIDE) for one in aside.iter(f"{TEXT}p")}
    lines = [text_of(one, beside) for one in cell.iter(f"{TEXT}p", f"{TEXT}h") if one not in within]
    return "\n".join(filter(None, lines))
