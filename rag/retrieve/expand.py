"""Hits grown: by the chunks beside them, or to the section they stand in.

Small chunks are found best; what an answer is made from may be longer. A grown chunk is put together from
stored chunks, so that its text is still ``document.text[start:end]``.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol, TypeAlias, get_args

from rag.errors import ConfigError
from rag.ports import Store
from rag.settings import AnswerSettings, Context
from rag.types import Chunk, Part, Place, Ranking

Way: TypeAlias = Literal["next", "previous"]
_WAYS: tuple[Way, ...] = ("next", "previous")


class Growth(Protocol):
    """Says how far a hit grows."""

    def admits(self, hit: Chunk, size: int, one: Chunk, way: Way, steps: int) -> bool:
        """Whether ``one`` joins a hit that is ``size`` tokens long and has gone ``steps`` that way."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """So many chunks of the document on each side, whatever they stand under."""

    before: int = 1
    after: int = 1

    def admits(self, hit: Chunk, size: int, one: Chunk, way: Way, steps: int) -> bool:
        """See `Growth`."""
        return steps < (self.after if way == "next" else self.before)


@dataclass(frozen=True, slots=True)
class Parent:
    """The section of the hit: all of it, or what of it lies nearest and fits in ``tokens``."""

    tokens: int

    def admits(self, hit: Chunk, size: int, one: Chunk, way: Way, steps: int) -> bool:
        """See `Growth`."""
        return hit.section is not None and one.section == hit.section and size + one.tokens <= self.tokens


def growth(context: Context, settings: AnswerSettings) -> Growth | None:
    """How hits grow in that context; None where they stay as they are. Raises ConfigError for another."""
    if context not in get_args(Context):
        raise ConfigError(f"context is one of {', '.join(get_args(Context))}, found {context!r}")
    if context == "chunk":
        return None
    if context == "parent":
        return Parent(settings.parent_tokens)
    return Neighbours(settings.neighbours, settings.neighbours)


def expand(ranking: Ranking, store: Store, by: Growth, room: int | None = None) -> Ranking:
    """The ranking with each hit grown, the best first, by turns after and before it; no chunk twice.

    A hit that a better one grew over is part of that one, which keeps its id, score and trace. What cannot
    grow stays as it is: chunks that know no neighbours, or whose neighbours are gone.

    Args:
        ranking: what was found.
        store: where it was found.
        by: how far a hit grows.
        room: most tokens of all hits together to which they grow; as many as they like when not given.

    Raises:
        StoreError: the store does not answer.
    """
    chunks = [hit.chunk for hit in ranking]
    left = math.inf if room is None else room - sum(one.tokens for one in chunks)
    growing = _Growing(by, _around(chunks, store, by), frozenset(one.id for one in chunks), left)
    return tuple(
        replace(hit, chunk=joined(hit.chunk, growing.grown(hit.chunk)))
        for hit in ranking
        if hit.chunk.id not in growing.taken
    )


def beside(chunk: Chunk, store: Store, *, before: int, after: int) -> tuple[Chunk, ...]:
    """The chunk between at most so many of its document before and after it, as the text goes.

    Raises:
        StoreError: the store does not answer.
    """
    by = Neighbours(before, after)
    return tuple(_Growing(by, _around([chunk], store, by)).grown(chunk))


def joined(hit: Chunk, parts: Sequence[Chunk]) -> Chunk:
    """One chunk of neighbours in the text's order, of which ``hit`` is one, whose id and language it has.

    Its headings are the hit's where all stand in one section, else those that all share.
    """
    if len(parts) == 1:
        return parts[0]
    first, last = parts[0], parts[-1]
    return replace(
        hit,
        text=first.text + "".join(_added(one, other) for one, other in pairwise(parts)),
        start=first.start,
        end=last.end,
        headings=_headings(hit, parts),
        page=first.page,
        places=_places(parts),
        readings=tuple(dict.fromkeys(reading for one in parts for reading in one.readings)),
        tokens=sum(one.tokens for one in parts),
        ends=last.ends,
        previous=first.previous,
        next=last.next,
        gap=last.gap,
        parts=tuple(part for one in parts for part in _parts(one)),
    )


# -- fetching ------------------------------------------------------------------------------------------


class _Walk(NamedTuple):
    """Goes from a hit one way, as if it grew that way only."""

    hit: Chunk
    way: Way
    at: Chunk
    size: int
    steps: int

    def on(self, known: Mapping[str, Chunk], by: Growth) -> _Walk | None:
        one = _neighbour(self.at, self.way, known)
        if one is None or not by.admits(self.hit, self.size, one, self.way, self.steps):
            return None
        return _Walk(self.hit, self.way, one, self.size + one.tokens, self.steps + 1)


def _around(chunks: Sequence[Chunk], store: Store, by: Growth) -> dict[str, Chunk]:
    """The chunks and all that they may grow to, by id; one question to the store for each step."""
    known = {one.id: one for one in chunks}
    walks = [_Walk(one, way, one, one.tokens, 0) for one in chunks for way in _WAYS]
    while walks:
        wanted = {getattr(walk.at, walk.way) for walk in walks} - known.keys() - {""}
        known |= store.get(sorted(wanted)) if wanted else {}
        walks = [further for walk in walks if (further := walk.on(known, by))]
    return known


def _neighbour(chunk: Chunk, way: Way, known: Mapping[str, Chunk]) -> Chunk | None:
    """The chunk beside it, if it is there and their texts join."""
    one = known.get(chunk.next if way == "next" else chunk.previous)
    if one is None:
        return None
    pair = (chunk, one) if way == "next" else (one, chunk)
    return one if _join(*pair) else None


def _join(one: Chunk, other: Chunk) -> bool:
    """Whether ``other`` goes on where ``one`` ends, after its gap or with some of its text repeated."""
    if one.doc_id != other.doc_id or not one.start < other.start or not one.end < other.end:
        return False
    shared = one.end - other.start
    if shared <= 0:
        return len(one.gap) == -shared
    return one.text[-shared:] == other.text[:shared]


# -- growing -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Growing:
    """Grows hits one after another; ``left`` is what they may still add to the ``hits``, in tokens."""

    by: Growth
    known: Mapping[str, Chunk]
    hits: frozenset[str] = frozenset()
    left: float = math.inf
    taken: set[str] = field(default_factory=set)

    def grown(self, hit: Chunk) -> Sequence[Chunk]:
        """The hit between what it grew by; all of it is taken from now on."""
        parts, size, steps = deque([hit]), hit.tokens, dict.fromkeys(_WAYS, 0)
        self.taken.add(hit.id)
        ways = deque(_WAYS)
        while ways:
            way = ways.popleft()
            one = _neighbour(parts[-1] if way == "next" else parts[0], way, self.known)
            if one and self.by.admits(hit, size, one, way, steps[way]) and self._take(one):
                (parts.append if way == "next" else parts.appendleft)(one)
                size, steps[way] = size + one.tokens, steps[way] + 1
                ways.append(way)
        return parts

    def _take(self, one: Chunk) -> bool:
        cost = 0 if one.id in self.hits else one.tokens
        if one.id in self.taken or cost > self.left:
            return False
        self.taken.add(one.id)
        self.left -= cost
        return True


def _added(one: Chunk, other: Chunk) -> str:
    """What ``other`` adds to a text that ends with ``one``."""
    return other.text[one.end - other.start :] if other.start < one.end else one.gap + other.text


def _headings(hit: Chunk, parts: Iterable[Chunk]) -> tuple[str, ...]:
    if all(one.section == hit.section for one in parts):
        return hit.headings
    shared = []
    for level in zip(*(one.headings for one in parts), strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)


def _places(parts: Iterable[Chunk]) -> tuple[Place, ...]:
    places = dict.fromkeys(place for one in parts for place in one.places)
    return tuple(sorted(places, key=lambda place: place.start))


def _parts(chunk: Chunk) -> tuple[Part, ...]:
    return chunk.parts or (Part(chunk.id, chunk.start, chunk.page, chunk.headings),)
