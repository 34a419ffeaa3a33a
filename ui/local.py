"""The face of this process: a seat per collection, and a listener that lets others in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from rag.collection import collection as place_of
from rag.collection import existing, require
from rag.engine import Engine
from rag.errors import ConfigError
from rag.settings import Context, IngestSettings, Mode, Settings
from rag.stores.lock import owner_of
from rag.types import Answer, Chunk, Delta, Ranking
from ui.face import CollectionInfo, OwnerGone, Question, Reader, Upload, stream_from, whole
from ui.seat import Place, Seat
from ui.uploads import keep, safe_name
from ui.wire import Json

if TYPE_CHECKING:
    from ingest.report import Listener, Report
    from ui.listen import Background

T = TypeVar("T")

UPLOADS = "uploads"
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
        self._listener: Background | None = None

    def collections(self) -> list[CollectionInfo]:
        """Every collection below the data directory."""
        from ingest.documents import counts

        found = []
        for one in existing(self.settings.data_dir):
            owner = owner_of(one.path)
            found.append(CollectionInfo(one.name, *counts(one), owner.pid if owner else None))
        return found

    def search(
        self,
        text: str,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: int | None = None,
    ) -> Ranking:
        """See `ui.face.Face.search`."""
        return self._read(
            collection,
            lambda reader: reader.search(text, top_k=top_k, mode=mode, context=context, room=room),
        )

    def neighbours(
        self, chunk_id: str, *, collection: str | None = None, before: int = 1, after: int = 1
    ) -> tuple[Chunk, ...]:
        """See `ui.face.Face.neighbours`."""
        return self._read(collection, lambda reader: reader.neighbours(chunk_id, before=before, after=after))

    def ask(self, question: Question) -> Answer:
        """See `ui.face.Face.ask`."""
        return self._read(question.collection, lambda reader: whole(stream_from(reader, question)))

    def stream(self, question: Question) -> Iterator[Delta | Answer]:
        """See `ui.face.Face.stream`."""
        for last in (*[False] * (_TRIES - 1), True):
            with self.seat(question.collection).reading() as place:
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
        how: IngestSettings | None = None,
        progress: Listener | None = None,
    ) -> Report:
        """See `ui.face.Face.ingest`. Other processes are let in when it takes long."""
        from ingest.pipeline import ingest
        from ingest.report import Report

        if not folder.exists():
            raise ConfigError(f"{folder}: there is no such file or folder")
        seat = self.seat(collection)
        with self._let_in(), seat.writing(rebuild=rebuild) as place:
            if not isinstance(place, Engine):
                seat.agree(place, rebuild=rebuild)
                asked = how or self.settings.ingest
                return place.ingest(folder, rebuild=rebuild, how=asked, progress=progress)
            engine = _reading(place, how)
            uploads = engine.collection.path / UPLOADS
            again = rebuild and uploads.is_dir() and str(uploads) not in engine.collection.pending()
            report = ingest(folder, engine, rebuild=rebuild, progress=progress)
            return Report.joined([report, ingest(uploads, engine, rebuild=True)]) if again else report

    def upload(
        self, files: Iterable[Upload], *, collection: str | None = None, progress: Listener | None = None
    ) -> Report:
        """See `ui.face.Face.upload`. The report speaks of these files only."""
        from ingest.pipeline import ingest

        with self.seat(collection).writing(rebuild=False) as place:
            if not isinstance(place, Engine):
                return place.upload(files, progress=progress)
            folder = place.collection.path / UPLOADS
            names = keep(files, folder)
            report = ingest(folder, place, progress=progress)
        return replace(report, files=tuple(one for one in report.files if one.name.split("/")[0] in names))

    def documents(self, *, collection: str | None = None) -> list[Json]:
        """See `ui.face.Face.documents`."""
        from ingest.documents import documents

        place = require(self.settings.data_dir, collection or self.settings.collection)
        return [one.to_json() for one in documents(place)]

    def delete(self, name: str, *, collection: str | None = None) -> bool:
        """See `ui.face.Face.delete`. A file that was uploaded goes too."""
        from ingest.pipeline import delete

        require(self.settings.data_dir, collection or self.settings.collection)
        with self.seat(collection).writing(rebuild=False) as place:
            if not isinstance(place, Engine):
                return place.delete(name)
            kept = place.collection.path / UPLOADS / safe_name(name)
            if kept.name == name:
                kept.unlink(missing_ok=True)
            return delete(place, name)

    def export(self, *, collection: str | None = None) -> Iterator[Chunk]:
        """See `ui.face.Face.export`."""
        with self.seat(collection).reading() as place:
            yield from visible(place) if isinstance(place, Engine) else place.export()

    def seat(self, name: str | None) -> Seat:
        """Where the collection of that name is opened."""
        place = place_of(self.settings.data_dir, name or self.settings.collection)
        with self._lock:
            if place.name not in self._seats:
                settings = self.settings.model_copy(update={"collection": place.name})
                self._seats[place.name] = Seat(settings, self._opened)
            return self._seats[place.name]

    def listen(self) -> str:
        """Answer other processes on a free loopback port; the address."""
        from ui.listen import Background

        with self._lock:
            if self._listener is None:
                self._listener = Background(self)
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

    def _opened(self, engine: Engine) -> None:
        if self._url:
            engine.owner.announce(self._url)

    def _read(self, name: str | None, call: Callable[[Engine | Reader], T]) -> T:
        """Call with a reader; again where the process that owned the index has just left."""
        for _ in range(_TRIES - 1):
            try:
                with self.seat(name).reading() as place:
                    return call(_reader(place))
            except OwnerGone:
                time.sleep(_PAUSE)
        with self.seat(name).reading() as place:
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


def visible(engine: Engine) -> list[Chunk]:
    """Every chunk that a search can find, sorted by document, then place."""
    hidden = engine.collection.hidden()
    found = (chunk for chunk, generation in engine.store.scroll() if generation not in hidden)
    return sorted(found, key=lambda one: (one.document, one.start, one.end, one.id))


def _reading(engine: Engine, how: IngestSettings | None) -> Engine:
    """The engine, reading files as asked instead of as configured."""
    if how is None or how == engine.settings.ingest:
        return engine
    other = copy(engine)
    other.settings = engine.settings.model_copy(update={"ingest": how})
    return other


def _reader(place: Place) -> Engine | Reader:
    return place if isinstance(place, Engine) else Reader(place, place.settings.collection)
