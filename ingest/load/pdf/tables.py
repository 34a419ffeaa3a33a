"""Tables with ruling lines: the cells that the lines enclose, filled with the characters inside them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pdfplumber.table import (
    cells_to_tables,
    edges_to_intersections,
    intersections_to_cells,
    merge_edges,
)

from ingest.load.pdf.lines import Box, Line

_THIN: Final = 3.0
_NEAR: Final = 3.0
_SHORTEST: Final = 4.0
_LONGEST_HEADER: Final = 200  # characters; a longer first row is no header


@dataclass(frozen=True)
class Table:
    """Rows of cells; None where a cell reaches over from another place."""

    box: Box
    rows: list[list[Box | None]]


def tables(rulings: Sequence[Box]) -> list[Table]:
    """The tables that drawn lines and boxes make: of two columns and two rows at least."""
    edges = [edge for box in rulings for edge in _edges(box)]
    upright = sum(edge["orientation"] == "v" for edge in edges)
    if upright < 2 or len(edges) - upright < 2:
        return []
    merged = merge_edges(edges, _NEAR, _NEAR, _NEAR, _NEAR)
    cells = intersections_to_cells(edges_to_intersections(merged, _NEAR, _NEAR))
    found = (_table(group) for group in cells_to_tables(cells))
    return [one for one in found if len(one.rows) > 1 and len(one.rows[0]) > 1]


def _edges(box: Box) -> list[dict[str, Any]]:
    """A thin box is one line; of a larger one all four sides count."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    if wide < _THIN and high < _THIN:
        return []
    if high < _THIN:
        return [_edge(left, right, (top + bottom) / 2, (top + bottom) / 2)]
    if wide < _THIN:
        return [_edge((left + right) / 2, (left + right) / 2, top, bottom)]
    return [
        _edge(left, right, top, top),
        _edge(left, right, bottom, bottom),
        _edge(left, left, top, bottom),
        _edge(right, right, top, bottom),
    ]


def _edge(x0: float, x1: float, top: float, bottom: float) -> dict[str, Any]:
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if top == bottom else "v",
        "object_type": "line",
    }


def _table(cells: Sequence[Box]) -> Table:
    columns = sorted({cell[0] for cell in cells})
    tops = sorted({cell[1] for cell in cells})
    rows: list[list[Box | None]] = [[None] * len(columns) for _ in tops]
    for cell in cells:
        rows[tops.index(cell[1])][columns.index(cell[0])] = cell
    lefts, highs, rights, lows = zip(*cells, strict=True)
    return Table((min(lefts), min(highs), max(rights), max(lows)), rows)


def inside(line: Line, box: Box) -> bool:
    """Whether the middle of the line lies in the box."""
    left, top, right, bottom = line.box
    return box[0] <= (left + right) / 2 <= box[2] and box[1] <= (top + bottom) / 2 <= box[3]


def fill(table: Table, lines: Sequence[Line]) -> list[list[list[Line]]]:
    """The pieces of lines in each cell; a line that runs through several cells is cut at their edges."""
    columns = sorted({cell[0] for row in table.rows for cell in row if cell})
    cells = [[cell for cell in row if cell] for row in table.rows]
    filled: dict[Box, list[Line]] = {cell: [] for row in cells for cell in row}
    for line in lines:
        for piece in _cut(line, columns):
            home = next((cell for cell in filled if inside(piece, cell)), None)
            if home is not None:
                filled[home].append(piece)
    return [[filled[cell] if cell else [] for cell in row] for row in table.rows]


def _cut(line: Line, columns: Sequence[float]) -> list[Line]:
    if line.vertical:
        return [line]
    groups: dict[int, list[Any]] = {}
    for char in line.chars:
        groups.setdefault(bisect_right(columns, (char[1] + char[3]) / 2), []).append(char)
    return [line.of(group) for group in groups.values() if any(char[0].strip() for char in group)]


def go_on_with(above: list[list[list[Line]]], below: list[list[list[Line]]]) -> None:
    """Make the cells of a table's rest on the next page those of a table with the same header.

    What the page end had cut of the last row goes back to it; a header that is repeated stays as it is.
    """
    first = below[0]
    if any(first) and not all(first) and all(one for one, more in zip(above[-1], first, strict=True) if more):
        for cell, more in zip(above[-1], first, strict=True):
            cell.extend(more)
        del below[0]
    header = _words(above[0])
    if below and _words(below[0]) != header and sum(map(len, header)) <= _LONGEST_HEADER:
        below.insert(0, [list(cell) for cell in above[0]])


def _words(row: list[list[Line]]) -> list[str]:
    return ["".join(line.words for line in cell) for cell in row]
