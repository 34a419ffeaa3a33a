from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import StoreUnavailable
from rag.stores.qdrant_edge import QdrantEdgeStore
from tests.contracts.store_contract import PersistentStoreContract
from tests.stores.points import DIMENSION, chunk_id, gaussian, matrix, point, sparse, vector

MAPPINGS = "segments/*/mutable_id_tracker.mappings"


class TestQdrantEdgeStore(PersistentStoreContract):
    @pytest.fixture
    def open_another(self, quick_path):
        return lambda dimension: QdrantEdgeStore(quick_path / "collection" / "store", dimension)

    @pytest.fixture
    def open_store(self, open_another):
        return lambda: open_another(DIMENSION)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edge") / "store"
    with closing(QdrantEdgeStore(folder, DIMENSION)) as store:
        store.upsert(gaussian(71, 300))
    return folder


@pytest.fixture
def folder(written, quick_path):
    return Path(shutil.copytree(written, quick_path / "store"))


def test_a_creation_that_was_cut_off_is_begun_anew(quick_path):
    (quick_path / "store.new" / "segments").mkdir(parents=True)
    (quick_path / "store.new" / "edge_config.json").write_text("{")
    store = QdrantEdgeStore(quick_path / "store", DIMENSION)
    store.upsert([point("a")])
    assert store.count() == 1
    store.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.write_bytes(bytes(one ^ 0x5A for one in file.read_bytes())),
        lambda file: file.unlink(),
    ],
    ids=["cut off", "flipped", "gone"],
)
@pytest.mark.parametrize(
    "pattern",
    [
        MAPPINGS,
        "segments/*/mutable_id_tracker.versions",
        "segments/*/version.info",
        "segments/*/segment.json",
        "segments/*/vector_storage-dense/deleted/status.dat",
        "segments/*/payload_storage/bitmask.dat",
        "edge_config.json",
    ],
)
def test_damage_is_noticed_and_names_the_folder_and_the_way_out(folder, pattern, damage):
    file = next(folder.glob(pattern))
    damage(file)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="--rebuild") as caught:
            QdrantEdgeStore(folder, DIMENSION)
        assert str(folder) in str(caught.value)


def test_damage_in_an_unsealed_store_is_what_the_engine_makes_of_it(folder):
    (folder / "seal.json").unlink()
    next(folder.glob("segments/*/segment.json")).write_text("{")
    with pytest.raises(StoreUnavailable, match="--rebuild"):
        QdrantEdgeStore(folder, DIMENSION)


def test_room_of_deleted_points_is_given_back_and_the_rest_stays_exact(quick_path):
    points = gaussian(72, 2_600)
    store = QdrantEdgeStore(quick_path / "store", DIMENSION)
    store.upsert(points)
    for number in range(6):
        store.delete(f"d{number}")
    kept = [one for one in points if int(one.chunk.doc_id[1:]) >= 6]
    store.flush()
    table = next((quick_path / "store").glob(MAPPINGS)).stat().st_size
    before = store.search_sparse([sparse({1: 1.0})], depth=50)
    store.close()
    assert next((quick_path / "store").glob(MAPPINGS)).stat().st_size < table
    store = QdrantEdgeStore(quick_path / "store", DIMENSION)
    assert store.count() == len(kept)
    assert store.search_sparse([sparse({1: 1.0})], depth=50) == before
    found = store.search_dense(matrix(kept[:50]), depth=1)
    assert [one[0][0].id for one in found] == [one.chunk.id for one in kept[:50]]
    store.close()


def test_writes_and_deletes_of_more_than_a_page_are_complete(quick_path):
    store = QdrantEdgeStore(quick_path / "store", DIMENSION)
    store.upsert([point(number, doc="large") for number in range(2_300)])
    store.upsert([point("other", vector(1), doc="small")])
    assert len(list(store.scroll(doc_id="large"))) == 2_300
    store.delete("large")
    assert store.get([chunk_id(0), chunk_id("other")]).keys() == {chunk_id("other")}
    assert store.count() == 1
    store.close()
