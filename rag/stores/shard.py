"""One shard of the engine of the Qdrant server, in this process: writing, searching, its faults.

Shared by the default store and by the lexical leg of stores that have none of their own.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from qdrant_edge import (
    CountRequest,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HasIdCondition,
    MatchAny,
    MatchValue,
    Modifier,
    PayloadSchemaType,
    PointVectors,
    Query,
    QueryBatchRequest,
    QueryRequest,
    ScoredPoint,
    ScrollRequest,
    SearchParams,
    SparseVector,
    UpdateOperation,
)
from qdrant_edge import Point as ShardPoint

from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.stores.seal import REPAIR, seal, unseal
from rag.stores.ties import SPARE, Found, settled
from rag.types import Point, Sparse

PointId: TypeAlias = int | UUID | str

_SPARSE = "sparse"
_KEYWORDS = ("doc_id", "generation")
_PAGE = 1_000  # points read at once
_WRITE = 256  # points of one write; each write is whole or not there
_SEARCH = 64  # queries of one search
_LOG = "wal"
_SEALED = 2 * 2**20  # bytes; the tables that say which point is where
_NEVER = 2**40  # KiB of vectors from which the engine would build an approximate index
_FLUSH_EVERY = 5_000  # points written; keeps the log, and its replay after a crash, short


class Shard:
    """A folder of points with a sparse vector, any dense ones, and the payload fields given.

    Safe for several threads; writes wait for one another, reads do not. A write that returned is in
    the write-ahead log: it outlives the process, and after `flush` the machine.

    Args:
        folder: made where there is none, whole or not at all.
        vectors: the dense vectors by name.

    Raises:
        StoreLocked: it is open already.
        StoreUnavailable: it is damaged or cannot be made.
    """

    def __init__(self, folder: Path, vectors: Mapping[str, EdgeVectorParams]) -> None:
        self.folder = folder
        self._writing = threading.Lock()
        self._unflushed = 0
        config = _config(vectors)
        with self._faults("cannot be opened"):
            if not folder.exists():
                _create(folder, config)
            unseal(folder, without=(_LOG,))
            self._engine: EdgeShard | None = EdgeShard.load(str(folder), config)

    def write(self, points: Sequence[ShardPoint]) -> None:
        """Insert or replace."""
        with self._writing, self._faults("cannot be written"):
            for start in range(0, len(points), _WRITE):
                batch = list(points[start : start + _WRITE])
                self._open.update(UpdateOperation.upsert_points(batch))
                self._wrote(len(batch))

    def forget(self, doc_id: str, generation: str | None = None) -> None:
        """Delete one generation of a document, or all of them.

        The engine goes on counting a deleted point in its document frequencies until it is loaded
        again, but not one whose terms were taken away; so the terms go first.
        """
        condition = _of(doc_id, generation)
        with self._writing, self._faults("cannot be written"):
            while ids := self._ids(condition):
                self._open.update(UpdateOperation.update_vectors([_without_terms(one) for one in ids]))
                self._open.update(UpdateOperation.delete_points(ids))
                self._wrote(len(ids))

    def nearest(
        self, queries: Sequence[Query], depth: int, hidden: AbstractSet[str], places: int | None = None
    ) -> list[list[Found]]:
        """For each query the best points, exact, ties by id; scores rounded to so many places."""
        found: list[list[Found]] = []
        asked = depth + SPARE

        def ask(some: Sequence[Query], limit: int) -> list[list[Found]]:
            batch = QueryBatchRequest([_request(one, limit, hidden) for one in some])
            answers = self._open.query_batch(batch)
            return [[_found(point, places) for point in answer] for answer in answers]

        def again(query: Query, limit: int) -> list[Found]:
            return ask([query], limit)[0]

        with self._faults("cannot be searched"):
            for start in range(0, len(queries), _SEARCH):
                some = queries[start : start + _SEARCH]
                for query, answer in zip(some, ask(some, asked), strict=True):
                    found.append(settled(answer, depth, asked, partial(again, query)))
        return found

    def scores(self, query: Query, ids: Sequence[str]) -> dict[str, float]:
        """Exact scores of those of the given points that the query reaches."""
        wanted = _uuids(ids)
        if not wanted:
            return {}
        request = QueryRequest(
            limit=len(wanted),
            query=query,
            filter=Filter(must=[HasIdCondition(set(wanted))]),
            params=SearchParams(exact=True),
            with_payload=False,
        )
        with self._faults("cannot be searched"):
            return {wanted[point.id]: point.score for point in self._open.query(request)}

    def get(self, ids: Sequence[str], fields: Sequence[str] = ()) -> dict[str, dict[str, str]]:
        """Those fields of the payload of the points there are, in the order asked."""
        wanted = _uuids(ids)
        with self._faults("cannot be read"):
            records = self._open.retrieve(list(wanted), list(fields), False)
        found = {wanted[record.id]: record.payload or {} for record in records}
        return {one: found[one] for one in ids if one in found}

    def scroll(self, doc_id: str | None = None, fields: Sequence[str] = ()) -> Iterator[dict[str, str]]:
        """Payload of every point, or of a document's, page by page."""
        condition = None if doc_id is None else _of(doc_id)
        offset = None
        while True:
            request = ScrollRequest(offset, _PAGE, condition, list(fields), False)
            with self._faults("cannot be read"):
                records, offset = self._open.scroll(request)
            for record in records:
                yield record.payload or {}
            if offset is None:
                return

    def points(self, doc_id: str, generation: str) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
        """Id, payload and vectors of one generation of a document."""
        offset = None
        while True:
            request = ScrollRequest(offset, _PAGE, _of(doc_id, generation), True, True)
            with self._faults("cannot be read"):
                records, offset = self._open.scroll(request)
            for record in records:
                vectors = record.vector
                yield str(record.id), record.payload or {}, vectors if isinstance(vectors, dict) else {}
            if offset is None:
                return

    def count(self) -> int:
        """Number of points."""
        with self._faults("cannot be read"):
            return self._open.count(CountRequest(exact=True))

    def flush(self) -> None:
        """Bring everything to disk."""
        with self._writing, self._faults("cannot be written"):
            self._open.flush()
            self._unflushed = 0

    def close(self) -> None:
        """Flush, give back the room of deleted points, seal, let go; safe to call twice."""
        with self._writing, self._faults("cannot be closed"):
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.optimize()
                engine.flush()
                engine.close()
                seal(self.folder, hashed=_SEALED, without=(_LOG,))

    @property
    def _open(self) -> EdgeShard:
        if self._engine is None:
            raise StoreUnavailable(f"{self.folder}: the store was closed; open it again")
        return self._engine

    def _wrote(self, points: int) -> None:
        self._unflushed += points
        if self._unflushed >= _FLUSH_EVERY:
            self._open.flush()
            self._unflushed = 0

    def _ids(self, condition: Filter) -> list[PointId]:
        records, _ = self._open.scroll(ScrollRequest(None, _PAGE, condition, False, False))
        return [record.id for record in records]

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        """Turn what the engine raises, which has no types of its own, into the errors of the house."""
        try:
            yield
        except Exception as error:
            if type(error) is not Exception:
                raise
            if "WouldBlock" in str(error):
                raise StoreLocked(str(self.folder), None, None) from error
            raise StoreUnavailable(f"{self.folder}: {what}: {error}. {REPAIR}") from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise StoreUnavailable(f"{self.folder}: {what}, files are damaged: {error}. {REPAIR}") from error


