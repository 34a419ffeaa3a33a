from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("chromadb", reason='the extra "chroma" is not installed')

from rag.errors import StoreUnavailable
from rag.stores.chroma import ChromaStore
from tests.contracts.store_contract import PersistentStoreContract
from tests.stores.points import DIMENSION, chunk_id, gaussian, matrix, point, sparse, vector


class TestChromaStore(PersistentStoreContract):
    @pytest.fixture
    def open_another(self, quick_path):
        return lambda dimension: ChromaStore(quick_path / "store", dimension)

    @pytest.fixture
    def open_store(self, open_another):
        return lambda: open_another(DIMENSION)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chroma") / "store"
    with closing(ChromaStore(folder, DIMENSION)) as store:
        store.upsert(gaussian(81, 1_200))
    return folder


@pytest.fixture
def folder(written, quick_path):
    return Path(shutil.copytree(written, quick_path / "store"))


@pytest.mark.parametrize(
    "name", ["header.bin", "data_level0.bin", "link_lists.bin", "length.bin", "chroma.sqlite3"]
)
@pytest.mark.parametrize("damage", ["flipped", "cut off", "gone"])
def test_damage_is_noticed_before_chroma_opens_it(folder, name, damage):
    file = next((folder / "chroma").rglob(name))
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(
            bytes(b ^ 0x5A for b in content[:64]) + content[64:] if damage == "flipped" else content[:-1]
        )
    with pytest.raises(StoreUnavailable, match="--rebuild") as caught:
        ChromaStore(folder, DIMENSION)
    assert str(folder) in str(caught.value)


def test_a_failed_opening_lets_go_of_the_lexical_shard(folder):
    file = next((folder / "chroma").rglob("header.bin"))
    content = file.read_bytes()
    file.write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        ChromaStore(folder, DIMENSION)
    file.write_bytes(content)
    store = ChromaStore(folder, DIMENSION)
    assert store.count() == 1_200
    store.close()


def test_a_point_without_its_terms_is_found_by_its_vector_and_mended_by_writing_it_again(folder):
    store = ChromaStore(folder, DIMENSION)
    lost = point("lost", vector(1), {59: 9.0})
    store.upsert([lost])
    store._lexical.forget("doc")
    assert store.search_sparse([sparse({59: 1.0})], depth=1_500)[0][0][0].id != lost.chunk.id
    assert store.search_dense(vector(1)[None], depth=1)[0][0][0] == lost.chunk
    assert store.score_sparse(lost.sparse, [lost.chunk.id]) == {lost.chunk.id: 0.0}
    store.upsert([lost])
    assert store.search_sparse([sparse({59: 1.0})], depth=1)[0][0][0] == lost.chunk
    store.close()


def test_a_point_whose_vector_is_missing_is_not_found(folder):
    store = ChromaStore(folder, DIMENSION)
    store.upsert([point("half", terms={59: 9.0})])
    store._collection.delete(ids=[chunk_id("half")])
    found = [chunk.id for chunk, _ in store.search_sparse([sparse({59: 1.0})], depth=1_500)[0]]
    assert found
    assert chunk_id("half") not in found
    store.close()


def test_almost_every_true_neighbour_is_found_among_more_points_than_are_searched_exactly(quick_path):
    points = gaussian(82, 2_500)
    store = ChromaStore(quick_path / "store", DIMENSION)
    store.upsert(points)
    queries = matrix(gaussian(83, 20))
    exact = (queries @ matrix(points).T).argsort(axis=1)[:, -10:]
    found = store.search_dense(queries, depth=10)
    hits = sum(
        chunk.id in {points[number].chunk.id for number in best}
        for best, ranking in zip(exact, found, strict=True)
        for chunk, _ in ranking
    )
    assert hits >= 0.98 * 200
    store.close()
