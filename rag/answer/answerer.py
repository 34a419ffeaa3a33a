"""What answers a question from a ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rag.types import Answer, Delta, Query, Ranking, Turn


class Answerer(Protocol):
    """Turns a question and what was found for it into a reply, piece by piece.

    `rag.answer.extract.Extractive` quotes; `rag.answer.generate.Generated` asks a language model.
    """

    def stream(
        self, query: Query, ranking: Ranking, history: Sequence[Turn] = ()
    ) -> Iterator[Delta | Answer]:
        """Pieces of the reply as they come; the last event, and no other, is the whole `Answer`."""
        ...


def answer(answerer: Answerer, query: Query, ranking: Ranking, history: Sequence[Turn] = ()) -> Answer:
    """The whole answer at once.

    Raises:
        ValueError: the answerer broke its promise to end with an `Answer`.
    """
    last: Delta | Answer | None = None
    for event in answerer.stream(query, ranking, history):
        last = event
    if not isinstance(last, Answer):
        raise ValueError(f"the stream of {answerer!r} ended with {last!r}, not with an Answer")
    return last
