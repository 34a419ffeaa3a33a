"""The shapes that travel: frozen, slotted, nothing filled in later.

Offsets are code points. A higher score is better, always.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Lang: TypeAlias = Literal["zh-Hans", "zh-Hant", "ja", "ko", "en", "und"]
BlockKind: TypeAlias = Literal["heading", "paragraph", "table", "list", "code", "quote"]
Ending: TypeAlias = Literal["block", "sentence", "row", "line", "clause", "space", "character"]
Outcome: TypeAlias = Literal["answered", "extracted", "abstained", "failed"]
Match: TypeAlias = Literal["exact", "folded", "support"]
Matrix: TypeAlias = NDArray[np.float32]

_CELLS = re.compile(r"[A-Z]{1,3}[0-9]+(:[A-Z]{1,3}[0-9]+)?")
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
class Place:
    """Where a reader finds the text from ``start`` on: a part of the source and a spot in it.

    ``Place(0, "売上", "A2:C2")`` is a row of a sheet, ``Place(0, "slide 3")`` a slide and
    ``Place(0, "", "00:01:02")`` a moment. The next place of the document ends it.
    """

    start: int
    part: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How ``[start, end)`` of a document's text is read aloud, where it says so (ruby): けんり of 権利."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from and how its bytes were read.

    ``name`` is the path relative to the ingested folder, with ``/``; ``encoding`` is None for formats
    that say it themselves (PDF, DOCX); ``confidence`` is 0..1; ``suspicious`` marks a doubtful decode;
    ``warnings`` are stable words, some with a figure: ``bytes_replaced=1``, ``ocr``, ``source_damaged``.
    """

    name: str
    path: str
    media_type: str
    sha256: str
    size: int
    encoding: str | None = None
    confidence: float = 1.0
    suspicious: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was loaded; ``text`` is never folded.

    ``places`` and ``readings`` ascend by ``start``; ``meta`` holds ``date`` (ISO 8601) and ``author`` where
    the file tells them.
    """

    id: str
    text: str
    blocks: tuple[Block, ...]
    source: Source
    lang: Lang
    title: str = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    places: tuple[Place, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the chunks that a longer one was put together from; it is that from ``start`` on."""

    id: str
    start: int
    page: int | None = None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A searchable piece: ``text == document.text[start:end]``.

    ``document`` is the source's name; ``headings`` the path of headings above it, outermost first;
    ``places`` those that lie in it, the one it begins in first; ``readings`` how words in it are read.
    ``tokens`` is the size of `passage` by the embedder that it was cut for; ``ends`` says what it ends
    with. ``section`` is the span of its parent, the text under the same headings; ``previous`` and
    ``next`` are the ids of the chunks beside it in the document, ``gap`` the white space before ``next``.
    ``parts`` are the chunks it was put together from, where it was (`rag.retrieve.expand`).
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
    places: tuple[Place, ...] = ()
    readings: tuple[str, ...] = ()
    tokens: int = 0
    ends: Ending = "block"
    section: tuple[int, int] | None = None
    previous: str = ""
    next: str = ""
    gap: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def passage(self) -> str:
        """What is embedded: the heading path, then the text."""
        return "\n".join((" > ".join(self.headings), self.text)) if self.headings else self.text

    @property
    def terms(self) -> str:
        """What is analysed to terms: the passage and, as alternatives, its readings."""
        return "\n".join((self.passage, *self.readings))

    @property
    def place(self) -> str:
        """Where in the source it stands, for formats without pages: ``売上!A2:C40``, ``slide 3``."""
        return span_of(self.places, self.start, self.end)


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
    """Words of a document that an answer rests on: ``quote`` stands at ``[start, end)`` of its text.

    ``match`` is ``exact`` where the answer quotes them to the letter, ``folded`` where it quotes them in
    another spelling (`rag.answer.cite.find` says which are forgiven), and ``support`` where it says in
    words of its own what they bear out.
    """

    chunk: Chunk
    start: int
    end: int
    quote: str
    number: int = 0
    match: Match = "exact"

    @property
    def place(self) -> str:
        """Where in the source the quote stands, as `Chunk.place`."""
        return span_of(self.chunk.places, self.start, self.end)

    @property
    def span(self) -> tuple[int, int]:
        """Where the quote stands in the chunk's text, in code points, as Python counts."""
        return self.start - self.chunk.start, self.end - self.chunk.start

    @property
    def utf16(self) -> tuple[int, int]:
        """As `span`, in UTF-16 units, as JavaScript, Java and C# count: 𠮷 and most emoji are two."""
        start, end = self.span
        first = _units(self.chunk.text[:start])
        return first, first + _units(self.chunk.text[start:end])

    @property
    def page(self) -> int | None:
        """The page on which the quote begins."""
        return self._part.page

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the quote."""
        return self._part.headings

    @property
    def _part(self) -> Part:
        chunk = self.chunk
        parts = chunk.parts or (Part(chunk.id, chunk.start, chunk.page, chunk.headings),)
        return parts[max(bisect_right(parts, self.start, key=lambda one: one.start) - 1, 0)]


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


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def places_in(places: Sequence[Place], start: int, end: int) -> tuple[Place, ...]:
    """The place that ``start`` lies in and those that begin before ``end``."""
    first = max(bisect_right(places, start, key=lambda one: one.start) - 1, 0)
    last = bisect_left(places, end, lo=first, key=lambda one: one.start)
    return tuple(places[first:last])


def span_of(places: Sequence[Place], start: int, end: int) -> str:
    """The places of ``[start, end)`` as one: cells as a range, others from the first to the last.

    Example:
        >>> span_of((Place(0, "売上", "A2:C2"), Place(9, "売上", "A3:C3")), 0, 18)
        '売上!A2:C3'
    """
    inside = places_in(places, start, end)
    if not inside:
        return ""
    first, last = inside[0], inside[-1]
    if first.part != last.part:
        return f"{_label(first.part, first.at)} – {_label(last.part, last.at)}"
    return _label(first.part, _range(first.at, last.at))


def _range(first: str, last: str) -> str:
    if first == last:
        return first
    if _CELLS.fullmatch(first):
        return f"{first.split(':')[0]}:{last.split(':')[-1]}"
    return f"{first}–{last}"


def _label(part: str, at: str) -> str:
    if not (part and at):
        return part or at
    return f"{part}!{at}" if at[0].isalpha() and at[0].isupper() else f"{part} {at}"
