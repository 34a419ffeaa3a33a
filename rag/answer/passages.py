"""The passages of an answer, searched for what it quotes: one by one, then where neighbours meet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from rag.answer.cite import Located, places
from rag.answer.compared import compared
from rag.types import Chunk, Citation

_LEFT_OUT = re.compile(
    r"(?<!\s)\s*+(?:[\[(（【〔［<〈]\s*(?:…+|⋯+|\.{3,}|‥+|中略|以下略|前略|後略|后略|略|중략|생략|하략|snip)\s*[\])）】〕］>〉]"
    r"|…+|⋯+|\.{3,}|。{3,}|・{3,}|‥+)\s*"
)
_LEAST = 4  # letters of a part of a quotation that leaves something out


class _Stretch(NamedTuple):
    """Neighbouring chunks of one document as one text, from ``start`` on, with their numbers."""

    start: int
    text: str
    chunks: tuple[tuple[int, Chunk], ...]


class Passages:
    """Numbered passages, ``[1]`` being the first, in which quotations are looked for."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._alone = [
            _Stretch(one.start, one.text, ((number, one),)) for number, one in enumerate(chunks, 1)
        ]

    def find(self, quote: str, numbers: Sequence[int] = ()) -> tuple[Citation, ...]:
        """Where the words stand: in each of the passages of those numbers; failing that, in the first other.

        A quotation that runs on from one chunk into the next is cited in both. Of one that leaves
        something out (``…``, ``[...]``, ``（中略）``) every part must stand in one passage, in order, each
        with four letters or more; each is a citation of its own. Empty where the words do not stand.
        """
        for parts in _readings(quote):
            named = [one for one in self._alone if one.chunks[0][0] in numbers]
            found = [cited for one in named for cited in _cited(parts, one)]
            if found:
                return tuple(found)
            others = (one for one in (*self._alone, *self._joined) if one not in named)
            found = next(filter(None, (_cited(parts, one) for one in others)), [])
            if found:
                return tuple(found)
        return ()

    def names(self, words: str) -> bool:
        """Whether the words are in the name of a document or in the headings of a passage."""
        wanted = compared(words).letters
        return bool(wanted) and any(wanted in name for name in self._names)

    @cached_property
    def _names(self) -> set[str]:
        chunks = [chunk for one in self._alone for _, chunk in one.chunks]
        told = {text for one in chunks for text in (one.document, " > ".join(one.headings))}
        return {compared(text).letters for text in told}

    @cached_property
    def _joined(self) -> list[_Stretch]:
        rows: dict[str, list[_Stretch]] = {}
        for one in sorted(self._alone, key=lambda one: one.start):
            row = rows.setdefault(one.chunks[0][1].doc_id, [])
            joined = _join(row[-1], one) if row else None
            row[-1:] = [joined] if joined else [*row[-1:], one]
        return [one for row in rows.values() for one in row if len(one.chunks) > 1]


def _join(before: _Stretch, after: _Stretch) -> _Stretch | None:
    """Both as one where they touch, overlap, or have nothing but known white space between them."""
    last, first = before.chunks[-1][1], after.chunks[0][1]
    end = before.start + len(before.text)
    if last.next == first.id and end + len(last.gap) == first.start:
        text = before.text + last.gap + after.text
    elif after.start <= end and before.text[after.start - before.start :] == after.text[: end - after.start]:
        text = before.text + after.text[end - after.start :]
    else:
        return None
    return _Stretch(before.start, text, (*before.chunks, *after.chunks))


def _readings(quote: str) -> Iterator[list[str]]:
    """The quotation as one, then, where it leaves something out, its parts."""
    yield [quote]
    parts = [one for one in _LEFT_OUT.split(quote) if one.strip()]
    enough = all(sum(map(str.isalnum, one)) >= _LEAST for one in parts)
    if parts and parts != [quote] and (enough or len(parts) == 1):
        yield parts


def _cited(parts: Sequence[str], stretch: _Stretch) -> list[Citation]:
    """Each part where it first stands behind the one before it; nothing unless all do."""
    found: list[Located] = []
    for part in parts:
        begin = found[-1].end if found else 0
        one = next(places(part, stretch.text, begin, own_stop=True, term=len(parts) == 1), None)
        if one is None:
            return []
        found.append(one)
    return [cited for one in found for cited in _in_chunks(one, stretch)]


def _in_chunks(found: Located, stretch: _Stretch) -> Iterator[Citation]:
    """What was found, cut where one chunk ends and the next goes on."""
    start, end = stretch.start + found.start, stretch.start + found.end
    for number, chunk in stretch.chunks:
        if start >= end:
            return
        last = min(end, chunk.end)
        quote = chunk.text[max(0, start - chunk.start) : last - chunk.start]
        if quote.strip():
            yield Citation(chunk, last - len(quote), last, quote, number, found.match)
        start = max(start, last)
