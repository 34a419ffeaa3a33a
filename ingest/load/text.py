"""Plain text: paragraphs between blank lines, and the headings that plain text has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.decode import decode
from ingest.load import aozora
from ingest.load.parsed import Parsed
from rag.text.clean import clean
from rag.types import Block

_NUMBER = r"[0-9０-９一二三四五六七八九十百千〇零壱弐参]+"
_NUMBERED = re.compile(
    rf"第{_NUMBER}(?P<rank>[編编部篇巻卷章回節节款])(?:[\s　].{{0,40}}|.{{0,30}})?"
    rf"|제\s?{_NUMBER}\s?(?P<korean>[편부장절관])(?:[\s　].{{0,40}})?"
)
_RANKS = {
    **dict.fromkeys("編编部篇巻卷편부", 1),
    **dict.fromkeys("章回장", 2),
    **dict.fromkeys("節节款절관", 3),
}
_AOZORA = re.compile(r"［＃「[^」]*」は(?P<size>大|中|小)見出し］")
_AOZORA_SIZES = {"大": 1, "中": 2, "小": 3}
_NOTE = re.compile(r"［＃[^］]*］")
_LONGEST_TITLE = 40
_ENDS = tuple("。．.！？!?，、,；;：:」』다요")
_LINE = re.compile(r"[^\n]+")


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """A text file as it is, in paragraphs. Raises DocumentError as `ingest.decode.decode`.

    One in the notation of Aozora Bunko is read as it is printed.
    """
    decoded = decode(data, override=encoding, name=name)
    text = clean(decoded.text)
    if aozora.recognised(text):
        return aozora.parsed(text, decoded)
    first = text.strip().split("\n")[0].strip()
    return Parsed(
        text,
        tuple(blocks(text)),
        "text/plain",
        title=heading_title(first) if _is_title(first) else "",
        **decoded.facts(),
    )


def blocks(text: str) -> list[Block]:
    """The paragraphs and headings of a text; a short first line that stands alone is the heading of all."""
    found = list(_blocks(text))
    if len(found) < 2 or not _is_title(text[found[0].start : found[0].end].strip()):
        return found
    first = replace(found[0], kind="heading", level=1)
    return [first, *(replace(one, level=one.level + 1) if one.level else one for one in found[1:])]


def _is_title(line: str) -> bool:
    return 0 < len(line) <= _LONGEST_TITLE and not line.endswith(_ENDS) and any(map(str.isalpha, line))


def _blocks(text: str) -> Iterator[Block]:
    """Headings by themselves; the lines between two blank lines or headings as one paragraph."""
    start = end = -1
    for line in _LINE.finditer(text):
        level = _level(line.group().strip())
        blank = not line.group().strip()
        apart = start >= 0 and (blank or level or text.count("\n", end, line.start()) > 1)
        if apart:
            yield Block("paragraph", start, end)
            start = -1
        if level:
            yield Block("heading", line.start(), line.end(), level=level)
        elif not blank:
            start, end = (line.start() if start < 0 else start), line.end()
    if start >= 0:
        yield Block("paragraph", start, end)


def _level(line: str) -> int:
    """1 to 3 for a heading such as 第二章　総則 or 제1장 총칙, else 0."""
    marked = _AOZORA.search(line)
    if marked:
        return 0 if line.startswith("（例）") else _AOZORA_SIZES[marked["size"]]
    if len(line) > 50 or line.endswith(_ENDS):
        return 0
    numbered = _NUMBERED.fullmatch(line)
    return _RANKS[numbered["rank"] or numbered["korean"]] if numbered else 0


def heading_title(source: str) -> str:
    """The words of a heading line, without the notes that Aozora Bunko puts into it."""
    return " ".join(_NOTE.sub("", source).split())
