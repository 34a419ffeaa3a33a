"""Where a text that is too long is cut: at lines, clauses, spaces, then between characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from rag.text.graphemes import between_characters
from rag.types import Ending

_CLOSING = re.escape("」』）】〉》〕］”’\"')]}")
_LINE = re.compile(r"\n(?:[^\S\n]*\n)*")
_MARK = re.compile(
    rf"(?P<line>(?:[。！？．｡…]|[!?](?![!-~])|(?<=[\u2e80-\uffff.])\.(?=\s))+[{_CLOSING}]*\s*)"
    rf"|(?P<clause>(?:[，、；：､]|[,;:|](?=[\s\u2e80-\uffff]))[{_CLOSING}]*\s*)"
)
_SPACE = re.compile(r"\s+")
_NOT_FIRST = frozenset(
    "。．、，,.！？!?；：;:…‥・ー々゛゜ゝゞヽヾ」』）】〉》〕］”’)]}％‰℃°ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST = frozenset("「『（【〈《〔［“‘([{￥¥$＄€£₩￦№")
_INSIDE = frozenset("_-.,/@:%+#~=&?")
_NUMERALS = frozenset("〇一二三四五六七八九十百千万萬億亿兆")
_NEAR: Final = 4_000
_SHORTEST: Final = 6  # characters


def lines(text: str, start: int, end: int) -> Iterator[tuple[int, Ending]]:
    """The places in ``text[start:end]`` where a line begins, and that they are behind a line."""
    for found in _LINE.finditer(text, start, end):
        yield found.end(), "line"


def marks(text: str, start: int, end: int) -> Iterator[tuple[int, Ending]]:
    """The places in ``text[start:end]`` behind the mark of a sentence or a clause, and which it is.

    Each leaves some characters, no mere bullet or label, on both sides.
    """
    last = start
    for found in _MARK.finditer(text, start, end):
        where = found.end()
        if min(where - last, end - where) >= _SHORTEST and _clean_cut(text, where):
            yield where, "clause" if found.lastgroup == "clause" else "line"
            last = where


def cut_point(text: str, start: int, end: int) -> tuple[int, Ending]:
    """The best place to cut ``text[start:end]`` near its middle, and what it is the end of.

    A space; else the nearest place, up to 4,000 characters away, where a reader would accept a line break;
    else between any two grapheme clusters; in a heap of marks on one character, its middle.
    """
    middle = (start + end) // 2
    spaces = [found.end() for found in _SPACE.finditer(text, start, end) if start < found.start()]
    spaces = [one for one in spaces if one < end and _clean_cut(text, one)]
    if spaces:
        return min(spaces, key=lambda one: abs(one - middle)), "space"
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
    """Whether a reader would accept a line break there: not inside a word that is told by its letters."""
    before, after = text[where - 1], text[where]
    if before in _NOT_LAST or after in _NOT_FIRST or not _clean_cut(text, where):
        return False
    return not (
        (_of_word(before) and _of_word(after))
        or (_katakana(before) and _katakana(after))
        or (before in _NUMERALS and after in _NUMERALS)
    )


def _clean_cut(text: str, where: int) -> bool:
    """Whether a mark that ends there is no part of a number: １，２３４ and ３．１４ are not cut."""
    number = text[where].isdigit() and text[where - 2 : where - 1].isdigit() and not text[where - 1].isspace()
    return not number and between_characters(text, where)


def _of_word(ch: str) -> bool:
    """Whether it is part of words that spaces part, of identifiers or of numbers."""
    return ch in _INSIDE or ch.isdigit() or (ch.isalpha() and (ch < "\u2e80" or "가" <= ch <= "힣"))


def _katakana(ch: str) -> bool:
    return "ァ" <= ch <= "ー"
