"""Bytes to text: marks, strict UTF-8, escape sequences, then the likeliest code page.

A declared encoding is a hint that is verified, so is that of the folder; an override is obeyed or refused.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass
from typing import Any, Final

from ingest import escapes
from ingest.codepages import evidence, letters, pages, wide
from ingest.hints import ENCODING
from ingest.labels import codec_of
from ingest.legacy import HEAD, HINTED, QUICK, Guess, damaged, guess, text_in, tolerated
from ingest.mixed import mixed, two_pages
from ingest.signs import signs
from rag.errors import ConfigError, DocumentError

__all__ = ["Decoded", "codec_of", "decode", "looks_binary", "signs"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_WIDE_MEAN: Final = -10.8
_DOUBLE: Final = frozenset(("gb18030", "cp950", "euc_jp", "cp949"))
_CONTROLS: Final = bytes((*range(0x07), *range(0x10, 0x1B), 0x7F))
_THREE_BYTES: Final = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")

SURE: Final = 0.85
"""Confidence below which a decoding deserves a second look."""


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
    data: bytes,
    *,
    declared: str | None = None,
    hint: str | None = None,
    override: str | None = None,
    name: str = "text",
) -> Decoded:
    """The text of a file in whatever encoding it is.

    Args:
        data: all bytes of the file.
        declared: what the file says of itself (an HTML meta element); believed where the bytes agree.
        hint: what most files beside it are in, `ingest.hints.ENCODING` by default; it settles a short file,
            never against what the bytes say.
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
    declared, hint = codec_of(declared), codec_of(hint or ENCODING.get())
    found = _marked(data) or _utf8(data) or _wide(data, hint)
    if found is None and looks_binary(data):
        padded = data.rstrip(b"\x00")
        if len(padded) < len(data) and not looks_binary(padded):
            with contextlib.suppress(DocumentError):
                return decode(padded, declared=declared, hint=hint, name=name)
        raise DocumentError(name, "binary", "is not a text file (its bytes are binary data)")
    found = found or _escaped(data) or _ascii(data) or mixed(data) or _damaged_utf8(data)
    found = found or two_pages(data) or guess(data, declared, hint) or _torn_utf8(data)
    if found is None:
        raise DocumentError(
            name,
            "undecodable",
            "its bytes are valid in no known encoding; save it as UTF-8, or set ingest.encoding",
        )
    return _told(found)


def looks_binary(data: bytes) -> bool:
    """Whether control bytes that no text has are more than a speck of the first 64 KB."""
    head = data[:HEAD]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(1, len(head) // 500)


def _told(found: Guess) -> Decoded:
    """What was found, with the warnings that it and its text deserve."""
    warnings = [f"bytes_replaced={found.damaged}"] * (found.damaged > 0)
    warnings += ["mixed_encodings"] * ("+" in found.codec)
    suspicious = bool(warnings) or found.confidence < SURE
    warnings += signs(found.text, replaced=found.damaged)
    return Decoded(found.text, found.codec, found.confidence, suspicious, tuple(warnings))


def _forced(data: bytes, override: str, name: str) -> Decoded:
    codec = codec_of(override)
    if codec is None:
        raise ConfigError(f'ingest.encoding: "{override}" is no encoding known here')
    try:
        text = data.decode(codec, "cjkrag.euc" if codec == "euc_jp" else "strict").removeprefix("\ufeff")
    except (UnicodeError, ValueError) as error:
        raise DocumentError(name, "undecodable", f"is not {override}: {error}") from error
    if codec == "euc_jp" and "\ufffd" in text:
        raise DocumentError(
            name, "undecodable", f"is not {override}: some of its bytes have no meaning there"
        )
    return Decoded(text, codec, 1.0, warnings=signs(text))


def _marked(data: bytes) -> Guess | None:
    """What begins with a byte order mark; the last byte of a cut file may be bad however short it is."""
    for mark, codec in _BOMS:
        if not data.startswith(mark) or (codec == "utf-16-le" and data[2:4] == b"\x00\x00"):
            continue
        body = data[len(mark) :]
        text = body.decode(codec, "replace")
        broken = 0 if _strict(body, codec) == text else damaged(text)
        if broken <= max(1, tolerated(len(text))):
            return Guess(text, codec, broken, 1.0)
    return None


def _utf8(data: bytes) -> Guess | None:
    text = None if data.isascii() or looks_binary(data) else _strict(data, "utf-8")
    return None if text is None or _by_chance(text, data) else Guess(text, "utf-8", 0, 1.0)


def _by_chance(text: str, data: bytes) -> bool:
    """Whether one or two characters of two bytes only happen to be UTF-8: 为 in GB 18030 would be Ϊ."""
    if len(data) - len(text) > 2 or any(ch in letters() or ch > "\u07ff" for ch in text if not ch.isascii()):
        return False
    found = guess(data)
    return found is not None and found.codec in _DOUBLE and not found.damaged and found.confidence >= SURE


def _damaged_utf8(data: bytes) -> Guess | None:
    """UTF-8 with a few bad bytes: its own multi-byte characters outweigh them by far."""
    text, broken = _lenient(data)
    if 0 < broken <= tolerated(len(text)) and evidence(text) - broken >= 8 * broken:
        return Guess(text, "utf-8", broken, 0.9)
    return None


def _torn_utf8(data: bytes) -> Guess | None:
    """UTF-8 with many bad bytes, where nothing else explains them."""
    text, broken = _lenient(data)
    return Guess(text, "utf-8", broken, 0.6) if len(_THREE_BYTES.findall(data)) >= 10 * broken else None


def _lenient(data: bytes) -> tuple[str, int]:
    text = data.decode("utf-8", "replace")
    return text, text.count("\ufffd") - data.count(b"\xef\xbf\xbd")


def _wide(data: bytes, hint: str | None) -> Guess | None:
    """UTF-16 or UTF-32 without a mark, where the characters are those of a language."""
    if data.isascii() and b"\x00" not in data:
        return None
    head = data[:QUICK]
    means = {codec: mean for codec in _WIDE if (mean := _wide_mean(head, codec)) is not None}
    codec = max(means, key=means.__getitem__, default="")
    if not codec or means[codec] < _WIDE_MEAN or not _beats_pages(head, codec, hint):
        return None
    text = data.decode(codec, "replace")
    broken = damaged(text)
    return Guess(text, codec, broken, 0.9) if broken <= tolerated(len(text)) else None


def _wide_mean(head: bytes, codec: str) -> float | None:
    """Score of a character, None where the bytes are not of that encoding."""
    unit = 4 if "32" in codec else 2
    text = _strict(head[: len(head) - len(head) % unit], codec)
    return wide().score(text) / len(text) if text else None


def _beats_pages(head: bytes, codec: str, hint: str | None) -> bool:
    """Whether the wide reading is likelier than every code page's; no code page has NUL."""
    total = wide().score(head.decode(codec, "replace")) + HINTED * (codec == hint)
    return b"\x00" in head or total > max(page.score(text_in(head, page.codec)) for page in pages())


def _escaped(data: bytes) -> Guess | None:
    found = escapes.read(data)
    if found is None:
        return None
    text, codec = found
    broken = damaged(text)
    return Guess(text, codec, broken, 0.95) if broken <= tolerated(len(text)) else None


def _ascii(data: bytes) -> Guess | None:
    return Guess(data.decode("ascii"), "utf-8", 0, 1.0) if data.isascii() else None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None
