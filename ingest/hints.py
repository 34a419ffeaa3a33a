"""What is known of a file from the files beside it, for the loaders."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

ENCODING: Final[ContextVar[str | None]] = ContextVar("cjkrag_encoding_hint", default=None)
"""The encoding of most files in the same folder; `ingest.decode.decode` weighs it for short texts."""
