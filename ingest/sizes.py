"""The tokens of a document's chunks, as the manifest keeps them: ``251 240! 13``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from rag.ports import Embedder
from rag.types import Chunk, Ending

INSIDE: frozenset[Ending] = frozenset(("clause", "space", "character"))
"""What a chunk ends with that was cut inside a sentence, because that is larger than a chunk."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """``tokens`` of each chunk in order, heading path counted; ``split`` of them end inside a sentence."""

    tokens: tuple[int, ...] = ()
    split: int = 0

    def __str__(self) -> str:
        if not self.tokens:
            return "no tokens"
        told = f"{min(self.tokens)}-{max(self.tokens)} tokens (median {median(self.tokens):.0f})"
        return f"{told}, {self.split} end inside a sentence" if self.split else told


UNKNOWN: Final = Sizes()


def room(embedder: Embedder, tokens: int) -> int:
    """Most tokens of a passage, so that with the embedder's prefix and special tokens it has ``tokens``.

    And no more than the embedder reads.
    """
    return max(1, min(tokens, embedder.max_tokens) - (embedder.max_tokens - embedder.passage_room))


def written(chunks: Sequence[Chunk]) -> str:
    """What the manifest keeps of the chunks.

    Example:
        >>> str(read("251 240! 13"))
        '13-251 tokens (median 240), 1 end inside a sentence'
    """
    return " ".join(f"{one.tokens}{'!' if one.ends in INSIDE else ''}" for one in chunks)


def read(text: str) -> Sizes:
    """The sizes that `written` wrote."""
    return Sizes(tuple(int(one.rstrip("!")) for one in text.split()), text.count("!"))
