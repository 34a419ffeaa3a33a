"""What a chunk carries through other people's documents beside its text and its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.types import Chunk, Part


def beside(chunk: Chunk) -> dict[str, Any]:
    """Size, ending, section, neighbours, readings and parts, as JSON knows them."""
    return {
        "tokens": chunk.tokens,
        "ends": chunk.ends,
        "section": list(chunk.section) if chunk.section else None,
        "previous": chunk.previous,
        "next": chunk.next,
        "gap": chunk.gap,
        "readings": list(chunk.readings),
        "parts": [[one.id, one.start, one.page, list(one.headings)] for one in chunk.parts],
    }


def from_beside(carried: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Chunk` that `beside` was given."""
    start_end = carried["section"]
    return {
        **carried,
        "section": (start_end[0], start_end[1]) if start_end else None,
        "readings": tuple(carried["readings"]),
        "parts": tuple(Part(key, start, page, tuple(path)) for key, start, page, path in carried["parts"]),
    }
