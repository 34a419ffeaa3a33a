"""Source code, configuration and markup as they are, in blocks that go together, lines numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.decode import decode
from ingest.load.parsed import Parsed
from rag.text.clean import clean
from rag.types import Block, Place

_COOKIE = re.compile(
    rb"""(?i)^[ \t\f]*(?:#|//|/\*|--|;|%|")[^\n]{0,100}?\b(?:file)?(?:en)?coding\s*[:=]\s*([\w.-]+)"""
)
_DECLARATION = re.compile(
    rb"""(?i)\A\s*(?:<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)|@charset\s+["']([\w.:-]+)["'])"""
)
_PO_CHARSET = re.compile(rb"(?i)Content-Type:\s*text/plain;\s*charset=([\w.:-]+)")
_VIM = re.compile(rb"(?i)\bvim?:[^\n]{0,100}?\b(?:fenc|fileencoding|enc|encoding)=([\w.-]+)")
_ESCAPED = re.compile(r"(?<!\\)(?:\\u[0-9A-Fa-f]{4})+")
_TYPES: Final = {"xml": "text/xml", "svg": "image/svg+xml"}
_SHORTEST: Final = 200
_LONGEST: Final = 2000


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    r"""The text as it is; blocks end at blank lines before what is not indented, the place is the line.

    The ``\uXXXX`` of a .properties file are shown as the letters they stand for.
    An encoding that the file names (``# -*- coding: euc-jp -*-``, an XML declaration, the header of a .po)
    is a hint. Raises DocumentError as `ingest.decode.decode`.
    """
    decoded = decode(data, declared=declared(data), override=encoding, name=name)
    suffix = name.lower().rpartition(".")[2]
    text = clean(_unescaped(decoded.text) if suffix == "properties" else decoded.text)
    lines = list(_lines(text))
    return Parsed(
        text,
        tuple(_blocks(text, lines)),
        _TYPES.get(suffix, "text/x-source"),
        places=tuple(
            Place(start, "line", str(number))
            for number, (start, end) in enumerate(lines, 1)
            if text[start:end].strip()
        ),
        **decoded.facts(),
    )


def declared(data: bytes) -> str | None:
    """The encoding that the file says it has."""
    head = data[:2000]
    found = _DECLARATION.match(head) or _PO_CHARSET.search(head)
    if found is None:
        cookies = (_COOKIE.match(line) for line in head.split(b"\n")[:2])
        found = next(filter(None, cookies), None) or _VIM.search(head) or _VIM.search(data[-500:])
    label = next(filter(None, found.groups()), b"") if found else b""
    return re.sub(r"-(?:unix|dos|mac)$", "", label.decode("ascii", "replace")) or None


def _unescaped(text: str) -> str:
    r"""Properties of Java with the letters that ``\uXXXX`` stands for; line ends and marks stay escaped."""
    shown = _ESCAPED.sub(lambda run: "".join(map(_letter, run[0].split("\\u")[1:])), text)
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _letter(code: str) -> str:
    return chr(int(code, 16)) if int(code, 16) >= 0x80 else f"\\u{code}"


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _blocks(text: str, lines: list[tuple[int, int]]) -> Iterator[Block]:
    """Stretches of some 200 to 2,000 characters; they end where the indentation is back at the margin."""
    start = end = -1
    blank = False
    for first, last in lines:
        line = text[first:last]
        if not line.strip():
            blank = start >= 0
            continue
        length = end - start
        margin = not line[0].isspace() and line[0] not in ")}]"
        if start >= 0 and (
            (blank and margin and length >= _SHORTEST) or (length > _LONGEST and (blank or margin))
        ):
            yield Block("code", start, end)
            start = -1
        start, end, blank = (first if start < 0 else start), first + len(line.rstrip()), False
    if start >= 0:
        yield Block("code", start, end)
