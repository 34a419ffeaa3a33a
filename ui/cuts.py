"""How documents were cut, for a person to look at."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import typer

from rag.evaluate.ends import Ends
from rag.types import Chunk, Document
from ui.terminal import safe, spot
from ui.wire import chunk_to_json

_COLOURS: Final = (typer.colors.CYAN, typer.colors.MAGENTA)
_ENDS: Final = {
    "block": "end of a block",
    "sentence": "end of a sentence",
    "row": "end of a row",
    "line": "end of a line",
}
_CUT: Final = {
    "clause": "CUT INSIDE A SENTENCE, after a clause",
    "space": "CUT INSIDE A SENTENCE, between words",
    "character": "CUT INSIDE A SENTENCE, between characters",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A document and its chunks, none of which should be larger than ``budget``."""

    document: Document
    chunks: Sequence[Chunk]
    budget: int

    def inside(self) -> list[bool]:
        """Whether each chunk ends inside a sentence."""
        ends = Ends(self.document.text)
        return [one.ends in _CUT and not ends.at(one.end) for one in self.chunks]

    def outside(self) -> Iterator[str]:
        """The stretches of text that are in no chunk."""
        done = 0
        for one in self.chunks:
            yield self.document.text[done : one.start]
            done = max(done, one.end)
        yield self.document.text[done:]


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is to say of the chunks of some documents in figures.

    ``inside`` counts chunks that end inside a sentence, ``outside`` characters in no chunk, ``lost`` those of
    them that are not white space.
    """

    chunks: int
    budget: int
    least: int
    median: int
    most: int
    over: int
    inside: int
    outside: int
    lost: int

    def text(self) -> str:
        """All of it in one line."""
        kind = f"{self.lost} of them NOT WHITE SPACE" if self.lost else "all white space"
        return "  ·  ".join(
            (
                _many(self.chunks, "chunk"),
                f"tokens {self.least} / {self.median} / {self.most} (min / median / max) of {self.budget}",
                f"{self.over} over budget",
                f"{self.inside} cut inside a sentence",
                f"{_many(self.outside, 'character')} outside of any chunk"
                + (f", {kind}" if self.outside else ""),
            )
        )


def counts(cuts: Sequence[Cut], budget: int) -> Counts:
    """The figures of all of them together."""
    sizes = [one.tokens for cut in cuts for one in cut.chunks] or [0]
    outside = "".join(part for cut in cuts for part in cut.outside())
    return Counts(
        chunks=sum(len(cut.chunks) for cut in cuts),
        budget=budget,
        least=min(sizes),
        median=statistics.median_low(sizes),
        most=max(sizes),
        over=sum(size > budget for size in sizes),
        inside=sum(sum(cut.inside()) for cut in cuts),
        outside=len(outside),
        lost=sum(not ch.isspace() for ch in outside),
    )


def cut_to_json(cut: Cut) -> dict[str, Any]:
    """The chunks with all that they carry, and the figures."""
    pieces = [
        {**chunk_to_json(one), "inside": inside} for one, inside in zip(cut.chunks, cut.inside(), strict=True)
    ]
    return {
        "lang": cut.document.lang,
        "characters": len(cut.document.text),
        "counts": asdict(counts([cut], cut.budget)),
        "chunks": pieces,
    }


def cut_text(cut: Cut, *, colour: bool) -> str:
    """The document's name, then each chunk: number, size, span, place, headings, how it ends, its text."""
    document = cut.document
    sizes = (_many(len(document.text), "character"), _many(len(cut.chunks), "chunk"))
    facts = safe("  ·  ".join((document.source.name, document.lang, *sizes)))
    lines = [_styled(facts, colour, bold=True)]
    ends = 0
    for number, (chunk, inside) in enumerate(zip(cut.chunks, cut.inside(), strict=True), 1):
        repeated = max(0, ends - chunk.start)
        lines += ["", _head(number, chunk, cut.budget, repeated, inside=inside, colour=colour)]
        lines.append(_body(chunk.text, repeated, _COLOURS[number % len(_COLOURS)], colour=colour))
        ends = chunk.end
    return "\n".join(lines)


def _head(number: int, chunk: Chunk, budget: int, repeated: int, *, inside: bool, colour: bool) -> str:
    ending = _CUT[chunk.ends] if inside else _ENDS.get(chunk.ends, _ENDS["sentence"])
    facts = (
        f"#{number}",
        f"{chunk.tokens}/{budget} tokens{' OVER BUDGET' if chunk.tokens > budget else ''}",
        f"{chunk.start}–{chunk.end}",
        spot(chunk),
        f"repeats {_many(repeated, 'character')}" if repeated else "",
    )
    told = "  ·  ".join(one for one in facts if one)
    alarming = inside or chunk.tokens > budget
    return (
        f"{_styled(told, colour, bold=True)}  ·  {_styled(ending, colour, fg='red', bold=True)}"
        if alarming
        else _styled(f"{told}  ·  {ending}", colour, bold=True)
    )


def _body(text: str, repeated: int, shade: str, *, colour: bool) -> str:
    """The text line by line, what it repeats of the chunk before dim."""
    again = _painted(safe(text[:repeated]), colour, fg=shade, dim=True)
    rest = _painted(safe(text[repeated:]), colour, fg=shade)
    return "\n".join(f"    │ {line}".rstrip() for line in (again + rest).split("\n"))


def _painted(text: str, colour: bool, **style: Any) -> str:
    """Each line by itself, so that a pager does not lose the colour."""
    return "\n".join(_styled(line, colour, **style) for line in text.split("\n"))


def _styled(text: str, colour: bool, **style: Any) -> str:
    return typer.style(text, **style) if colour and text else text


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
