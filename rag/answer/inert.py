"""Replies made safe to show as Markdown: nothing in them loads, links away or runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ACTIVE = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])")


def inert(text: str) -> str:
    """The text with a space inside ``![``, ``](``, ``]:`` and before a tag's name.

    Images, links, reference definitions, autolinks and HTML then stay words; a reader still sees what
    was written.

    Example:
        >>> inert("![x](http://a/?d=1) <img src=y> 1 < 2 [1]")
        '! [x] (http://a/?d=1) < img src=y> 1 < 2 [1]'
    """
    return _ACTIVE.sub(lambda found: f"{found[0]} ", text)


def inert_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """As `inert`, for a text that comes in pieces, wherever they are cut; no empty piece comes out."""
    held = ""
    for piece in pieces:
        text = held + piece
        held = text[-1:] if text[-1:] in ("!", "]", "<") else ""
        safe = inert(text)
        if ready := safe[: len(safe) - len(held)]:
            yield ready
    if held:
        yield held
