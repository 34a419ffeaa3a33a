"""The shapes that travel: frozen, slotted, nothing filled in later.

Offsets are code points. A higher score is better, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Lang: TypeAlias = Literal["zh-Hans", "zh-Hant", "ja", "ko", "en", "und"]
BlockKind: TypeAlias = Literal["heading", "paragraph", "table", "list", "code", "quote"]
Outcome: TypeAlias = Literal["answered", "extracted", "abstained", "failed"]
Matrix: TypeAlias = NDArray[np.float32]

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch ``[start, end)`` of a document's text; ``level`` counts for headings (1 is the top)."""

    kind: BlockKind
    start: int
    end: int
    page: int | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from and how its bytes were read.

    ``name`` is the path relative to the ingested folder, with ``/``; ``encoding`` is None for formats
    that say it themselves (PDF, DOCX); ``confidence`` is 0..1; ``suspicious`` marks a doubtful decode.
    """

    name: str
    path: str
    media_type: str
    sha256: str
    size: int
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was loaded; ``text`` is never folded."""

    id: str
    text: str
    blocks: tuple[Block, ...]
    source: Source
    lang: Lang
    title: str = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A searchable piece: ``text == document.text[start:end]``.

    ``document`` is the source's name; ``headings`` the path of headings above it, outermost first.
    """

    id: str
    doc_id: str
    document: str
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None
    lang: Lang = "und"
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def passage(self) -> str:
        """What is embedded and analysed: the heading path, then the text."""
        return "\n".join((" > ".join(self.headings), self.text)) if self.headings else self.text


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: ascending ``uint32`` indices and their ``float32`` weights."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Point:
    """What a store keeps: a chunk, the generation of its document, a unit dense vector, a sparse one."""

    chunk: Chunk
    generation: str
    dense: NDArray[np.float32]
    sparse: Sparse


@dataclass(frozen=True, slots=True)
class Query:
    """A question, cleaned, with its language."""

    text: str
    lang: Lang = "und"


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage said of a hit; ``rank`` counts from 1, None where it did not rank it."""

    name: str
    rank: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, its score, and what each stage said of it so far."""

    chunk: Chunk
    score: float
    trace: tuple[Stage, ...] = ()


Ranking: TypeAlias = tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quotation: ``quote`` stands at ``[start, end)`` of the document's text."""

    chunk: Chunk
    start: int
    end: int
    quote: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with its citations; ``model`` is ``extractive`` where no language model was asked."""

    text: str
    citations: tuple[Citation, ...]
    ranking: Ranking
    model: str
    outcome: Outcome
    lang: Lang = "und"
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed answer; the last event of a stream is the whole `Answer`."""

    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation and its answer."""

    question: str
    answer: str
