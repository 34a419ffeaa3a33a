"""Bytes to text: marks, strict UTF-8, escape sequences, then the likeliest code page.

Two judges look at legacy bytes: `ingest.codepages` (how likely are these characters in that page?) and
chardet. A declared encoding is a hint that is verified; an override is obeyed or refused.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import chardet

from ingest.codepages import Page, evidence, half_width, pages, wide
from rag.errors import ConfigError, DocumentError

HEAD = 65_536
WINDOW = 16_384
QUICK = 6_144
TOLERATED = 0.002
"""Share of characters that may be damaged before a decoding is refused."""

_ENOUGH = 10
_MEANINGLESS = ("\ufffd", "\uf8f0", "\uf8f1", "\uf8f2", "\uf8f3")
_PLAUSIBLE = -10.8
_SURE = 6.0
_CERTAIN = 300.0
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_ESCAPES = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (
        re.compile(rb"\x1b(?:\$[@AB]|\(J|\$\([CDOPQ]|\(I)"),
        ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_jp_2"),
    ),
    (re.compile(rb"~\{(?:[!-~]{2})+~\}"), ("hz",)),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "cp950": "cp950",
    "big5hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
}
_CONTROLS = bytes((*range(0x07), *range(0x10, 0x1B), 0x7F))
_LABELS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-x-big5": "cp950",
    "windows-950": "cp950",
    "unicode": "utf-16",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec that made it, how sure that is (0..1), and whether it deserves a second look.

    ``warnings`` are stable words, some with a figure: ``bytes_replaced=1``.
    """

    text: str
    encoding: str
    confidence: float
    suspicious: bool = False
    warnings: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What a `Parsed` keeps of it, everything but the text: ``Parsed(..., **decoded.facts())``."""
        return {
            "encoding": self.encoding,
            "confidence": self.confidence,
            "suspicious": self.suspicious,
            "warnings": self.warnings,
        }


def decode(
    data: bytes, *, declared: str | None = None, override: str | None = None, name: str = "text"
) -> Decoded:
    """The text of a file in whatever encoding it is.

    Args:
        data: all bytes of the file.
        declared: what the file says of itself (an HTML meta element); believed where the bytes agree.
        override: what the user says; nothing else is tried.
        name: the file's name, for messages.

    Raises:
        DocumentError: code ``binary`` where the bytes are no text, ``undecodable`` where no encoding fits.
        ConfigError: ``override`` is no encoding.

    Example:
        >>> decode("吾輩は猫である。名前はまだ無い。".encode("shift_jis")).encoding
        'cp932'
    """
    if override is not None:
        return _forced(data, override, name)
    found = _marked(data) or _utf8(data) or _wide(data)
    if found:
        return found
    if looks_binary(data):
        raise DocumentError(name, "binary", "is not a text file (its bytes are binary data)")
    found = _escaped(data) or _ascii(data) or _legacy(data, codec_of(declared))
    if found is None:
        raise DocumentError(
            name,
            "undecodable",
            "its bytes are valid in no known encoding; save it as UTF-8, or set ingest.encoding",
        )
    return found


def codec_of(label: str | None) -> str | None:
    """The Python codec for an encoding label of the Web, its superset where files mean that; or None."""
    if not label:
        return None
    plain = label.strip().strip("\"'").lower()
    plain = _LABELS.get(plain, plain)
    try:
        codec = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(codec, codec)


def looks_binary(data: bytes) -> bool:
    """Whether control bytes that no text has are more than a speck of the first 64 KB."""
    head = data[:HEAD]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(1, len(head) // 500)


def _forced(data: bytes, override: str, name: str) -> Decoded:
    codec = codec_of(override)
    if codec is None:
        raise ConfigError(f'ingest.encoding: "{override}" is no encoding known here')
    try:
        return Decoded(data.decode(codec).removeprefix("\ufeff"), codec, 1.0)
    except (UnicodeError, ValueError) as error:
        raise DocumentError(name, "undecodable", f"is not {override}: {error}") from error


def _marked(data: bytes) -> Decoded | None:
    for mark, codec in _BOMS:
        if not data.startswith(mark) or (codec == "utf-16-le" and data[2:4] == b"\x00\x00"):
            continue
        text = _strict(data[len(mark) :], codec)
        if text is not None:
            return Decoded(text, codec, 1.0)
        text = data[len(mark) :].decode(codec, "replace")
        if _damaged(text) <= _tolerated(len(text)):
            return Decoded(text, codec, 1.0, suspicious=True)
    return None


def _utf8(data: bytes) -> Decoded | None:
    if looks_binary(data):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(data)
    return None if text.isascii() else Decoded(text, "utf-8", 1.0)


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few bad bytes: its own multi-byte characters outweigh them by far."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    sound = evidence(text) - damaged
    if damaged <= _tolerated(len(text)) and sound >= 8 * damaged:
        return Decoded(text, "utf-8", 0.9, suspicious=True)
    return None


def _tolerated(characters: int) -> int:
    return max(1 if characters >= _ENOUGH else 0, int(TOLERATED * characters))


def _damaged(text: str) -> int:
    """Characters that stand for bytes without a meaning; Python's cp932 has four of its own."""
    return sum(map(text.count, _MEANINGLESS))


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark, where the characters are those of a language."""
    if data.isascii() and b"\x00" not in data:
        return None
    scores = {codec: mean for codec in _WIDE if (mean := _wide_mean(data[:QUICK], codec)) is not None}
    codec = max(scores, key=scores.__getitem__, default="")
    if not codec or scores[codec] < _PLAUSIBLE or not _beats_pages(data[:QUICK], codec):
        return None
    text = data.decode(codec, "replace")
    damaged = _damaged(text)
    return Decoded(text, codec, 0.9, suspicious=damaged > 0) if damaged <= _tolerated(len(text)) else None


def _wide_mean(head: bytes, codec: str) -> float | None:
    """Score of a character, None where the bytes are not of that encoding."""
    unit = 4 if "32" in codec else 2
    text = _strict(head[: len(head) - len(head) % unit], codec)
    return wide().score(text) / len(text) if text else None


def _beats_pages(head: bytes, codec: str) -> bool:
    """Whether the wide reading is likelier than every code page's; no code page has NUL."""
    total = wide().score(head.decode(codec, "replace"))
    return b"\x00" in head or total > max(page.score(head.decode(page.codec, "replace")) for page in pages())


