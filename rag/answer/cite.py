"""Citations are quotations found again in the source, or they are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.han import simplify
from rag.text.normalise import normalise, span
from rag.types import Chunk

_WIDE = "\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_LOOSE_SPACE = re.compile(rf"(?<=[{_WIDE}])\s+|\s+(?=[{_WIDE}])")


def locate(quote: str, chunk: Chunk) -> tuple[int, int] | None:
    r"""Where a quotation stands in the chunk's document, None where it does not.

    Looked for as it is written first; then with width, case, traditional and simplified characters and
    white space folded: a line end may stand for a space or for nothing. What is shown must be the
    document's own text at the place that is returned, never the quotation that was looked for.

    Returns:
        ``(start, end)`` in code points of the document.

    Example:
        >>> chunk = Chunk("c", "d", "a.txt", "資料庫的\n連線逾時為30秒。", 100, 114)
        >>> locate("数据库的连线逾时为３０秒", chunk) is None, locate("资料库的连线逾时为３０秒", chunk)
        (True, (100, 113))
    """
    quote = quote.strip()
    if not quote:
        return None
    begin = chunk.text.find(quote)
    if begin >= 0:
        return chunk.start + begin, chunk.start + begin + len(quote)
    found = next(_folded(quote, chunk.text), None)
    return found and (chunk.start + found[0], chunk.start + found[1])


def _folded(quote: str, text: str) -> Iterator[tuple[int, int]]:
    folded, offsets = normalise(text)
    for line_end in (" ", ""):
        needle, _ = _keyed(normalise(quote)[0], line_end)
        key, places = _keyed(folded, line_end)
        begin = key.find(needle) if needle else -1
        if begin >= 0:
            first, last = places[begin], places[begin + len(needle) - 1]
            yield span(offsets, first, last + 1)


def _keyed(folded: str, line_end: str) -> tuple[str, list[int]]:
    """The text as it is compared, and the place in ``folded`` of each of its characters."""
    simple = simplify(folded)
    if not line_end:
        simple = re.sub(r"\s*\n\s*", lambda gap: "\n" * len(gap[0]), simple)
    dropped = {place for gap in _LOOSE_SPACE.finditer(simple) for place in range(*gap.span())}
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(simple):
        if place in dropped or (character == "\n" and not line_end):
            continue
        if character.isspace():
            if kept and kept[-1] == " ":
                continue
            character = " "
        kept.append(character)
        places.append(place)
    return "".join(kept).strip(), places[len(kept) - len("".join(kept).lstrip()) :]
