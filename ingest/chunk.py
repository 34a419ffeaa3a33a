"""Documents to chunks: whole sentences under one heading, filled to a token budget."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import add
from typing import Final, TypeAlias

from ingest.atoms import Atom, atoms, halved
from ingest.load import heading_text
from rag.text.language import detect
from rag.types import Block, Chunk, Document, places_in

CountTokens: TypeAlias = Callable[[Sequence[str]], list[int]]

NAMESPACE: Final = uuid.UUID("2f9a4f3e-8f6b-5a57-9f8e-3f9d7c1b6a10")
_LONGEST_TITLE: Final = 200
_SMALLEST: Final = 4


@dataclass(slots=True)
class _Section:
    """What stands under one heading, on one page, with the heading lines right before it."""

    path: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    budget: int = 0
    bare: bool = False

    @property
    def sized(self) -> list[tuple[Atom, int]]:
        return list(zip(self.atoms, self.sizes, strict=True))

    @property
    def has_content(self) -> bool:
        return any(block.kind != "heading" for block in self.blocks)


@dataclass(frozen=True, slots=True)
class _Span:
    """A chunk to be: a stretch of the text and the headings that are embedded with it."""

    start: int
    end: int
    headings: tuple[str, ...]
    page: int | None


def chunks(document: Document, count_tokens: CountTokens, *, tokens: int, overlap: int = 0) -> list[Chunk]:
    r"""Cut a document where reading pauses: at headings, then between blocks, sentences, clauses.

    Args:
        document: its blocks do not overlap; text outside of them is a paragraph.
        count_tokens: of the embedder, for many texts at once.
        tokens: most tokens of `Chunk.passage`, the heading path counted.
        overlap: sentences repeated from the chunk before, where they take less than a quarter.

    Returns:
        Chunks in order of the text, ``document.text[start:end] == text``, which together hold every
        character but white space. Among all ways to cut a section, the one with the fullest chunks and
        the fewest cuts inside paragraphs is taken.

    Example:
        >>> from ingest.load import parse
        >>> document = parse("# 猫\n\n吾輩は猫である。名前はまだ無い。".encode(), name="猫.md")
        >>> [one.text for one in chunks(document, lambda texts: [len(t) for t in texts], tokens=16)]
        ['# 猫\n\n吾輩は猫である。', '名前はまだ無い。']
    """
    sections = _sections(document)
    _set_budgets(sections, count_tokens, tokens)
    for section in sections:
        section.atoms = [
            one for block in section.blocks for one in atoms(document.text, block, document.lang)
        ]
    _measure(document.text, sections, count_tokens)
    spans = _verified(document.text, sections, count_tokens, tokens, overlap)
    settings = f"{tokens}/{overlap}"
    return [_chunk(document, span, settings) for span in spans]


def _chunk(document: Document, span: _Span, settings: str) -> Chunk:
    text = document.text[span.start : span.end]
    key = f"{document.id}/{document.source.sha256}/{span.start}/{span.end}/{settings}"
    return Chunk(
        id=str(uuid.uuid5(NAMESPACE, key)),
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
    )


def _readings(document: Document, span: _Span) -> tuple[str, ...]:
    """How words of the chunk are read, each reading once."""
    first = bisect_left(document.readings, span.start, key=lambda one: one.start)
    last = bisect_left(document.readings, span.end, lo=first, key=lambda one: one.start)
    return tuple(dict.fromkeys(one.text for one in document.readings[first:last]))


# -- sections ------------------------------------------------------------------------------------------


def _sections(document: Document) -> list[_Section]:
    """Blocks by heading and page; headings right after one another go with the text that follows them."""
    sections = [_Section(())]
    path: list[tuple[int, str]] = []
    for block in _covering(document.text, document.blocks):
        current = sections[-1]
        if block.kind == "heading":
            title = heading_text(document.text[block.start : block.end], document.source.media_type)
            path = [*(one for one in path if one[0] < block.level), (block.level, title[:_LONGEST_TITLE])]
        titles = tuple(title for _, title in path if title)
        if current.has_content and (block.kind == "heading" or block.page != current.blocks[-1].page):
            sections.append(_Section(titles, [block]))
        else:
            current.path = titles
            current.blocks.append(block)
    return [section for section in sections if section.blocks]


def _covering(text: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, and as paragraphs what none of them covers."""
    done, page = 0, None
    for block in blocks:
        yield from _gap(text, done, block.start, page)
        yield block
        done, page = block.end, block.page
    yield from _gap(text, done, len(text), page)


def _gap(text: str, start: int, end: int, page: int | None) -> Iterator[Block]:
    between = text[start:end]
    bare = between.strip()
    if bare:
        first = start + between.index(bare)
        yield Block("paragraph", first, first + len(bare), page)


# -- budgets -------------------------------------------------------------------------------------------