def _escaped(data: bytes) -> Decoded | None:
    """ISO-2022 and HZ: seven-bit encodings that switch with escape sequences."""
    if not data.isascii():
        return None
    for pattern, names in _ESCAPES:
        if not pattern.search(data[:HEAD]):
            continue
        for codec in names:
            text = _strict(data, codec)
            if text is not None and evidence(text):
                return Decoded(text, codec, 0.95)
    return None


def _ascii(data: bytes) -> Decoded | None:
    return Decoded(data.decode("ascii"), "utf-8", 1.0) if data.isascii() else None


def _legacy(data: bytes, declared: str | None) -> Decoded | None:
    for codec, confidence in _ranked(data, declared):
        text = data.decode(codec, "replace")
        damaged = _damaged(text)
        if damaged <= _tolerated(len(text)):
            return Decoded(text, codec, confidence, suspicious=damaged > 0 or confidence < 0.7)
    return None


def _ranked(data: bytes, declared: str | None) -> Iterator[tuple[str, float]]:
    """Codecs worth trying, best first, each with a confidence."""
    if len(data) > 2 * QUICK:
        head = data[:QUICK]
        scores = _scores(head, declared)
        if _margin(head, scores) > _CERTAIN and _mean(head, *scores[0]) > _PLAUSIBLE:
            yield scores[0][0], 1.0
    sample = _sample(data)
    scores = _scores(sample, declared)
    best, top = scores[0]
    if _mean(sample, best, top) < _PLAUSIBLE:
        yield from _second_opinion(data, declared)
        return
    if best == "cp932" and half_width(sample.decode(best, "replace")):
        yield from _second_opinion(data, declared)
    if _margin(sample, scores) < _SURE:
        opinion = _opinion(sample)
        scores.sort(key=lambda pair: -(pair[1] + _weight(opinion, pair[0])))
    confidence = 1 / (1 + math.exp(-max(_margin(sample, scores), 0.0) / 4))
    for position, (codec, score) in enumerate(scores):
        if top - score < 40 + 0.2 * abs(top):
            yield codec, confidence if position == 0 else 0.3


def _margin(sample: bytes, scores: list[tuple[str, float]]) -> float:
    """By how much the first is likelier than the next that reads the bytes as another text."""
    (best, top), *others = scores
    text = sample.decode(best, "replace")
    return top - next(
        (score for codec, score in others if sample.decode(codec, "replace") != text), -math.inf
    )


def _scores(sample: bytes, declared: str | None) -> list[tuple[str, float]]:
    """Log-likelihood of each codec, best first; a declared one has a start."""
    best: dict[str, float] = {}
    for page in pages():
        score = page.score(sample.decode(page.codec, "replace")) + 8.0 * (page.codec == declared)
        best[page.codec] = max(score, best.get(page.codec, -math.inf))
    return sorted(best.items(), key=lambda pair: -pair[1])


def _mean(sample: bytes, codec: str, score: float) -> float:
    """Score for each character that is not ASCII."""
    text = sample.decode(codec, "replace")
    plain = Page("ascii", ()).score("".join(ch for ch in text if ch.isascii()))
    return (score - plain) / max(evidence(text), 1)


def _opinion(sample: bytes) -> dict[str, float]:
    """Chardet's confidence for each codec."""
    found = chardet.detect_all(sample, prefer_superset=True, compat_names=False)
    return {
        codec: float(one["confidence"]) for one in reversed(found) if (codec := codec_of(one["encoding"]))
    }


def _weight(opinion: dict[str, float], codec: str) -> float:
    return 4.0 * opinion.get(codec, 0.0)


def _second_opinion(data: bytes, declared: str | None) -> Iterator[tuple[str, float]]:
    """Encodings outside our pages: the declared one, then chardet's, where every byte is a character."""
    opinion = _opinion(data[:HEAD])
    named = [(declared, 0.8)] if declared else []
    for codec, confidence in (*named, *sorted(opinion.items(), key=lambda pair: -pair[1])):
        text = _strict(data, codec)
        if text is not None and confidence >= 0.2 and _lettered(text):
            yield codec, confidence


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


def _sample(data: bytes) -> bytes:
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
