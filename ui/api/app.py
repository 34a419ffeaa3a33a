"""The HTTP service over a face."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from fastapi import APIRouter, Depends, FastAPI

from ui.api import documents, internal, questions
from ui.api.guards import LOOPBACK, BodyLimit, HostGuard, trust
from ui.api.problems import Json, answer_with_problems
from ui.face import Face

_MEGABYTE = 1 << 20
_JSON_LIMIT = 2 * _MEGABYTE


def create_app(
    face: Face,
    *,
    tokens: Callable[[], Iterable[str]] = tuple,
    private: bool = False,
    hosts: frozenset[str] | None = LOOPBACK,
) -> FastAPI:
    """The service.

    Args:
        face: what is served.
        tokens: what proves to be the owner of the index; ``/internal`` always asks for one.
        private: every route but ``/healthz`` asks for one.
        hosts: names this service answers to, None for any.
    """
    app = FastAPI(title="cjkrag", docs_url=None, redoc_url=None)
    answer_with_problems(app)
    app.add_middleware(BodyLimit, limit=_limit(face))
    app.add_middleware(HostGuard, hosts=hosts)
    app.include_router(_health())
    open_to = [Depends(trust(tokens, required=private))]
    for routes in (_collections(face), questions.router(face), documents.router(face)):
        app.include_router(routes, dependencies=open_to)
    app.include_router(internal.router(face), dependencies=[Depends(trust(tokens, required=True))])
    return app


def _health() -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> Json:
        """Whether the service answers."""
        return Json({"status": "ok"})

    return routes


def _collections(face: Face) -> APIRouter:
    routes = APIRouter()

    @routes.get("/collections")
    def collections() -> Json:
        """Every collection and how much it holds."""
        return Json({"collections": [asdict(one) for one in face.collections()]})

    return routes


def _limit(face: Face) -> Callable[[str], int]:
    upload = int(face.settings.serve.max_upload_megabytes * _MEGABYTE) + _MEGABYTE

    def limit(path: str) -> int:
        return upload if path == "/documents" else _JSON_LIMIT

    return limit
