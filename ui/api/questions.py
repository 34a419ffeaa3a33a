"""``/search`` and ``/ask``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from rag.errors import CjkRagError
from rag.settings import Context, Mode
from rag.text.query import as_query
from rag.types import Answer, Delta, Turn
from ui import wire
from ui.api.bodies import AskBody, Count, Name, Room, SearchBody, Text, TopK
from ui.api.problems import Json, failed_answer, no_such_chunk, problem
from ui.face import Face, Question


def router(face: Face) -> APIRouter:
    """The routes that find and answer."""
    routes = APIRouter()

    @routes.get("/search")
    def search_by_link(
        q: Text,
        collection: Name = None,
        top_k: Annotated[TopK, Query()] = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: Annotated[Room, Query()] = None,
    ) -> Json:
        """The passages that fit a question."""
        how = {"top_k": top_k, "mode": mode, "context": context, "room": room}
        return _search(face, SearchBody(query=q, collection=collection, **how))

    @routes.post("/search")
    def search(body: SearchBody) -> Json:
        """The passages that fit a question."""
        return _search(face, body)

    @routes.get("/chunks")
    def chunks(
        id: Text,
        collection: Name = None,
        before: Annotated[Count, Query()] = 1,
        after: Annotated[Count, Query()] = 1,
    ) -> Json:
        """A passage between those beside it in its document, as the text goes."""
        found = face.neighbours(id, collection=collection, before=before, after=after)
        if not found:
            return no_such_chunk(id)
        return Json({"id": id, "chunks": [wire.chunk_to_json(one) for one in found]})

    @routes.post("/ask")
    async def ask(body: AskBody, request: Request) -> Any:
        """An answer with its citations: one reply, or events ``delta``, ``answer``, ``error``."""
        question = _question(body)
        if not (body.stream or "text/event-stream" in request.headers.get("accept", "")):
            return _answered(await to_thread.run_sync(face.ask, question))
        events = face.stream(question)
        first = await to_thread.run_sync(next, events)
        trusted = getattr(request.state, "trusted", False)
        return StreamingResponse(
            _events(first, events, trusted=trusted),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return routes


def _answered(answer: Answer) -> Json:
    """The answer; where the language model failed, a problem that carries what there is of it."""
    told = wire.answer_to_json(answer)
    return failed_answer(told) if answer.outcome == "failed" else Json(told)


def _search(face: Face, body: SearchBody) -> Json:
    query = as_query(body.query, face.settings.retrieve.max_query_chars)
    ranking = face.search(
        query.text,
        collection=body.collection,
        top_k=body.top_k,
        mode=body.mode,
        context=body.context,
        room=body.room,
    )
    return Json(wire.search_to_json(query, ranking))


def _question(body: AskBody) -> Question:
    history = tuple(Turn(one.question, one.answer) for one in body.history)
    return Question(body.question, body.collection, history, body.top_k, body.mode)


async def _events(
    first: Delta | Answer, rest: Iterator[Delta | Answer], *, trusted: bool
) -> AsyncIterator[str]:
    """Server-sent events; a client that leaves stops the generator behind them."""
    event: Delta | Answer | None = first
    try:
        while event is not None:
            yield _event(*wire.event_to_json(event))
            event = await to_thread.run_sync(next, rest, None)
    except CjkRagError as error:
        yield _event("error", problem(error, trusted=trusted))
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(_close, rest)


def _close(events: Iterator[Delta | Answer]) -> None:
    close = getattr(events, "close", None)
    if close:
        close()


def _event(name: str, data: Any) -> str:
    # ASCII: no line separator of any kind may stand in the data
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
