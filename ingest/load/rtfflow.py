"""A flow of paragraphs and tables of RTF: the body, a note, a text box."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ingest.load.numbering import BULLET
from ingest.load.parsed import Builder


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A finished paragraph; ``style`` is its number, ``outline`` its own level from 1, 0 for none."""

    text: str
    style: int = 0
    outline: int = 0
    listed: bool = False


Piece: TypeAlias = Paragraph | list[list[str]]


@dataclass(slots=True)
class Flow:
    """What is written so far: finished pieces, and the open paragraph, cell, row and table."""

    done: list[Piece] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    beside: list[Piece] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _row: list[str] = field(default_factory=list)
    _table: list[list[str]] = field(default_factory=list)

    def end_paragraph(self, style: int, outline: int, *, listed: bool, in_table: bool) -> None:
        """A paragraph ends; in a table it is a line of its cell."""
        text, labelled = self._taken()
        if in_table:
            self._lines.append(text)
            return
        self.end_table()
        if text.strip():
            self.done.append(Paragraph(text, style, outline, listed or labelled))
        self._lay_down()

    def end_cell(self) -> None:
        """A cell ends."""
        self._lines.append(self._taken()[0])
        self._row.append("\n".join(filter(None, self._lines)))
        self._lines = []

    def end_row(self) -> None:
        """A row ends."""
        if self._row:
            self._table.append(self._row)
        self._row = []

    def end_table(self) -> None:
        """What follows is no longer in a table. A table of one cell is a frame around its text."""
        if self._lines or self._row:
            self._row += ["\n".join(filter(None, self._lines))] if self._lines else []
            self._lines = []
            self.end_row()
        table, self._table = self._table, []
        if len(table) == 1 and len(table[0]) == 1:
            self.done += (Paragraph(line) for line in table[0][0].split("\n") if line.strip())
        elif table:
            self.done.append(table)
        if table:
            self._lay_down()

    def finished(self) -> list[Piece]:
        """All pieces, when the flow ends."""
        if self.text:
            self.end_paragraph(0, 0, listed=False, in_table=bool(self._row or self._lines))
        self.end_table()
        self._lay_down()
        return self.done

    def _taken(self) -> tuple[str, bool]:
        text, label = "".join(self.text), " ".join("".join(self.label).split())
        self.text, self.label = [], []
        if not label or not text.strip():
            return text, False
        shown = BULLET if len(label) == 1 and ("\ue000" <= label <= "\uf8ff" or label in "·\x95") else label
        return f"{shown} {text.lstrip()}", True

    def _lay_down(self) -> None:
        """Notes and boxes come after the paragraph or table that they belong to."""
        self.done += self.beside
        self.beside = []


def write(builder: Builder, pieces: list[Piece], levels: dict[int, int], titles: set[int]) -> str:
    """Append the pieces to a builder; headings are below the title, which is returned.

    ``levels`` tells the outline level of styles, ``titles`` those that are titles.
    """
    title = ""
    below = int(any(isinstance(one, Paragraph) and one.style in titles for one in pieces))
    for piece in pieces:
        if not isinstance(piece, Paragraph):
            builder.table(piece)
        elif piece.style in titles and not piece.outline:
            title = title or " ".join(piece.text.split())
            builder.add("heading", piece.text, level=1)
        elif level := piece.outline or levels.get(piece.style, 0):
            builder.add("heading", piece.text, level=level + below)
        else:
            builder.add("list" if piece.listed else "paragraph", piece.text)
    return title
