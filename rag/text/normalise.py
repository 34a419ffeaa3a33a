"""Folding for matching: stored and shown text is never folded, the index and the comparison are.

Source: Unicode NFKC and case folding (UAX 15, UTS 39); the law is that two spellings of one word fold to
the same string, and that every place in the folded string can be found again in the original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from rag.text.radicals import RADICALS

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_DASHES = "\u2010\u2011\u2012\u2013\u2015\u2212"
_ALIKE = {
    **RADICALS,
    **dict.fromkeys(_DASHES, "-"),
    "\u2014": "-",  # code tables disagree which of these a dash, a dot or a tilde is
    **dict.fromkeys("\u00b7\u2022\u2027\u2219\u22c5\u318d", "\u30fb"),
    "\u223c": "~",
    "\u2215": "/",
    "\u2225": "\u2016",
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
    "\x00-\u00a7\u00a9-\u00ac\u00ae\u00b0-\u00b3\u00b5-\u00b7\u00b9-\u00bb\u00bf-\u00de\u00e0-\u012f\u0131"
    "\u0134-\u013e\u0141-\u0148\u014a-\u017f\u0386-\u0482\u048a-\u052f\u1e00-\u1e99\u1e9f-\u1ef9"
    "\u2010-\u2016\u2018-\u2024\u2030-\u2032\u2035\u2038-\u203b\u2190-\u222b\u2231-\u2468\u24b6-\u2a0b"
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3000-\u3029\u3030-\u303d\u3041-\u3096\u30a0-\u30fc"
    "\u3105-\u312f\u32d0-\u32fe\u3400-\u4dbf\u4e00-\ua48c\uac00-\ud7a3\ue000-\ufa6d\ufa70-\ufad9"
    "\ufe31-\ufe44\uff01-\uff5e\uff61-\uff9d\uffe0-\uffe2\uffe4-\uffe6\ufffd"
    "\U0001f300-\U0001faff\U00020000-\U0002fa1d\U00030000-\U000323af"
)
_JOINING = re.compile(f"[^{_ALONE}]+")
_CROWDED = re.compile(f"[^{_ALONE}]{{{_MARKS_KEPT + 1},}}")
_REPEATED = re.compile("(?<=[ぁ-ゖ])[ゝゞ]+|(?<=[ァ-ヺ])[ヽヾ]+")
_REPEATS = frozenset("ゝゞヽヾ")
_DASH = re.compile(f"[{_DASHES}\uff0d]+")
_BEFORE_LONG = re.compile("[\u30a1-\u30fa\u30fc\u31f0-\u31ff\uff66-\uff9f\u3099\u309a]")


def fold(text: str) -> str:
    """The text as it is compared: NFKC, case folded, width, radicals and dashes alike, unseen marks gone.

    Kana that an iteration mark repeats are written out, and a dash that stands for a long vowel becomes one.
    Never raises; folding twice is folding once; NFC and NFD spellings fold to the same string.

    Example:
        >>> fold("ＰＰＲ－９０８７ ｶﾞｲﾄﾞ ⻑崎 こゝろ コンピュ−タ")
        'ppr-9087 ガイド 長崎 こころ コンピュータ'
    """
    if text.isascii():
        return text.lower()
    return "".join(folded for _, _, folded in _pieces(_lengthened(text)[0]))


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
    long, dashes = _lengthened(text)
    if not dashes and not _JOINING.search(long):
        return long.translate(_TABLE), range(len(text) + 1)
    pieces: list[str] = []
    offsets = array("q")
    for begin, end, piece in _pieces(long):
        pieces.append(piece)
        if end:
            offsets.frombytes(np.arange(begin, end, dtype=np.int64).tobytes())
        else:
            offsets.extend([begin] * len(piece))
    offsets.append(len(text))
    for dash in dashes:
        _tie(offsets, dash)
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


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """The folded text piece by piece: begin, end, and what it folds to, one to one.

    The end is 0 where all of the piece came from one place: from characters that melted together.
    """
    done = 0
    for joining in _JOINING.finditer(text):
        start = max(done, joining.start() - _joins(text[joining.start()]))
        if done < start:
            yield done, start, text[done:start].translate(_TABLE)
        for begin, end in _clusters(text, start, joining.end()):
            piece = text[begin:end]
            yield begin, 0, _melted_often(piece) if end - begin < _OFTEN else _melted(piece)
        done = joining.end()
    if done < len(text):
        yield done, len(text), text[done:].translate(_TABLE)


class _Alone(dict[int, "str | int"]):
    """What each character that folds alone becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str | int:
        folded = _melted(chr(code))
        self[code] = code if folded == chr(code) else folded
        return self[code]


_TABLE = _Alone()
_OFTEN = 4


def _melted(text: str) -> str:
    text = _ALIKE_FOUND.sub(lambda found: _ALIKE[found[0]], _UNSEEN.sub("", text))
    text = unicodedata.normalize("NFKC", _bounded(text)).casefold()
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    text = _REPEATED.sub(_written_out, _ALIKE_FOUND.sub(lambda found: _ALIKE[found[0]], text))
    return _bounded(text)


_melted_often = lru_cache(8192)(_melted)


def _written_out(marks: re.Match[str]) -> str:
    """What iteration marks repeat: こゝ is ここ, みすゞ is みすず, づゝ is づつ."""
    last, kana = marks.string[marks.start() - 1], []
    for mark in marks[0]:
        plain = unicodedata.normalize("NFD", last)[0]
        voiced = unicodedata.normalize("NFC", f"{plain}\u3099") if mark in "ゞヾ" else plain
        last = voiced if len(voiced) == 1 else plain
        kana.append(last)
    return "".join(kana)


def _lengthened(text: str) -> tuple[str, list[re.Match[str]]]:
    """The text with each single dash behind katakana as a long vowel, unless a word begins there.

    Also every dash that was looked at: what becomes of it depends on its neighbours.
    """
    dashes = [found for found in _DASH.finditer(text) if _BEFORE_LONG.match(text, found.start() - 1)]
    if not dashes:
        return text, dashes
    parts: list[str] = []
    done = 0
    for dash in dashes:
        start, end = dash.span()
        follows = text[end : end + 1]
        long = end - start == 1 and (not follows.isalnum() or _BEFORE_LONG.match(follows))
        parts += (text[done:start], "ー" if long else dash[0])
        done = end
    return "".join((*parts, text[done:])), dashes


def _tie(offsets: array[int], dash: re.Match[str]) -> None:
    """A dash goes with both its neighbours: what it became depends on them."""
    first = max(0, bisect_left(offsets, dash.start()) - 1)
    last = min(bisect_left(offsets, dash.end() + 1), len(offsets) - 1)
    offsets[first:last] = array("q", [offsets[first]]) * (last - first)


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches that fold independently of one another: a character and all that may join it."""
    begin = start
    for place in range(start + 1, end):
        if not _joins(text[place]):
            yield begin, place
            begin = place
    if begin < end:
        yield begin, end


@lru_cache(8192)
def _joins(character: str) -> bool:
    """Whether it may melt with the character before it, repeat it, or vanish."""
    if character in _REPEATS or _UNSEEN.match(character):
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