def _set_budgets(sections: Sequence[_Section], count_tokens: CountTokens, tokens: int) -> None:
    """Shorten heading paths to a third of the budget; the rest is for the text."""
    paths = list(dict.fromkeys(section.path for section in sections))
    fitted = dict(zip(paths, _fitted(paths, count_tokens, tokens // 3), strict=True))
    for section in sections:
        section.path, taken = fitted[section.path]
        section.budget = tokens - taken


def _fitted(
    paths: Sequence[tuple[str, ...]], count_tokens: CountTokens, limit: int
) -> list[tuple[tuple[str, ...], int]]:
    counted = count_tokens([_line(path) for path in paths])
    return [
        (path, taken) if taken <= limit else _shortened(path, count_tokens, limit)
        for path, taken in zip(paths, counted, strict=True)
    ]


def _shortened(path: tuple[str, ...], count_tokens: CountTokens, limit: int) -> tuple[tuple[str, ...], int]:
    """The outermost and the innermost heading, the innermost, or the beginning of that."""
    last = path[-1]
    options = [(path[0], last), (last,)]
    length = len(last) // 2
    while length:
        options.append((f"{last[:length].rstrip()}…",))
        length //= 2
    for option, taken in zip(options, count_tokens([_line(one) for one in options]), strict=True):
        if taken <= limit:
            return option, taken
    return (), 0


def _line(path: tuple[str, ...]) -> str:
    return " > ".join(path) + "\n" if path else ""


def _measure(text: str, sections: Sequence[_Section], count_tokens: CountTokens) -> None:
    """Count the tokens of all atoms, and halve those over budget until none is."""
    texts = [text[one.start : one.end] for section in sections for one in section.atoms]
    counted = iter(count_tokens(texts))
    for section in sections:
        section.sizes = [next(counted) for _ in section.atoms]
    for section in sections:
        _halve(text, section, count_tokens)
    _measure_gaps(text, sections, count_tokens)


def _measure_gaps(text: str, sections: Sequence[_Section], count_tokens: CountTokens) -> None:
    """Count the white space before each atom; there are few kinds of it."""
    gaps = [[text[a.end : b.start] for a, b in pairwise(section.atoms)] for section in sections]
    kinds = list({gap for one in gaps for gap in one})
    sizes = dict(zip(kinds, count_tokens(kinds) if kinds else [], strict=True))
    for section, one in zip(sections, gaps, strict=True):
        section.gaps = [0, *(sizes[gap] for gap in one)]


def _halve(text: str, section: _Section, count_tokens: CountTokens) -> None:
    while any(_too_large(section, one, size) for one, size in section.sized):
        parts = [
            halved(text, one) if _too_large(section, one, size) else [one] for one, size in section.sized
        ]
        fresh = [one for part in parts if len(part) > 1 for one in part]
        counted = iter(count_tokens([text[one.start : one.end] for one in fresh]))
        section.sizes = [
            next(counted) if len(part) > 1 else size
            for part, size in zip(parts, section.sizes, strict=True)
            for _ in part
        ]
        section.atoms = [one for part in parts for one in part]


def _too_large(section: _Section, atom: Atom, size: int) -> bool:
    return size > section.budget and atom.end - atom.start > 1


# -- filling -------------------------------------------------------------------------------------------


def _verified(
    text: str, sections: Sequence[_Section], count_tokens: CountTokens, tokens: int, overlap: int
) -> list[_Span]:
    """Fill every section; where a passage as it is embedded is over budget after all, fill it less."""
    filled = [_spans(section, overlap) for section in sections]
    waiting = list(range(len(sections)))
    while waiting:
        flat = [(index, span) for index in waiting for span in filled[index]]
        counts = count_tokens([_line(span.headings) + text[span.start : span.end] for _, span in flat])
        excess: dict[int, int] = {}
        for (index, span), count in zip(flat, counts, strict=True):
            if count > tokens and (span.headings or span.end - span.start > 1):
                excess[index] = max(excess.get(index, 0), count - tokens)
        for index, over in excess.items():
            _tighten(sections[index], over)
            _halve(text, sections[index], count_tokens)
            _measure_gaps(text, [sections[index]], count_tokens)
            filled[index] = _spans(sections[index], overlap)
        waiting = list(excess)
    return [span for spans in filled for span in spans]


def _tighten(section: _Section, over: int) -> None:
    """Leave less room; where hardly any is left, give up the headings first."""
    less = min(over, max(1, section.budget // 4))
    if section.budget - less >= _SMALLEST:
        section.budget -= less
    elif not section.bare:
        section.bare = True
    else:
        section.budget = max(1, section.budget // 2)


def _spans(section: _Section, overlap: int) -> list[_Span]:
    return [_span(section, first, end) for first, end in _fill(section, overlap)]


def _span(section: _Section, first: int, end: int) -> _Span:
    """The chunk of the atoms from ``first`` up to ``end``."""
    content = next((one for one in section.blocks if one.kind != "heading"), section.blocks[0])
    atom = section.atoms[first]
    headings = (*section.path, atom.header) if atom.header else section.path
    return _Span(atom.start, section.atoms[end - 1].end, () if section.bare else headings, content.page)


def _fill(section: _Section, overlap: int) -> list[tuple[int, int]]:
    """The cheapest way to cut the atoms: unused room squared, and the prices of the cuts.

    Source: the optimum-fit line breaking of Knuth and Plass (1981), on tokens instead of widths.
    """
    count, budget = len(section.atoms), section.budget
    before = [0, *accumulate(map(add, section.sizes, section.gaps))]
    firsts = [_repeated(section, begin, overlap) for begin in range(count)]
    costs, begins = [0.0] * (count + 1), [0] * (count + 1)
    for end in range(1, count + 1):
        price = section.atoms[end - 1].cut if end < count else 0.0
        best = float("inf")
        for begin in range(end - 1, -1, -1):
            size = before[end] - before[firsts[begin]] - section.gaps[firsts[begin]]
            if size > budget and begin < end - 1:
                break
            cost = costs[begin] + (1 - min(size / budget, 1.0)) ** 2 + price
            if cost < best:
                best, begins[end] = cost, begin
        costs[end] = best
    found, end = [], count
    while end:
        found.append((firsts[begins[end]], end))
        end = begins[end]
    return found[::-1]


def _repeated(section: _Section, begin: int, overlap: int) -> int:
    """Where a chunk that begins at that atom really starts: up to ``overlap`` atoms earlier."""
    first, taken = begin, 0
    while first > 0 and begin - first < overlap:
        taken += section.sizes[first - 1] + section.gaps[first]
        if taken > min(section.budget // 4, section.budget - section.sizes[begin]):
            break
        first -= 1
    return first
