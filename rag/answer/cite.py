"""A quotation found again in the source, or it is no quotation of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

from rag.answer.compared import Compared, bare, compared, plain
from rag.answer.torn import torn
from rag.types import Chunk

Verbatim: TypeAlias = Literal["exact", "folded"]

_CLOSERS = re.escape('」』”’》）)"')
_COMMA = re.compile(rf"(?<=[\w{_CLOSERS}])[，,、；;]$")
_STOP = re.compile(rf"(?<=[\w{_CLOSERS}])[。｡．.]$")
_CLAUSE_ENDS = re.compile(r"[ \t\u3000]*+(?!\w)")
_UNSEEN = "\u00ad\u200b\u200e\u200f\u2060\ufeff"


class Located(NamedTuple):
    """``[start, end)`` of the document reads as the quotation: to the letter, or once both are folded."""

    start: int
    end: int
    match: Verbatim


def find(quote: str, chunk: Chunk) -> Located | None:
    r"""Where a quotation stands in the chunk's document, None where it does not.

    Looked for as it is written first; then with width, case, traditional and simplified characters,
    iteration marks, kinds of quotation marks and dashes, composition, invisible characters, Markdown's
    emphasis and white space folded. A line end may stand for a space or, but between letters of the West,
    for nothing.

    Nothing else is forgiven: one other character, and it is not found. Neither is a stretch that begins or
    ends inside a character (キ of ㌔), a number (5日 of 15日) or a word of the West (able of unable), or
    behind the word that negates it.

    Returns:
        Code points of the document. What is shown must be the document's own text at that place, never
        the quotation that was looked for.

    Example:
        >>> chunk = Chunk("c", "d", "a.txt", "資料庫的\n連線逾時為30秒。", 100, 114)
        >>> find("资料库的连线逾时为３０秒", chunk)
        Located(start=100, end=113, match='folded')
        >>> find("連線逾時為30秒", chunk).match, find("連線逾時為20秒", chunk)
        ('exact', None)
    """
    found = next(places(quote, chunk.text), None)
    return found and Located(chunk.start + found.start, chunk.start + found.end, found.match)


def locate(quote: str, chunk: Chunk) -> tuple[int, int] | None:
    """The span that `find` gives.

    Example:
        >>> locate("十日", Chunk("c", "d", "a.txt", "年に十日。", 100, 105))
        (102, 104)
    """
    found = find(quote, chunk)
    return found and (found.start, found.end)


def places(
    quote: str, text: str, begin: int = 0, *, own_stop: bool = False, term: bool = True
) -> Iterator[Located]:
    """Every place of the text, from ``begin`` on, where the quotation stands: exact ones first, in order.

    With ``own_stop`` a quotation may end with a comma or, where a clause ends, with a stop of its writer's.
    Without ``term`` a short one must not stand behind what negates it either.
    """
    quote = quote.strip()
    if not quote:
        return
    exact = chain.from_iterable(_exact(one, text, begin) for one in dict.fromkeys((quote, plain(quote))))
    folded = chain.from_iterable(_folded(quote, text, begin, form) for form in (compared, bare))
    given: set[tuple[int, int]] = set()
    stopped = _without_stop(quote, text, begin) if own_stop else ()
    for one in chain(exact, folded, stopped):
        span = one[:2]
        if span not in given and not torn(text, *span, term=term):
            given.add(span)
            yield one


def _exact(quote: str, text: str, begin: int) -> Iterator[Located]:
    at = text.find(quote, begin)
    while at >= 0:
        yield Located(at, at + len(quote), "exact")
        at = text.find(quote, at + 1)


def _folded(quote: str, text: str, begin: int, form: Callable[[str], Compared]) -> Iterator[Located]:
    for start, end in form(text).places(form(quote), begin):
        seen = len(text[start:end].rstrip(_UNSEEN))
        yield Located(start, start + seen, "folded")


def _without_stop(quote: str, text: str, begin: int) -> Iterator[Located]:
    """Where a writer closed the quotation with a comma of his own, or with a stop where a clause ends."""
    quote = plain(quote)
    words = _COMMA.sub("", quote)
    if words != quote:
        yield from _folded(words, text, begin, bare)
    words = _STOP.sub("", quote)
    if words != quote:
        found = _folded(words, text, begin, bare)
        yield from (one for one in found if _CLAUSE_ENDS.match(text, one.end))
