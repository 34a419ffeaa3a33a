"""What calamine does not read of .xls: texts of Excel 5 and 95 in wide code pages, and who wrote when."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import struct
from typing import Any, Final

import olefile

from ingest.load.opc import meta, titled
from ingest.load.rtffonts import codec_of

_GLOBALS: Final = b"\x09\x08\x08\x00\x00\x05\x05\x00"
_PAGE: Final = b"\x42\x00\x02\x00"
_NEAR: Final = 2_048
_WIDE: Final = frozenset((932, 936, 949, 950, 1361))
_WESTERN: Final = 1252
_BYTES: Final = {
    bytes((byte,)).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte): byte
    for byte in range(256)
}
"""Each character of Windows-1252 as WHATWG has it, where every byte is one."""
_DAMAGE: Final = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, OverflowError)


def as_western(data: bytes) -> tuple[bytes, str]:
    """A workbook whose texts are to be read as Western, and the codec that they really are in.

    calamine takes the bytes of wide code pages one by one. The codec is empty, and the workbook as it was,
    where there is nothing to mend.
    """
    start = data.find(_GLOBALS)
    at = data.find(_PAGE, start, start + _NEAR) if start >= 0 else -1
    if at < 0 or len(data) < at + 6:
        return data, ""
    (page,) = struct.unpack_from("<H", data, at + 4)
    if page not in _WIDE:
        return data, ""
    return data[: at + 4] + struct.pack("<H", _WESTERN) + data[at + 6 :], codec_of(page)


def restored(text: str, codec: str) -> str:
    """A text of a workbook from `as_western` as it is."""
    if not codec or text.isascii():
        return text
    try:
        return bytes(_BYTES[one] for one in text).decode(codec, "replace")
    except KeyError:
        return text


def properties(data: bytes) -> tuple[str, dict[str, str]]:
    """Title, date and author of an old Office document; nothing where it does not say them."""
    with contextlib.suppress(*_DAMAGE), olefile.OleFileIO(io.BytesIO(data)) as ole:
        said = ole.get_metadata()
        page = codec_of((said.codepage or _WESTERN) % 65_536)
        time = said.last_saved_time or said.create_time
        day = time.date().isoformat() if isinstance(time, dt.datetime) and time.year > 1990 else ""
        return titled(_text(said.title, page)), meta(day, _text(said.author, page))
    return "", {}


def _text(value: Any, codec: str) -> str:
    text = value.decode(codec, "replace") if isinstance(value, bytes) else str(value or "")
    return " ".join(text.replace("\x00", "").split())
