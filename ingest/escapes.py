"""Seven-bit encodings that switch with escape sequences: ISO-2022-JP and its kin, ISO-2022-KR, HZ.

Python's codecs are strict, but mail and old files put the characters of Windows (①, ㈱) and of JIS X 0201
into ISO-2022-JP. Where no codec reads the whole, the stretches between the escape sequences are
read as EUC-JP, which has the same characters with the high bit set.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_JAPANESE: Final = re.compile(rb"\x1b(?:\$[@AB]|\(J|\$\([CDOPQ]|\(I)")
_KNOWN: Final = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (_JAPANESE, ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_2")),
    (re.compile(rb"~\{(?:[!-~]{2})+~\}"), ("hz",)),
)
_STRETCH: Final = re.compile(rb"\x1b(\([BJI]|\$\(?[@BD])([^\x1b]*)")
_HIGH: Final = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))
_SHIFTS: Final = {b"(I": b"\x8e", b"$(D": b"\x8f"}
_EUC_ROW: Final = 0xA0
_NEC_ROWS: Final = (13, *range(89, 93))


def read(data: bytes) -> tuple[str, str] | None:
    """The text and its codec; None where the bytes are of none of these encodings. Never raises."""
    if not data.isascii() or not (b"\x1b" in data or b"~{" in data):
        return None
    for pattern, names in _KNOWN:
        if not pattern.search(data):
            continue
        for codec in names:
            text = _strict(data, codec)
            if text is not None and not text.isascii():
                return text, codec
    return _loosely(data) if _JAPANESE.search(data) else None


def euc(data: bytes) -> str:
    """EUC-JP with the characters of Windows; what is none becomes U+FFFD."""
    return data.decode("euc_jp", "cjkrag.euc")


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _loosely(data: bytes) -> tuple[str, str] | None:
    text = euc(_STRETCH.sub(_raised, data))
    return (text, "iso2022_jp") if not text.isascii() and "\x1b" not in text else None


def _raised(stretch: re.Match[bytes]) -> bytes:
    """A stretch in EUC-JP, which marks half-width katakana and JIS X 0212 character by character."""
    kind, body = stretch.groups()
    if kind in (b"(B", b"(J"):
        return body
    shift, width = _SHIFTS.get(kind, b""), 1 if kind == b"(I" else 2
    return b"\n".join(
        b"".join(shift + line[at : at + width].translate(_HIGH) for at in range(0, len(line), width))
        for line in body.split(b"\n")
    )


def _of_windows(error: UnicodeError) -> tuple[str, int]:
    """The characters of rows 13 and 89 to 92, which Python's EUC-JP lacks."""
    if not isinstance(error, UnicodeDecodeError):  # pragma: no cover - only decoders come here
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and pair[0] - _EUC_ROW in _NEC_ROWS and 0xA1 <= pair[1] <= 0xFE:
        text = _shifted(pair[0] - _EUC_ROW, pair[1] - _EUC_ROW).decode("cp932", "ignore")
        if text:
            return text, error.start + 2
    return "\ufffd", error.end


def _shifted(row: int, cell: int) -> bytes:
    """The Shift-JIS bytes of a place in the table of 94 rows."""
    lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xC0)
    if row % 2:
        return bytes((lead, cell + (0x3F if cell <= 63 else 0x40)))
    return bytes((lead, cell + 0x9E))


codecs.register_error("cjkrag.euc", _of_windows)
