"""Korean with Kiwi, a morphological analyser: sentences that end without any mark.

Where a mark or a line end is written the rules decide, which know quotations, titles, lists and numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final

from rag.errors import MissingExtra
from rag.text.quotations import quotations
from rag.text.sentences.korean import carries_on

Span = tuple[int, int]

_HANGUL: Final = re.compile("[가-힣ㄱ-ㅣ]")
_WORD: Final = re.compile("[^\\W\\d_]")
_BARE: Final = re.compile("(?<=[가-힣ㄱ-ㅣ])[ \t\u3000]+(?=[\\w\"'“‘「『(])")
"""Between two words, where no mark is written."""
_WINDOW: Final = 4_000
"""Characters read at once: what Kiwi needs for text without spaces grows faster than its length."""


def parted(text: str, spans: list[Span]) -> list[Span]:
    """The Korean ones among the sentences cut again, where Kiwi ends one between two words.

    Raises:
        MissingExtra: kiwipiepy is not installed, whatever the language of the text.
    """
    package()
    return [part for start, end in spans for part in _parts(text, start, end)]


@cache
def package() -> Any:
    """The library kiwipiepy. Raises MissingExtra."""
    try:
        return import_module("kiwipiepy")
    except ImportError as error:
        raise MissingExtra('"kiwi" as a splitter of sentences', "kiwi") from error


@cache
def _model() -> Any:
    return package().Kiwi(num_workers=1)


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    """A sentence, or the sentences that it is made of."""
    piece = text[start:end]
    if _is_korean(piece):
        quoted = quotations(piece)
        for place in _ends(piece):
            found = _BARE.match(piece, place)
            if found and not carries_on(piece, place) and not _is_within(place, quoted):
                yield start, end - len(piece) + place
                start = end - len(piece) + found.end()
    yield start, end


def _is_korean(piece: str) -> bool:
    """Whether most of its letters are Hangul, and there is more than one word."""
    return " " in piece and 2 * len(_HANGUL.findall(piece)) > len(_WORD.findall(piece))


def _ends(piece: str) -> Iterator[int]:
    """Where sentences end by Kiwi, without the end of the piece itself."""
    begin = 0
    while begin < len(piece):
        stop = len(piece)
        if stop - begin > _WINDOW:
            stop = piece.rfind(" ", begin + 1, begin + _WINDOW) + 1 or begin + _WINDOW
        for one in _model().split_into_sents(piece[begin:stop])[:-1]:
            yield begin + one.end
        begin = stop


def _is_within(place: int, spans: list[Span]) -> bool:
    number = bisect_left(spans, (place, 0)) - 1
    return number >= 0 and place < spans[number][1]
