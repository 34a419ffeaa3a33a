from __future__ import annotations

import numpy as np
import pytest

from rag.stores.memory import MemoryStore
from tests.contracts.store_contract import StoreContract
from tests.stores.points import DIMENSION, chunk_id, gaussian, matrix, point, sparse


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def open_store(self):
        return lambda: MemoryStore(DIMENSION)


def test_dense_search_is_what_numpy_says_of_all_points():
    points, queries = gaussian(61, 400), gaussian(62, 300)
    store = MemoryStore(DIMENSION)
    store.upsert(points)
    products = matrix(queries) @ matrix(points).T
    for row, found in zip(products, store.search_dense(matrix(queries), depth=5), strict=True):
        assert [score for _, score in found] == pytest.approx(np.sort(row)[::-1][:5].tolist(), abs=1e-5)


def test_sparse_search_is_what_a_loop_over_all_points_says():
    points = gaussian(63, 200)
    store = MemoryStore(DIMENSION)
    store.upsert(points)
    terms = [
        dict(zip(one.sparse.indices.tolist(), one.sparse.values.tolist(), strict=True)) for one in points
    ]
    query = {0: 1.0, 3: 2.0, 59: 0.5}
    containing = {term: sum(term in one for one in terms) for term in query}
    expected = {
        one.chunk.id: sum(
            weight * kept[term] * np.log(1 + (200 - containing[term] + 0.5) / (containing[term] + 0.5))
            for term, weight in query.items()
            if term in kept
        )
        for one, kept in zip(points, terms, strict=True)
    }
    found = store.search_sparse([sparse(query)], depth=200)[0]
    assert {chunk.id: score for chunk, score in found} == pytest.approx(
        {one: score for one, score in expected.items() if score > 0}
    )


def test_what_the_caller_does_to_a_vector_afterwards_changes_nothing():
    mine = np.ones(DIMENSION, np.float32)
    store = MemoryStore(DIMENSION)
    store.upsert([point("a", mine)])
    mine[:] = np.nan
    assert store.score_dense(np.ones(DIMENSION, np.float32), [chunk_id("a")]) == {chunk_id("a"): 1.0}
