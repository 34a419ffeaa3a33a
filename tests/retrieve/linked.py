"""Documents cut by hand: chunks that know their section and what stands beside them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Chunk, Hit, Place, Stage


@dataclass(frozen=True)
class Piece:
    """One chunk to be: its text, the white space after it, how much of the text before it is repeated."""

    text: str
    gap: str = ""
    repeated: int = 0
    new_section: bool = False
    new_page: bool = False


def cut(pieces: Sequence[Piece], name: str = "規程.md") -> tuple[str, list[Chunk]]:
    """A document's text and its chunks; a token is a character, a section is `第n節`, pages count from 1."""
    text = "".join(one.text + one.gap for one in pieces)
    spans, begin = [], 0
    for number, one in enumerate(pieces):
        first = begin
        if one.repeated and number:
            before = pieces[number - 1]
            first -= len(before.gap) + min(one.repeated, len(before.text) - 1)
        spans.append((first, begin + len(one.text)))
        begin += len(one.text) + len(one.gap)
    sections = _counted([one.new_section for one in pieces])
    pages = _counted([one.new_page for one in pieces])
    return text, [_chunk(name, text, number, spans, sections, pages) for number in range(len(pieces))]


def hits(chunks: Sequence[Chunk]) -> tuple[Hit, ...]:
    """Those chunks as a ranking, each with a score and a trace of its own."""
    return tuple(
        Hit(one, 1 / rank, (Stage("lexical", rank, 10.0 / rank),)) for rank, one in enumerate(chunks, start=1)
    )


SECTIONS = (
    Piece("产假为九十八天。", "\n\n"),
    Piece("难产的，增加产假十五天。", "\n\n", new_page=True),
    Piece("陪产假为十五天。", "\n\n", new_section=True),
)


class Shelf:
    """What `expand` asks of a store, and how often it was asked."""

    def __init__(self, *documents: Sequence[Chunk]) -> None:
        self.chunks = {one.id: one for chunks in documents for one in chunks}
        self.asked: list[list[str]] = []

    def get(self, ids):
        self.asked.append(list(ids))
        return {one: self.chunks[one] for one in ids if one in self.chunks}


def _key(name: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}#{number}"))


def _counted(new: Sequence[bool]) -> list[int]:
    return [sum(new[: number + 1]) for number in range(len(new))]


def _chunk(name, text, number, spans, sections, pages) -> Chunk:
    start, end = spans[number]
    same = [place for place, section in enumerate(sections) if section == sections[number]]
    last = number + 1 == len(spans)
    return Chunk(
        id=_key(name, number),
        doc_id=name,
        document=name,
        text=text[start:end],
        start=start,
        end=end,
        headings=("就業規則", f"第{sections[number]}節"),
        page=pages[number] + 1,
        lang="ja",
        places=(Place(start, "本文", f"{number}"),),
        readings=(f"よみ{number}", "きそく"),
        tokens=end - start,
        ends="sentence",
        section=(spans[same[0]][0], spans[same[-1]][1]),
        previous=_key(name, number - 1) if number else "",
        next="" if last else _key(name, number + 1),
        gap="" if last else text[end : spans[number + 1][0]],
    )
