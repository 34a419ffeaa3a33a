"""cjkrag as LangChain objects: a retriever, and a chain that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from langchain_core.runnables.config import run_in_executor

from rag.answer.answerer import answer
from rag.chains.carried import beside, from_beside
from rag.chains.searcher import Asked, Searcher
from rag.settings import Context
from rag.types import Answer, Chunk, Delta, Hit, Place, Query, Ranking, Stage, Turn


class CJKRetriever(BaseRetriever):
    """A LangChain retriever over a collection.

    Each Document has the chunk's text and id; its metadata: document, page, headings, start, end,
    score, chunk_id, doc_id, lang, trace. With ``context="parent"`` it has the section around the chunk,
    with ``"neighbours"`` the chunks beside it too; ``room`` bounds the tokens of all together.

    Example:
        >>> from rag import open_retriever                                       # doctest: +SKIP
        >>> CJKRetriever(engine=open_retriever("docs")).invoke("有給休暇は何日？")    # doctest: +SKIP
    """

    engine: Any
    top_k: int | None = None
    context: Context = "chunk"
    room: int | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        searcher: Searcher = self.engine
        found = searcher.search(query, top_k=self.top_k, context=self.context, room=self.room)
        return [as_document(hit) for hit in found]


def as_document(hit: Hit) -> Document:
    """A hit as LangChain carries it; `as_hit` turns it back."""
    chunk = hit.chunk
    metadata = {
        "document": chunk.document,
        "page": chunk.page,
        "place": chunk.place,
        "headings": list(chunk.headings),
        "start": chunk.start,
        "end": chunk.end,
        "score": hit.score,
        "chunk_id": chunk.id,
        "doc_id": chunk.doc_id,
        "lang": chunk.lang,
        "meta": dict(chunk.meta),
        "places": [[one.start, one.part, one.at] for one in chunk.places],
        "beside": beside(chunk),
        "trace": [[stage.name, stage.rank, stage.score] for stage in hit.trace],
    }
    return Document(page_content=chunk.text, id=chunk.id, metadata=metadata)


def as_hit(document: Document) -> Hit:
    """What `as_document` was given."""
    meta = document.metadata
    chunk = Chunk(
        id=meta["chunk_id"],
        doc_id=meta["doc_id"],
        document=meta["document"],
        text=document.page_content,
        start=meta["start"],
        end=meta["end"],
        headings=tuple(meta["headings"]),
        page=meta["page"],
        lang=meta["lang"],
        meta=meta["meta"],
        places=tuple(Place(*one) for one in meta["places"]),
        **from_beside(meta["beside"]),
    )
    return Hit(chunk, meta["score"], tuple(Stage(*stage) for stage in meta["trace"]))


class Reply(Runnable[Mapping[str, Any], Delta | Answer]):
    """The last step of the chain: a question and its Documents in, the answer out."""

    def __init__(self, engine: Asked) -> None:
        self.engine = engine

    def invoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The whole answer."""
        return answer(self.engine.answerer, *self._given(input))

    def stream(
        self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Delta | Answer]:
        """Pieces of the reply, then the whole `Answer`."""
        yield from self.engine.answerer.stream(*self._given(input))

    async def astream(
        self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Delta | Answer]:
        """As `stream`, each piece waited for in a worker thread."""
        events = self.stream(input, config)
        while (event := await run_in_executor(config, next, events, None)) is not None:
            yield event

    def _given(self, input: Mapping[str, Any]) -> tuple[Query, Ranking, Sequence[Turn]]:
        ranking = tuple(as_hit(document) for document in input["documents"])
        return self.engine.query(input["question"]), ranking, input.get("history", ())


def question_chain(engine: Asked, *, top_k: int | None = None) -> Runnable[Any, Delta | Answer]:
    """A chain from a question to its cited answer.

    It takes the question, or ``{"question": ..., "history": [Turn(...), ...]}``. ``invoke`` gives the
    `Answer`, ``stream`` gives `Delta` pieces and then the `Answer`; ``ainvoke`` and ``astream`` likewise.
    """
    seen = engine.settings.answer
    retriever = CJKRetriever(engine=engine, top_k=top_k, context=seen.context, room=seen.room)
    documents = RunnableLambda(_question) | retriever
    return RunnableLambda(_as_asked) | RunnablePassthrough.assign(documents=documents) | Reply(engine)


def stream_answer(engine: Asked, question: str, history: Sequence[Turn] = ()) -> Iterator[Delta | Answer]:
    """The answer through the chain, piece by piece, the last event being the whole."""
    yield from question_chain(engine).stream({"question": question, "history": history})


def _as_asked(asked: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"question": asked} if isinstance(asked, str) else dict(asked)


def _question(asked: Mapping[str, Any]) -> str:
    return str(asked["question"])
