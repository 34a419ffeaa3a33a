"""Answers and rankings as plain text."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence

from rag.types import Answer, Chunk, Citation, Ranking

_WIDTH = 160


def answer_text(answer: Answer) -> str:
    """The answer, then its numbered citations: file, page or heading, quote.

    Where the language model failed: what came of the answer, then the passages that were found.
    """
    cited = "\n".join(citation_text(one) for one in answer.citations)
    failed = answer.outcome == "failed"
    rest = ranking_text(answer.ranking) if failed else safe(answer.notice)
    return "\n\n".join(part for part in (safe(answer.text), cited, rest) if part)


def citation_text(citation: Citation) -> str:
    """Two lines: number and place, then the quote."""
    return f"[{citation.number}] {place(citation)}\n    “{_squeezed(citation.quote)}”"


def ranking_text(ranking: Ranking) -> str:
    """Two lines for each hit: rank, score and place, then the beginning of its text."""
    return "\n".join(
        f"{rank:>2}. {hit.score:.3f}  {place(hit.chunk)}\n    {_cut(_squeezed(hit.chunk.text))}"
        for rank, hit in enumerate(ranking, 1)
    )


def place(one: Chunk | Citation) -> str:
    """File, page or the spot in it, and heading path of a chunk or of a quotation."""
    document = one.chunk.document if isinstance(one, Citation) else one.document
    return "  ·  ".join(part for part in (safe(document), spot(one)) if part)


def spot(one: Chunk | Citation) -> str:
    """As `place`, without the file."""
    page = f"p. {one.page}" if one.page is not None else ""
    return safe("  ·  ".join(part for part in (page, one.place, " > ".join(one.headings)) if part))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns aligned by what they take up in a terminal, wide characters counted as two."""
    cells = [list(head), *([safe("" if one is None else str(one)) for one in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_row(line, widths) for line in cells)


def safe(text: str) -> str:
    """The text without what would steer a terminal (controls, direction marks); line feeds and tabs stay."""
    return "".join(ch for ch in text if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs"))


def in_colour() -> bool:
    """Whether stdout is a terminal that shows colours and may: https://no-color.org, ``FORCE_COLOR``."""
    if os.environ.get("NO_COLOR"):
        return False
    shows = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return shows or bool(os.environ.get("FORCE_COLOR"))


def _row(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _squeezed(text: str) -> str:
    return " ".join(safe(text).split())


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
