"""Several legs, one ranking: pure functions over scores, and the retriever that applies them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

from rag.errors import ConfigError
from rag.retrieve.leg import Found, Leg, check_top_k
from rag.types import Chunk, Hit, Lang, Query, Ranking, Stage

Scores: TypeAlias = Mapping[str, float]
Ordered: TypeAlias = list[tuple[str, float]]

_CHINESE = ("zh-Hans", "zh-Hant")
_BEST = 10


def rrf(rankings: Sequence[Sequence[str]], *, k: int = 60, weights: Sequence[float] | None = None) -> Ordered:
    """Reciprocal rank fusion: the sum of weight / (k + rank) over the rankings that hold an id.

    Args:
        rankings: ids, best first, none twice in one ranking.
        k: rank offset; the larger, the less the first places stand out.
        weights: one per ranking, not negative; 1 each when not given.

    Returns:
        Ids and scores above 0, best first, ties by id.

    Raises:
        ConfigError: another number of weights than of rankings.

    Source: Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods", SIGIR 2009, where k is 60 and every weight 1.

    Example:
        >>> [one for one, _ in rrf([["a", "b"], ["b", "c"]])]
        ['b', 'a', 'c']
    """
    weights = [1.0] * len(rankings) if weights is None else weights
    if len(weights) != len(rankings):
        raise ConfigError(f"RRF of {len(rankings)} rankings needs as many weights, found {list(weights)}")
    parts: dict[str, list[float]] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, one in enumerate(ranking, start=1):
            parts.setdefault(one, []).append(weight / (k + rank))
    return ordered({one: math.fsum(part) for one, part in parts.items()})


def over_top(scores: Scores) -> dict[str, float]:
    """Scores over the highest of them, so that it becomes 1; all 0.0 where none is above 0.

    Example:
        >>> over_top({"a": 8.0, "b": 2.0})
        {'a': 1.0, 'b': 0.25}
    """
    top = max(scores.values(), default=0.0)
    return {one: score / top if top > 0 else 0.0 for one, score in scores.items()}


def score_sum(cosine: Scores, lexical: Scores, *, alpha: float) -> Ordered:
    """BM25 over its top score + alpha x cosine, divided by 1 + alpha; the cosine where BM25 is silent.

    Args:
        cosine: cosine of every candidate.
        lexical: BM25 of every candidate.
        alpha: weight of the cosine, not negative.

    Returns:
        Ids and scores above 0, at most 1, best first, ties by id.

    Example:
        >>> score_sum({"a": 0.5, "b": 0.25}, {"a": 0.0, "b": 8.0}, alpha=1.0)
        [('b', 0.625), ('a', 0.25)]
    """
    share = alpha / (1.0 + alpha) if any(score > 0 for score in lexical.values()) else 1.0
    words = over_top(lexical)
    ids = {**cosine, **lexical}
    return ordered({one: (1.0 - share) * words.get(one, 0.0) + share * cosine.get(one, 0.0) for one in ids})


def ordered(scores: Scores) -> Ordered:
    """Ids with a score above 0, best first, ties by id."""
    kept = [(one, score) for one, score in scores.items() if score > 0]
    return sorted(kept, key=lambda pair: (-pair[1], pair[0]))


def foreignness(lang: Lang, chunks: Mapping[str, Chunk], lexical: Scores) -> float:
    """How far the ten best by BM25 are in other languages than the question, 0..1.

    0.0 where at least half of their BM25 is in its own language; 1.0 where none is: then the shared words
    are names, identifiers and chance, of which BM25 makes too much. Simplified and Traditional Chinese
    are one language; an unknown one is the question's.
    """
    best = ordered(lexical)[:_BEST]
    if lang == "und" or not best:
        return 0.0
    own = {"und", *(_CHINESE if lang in _CHINESE else (lang,))}
    foreign = sum(score for one, score in best if chunks[one].lang not in own)
    return max(0.0, 2.0 * foreign / sum(score for _, score in best) - 1.0)


class Fusion(Protocol):
    """Makes one order of the legs' scores.

    ``complete`` says whether it wants every candidate scored on every leg, or each leg's own hits.
    """

    complete: ClassVar[bool]

    def __call__(self, query: Query, chunks: Mapping[str, Chunk], scores: Sequence[Scores], /) -> Ordered:
        """Ids and scores, best first; each leg's scores by chunk id come best first."""
        ...


@dataclass(frozen=True, slots=True)
class RankFusion:
    """`rrf` with a ``k`` and one weight per leg."""

    k: int = 60
    weights: tuple[float, ...] | None = None
    complete: ClassVar[bool] = False

    def __call__(self, query: Query, chunks: Mapping[str, Chunk], scores: Sequence[Scores], /) -> Ordered:
        """Ids and scores, best first."""
        return rrf([list(leg) for leg in scores], k=self.k, weights=self.weights)


@dataclass(frozen=True, slots=True)
class ScoreFusion:
    """`score_sum` of a dense and a lexical leg, in that order.

    The cosine weighs ``alpha`` where the question's words are found in its own language,
    ``foreign_alpha`` where they are found in others only; in between decides `foreignness`.
    """

    alpha: float = 0.25
    foreign_alpha: float = 4.0
    complete: ClassVar[bool] = True

    def __call__(self, query: Query, chunks: Mapping[str, Chunk], scores: Sequence[Scores], /) -> Ordered:
        """Ids and scores, best first. Raises ConfigError unless there are two legs."""
        if len(scores) != 2:
            raise ConfigError(f"score fusion takes a dense and a lexical leg, found {len(scores)} legs")
        cosine, lexical = scores
        foreign = foreignness(query.lang, chunks, lexical)
        return score_sum(cosine, lexical, alpha=self.alpha + foreign * (self.foreign_alpha - self.alpha))


@dataclass(frozen=True, slots=True, repr=False)
class Fused:
    """Looks on every leg for ``depth`` candidates and ranks all of them by a fusion."""

    legs: tuple[Leg, ...]
    by: Fusion
    depth: int = 100

    def __call__(self, queries: Sequence[Query], /, *, top_k: int) -> list[Ranking]:
        """One ranking per query, at most ``top_k`` long. Raises QueryError, StoreError, ModelError."""
        check_top_k(top_k)
        if not queries:
            return []
        depth = max(self.depth, top_k)
        hidden = self.legs[0].hidden()  # one moment for all legs
        looked = [leg.look(queries, depth=depth, hidden=hidden) for leg in self.legs]
        each = zip(queries, *looked, strict=True)
        return [self._fuse(query, found, top_k) for query, *found in each]

    def _fuse(self, query: Query, looked: Sequence[Found], top_k: int) -> Ranking:
        chunks = {chunk.id: chunk for one in looked for chunk, _ in one.hits}
        scores = [one.complete(list(chunks)) if self.by.complete else one.scores() for one in looked]
        best = self.by(query, chunks, scores)[:top_k]
        places = [{chunk.id: rank for rank, (chunk, _) in enumerate(one.hits, start=1)} for one in looked]

        def stages(one: str) -> Iterator[Stage]:
            for leg, ranks, known in zip(self.legs, places, scores, strict=True):
                if one in known:
                    yield Stage(leg.name, ranks.get(one), known[one])

        return tuple(
            Hit(chunks[one], score, (*stages(one), Stage("fused", rank, score)))
            for rank, (one, score) in enumerate(best, start=1)
        )

    def __repr__(self) -> str:
        return f"Fused({self.legs!r}, by={self.by!r}, depth={self.depth})"
