"""``/internal``: for processes of this machine that hold the owner's token."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ingest.report import Progress
from rag.errors import CjkRagError, StoreUnavailable
from ui import wire
from ui.api.bodies import IngestBody, Name
from ui.face import Face

_NDJSON = "application/x-ndjson"
Events: TypeAlias = "SimpleQueue[dict[str, Any] | None]"


def router(face: Face) -> APIRouter:
    """Routes for other processes of the same user."""
    routes = APIRouter(prefix="/internal", include_in_schema=False)

    @routes.get("/export")
    def export(collection: Name = None) -> StreamingResponse:
        """Every chunk, one JSON object a line."""
        chunks = face.export(collection=collection)
        first = [one for one in [next(chunks, None)] if one]  # an error now is a problem, not a torn reply
        lines = (_line(wire.chunk_to_json(one)) for one in chain(first, chunks))
        return StreamingResponse(lines, media_type=_NDJSON)

    @routes.post("/ingest")
    def ingest(body: IngestBody) -> StreamingResponse:
        """Read a path of this machine: a line of progress for each file, then the report or the error."""
        return StreamingResponse(_ingesting(face, body), media_type=_NDJSON)

    return routes


def _ingesting(face: Face, body: IngestBody) -> Iterator[str]:
    """Lines while a thread works; it goes on when the caller leaves, as what is half written is hidden."""
    events: Events = SimpleQueue()
    threading.Thread(target=_ingest, args=(face, body, events), name="cjkrag-ingest", daemon=True).start()
    while (event := events.get()) is not None:
        yield _line(event)


def _ingest(face: Face, body: IngestBody, events: Events) -> None:
    def tell(progress: Progress) -> None:
        events.put({"progress": asdict(progress)})

    try:
        report = face.ingest(
            Path(body.path), collection=body.collection, rebuild=body.rebuild, how=body.how, progress=tell
        )
        events.put({"report": report.to_json()})
    except CjkRagError as error:
        events.put({"error": wire.error_to_json(error)})
    except OSError as error:
        events.put({"error": wire.error_to_json(StoreUnavailable(str(error)))})
    finally:
        events.put(None)


def _line(data: Any) -> str:
    return f"{json.dumps(data)}\n"  # ASCII: no line separator of any kind may stand in a line
