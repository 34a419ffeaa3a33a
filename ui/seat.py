"""One collection's engine, shared by those who read and by one who writes at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from rag.assemble import fingerprint, open_engine
from rag.collection import collection
from rag.engine import Engine
from rag.errors import IndexMismatch, StoreLocked
from rag.settings import Settings
from rag.stores.lock import owner_of

if TYPE_CHECKING:
    from ui.client import HttpFace

Place: TypeAlias = "Engine | HttpFace"


class Seat:
    """Opens the engine when it is first needed; where another process owns it, gives the way to that one.

    Args:
        settings: with the collection's name.
        opened: told about each engine that is opened here.
    """

    def __init__(self, settings: Settings, opened: Callable[[Engine], None]) -> None:
        self.settings = settings
        self.engine: Engine | None = None
        self._opened = opened
        self._readers = 0
        self._changed = threading.Condition()
        self._writer = threading.Lock()

    @contextmanager
    def reading(self, *, create: bool = False, rebuild: bool = False) -> Iterator[Place]:
        """The engine, kept open while it is used; or the face of the process that owns it.

        Raises:
            StoreLocked: its owner does not listen.
            IndexMissing, IndexMismatch, StoreUnavailable: see `rag.assemble.open_engine`.
        """
        with self._changed:
            place = self.engine or self._open(create=create, rebuild=rebuild)
            self._readers += 1
        try:
            yield place
        finally:
            if not isinstance(place, Engine):
                place.close()
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self, *, rebuild: bool) -> Iterator[Place]:
        """As `reading`, for one writer at a time; the collection is made where there is none."""
        with self._writer, self.reading(create=True, rebuild=rebuild) as place:
            yield place

    def agree(self, owner: HttpFace, *, rebuild: bool) -> None:
        """Make sure that the owner's index is of the kind these settings ask for.

        Raises:
            IndexMismatch: it is of another kind.
            StoreLocked: so it is, and only its owner's leaving would let it be built anew.
        """
        place = collection(self.settings.data_dir, self.settings.collection)
        try:
            place.check(fingerprint(self.settings))
        except IndexMismatch as error:
            if not rebuild:
                raise
            holder = owner_of(place.path)
            raise StoreLocked(str(place.path), holder.pid if holder else None, owner.url) from error

    def close(self) -> None:
        """Close the engine when nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._readers == 0)
            self._close()

    def _open(self, *, create: bool, rebuild: bool) -> Place:
        try:
            engine = open_engine(self.settings, create=create, rebuild=rebuild)
        except StoreLocked as error:
            return self._owner(error)
        self.engine = engine
        self._opened(engine)
        return engine

    def _owner(self, error: StoreLocked) -> HttpFace:
        place = collection(self.settings.data_dir, self.settings.collection)
        owner = owner_of(place.path)
        if owner is None or owner.url is None:
            raise error
        from ui.client import HttpFace

        return HttpFace(owner.url, self.settings, token=owner.token)

    def _close(self) -> None:
        if self.engine is not None:
            self.engine.close()
            self.engine = None
