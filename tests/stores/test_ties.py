from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from rag.stores.ties import SPARE, Found, settled


@given(
    scores=st.lists(st.sampled_from([0.25, 0.5, 1.0]), max_size=120),
    depth=st.integers(1, 130),
    seed=st.integers(0, 2**16),
)
def test_the_best_are_the_same_however_an_engine_breaks_ties(scores, depth, seed):
    points = [Found(f"{number:03}", score, "") for number, score in enumerate(scores)]
    shuffled = random.Random(seed).sample(points, len(points))
    ranked = sorted(shuffled, key=lambda one: -one.score)
    found = settled(ranked[: depth + SPARE], depth, depth + SPARE, lambda limit: ranked[:limit])
    assert found == sorted(points, key=lambda one: (-one.score, one.id))[:depth]


def test_an_engine_is_not_asked_again_where_no_tie_reaches_into_the_depth():
    ranked = [Found(str(number), float(-number), "") for number in range(50)]

    def again(limit: int) -> list[Found]:
        raise AssertionError(f"asked again for {limit}")

    assert settled(ranked[:10], 2, 10, again) == ranked[:2]
