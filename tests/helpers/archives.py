"""Archives as tools write them, and as no tool should."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping


def zipped(entries: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file as Python writes it: names in UTF-8, with the flag that says so."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def zipped_raw(entries: Mapping[bytes, str | bytes]) -> bytes:
    """A ZIP file with names in those very bytes, without the flag for UTF-8."""
    marked = {
        f"@{number}".ljust(len(name), "@"): (name, data)
        for number, (name, data) in enumerate(entries.items())
    }
    data = zipped({mark: data for mark, (_, data) in marked.items()}, zipfile.ZIP_STORED)
    for mark, (name, _) in marked.items():
        data = data.replace(mark.encode(), name)
    return data


def zipped_with_unicode_path(raw: bytes, name: str, text: bytes) -> bytes:
    """One entry, its name also in the Unicode Path field of Info-ZIP."""
    info = zipfile.ZipInfo("x" * len(raw))
    path = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    info.extra = struct.pack("<HH", 0x7075, len(path)) + path
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, text)
    return target.getvalue().replace(b"x" * len(raw), raw)


def patched(data: bytes, entry: str = "", **fields: int) -> bytes:
    """A ZIP file, ``flags``, ``method`` or ``size`` set in the headers of that entry, or of all."""
    places = {"flags": (6, 8, "<H"), "method": (8, 10, "<H"), "size": (22, 24, "<I")}
    changed = bytearray(data)
    for signature, column, name in ((b"PK\x03\x04", 0, 30), (b"PK\x01\x02", 1, 46)):
        start = data.find(signature)
        while start >= 0:
            if data[start + name :].startswith(entry.encode()):
                for field, value in fields.items():
                    struct.pack_into(places[field][2], changed, start + places[field][column], value)
            start = data.find(signature, start + 4)
    return bytes(changed)


def overlapping(copies: int, size: int) -> bytes:
    """A ZIP file whose directory names the same bytes again and again."""
    data = zipped({"0": bytes(size)})
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    record = data[start:end]
    directory = b"".join(record[:-1] + bytes([65 + number % 26]) for number in range(copies))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), start, 0)
    return data[:start] + directory + tail


def tarred(
    entries: Mapping[str | bytes, str | bytes | tarfile.TarInfo],
    mode: str = "w",
    format: int = tarfile.GNU_FORMAT,
) -> bytes:
    """A TAR file; a value that is a header stands for itself; names in bytes are kept as they are."""
    target = io.BytesIO()
    with tarfile.open(
        fileobj=target, mode=mode, format=format, encoding="utf-8", errors="surrogateescape"
    ) as archive:  # type: ignore[call-overload]
        for name, data in entries.items():
            shown = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
            if isinstance(data, tarfile.TarInfo):
                data.name = shown
                archive.addfile(data)
                continue
            body = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(shown)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


def link(kind: bytes, target: str = "/etc/passwd") -> tarfile.TarInfo:
    """The header of a link or device."""
    info = tarfile.TarInfo()
    info.type = kind
    info.linkname = target
    return info
