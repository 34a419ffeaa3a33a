"""Tables of HTML as rows of equal cells: spans filled in, rows of headings made one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

_MOST_SPANNED: Final = 100
_MOST_FILLED: Final = 200_000


@dataclass(slots=True)
class _Cell:
    text: str
    across: int
    down: int
    heading: bool


@dataclass(slots=True)
class Grid:
    """Collects cells; a cell over several rows is in each of them, one over several columns in the first.

    Only headings over several columns are in each, so that every column has its own.
    """

    _rows: list[list[_Cell]] = field(default_factory=list)
    _heads: int = 0

    def row(self, *, heading: bool = False) -> None:
        """A row begins; ``heading`` where it stands in the table's head."""
        if heading and len(self._rows) == self._heads:
            self._heads += 1
        self._rows.append([])

    def cell(self, text: str, *, across: str | None, down: str | None, heading: bool) -> None:
        """A cell of the row that began last; its spans as their attributes say."""
        if not self._rows:
            self.row()
        self._rows[-1].append(_Cell(text, _span(across), _span(down), heading))

    def rows(self) -> list[list[str]]:
        """All rows, the first of them the heading of the columns where the table has one."""
        heads = self._heads or sum(
            1 for _ in takewhile(lambda row: row and all(one.heading for one in row), self._rows)
        )
        heads = heads if heads < len(self._rows) else min(heads, 1)
        filled = self._filled(heads)
        return [_merged(filled[:heads]), *filled[heads:]] if heads else filled

    def _filled(self, heads: int) -> list[list[str]]:
        pending: dict[int, tuple[int, str]] = {}
        left = _MOST_FILLED
        filled = []
        for number, row in enumerate(self._rows):
            line: list[str] = []
            for cell in row:
                _carry(line, pending)
                across = cell.across if left > 0 else 1
                for column in range(across):
                    text = cell.text if not column or number < heads else ""
                    if cell.down > 1 and left > 0:
                        pending[len(line)] = (cell.down - 1, text)
                    line.append(text)
                left -= across + cell.down - 2
            _carry(line, pending)
            filled.append(line)
        return filled


def _carry(line: list[str], pending: dict[int, tuple[int, str]]) -> None:
    """Cells of the rows above that reach down to here."""
    while len(line) in pending:
        rows, text = pending.pop(len(line))
        if rows > 1:
            pending[len(line)] = (rows - 1, text)
        line.append(text)


def _span(value: str | None) -> int:
    digits = (value or "").strip()[:6]
    return min(max(int(digits), 1), _MOST_SPANNED) if digits.isdecimal() else 1


def _merged(rows: list[list[str]]) -> list[str]:
    """Rows of headings as one, each text of a column once."""
    width = max(map(len, rows))
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(width)]
    return [" ".join(dict.fromkeys(column)) for column in columns]
