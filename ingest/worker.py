"""Reads files in a child process, so that a crash, a hang or a bomb costs one file.

Parent and child exchange one JSON object a line; the child never sends anything that is executed.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ingest import hints, limits
from ingest.load import Loaded, read_all
from rag.errors import DocumentError
from rag.types import Block, Document, Place, Reading, Source

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_COMMAND = ("-m", "ingest.worker")
_MOST_WAITING = 64  # documents the child may be ahead


class Worker:
    """A child that reads one file after another; started at the first, again after a crash.

    Example:
        >>> from pathlib import Path
        >>> with Worker(timeout=60) as worker:                              # doctest: +SKIP
        ...     worker.read(Path("docs/規程.txt"), name="規程.txt").text
    """

    def __init__(self, *, timeout: float, ocr: bool = True, secrets: bool = False) -> None:
        self._timeout = timeout
        self._wanted = {"ocr": ocr, "secrets": secrets}
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()

    def read(self, path: Path, *, name: str, encoding: str | None = None) -> Document:
        """The document in a file, without those inside it.

        Raises:
            DocumentError: it cannot be read; code ``timeout`` or ``crashed`` where the reader failed.
        """
        (_, loaded), *_ = self.read_all(path, name=name, encoding=encoding)
        if isinstance(loaded, DocumentError):
            raise loaded
        return loaded

    def read_all(
        self, path: Path, *, name: str, encoding: str | None = None, hint: str | None = None
    ) -> Iterator[tuple[str, Loaded]]:
        """As `ingest.load.read_all`, in the child; a failure of the child is the file's.

        Each document, and each page that is recognised, has the whole time allowed.
        """
        finished = False
        try:
            self._ask({"path": str(path), "name": name, "encoding": encoding, "hint": hint})
            while (reply := json.loads(self._line())) != {}:
                if "name" in reply:  # else only a sign of life
                    yield reply["name"], _loaded(reply)
            finished = True
        except TimeoutError:
            yield name, DocumentError(name, "timeout", self._too_long())
        except (BrokenPipeError, EOFError, ValueError):
            yield name, self._lost(name)
        finally:
            if not finished:
                self.close()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        limits.kill(child)
        _pipe(child.stdin).close()
        with contextlib.suppress(queue.Empty):  # so that what waits to put a line there ends
            while True:
                self._lines.get_nowait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _too_long(self) -> str:
        return f"took longer than {self._timeout:g} s and was given up: ingest.timeout"

    def _lost(self, name: str) -> DocumentError:
        """Why the child left."""
        child = self._child
        if child is not None and child.wait() == -getattr(signal, "SIGXCPU", signal.SIGTERM):
            return DocumentError(name, "timeout", self._too_long())
        return DocumentError(name, "crashed", "the reader crashed on it; the file may be damaged")

    def _ask(self, request: dict[str, Any]) -> None:
        child = self._child or self._start()
        _pipe(child.stdin).write(
            json.dumps({**request, **self._wanted, "seconds": self._timeout}).encode() + b"\n"
        )
        _pipe(child.stdin).flush()

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._child = subprocess.Popen(
            [sys.executable, *_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": paths},
            start_new_session=True,
        )
        self._lines = queue.Queue(_MOST_WAITING)
        arguments = (_pipe(self._child.stdout), self._lines)
        threading.Thread(target=_pump, args=arguments, daemon=True).start()
        return self._child

    def _line(self) -> bytes:
        """The next line of the child; raises TimeoutError, EOFError."""
        try:
            line = self._lines.get(timeout=self._timeout)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            raise EOFError
        return line


def _pump(pipe: IO[bytes], lines: queue.Queue[bytes]) -> None:
    """Every line of the child, then an empty one when it is gone."""
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(b"")


def serve() -> None:
    """The child: a request a line on stdin, replies and an empty object on the stdout it was started with."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break the protocol
    limits.confine()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        request = json.loads(requests.get())
        seconds = request.pop("seconds")
        limits.allow(seconds)
        hints.ALIVE.set(partial(_alive, replies, seconds))
        for reply in _replies(request):
            _send(replies, reply)
            limits.allow(seconds)


def _listen(requests: queue.SimpleQueue[bytes]) -> None:
    """Take requests until the parent is gone, however it went; what is being read then ends too."""
    for line in sys.stdin.buffer:
        requests.put(line)
    limits.end()


def _send(replies: IO[bytes], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


def _alive(replies: IO[bytes], seconds: float) -> None:
    limits.allow(seconds)
    _send(replies, {"alive": True})


def _replies(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = request["name"]
    hints.OCR.set(request["ocr"])
    hints.SECRETS.set(request["secrets"])
    try:
        for inner, loaded in read_all(
            Path(request["path"]), name=name, encoding=request["encoding"], hint=request["hint"]
        ):
            yield {"name": inner, **_sendable(loaded)}
    except MemoryError:
        yield {"name": name, "error": ("too_large", "needs too much memory to be read")}
    yield {}


def _sendable(loaded: Loaded) -> dict[str, Any]:
    if isinstance(loaded, DocumentError):
        return {"error": (loaded.code, loaded.message)}
    named = {one.name: getattr(loaded, one.name) for one in fields(Document)}
    for name in ("blocks", "places", "readings"):
        named[name] = [asdict(one) for one in named[name]]
    return {"document": {**named, "source": asdict(loaded.source), "meta": dict(loaded.meta)}}


def _loaded(reply: dict[str, Any]) -> Loaded:
    if "error" in reply:
        return DocumentError(reply["name"], *reply["error"])
    named = reply["document"]
    for name, kind in (("blocks", Block), ("places", Place), ("readings", Reading)):
        named[name] = tuple(kind(**one) for one in named[name])
    source = named["source"]
    named["source"] = Source(**{**source, "warnings": tuple(source["warnings"])})
    return Document(**named)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:  # pragma: no cover - Popen was given PIPE
        raise EOFError
    return pipe


if __name__ == "__main__":
    serve()
