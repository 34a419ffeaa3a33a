"""Replies made safe to show as Markdown: nothing in them loads, links away or runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ACTIVE = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])")

_THINK, _THOUGHT = "<think>", "</think>"


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


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without the ``<think>...</think>`` that reasoning models put before their reply.

    Example:
        >>> "".join(without_thoughts(["<th", "ink>hm", "</thi", "nk> 十日", "です。"]))
        '十日です。'
    """
    pieces = iter(pieces)
    held = ""
    for piece in pieces:
        held += piece
        if not _THINK.startswith(held.lstrip()[: len(_THINK)]):
            break
        if _THOUGHT in held:
            held = held.partition(_THOUGHT)[2].lstrip()
            break
    else:
        held = "" if held.lstrip().startswith(_THINK) else held
    if held:
        yield held
    yield from pieces
