"""Reads files in a child process, so that a crash, a hang or a bomb costs one file.

Parent and child exchange one JSON object a line; the child never sends anything that is executed.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ingest.load import read
from rag.errors import DocumentError
from rag.types import Block, Document, Source

if sys.platform != "win32":
    import resource

MEMORY = 4 << 30


class Worker:
    """A child that reads one file after another; started at the first, again after a crash.

    Example:
        >>> from pathlib import Path
        >>> with Worker(timeout=60) as worker:                              # doctest: +SKIP
        ...     worker.read(Path("docs/規程.txt"), name="規程.txt").text
    """

    def __init__(self, *, timeout: float, encoding: str | None = None) -> None:
        self._timeout = timeout
        self._encoding = encoding
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read(self, path: Path, *, name: str) -> Document:
        """The document in a file.

        Raises:
            DocumentError: it cannot be read; code ``timeout`` or ``crashed`` where the reader failed.
        """
        child = self._child or self._start()
        request = {"path": str(path), "name": name, "encoding": self._encoding}
        try:
            _pipe(child.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(child.stdin).flush()
            reply = json.loads(self._line())
        except TimeoutError:
            self.close()
            message = f"took longer than {self._timeout:g} s and was given up: ingest.timeout"
            raise DocumentError(name, "timeout", message) from None
        except (BrokenPipeError, EOFError, ValueError):
            self.close()
            raise DocumentError(
                name, "crashed", "the reader crashed on it; the file may be damaged"
            ) from None
        if "error" in reply:
            raise DocumentError(name, reply["error"]["code"], reply["error"]["message"])
        return _document(reply["document"])

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        _pipe(child.stdin).close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._child = subprocess.Popen(
            [sys.executable, "-m", "ingest.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,
        )
        self._lines = queue.SimpleQueue()
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


def _pump(pipe: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Every line of the child, then an empty one when it is gone."""
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(b"")


def serve() -> None:
    """The child: a request a line on stdin, a reply a line on the stdout it was started with."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break the protocol
    _limit()
    for line in sys.stdin.buffer:
        replies.write(json.dumps(_reply(json.loads(line))).encode() + b"\n")
        replies.flush()


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    try:
        document = read(Path(request["path"]), name=request["name"], encoding=request["encoding"])
    except DocumentError as error:
        message = str(error).removeprefix(f"{error.path}: ")
        return {"error": {"code": error.code, "message": message}}
    except MemoryError:
        return {"error": {"code": "too_large", "message": "needs too much memory to be read"}}
    return {"document": _sendable(document)}


def _sendable(document: Document) -> dict[str, Any]:
    named = {one.name: getattr(document, one.name) for one in fields(Document)}
    blocks = [asdict(block) for block in document.blocks]
    return {**named, "blocks": blocks, "source": asdict(document.source), "meta": dict(document.meta)}


def _limit() -> None:
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def _document(data: dict[str, Any]) -> Document:
    named = {one.name: data[one.name] for one in fields(Document)}
    named["blocks"] = tuple(Block(**block) for block in data["blocks"])
    named["source"] = Source(**data["source"])
    return Document(**named)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:  # pragma: no cover - Popen was given PIPE
        raise EOFError
    return pipe


if __name__ == "__main__":
    serve()
