"""Workbooks as Excel 5 and 95 wrote them, which no program of today does."""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def workbook(page: int, codec: str, sheet: str, rows: list[list[str]]) -> bytes:
    """A workbook of one sheet whose texts are bytes of a code page."""
    name = sheet.encode(codec)
    bound = struct.pack("<IHB", 0, 0, len(name)) + name
    head = _record(0x809, struct.pack("<HHHH", 0x500, 5, 0, 0)) + _record(0x42, struct.pack("<H", page))
    start = len(head) + len(bound) + 4 + 4
    globals_ = head + _record(0x85, struct.pack("<I", start) + bound[4:]) + _record(0x0A, b"")
    cells = b"".join(
        _record(0x204, struct.pack("<HHHH", y, x, 0, len(text.encode(codec))) + text.encode(codec))
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    )
    body = _record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0)) + cells + _record(0x0A, b"")
    return _compound("Book", (globals_ + body).ljust(4096, b"\0"))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(name: str, stream: bytes) -> bytes:
    """An OLE file of one stream: a sector with the chains, one with the folder, then the stream."""
    stream = stream.ljust(-(-len(stream) // _SECTOR) * _SECTOR, b"\0")
    sectors = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, sectors + 2), _END]
    table = struct.pack("<128I", *(chain + [_FREE] * (128 - len(chain))))
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 2, len(stream)) + bytes(256)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + table + folder + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return (
        written.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(written), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
