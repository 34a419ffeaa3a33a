"""What loaders may know of a file beside its bytes, and of what is wanted of them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

ENCODING: Final[ContextVar[str | None]] = ContextVar("cjkrag_encoding", default=None)
"""The encoding of most files in the same folder; `ingest.decode.decode` weighs it for short texts."""

OCR: Final[ContextVar[bool]] = ContextVar("cjkrag_ocr", default=True)
"""Whether the text of pictures is recognised, where an engine is installed (``ingest.ocr``)."""

ALIVE: Final[ContextVar[Callable[[], None] | None]] = ContextVar("cjkrag_alive", default=None)
"""Called after each page that was recognised: the time for the next begins anew."""

SECRETS: Final[ContextVar[bool]] = ContextVar("cjkrag_secrets", default=False)
"""Whether keys and passwords inside archives are read (``ingest.secrets``)."""


def still_alive() -> None:
    """Say that work of many slow parts goes on."""
    told = ALIVE.get()
    if told is not None:
        told()
