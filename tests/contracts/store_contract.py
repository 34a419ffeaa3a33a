"""What every store must do; a store is tested by inheriting this and saying how it is opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.ports import Scored, Store
from rag.retrieve.expand import Parent, beside, expand
from rag.stores.memory import MemoryStore
from rag.types import Hit, Point, Sparse
from tests.retrieve.linked import Piece, cut
from tests.stores.points import (
    DIMENSION,
    chunk_id,
    gaussian,
    grid,
    matrix,
    point,
    rich_points,
    sparse,
    vector,
)

NAN, INF = float("nan"), float("inf")


def ids(found: Scored) -> list[str]:
    return [chunk.id for chunk, _ in found]


def agree(found: list[Scored], reference: list[Scored], *, rel: float, absolute: float) -> None:
    """The same chunks with the same scores; neighbours may swap where they differ by noise alone."""
    for one, other in zip(found, reference, strict=True):
        assert [score for _, score in one] == pytest.approx(
            [score for _, score in other], rel=rel, abs=absolute
        )
        expected = {chunk.id: score for chunk, score in other}
        for chunk, score in one:
            edge = other[-1][1]
            assert expected.get(chunk.id, edge) == pytest.approx(score, rel=rel, abs=absolute)


class StoreContract:
    """Inherit, and give a fixture ``open_store``: it opens the store."""

    @pytest.fixture
    def store(self, open_store: Callable[[], Store]) -> Iterator[Store]:
        with_store = open_store()
        yield with_store
        with_store.close()

    @pytest.fixture
    def reference(self) -> MemoryStore:
        return MemoryStore(DIMENSION)

    # what is kept

    def test_a_chunk_comes_back_as_it_was_with_every_field(self, store):
        points = rich_points()
        store.upsert(points)
        assert store.get([one.chunk.id for one in points]) == {one.chunk.id: one.chunk for one in points}

    def test_a_stored_document_is_put_together_again_from_one_of_its_chunks(self, store):
        text, chunks = cut(
            [Piece("年假十五天。", "\n\n"), Piece("有給休暇。"), Piece("𠮷野家。", " ", 3), Piece("끝。")]
        )
        store.upsert([Point(one, "g1", vector(1), sparse({1: 1.0})) for one in chunks])
        for one in store.get([one.id for one in chunks]).values():
            (hit,) = expand((Hit(one, 1.0),), store, Parent(100))
            assert hit.chunk.text == text
            assert beside(one, store, before=9, after=9) == tuple(chunks)

    def test_a_found_chunk_is_the_chunk_that_was_stored(self, store):
        points = rich_points()
        store.upsert(points)
        for one in points:
            assert store.search_dense(one.dense[None], depth=1)[0][0][0] == one.chunk
            assert store.search_sparse([one.sparse], depth=1)[0][0][0] == one.chunk

    def test_upserting_the_same_points_again_changes_nothing(self, store):
        points = gaussian(1, 40)
        store.upsert(points)
        before = (
            store.search_dense(matrix(points), depth=40),
            store.search_sparse([points[0].sparse], depth=40),
        )
        store.upsert(points)
        after = (
            store.search_dense(matrix(points), depth=40),
            store.search_sparse([points[0].sparse], depth=40),
        )
        assert store.count() == 40
        assert before == after

    def test_the_same_id_replaces_chunk_vector_terms_and_generation(self, store):
        store.upsert([point("a", vector(1), {1: 1.0}, text="旧"), point("b", vector(0, 1), {2: 1.0})])
        store.upsert([point("a", vector(0, 0, 1), {3: 1.0}, generation="g2", text="新")])
        assert store.count() == 2
        assert store.get([chunk_id("a")])[chunk_id("a")].text == "新"
        assert {chunk.id: generation for chunk, generation in store.scroll()} == {
            chunk_id("a"): "g2",
            chunk_id("b"): "g1",
        }
        assert store.score_dense(vector(1), [chunk_id("a")]) == {chunk_id("a"): 0.0}
        assert store.search_sparse([sparse({1: 1.0})], depth=5) == [[]]
        assert ids(store.search_sparse([sparse({3: 1.0})], depth=5)[0]) == [chunk_id("a")]

    def test_of_one_id_twice_in_a_batch_the_last_counts(self, store):
        store.upsert([point("a", text="旧"), point("b"), point("a", text="新")])
        assert store.count() == 2
        assert store.get([chunk_id("a")])[chunk_id("a")].text == "新"

    def test_unknown_ids_are_left_out_of_get(self, store):
        store.upsert([point("a")])
        assert list(store.get([chunk_id("b"), chunk_id("a"), "no such id", ""])) == [chunk_id("a")]
        assert store.get([]) == {}

    def test_count_is_the_number_scrolled(self, store):
        points = gaussian(2, 1_300)
        store.upsert(points)
        scrolled = [chunk.id for chunk, _ in store.scroll()]
        assert store.count() == len(scrolled) == len(set(scrolled)) == 1_300

    def test_scrolling_a_document_gives_its_chunks_and_generations(self, store):
        points = gaussian(3, 50)
        store.upsert(points)
        assert {(chunk.id, generation) for chunk, generation in store.scroll(doc_id="d4")} == {
            (one.chunk.id, "g4") for one in points if one.chunk.doc_id == "d4"
        }
        assert list(store.scroll(doc_id="none such")) == []

    def test_the_points_of_a_generation_come_back_with_their_vectors_and_terms(self, store):
        written = [point(f"{name}", doc="a", generation="g2") for name in range(5)]
        store.upsert([point("x", doc="a", generation="g1"), point("y", doc="b", generation="g2"), *written])
        back = {one.chunk.id: one for one in store.points("a", "g2")}
        assert back.keys() == {one.chunk.id for one in written}
        for one in written:
            found = back[one.chunk.id]
            assert (found.chunk, found.generation) == (one.chunk, "g2")
            assert found.dense == pytest.approx(one.dense / np.linalg.norm(one.dense), abs=1e-6)
            assert found.sparse.indices.tolist() == one.sparse.indices.tolist()
            assert found.sparse.values == pytest.approx(one.sparse.values)
        assert store.points("a", "g3") == store.points("nobody", "g2") == []

    def test_nothing_written_is_nothing_changed(self, store):
        store.upsert([])
        assert store.count() == 0

    def test_many_small_upserts_are_one_large_one(self, store, reference):
        points = grid(4, 120)
        for one in points:
            store.upsert([one])
        reference.upsert(points)
        assert ids(store.search_dense(vector(1)[None], depth=120)[0]) == ids(
            reference.search_dense(vector(1)[None], depth=120)[0]
        )

    # deleting

    def test_deleting_a_document_leaves_the_others(self, store):
        store.upsert([point(name, doc=doc) for name, doc in [("a", "x"), ("b", "x"), ("c", "y")]])
        store.delete("x")
        assert [chunk.id for chunk, _ in store.scroll()] == [chunk_id("c")]
        assert ids(store.search_dense(vector(1)[None], depth=9)[0]) == [chunk_id("c")]
        assert ids(store.search_sparse([sparse({1: 1.0})], depth=9)[0]) == [chunk_id("c")]

    def test_deleting_a_generation_leaves_the_documents_other_one(self, store):
        store.upsert([point("a", generation="old"), point("b", generation="new")])
        store.upsert([point("c", doc="other", generation="old")])
        store.delete("doc", generation="old")
        assert {chunk.id for chunk, _ in store.scroll()} == {chunk_id("b"), chunk_id("c")}

    def test_deleting_what_is_not_there_is_no_error(self, store):
        store.upsert([point("a")])
        store.delete("none such")
        store.delete("doc", generation="none such")
        assert store.count() == 1

    def test_a_deleted_chunk_can_be_written_again(self, store):
        store.upsert([point("a", terms={5: 2.0})])
        store.delete("doc")
        store.upsert([point("a", terms={6: 2.0})])
        assert store.search_sparse([sparse({5: 1.0})], depth=5) == [[]]
        assert ids(store.search_sparse([sparse({6: 1.0})], depth=5)[0]) == [chunk_id("a")]

    # finding

    def test_an_empty_store_finds_nothing(self, store):
        assert store.search_dense(matrix(gaussian(5, 2)), depth=3) == [[], []]
        assert store.search_sparse([sparse({1: 1.0})], depth=3) == [[]]
        assert store.score_dense(vector(1), [chunk_id("a")]) == {}
        assert store.score_sparse(sparse({1: 1.0}), [chunk_id("a")]) == {}
        assert list(store.scroll()) == []

    def test_no_query_finds_nothing(self, store):
        store.upsert([point("a")])
        assert store.search_dense(np.empty((0, DIMENSION), np.float32), depth=3) == []
        assert store.search_sparse([], depth=3) == []

    def test_a_query_without_terms_finds_nothing(self, store):
        store.upsert([point("a")])
        assert store.search_sparse([sparse({}), sparse({1: 1.0})], depth=3)[0] == []
        assert store.score_sparse(sparse({}), [chunk_id("a")]) == {chunk_id("a"): 0.0}

    def test_a_depth_beyond_the_count_gives_all(self, store):
        points = gaussian(6, 30)
        store.upsert(points)
        assert len(store.search_dense(matrix(points[:1]), depth=1_000)[0]) == 30

    def test_a_chunk_without_terms_is_found_by_its_vector_alone(self, store):
        store.upsert([point("a", terms={}), point("b")])
        assert set(ids(store.search_dense(vector(1)[None], depth=9)[0])) == {chunk_id("a"), chunk_id("b")}
        assert ids(store.search_sparse([sparse({1: 1.0})], depth=9)[0]) == [chunk_id("b")]

    def test_bm25_is_weight_times_weight_times_idf_over_passages_with_terms(self, store):
        store.upsert([point("a", terms={7: 2.0, 8: 1.0}), point("b", terms={8: 0.5}), point("c", terms={})])
        hits = store.search_sparse([sparse({7: 3.0, 8: 1.0})], depth=9)[0]
        found = {chunk.id: score for chunk, score in hits}
        rare, common = np.log(1 + 1.5 / 1.5), np.log(1 + 0.5 / 2.5)
        assert found == pytest.approx(
            {chunk_id("a"): 6 * rare + common, chunk_id("b"): 0.5 * common}, rel=1e-4
        )

    def test_a_chunk_that_gains_and_loses_its_terms_is_counted_as_it_is(self, store, reference):
        for terms in ({}, {1: 1.0, 2: 1.0}, {}, {}, {2: 1.0}):
            for one in (store, reference):
                one.upsert([point("a", terms=terms), point("b", terms={2: 3.0})])
            query = [sparse({1: 1.0, 2: 1.0})]
            agree(
                store.search_sparse(query, depth=9),
                reference.search_sparse(query, depth=9),
                rel=1e-4,
                absolute=0,
            )

    def test_document_frequencies_follow_replacing_and_deleting(self, store, reference):
        points = gaussian(7, 200)
        for one in (store, reference):
            one.upsert(points)
            one.delete("d3")
            one.upsert([replace(old, sparse=sparse({1: 1.0})) for old in points[:20]])
            one.delete("d5", generation="g5")
        queries = [old.sparse for old in points[:30]]
        agree(
            store.search_sparse(queries, depth=200),
            reference.search_sparse(queries, depth=200),
            rel=1e-4,
            absolute=1e-6,
        )

    @pytest.mark.parametrize("seed", [11, 12, 13])
    def test_scores_and_rankings_are_those_of_the_reference(self, store, reference, seed):
        points = gaussian(seed, 300)
        store.upsert(points)
        reference.upsert(points)
        queries = gaussian(seed + 100, 20)
        dense, terms = matrix(queries), [one.sparse for one in queries]
        for hidden in (frozenset(), frozenset({"g1", "g4", "g10", "unknown"})):
            agree(
                store.search_dense(dense, depth=40, hidden=hidden),
                reference.search_dense(dense, depth=40, hidden=hidden),
                rel=0,
                absolute=1e-5,
            )
            agree(
                store.search_sparse(terms, depth=40, hidden=hidden),
                reference.search_sparse(terms, depth=40, hidden=hidden),
                rel=1e-4,
                absolute=1e-6,
            )

    @pytest.mark.parametrize("depth", [1, 7, 50, 300])
    def test_equal_scores_come_in_order_of_their_ids_at_every_depth(self, store, reference, depth):
        points = grid(21, 250)
        store.upsert(points)
        reference.upsert(points)
        queries = grid(22, 10)
        for hidden in (frozenset(), frozenset({"g2"})):
            assert [ids(one) for one in store.search_dense(matrix(queries), depth=depth, hidden=hidden)] == [
                ids(one) for one in reference.search_dense(matrix(queries), depth=depth, hidden=hidden)
            ]
            terms = [one.sparse for one in queries]
            assert [ids(one) for one in store.search_sparse(terms, depth=depth, hidden=hidden)] == [
                ids(one) for one in reference.search_sparse(terms, depth=depth, hidden=hidden)
            ]

    def test_hidden_generations_are_never_seen_and_take_no_ones_place(self, store):
        near = [point(("hidden", n), vector(1), {1: 9.0}, generation="half-written") for n in range(60)]
        far = [point(("seen", n), vector(1, 1), {1: 0.1}) for n in range(5)]
        store.upsert(near + far)
        expected = sorted(one.chunk.id for one in far)
        hidden = frozenset({"half-written"})
        assert ids(store.search_dense(vector(1)[None], depth=5, hidden=hidden)[0]) == expected
        assert ids(store.search_sparse([sparse({1: 1.0})], depth=5, hidden=hidden)[0]) == expected
        assert store.count() == 65

    def test_a_crowd_of_equal_vectors_hides_no_one(self, store, reference):
        points = [point(("crowd", n), vector(1)) for n in range(150)] + gaussian(23, 30)
        store.upsert(points)
        reference.upsert(points)
        queries = matrix(points[-3:])
        assert [ids(one) for one in store.search_dense(queries, depth=200)] == [
            ids(one) for one in reference.search_dense(queries, depth=200)
        ]

    def test_given_chunks_get_the_scores_that_a_search_gives(self, store):
        points = gaussian(31, 150)
        store.upsert(points)
        asked = points[0]
        wanted = [one.chunk.id for one in points[10:60]]
        dense = {chunk.id: score for chunk, score in store.search_dense(asked.dense[None], depth=150)[0]}
        terms = {chunk.id: score for chunk, score in store.search_sparse([asked.sparse], depth=150)[0]}
        assert store.score_dense(asked.dense, wanted) == pytest.approx(
            {one: dense[one] for one in wanted}, abs=2e-6
        )
        assert store.score_sparse(asked.sparse, wanted) == pytest.approx(
            {one: terms.get(one, 0.0) for one in wanted}, rel=1e-4
        )

    def test_scores_of_unknown_chunks_are_left_out(self, store):
        store.upsert([point("a"), point("b", terms={2: 1.0})])
        asked = [chunk_id("nobody"), chunk_id("b"), "no such id"]
        assert store.score_dense(vector(2), asked) == {chunk_id("b"): 1.0}
        assert store.score_sparse(sparse({1: 1.0}), asked) == {chunk_id("b"): 0.0}
        assert store.score_dense(vector(1), []) == {}
        assert store.score_sparse(sparse({1: 1.0}), []) == {}

    def test_scores_are_cosines_whatever_the_length_of_a_vector(self, store):
        store.upsert([point("a", vector(3, 4)), point("opposite", vector(-5)), point("zero", vector(0))])
        expected = {chunk_id("a"): 0.6, chunk_id("opposite"): -1.0, chunk_id("zero"): 0.0}
        found = store.search_dense(vector(7)[None], depth=3)[0]
        assert {chunk.id: score for chunk, score in found} == pytest.approx(expected, abs=1e-5)
        assert store.score_dense(vector(7), list(expected)) == pytest.approx(expected, abs=1e-5)
        assert [score for _, score in store.search_dense(vector(0)[None], depth=3)[0]] == [0.0] * 3

    # refusing

    @pytest.mark.parametrize(
        "bad",
        [
            point("bad", vector(NAN)),
            point("bad", vector(0, INF)),
            point("bad", vector(-INF)),
            point("bad", terms={1: NAN}),
            point("bad", terms={1: 1.0, 2: INF}),
            point("bad", np.ones(DIMENSION - 1, np.float32)),
            point("bad", np.ones(DIMENSION + 1, np.float32)),
            replace(point("bad"), sparse=Sparse(np.array([2, 1], np.uint32), np.ones(2, np.float32))),
            replace(point("bad"), sparse=Sparse(np.array([1, 1], np.uint32), np.ones(2, np.float32))),
            replace(point("bad"), sparse=Sparse(np.array([1], np.uint32), np.ones(2, np.float32))),
            point("bad", text="日本\ud800語"),
            replace(point("bad"), chunk=replace(point("bad").chunk, meta={"set": {1}})),
            replace(point("bad"), chunk=replace(point("bad").chunk, meta={"n": NAN})),
        ],
    )  # fmt: skip
    def test_a_bad_point_is_refused_and_nothing_of_its_batch_is_written(self, store, bad):
        with pytest.raises(StoreError, match=bad.chunk.id):
            store.upsert([point("good"), bad])
        assert store.count() == 0
        assert list(store.scroll()) == []

    @pytest.mark.parametrize(
        "bad", [vector(NAN), vector(INF), np.ones(DIMENSION + 1, np.float32)]
    )  # fmt: skip
    def test_a_bad_query_vector_is_refused(self, store, bad):
        store.upsert([point("a")])
        with pytest.raises(StoreError):
            store.search_dense(np.stack([bad, bad]), depth=3)
        with pytest.raises(StoreError):
            store.score_dense(bad, [chunk_id("a")])

    def test_a_bad_sparse_query_is_refused(self, store):
        store.upsert([point("a")])
        with pytest.raises(StoreError):
            store.search_sparse([sparse({1: 1.0}), sparse({1: NAN})], depth=3)
        with pytest.raises(StoreError):
            store.score_sparse(sparse({1: INF}), [chunk_id("a")])

    @pytest.mark.parametrize("depth", [0, -1])
    def test_a_depth_below_one_is_refused(self, store, depth):
        with pytest.raises(StoreError):
            store.search_dense(vector(1)[None], depth=depth)
        with pytest.raises(StoreError):
            store.search_sparse([sparse({1: 1.0})], depth=depth)

    # staying

    def test_closing_twice_is_safe(self, store):
        store.upsert([point("a")])
        store.flush()
        store.close()
        store.close()

    def test_two_readers_see_whole_answers_while_a_writer_writes(self, store):
        steady = gaussian(51, 60)
        store.upsert(steady)
        written = threading.Event()
        wrong: list[object] = []

        def read(seed: int) -> None:
            queries = gaussian(seed, 3)
            try:
                while not written.is_set():
                    for found in store.search_dense(matrix(queries), depth=20):
                        scores = [score for _, score in found]
                        if len(found) < 20 or scores != sorted(scores, reverse=True):
                            wrong.append(found)
                    store.search_sparse([one.sparse for one in queries], depth=20)
                    if len(store.get([one.chunk.id for one in steady])) != 60:
                        wrong.append("a chunk was missing")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
                wrong.append(error)

        readers = [threading.Thread(target=read, args=(seed,)) for seed in (52, 53)]
        for one in readers:
            one.start()
        for number in range(25):
            store.upsert([point(("moving", number, n), doc=f"moving {number}") for n in range(4)])
            store.delete(f"moving {number - 5}")
        written.set()
        for one in readers:
            one.join()
        assert wrong == []
        assert store.count() == 60 + 5 * 4


class PersistentStoreContract(StoreContract):
    """And what a store on disk must do.

    ``open_store`` opens the same folder each time; ``open_another`` does, for a given dimension.
    """

    def test_reopening_keeps_everything(self, open_store):
        points = gaussian(41, 90)
        store = open_store()
        store.upsert(points)
        store.delete("d2")
        before = sorted((chunk.id, generation) for chunk, generation in store.scroll())
        dense = store.search_dense(matrix(points[:5]), depth=20)
        terms = store.search_sparse([one.sparse for one in points[:5]], depth=20)
        store.close()
        again = open_store()
        assert sorted((chunk.id, generation) for chunk, generation in again.scroll()) == before
        agree(again.search_dense(matrix(points[:5]), depth=20), dense, rel=0, absolute=1e-6)
        agree(again.search_sparse([one.sparse for one in points[:5]], depth=20), terms, rel=1e-5, absolute=0)
        again.close()

    def test_a_store_open_already_is_not_opened_again(self, store, open_store):
        with pytest.raises(StoreLocked):
            open_store()
        store.upsert([point("a")])
        assert store.count() == 1

    def test_a_closed_store_says_so(self, store):
        store.upsert([point("a")])
        store.close()
        for call in (
            store.count,
            store.flush,
            lambda: store.get([chunk_id("a")]),
            lambda: store.upsert([point("b")]),
            lambda: store.delete("doc"),
            lambda: list(store.scroll()),
            lambda: store.search_dense(vector(1)[None], depth=1),
            lambda: store.search_sparse([sparse({1: 1.0})], depth=1),
        ):
            with pytest.raises(StoreUnavailable, match="closed"):
                call()

    def test_an_index_of_another_dimension_is_refused(self, store, open_another):
        store.upsert([point("a")])
        store.close()
        with pytest.raises(StoreError, match=str(DIMENSION)):
            open_another(DIMENSION + 1)
        with closing(open_another(DIMENSION)) as again:
            assert again.count() == 1

    def test_a_chunk_id_that_is_no_uuid_is_refused(self, store):
        bad = replace(point("a"), chunk=replace(point("a").chunk, id="chunk-1"))
        with pytest.raises(StoreError, match="chunk-1"):
            store.upsert([point("b"), bad])
        assert store.count() == 0
