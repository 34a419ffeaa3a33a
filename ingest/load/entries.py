"""The names in an archive, in whatever code page they are; and the directory of one that lost its own."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from ingest.codepages import Page, pages
from ingest.decode import codec_of

_UNICODE: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_DESCRIPTOR: Final = 0x8
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_SLICE: Final = 1 << 16


def raw_name(entry: zipfile.ZipInfo) -> tuple[bytes, bool]:
    """The bytes of an entry's name, and whether they are surely UTF-8.

    The Unicode Path field of Info-ZIP wins where it belongs to this name.
    """
    if entry.flag_bits & _UNICODE:
        return entry.orig_filename.encode("utf-8", "surrogateescape"), True
    raw = entry.orig_filename.encode("cp437", "replace")
    for kind, field in _extra(entry.extra):
        if kind == _UNICODE_PATH and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:], True
    return raw, False


def _extra(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, position)
        yield kind, data[position + 4 : position + 4 + size]
        position += 4 + size


def clear_names(names: Sequence[tuple[bytes, bool]], declared: str | None = None) -> list[str]:
    """The names as text; those that are not surely UTF-8 are taken together to find their code page.

    Example:
        >>> clear_names([("資料/議事録.txt".encode("cp932"), False)])
        ['資料/議事録.txt']
    """
    doubtful = {part for raw, sure in names if not sure and not raw.isascii() for part in raw.split(b"/")}
    codec = _codec(sorted(doubtful), codec_of(declared))
    return [raw.decode("utf-8" if sure or raw.isascii() else codec, "replace") for raw, sure in names]


def _codec(parts: Sequence[bytes], declared: str | None) -> str:
    if _fits(parts, "utf-8"):
        return "utf-8"
    if declared and _fits(parts, declared):
        return declared
    joined = b"\n".join(part for part in parts if not part.isascii())
    scores = {page: page.score(joined.decode(page.codec, "replace")) for page in _pages()}
    ranked = sorted(scores, key=lambda page: -scores[page])
    return next((page.codec for page in ranked if _fits(parts, page.codec)), ranked[0].codec)


@cache
def _pages() -> tuple[Page, ...]:
    """The code pages of files, and that of DOS, which the format names."""
    western = next(page for page in pages() if page.codec == "cp1252")
    return (*pages(), replace(western, codec="cp437"))


def _fits(parts: Sequence[bytes], codec: str) -> bool:
    try:
        return all(part.decode(codec).isprintable() for part in parts)
    except UnicodeDecodeError:
        return False


def mended(data: bytes, most: int) -> bytes:
    """A zip file that lost its directory with a new one, of the entries that are whole; ``most`` at most."""
    central: list[bytes] = []
    position = end = 0
    while len(central) < most and (found := _entry(data, position)) is not None:
        record, position = found
        central.append(record)
        end = position
    directory = b"".join(central)
    count = len(central)
    tail = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), end, 0)
    return data[:end] + directory + tail


def _entry(data: bytes, start: int) -> tuple[bytes, int] | None:
    """The directory's record of the entry that starts there, and where the next one does; None at damage."""
    if data[start : start + 4] != b"PK\x03\x04" or start + _LOCAL.size > len(data):
        return None
    fields = _LOCAL.unpack_from(data, start)
    _, version, flags, method, time, date, crc, packed, size, named, extra = fields
    name = data[start + _LOCAL.size : start + _LOCAL.size + named]
    body = start + _LOCAL.size + named + extra
    end = body + packed
    if flags & _DESCRIPTOR:
        inflated = _inflated(data, body) if method == zipfile.ZIP_DEFLATED else None
        if inflated is None:
            return None
        crc, size, end = inflated
        packed = end - body
    if end > len(data):
        return None
    start_of_entry = (0, 0, 0, 0, 0, start)
    record = _CENTRAL.pack(
        b"PK\x01\x02", version, version, flags, method, time, date, crc, packed, size, named, *start_of_entry
    )
    return record + name, _behind_descriptor(data, end) if flags & _DESCRIPTOR else end


def _inflated(data: bytes, start: int) -> tuple[int, int, int] | None:
    """The checksum, the size and the end of a deflated stream; None where it is not whole."""
    engine = zlib.decompressobj(-15)
    crc = size = 0
    position = start
    try:
        while not engine.eof and position < len(data):
            rest = data[position : position + _SLICE]
            while rest and not engine.eof:
                piece = engine.decompress(rest, _SLICE)
                crc, size = zlib.crc32(piece, crc), size + len(piece)
                position += len(rest) - len(engine.unconsumed_tail) - len(engine.unused_data)
                rest = engine.unconsumed_tail
    except zlib.error:
        return None
    return (crc, size, position) if engine.eof else None


def _behind_descriptor(data: bytes, end: int) -> int:
    signed = data[end : end + 4] == b"PK\x07\x08"
    return end + (16 if signed else 12)
