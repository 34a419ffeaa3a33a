"""What every way in talks to: the shapes and the protocol of a face, and how one is opened.

`ui.local.LocalFace` opens collections in this process; `ui.client.HttpFace` asks a service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import StoreUnavailable
from rag.settings import Context, IngestSettings, Mode, Settings
from rag.types import Answer, Chunk, Delta, Query, Ranking, Turn

if TYPE_CHECKING:
    from ingest.report import Listener, Report
    from rag.answer.answerer import Answerer
    from rag.engine import Engine


class OwnerGone(StoreUnavailable):
    """Nobody listens at the address of the process that owned the index."""


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A collection and how much it holds; ``owner`` is the process that has it open."""

    name: str
    documents: int
    chunks: int
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came from a person: its name is a claim, not a path."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, where, and from how many passages; None stands for what is configured."""

    text: str
    collection: str | None = None
    history: tuple[Turn, ...] = ()
    top_k: int | None = None
    mode: Mode | None = None


class Face(Protocol):
    """Collections, questions and documents; ``collection`` is the configured one when not given."""

    settings: Settings

    def collections(self) -> list[CollectionInfo]:
        """Every collection, by name."""
        ...

    def search(
        self,
        text: str,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: int | None = None,
    ) -> Ranking:
        """The best chunks, best first, grown as the context says.

        Raises:
            QueryError, ConfigError, IndexMissing, StoreError.
        """
        ...

    def neighbours(
        self, chunk_id: str, *, collection: str | None = None, before: int = 1, after: int = 1
    ) -> tuple[Chunk, ...]:
        """The chunk between those beside it in its document; none where there is no such chunk."""
        ...

    def ask(self, question: Question) -> Answer:
        """The whole answer. Raises as `search`, GenerationError."""
        ...

    def stream(self, question: Question) -> Iterator[Delta | Answer]:
        """The answer in pieces, the last event being the whole. Raises as `ask`."""
        ...

    def ingest(
        self,
        folder: Path,
        *,
        collection: str | None = None,
        rebuild: bool = False,
        how: IngestSettings | None = None,
        progress: Listener | None = None,
    ) -> Report:
        """Read a folder into a collection, which is made where there is none; ``how`` if not as set."""
        ...

    def upload(
        self, files: Iterable[Upload], *, collection: str | None = None, progress: Listener | None = None
    ) -> Report:
        """Keep files with the collection and read them into it."""
        ...

    def documents(self, *, collection: str | None = None) -> list[dict[str, Any]]:
        """What the collection knows of each document, by name."""
        ...

    def delete(self, name: str, *, collection: str | None = None) -> bool:
        """Forget a document; False where there is none of that name."""
        ...

    def export(self, *, collection: str | None = None) -> Iterator[Chunk]:
        """Every visible chunk, sorted by document, then place."""
        ...

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        ...

    def __enter__(self) -> Face: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Reader:
    """One collection of a face, shaped like an `rag.engine.Engine`: found there, answered here.

    The chains and the extractive answerer take it where they take an engine.
    """

    def __init__(self, face: Face, collection: str) -> None:
        self.settings = face.settings.model_copy(update={"collection": collection})
        self._face = face

    @property
    def answerer(self) -> Answerer:
        """The configured answerer, in this process."""
        from rag.assemble import answerer

        return answerer(self.settings)

    def query(self, text: str) -> Query:
        """The question as every stage sees it. Raises QueryError."""
        from rag.text.query import as_query

        return as_query(text, self.settings.retrieve.max_query_chars)

    def search(
        self,
        text: str,
        *,
        top_k: int | None = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: int | None = None,
    ) -> Ranking:
        """The best chunks, by the face; limits and mode are those of these settings."""
        retrieve = self.settings.retrieve
        return self._face.search(
            text,
            collection=self.settings.collection,
            top_k=retrieve.top_k if top_k is None else top_k,
            mode=mode or retrieve.mode,
            context=context,
            room=room,
        )

    def neighbours(self, chunk_id: str, *, before: int = 1, after: int = 1) -> tuple[Chunk, ...]:
        """The chunk between those beside it, by the face."""
        return self._face.neighbours(
            chunk_id, collection=self.settings.collection, before=before, after=after
        )

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Delta | Answer]:
        """The answer in pieces; the last event is the `Answer`. Raises as `search`."""
        yield from stream_from(self, Question(question, history=tuple(history)))


def stream_from(reader: Engine | Reader, question: Question) -> Iterator[Delta | Answer]:
    """Search, then answer; the last event is the `Answer`. Raises QueryError, StoreError, GenerationError."""
    query = reader.query(question.text)
    answer = reader.settings.answer
    ranking = reader.search(
        query.text, top_k=question.top_k, mode=question.mode, context=answer.context, room=answer.room
    )
    yield from reader.answerer.stream(query, ranking, question.history)


def whole(events: Iterator[Delta | Answer]) -> Answer:
    """The `Answer` that ends a stream."""
    for event in events:
        if isinstance(event, Answer):
            return event
    raise AssertionError("a stream ends with an Answer")


def open_face(settings: Settings) -> Face:
    """The service at ``serve.url`` where that is set, else this process."""
    if settings.serve.url:
        from ui.client import HttpFace

        return HttpFace(settings.serve.url, settings)
    from ui.local import LocalFace

    return LocalFace(settings)
