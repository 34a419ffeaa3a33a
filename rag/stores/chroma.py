"""Chroma in this process, for those who keep their vectors there; the lexical leg is a shard beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from rag.errors import StoreUnavailable
from rag.ports import Scored
from rag.stores.checks import check_depth, check_points, check_queries, check_sparse
from rag.stores.cosine import PLACES, cosines, unit
from rag.stores.payload import decode, encode
from rag.stores.seal import REPAIR, seal, unseal
from rag.stores.shard import Shard, shard_point, sparse_of, sparse_query
from rag.stores.ties import SPARE, Found, settled
from rag.types import Chunk, Matrix, Point, Sparse

Item = TypeVar("Item")

_NAME = "chunks"
_BATCH = 1_000  # ids or points in one call; Chroma and SQLite set limits of their own, above this
_SEARCH = 32  # queries in one call
_INDEX = {"space": "cosine", "ef_construction": 200, "ef_search": 1_000}
_SEALED = 2**40


class ChromaStore:
    """Points in a Chroma collection, their terms in a `qdrant-edge` shard.

    The folder holds ``chroma/`` (one collection, ``chunks``: vectors, and the chunk as metadata) and
    ``lexical/``. Nothing is embedded by Chroma, nothing downloaded, nothing reported. What Chroma
    holds counts; a point whose terms are missing is found by its vector only, one whose vector is
    missing is not found. Dense search is approximate above about a thousand points (HNSW, ef 1000);
    where many vectors are equal its index misses more, of others too.
    Chunk ids are UUIDs. A write that returned outlives the process; Chroma commits each of them.

    Args:
        path: made where there is none.
        dimension: length of the dense vectors.

    Raises:
        StoreLocked: the folder is open already.
        StoreUnavailable: the folder is damaged.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self.dimension = dimension
        self._writing = threading.Lock()
        self._client: Any = None
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lexical = Shard(path / "lexical", {})
        try:
            with self._faults("cannot be opened"):
                self._open()
        except BaseException:
            self._lexical.close()
            raise

    def upsert(self, points: Sequence[Point]) -> None:
        """See `rag.ports.Store`; whole in batches of 1,000."""
        check_points(points, self.dimension)
        distinct = list({point.chunk.id: point for point in points}.values())
        for batch in _batches(distinct):
            metadata = [
                {"doc_id": one.chunk.doc_id, "generation": one.generation, "chunk": encode(one.chunk)}
                for one in batch
            ]
            with self._writing, self._faults("cannot be written"):
                self._lexical.write([shard_point(one, {}) for one in batch])
                self._collection.upsert(
                    ids=[one.chunk.id for one in batch],
                    embeddings=np.array([one.dense for one in batch], dtype=np.float32),
                    metadatas=metadata,
                )

    def delete(self, doc_id: str, *, generation: str | None = None) -> None:
        """See `rag.ports.Store`."""
        condition: dict[str, Any] = {"doc_id": doc_id}
        if generation is not None:
            condition = {"$and": [condition, {"generation": generation}]}
        with self._writing, self._faults("cannot be written"):
            self._collection.delete(where=condition)
            self._lexical.forget(doc_id, generation)

    def search_dense(
        self, vectors: Matrix, *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        check_queries(vectors, self.dimension)
        check_depth(depth)
        unseen: dict[str, Any] | None = {"generation": {"$nin": sorted(hidden)}} if hidden else None
        found: list[Scored] = []
        asked = depth + SPARE
        with self._faults("cannot be searched"):
            for start in range(0, len(vectors), _SEARCH):
                rows = vectors[start : start + _SEARCH]
                for row, answer in zip(rows, self._ask(unseen, rows, asked), strict=True):
                    more = partial(self._ask_one, unseen, row)
                    found.append(
                        [(decode(one.chunk), one.score) for one in settled(answer, depth, asked, more)]
                    )
        return found

    def search_sparse(
        self, queries: Sequence[Sparse], *, depth: int, hidden: AbstractSet[str] = frozenset()
    ) -> list[Scored]:
        """See `rag.ports.Store`."""
        for query in queries:
            check_sparse(query)
        check_depth(depth)
        found = self._lexical.nearest([sparse_query(query) for query in queries], depth, hidden)
        chunks = self.get(list({one.id for ranking in found for one in ranking}))
        return [
            [(chunks[one.id], one.score) for one in ranking if one.id in chunks and one.score > 0]
            for ranking in found
        ]

    def score_dense(self, vector: NDArray[np.float32], ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`; exact, unknown ids are left out."""
        check_queries(vector[None], self.dimension)
        found = self._records(ids, "embeddings")
        if not found:
            return {}
        scores = cosines(vector[None], unit(np.array(list(found.values()))))[0]
        return dict(zip(found, scores.tolist(), strict=True))

    def score_sparse(self, query: Sparse, ids: Sequence[str]) -> dict[str, float]:
        """See `rag.ports.Store`; unknown ids are left out."""
        check_sparse(query)
        scores = self._lexical.scores(sparse_query(query), ids)
        return {one: scores.get(one, 0.0) for one in self._records(ids, "ids")}

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """See `rag.ports.Store`."""
        return {one: decode(kept["chunk"]) for one, kept in self._records(ids, "metadatas").items()}

    def scroll(self, *, doc_id: str | None = None) -> Iterator[tuple[Chunk, str]]:
        """See `rag.ports.Store`."""
        condition = None if doc_id is None else {"doc_id": doc_id}
        with self._faults("cannot be read"):
            ids = self._collection.get(where=condition, include=[])["ids"]
        for batch in _batches(ids):
            for kept in self._records(batch, "metadatas").values():
                yield decode(kept["chunk"]), kept["generation"]

    def points(self, doc_id: str, generation: str) -> list[Point]:
        """See `rag.ports.Store`; a point whose terms are missing is left out."""
        terms = {one: sparse_of(vectors) for one, _, vectors in self._lexical.points(doc_id, generation)}
        kept = self._records(list(terms), "metadatas")
        dense = self._records(list(terms), "embeddings")
        return [
            Point(decode(kept[one]["chunk"]), kept[one]["generation"], unit(dense[one][None])[0], terms[one])
            for one in kept
        ]

    def count(self) -> int:
        """See `rag.ports.Store`."""
        with self._faults("cannot be read"):
            return int(self._collection.count())

    def flush(self) -> None:
        """See `rag.ports.Store`; Chroma has nothing to flush, it commits each write."""
        self._lexical.flush()

    def close(self) -> None:
        """See `rag.ports.Store`."""
        with self._writing:
            client, self._client = self._client, None
            if client is not None:
                client.close()
                self._lexical.close()
                seal(self.path / "chroma", hashed=_SEALED)

    def _open(self) -> None:
        folder = self.path / "chroma"
        unseal(folder)
        self._client = chromadb.PersistentClient(folder, Settings(anonymized_telemetry=False))
        self._kept = self._client.get_or_create_collection(
            _NAME,
            configuration={"hnsw": _INDEX},
            metadata={"dimension": self.dimension},
            embedding_function=None,
        )
        kept = self._kept.metadata["dimension"]
        if kept != self.dimension:
            self._client.close()
            raise StoreUnavailable(
                f"{folder}: keeps vectors of {kept} numbers, not {self.dimension}. {REPAIR}"
            )

    @property
    def _collection(self) -> Any:
        if self._client is None:
            raise StoreUnavailable(f"{self.path}: the store was closed; open it again")
        return self._kept

    def _ask(self, where: dict[str, Any] | None, rows: Matrix, limit: int) -> list[list[Found]]:
        """The nearest of each row; Chroma gives distances, a cosine is what they lack of 1."""
        answer = self._collection.query(
            query_embeddings=rows, n_results=limit, where=where, include=["distances", "metadatas"]
        )
        if any(len(ids) < limit for ids in answer["ids"]):
            return self._scan(where, rows, limit)
        columns = zip(answer["ids"], answer["distances"], answer["metadatas"], strict=True)
        return [
            [
                Found(one, round(1.0 - distance, PLACES), kept["chunk"])
                for one, distance, kept in zip(*column, strict=True)
            ]
            for column in columns
        ]

    def _scan(self, where: dict[str, Any] | None, rows: Matrix, limit: int) -> list[list[Found]]:
        """The nearest of each row among all points, for when the index gave fewer than asked.

        Often there are no more; but in a crowd of equal vectors the index loses its way to others.
        """
        kept = self._collection.get(where=where, include=["embeddings", "metadatas"])
        if not kept["ids"]:
            return [[] for _ in rows]
        scores = cosines(rows, unit(np.asarray(kept["embeddings"], dtype=np.float32)))
        best = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
        return [
            [Found(kept["ids"][at], float(row[at]), kept["metadatas"][at]["chunk"]) for at in order]
            for row, order in zip(scores, best, strict=True)
        ]

    def _ask_one(self, where: dict[str, Any] | None, row: NDArray[np.float32], limit: int) -> list[Found]:
        return self._ask(where, row[None], limit)[0]

    def _records(self, ids: Sequence[str], part: str) -> dict[str, Any]:
        """``metadatas``, ``embeddings`` or ``ids`` of the points there are, in the order asked."""
        found: dict[str, Any] = {}
        with self._faults("cannot be read"):
            for batch in _batches(list(dict.fromkeys(ids))):
                answer = self._collection.get(ids=batch, include=[part] if part != "ids" else [])
                found.update(zip(answer["ids"], answer[part], strict=True))
        return {one: found[one] for one in ids if one in found}

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        try:
            yield
        except ChromaError as error:
            raise StoreUnavailable(f"{self.path}: {what}: {error}. {REPAIR}") from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise StoreUnavailable(f"{self.path}: {what}, files are damaged: {error}. {REPAIR}") from error


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
