"""Which encoding the bytes of RTF are in: that of their font, else that of the document."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import Final

from ingest.load.symbols import symbol

_PAGES: Final = {
    932: "cp932", 936: "gb18030", 949: "cp949", 950: "cp950", 951: "big5hkscs", 1361: "johab",
    10000: "mac_roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr", 10008: "gb2312",
    20932: "euc_jp", 51949: "euc_kr", 54936: "gb18030", 65001: "utf-8",
}  # fmt: skip
_CHARSETS: Final = {
    0: "cp1252", 77: "mac_roman", 78: "shift_jis", 79: "cp949", 80: "gb18030", 81: "cp950", 128: "cp932",
    129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437",
    255: "cp437",
}  # fmt: skip
_WIDE: Final = frozenset(
    re.findall(r"\w+", "cp932 gb18030 cp949 cp950 big5hkscs johab shift_jis big5 euc_kr gb2312 euc_jp")
)
SYMBOLS: Final = 2
_PAIRS: Final = re.compile(rb"[\x80-\xff]{2}")


@dataclass(slots=True)
class Font:
    """A font of the table: its charset (None where none is told), its code page, its name."""

    charset: int | None = None
    page: int | None = None
    name: str = ""


@dataclass(slots=True)
class Fonts:
    """The fonts of a document and its own code page."""

    page: str = "cp1252"
    table: dict[int, Font] = field(default_factory=dict)

    def codec(self, font: int, wide: int | None = None) -> str:
        """The codec of a run in ``font``; ``wide`` is its font for wide characters where one is named.

        ``symbols`` for a font of symbols, ``either`` where the font says Western and the document does not.
        """
        own = self._codec(font)
        if own == "cp1252" and wide is not None and self._codec(wide) in _WIDE:
            return self._codec(wide)
        return "either" if own == "cp1252" and self.page in _WIDE else own

    def _codec(self, number: int) -> str:
        font = self.table.get(number, Font())
        if font.page:
            return codec_of(font.page)
        if font.charset == SYMBOLS:
            return "symbols"
        return _CHARSETS.get(-1 if font.charset is None else font.charset, self.page)

    def decoded(self, data: bytes, codec: str, font: int) -> str:
        """The text of bytes that stand together."""
        if data.isascii() and codec != "symbols":
            return data.decode("ascii")
        if codec == "symbols":
            name = self.table.get(font, Font()).name
            return "".join(symbol(name, f"{byte:x}") or (chr(byte) if byte < 0x80 else "") for byte in data)
        if codec == "either":
            codec = self.page if _PAIRS.search(data) and _fits(data, self.page) else "cp1252"
        return data.decode(codec, "replace")


def codec_of(page: int) -> str:
    """The codec of a code page of Windows or of the Mac; cp1252 for one that is unknown."""
    name = _PAGES.get(page, f"cp{page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def ends_open(data: bytes, codec: str) -> bool:
    """Whether the last byte is the first half of a character."""
    if codec not in _WIDE:
        return False
    decoder = codecs.getincrementaldecoder(codec)("replace")
    decoder.decode(data)
    return bool(decoder.getstate()[0])


def _fits(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