def shard_point(point: Point, dense: Mapping[str, NDArray[np.float32]], **payload: str) -> ShardPoint:
    """The point as the engine takes it, its document and generation beside the given payload.

    Raises:
        StoreError: the chunk's id is no UUID.
    """
    chunk = point.chunk
    if not _uuids([chunk.id]):
        raise StoreError(f"chunk {chunk.id!r} of {chunk.document!r}: the id must be a UUID")
    vectors: dict[str, Any] = {name: vector.tolist() for name, vector in dense.items()}
    if len(point.sparse.indices):  # the engine loses count of passages where an empty one is replaced
        vectors[_SPARSE] = SparseVector(point.sparse.indices.tolist(), point.sparse.values.tolist())
    return ShardPoint(chunk.id, vectors, {"doc_id": chunk.doc_id, "generation": point.generation, **payload})


def sparse_query(sparse: Sparse) -> Query:
    """A search by terms."""
    return Query.Nearest(SparseVector(sparse.indices.tolist(), sparse.values.tolist()), using=_SPARSE)


def sparse_of(vectors: Mapping[str, Any]) -> Sparse:
    """The terms among the vectors of a point; none where it was written without."""
    found = vectors.get(_SPARSE)
    indices, values = (found.indices, found.values) if found is not None else ((), ())
    return Sparse(np.array(indices, np.uint32), np.array(values, np.float32))


def _config(vectors: Mapping[str, EdgeVectorParams]) -> EdgeConfig:
    return EdgeConfig(
        vectors=dict(vectors) or None,
        sparse_vectors={_SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        optimizers=EdgeOptimizersConfig(indexing_threshold=_NEVER, default_segment_number=1),
        wal_enabled=True,
    )


def _create(folder: Path, config: EdgeConfig) -> None:
    unfinished = folder.with_name(folder.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    engine = EdgeShard.create(str(unfinished), config)
    for field in _KEYWORDS:
        engine.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
    engine.flush()
    engine.close()
    unfinished.rename(folder)


def _without_terms(point: PointId) -> PointVectors:
    return PointVectors(point, {_SPARSE: SparseVector([], [])})


def _request(query: Query, limit: int, hidden: AbstractSet[str]) -> QueryRequest:
    unseen = FieldCondition("generation", match=MatchAny(sorted(hidden)))
    return QueryRequest(
        limit=limit,
        query=query,
        filter=Filter(must_not=[unseen]) if hidden else None,
        params=SearchParams(exact=True),
        with_payload=["chunk"],
    )


def _of(doc_id: str, generation: str | None = None) -> Filter:
    conditions = [FieldCondition("doc_id", match=MatchValue(doc_id))]
    if generation is not None:
        conditions.append(FieldCondition("generation", match=MatchValue(generation)))
    return Filter(must=list(conditions))


def _found(point: ScoredPoint, places: int | None) -> Found:
    score = point.score if places is None else round(point.score, places)
    return Found(str(point.id), score, (point.payload or {}).get("chunk", ""))


def _uuids(ids: Sequence[str]) -> dict[PointId, str]:
    """Those ids the engine could hold, as it writes them."""
    found: dict[PointId, str] = {}
    for one in ids:
        try:
            found[UUID(one)] = one
        except ValueError:
            continue
    return found
