"""Quotation marks of a reply in pairs: curly, corner, straight, or set the wrong way round."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

_CLOSER = dict(zip("「『｢﹁﹃«‹《〈", "」』｣﹂﹄»›》〉", strict=True))
_OPENER = {closer: opener for opener, closer in _CLOSER.items()} | {"”": "“"}
_DOUBLE = dict(zip('“”„‟〝〞〟"＂', '“”„““””""', strict=True))
_MARK = re.compile(rf"[{''.join((*_CLOSER, *_CLOSER.values(), *_DOUBLE))}‘’‚']")
_BLANK_LINE = re.compile(r"\n[ \t\u3000]*\n|\Z")
_LINE_END = re.compile(r"\n(?=[ \t]*(?:[-*+•>#|]|\d{1,3}[.)、．]))|\Z")  # before an item, a row, a heading
_LATIN = re.compile("[0-9A-Za-z\u00c0-\u024f]")
_STRAIGHT = re.compile('["＂“”]')
_LEFT_OPEN = "“「『«"
_DEEPEST = 16


class Pair(NamedTuple):
    """``text[start:end]`` from the opening mark to behind the closing one; ``closed`` where there is one."""

    start: int
    end: int
    closed: bool = True


class _Mark(NamedTuple):
    mark: str
    place: int


def pairs(text: str, passed_over: Sequence[tuple[int, int]]) -> list[Pair]:
    """The outermost pairs of quotation marks, each within a paragraph, in order.

    A pair that a paragraph leaves open reaches to its end, or to the next item of a list, row of a table or
    heading. Apostrophes are no marks.

    Args:
        text: what is read.
        passed_over: stretches whose marks do not count.

    Example:
        >>> text = "说“甲‘乙’丙”，'don't go'，和「丁"
        >>> [text[one.start : one.end] for one in pairs(text, [])]
        ['“甲‘乙’丙”', "'don't go'", '「丁']
    """
    skipped = sorted(passed_over)
    found = [_Mark(one[0], one.start()) for one in _MARK.finditer(text) if not _within(one.start(), skipped)]
    ends = [one.start() for one in _BLANK_LINE.finditer(text)]
    paragraphs = groupby(found, key=lambda one: ends[bisect_left(ends, one.place)])
    return [pair for end, marks in paragraphs for pair in _paragraph(text, end, list(marks))]


def _paragraph(text: str, end: int, marks: Sequence[_Mark]) -> list[Pair]:
    stack: list[_Mark] = []
    closed: list[Pair] = []
    for mark in _righted(marks):
        depth = _closes(text, mark, stack)
        if depth is not None:
            closed.append(Pair(stack[depth].place, mark.place + 1))
            del stack[depth:]
        elif _opens(text, mark, end):
            stack = [*stack[1 - _DEEPEST :], mark]
    return _outermost([*closed, *_left_open(text, end, stack)])


def _righted(marks: Sequence[_Mark]) -> Iterator[_Mark]:
    """The marks with “ and ” where they are meant; where only one of them is used, both are straight."""
    double = [_DOUBLE[one.mark] for one in marks if one.mark in _DOUBLE]
    curly = "".join(one for one in double if one != '"')
    forms = dict(_DOUBLE)
    if "„" in curly:
        forms |= {"„": "“", "“": "”"}
    elif curly == "”“" * (len(curly) // 2):
        forms |= {"“": "”", "”": "“"}
    elif len(double) % 2 == 0 and len(set(curly)) == 1:
        forms |= {"“": '"', "”": '"'}
    for one in marks:
        yield one._replace(mark=forms.get(one.mark, one.mark))


def _closes(text: str, mark: _Mark, stack: Sequence[_Mark]) -> int | None:
    """The depth of the open mark that this one closes."""
    opener = {**_OPENER, '"': '"', "'": "'", "’": "‘"}.get(mark.mark)
    depth = next((n for n in range(len(stack) - 1, -1, -1) if stack[n].mark == opener), None)
    if depth is None or mark.mark not in "'’":
        return depth
    before, after = text[mark.place - 1], text[mark.place + 1 : mark.place + 2]
    straight = mark.mark == "'"
    apostrophe = _LATIN.match(after) and (straight or _LATIN.match(before))
    opening = straight and before.isspace() and after.isalnum()
    return None if apostrophe or opening else depth


def _opens(text: str, mark: _Mark, end: int) -> bool:
    if mark.mark == '"':
        return _STRAIGHT.search(text, mark.place + 1, end) is not None
    if mark.mark == "'":
        inside = mark.place and _LATIN.match(text[mark.place - 1])
        return bool(text[mark.place + 1 : mark.place + 2].strip()) and not inside
    return mark.mark in _CLOSER or mark.mark in "“‘‚"


def _left_open(text: str, end: int, stack: Sequence[_Mark]) -> Iterator[Pair]:
    for mark in stack:
        line_end = _LINE_END.search(text, mark.place, end)
        if mark.mark in _LEFT_OPEN and line_end:
            yield Pair(mark.place, line_end.start(), closed=False)


def _outermost(found: list[Pair]) -> list[Pair]:
    """Those within no other; a pair left open counts only where it holds none that is closed."""
    begun = sorted(one.start for one in found if one.closed)
    kept: list[Pair] = []
    for one in sorted(found):
        holds = bisect_left(begun, one.end) - bisect_right(begun, one.start)
        if (one.closed or not holds) and (not kept or one.start >= kept[-1].end):
            kept.append(one)
    return kept


def _within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the spans, which ascend and do not overlap, holds the place."""
    before = bisect_right(spans, place, key=lambda one: one[0]) - 1
    return before >= 0 and place < spans[before][1]
