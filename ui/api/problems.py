"""Errors as problem documents: what failed and what to do, without paths and stack traces.

Source: RFC 9457.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag import errors
from rag.errors import CjkRagError
from ui.wire import error_to_json

log = logging.getLogger("cjkrag.api")

_STATUS: tuple[tuple[type[CjkRagError], int], ...] = (
    (errors.QueryError, 422),
    (errors.DocumentError, 422),
    (errors.ConfigError, 422),
    (errors.MissingExtra, 501),
    (errors.IndexMissing, 404),
    (errors.IndexMismatch, 409),
    (errors.StoreError, 503),
    (errors.GenerationError, 502),
    (errors.ModelError, 503),
)
_SPEAKS_FREELY = (
    errors.QueryError,
    errors.DocumentError,
    errors.ConfigError,
    errors.IndexMissing,
    errors.IndexMismatch,
    errors.MissingExtra,
)
_INSTEAD: tuple[tuple[type[CjkRagError], str], ...] = (
    (errors.StoreLocked, "the index is in use by another process; try again in a moment"),
    (errors.StoreError, "the store does not answer; the service's log says why"),
    (errors.GenerationError, "the language model failed; the service's log says why"),
    (errors.ModelError, "a model cannot be used; the service's log says why"),
)
_PUBLIC_FACTS = ("code", "collection", "expected", "found", "extra")
_RETRY_SECONDS = "2"


class Json(JSONResponse):
    """JSON that never fails on a lone surrogate."""

    def render(self, content: Any) -> bytes:
        """The content as UTF-8."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )


def status_of(error: CjkRagError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: CjkRagError, *, trusted: bool) -> dict[str, Any]:
    """The problem document of an error; its full words and facts are for trusted callers."""
    told = error_to_json(error)
    facts = told["facts"]
    if not trusted:
        facts = {key: value for key, value in facts.items() if key in _PUBLIC_FACTS}
    detail = told["message"] if trusted or isinstance(error, _SPEAKS_FREELY) else _public(error)
    return _document(told["type"], status_of(error), detail, facts=facts)


def answer_with_problems(app: FastAPI) -> None:
    """Make every failure of the app a problem document."""
    app.add_exception_handler(CjkRagError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_status)
    app.add_exception_handler(Exception, _on_bug)


def response(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Json:
    """A problem document as a response."""
    more = {"retry-after": _RETRY_SECONDS} if document["status"] == 503 else {}
    return Json(
        document,
        status_code=document["status"],
        headers={**more, **(headers or {})},
        media_type="application/problem+json",
    )


def plain(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Json:
    """A problem that is no `CjkRagError`."""
    return response(_document("about:blank", status, detail), headers)


def no_such_document(name: str) -> Json:
    """The problem of a name that the collection does not know."""
    return _unknown(name, "the collection has no such document")


def no_such_chunk(key: str) -> Json:
    """The problem of an id that no passage of the collection has."""
    return _unknown(key, "the collection has no such passage")


def failed_answer(answer: Mapping[str, Any]) -> Json:
    """The problem of a language model that failed; ``answer`` has what came of it and what was found."""
    detail = answer["notice"] or "the language model failed"
    return response(_document("GenerationError", 502, detail, facts={"code": "failed"}, answer=answer))


def _unknown(name: str, detail: str) -> Json:
    facts = {"path": name, "code": "unknown"}
    return response(_document("DocumentError", 404, detail, facts=facts))


def _document(kind: str, status: int, detail: str, **more: Any) -> dict[str, Any]:
    known = kind != "about:blank"
    return {
        "type": f"urn:cjkrag:{kind}" if known else kind,
        "title": kind if known else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{uuid.uuid4()}",
        **more,
    }


def _public(error: CjkRagError) -> str:
    return next((text for kind, text in _INSTEAD if isinstance(error, kind)), "the service failed")


async def _on_error(request: Request, error: Exception) -> Json:
    assert isinstance(error, CjkRagError)
    document = problem(error, trusted=getattr(request.state, "trusted", False))
    log.warning("%s %s: %s", document["instance"], type(error).__name__, error)
    return response(document)


async def _on_invalid(request: Request, error: Exception) -> Json:
    assert isinstance(error, RequestValidationError)
    places = (f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
    return plain(422, "; ".join(places))


async def _on_status(request: Request, error: Exception) -> Json:
    assert isinstance(error, HTTPException)
    return plain(error.status_code, str(error.detail), error.headers)


async def _on_bug(request: Request, error: Exception) -> Json:
    answer = plain(500, "the service failed; its log says why")
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return answer
