"""What mail programs do to text: encoded words, charsets that are not what they say, flowed lines."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from typing import Final

from ingest.decode import Decoded, codec_of, decode
from rag.errors import DocumentError

_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?]{0,20})?\?([bBqQ])\?([^?\n]{0,2000})\?=")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_SHORT: Final = 200
_WESTERN: Final = frozenset({"cp1252", "latin-1", "iso8859-1", "iso8859-15", "ascii", "utf-7"})
_QUOTES = re.compile(r"(?:> ?)*")


def decoded(data: bytes, charset: str | None, name: str, override: str | None = None) -> Decoded:
    """The text of a part. A few bytes are in the charset that is declared, if they can be.

    Raises:
        DocumentError: as `ingest.decode.decode`.
    """
    codec = codec_of(charset)
    if override is None and codec and codec not in _WESTERN and len(data) < _SHORT and not _is_utf8(data):
        try:
            return Decoded(data.decode(codec), codec, 0.95)
        except (UnicodeError, ValueError):
            pass
    if b"\x1b$" in data and override is None:
        mended = _of_escapes(data)
        if mended is not None:
            return Decoded(mended, "iso2022_jp", 0.95)
    return decode(data, declared=charset, override=override, name=name)


def header(raw: str, name: str) -> str:
    """The words of a header as it stands in the file: encoded words decoded, raw bytes too.

    Words that follow one another are decoded together: some programs part them inside a character.

    Example:
        >>> header("=?utf-8?B?5pel5g==?= =?utf-8?B?nKzoqp4=?=", "a.eml")
        '日本語'
    """
    raw = _FOLD.sub("", raw)
    parts: list[str] = []
    pending: list[tuple[str, bytes]] = []
    done = 0
    for word in _WORD.finditer(raw):
        between = raw[done : word.start()]
        if between.strip() or not pending:
            parts += (_joined(pending, name), _plain(between, name))
            pending = []
        pending.append((word[1].lower(), _bytes_of(word[2], word[3])))
        done = word.end()
    parts += (_joined(pending, name), _plain(raw[done:], name))
    return " ".join("".join(parts).split())


def unflowed(text: str, *, joined: bool) -> str:
    """The text of ``format=flowed`` with its paragraphs in one line each; ``joined`` is ``delsp=yes``.

    Source: RFC 3676.
    """
    return "\n".join(_flowing(text, joined))


def _flowing(text: str, joined: bool) -> Iterator[str]:
    line, depth = "", -1
    for raw in text.split("\n"):
        marks = _QUOTES.match(raw)
        quoted = marks[0].count(">") if marks else 0
        content = raw[marks.end() if marks and quoted else 0 :].removeprefix(" " if not quoted else "")
        if depth >= 0 and quoted == depth and content.rstrip() != "--":
            content = line + content
        elif depth >= 0:
            yield _quoted(line, depth)
        if content.endswith(" ") and content != "-- ":
            line, depth = (content[:-1] if joined else content), quoted
        else:
            yield _quoted(content, quoted)
            line, depth = "", -1
    if depth >= 0:
        yield _quoted(line, depth)


def _quoted(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}".rstrip() if depth else line.rstrip()


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 by more than chance."""
    if len(data) - len(data.translate(None, bytes(range(0x80, 0x100)))) < 6:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _of_escapes(data: bytes) -> str | None:
    """ISO-2022-JP as mail programs write it, with the characters of cp932 in it (①, ㈱, 髙)."""
    parts: list[bytes] = []
    wide = False
    for piece in re.split(rb"(\x1b(?:\$[@B]|\([BJI]))", data):
        if piece.startswith(b"\x1b"):
            if piece == b"\x1b(I":
                return None
            wide = piece.startswith(b"\x1b$")
        elif wide:
            lines = piece.split(b"\n")
            parts.append(b"\n".join([_shifted(lines[0]), *lines[1:]]))
        else:
            parts.append(piece)
    try:
        return b"".join(parts).decode("cp932")
    except UnicodeDecodeError:
        return None


def _shifted(data: bytes) -> bytes:
    """Pairs of JIS X 0208 as Shift JIS."""
    out = bytearray()
    for first, second in zip(data[::2], data[1::2], strict=False):
        out.append((first + 1) // 2 + (0x70 if first < 0x5F else 0xB0))
        out.append((second + (0x1F if second < 0x60 else 0x20)) if first % 2 else second + 0x7E)
    return bytes(out)


def _bytes_of(kind: str, text: str) -> bytes:
    if kind in "qQ":
        return quopri.decodestring(text.replace("_", " ").encode("ascii", "replace"), header=False)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "surrogateescape")


def _joined(words: list[tuple[str, bytes]], name: str) -> str:
    """Encoded words that follow one another, those of one charset as one."""
    runs: list[tuple[str, bytes]] = []
    for charset, data in words:
        if runs and runs[-1][0] == charset:
            runs[-1] = (charset, runs[-1][1] + data)
        else:
            runs.append((charset, data))
    return "".join(_readable(data, charset, name) for charset, data in runs)


def _plain(text: str, name: str) -> str:
    """Text outside of encoded words; bytes that are not ASCII came through as surrogates."""
    if text.isascii():
        return text
    return _readable(text.encode("utf-8", "surrogateescape"), None, name)


def _readable(data: bytes, charset: str | None, name: str) -> str:
    try:
        return decoded(data, charset, name).text
    except DocumentError:
        return data.decode(codecs.lookup("utf-8").name, "replace")
