"""``cjkrag serve``: the HTTP service as the main business of a process."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn

from rag.errors import ConfigError, StoreUnavailable
from rag.settings import Settings
from ui.api.app import create_app
from ui.api.guards import LOOPBACK
from ui.api.server import uvicorn_config
from ui.local import LocalFace


def serve(settings: Settings, *, allow_public: bool, ready: Callable[[str], None]) -> None:
    """Listen until stopped; ``ready`` is told the address.

    Raises:
        ConfigError: the address reaches beyond this machine and that was not allowed.
        StoreUnavailable: the port is taken.
    """
    host = settings.serve.host
    refuse_public(host, allow_public=allow_public)
    listening = listen_on(host, settings.serve.port)
    url = f"http://{_shown(host)}:{listening.getsockname()[1]}"
    signal.signal(signal.SIGTERM, _stop)
    with LocalFace(settings) as face:
        face.announce(url)
        app = create_app(face, tokens=face.tokens, hosts=LOOPBACK if host in LOOPBACK else None)
        ready(url)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn_config(app)).run(sockets=[listening])


def refuse_public(host: str, *, allow_public: bool) -> None:
    """Raises ConfigError for an address beyond this machine, unless it is allowed."""
    if host not in LOOPBACK and not allow_public:
        raise ConfigError(
            f"{host} can be reached from other machines and there are no keys yet: anyone could read and "
            "change the collections. Add --allow-public if a proxy or a firewall guards it"
        )


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises StoreUnavailable where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise StoreUnavailable(f"{host}:{port}: {error.strerror}. Choose another: --port 0") from error


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
