"""The lexical leg: BM25 over terms made per language."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from rag.ports import Analyser, Store
from rag.retrieve.leg import Found, Hidden, alone, found, nothing_hidden
from rag.types import Query, Ranking


@dataclass(frozen=True, slots=True, repr=False)
class Lexical:
    """Finds the passages that share terms with a query; the score is BM25."""

    store: Store
    analyser: Analyser
    hidden: Hidden = nothing_hidden

    @property
    def name(self) -> str:
        """``lexical``."""
        return "lexical"

    def __call__(self, queries: Sequence[Query], /, *, top_k: int) -> list[Ranking]:
        """One ranking per query, at most ``top_k`` long. Raises QueryError, StoreError."""
        return alone(self, queries, top_k)

    def look(self, queries: Sequence[Query], *, depth: int, hidden: AbstractSet[str]) -> list[Found]:
        """For each query at most ``depth`` chunks that share a term with it."""
        texts = [query.text for query in queries]
        vectors = self.analyser.queries(texts, [query.lang for query in queries])
        hits = self.store.search_sparse(vectors, depth=depth, hidden=hidden)
        return [
            found(one, partial(self.store.score_sparse, vector))
            for one, vector in zip(hits, vectors, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Lexical({self.analyser.fingerprint!r})"
