"""``/internal``: for processes of this machine that hold the owner's token."""

from __future__ import annotations

import json

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ui import wire
from ui.api.bodies import Name
from ui.face import Face


def router(face: Face) -> APIRouter:
    """Routes for other processes of the same user."""
    routes = APIRouter(prefix="/internal", include_in_schema=False)

    @routes.get("/export")
    def export(collection: Name = None) -> StreamingResponse:
        """Every chunk, one JSON object a line."""
        chunks = face.export(collection=collection)
        first = next(chunks, None)
        lines = (f"{json.dumps(wire.chunk_to_json(one))}\n" for one in _again(first, chunks))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    return routes


def _again(first, rest):  # type: ignore[no-untyped-def]
    if first is not None:
        yield first
        yield from rest
