"""The last stage: a cross-encoder reads question and passage together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import ModelError
from rag.ports import Reranker, Retriever
from rag.retrieve.leg import check_top_k
from rag.types import Hit, Query, Ranking, Stage


def squash(logit: float) -> float:
    """The logistic function, 0..1, without overflow.

    Example:
        >>> squash(0.0), squash(-1000.0)
        (0.5, 0.0)
    """
    return 0.5 * (1.0 + math.tanh(0.5 * logit))


@dataclass(frozen=True, slots=True, repr=False)
class Reranked:
    """Ranks the first ``depth`` hits of a retriever again.

    The score is the first stage's over its top score + ``weight`` x the squashed logit. What lies below
    ``depth`` keeps its order, and follows: its first stage is lower and it gets no logit.
    """

    first: Retriever
    by: Reranker
    depth: int = 20
    weight: float = 0.5

    def __call__(self, queries: Sequence[Query], /, *, top_k: int) -> list[Ranking]:
        """One ranking per query, at most ``top_k`` long. Raises QueryError, StoreError, ModelError."""
        check_top_k(top_k)
        rankings = self.first(queries, top_k=max(top_k, self.depth))
        return [self._rerank(query, hits)[:top_k] for query, hits in zip(queries, rankings, strict=True)]

    def _rerank(self, query: Query, hits: Ranking) -> Ranking:
        if not hits:
            return ()
        top, head, tail = hits[0].score, hits[: self.depth], hits[self.depth :]
        scored = [
            Hit(hit.chunk, hit.score / top + self.weight * squash(stage.score), (*hit.trace, stage))
            for hit, stage in zip(head, self._stages(query, head), strict=True)
        ]
        scored.sort(key=lambda hit: (-hit.score, hit.chunk.id))
        return (*scored, *(Hit(hit.chunk, hit.score / top, hit.trace) for hit in tail))

    def _stages(self, query: Query, hits: Ranking) -> list[Stage]:
        logits = self.by.score(query.text, [hit.chunk.passage for hit in hits])
        if len(logits) != len(hits) or not all(math.isfinite(one) for one in logits):
            raise ModelError(f"{self.by.name}: expected {len(hits)} finite scores, found {logits}")
        order = sorted(range(len(hits)), key=lambda i: (-logits[i], hits[i].chunk.id))
        ranks = {place: rank for rank, place in enumerate(order, start=1)}
        return [Stage("rerank", ranks[i], float(logit)) for i, logit in enumerate(logits)]

    def __repr__(self) -> str:
        return f"Reranked({self.first!r}, by={self.by.name!r}, depth={self.depth}, weight={self.weight})"
