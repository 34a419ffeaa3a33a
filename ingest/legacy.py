"""Bytes of old code pages to text: the page under which they are likeliest.

`ingest.codepages` judges a sample, which is at most 64 KB and two later windows; chardet is asked where no
page of ours makes sense of it. Decoding itself is one pass over the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import chardet

from ingest.codepages import Page, evidence, pages
from ingest.escapes import euc
from ingest.labels import codec_of

HEAD: Final = 65_536
WINDOW: Final = 16_384
QUICK: Final = 6_144
TOLERATED: Final = 0.002
"""Share of characters that may be damaged before a decoding is refused."""

_ENOUGH: Final = 10
_MEANINGLESS: Final = ("\ufffd", "\uf8f0", "\uf8f1", "\uf8f2", "\uf8f3")
_DECLARED: Final = 8.0
HINTED: Final = 10.0
_CERTAIN: Final = 300.0
_PLAUSIBLE: Final = -10.8
_PLAUSIBLE_LETTER: Final = -5.5
_SHORT: Final = 6.0
_ALIKE: Final = 12.0  # alphabets are judged by few letters: a lead says less


class Guess(NamedTuple):
    """Text that a codec made, how many of its characters stand for damage, and how sure the codec is."""

    text: str
    codec: str
    damaged: int
    confidence: float


class Scored(NamedTuple):
    """A page, the log-likelihood of the bytes under it, and what they read there."""

    page: Page
    score: float
    text: str


def guess(data: bytes, declared: str | None = None, hint: str | None = None) -> Guess | None:
    """The likeliest text; None where no page makes sense of the bytes.

    Args:
        data: no UTF-8, no ASCII alone.
        declared: the codec that the file names.
        hint: the codec of its neighbours; either gives its page a start, no more.
    """
    for codec, confidence in _ranked(data, declared, hint):
        text = text_in(data, codec)
        broken = damaged(text)
        if broken <= tolerated(len(text)):
            return Guess(text, codec, broken, confidence)
    return None


def text_in(data: bytes, codec: str) -> str:
    """The bytes in that codec, U+FFFD for what is none."""
    return euc(data) if codec == "euc_jp" else data.decode(codec, "replace")


def damaged(text: str) -> int:
    """Characters that stand for bytes without a meaning; Python's cp932 has four of its own."""
    return sum(map(text.count, _MEANINGLESS))


def tolerated(characters: int) -> int:
    """How many of them a text of that length may have."""
    return max(1 if characters >= _ENOUGH else 0, int(TOLERATED * characters))


def sample_of(data: bytes) -> bytes:
    """The head of the file and two later windows, each starting behind a line end.

    A line feed is no part of a character in any of the code pages, so a window starts at a character.
    """
    if len(data) <= HEAD:
        return data
    windows = [data[:HEAD].rpartition(b"\n")[0] or data[:HEAD]]
    for share in (0.5, 0.9):
        start = data.find(b"\n", int(len(data) * share))
        if start >= 0:
            windows.append(data[start : start + WINDOW].rpartition(b"\n")[0])
    return b"".join(windows)


def _ranked(data: bytes, declared: str | None, hint: str | None) -> Iterator[tuple[str, float]]:
    """Codecs worth trying, best first, each with a confidence."""
    if len(data) > 2 * QUICK:
        scored = scores(data[:QUICK], declared, hint)
        if margin(scored) > _CERTAIN and sensible(scored[0]):
            yield scored[0].page.codec, 1.0
    scored = scores(sample_of(data), declared, hint)
    if not sensible(scored[0]):
        yield from _second_opinion(data, declared, hint)
        return
    confidence = 1 / (1 + math.exp(-margin(scored) / (_ALIKE if scored[0].page.alphabet else 4)))
    top = scored[0].score
    for position, one in enumerate(scored):
        if top - one.score < 40 + 0.2 * abs(top):
            yield one.page.codec, confidence if position == 0 else 0.3


def sensible(one: Scored) -> bool:
    """Whether characters so likely on average are a text; a short one may happen to be of rare ones."""
    mean = one.page.mean(one.text)
    if one.page.alphabet:
        return mean > _PLAUSIBLE_LETTER
    return mean > _PLAUSIBLE - _SHORT / math.sqrt(max(evidence(one.text), 1))


def margin(scored: list[Scored]) -> float:
    """By how much the first is likelier than the next that reads the bytes as another text."""
    first, *others = scored
    return first.score - next((one.score for one in others if one.text != first.text), -math.inf)


def scores(sample: bytes, declared: str | None = None, hint: str | None = None) -> list[Scored]:
    """The best page of each codec with its log-likelihood, best first."""
    best: dict[str, Scored] = {}
    texts: dict[str, str] = {}
    for page in pages():
        codec = page.codec
        if codec not in texts:
            texts[codec] = text_in(sample, codec)
        text = texts[codec]
        start = _DECLARED * (codec == declared) + HINTED * (codec == hint)
        score = page.score(text) + start
        if codec not in best or score > best[codec].score:
            best[codec] = Scored(page, score, text)
    return sorted(best.values(), key=lambda one: -one.score)


def _second_opinion(data: bytes, declared: str | None, hint: str | None) -> Iterator[tuple[str, float]]:
    """Encodings outside our pages: the declared one, then chardet's, where every byte is a character."""
    found = chardet.detect_all(data[:HEAD], prefer_superset=True, compat_names=False)
    named = [(codec, 0.8) for codec in (declared, hint) if codec]
    opinions = [(codec_of(one["encoding"]), float(one["confidence"])) for one in found]
    for codec, confidence in (*named, *opinions):
        text = _strict(data, codec) if codec and confidence >= 0.2 else None
        if codec and text is not None and _lettered(text):
            yield codec, min(confidence, 0.6) if codec != declared else confidence


def _lettered(text: str) -> bool:
    """Whether what is not ASCII is mostly letters and holds no controls."""
    strange = [ch for ch in text if not ch.isascii()]
    letters = sum(ch.isalpha() for ch in strange)
    controls = sum(0x80 <= ord(ch) < 0xA0 or 0xE000 <= ord(ch) < 0xF900 for ch in strange)
    return not controls and letters >= 0.7 * len(strange)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None
