"""Folding for matching: stored and shown text is never folded, the index and the comparison are.

Source: Unicode NFKC and case folding (UAX 15, UTS 39); the law is that two spellings of one word fold to
the same string, and that every place in the folded string can be found again in the original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence

from rag.text.radicals import RADICALS

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_ALIKE = {
    **RADICALS,
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    "\u301c": "~",
    "\u309b": "\u3099",
    "\u309c": "\u309a",
}
_ALIKE_FOUND = re.compile(f"[{''.join(map(re.escape, _ALIKE))}]")
_MARKS_KEPT = 30  # as the stream-safe format of UAX 15; sorting longer runs would take quadratic time

# Characters that fold alone, to one character: nothing here joins its neighbour or vanishes.
_ALONE = (
    "\x00-\x7f\u00c0-\u00de\u00e0-\u00ff\u2013-\u2016\u2018-\u2023\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5"
    "\u3000-\u3029\u3030-\u303d\u3041-\u3096\u309d\u309e\u30a0-\u30fe\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua48c\uac00-\ud7a3\ue000-\uf8ff\uff01-\uff5e\uff61-\uff9d\ufffd"
)
_JOINING = re.compile(f"[^{_ALONE}]+")
_CROWDED = re.compile(f"[^{_ALONE}]{{{_MARKS_KEPT + 1},}}")
_MELTING = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7fb"), ("\U00016d63", "\U00016d6a"))


def fold(text: str) -> str:
    """The text as it is compared: NFKC, case folded, width, radicals and dashes alike, unseen marks gone.

    Never raises; folding twice is folding once; NFC and NFD spellings fold to the same string.

    Example:
        >>> fold("ＰＰＲ－９０８７ ｶﾞｲﾄﾞ ⻑崎")
        'ppr-9087 ガイド 長崎'
    """
    if text.isascii():
        return text.lower()
    text = _ALIKE_FOUND.sub(lambda found: _ALIKE[found[0]], _UNSEEN.sub("", text))
    text = unicodedata.normalize("NFKC", _bounded(text)).casefold()
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return _bounded(_ALIKE_FOUND.sub(lambda found: _ALIKE[found[0]], text))


def normalise(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its places the place in ``text`` it came from.

    Returns:
        The folded text, and one offset more than it has characters: ``offsets[i]`` is the code point of
        ``text`` where the characters begin that folded character ``i`` came from; the last one is
        ``len(text)``. Offsets never decrease. Use `span` to carry a match back.

    Example:
        >>> folded, offsets = normalise("ﾄﾞｱは㍿")
        >>> folded, list(offsets)
        ('ドアは株式会社', [0, 2, 3, 4, 4, 4, 4, 5])
    """
    pieces: list[str] = []
    offsets = array("Q")
    done = 0
    for joining in _JOINING.finditer(text):
        start = max(done, joining.start() - 1)
        pieces.append(fold(text[done:start]))
        offsets.extend(range(done, start))
        for begin, end in _clusters(text, start, joining.end()):
            piece = fold(text[begin:end])
            pieces.append(piece)
            offsets.extend([begin] * len(piece))
        done = joining.end()
    pieces.append(fold(text[done:]))
    offsets.extend(range(done, len(text) + 1))
    return "".join(pieces), offsets


def span(offsets: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The stretch of the original text that folded ``[start, end)`` came from, whole characters only.

    Example:
        >>> folded, offsets = normalise("弊社は㍿甲")
        >>> span(offsets, folded.index("会社"), folded.index("会社") + 2)
        (3, 4)
    """
    last = len(offsets) - 1
    while 0 < end < last and offsets[end] == offsets[end - 1]:
        end += 1
    return offsets[start], offsets[end]


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches that fold independently of one another: a character and all that may join it."""
    begin = start
    for place in range(start + 1, end):
        if not _joins(text[place]):
            yield begin, place
            begin = place
    if begin < end:
        yield begin, end


def _joins(character: str) -> bool:
    """Whether it may melt with the character before it, or vanish."""
    if _UNSEEN.match(character):
        return True
    first = unicodedata.normalize("NFKD", _ALIKE.get(character, character))[0]
    if unicodedata.category(first).startswith("M"):
        return True
    return (
        "\u1160" <= first <= "\u11ff"
        or "\ud7b0" <= first <= "\ud7fb"
        or "\U00016d63" <= first <= "\U00016d6a"
    )


def _bounded(text: str) -> str:
    return _CROWDED.sub(_thinned, text)


def _thinned(crowd: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in crowd[0]:
        marks = marks + 1 if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) else 0
        if marks <= _MARKS_KEPT:
            kept.append(character)
    return "".join(kept)
