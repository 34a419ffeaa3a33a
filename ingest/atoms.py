"""What a chunk may not be cut inside of: sentences, table rows, code; and where to cut if it must be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.cutting import comfortable, cut_point, lines, marks
from rag.text.sentences import Splitter, sentences
from rag.types import Block, Ending, Lang

GLUE: Final = 3.0
"""What it costs to part a heading from its text, in the scale of `PRICES`."""

PRICES: Final[dict[Ending, float]] = {
    "block": -0.5,
    "sentence": 0.15,
    "row": 0.2,
    "line": 0.3,
    "clause": 0.9,
    "space": 1.1,
    "character": 1.4,
}
"""What it costs to end a chunk there; a chunk without any content would cost 1, a full one 0."""

_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t|:-]*\Z")
_TEXT_LINE = re.compile(r"[^\n]*\S[^\n]*")
_VISIBLE = re.compile(r"\S")
_LEADS_IN = (":", "：")
LEAD_IN: Final = 1.1
"""What it costs to part a line such as \"as follows:\" from what follows."""

_LONGEST_HEADER: Final = 120
_PIECE: Final = 6  # characters


@dataclass(slots=True)
class Atom:
    """A stretch of text; ``cut`` is the price of ending a chunk behind it.

    ``header`` goes into the heading path of a chunk that begins here: the first row of a table, the
    question of an answer. ``size`` counts tokens, ``gap`` those of the white space before it.
    """

    start: int
    end: int
    ends: Ending
    cut: float
    page: int | None = None
    header: str = ""
    size: int = 0
    gap: int = 0


def atoms(text: str, block: Block, lang: Lang, by: Splitter = "rules") -> list[Atom]:
    """A block as sentences, table rows, or whole (headings, code); they cover all that is not space."""
    if block.kind == "heading":
        return [Atom(block.start, block.end, "block", GLUE, block.page)]
    if block.kind == "code":
        found = [_atom(block.start, block.end, "line", block)]
    elif block.kind == "table":
        found = list(_rows(text, block))
    elif block.kind == "list":
        found = [
            one for start, end in _lines(text, block) for one in _sentences(text, start, end, block, lang, by)
        ]
    else:
        found = list(_sentences(text, block.start, block.end, block, lang, by))
    if found:
        _end_block(text, found[-1])
    return found


def pieces(text: str, block: Block, lang: Lang, by: Splitter = "rules") -> list[Atom]:
    """A block as short pieces between any two words; what is not a heading may be cut anywhere."""
    if block.kind == "heading":
        return atoms(text, block, lang, by)
    found, start = [], block.start
    while start < block.end:
        places = range(start + _PIECE, block.end)
        end = next((where for where in places if comfortable(text, where)), block.end)
        bare = text[start:end].strip()
        if bare:
            first = text.index(bare[0], start)
            found.append(Atom(first, first + len(bare), "character", 0.0, block.page))
        start = end
    return found


def lined(text: str, atom: Atom) -> list[Atom]:
    """An atom in its lines, their indentation kept."""
    return _parted(text, atom, lines(text, atom.start, atom.end))


def marked(text: str, atom: Atom) -> list[Atom]:
    """An atom in parts that end with the marks of sentences and clauses in it."""
    return _parted(text, atom, marks(text, atom.start, atom.end))


def halved(text: str, atom: Atom) -> list[Atom]:
    """An atom that is too large in two, cut near its middle where it hurts least.

    At a space if there is one; else between characters, never inside a grapheme cluster and, unless it is
    nothing else, not inside an identifier or a number.
    """
    if atom.end - atom.start < 2:
        return [atom]
    where, ends = cut_point(text, atom.start, atom.end)
    found = _parted(text, atom, [(where, ends)])
    if len(found) > 1:
        return found
    return [replace(atom, end=where, ends=ends, cut=PRICES[ends]), replace(atom, start=where)]


def _parted(text: str, atom: Atom, cuts: Iterable[tuple[int, Ending]]) -> list[Atom]:
    """An atom cut at those places, without the white space before them; none is left without text."""
    found, start = [], atom.start
    for where, ends in cuts:
        stop = start + len(text[start:where].rstrip())
        following = _VISIBLE.search(text, where, atom.end)
        if stop > start and following:
            found.append(replace(atom, start=start, end=stop, ends=ends, cut=PRICES[ends]))
            start = where if text[where - 1] == "\n" else following.start()
    return [*found, replace(atom, start=start)]


def _atom(start: int, end: int, ends: Ending, block: Block, header: str = "") -> Atom:
    return Atom(start, end, ends, PRICES[ends], block.page, header)


def _end_block(text: str, last: Atom) -> None:
    """The last atom of a block: a good place to cut, unless it leads in what follows."""
    last.ends = "block"
    last.cut = LEAD_IN if text.startswith(_LEADS_IN, last.end - 1) else PRICES["block"]


def _sentences(text: str, start: int, end: int, block: Block, lang: Lang, by: Splitter) -> Iterator[Atom]:
    for first, last in sentences(text[start:end], lang, by):
        yield _atom(start + first, start + last, "sentence", block)


def _lines(text: str, block: Block) -> list[tuple[int, int]]:
    return [found.span() for found in _TEXT_LINE.finditer(text, block.start, block.end)]


def _rows(text: str, block: Block) -> Iterator[Atom]:
    lines = _lines(text, block)
    if len(lines) > 1 and _DELIMITER.match(text[lines[1][0] : lines[1][1]]):
        lines[:2] = [(lines[0][0], lines[1][1])]
    header = (
        " ".join(text[slice(*lines[0])].split("\n")[0].split()).strip("| ")[:_LONGEST_HEADER] if lines else ""
    )
    for number, (start, end) in enumerate(lines):
        yield _atom(start, end, "row", block, header if number else "")
