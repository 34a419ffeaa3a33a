"""What a loader gives, and how one that builds its own text writes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.text.clean import clean
from rag.types import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Parsed:
    """Text with its blocks; ``encoding`` is None for formats that say it themselves."""

    text: str
    blocks: tuple[Block, ...]
    media_type: str
    title: str = ""
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False


@dataclass(slots=True)
class Builder:
    """Collects blocks into one text, a blank line between them."""

    separator: str = "\n\n"
    _parts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _length: int = 0

    def add(self, kind: BlockKind, text: str, *, page: int | None = None, level: int = 0) -> None:
        """Append a block; one without visible characters is left out."""
        text = clean(text).strip("\n") if kind == "code" else clean(text).strip()
        if not text.strip():
            return
        if self._parts:
            self._parts.append(self.separator)
            self._length += len(self.separator)
        self._blocks.append(Block(kind, self._length, self._length + len(text), page, level))
        self._parts.append(text)
        self._length += len(text)

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Spans into `text`."""
        return tuple(self._blocks)
