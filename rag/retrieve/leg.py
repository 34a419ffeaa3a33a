"""A leg is one way of finding chunks; it encodes a query once, then searches and scores with that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from rag.errors import QueryError
from rag.ports import Scored
from rag.types import Chunk, Hit, Query, Ranking, Stage

Hidden: TypeAlias = Callable[[], AbstractSet[str]]


def nothing_hidden() -> frozenset[str]:
    """Generations hidden where none is."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a leg found for one query.

    Attributes:
        hits: chunks and scores above 0, best first, ties by chunk id.
        score: the leg's score of any chunks, by id; the query is not encoded again.
    """

    hits: Scored
    score: Callable[[Sequence[str]], Mapping[str, float]]

    def scores(self) -> dict[str, float]:
        """Scores of the hits, best first."""
        return {chunk.id: score for chunk, score in self.hits}

    def complete(self, ids: Sequence[str]) -> dict[str, float]:
        """Scores of the hits, best first, then of those ``ids`` that are no hit; 0.0 where unknown."""
        known = self.scores()
        missing = [one for one in ids if one not in known]
        extra = self.score(missing) if missing else {}
        return known | {one: extra.get(one, 0.0) for one in missing}


class Leg(Protocol):
    """One way of finding chunks."""

    @property
    def name(self) -> str:
        """Names the leg's stage in a trace."""
        ...

    @property
    def hidden(self) -> Hidden:
        """Tells the generations that must not be seen now."""
        ...

    def look(self, queries: Sequence[Query], *, depth: int, hidden: AbstractSet[str]) -> list[Found]:
        """For each query at most ``depth`` chunks with a score above 0."""
        ...


def found(hits: Scored, score: Callable[[Sequence[str]], Mapping[str, float]]) -> Found:
    """A `Found` without the hits that score nothing, best first, ties by chunk id."""
    kept = [(chunk, value) for chunk, value in hits if value > 0]
    return Found(sorted(kept, key=lambda pair: (-pair[1], pair[0].id)), score)


def alone(leg: Leg, queries: Sequence[Query], top_k: int) -> list[Ranking]:
    """The rankings of a leg that is used by itself."""
    check_top_k(top_k)
    if not queries:
        return []
    looked = leg.look(queries, depth=top_k, hidden=leg.hidden())
    return [tuple(_hits(leg.name, one.hits[:top_k])) for one in looked]


def check_top_k(top_k: int) -> None:
    """Raises QueryError unless ``top_k`` is at least 1."""
    if top_k < 1:
        raise QueryError(f"top_k is at least 1, found {top_k}")


def _hits(name: str, scored: Sequence[tuple[Chunk, float]]) -> list[Hit]:
    return [
        Hit(chunk, score, (Stage(name, rank, score),)) for rank, (chunk, score) in enumerate(scored, start=1)
    ]
