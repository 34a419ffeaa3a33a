"""Where sentences may end, by a check that is simpler than any splitter and knows nothing of ours.

It decides what counts as a cut in mid-sentence, for our chunks and for those of other libraries.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_CLOSERS = "」』）】〉》〕］｣〗〙”’»›\"')\\]}"
_END = re.compile(
    f"(?:(?<![0-9０-９])．|．(?![0-9０-９])|[。！？!?｡…‼⁇⁈⁉]|\\.(?![0-9A-Za-z_/@-])"
    f"|(?:니다|니까|[어아해예에네세]요)(?=\\s))+[{_CLOSERS}]*"
    "|\\S(?=[^\\S\r\n\x0b\x0c\x85\u2028\u2029]*(?:[\r\n\x0b\x0c\x85\u2028\u2029]|\\Z))"
)


class Ends:
    """The places of a text where a chunk may end.

    Those are behind a run of 。！？!?．｡… or a full stop that no letter or digit follows, with the quotes and
    brackets that close after it; behind a polite ending of Korean before white space; at the end of every
    line (headings, list items, rows, paragraphs) and of the text. Quotes and brackets alone end nothing.

    Example:
        >>> ends = Ends("猫である。名前は、まだ無い。")
        >>> [ends.at(place) for place in (5, 9, 14)]
        [True, False, True]
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = [found.end() for found in _END.finditer(text)]

    def at(self, end: int) -> bool:
        """Whether the last visible character before ``end`` is at such a place."""
        return self._index(end) < len(self._places) and self._places[self._index(end)] == self._bare(end)

    def around(self, end: int) -> str:
        """The text between the two such places on the left and on the right of ``end``."""
        place = bisect_right(self._places, self._bare(end))
        first = self._places[place - 1] if place else 0
        last = self._places[place] if place < len(self._places) else len(self._text)
        return self._text[first:last].strip()

    def _index(self, end: int) -> int:
        return bisect_left(self._places, self._bare(end))

    def _bare(self, end: int) -> int:
        while end and self._text[end - 1].isspace():
            end -= 1
        return end
