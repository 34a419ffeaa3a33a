"""One opened collection: searches it and answers from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from rag.collection import Collection
from rag.ports import Analyser, Embedder, Retriever, Store
from rag.retrieve.expand import beside, expand, growth
from rag.settings import Context, Mode, Settings
from rag.text.query import as_query
from rag.types import Answer, Chunk, Delta, Query, Ranking, Turn

if TYPE_CHECKING:
    from rag.answer.answerer import Answerer
    from rag.stores.lock import Owner


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine is made of; `rag.assemble` puts them together."""

    embedder: Embedder
    analyser: Analyser
    store: Store
    retriever: Callable[[Mode], Retriever]
    answerer: Answerer
    owner: Owner


class Engine:
    """A collection, open for searching, answering and (by `ingest`) writing.

    It owns the index until it is closed: no second process can open it. Safe to use from several
    threads.

    Example:
        >>> from rag import open_retriever                      # doctest: +SKIP
        >>> with open_retriever("docs") as engine:              # doctest: +SKIP
        ...     print(engine.ask("有給休暇は何日ですか").text)
    """

    def __init__(self, settings: Settings, collection: Collection, parts: Parts) -> None:
        self.settings = settings
        self.collection = collection
        self.embedder = parts.embedder
        self.analyser = parts.analyser
        self.store = parts.store
        self.answerer = parts.answerer
        self.owner = parts.owner
        self._retriever = parts.retriever

    def query(self, text: str) -> Query:
        """The question as every stage sees it. Raises QueryError where it is empty or too long."""
        return as_query(text, self.settings.retrieve.max_query_chars)

    def retriever(self, mode: Mode | None = None) -> Retriever:
        """The retriever of that mode, the configured one when not given; printing it shows its parts."""
        return self._retriever(mode or self.settings.retrieve.mode)

    def search(
        self,
        text: str,
        *,
        top_k: int | None = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: int | None = None,
    ) -> Ranking:
        """The best chunks for a question, best first, at most ``top_k``.

        Args:
            text: the question.
            top_k: most hits; ``retrieve.top_k`` when not given.
            mode: ``retrieve.mode`` when not given.
            context: ``parent`` or ``neighbours`` grow each hit, see `rag.retrieve.expand.expand`.
            room: most tokens of all hits together to which they grow.

        Raises:
            QueryError: the question is empty or longer than ``retrieve.max_query_chars``.
            StoreError: the store does not answer.
        """
        wanted = self.settings.retrieve.top_k if top_k is None else top_k
        ranking = self.retriever(mode)([self.query(text)], top_k=wanted)[0]
        by = growth(context, self.settings.answer)
        return expand(ranking, self.store, by, room) if by else ranking

    def neighbours(self, chunk: Chunk | str, *, before: int = 1, after: int = 1) -> tuple[Chunk, ...]:
        """The chunk, or the one of that id, between those beside it in its document, as the text goes.

        None at all where no chunk that can be found has that id. Raises StoreError.
        """
        one = self._chunk(chunk) if isinstance(chunk, str) else chunk
        return beside(one, self.store, before=before, after=after) if one else ()

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The whole answer with its verified citations. Raises as `search`."""
        for event in self.stream(question, history):
            if isinstance(event, Answer):
                return event
        raise AssertionError("an answerer ends with an Answer")

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Delta | Answer]:
        """The answer in pieces; the last event is the `Answer`. Raises as `search`."""
        query = self.query(question)
        answer = self.settings.answer
        ranking = self.search(query.text, context=answer.context, room=answer.room)
        yield from self.answerer.stream(query, ranking, history)

    def close(self) -> None:
        """Close the store and give the index free; safe to call twice."""
        self.store.close()
        self.owner.release()

    def _chunk(self, key: str) -> Chunk | None:
        """The chunk of that id, unless its generation is hidden."""
        found = self.store.get([key]).get(key)
        hidden = self.collection.hidden()
        if found is None or not hidden:
            return found
        kept = self.store.scroll(doc_id=found.doc_id)
        return next((one for one, generation in kept if one.id == key and generation not in hidden), None)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Engine({self.collection.name!r}, {self.retriever()!r})"
