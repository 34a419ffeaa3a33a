"""Cut a list of texts into batches that waste little padding and fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group positions so that a padded batch stays within a token budget.

    The longest come first, so that a batch that does not fit in memory fails at once and not at the end.
    Equal lengths keep their order.

    Args:
        lengths: tokens of each text.
        budget: most tokens of one batch, padding counted: rows x longest row.

    Returns:
        Lists of positions into ``lengths``; each position once. A text longer than the budget is alone.

    Example:
        >>> batches([3, 9, 3, 4], budget=10)
        [[1], [3, 0], [2]]
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    groups: list[list[int]] = []
    for position in order:
        if groups and lengths[groups[-1][0]] * (len(groups[-1]) + 1) <= budget:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def halving(
    run: Callable[[list[T]], list[R]], items: list[T], exhausted: Callable[[Exception], bool]
) -> list[R]:
    """Run a batch; where memory runs out, run its halves.

    Args:
        run: one result per item.
        items: the batch.
        exhausted: whether an exception means "out of memory".

    Returns:
        One result per item, in order.

    Raises:
        Exception: what ``run`` raised, when it was not about memory or a single item does not fit.
    """
    try:
        return run(items)
    except (MemoryError, RuntimeError) as error:
        if len(items) < 2 or not exhausted(error):
            raise
    middle = len(items) // 2
    return [*halving(run, items[:middle], exhausted), *halving(run, items[middle:], exhausted)]
