"""``cjkrag serve`` and ``cjkrag chat``."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.common import Run, command, note

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.", show_default=False)]
Port = Annotated[int | None, typer.Option("--port", help="Port, 0 for a free one.", show_default=False)]
Public = Annotated[bool, typer.Option("--allow-public", help="Listen beyond this machine, without keys.")]


@command
def serve(run: Run, port: Port = None, host: Host = None, allow_public: Public = False) -> None:
    """Answer over HTTP: /healthz, /search, /ask, /chunks, /documents, /collections."""
    settings = run.settings(serve__port=port, serve__host=host)
    from ui.service import serve as run_service

    run_service(settings, allow_public=allow_public, ready=lambda url: note(f"cjkrag: listening on {url}"))


@command
def chat(run: Run, port: Port = None, host: Host = None, allow_public: Public = False) -> None:
    """Open the chat in the browser's reach: http://127.0.0.1:8501 unless told otherwise."""
    settings = run.settings(serve__chat_port=port)
    from ui.chat.launch import launch

    launch(
        settings,
        host=host,
        allow_public=allow_public,
        say=lambda url: note(f"cjkrag: the chat is on {url}"),
    )
