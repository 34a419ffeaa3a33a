"""What a chunk carries through other people's documents, and what it needs of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from rag.types import Chunk

_NAMES: Final = ("source", "file_path", "file_name")
HIDDEN: Final = ("tokens", "ends", "lang")
"""What says nothing of the text to a model."""


def carried(chunk: Chunk) -> dict[str, str | int]:
    """Headings, size, ending and language, as every vector store takes them."""
    return {
        "headings": " > ".join(chunk.headings),
        "tokens": chunk.tokens,
        "ends": chunk.ends,
        "lang": chunk.lang,
    }


def name_of(metadata: Mapping[Any, Any]) -> str:
    """The name of the file that a text is from; without one it is taken for Markdown."""
    return next((str(metadata[one]) for one in _NAMES if metadata.get(one)), "text.md")


def key_of(*parts: object) -> str:
    """The same for equal parts."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()
