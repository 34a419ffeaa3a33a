"""A service in the background of a process that owns an index."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

from rag.errors import StoreUnavailable
from ui.api.app import create_app
from ui.api.server import uvicorn_config

if TYPE_CHECKING:
    from ui.local import LocalFace

_PATIENCE = 10.0


class Background:
    """Answers holders of the owner's token on a free loopback port."""

    def __init__(self, face: LocalFace) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = create_app(face, tokens=face.tokens, private=True)
        self._server = uvicorn.Server(uvicorn_config(app))
        self._thread = threading.Thread(target=self._run, name="cjkrag-listener", daemon=True)

    def start(self) -> str:
        """Begin to answer; the address. Raises StoreUnavailable if it does not come up."""
        self._thread.start()
        end = time.monotonic() + _PATIENCE
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise StoreUnavailable(f"{self.url}: the background service did not start")
            time.sleep(0.01)
        return self.url

    def stop(self) -> None:
        """Finish what is being answered, then leave."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
