"""Who may ask, from where, and how much they may send."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import plain

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class HostGuard:
    """Refuses names that are not ours (DNS rebinding) and pages of other origins (CSRF).

    ``hosts`` are the names that are ours, None for any.
    """

    app: ASGIApp
    hosts: frozenset[str] | None = LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 400 or 403."""
        if scope["type"] == "http":
            headers = {
                key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]
            }
            refusal = self._refusal(scope["method"], headers.get("host", ""), headers.get("origin"))
            if refusal:
                await plain(*refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, method: str, host: str, origin: str | None) -> tuple[int, str] | None:
        name = _host(f"//{host}")
        if self.hosts is not None and name not in self.hosts:
            return 400, "this service does not answer to that host name"
        if method not in _SAFE and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return 403, "pages of another origin may not write here"
        return None


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Refuses bodies over a limit, declared or not; ``limit`` gives the bytes for a path."""

    app: ASGIApp
    limit: Callable[[str], int]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count while reading; answer 413 as soon as it is too much."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.limit(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await plain(413, f"the request is larger than {most:,} bytes")(scope, receive, send)
            return
        await self.app(scope, _counted(receive, most), send)


def trust(tokens: Callable[[], Iterable[str]], *, required: bool) -> Callable[[Request], None]:
    """A dependency that knows the owner by a bearer token; where required, others get 401."""

    def check(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and any(_same(given, token) for token in tokens())
        request.state.trusted = known
        if required and not known:
            raise HTTPException(401, "this needs the owner's token", {"www-authenticate": "Bearer"})

    return check


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, f"the request is larger than {most:,} bytes")
        return message

    return counting


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _same(given: str, token: str) -> bool:
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, token))
    return hmac.compare_digest(*digests)
