"""What the rooms ask of one another. Batches in, batches out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.types import Chunk, Lang, Matrix, Point, Query, Ranking, Sparse

Scored: TypeAlias = list[tuple[Chunk, float]]


class Embedder(Protocol):
    """Texts to unit vectors; queries and passages may carry different prefixes.

    A text in which the model knows no token at all may get the zero row: its cosine with everything is 0.
    """

    @property
    def name(self) -> str:
        """The model's name or path, as configured."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Most tokens of one text that reach the model, its prefix counted."""
        ...

    @property
    def passage_room(self) -> int:
        """Most tokens of a passage, as `count_tokens` counts them, that reach the model."""
        ...

    @property
    def additive(self) -> bool:
        """Whether tokens of a text are those of its parts, parted at white space or beside punctuation."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever vectors would: weights, revision, pooling, prefixes, dimension."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """One unit row per query, shape (n, dimension), float32."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One unit row per passage, shape (n, dimension), float32; order as given."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens and prefix not counted, never truncated."""
        ...


class Analyser(Protocol):
    """Texts to BM25 terms and sparse vectors; the same for passages and queries."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever terms or weights would."""
        ...

    def passages(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """BM25 document weights without the IDF part."""
        ...

    def queries(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """Query weights; the IDF is applied by the store."""
        ...


class Store(Protocol):
    """Keeps points and finds them. Scores: cosine for dense, BM25 (weights times IDF) for sparse.

    ``hidden`` names generations that must not be seen: half-written or out-of-date documents.
    A store is used by several threads; a write that returned survives the death of the process.
    """

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; the same chunk id again replaces. Raises StoreError on a non-finite vector."""
        ...

    def delete(self, doc_id: str, *, generation: str | None = None) -> None:
        """Remove one generation of a document, or all of them."""
        ...

    def search_dense(
        self, vectors: Matrix, *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """For each row the ``depth`` nearest chunks, best first, ties by chunk id."""
        ...

    def search_sparse(
        self, queries: Sequence[Sparse], *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """For each query the best chunks that share a term (score above 0), best first, ties by chunk id."""
        ...

    def score_dense(self, vector: NDArray[np.float32], ids: Sequence[str]) -> dict[str, float]:
        """Cosine of the given chunks."""
        ...

    def score_sparse(self, query: Sparse, ids: Sequence[str]) -> dict[str, float]:
        """BM25 of the given chunks; 0.0 where no term is shared."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Chunks by id; unknown ids are left out."""
        ...

    def scroll(self, *, doc_id: str | None = None) -> Iterator[tuple[Chunk, str]]:
        """Every chunk with its generation, in no order."""
        ...

    def points(self, doc_id: str, generation: str) -> list[Point]:
        """What was written of one generation of a document, dense vectors of unit length."""
        ...

    def count(self) -> int:
        """Number of points, hidden ones included."""
        ...

    def flush(self) -> None:
        """Bring everything to disk (power loss, not only process death)."""
        ...

    def close(self) -> None:
        """Flush and let go; safe to call twice."""
        ...


class Retriever(Protocol):
    """Queries to rankings, best first, at most ``top_k`` long, no chunk twice."""

    def __call__(self, queries: Sequence[Query], /, *, top_k: int) -> list[Ranking]:
        """One ranking per query."""
        ...


class Reranker(Protocol):
    """Scores pairs of question and passage."""

    @property
    def name(self) -> str:
        """The model's name or path, as configured."""
        ...

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """One score per passage, higher is better; raw logits."""
        ...


class Generator(Protocol):
    """A language model that streams a reply."""

    @property
    def name(self) -> str:
        """``provider:model``."""
        ...

    def stream(self, system: str, prompt: str) -> Iterator[str]:
        """Pieces of the reply as they come. Raises GenerationError."""
        ...
