"""What every embedder must do; one is tested by inheriting this and giving a fixture ``embedder``."""

from __future__ import annotations

import threading
from itertools import permutations

import numpy as np
import pytest

from rag.ports import Embedder
from tests.helpers.scripts import AWKWARD, TEXTS

LONG = "長い文章はとても長い。긴 문장은 아주 길다. 很长的句子。" * 400


class EmbedderContract:
    """Inherit, and give a fixture ``embedder``; ``zero_rows`` says that a text without tokens gives zeros."""

    zero_rows = False
    tolerance = 1e-5

    def both(self, embedder: Embedder):
        return embedder.encode_queries, embedder.encode_passages

    def test_a_row_per_text_in_single_precision(self, embedder: Embedder):
        for encode in self.both(embedder):
            rows = encode(TEXTS)
            assert rows.shape == (len(TEXTS), embedder.dimension)
            assert rows.dtype == np.float32

    def test_every_row_has_length_one(self, embedder: Embedder):
        for encode in self.both(embedder):
            lengths = np.linalg.norm(encode([*TEXTS, *AWKWARD]), axis=1)
            if self.zero_rows:
                lengths = lengths[lengths > 0]
                assert len(lengths) >= len(TEXTS)
            assert lengths == pytest.approx(1, abs=1e-5)

    def test_every_number_is_finite_whatever_the_text(self, embedder: Embedder):
        for encode in self.both(embedder):
            assert np.isfinite(encode([*AWKWARD, LONG])).all()

    def test_no_text_gives_no_row_of_the_right_width(self, embedder: Embedder):
        for encode in self.both(embedder):
            rows = encode([])
            assert rows.shape == (0, embedder.dimension)
            assert rows.dtype == np.float32

    def test_there_is_room_for_a_passage_within_what_the_model_reads(self, embedder: Embedder):
        assert 1 <= embedder.passage_room <= embedder.max_tokens

    def test_rows_come_in_the_order_of_the_texts(self, embedder: Embedder):
        texts = sorted(TEXTS, key=len)
        for encode in self.both(embedder):
            forth, back = encode(texts), encode(texts[::-1])
            assert forth == pytest.approx(back[::-1], abs=self.tolerance)

    def test_a_text_alone_has_the_vector_it_has_among_others(self, embedder: Embedder):
        for encode in self.both(embedder):
            together = encode([*TEXTS, LONG])
            alone = np.concatenate([encode([text]) for text in (*TEXTS, LONG)])
            assert together == pytest.approx(alone, abs=self.tolerance)

    def test_the_same_text_twice_has_the_same_vector(self, embedder: Embedder):
        for encode in self.both(embedder):
            rows = encode([TEXTS[0], *TEXTS[1:], TEXTS[0]])
            assert rows[0] == pytest.approx(rows[-1], abs=self.tolerance)
            assert np.array_equal(encode(TEXTS), encode(TEXTS))

    def test_different_texts_have_different_vectors(self, embedder: Embedder):
        rows = embedder.encode_passages(TEXTS)
        cosines = rows @ rows.T
        assert (cosines[~np.eye(len(TEXTS), dtype=bool)] < 0.9999).all()

    def test_any_sequence_of_texts_will_do(self, embedder: Embedder):
        assert np.array_equal(embedder.encode_passages(tuple(TEXTS)), embedder.encode_passages(TEXTS))

    def test_tokens_past_the_limit_do_not_reach_the_model(self, embedder: Embedder):
        if embedder.max_tokens > 100_000:
            pytest.skip("no limit that a test could reach")
        text = TEXTS[0] * embedder.max_tokens
        rows = embedder.encode_passages([text, text + TEXTS[5]])
        assert rows[0] == pytest.approx(rows[1], abs=self.tolerance)

    def test_the_limit_is_a_finite_number_of_tokens(self, embedder: Embedder):
        assert isinstance(embedder.max_tokens, int)
        assert 1 < embedder.max_tokens <= 1 << 20

    def test_tokens_are_counted_for_each_text(self, embedder: Embedder):
        counts = embedder.count_tokens(TEXTS)
        assert len(counts) == len(TEXTS)
        assert all(0 < count <= 4 * len(text.encode()) for count, text in zip(counts, TEXTS, strict=True))
        assert embedder.count_tokens([]) == []

    def test_the_empty_text_has_no_tokens_so_none_are_special(self, embedder: Embedder):
        assert embedder.count_tokens([""]) == [0]

    def test_counting_never_stops_at_the_limit(self, embedder: Embedder):
        one, ten = embedder.count_tokens([LONG, LONG * 10])
        assert 9 * one <= ten <= 11 * one
        if embedder.max_tokens < 1000:
            assert one > embedder.max_tokens

    def test_parts_of_a_text_have_about_as_many_tokens_as_the_whole(self, embedder: Embedder):
        first, second, whole = embedder.count_tokens([TEXTS[0], TEXTS[2], TEXTS[0] + TEXTS[2]])
        assert abs(first + second - whole) <= 3

    def test_where_it_says_so_parts_of_a_text_have_exactly_the_tokens_of_the_whole(self, embedder: Embedder):
        if not embedder.additive:
            pytest.skip("its tokens do not add up")
        for joint in ("。", " ", "\n\n", "、「", ". ", "…", "」（", "!"):
            for one, two in permutations((*TEXTS, LONG), 2):
                first, second, between, whole = embedder.count_tokens([one, two, joint, one + joint + two])
                assert first + between + second == whole

    def test_counting_does_not_change_what_is_encoded(self, embedder: Embedder):
        before = embedder.encode_passages([LONG])
        embedder.count_tokens([LONG])
        assert np.array_equal(before, embedder.encode_passages([LONG]))

    def test_threads_do_not_disturb_one_another(self, embedder: Embedder):
        expected = embedder.encode_passages(TEXTS)
        counts = embedder.count_tokens(TEXTS)
        wrong: list[object] = []

        def work() -> None:
            for _ in range(5):
                if not np.allclose(embedder.encode_passages(TEXTS), expected, atol=self.tolerance):
                    wrong.append("vectors")
                if embedder.count_tokens(TEXTS) != counts:
                    wrong.append("counts")

        threads = [threading.Thread(target=self.guarded, args=(work, wrong)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    @staticmethod
    def guarded(work, wrong: list[object]) -> None:
        try:
            work()
        except Exception as error:  # a thread's failure must fail the test
            wrong.append(error)
            raise

    def test_the_fingerprint_is_a_short_stable_text(self, embedder: Embedder):
        assert embedder.fingerprint == embedder.fingerprint
        assert 8 <= len(embedder.fingerprint) <= 80
        assert embedder.fingerprint.isascii()

    def test_it_has_a_name(self, embedder: Embedder):
        assert embedder.name
