"""A document's blocks by the heading, or the page, that they stand under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.atoms import Atom
from ingest.load import heading_text
from rag.types import Block, Document

_LONGEST_TITLE: Final = 200


@dataclass(slots=True)
class Section:
    """What stands under one heading, on one page, with the heading lines right before it.

    ``parent`` is the span of all that stands under the same heading, on whatever page; ``units`` are spans
    that a chunk should hold whole; ``room`` is left for the text beside the headings; ``bare`` ones go
    without.
    """

    path: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    units: list[tuple[int, int]] = field(default_factory=list)
    parent: tuple[int, int] = (0, 0)
    room: int = 0
    bare: bool = False

    @property
    def has_content(self) -> bool:
        """Whether there is more in it than headings, which come first."""
        return self.blocks[-1].kind != "heading"

    @property
    def page(self) -> int | None:
        """The page of its text."""
        return next((one.page for one in self.blocks if one.kind != "heading"), self.blocks[0].page)


def sections(document: Document, *, by_page: bool = False) -> list[Section]:
    """Blocks by heading and page, or by page alone; what no block covers is a paragraph.

    Headings right after one another go with the text that follows them.
    """
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    for block in _covering(document.text, document.blocks):
        path = _path(path, block, document) if block.kind == "heading" else path
        titles = tuple(title for _, title in path if title)
        current = found[-1] if found else None
        if current is None or _ends(current, block, by_page=by_page):
            found.append(Section(titles, [block]))
        else:
            current.blocks.append(block)
            if not by_page:
                current.path = titles
    _set_parents(found)
    return found


def _path(path: list[tuple[int, str]], block: Block, document: Document) -> list[tuple[int, str]]:
    title = heading_text(document.text[block.start : block.end], document.source.media_type)
    return [*(one for one in path if one[0] < block.level), (block.level, title[:_LONGEST_TITLE])]


def _ends(current: Section, block: Block, *, by_page: bool) -> bool:
    other_page = block.page != current.blocks[-1].page
    if by_page:
        return other_page
    return current.has_content and (block.kind == "heading" or other_page)


def _set_parents(found: Sequence[Section]) -> None:
    """Sections that only a page end parts have one parent."""
    first = 0
    for place in range(1, len(found) + 1):
        if place == len(found) or any(one.kind == "heading" for one in found[place].blocks):
            span = (found[first].blocks[0].start, found[place - 1].blocks[-1].end)
            for section in found[first:place]:
                section.parent = span
            first = place


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
