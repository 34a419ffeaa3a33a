"""The default store: Qdrant's engine in this process, one folder, no server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from qdrant_edge import Distance, EdgeVectorParams, Query

from rag.ports import Scored
from rag.stores.checks import check_depth, check_points, check_queries, check_sparse
from rag.stores.cosine import PLACES
from rag.stores.payload import decode, encode
from rag.stores.shard import Shard, shard_point, sparse_of, sparse_query
from rag.stores.ties import Found
from rag.types import Chunk, Matrix, Point, Sparse

_DENSE = "dense"


class QdrantEdgeStore:
    """Points in a shard: dense vectors, sparse ones with IDF, a write-ahead log; see `Shard`.

    Search is exact, every vector is looked at: about 2 ms a query for 20,000 of 256 dimensions.
    Writes are whole in batches of 256. Chunk ids are UUIDs. Scores are those of `MemoryStore`.

    Args:
        path: the shard's folder; made where there is none.
        dimension: length of the dense vectors.

    Raises:
        StoreLocked: the folder is open already.
        StoreUnavailable: the folder is damaged.

    Example:
        >>> import tempfile
        >>> store = QdrantEdgeStore(Path(tempfile.mkdtemp()) / "store", 8)
        >>> store.count()
        0
        >>> store.close()
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self.dimension = dimension
        self._shard = Shard(path, {_DENSE: EdgeVectorParams(size=dimension, distance=Distance.Cosine)})

    def upsert(self, points: Sequence[Point]) -> None:
        """See `rag.ports.Store`."""
        check_points(points, self.dimension)
        self._shard.write([shard_point(one, {_DENSE: one.dense}, chunk=encode(one.chunk)) for one in points])

    def delete(self, doc_id: str, *, generation: str | None = None) -> None:
        """See `rag.ports.Store`."""
        self._shard.forget(doc_id, generation)

    def search_dense(
        self, vectors: Matrix, *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        check_queries(vectors, self.dimension)
        check_depth(depth)
        found = self._shard.nearest([_dense_query(row) for row in vectors], depth, hidden, PLACES)
        return [_scored(one) for one in found]

    def search_sparse(
        self, queries: Sequence[Sparse], *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        for query in queries:
            check_sparse(query)
        check_depth(depth)
        found = self._shard.nearest([sparse_query(query) for query in queries], depth, hidden)
        return [_scored([hit for hit in one if hit.score > 0]) for one in found]

    def score_dense(self, vector: NDArray[np.float32], ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`; unknown ids are left out."""
        check_queries(vector[None], self.dimension)
        scores = self._shard.scores(_dense_query(vector), ids)
        return {one: round(score, PLACES) for one, score in scores.items()}

    def score_sparse(self, query: Sparse, ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`; unknown ids are left out."""
        check_sparse(query)
        return dict.fromkeys(self._shard.get(ids), 0.0) | self._shard.scores(sparse_query(query), ids)

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """See `rag.ports.Store`."""
        return {one: decode(kept["chunk"]) for one, kept in self._shard.get(ids, ["chunk"]).items()}

    def scroll(self, *, doc_id: str | None = None) -> Iterator[tuple[Chunk, str]]:
        """See `rag.ports.Store`."""
        for kept in self._shard.scroll(doc_id, ["chunk", "generation"]):
            yield decode(kept["chunk"]), kept["generation"]

    def points(self, doc_id: str, generation: str) -> list[Point]:
        """See `rag.ports.Store`."""
        return [
            Point(
                decode(kept["chunk"]),
                kept["generation"],
                np.array(vectors[_DENSE], np.float32),
                sparse_of(vectors),
            )
            for _, kept, vectors in self._shard.points(doc_id, generation)
        ]

    def count(self) -> int:
        """See `rag.ports.Store`."""
        return self._shard.count()

    def flush(self) -> None:
        """See `rag.ports.Store`."""
        self._shard.flush()

    def close(self) -> None:
        """See `rag.ports.Store`."""
        self._shard.close()


def _dense_query(vector: NDArray[np.float32]) -> Query:
    return Query.Nearest(vector.tolist(), using=_DENSE)


def _scored(found: Sequence[Found]) -> Scored:
    return [(decode(one.chunk), one.score) for one in found]
