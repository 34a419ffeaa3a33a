"""The dense leg: cosine between a query's vector and the passages'."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from rag.ports import Embedder, Store
from rag.retrieve.leg import Found, Hidden, alone, found, nothing_hidden
from rag.types import Query, Ranking


@dataclass(frozen=True, slots=True, repr=False)
class Dense:
    """Finds the passages whose vectors are nearest; the score is the cosine."""

    store: Store
    embedder: Embedder
    hidden: Hidden = nothing_hidden

    @property
    def name(self) -> str:
        """``dense``."""
        return "dense"

    def __call__(self, queries: Sequence[Query], /, *, top_k: int) -> list[Ranking]:
        """One ranking per query, at most ``top_k`` long. Raises QueryError, StoreError, ModelError."""
        return alone(self, queries, top_k)

    def look(self, queries: Sequence[Query], *, depth: int, hidden: AbstractSet[str]) -> list[Found]:
        """For each query the ``depth`` nearest chunks with a cosine above 0."""
        vectors = self.embedder.encode_queries([query.text for query in queries])
        hits = self.store.search_dense(vectors, depth=depth, hidden=hidden)
        return [
            found(one, partial(self.store.score_dense, vector))
            for one, vector in zip(hits, vectors, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Dense({self.embedder.name!r})"
