"""``cjkrag chat``: Streamlit in this process, over a face that other commands find."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag.settings import Settings
from ui.service import listen_on, refuse_public

_LOOK_AGAIN = 0.1
APP = Path(__file__).with_name("app.py")


def launch(
    settings: Settings, *, host: str | None = None, allow_public: bool = False, say: Callable[[str], None]
) -> None:
    """Serve the page until stopped; ``say`` is told its address once it answers.

    Raises:
        ConfigError: the address reaches beyond this machine and that was not allowed.
        StoreUnavailable: the port is taken.
    """
    address = host or "127.0.0.1"
    refuse_public(address, allow_public=allow_public)
    os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")
    with listen_on(address, settings.serve.chat_port) as tried:
        port = tried.getsockname()[1]
    from streamlit.web import bootstrap

    from ui.chat import state

    flags = options(settings, address, port)
    bootstrap.load_config_options(flags)
    with state.open_listening(settings) as face:
        state.use(face)
        threading.Thread(target=_say_when_up, args=(address, port, say), daemon=True).start()
        bootstrap.run(str(APP), False, [], flags)


def options(settings: Settings, address: str, port: int) -> dict[str, Any]:
    """Streamlit's options, named as its command line names them."""
    return {
        "server_address": address,
        "server_port": port,
        "server_headless": True,
        "server_maxUploadSize": max(1, round(settings.serve.max_upload_megabytes)),
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "browser_gatherUsageStats": False,
        "client_showErrorDetails": "none",
        "client_toolbarMode": "minimal",
        "logger_hideWelcomeMessage": True,
        "theme_light_primaryColor": "#0b6b5d",
        "theme_dark_primaryColor": "#3fb8a3",
        "theme_font": "sans-serif",
    }


def _say_when_up(address: str, port: int, say: Callable[[str], None]) -> None:
    while True:
        with suppress(OSError), socket.create_connection((address, port), timeout=1):
            break
        time.sleep(_LOOK_AGAIN)
    say(f"http://{address}:{port}")
