"""The border that every text passes once: what comes out can be stored, hashed, encoded and shown."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]"
_CONTROL = re.compile(f"{_CONTROLS}+")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85]")
_REMOVED = re.compile(f"[\ud800-\udbff](?=[\udc00-\udfff])|\r(?={_CONTROLS}*\n)|{_CONTROLS}")


def clean(text: str) -> str:
    r"""The text without what cannot be stored; nothing that a reader sees is changed.

    Lone surrogates become U+FFFD; CRLF, CR, vertical tab, form feed and NEL become LF; NUL, the other
    C0 and C1 controls except tab, and byte order marks are removed. Never raises; cleaning twice is
    cleaning once; the result always encodes as UTF-8.

    Example:
        >>> clean("\ufeff第一行\r\n第二行\x00")
        '第一行\n第二行'
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _LINE_END.sub("\n", _CONTROL.sub("", text))


def removed(text: str) -> list[int]:
    r"""Offsets of the characters that `clean` leaves out; for each other one it has one character.

    Of two surrogates that make one character the first is left out, of CRLF the CR.

    Example:
        >>> removed("\ufeff第一行\r\n第二行\x00")
        [0, 4, 9]
    """
    return [found.start() for found in _REMOVED.finditer(text)]
