"""The one face of the process that runs the page."""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass

from rag.settings import Settings, load
from ui.face import Face, open_face
from ui.local import LocalFace

_lock = threading.Lock()


@dataclass(slots=True)
class _Held:
    face: Face | None = None


_held = _Held()


def use(face: Face) -> None:
    """Let the page work on this face."""
    with _lock:
        _held.face = face


def face() -> Face:
    """The face that was given, else one that is opened by the environment's settings and kept."""
    with _lock:
        if _held.face is None:
            _held.face = open_listening(load())
            atexit.register(_held.face.close)
        return _held.face


def open_listening(settings: Settings) -> Face:
    """A face that other commands find while it is open."""
    opened = open_face(settings)
    if isinstance(opened, LocalFace):
        opened.listen()
    return opened
