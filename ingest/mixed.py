"""Files that were put together from two encodings: each stretch of lines in its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from ingest.codepages import evidence, pages
from ingest.legacy import Guess, damaged, guess, margin, sample_of, scores, sensible, text_in, tolerated

_THREE_BYTES: Final = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_TELLING: Final = 3
_CREDIBLE: Final = 0.8
_LINES: Final = 12
_LONG: Final = 24
_CLEAR: Final = 20.0
_HIGH: Final = bytes(range(0x80, 0x100))


def mixed(data: bytes) -> Guess | None:
    """The text of a file some of whose lines are UTF-8 and the others of one code page, else None.

    Lines without characters of three bytes go with the line before. The codec is told as ``utf-8+cp932``.
    """
    sample = sample_of(data)
    if not any(_kind(line) == "utf-8" for line in sample.splitlines() if len(line) >= 3 * _TELLING):
        return None
    lines = data.splitlines(keepends=True)
    kinds = _settled([_kind(line) for line in lines])
    found = guess(b"".join(line for line, kind in zip(lines, kinds, strict=True) if kind == "legacy"))
    if found is None or evidence(found.text) <= _TELLING or found.confidence < _CREDIBLE:
        return None
    codecs = ["utf-8" if kind == "utf-8" else found.codec for kind in kinds]
    text = _joined(lines, codecs)
    return found._replace(text=text, codec=f"utf-8+{found.codec}", damaged=text.count("\ufffd"))


def two_pages(data: bytes) -> Guess | None:
    """The text of a file some of whose lines are clearly of one code page and others of another, else None.

    A dozen lines are asked. Lines that are too short to tell go with the line before.
    """
    sample = [line for line in sample_of(data).splitlines() if _high(line) >= _LONG]
    asked = sample[:: max(1, len(sample) // _LINES)]
    told = Counter(codec for line in asked if (codec := _clear(line)))
    if len(told) < 2:
        return None
    pair = sorted(codec for codec, _ in told.most_common(2))
    lines = data.splitlines(keepends=True)
    text = _joined(lines, _settled([_of(pair, line) for line in lines], told.most_common(1)[0][0]))
    broken = damaged(text)
    return Guess(text, "+".join(pair), broken, 0.8) if broken <= tolerated(len(text)) else None


def _clear(line: bytes) -> str:
    """The code page of a line of some length, empty where there is doubt."""
    scored = scores(line)
    first = scored[0]
    words = sum(character.isalpha() for character in first.text if not character.isascii())
    clear = words >= _LONG / 3 and margin(scored) > _CLEAR and sensible(first) and not first.page.alphabet
    return "cp950" if clear and first.page.codec == "big5hkscs" else first.page.codec if clear else ""


def _of(pair: Sequence[str], line: bytes) -> str:
    """Which of two code pages a line is of; empty where it does not tell."""
    if line.isascii():
        return ""
    best = {
        codec: max(page.score(text_in(line, codec)) for page in pages() if page.codec == codec)
        for codec in pair
    }
    first, second = sorted(pair, key=best.__getitem__, reverse=True)
    return first if best[first] - best[second] > _CLEAR / 4 else ""


def _joined(lines: Sequence[bytes], codecs: Sequence[str]) -> str:
    runs = groupby(zip(lines, codecs, strict=True), key=lambda pair: pair[1])
    return "".join(text_in(b"".join(line for line, _ in run), codec) for codec, run in runs)


def _high(line: bytes) -> int:
    return len(line) - len(line.translate(None, _HIGH))


def _kind(line: bytes) -> str:
    """``utf-8`` also where a few bytes are bad; empty where the line does not tell."""
    if line.isascii():
        return ""
    sound = len(_THREE_BYTES.findall(line))
    broken = line.decode("utf-8", "replace").count("\ufffd") - line.count(b"\xef\xbf\xbd")
    if broken:
        return "utf-8" if sound >= 8 * broken else "legacy"
    return "utf-8" if sound else ""


def _settled(kinds: list[str], default: str = "utf-8") -> list[str]:
    """What does not tell goes with the line before, at the beginning with the first that tells."""
    last = next(filter(None, kinds), default)
    settled = []
    for kind in kinds:
        last = kind or last
        settled.append(last)
    return settled
