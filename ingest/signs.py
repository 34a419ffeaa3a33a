"""What a text itself tells of its history: read in a wrong encoding before, damaged, with hidden characters.

The text is never changed for it; a reader should know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

DAMAGED: Final = 0.05
"""Share of U+FFFD from which on a text counts as damaged at its source."""

SOUND: Final = 0.75
"""Share of the bytes that must have been CJK characters in UTF-8."""

_SAMPLE: Final = 3_000
_MISREAD: Final = ("cp1252", "gb18030", "cp932", "cp949")
_UNDEFINED: Final = re.compile("[\x80-\x9f]")
_HIGH: Final = bytes(range(0x80, 0x100))
_BYTE_OF: Final = {
    ord(bytes((byte,)).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LOST: Final = re.compile("锟斤拷|ï¿½")
_KANA_LOST: Final = re.compile("[縺繧繝](?![れらるろりっわむん繝、。，\\s）」]|$)")
_CJK: Final = re.compile("[\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]")
_STRANGE: Final = re.compile("[^\x00-\x7f]")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\U000e0000-\U000e007f]"
    "|(?<=[^\\W_])[\u200c\u200d](?=[^\\W_])"
)


def signs(text: str, *, replaced: int = 0) -> tuple[str, ...]:
    """Warnings about a text, as stable words: ``mojibake``, ``source_damaged``, ``pua=2``, ``invisible=1``.

    Args:
        text: all of it.
        replaced: how many of its U+FFFD the decoding put there.

    Example:
        >>> signs("æ—¥æœ¬èªž"), signs("数\u200b据"), signs("日本語")
        (('mojibake',), ('invisible=1',), ())
    """
    if text.isascii():
        return ()
    private, invisible = len(_PRIVATE.findall(text)), len(_INVISIBLE.findall(text))
    found = {
        "mojibake": mojibake(text),
        "source_damaged": text.count("\ufffd") - replaced > DAMAGED * len(text),
        f"pua={private}": private > 0,
        f"invisible={invisible}": invisible > 0,
    }
    return tuple(word for word, holds in found.items() if holds)


def mojibake(text: str) -> bool:
    """Whether parts of the text are UTF-8 that was read as another encoding; only samples are looked at."""
    return any(_misread(part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Beginning, middle and end, then each of their lines."""
    middle = len(text) // 2
    wholes = [text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]]
    for part in wholes if len(text) > 3 * _SAMPLE else [text]:
        yield part
        yield from part.split("\n") if "\n" in part else ()


def _misread(part: str) -> bool:
    strange = len(_STRANGE.findall(part))
    if strange < 2:
        return False
    if 3 * len(_LOST.findall(part)) > 0.1 * strange or 6 * len(_KANA_LOST.findall(part)) > strange:
        return True
    return any(_was_utf8(part, codec) for codec in _MISREAD)


def _was_utf8(part: str, codec: str) -> bool:
    """Whether the bytes that codec has for the text are mostly the UTF-8 of CJK characters."""
    latin = codec == "cp1252"
    data = part.translate(_BYTE_OF).encode("latin-1", "ignore") if latin else part.encode(codec, "ignore")
    high, least = len(data) - len(data.translate(None, _HIGH)), 6 if latin else 12
    sound = 3 * len(_CJK.findall(data.decode("utf-8", "ignore"))) if high >= least else 0
    return sound >= max(least, SOUND * high)
