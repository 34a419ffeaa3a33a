"""Batches under a token budget, and halves where memory runs out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embed.batching import batches, halving

LENGTHS = st.lists(st.integers(0, 600), max_size=80)
BUDGETS = st.integers(1, 2000)


def rows_times_longest(group: list[int], lengths: list[int]) -> int:
    return len(group) * max(lengths[position] for position in group)


@given(LENGTHS, BUDGETS)
def test_every_position_is_in_one_batch(lengths, budget):
    groups = batches(lengths, budget)
    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    assert all(groups)


@given(LENGTHS, BUDGETS)
def test_a_batch_stays_within_the_budget_or_is_one_text(lengths, budget):
    for group in batches(lengths, budget):
        assert len(group) == 1 or rows_times_longest(group, lengths) <= budget


@given(LENGTHS, BUDGETS)
def test_the_longest_come_first(lengths, budget):
    order = [lengths[position] for group in batches(lengths, budget) for position in group]
    assert order == sorted(lengths, reverse=True)


@given(LENGTHS, BUDGETS)
def test_no_batch_could_have_taken_the_next_text(lengths, budget):
    groups = batches(lengths, budget)
    for group, after in pairwise(groups):
        assert rows_times_longest([*group, after[0]], lengths) > budget


@given(LENGTHS, BUDGETS)
def test_texts_of_equal_length_keep_their_order(lengths, budget):
    order = [position for group in batches(lengths, budget) for position in group]
    for one, other in pairwise(order):
        assert lengths[one] != lengths[other] or one < other


def test_no_texts_make_no_batches():
    assert batches([], 100) == []


class Memory:
    """Runs at most ``room`` items; remembers the sizes it was asked for."""

    def __init__(self, room: int, error: type[Exception] = MemoryError) -> None:
        self.room, self.error, self.sizes = room, error, []

    def __call__(self, items):
        self.sizes.append(len(items))
        if len(items) > self.room:
            raise self.error("out of memory")
        return [item * 2 for item in items]


def out_of_memory(error: Exception) -> bool:
    return "out of memory" in str(error)


@given(st.lists(st.integers(), min_size=1, max_size=40), st.integers(1, 40))
def test_halving_gives_what_enough_memory_would_have_given(items, room):
    memory = Memory(room)
    assert halving(memory, items, out_of_memory) == [item * 2 for item in items]
    assert (len(memory.sizes) == 1) == (len(items) <= room)


@pytest.mark.parametrize("error", [MemoryError, RuntimeError])
def test_a_single_item_that_does_not_fit_is_an_error(error):
    with pytest.raises(error, match="out of memory"):
        halving(Memory(0, error), [1, 2, 3], out_of_memory)


def test_another_failure_is_not_tried_again():
    memory = Memory(1, RuntimeError)
    with pytest.raises(RuntimeError):
        halving(memory, [1, 2, 3, 4], lambda _: False)
    assert memory.sizes == [4]
