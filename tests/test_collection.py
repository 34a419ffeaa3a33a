import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.collection import HIDDEN_TABLE, collection, existing, require
from rag.errors import ConfigError, IndexMismatch, IndexMissing, StoreUnavailable

PRINT = {"embedder": "a", "dimension": "256"}


def test_a_plain_name_is_its_own_folder(tmp_path):
    assert collection(tmp_path, "handbook").path.name == "handbook"


@pytest.mark.parametrize("name", ["社内規程", "員工 手冊", "사내 규정", "Hand/Book", "..", "CON. "])
def test_any_other_name_gets_a_safe_folder_of_its_own(tmp_path, name):
    place = collection(tmp_path, name)
    assert place.path.parent == tmp_path / "collections"
    assert place.path.name.isascii()


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_two_names_never_share_a_folder(tmp_path_factory, one, other):
    root = tmp_path_factory.getbasetemp()
    try:
        first, second = collection(root, one), collection(root, other)
    except ConfigError:
        return
    assert (first.path == second.path) == (first.name == second.name)


def test_composed_and_decomposed_names_are_the_same_collection(tmp_path):
    assert collection(tmp_path, "가나") == collection(tmp_path, "가나")


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "x" * 101, "a\ud800"])
def test_an_unusable_name_is_refused(tmp_path, name):
    with pytest.raises(ConfigError):
        collection(tmp_path, name)


def test_a_missing_collection_names_those_that_exist_and_the_command(tmp_path):
    collection(tmp_path, "規程").create(PRINT)
    with pytest.raises(IndexMissing) as caught:
        require(tmp_path, "docs")
    assert caught.value.collection == "docs"
    assert "規程" in str(caught.value) and "cjkrag ingest" in str(caught.value)


def test_existing_collections_are_listed_by_the_name_they_were_given(tmp_path):
    for name in ("b", "規程", "a"):
        collection(tmp_path, name).create(PRINT)
    assert [one.name for one in existing(tmp_path)] == ["a", "b", "規程"]


def test_another_fingerprint_is_refused_and_both_are_named(tmp_path):
    place = collection(tmp_path, "docs")
    place.create(PRINT)
    place.check(dict(PRINT))
    with pytest.raises(IndexMismatch) as caught:
        place.check({**PRINT, "embedder": "b"})
    assert caught.value.expected["embedder"] == "b"
    assert caught.value.found["embedder"] == "a"
    assert "--rebuild" in str(caught.value)


def test_hidden_generations_are_read_from_the_manifest(tmp_path):
    place = collection(tmp_path, "docs")
    place.create(PRINT)
    assert place.hidden() == frozenset()
    with sqlite3.connect(place.manifest) as db:
        db.execute(HIDDEN_TABLE)
        db.executemany("INSERT INTO hidden VALUES (?)", [("g1",), ("g2",)])
    assert place.hidden() == {"g1", "g2"}


def test_a_damaged_manifest_is_said_not_ignored(tmp_path):
    place = collection(tmp_path, "docs")
    place.create(PRINT)
    place.manifest.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnavailable, match="manifest"):
        place.hidden()


def test_a_damaged_card_is_said_not_ignored(tmp_path):
    place = collection(tmp_path, "docs")
    place.create(PRINT)
    (place.path / "collection.json").write_text("{", "utf-8")
    with pytest.raises(StoreUnavailable, match=r"collection\.json"):
        place.fingerprint()
