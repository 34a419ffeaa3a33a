"""Compound files (MS-CFB, version 3), written for tests and apart from what reads them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR = 512
MINI = 64
CUTOFF = 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams; ``BodyText/Section0`` lies in a storage."""
    entries = _entries(streams)
    mini_fat, mini_stream = _mini(entries, streams)
    contents = [one for one in streams.values() if len(one) >= CUTOFF]
    directory = SECTOR * -(-len(entries) // 4)
    parts = [bytes(directory), mini_fat, mini_stream, *contents]
    sectors = sum(_count(part) for part in parts)
    fats = 1
    while fats * SECTOR // 4 < sectors + fats:
        fats += 1
    fat = [_FAT] * fats
    starts = []
    for part in parts:
        starts.append(len(fat) if part else _END)
        fat += [*range(len(fat) + 1, len(fat) + _count(part)), _END] if part else []
    big = iter(starts[3:])
    for entry in entries:
        if entry["kind"] == 5:
            entry["start"], entry["size"] = starts[2], len(mini_stream)
        elif entry["kind"] == 2 and entry["size"] >= CUTOFF:
            entry["start"] = next(big)
    parts[0] = b"".join(map(_directory_entry, entries)).ljust(directory, b"\0")
    fat += [_FREE] * (fats * SECTOR // 4 - len(fat))
    body = b"".join(part.ljust(_count(part) * SECTOR, b"\0") for part in parts)
    return _header(fats, starts, _count(mini_fat)) + struct.pack(f"<{len(fat)}I", *fat) + body


def _count(part: bytes) -> int:
    return -(-len(part) // SECTOR)


def _entries(streams: Mapping[str, bytes]) -> list[dict]:
    """The root, storages and streams; siblings hang on one another by their right sides."""
    root = {"name": "Root Entry", "kind": 5, "path": "", "start": _END, "size": 0}
    storages = sorted({path.rpartition("/")[0] for path in streams} - {""})
    entries = [root, *({"name": one, "kind": 1, "path": one, "start": 0, "size": 0} for one in storages)]
    for path, data in streams.items():
        name = path.rpartition("/")[2]
        entries.append({"name": name, "kind": 2, "path": path, "start": _END, "size": len(data)})
    for parent in entries:
        if parent["kind"] == 2:
            continue
        own = [
            number
            for number, one in enumerate(entries)
            if number and one["path"].rpartition("/")[0] == parent["path"]
        ]
        own.sort(key=lambda number: (len(entries[number]["name"]), entries[number]["name"].upper()))
        parent["child"] = own[0] if own else _NONE
        for number, after in zip(own, [*own[1:], _NONE], strict=True):
            entries[number]["right"] = after
    return entries


def _mini(entries: list[dict], streams: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    fat: list[int] = []
    stream = b""
    for entry in entries:
        data = streams.get(entry["path"], b"") if entry["kind"] == 2 else b""
        if not data or len(data) >= CUTOFF:
            continue
        entry["start"] = len(fat)
        many = -(-len(data) // MINI)
        fat += [*range(len(fat) + 1, len(fat) + many), _END]
        stream += data.ljust(many * MINI, b"\0")
    packed = struct.pack(f"<{len(fat)}I", *fat)
    return packed.ljust(-(-len(packed) // SECTOR) * SECTOR, b"\xff"), stream


def _directory_entry(entry: dict) -> bytes:
    name = (entry["name"] + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        name, len(name), entry["kind"], 1, _NONE, entry.get("right", _NONE), entry.get("child", _NONE),
        bytes(16), 0, 0, 0, entry["start"], entry["size"],
    )  # fmt: skip


def _header(fats: int, starts: list[int], mini_fats: int) -> bytes:
    fixed = struct.pack("<8s16s5H6s", _SIGNATURE, bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6))
    places = (0, fats, starts[0], 0, CUTOFF, starts[1], mini_fats, _END, 0)
    return fixed + struct.pack("<9I109I", *places, *range(fats), *[_FREE] * (109 - fats))
