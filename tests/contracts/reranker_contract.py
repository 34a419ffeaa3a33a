"""What every reranker must do; one is tested by inheriting this and giving a fixture ``reranker``."""

from __future__ import annotations

import math
import threading

import pytest

from rag.ports import Reranker
from tests.helpers.scripts import AWKWARD, TEXTS

QUERY = "東京はどこの首都ですか"
LONG = "長い文章はとても長い。긴 문장은 아주 길다. 很长的句子。" * 40


class RerankerContract:
    """Inherit, and give a fixture ``reranker``."""

    tolerance = 1e-4

    def test_one_number_per_passage(self, reranker: Reranker):
        scores = reranker.score(QUERY, TEXTS)
        assert len(scores) == len(TEXTS)
        assert all(type(score) is float for score in scores)

    def test_no_passage_gives_no_score(self, reranker: Reranker):
        assert reranker.score(QUERY, []) == []

    def test_scores_are_finite_whatever_the_texts(self, reranker: Reranker):
        for query in (QUERY, "", LONG, *AWKWARD[:3]):
            assert all(math.isfinite(score) for score in reranker.score(query, [*AWKWARD, LONG]))

    def test_scores_come_in_the_order_of_the_passages(self, reranker: Reranker):
        forth = reranker.score(QUERY, [*TEXTS, LONG])
        back = reranker.score(QUERY, [LONG, *TEXTS[::-1]])
        assert forth == pytest.approx(back[::-1], abs=self.tolerance)

    def test_a_passage_alone_scores_as_it_does_among_others(self, reranker: Reranker):
        together = reranker.score(QUERY, [*TEXTS, LONG])
        alone = [reranker.score(QUERY, [text])[0] for text in (*TEXTS, LONG)]
        assert together == pytest.approx(alone, abs=self.tolerance)

    def test_the_same_call_gives_the_same_scores(self, reranker: Reranker):
        assert reranker.score(QUERY, TEXTS) == reranker.score(QUERY, TEXTS)

    def test_both_texts_matter(self, reranker: Reranker):
        scores = reranker.score(QUERY, TEXTS)
        assert len({round(score, 6) for score in scores}) == len(TEXTS)
        assert scores != pytest.approx(reranker.score(TEXTS[5], TEXTS), abs=1e-3)

    def test_any_sequence_of_passages_will_do(self, reranker: Reranker):
        assert reranker.score(QUERY, tuple(TEXTS)) == reranker.score(QUERY, TEXTS)

    def test_threads_do_not_disturb_one_another(self, reranker: Reranker):
        expected = reranker.score(QUERY, TEXTS)
        found: list[list[float]] = []
        threads = [
            threading.Thread(target=lambda: found.append(reranker.score(QUERY, TEXTS))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == len(threads)
        assert all(scores == pytest.approx(expected, abs=self.tolerance) for scores in found)

    def test_it_has_a_name(self, reranker: Reranker):
        assert reranker.name
