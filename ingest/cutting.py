"""Where a text that is too long is cut: at lines, clauses, spaces, then between characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rag.text.graphemes import between_characters
from rag.types import Ending

_CLOSING = "」』）】〉》〕］”’\"')]}"
_PREFERRED: Final[tuple[tuple[re.Pattern[str], Ending], ...]] = (
    (re.compile(r"\n\s*"), "line"),
    (re.compile(rf"(?:[。！？．｡…]|[!?](?![!-~]))+[{re.escape(_CLOSING)}]*\s*"), "line"),
    (re.compile(rf"(?:[，、；：､]|[,;:](?=[\s\u2e80-\uffff]))[{re.escape(_CLOSING)}]*\s*"), "clause"),
    (re.compile(r"\s+"), "space"),
)
_NOT_FIRST = frozenset(
    "。．、，,.！？!?；：;:…‥・ー々゛゜ゝゞヽヾ」』）】〉》〕］”’)]}ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST = frozenset("「『（【〈《〔［“‘([{")
_INSIDE = frozenset("_-.,/@:%+#~=&?")
_NEAR: Final = 4_000


def cut_point(text: str, start: int, end: int) -> tuple[int, Ending]:
    """The best place to cut ``text[start:end]`` near its middle, and what it is the end of.

    In the middle half a line end, a sentence mark, a clause mark or a space; else the nearest place, up to
    4,000 characters away, where a reader would accept a line break; else between any two grapheme
    clusters; in a heap of marks on one character, its middle.
    """
    middle, quarter = (start + end) // 2, max(1, (end - start) // 4)
    for pattern, ends in _PREFERRED:
        places = [found.end() for found in pattern.finditer(text, start + quarter, end - quarter)]
        places = [one for one in places if start < one < end and _clean_cut(text, one)]
        if places:
            return min(places, key=lambda one: abs(one - middle)), ends
    for allowed in (comfortable, between_characters):
        where = _nearest(text, middle, start, end, allowed)
        if where:
            return where, "character"
    return middle, "character"


def _nearest(text: str, middle: int, start: int, end: int, allowed: Callable[[str, int], bool]) -> int:
    """The allowed place nearest to the middle, 0 where there is none."""
    for step in range(min(_NEAR, (end - start) // 2 + 1)):
        for where in (middle - step, middle + step):
            if start < where < end and allowed(text, where):
                return where
    return 0


def comfortable(text: str, where: int) -> bool:
    """Whether a reader would accept a line break there."""
    before, after = text[where - 1], text[where]
    inside = _of_identifier(before) and _of_identifier(after)
    return (
        between_characters(text, where) and not inside and before not in _NOT_LAST and after not in _NOT_FIRST
    )


def _clean_cut(text: str, where: int) -> bool:
    """Whether a mark that ends there is no part of a number: １，２３４ and ３．１４ are not cut."""
    number = text[where].isdigit() and text[where - 2 : where - 1].isdigit() and not text[where - 1].isspace()
    return not number and between_characters(text, where)


def _of_identifier(ch: str) -> bool:
    return ch in _INSIDE or (ch.isalnum() and ch.isascii()) or ch.isdigit()
