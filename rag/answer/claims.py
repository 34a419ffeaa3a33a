"""What each citation mark of a reply stands for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.answer.marks import groups, numbers
from rag.answer.quoted import Quotation, quotations
from rag.text.sentences import sentences
from rag.types import Lang

_NEXT_MARK = re.compile(r"\n|[\[［【〔]\s*\d")
_BLANK_LINE = re.compile(r"\n[ \t\u3000]*\n")


class Claim(NamedTuple):
    """``reply[start:end]`` is a group of marks; what is claimed is a statement with its quotations."""

    start: int
    end: int
    numbers: tuple[int, ...]
    statement: str
    quotations: tuple[Quotation, ...]


def claims(reply: str, lang: Lang = "und") -> tuple[list[Claim], list[Quotation]]:
    """Each group of marks with its claim, in order, and the quotations that no mark stands for.

    Marks stand for the sentence before them, for all quotations since the marks before, within the
    paragraph, and for a quotation they stand in; at the beginning of a line for what follows there, and
    alone on a line for the paragraph above it.
    """
    quoted = quotations(reply)
    found = list(_claims(reply, quoted, lang))
    taken = {one for claim in found for one in claim.quotations}
    return found, [one for one in quoted if one not in taken]


def _claims(reply: str, quoted: Sequence[Quotation], lang: Lang) -> Iterator[Claim]:
    starts = [one.start for one in quoted]
    done = 0
    window, statement = (0, 0), ""
    for group in groups(reply):
        start, end = group.span()
        found = _window(reply, done, start, end)
        if found:
            window = found
            told = [one for one in _sentences(reply[slice(*window)], lang) if _said(one)]
            statement = told[0 if window[0] == end else -1]
        around = quoted[max(0, bisect_left(starts, start) - 1) : bisect_left(starts, start)]
        within = [one for one in around if start < one.end and one.start < window[0]]
        within += quoted[bisect_left(starts, window[0]) : bisect_left(starts, window[1])]
        yield Claim(start, end, tuple(numbers(group[0])), statement, tuple(within))
        done = end


def _window(reply: str, done: int, start: int, end: int) -> tuple[int, int] | None:
    """Where the claim of the marks ``[start, end)`` stands, None where it is that of the marks before."""
    line = reply.rfind("\n", 0, start) + 1
    if not _said(reply[line:start]):
        following = _NEXT_MARK.search(reply, end)
        rest = (end, following.start() if following else len(reply))
        if _said(reply[slice(*rest)]):
            return rest
    last = next((at for at in range(start - 1, done - 1, -1) if reply[at].isalnum()), None)
    if last is None:
        return None
    begins = [blank.end() for blank in _BLANK_LINE.finditer(reply, done, last)]
    return max(begins, default=done), start


def _sentences(text: str, lang: Lang) -> list[str]:
    return [text[start:end] for start, end in sentences(text, lang)]


def _said(text: str) -> bool:
    return any(map(str.isalnum, text))
