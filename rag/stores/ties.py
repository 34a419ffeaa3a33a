"""Best first, ties by chunk id, for engines that break ties as they like."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

SPARE = 8  # asked for beyond the depth, so that a tie at its edge is seen


class Found(NamedTuple):
    """A chunk's id, its score, and the chunk as the store keeps it."""

    id: str
    score: float
    chunk: str


def settled(found: list[Found], depth: int, asked: int, more: Callable[[int], list[Found]]) -> list[Found]:
    """The first ``depth`` of what an engine found, in an order that does not depend on the engine.

    Where the engine may have cut a group of equal scores that reaches into the first ``depth``, it is
    asked for more, twice as many each time.

    Args:
        found: what the engine returned, best first.
        depth: how many are wanted.
        asked: how many the engine was asked for.
        more: asks the engine again, for so many.

    Example:
        >>> settled([Found("b", 1.0, ""), Found("a", 1.0, "")], 1, 9, more=lambda limit: [])
        [Found(id='a', score=1.0, chunk='')]
    """
    while len(found) == asked > depth and found[-1].score >= found[depth - 1].score:
        asked *= 2
        found = more(asked)
    return sorted(found, key=lambda one: (-one.score, one.id))[:depth]
