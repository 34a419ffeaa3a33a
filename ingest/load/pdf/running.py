"""Running heads, page numbers and footnotes: what stands at the edges of a page and is not its text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from ingest.load.pdf.lines import Line, overlap
from ingest.load.pdf.page import Page

_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]{1,6}")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:第|全|page|p\.?|제)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:/|of|／|-|,|共)\s*(?:共|全)?\s*\d{1,4})?"
    r"\s*(?:頁|页|ページ|쪽|면|页共\d{1,4}页)?[\W_]*",
    re.IGNORECASE,
)
_EDGE = 0.15
_LINES = 4
_LABEL = re.compile(r"[\[(（]?(\d{1,3}|[*＊†‡※]|注\d{0,3}|[a-z])[\])）]?(?=\D|$)")


def without_running(pages: Sequence[Page], lines: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Each page's lines without those that stand at the same edge of other pages too, and page numbers."""
    edges = [list(_at_edges(page, found)) for page, found in zip(pages, lines, strict=True)]
    repeated = _repeated(edges)
    numbers = _numbers(edges)
    kept = []
    for index, (found, ends) in enumerate(zip(lines, edges, strict=True)):
        dropped = {
            id(line)
            for place, line in ends
            if (place, _shape(line.words)) in repeated or (place, index, line.words) in numbers
        }
        kept.append([line for line in found if id(line) not in dropped])
    return kept


def _at_edges(page: Page, lines: Sequence[Line]) -> Iterable[tuple[str, Line]]:
    """The outermost lines of a page and the edge they stand at: upright columns have theirs at the sides."""
    if not lines:
        return
    body = sorted(lines, key=lambda one: one.box[1])
    for line in body[:_LINES]:
        if line.box[3] < _EDGE * page.height:
            yield f"top{round(line.box[1] / 6)}", line
    for line in body[-_LINES:]:
        if line.box[1] > (1 - _EDGE) * page.height:
            yield f"bottom{round(line.box[1] / 6)}", line
    for line in lines:
        if line.vertical and (line.box[2] < 0.1 * page.width or line.box[0] > 0.9 * page.width):
            yield f"side{round(line.box[0] / 6)}", line


def _shape(text: str) -> str:
    """The text with its numbers alike: a head may name the chapter or the page."""
    return _NUMBER.sub("0", unicodedata.normalize("NFKC", "".join(text.split())))


def _repeated(edges: Sequence[Sequence[tuple[str, Line]]]) -> set[tuple[str, str]]:
    """What stands at one place of three pages and a quarter of all; of short documents, of all pages."""
    counts = Counter(
        key
        for ends in edges
        for key in {(place, _shape(line.words)) for place, line in ends if not _numbered(line.words)}
    )
    least = max(0.25 * len(edges), 3) if len(edges) > 3 else len(edges)
    return {key for key, count in counts.items() if count >= least and len(edges) > 1}


def _numbered(text: str) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(unicodedata.normalize("NFKC", text)))


def _numbers(edges: Sequence[Sequence[tuple[str, Line]]]) -> set[tuple[str, int, str]]:
    """Lines that are but a number which grows with the pages; on few pages, that is dressed as one."""
    found: defaultdict[int, list[tuple[str, int, str]]] = defaultdict(list)
    for index, ends in enumerate(edges):
        for place, line in ends:
            if _numbered(line.words):
                number = _NUMBER.search(unicodedata.normalize("NFKC", line.words))
                shift = int(number[0]) - index if number else -1000
                found[shift].append((place, index, line.words))
    if len(edges) < 3:
        return {one for shift, group in found.items() for one in group if shift == 1 or not one[2].isdigit()}
    least = max(2, 0.25 * len(edges))
    return {
        one for group in found.values() if len({index for _, index, _ in group}) >= least for one in group
    }


def footnotes(lines: Sequence[Line], body: float) -> tuple[list[Line], list[Line]]:
    """The lines of a page's text, and those of the notes: smaller, the last of their column, with a label."""
    notes: list[Line] = []
    for small, run in groupby(lines, lambda line: 0.5 * body < line.size < 0.97 * body):
        group = list(run)
        while small and group and not _LABEL.match(group[0].words):
            group.pop(0)
        if small and group and not any(_after(line, group[0]) for line in lines if line not in group):
            notes += group
    return [line for line in lines if line not in notes], notes


def _after(line: Line, note: Line) -> bool:
    """Whether the line stands further on in the column of a note."""
    if line.vertical != note.vertical or line.size < note.size * 1.02:
        return False
    shared = overlap((line.begin, line.reach), (note.begin, note.reach))
    return line.before > note.before and shared > 0


def labels(notes: Sequence[Line]) -> frozenset[str]:
    """The numbers and signs that the notes of a page begin with."""
    return frozenset(found[0] for line in notes if (found := _LABEL.match(line.words)))
