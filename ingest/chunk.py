"""Documents to chunks: whole sentences under one heading, filled to a token budget."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ingest.filling import Budget, CountTokens, Span, fill
from ingest.strategies import Embed, priced
from rag.text.language import detect
from rag.types import Chunk, Document, places_in

__all__ = ["CountTokens", "chunks"]

NAMESPACE: Final = uuid.UUID("2f9a4f3e-8f6b-5a57-9f8e-3f9d7c1b6a10")


def chunks(
    document: Document,
    count_tokens: CountTokens,
    *,
    tokens: int,
    overlap: int = 0,
    strategy: str = "sentence",
    additive: bool = False,
    embed: Embed | None = None,
    key: str = "",
) -> list[Chunk]:
    r"""Cut a document where reading pauses: at headings, then between blocks, sentences, clauses.

    Args:
        document: its blocks do not overlap; text outside of them is a paragraph.
        count_tokens: of the embedder, for many texts at once.
        tokens: most tokens of `Chunk.passage`, the heading path counted.
        overlap: sentences repeated from the chunk before, where they take less than a quarter.
        strategy: ``sentence``, ``structure``, ``fixed``, ``semantic`` or ``page``; see
            `ingest.strategies.STRATEGIES`.
        additive: as `rag.ports.Embedder.additive`; saves counting twice.
        embed: passages to unit vectors; ``semantic`` compares sentences by them.
        key: what the ids derive from, beside the span; the document, its content and these settings
            when not given.

    Returns:
        Chunks in order of the text, ``document.text[start:end] == text``, which together hold every
        character but white space. Among all ways to cut a section, the one with the fullest chunks and
        the fewest cuts inside paragraphs is taken. A list, a table, an article, a question with its
        answer is cut only where it is larger than the budget; then each part carries the table's header,
        the question, the article's number in its headings.

    Raises:
        ConfigError: the strategy is unknown, or ``semantic`` and there is no ``embed``.

    Example:
        >>> from ingest.load import parse
        >>> document = parse("# 猫\n\n吾輩は猫である。名前はまだ無い。".encode(), name="猫.md")
        >>> [one.text for one in chunks(document, lambda texts: [len(t) for t in texts], tokens=16)]
        ['# 猫\n\n吾輩は猫である。', '名前はまだ無い。']
    """
    sections = priced(document, strategy, embed)
    spans = fill(document.text, sections, Budget(tokens, count_tokens, overlap, additive))
    key = key or f"{document.id}/{document.source.sha256}/{strategy}/{tokens}/{overlap}"
    return _linked(document.text, [_chunk(document, span, key) for span in spans])


def _chunk(document: Document, span: Span, key: str) -> Chunk:
    text = document.text[span.start : span.end]
    return Chunk(
        id=str(uuid.uuid5(NAMESPACE, f"{key}\n{span.start}\n{span.end}")),
        doc_id=document.id,
        document=document.source.name,
        text=text,
        start=span.start,
        end=span.end,
        headings=span.headings,
        page=span.page,
        lang=detect(text, document.lang),
        places=places_in(document.places, span.start, span.end),
        readings=_readings(document, span),
        tokens=span.tokens,
        ends=span.ends,
        section=span.parent,
    )


def _readings(document: Document, span: Span) -> tuple[str, ...]:
    """How words of the chunk are read, each reading once."""
    if not document.readings:
        return ()
    first = bisect_left(document.readings, span.start, key=lambda one: one.start)
    last = bisect_left(document.readings, span.end, lo=first, key=lambda one: one.start)
    return tuple(dict.fromkeys(one.text for one in document.readings[first:last]))


def _linked(text: str, found: Sequence[Chunk]) -> list[Chunk]:
    """Each chunk with the ids of those beside it, and the white space up to the next."""
    ids = ["", *(one.id for one in found), ""]
    gaps = [text[one.end : two.start] for one, two in pairwise(found)]
    return [
        replace(one, previous=before, next=after, gap=gap)
        for one, before, after, gap in zip(found, ids, ids[2:], [*gaps, ""], strict=False)
    ]
