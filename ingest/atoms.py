"""What a chunk may not be cut inside of: sentences, table rows, code; and where to cut if it must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.text.sentences import sentences
from rag.types import Block, Lang

GLUE: Final = 3.0
"""What it costs to part a heading from its text, in the scale of the costs below."""

_BLOCK, _SENTENCE, _ROW, _LINE, _CLAUSE, _SPACE, _CHARACTER = 0.0, 0.15, 0.2, 0.3, 0.6, 0.8, 1.2
_CLOSING = "」』）】〉》〕］”’\"')]}"
_PREFERRED: Final = (
    (re.compile(r"\n\s*"), _LINE),
    (re.compile(rf"[。！？!?．｡…]+[{re.escape(_CLOSING)}]*\s*"), _LINE),
    (re.compile(rf"(?:[，、；：､]|[,;:](?=[\s\u2e80-\uffff]))[{re.escape(_CLOSING)}]*\s*"), _CLAUSE),
    (re.compile(r"\s+"), _SPACE),
)
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t|:-]*\Z")
_TEXT_LINE = re.compile(r"[^\n]*\S[^\n]*")
_NOT_FIRST = frozenset(
    "。．、，,.！？!?；：;:…‥・ー々゛゜ゝゞヽヾ」』）】〉》〕］”’)]}ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST = frozenset("「『（【〈《〔［“‘([{")
_INSIDE = frozenset("_-.,/@:%+#~=&?")
_NEAR = 400
_LONGEST_HEADER = 120


@dataclass(frozen=True, slots=True)
class Atom:
    """A stretch of text; ``cut`` is the price of ending a chunk behind it.

    ``header`` is the first row of the table whose later row this is.
    """

    start: int
    end: int
    cut: float
    page: int | None = None
    header: str = ""


def atoms(text: str, block: Block, lang: Lang) -> list[Atom]:
    """A block as sentences, table rows, or whole (headings, code); they cover all that is not space."""
    if block.kind == "heading":
        return [Atom(block.start, block.end, GLUE, block.page)]
    if block.kind == "code":
        found = [Atom(block.start, block.end, _BLOCK, block.page)]
    elif block.kind == "table":
        found = list(_rows(text, block))
    elif block.kind == "list":
        found = [
            one for start, end in _lines(text, block) for one in _sentences(text, start, end, block, lang)
        ]
    else:
        found = list(_sentences(text, block.start, block.end, block, lang))
    if found:
        last = found[-1]
        found[-1] = Atom(last.start, last.end, _BLOCK, last.page, last.header)
    return found


def halved(text: str, atom: Atom) -> list[Atom]:
    """An atom that is too large in two, cut near its middle where it hurts least.

    At a line end, a clause mark or a space if there is one in the middle half; else between characters,
    never inside a grapheme cluster and, where avoidable, not inside a word of Latin letters or a number.
    """
    if atom.end - atom.start < 2:
        return [atom]
    where, price = _cut_point(text, atom.start, atom.end)
    left = where - (len(text[atom.start : where]) - len(text[atom.start : where].rstrip()))
    right = where + len(text[where : atom.end]) - len(text[where : atom.end].lstrip())
    if left <= atom.start or right >= atom.end:
        left = right = where
    return [
        Atom(atom.start, left, price, atom.page, atom.header),
        Atom(right, atom.end, atom.cut, atom.page, atom.header),
    ]


def _sentences(text: str, start: int, end: int, block: Block, lang: Lang) -> Iterator[Atom]:
    for first, last in sentences(text[start:end], lang):
        yield Atom(start + first, start + last, _SENTENCE, block.page)


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
        yield Atom(start, end, _ROW, block.page, header if number else "")


def _cut_point(text: str, start: int, end: int) -> tuple[int, float]:
    middle, quarter = (start + end) // 2, max(1, (end - start) // 4)
    for pattern, price in _PREFERRED:
        ends = [found.end() for found in pattern.finditer(text, start + quarter, end - quarter)]
        ends = [one for one in ends if start < one < end and _breakable(text, one)]
        if ends:
            return min(ends, key=lambda one: abs(one - middle)), price
    for allowed in (_comfortable, _breakable):
        for step in range(min(_NEAR, quarter + 1)):
            for where in (middle - step, middle + step):
                if start < where < end and allowed(text, where):
                    return where, _CHARACTER
    return middle, _CHARACTER


def _comfortable(text: str, where: int) -> bool:
    """Whether a reader would accept a line break there."""
    before, after = text[where - 1], text[where]
    inside = _of_identifier(before) and _of_identifier(after)
    return _breakable(text, where) and not inside and before not in _NOT_LAST and after not in _NOT_FIRST


def _of_identifier(ch: str) -> bool:
    return ch in _INSIDE or (ch.isalnum() and ch.isascii()) or ch.isdigit()


def _breakable(text: str, where: int) -> bool:
    """Whether ``where`` lies between two grapheme clusters.

    Source: the extended grapheme clusters of UAX #29, without its rules for Indic conjuncts.
    """
    before, after = text[where - 1], text[where]
    if _extends(after) or before == "\u200d":
        return False
    if _regional(after) and _regional(before):
        first = where
        while first > 0 and _regional(text[first - 1]):
            first -= 1
        return (where - first) % 2 == 0
    return not (_leading_jamo(before) and (_leading_jamo(after) or "가" <= after <= "힣"))


def _extends(ch: str) -> bool:
    if ch < "\u0300":
        return False
    return (
        unicodedata.category(ch) in ("Mn", "Me", "Mc")
        or ch in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= ch <= "\U0001f3ff"
        or "\U000e0020" <= ch <= "\U000e007f"
        or "\u1160" <= ch <= "\u11ff"
        or "\ud7b0" <= ch <= "\ud7fb"
    )


def _leading_jamo(ch: str) -> bool:
    return "\u1100" <= ch <= "\u115f" or "\ua960" <= ch <= "\ua97c"


def _regional(ch: str) -> bool:
    return "\U0001f1e6" <= ch <= "\U0001f1ff"
