"""Documents to chunks: whole sentences under one heading, filled to a token budget."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ingest.alone import Count, check, counter, document_of, or_bundled, restore
from ingest.filling import Budget, CountTokens, Span, fill
from ingest.sizes import room
from ingest.strategies import Embed, priced
from rag.ports import Embedder
from rag.settings import ChunkSettings
from rag.text.language import detect
from rag.text.sentences import Splitter
from rag.types import Chunk, Document, places_in

__all__ = ["CountTokens", "chunk_document", "chunk_text", "chunks"]

NAMESPACE: Final = uuid.UUID("2f9a4f3e-8f6b-5a57-9f8e-3f9d7c1b6a10")


def chunks(
    document: Document,
    count_tokens: CountTokens,
    *,
    tokens: int,
    overlap: int = 0,
    strategy: str = "sentence",
    sentences: Splitter = "rules",
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
        sentences: how they are told apart, as `by` of `rag.text.sentences.sentences`.
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
        MissingExtra: what tells the sentences apart is not installed.

    Example:
        >>> from ingest.load import parse
        >>> document = parse("# 猫\n\n吾輩は猫である。名前はまだ無い。".encode(), name="猫.md")
        >>> [one.text for one in chunks(document, lambda texts: [len(t) for t in texts], tokens=16)]
        ['# 猫\n\n吾輩は猫である。', '名前はまだ無い。']
    """
    sections = priced(document, strategy, embed, sentences)
    spans = fill(document.text, sections, Budget(tokens, count_tokens, overlap, additive))
    key = key or _key(document, strategy, tokens, overlap, sentences)
    return _made(document, spans, key)


def chunk_document(
    document: Document, embedder: Embedder, settings: ChunkSettings, *, key: str = ""
) -> list[Chunk]:
    """The chunks that a document is indexed as: for that embedder, with those settings.

    No chunk is larger than what reaches the embedder. Raises ConfigError and MissingExtra as `chunks`.
    """
    return chunks(
        document,
        embedder.count_tokens,
        tokens=room(embedder, settings.tokens),
        overlap=settings.overlap,
        strategy=settings.strategy,
        sentences=settings.sentences,
        additive=embedder.additive,
        embed=embedder.encode_passages,
        key=key,
    )


def chunk_text(
    text: str,
    *,
    tokens: int = 256,
    overlap: int = 0,
    strategy: str = "sentence",
    sentences: Splitter = "rules",
    name: str = "text.md",
    embedder: Embedder | None = None,
    count: Count | None = None,
    key: str = "",
) -> list[Chunk]:
    r"""The chunks of a text that is at hand, as of a file with that text in it.

    Args:
        text: any; nothing in it is changed. A text in which there is nothing to read has no chunks.
        tokens: most tokens of `Chunk.passage`, the heading path counted, with the embedder's prefix.
        overlap: sentences repeated from the chunk before.
        strategy: as in `chunks`.
        sentences: as in `chunks`.
        name: read as Markdown if it ends in ``.md``, else as plain text; `Chunk.document`.
        embedder: whose tokens are counted; the bundled one when not given.
        count: the size of one text, in whatever unit, instead of the embedder's tokens: ``len``.
        key: what the ids derive from, as in `chunks`.

    Returns:
        As `chunks`; offsets are code points of the text as it was given, ``text[start:end] == chunk.text``.
        White space alone is in no chunk. Line ends of any kind end a line; byte order marks, NUL and other
        controls stay where they are, but nothing is cut because of them.

    Raises:
        ConfigError: ``tokens``, ``overlap``, ``strategy`` or ``sentences`` is none that there is.
        MissingExtra: as `chunks`.

    Example:
        >>> for one in chunk_text("# 猫\r\n\r\n吾輩は猫である。名前はまだ無い。", tokens=20, count=len):
        ...     print(one.start, one.end, one.headings, repr(one.text))
        0 15 ('猫',) '# 猫\r\n\r\n吾輩は猫である。'
        15 23 ('猫',) '名前はまだ無い。'
    """
    check(tokens, overlap, strategy)
    read = document_of(text, name)
    sections = priced(read, strategy, lambda texts: or_bundled(embedder).encode_passages(texts), sentences)
    if read.text != text:
        restore(sections, text)
    budget = Budget(tokens, counter(embedder, count), overlap)
    if count is None:
        model = or_bundled(embedder)
        additive = read.text == text and model.additive
        budget = replace(budget, tokens=room(model, tokens), additive=additive)
    key = key or _key(read, strategy, tokens, overlap, sentences)
    return _made(replace(read, text=text), fill(text, sections, budget), key)


def _key(document: Document, strategy: str, tokens: int, overlap: int, by: Splitter) -> str:
    made = f"{document.id}/{document.source.sha256}/{strategy}/{tokens}/{overlap}"
    return made if by == "rules" else f"{made}/{by}"


def _made(document: Document, spans: Sequence[Span], key: str) -> list[Chunk]:
    """The chunks at the spans, each with the ids of those beside it, and the white space up to the next."""
    ids = [str(uuid.uuid5(NAMESPACE, f"{key}\n{one.start}\n{one.end}")) for one in spans]
    gaps = [document.text[one.end : two.start] for one, two in pairwise(spans)]
    beside = zip(["", *ids], ids, [*ids[1:], ""], [*gaps, ""], strict=False)
    return [_chunk(document, span, *its) for span, its in zip(spans, beside, strict=True)]


def _chunk(document: Document, span: Span, before: str, own: str, after: str, gap: str) -> Chunk:
    text = document.text[span.start : span.end]
    return Chunk(
        id=own,
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
        previous=before,
        next=after,
        gap=gap,
    )


def _readings(document: Document, span: Span) -> tuple[str, ...]:
    """How words of the chunk are read, each reading once."""
    if not document.readings:
        return ()
    first = bisect_left(document.readings, span.start, key=lambda one: one.start)
    last = bisect_left(document.readings, span.end, lo=first, key=lambda one: one.start)
    return tuple(dict.fromkeys(one.text for one in document.readings[first:last]))
