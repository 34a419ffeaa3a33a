"""cjkrag as LlamaIndex objects: a retriever, and a query engine that answers.

Needs the extra ``llamaindex``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response, StreamingResponse
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.chains.carried import beside, from_beside
from rag.chains.searcher import Asked, Searcher
from rag.settings import Context
from rag.types import Answer, Chunk, Citation, Delta, Hit, Place, Stage, Turn


class CJKLlamaRetriever(BaseRetriever):
    """A LlamaIndex retriever over a collection.

    Each node is a chunk with its id and its offsets in the document; its metadata: document, page,
    headings, doc_id, lang, trace.

    Args:
        engine: an `rag.engine.Engine`, or anything with its ``search``.
        top_k: most nodes; the engine's own setting when not given.
        context: ``parent`` for the section around each chunk, ``neighbours`` for the chunks beside it too.
        room: most tokens of all nodes together to which they grow.

    Example:
        >>> from rag import open_retriever                                   # doctest: +SKIP
        >>> CJKLlamaRetriever(open_retriever("docs")).retrieve("연차는 며칠?")   # doctest: +SKIP
    """

    def __init__(
        self,
        engine: Searcher,
        top_k: int | None = None,
        *,
        context: Context = "chunk",
        room: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.engine = engine
        self.top_k = top_k
        self.context: Context = context
        self.room = room

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        ranking = self.engine.search(
            query_bundle.query_str, top_k=self.top_k, context=self.context, room=self.room
        )
        return [as_node(hit) for hit in ranking]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class CJKQueryEngine(BaseQueryEngine):
    """A LlamaIndex query engine: retrieves, then quotes or asks the configured language model.

    ``query`` gives a Response: the answer's text, its source nodes, and in its metadata ``citations``,
    ``outcome``, ``model`` and ``notice``. With ``streaming`` it gives a StreamingResponse, whose
    metadata is complete when its last piece has come.

    Args:
        engine: an `rag.engine.Engine`, or what has its ``search``, ``query``, ``answerer``, ``settings``.
        top_k: most passages.
        streaming: whether ``query`` streams.

    Example:
        >>> from rag import open_retriever                                   # doctest: +SKIP
        >>> print(CJKQueryEngine(open_retriever("docs")).query("연차는 며칠?"))   # doctest: +SKIP
    """

    def __init__(self, engine: Asked, top_k: int | None = None, *, streaming: bool = False) -> None:
        super().__init__(callback_manager=None)
        self.engine = engine
        seen = engine.settings.answer
        self.retriever = CJKLlamaRetriever(engine, top_k, context=seen.context, room=seen.room)
        self.streaming = streaming

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """The nodes that an answer is made from."""
        nodes: list[NodeWithScore] = self.retriever.retrieve(query_bundle)
        return nodes

    def synthesize(
        self,
        query_bundle: QueryBundle,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
    ) -> Response | StreamingResponse:
        """The answer from nodes that the retriever gave, with ``additional_source_nodes`` after them."""
        given = [*nodes, *(additional_source_nodes or ())]
        events = self.events(query_bundle.query_str, given)
        if self.streaming:
            metadata: dict[str, Any] = {}
            return StreamingResponse(_texts(events, metadata), given, metadata)
        answer = _last(events)
        return Response(answer.text, given, _metadata(answer))

    async def asynthesize(
        self,
        query_bundle: QueryBundle,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
    ) -> Response | StreamingResponse:
        """As `synthesize`, in a worker thread."""
        return await asyncio.to_thread(self.synthesize, query_bundle, nodes, additional_source_nodes)

    def events(
        self, question: str, nodes: Sequence[NodeWithScore], history: Sequence[Turn] = ()
    ) -> Iterator[Delta | Answer]:
        """The answer from those nodes in pieces, the last event being the whole `Answer`."""
        ranking = tuple(as_hit(node) for node in nodes)
        return self.engine.answerer.stream(self.engine.query(question), ranking, history)

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        return self.synthesize(query_bundle, self.retrieve(query_bundle))

    async def _aquery(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


def as_node(hit: Hit) -> NodeWithScore:
    """A hit as LlamaIndex carries it; `as_hit` turns it back."""
    chunk = hit.chunk
    metadata = {
        "document": chunk.document,
        "page": chunk.page,
        "place": chunk.place,
        "headings": list(chunk.headings),
        "doc_id": chunk.doc_id,
        "lang": chunk.lang,
        "meta": dict(chunk.meta),
        "places": [[one.start, one.part, one.at] for one in chunk.places],
        "beside": beside(chunk),
        "trace": [[stage.name, stage.rank, stage.score] for stage in hit.trace],
    }
    hidden = ["doc_id", "lang", "meta", "places", "beside", "trace"]
    node = TextNode(
        id_=chunk.id,
        text=chunk.text,
        start_char_idx=chunk.start,
        end_char_idx=chunk.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=[*hidden, "page", "place"],
    )
    return NodeWithScore(node=node, score=hit.score)


def as_hit(scored: NodeWithScore) -> Hit:
    """What `as_node` was given. Raises ValueError for a node that it did not make."""
    node = scored.node
    if not isinstance(node, TextNode) or node.start_char_idx is None or node.end_char_idx is None:
        raise ValueError(f"{node.node_id}: not a node of CJKLlamaRetriever: it does not say where it stands")
    meta = node.metadata
    chunk = Chunk(
        id=node.node_id,
        doc_id=meta["doc_id"],
        document=meta["document"],
        text=node.text,
        start=node.start_char_idx,
        end=node.end_char_idx,
        headings=tuple(meta["headings"]),
        page=meta["page"],
        lang=meta["lang"],
        meta=meta["meta"],
        places=tuple(Place(*one) for one in meta["places"]),
        **from_beside(meta["beside"]),
    )
    return Hit(chunk, scored.score or 0.0, tuple(Stage(*stage) for stage in meta["trace"]))


def stream_answer(engine: Asked, question: str, history: Sequence[Turn] = ()) -> Iterator[Delta | Answer]:
    """The answer through the query engine, piece by piece, the last event being the whole."""
    answering = CJKQueryEngine(engine)
    nodes = answering.retrieve(QueryBundle(question))
    yield from answering.events(question, nodes, history)


def _texts(events: Iterator[Delta | Answer], metadata: dict[str, Any]) -> Generator[str, None, None]:
    for event in events:
        if isinstance(event, Delta):
            yield event.text
        else:
            metadata.update(_metadata(event))


def _last(events: Iterator[Delta | Answer]) -> Answer:
    return next(event for event in events if isinstance(event, Answer))


def _metadata(answer: Answer) -> dict[str, Any]:
    return {
        "citations": [_citation(citation) for citation in answer.citations],
        "outcome": answer.outcome,
        "model": answer.model,
        "notice": answer.notice,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "document": citation.chunk.document,
        "page": citation.page,
        "place": citation.place,
        "headings": list(citation.headings),
        "start": citation.start,
        "end": citation.end,
        "span": {"codepoints": list(citation.span), "utf16": list(citation.utf16)},
        "quote": citation.quote,
        "match": citation.match,
    }
