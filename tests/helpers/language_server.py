"""A language model's server on loopback that answers as it is told: OpenAI's, Ollama's, Anthropic's way."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LanguageServer(ThreadingHTTPServer):
    """What it does is chosen by the model's name in a request.

    ``talk``: streams ``reply``, the bytes cut at random places. ``break``: hangs up after half of them,
    in the middle of a character. ``end``: half of the reply, then a proper end of the connection without
    an ending. ``hang``: sends the first piece and then nothing. ``deaf``: sends nothing at all.
    ``empty``, ``null``: no text. ``long``: says that it ended for its length. ``filter``: that it was
    filtered. ``endless``: never ends. ``500``, ``429``, ``401``: that status. ``context``: 400 for
    prompts of more than ``context`` characters. ``cold``: 400 where a temperature is sent.
    ``garbage``: bytes that are no JSON.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = ""
        self.context = 0
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self.hung_up = threading.Event()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """The address that OpenAI-compatible clients want."""
        return f"{self.root}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is not news."""


@contextmanager
def language_server(reply: str = "") -> Iterator[LanguageServer]:
    server = LanguageServer()
    server.reply = reply
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LanguageServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        model = body["model"]
        if model.isdigit():
            self._refuse(int(model), f"told to say {model}; the key was {self.headers.get('Authorization')}")
        elif model == "cold" and "temperature" in body:
            self._refuse(400, "Unsupported value: 'temperature' does not support 0.0 with this model.")
        elif model == "context" and len(json.dumps(body, ensure_ascii=False)) > self.server.context:
            self._refuse(400, "This model's maximum context length is 128 tokens.")
        elif model == "deaf":
            self.server.released.wait(30)
        else:
            self._stream(model)

    def _refuse(self, status: int, message: str) -> None:
        body = json.dumps({"error": {"message": message, "type": "scripted", "code": None}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        whole = b"".join(self._events(model))
        if model == "endless":
            self._endless()
        elif model == "break":
            self._cut_at_random(whole[: _inside_a_character(whole)])
            self.close_connection = True
            self.connection.close()
        elif model == "hang":
            self._chunk(next(self._events("talk")))
            self.server.released.wait(30)
        else:
            self._cut_at_random(b"data: {nonsense\n\n" if model == "garbage" else whole)
            self._chunk(b"")

    def _endless(self) -> None:
        try:
            while not self.server.released.is_set():
                self._chunk(self._delta("很长"))
        except OSError:
            self.server.hung_up.set()

    def _cut_at_random(self, whole: bytes) -> None:
        chance = random.Random(len(whole))
        while whole:
            size = chance.randint(1, 7)
            self._chunk(whole[:size])
            whole = whole[size:]

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _events(self, model: str) -> Iterator[bytes]:
        text = "" if model in ("empty", "null") else self.server.reply
        if model == "end":
            text = text[: len(text) // 2]
        if self.path.endswith("/messages"):
            yield self._sse({"type": "message_start", "message": _MESSAGE}, "message_start")
            block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
            yield self._sse(block, "content_block_start")
        for begin in range(0, len(text), 3):
            yield self._delta(text[begin : begin + 3])
        if model == "null":
            yield self._delta(None)
        if model != "end":
            yield from self._ending({"long": "length", "filter": "content_filter"}.get(model, "stop"))

    def _delta(self, text: str | None) -> bytes:
        if self.path.endswith("/api/chat"):
            return self._line({"message": {"role": "assistant", "content": text or ""}, "done": False})
        if self.path.endswith("/messages"):
            delta = {"type": "text_delta", "text": text}
            return self._sse(
                {"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta"
            )
        return self._choice({"role": "assistant", "content": text}, None)

    def _ending(self, reason: str) -> Iterator[bytes]:
        if self.path.endswith("/api/chat"):
            message = {"role": "assistant", "content": ""}
            yield self._line({"message": message, "done": True, "done_reason": reason})
        elif self.path.endswith("/messages"):
            yield self._sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
            delta = {
                "stop_reason": {"stop": "end_turn", "length": "max_tokens"}[reason],
                "stop_sequence": None,
            }
            event = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}}
            yield self._sse(event, "message_delta")
            yield self._sse({"type": "message_stop"}, "message_stop")
        else:
            yield self._choice({}, reason)
            yield b"data: [DONE]\n\n"

    def _choice(self, delta: dict[str, Any], reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return self._sse({"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})

    def _sse(self, event: dict[str, Any], kind: str = "") -> bytes:
        name = f"event: {kind}\n" if kind else ""
        return f"{name}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()

    def _line(self, event: dict[str, Any]) -> bytes:
        stamped = {"model": "m", "created_at": "2026-01-01T00:00:00Z", **event}
        return json.dumps(stamped, ensure_ascii=False).encode() + b"\n"


_MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 0},
}


def _inside_a_character(data: bytes) -> int:
    """A place near the middle that splits a character's bytes, where there is one."""
    middle = len(data) // 2
    return next((i for i in range(middle, len(data)) if 0x80 <= data[i] < 0xC0), middle)
