"""What loaders may know of a file beside its bytes, and of what is wanted of them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

ENCODING: Final[ContextVar[str | None]] = ContextVar("cjkrag_encoding", default=None)
"""The encoding of most files in the same folder; `ingest.decode.decode` weighs it for short texts."""

OCR: Final[ContextVar[bool]] = ContextVar("cjkrag_ocr", default=True)
"""Whether the text of pictures is recognised, where an engine is installed (``ingest.ocr``)."""

SECRETS: Final[ContextVar[bool]] = ContextVar("cjkrag_secrets", default=False)
"""Whether keys and passwords inside archives are read (``ingest.secrets``)."""
