"""The face of this process: a seat per collection, and a listener that lets others in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from rag.collection import collection as place_of
from rag.collection import existing
from rag.engine import Engine
from rag.errors import ConfigError
from rag.settings import Mode, Settings
from rag.stores.lock import owner_of
from rag.types import Answer, Delta, Ranking
from ui.face import CollectionInfo, OwnerGone, Progress, Question, Reader, stream_from, whole
from ui.seat import Place, Seat

if TYPE_CHECKING:
    from ingest.report import Report

    from ui.listen import Listener

T = TypeVar("T")

_TRIES = 5
_PAUSE = 0.2
_QUIET = 2.0  # an ingest that lasts longer lets others in


class LocalFace:
    """Collections opened here, where nobody else owns them; safe to use from several threads.

    Example:
        >>> from rag.settings import load
        >>> LocalFace(load(overrides={"data_dir": "nowhere"}, environ={})).collections()
        []
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._seats: dict[str, Seat] = {}
        self._lock = threading.RLock()
        self._url: str | None = None
        self._listener: Listener | None = None

    def collections(self) -> list[CollectionInfo]:
        """Every collection below the data directory."""
        from ingest.documents import counts

        found = []
        for one in existing(self.settings.data_dir):
            owner = owner_of(one.path)
            found.append(CollectionInfo(one.name, *counts(one), owner.pid if owner else None))
        return found

    def search(
        self, text: str, *, collection: str | None = None, top_k: int | None = None, mode: Mode | None = None
    ) -> Ranking:
        """See `ui.face.Face.search`."""
        return self._read(collection, lambda reader: reader.search(text, top_k=top_k, mode=mode))

    def ask(self, question: Question) -> Answer:
        """See `ui.face.Face.ask`."""
        return self._read(question.collection, lambda reader: whole(stream_from(reader, question)))

    def stream(self, question: Question) -> Iterator[Delta | Answer]:
        """See `ui.face.Face.stream`."""
        for last in (*[False] * (_TRIES - 1), True):
            with self._seat(question.collection).reading() as place:
                events = stream_from(_reader(place), question)
                try:
                    first = next(events)
                except OwnerGone:
                    if last:
                        raise
                    continue
                yield first
                yield from events
                return

    def ingest(
        self,
        folder: Path,
        *,
        collection: str | None = None,
        rebuild: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """See `ui.face.Face.ingest`. Others are let in when it takes long."""
        from ingest.pipeline import ingest

        if not folder.exists():
            raise ConfigError(f"{folder}: there is no such folder")
        with self._let_in(), self._seat(collection).writing(rebuild=rebuild) as place:
            if isinstance(place, Engine):
                return ingest(folder, place, rebuild=rebuild, progress=progress)
            return place.ingest(folder.resolve(), rebuild=rebuild, progress=progress)

    def listen(self) -> str:
        """Answer other processes on a free loopback port; the address."""
        from ui.listen import Listener

        with self._lock:
            if self._listener is None:
                self._listener = Listener(self)
                self.announce(self._listener.start())
            return self._listener.url

    def announce(self, url: str) -> None:
        """Tell others that this process listens there; so for every collection opened later."""
        with self._lock:
            self._url = url
            engines = [seat.engine for seat in self._seats.values() if seat.engine]
        for engine in engines:
            engine.owner.announce(url)

    def tokens(self) -> list[str]:
        """What lets the callers of this process in: one token for each collection it owns."""
        with self._lock:
            return [seat.engine.owner.info.token for seat in self._seats.values() if seat.engine]

    def close(self) -> None:
        """Stop listening, wait for those who read, and close every collection."""
        with self._lock:
            listener, self._listener, self._url = self._listener, None, None
            seats, self._seats = list(self._seats.values()), {}
        if listener:
            listener.stop()
        for seat in seats:
            seat.close()

    def __enter__(self) -> LocalFace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _seat(self, name: str | None) -> Seat:
        place = place_of(self.settings.data_dir, name or self.settings.collection)
        with self._lock:
            if place.name not in self._seats:
                settings = self.settings.model_copy(update={"collection": place.name})
                self._seats[place.name] = Seat(settings, self._opened)
            return self._seats[place.name]

    def _opened(self, engine: Engine) -> None:
        if self._url:
            engine.owner.announce(self._url)

    def _read(self, name: str | None, call: Callable[[Engine | Reader], T]) -> T:
        """Call with a reader; again where the process that owned the index has just left."""
        for _ in range(_TRIES - 1):
            try:
                with self._seat(name).reading() as place:
                    return call(_reader(place))
            except OwnerGone:
                time.sleep(_PAUSE)
        with self._seat(name).reading() as place:
            return call(_reader(place))

    @contextmanager
    def _let_in(self) -> Iterator[None]:
        timer = threading.Timer(_QUIET, self.listen)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _reader(place: Place) -> Engine | Reader:
    return place if isinstance(place, Engine) else Reader(place, place.settings.collection)
