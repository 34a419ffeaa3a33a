"""The reference: numpy, exact, nothing on disk. Other stores are held to its scores."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.ports import Scored
from rag.stores.checks import check_depth, check_points, check_queries, check_sparse
from rag.stores.cosine import cosines, unit
from rag.stores.payload import decode, encode
from rag.types import Chunk, Matrix, Point, Sparse

_ROWS_AT_ONCE = 256


class MemoryStore:
    """Keeps points in memory and searches all of them.

    Dense scores are cosines, rounded to six decimals. A sparse score is the sum over shared terms of
    ``query weight x passage weight x ln(1 + (N - n + 0.5) / (n + 0.5))``: N passages have terms at
    all, n of them this one, hidden ones included.

    Source: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009;
    the IDF is that of Qdrant's IDF modifier.

    Args:
        dimension: length of the dense vectors.

    Example:
        >>> MemoryStore(8).count()
        0
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._points: dict[str, Point] = {}
        self._snapshot: _Snapshot | None = None
        self._lock = threading.Lock()

    def upsert(self, points: Sequence[Point]) -> None:
        """See `rag.ports.Store`."""
        check_points(points, self.dimension)
        kept = [
            Point(decode(encode(one.chunk)), one.generation, one.dense.astype(np.float32), one.sparse)
            for one in points
        ]
        with self._lock:
            self._points.update((point.chunk.id, point) for point in kept)
            self._snapshot = None

    def delete(self, doc_id: str, *, generation: str | None = None) -> None:
        """See `rag.ports.Store`."""
        with self._lock:
            self._points = {
                key: point
                for key, point in self._points.items()
                if point.chunk.doc_id != doc_id or generation not in (None, point.generation)
            }
            self._snapshot = None

    def search_dense(
        self, vectors: Matrix, *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        check_queries(vectors, self.dimension)
        check_depth(depth)
        now = self._now()
        seen = now.seen(hidden)
        found: list[Scored] = []
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            scores = cosines(vectors[start : start + _ROWS_AT_ONCE], now.matrix)
            found += [now.best(row, seen, depth) for row in scores]
        return found

    def search_sparse(
        self, queries: Sequence[Sparse], *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        for query in queries:
            check_sparse(query)
        check_depth(depth)
        now = self._now()
        seen = now.seen(hidden)
        found: list[Scored] = []
        for query in queries:
            scores = now.bm25(query)
            found.append(now.best(scores, seen & (scores > 0), depth))
        return found

    def score_dense(self, vector: NDArray[np.float32], ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`."""
        check_queries(vector[None], self.dimension)
        now = self._now()
        return now.pick(cosines(vector[None], now.matrix)[0], ids)

    def score_sparse(self, query: Sparse, ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`."""
        check_sparse(query)
        now = self._now()
        return now.pick(now.bm25(query), ids)

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """See `rag.ports.Store`."""
        points = self._points
        return {key: points[key].chunk for key in ids if key in points}

    def scroll(self, *, doc_id: str | None = None) -> Iterator[tuple[Chunk, str]]:
        """See `rag.ports.Store`."""
        with self._lock:
            points = list(self._points.values())
        return ((one.chunk, one.generation) for one in points if doc_id in (None, one.chunk.doc_id))

    def points(self, doc_id: str, generation: str) -> list[Point]:
        """See `rag.ports.Store`."""
        kept = list(self._points.values())
        return [
            replace(one, dense=unit(one.dense[None])[0])
            for one in kept
            if one.chunk.doc_id == doc_id and one.generation == generation
        ]

    def count(self) -> int:
        """See `rag.ports.Store`."""
        return len(self._points)

    def flush(self) -> None:
        """Nothing to do: nothing is kept."""

    def close(self) -> None:
        """Nothing to do; what was stored goes with the object."""

    def _now(self) -> _Snapshot:
        with self._lock:
            if self._snapshot is None:
                self._snapshot = _snapshot(self._points, self.dimension)
            return self._snapshot


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """All points at one moment, in order of their ids, and an inverted index over their terms.

    Term ``terms[t]`` stands in ``rows[bounds[t]:bounds[t + 1]]`` with the weights at the same places.
    """

    chunks: list[Chunk]
    generations: NDArray[np.str_]
    matrix: Matrix
    row_of: dict[str, int]
    terms: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    with_terms: int

    def seen(self, hidden: AbstractSet[str]) -> NDArray[np.bool_]:
        """Which rows may be found."""
        if not hidden:
            return np.ones(len(self.chunks), dtype=np.bool_)
        return ~np.isin(self.generations, list(hidden))

    def bm25(self, query: Sparse) -> NDArray[np.float64]:
        """One score per point."""
        scores = np.zeros(len(self.chunks), dtype=np.float64)
        for term, weight in zip(query.indices.tolist(), query.values.tolist(), strict=True):
            at = int(np.searchsorted(self.terms, term))
            if at < len(self.terms) and self.terms[at] == term:
                span = slice(self.bounds[at], self.bounds[at + 1])
                n = int(self.bounds[at + 1] - self.bounds[at])
                idf = math.log1p((self.with_terms - n + 0.5) / (n + 0.5))
                scores[self.rows[span]] += weight * idf * self.weights[span]
        return scores

    def best(self, scores: NDArray[np.float64], among: NDArray[np.bool_], depth: int) -> Scored:
        """The highest ``depth`` of the rows allowed; rows are in order of ids, so ties are too."""
        rows = np.flatnonzero(among)
        if len(rows) > depth:
            least = np.partition(scores[rows], -depth)[-depth]
            rows = rows[scores[rows] >= least]
        order = rows[np.argsort(-scores[rows], kind="stable")][:depth]
        return [(self.chunks[row], float(scores[row])) for row in order]

    def pick(self, scores: NDArray[np.float64], ids: Sequence[str]) -> dict[str, float]:
        """The scores of the ids that are known."""
        return {key: float(scores[self.row_of[key]]) for key in ids if key in self.row_of}


def _snapshot(points: dict[str, Point], dimension: int) -> _Snapshot:
    kept = [points[key] for key in sorted(points)]
    sizes = np.array([len(one.sparse.indices) for one in kept], dtype=np.int64)
    terms = np.concatenate([np.empty(0, np.uint32), *(one.sparse.indices for one in kept)])
    weights = np.concatenate([np.empty(0, np.float64), *(one.sparse.values for one in kept)])
    order = np.argsort(terms, kind="stable")
    distinct, starts = np.unique(terms[order], return_index=True)
    dense = [one.dense for one in kept]
    return _Snapshot(
        chunks=[one.chunk for one in kept],
        generations=np.array([one.generation for one in kept], dtype=np.str_),
        matrix=unit(np.array(dense, dtype=np.float32).reshape(len(kept), dimension)),
        row_of={one.chunk.id: row for row, one in enumerate(kept)},
        terms=distinct,
        bounds=np.append(starts, len(terms)).astype(np.int64),
        rows=np.repeat(np.arange(len(kept)), sizes)[order],
        weights=weights[order],
        with_terms=int(np.count_nonzero(sizes)),
    )
