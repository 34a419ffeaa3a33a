"""What a chunk carries through other people's documents beside its text and its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.types import Chunk


def beside(chunk: Chunk) -> dict[str, Any]:
    """Size, ending, section, neighbours and readings, as JSON knows them."""
    return {
        "tokens": chunk.tokens,
        "ends": chunk.ends,
        "section": list(chunk.section) if chunk.section else None,
        "previous": chunk.previous,
        "next": chunk.next,
        "gap": chunk.gap,
        "readings": list(chunk.readings),
    }


def from_beside(carried: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Chunk` that `beside` was given."""
    start_end = carried["section"]
    return {
        **carried,
        "section": (start_end[0], start_end[1]) if start_end else None,
        "readings": tuple(carried["readings"]),
    }
