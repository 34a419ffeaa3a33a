"""What the chains ask of an engine."""

from __future__ import annotations

from typing import Protocol

from rag.answer.answerer import Answerer
from rag.settings import Context, Settings
from rag.types import Query, Ranking


class Searcher(Protocol):
    """What a retriever asks: an `rag.engine.Engine`, or anything shaped like it."""

    def search(
        self, text: str, *, top_k: int | None = None, context: Context = "chunk", room: int | None = None
    ) -> Ranking:
        """The best chunks, best first, grown as the context says. Raises QueryError, StoreError."""
        ...


class Asked(Searcher, Protocol):
    """What a chain asks besides."""

    @property
    def settings(self) -> Settings:
        """What it was opened with; ``answer`` says what an answer sees of a hit."""
        ...

    @property
    def answerer(self) -> Answerer:
        """What answers from a ranking."""
        ...

    def query(self, text: str) -> Query:
        """The question, cleaned, with its language. Raises QueryError."""
        ...
