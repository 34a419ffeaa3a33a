"""Files to documents, read ahead of what is being embedded."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ingest.load import Loaded, read_all
from ingest.manifest import Row
from ingest.scan import Found, raw_stamp, stamped
from rag.errors import DocumentError

AHEAD = 4  # documents that wait to be embedded


@dataclass(frozen=True, slots=True)
class Task:
    """A file to look at: by its hash first, where ``row`` holds one that counts.

    ``encoding`` and ``hint`` as for `ingest.load.read_all`.
    """

    found: Found
    row: Row
    known: bool = False
    encoding: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """``same``: the file's bytes did not change; ``loaded``: a document of it; ``done``: there are no more.

    ``stamp`` is the file's when it was read.
    """

    kind: Literal["same", "loaded", "done"]
    task: Task
    stamp: str = ""
    name: str = ""
    loaded: Loaded | None = None


class Reader(Protocol):
    """Reads a file, as `ingest.load.read_all`."""

    def read_all(
        self, path: Path, *, name: str, encoding: str | None = None, hint: str | None = None
    ) -> Iterator[tuple[str, Loaded]]:
        """A name and a document or an error, the file's own first."""
        ...

    def close(self) -> None:
        """Stop reading at once."""
        ...


class InProcess:
    """Reads in this process: nothing is started, nothing is limited. For files that are trusted."""

    def read_all(
        self, path: Path, *, name: str, encoding: str | None = None, hint: str | None = None
    ) -> Iterator[tuple[str, Loaded]]:
        """See `Reader`."""
        return read_all(path, name=name, encoding=encoding, hint=hint)

    def close(self) -> None:
        """See `Reader`."""


def events(tasks: Iterable[Task], reader: Reader) -> Iterator[Event]:
    """What comes of each task, in order, read in a thread; when the caller stops, so does the thread."""
    waiting: queue.Queue[Event | BaseException | None] = queue.Queue(AHEAD)
    stop = threading.Event()
    thread = threading.Thread(target=_fill, args=(tasks, reader, waiting, stop), daemon=True)
    thread.start()
    one: Event | BaseException | None = None
    try:
        while (one := waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        stop.set()
        if one is not None:
            reader.close()


def _fill(
    tasks: Iterable[Task],
    reader: Reader,
    waiting: queue.Queue[Event | BaseException | None],
    stop: threading.Event,
) -> None:
    last: BaseException | None = None
    try:
        for task in tasks:
            for event in _of(task, reader):
                if not _put(waiting, event, stop):
                    return
    except BaseException as error:  # noqa: BLE001 - raised again where the events are taken
        last = error
    _put(waiting, last, stop)
    if last is not None:
        _put(waiting, None, stop)


def _put(
    waiting: queue.Queue[Event | BaseException | None],
    one: Event | BaseException | None,
    stop: threading.Event,
) -> bool:
    while not stop.is_set():
        try:
            waiting.put(one, timeout=0.2)
        except queue.Full:
            continue
        return True
    return False


def _of(task: Task, reader: Reader) -> Iterator[Event]:
    found = task.found
    if found.code:
        error = DocumentError(found.name, found.code, found.message)
        yield Event("loaded", task, name=found.name, loaded=error)
    elif task.known and (stamp := _same(task)) is not None:
        yield Event("same", task, stamp)
        return
    else:
        yield from _read(task, reader)
    yield Event("done", task)


def _same(task: Task) -> str | None:
    """The stamp of the file if its bytes are those of the row, else None."""
    path = task.found.path
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) != task.row.size:
                return None
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return stamped(path.stat()) if digest == task.row.sha256 else None
    except OSError:
        return None


def _stamp(path: Path) -> str:
    try:
        return stamped(path.stat())
    except OSError:  # removed since
        return ""


def _read(task: Task, reader: Reader) -> Iterator[Event]:
    """What is in the file; one that changes while it is read is read once more."""
    path, name = task.found.path, task.found.name
    for _ in range(2):
        before = raw_stamp(path)
        loading = reader.read_all(path, name=name, encoding=task.encoding, hint=task.hint)
        first, loaded = next(loading)
        if raw_stamp(path) == before:
            stamp = _stamp(path)
            yield Event("loaded", task, stamp, first, loaded)
            yield from (Event("loaded", task, stamp, inner, one) for inner, one in loading)
            return
        for _ in loading:
            pass
    error = DocumentError(name, "changed", "changed while it was read; run again when it is at rest")
    yield Event("loaded", task, name=name, loaded=error)
