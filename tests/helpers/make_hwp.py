"""HWP 5 files by the public description of the format, written for tests and apart from what reads them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tests.helpers.make_ole import compound

BEGIN = 0x10
STYLES = (("바탕글", "Normal"), ("제목", "Title"), ("개요 2", "Outline 2"))
LEVELS = (("제^1장", 0), ("^1.^2.", 8), ("^3", 9), ("^4)", 0), ("^5", 0), ("^6", 0), ("^7", 0))
# none, the outline of level 1 and 2, a list of level 3, a bullet: kind in bits 23-24, level in 25-27
SHAPES = ((0, 0), (1 << 23, 0), (1 << 23 | 1 << 25, 0), (2 << 23 | 2 << 25, 1), (3 << 23, 1))

Control = Callable[[int], tuple[bytes, bytes]]


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    """A record with its head; ``tag`` counts from HWPTAG_BEGIN."""
    head = BEGIN + tag | level << 10
    if len(data) >= 0xFFF:
        return struct.pack("<II", head | 0xFFF << 20, len(data)) + data
    return struct.pack("<I", head | len(data) << 20) + data


def string(text: str) -> bytes:
    """A text behind its length."""
    data = text.encode("utf-16-le")
    return struct.pack("<H", len(data) // 2) + data


def control(code: int, name: str, data: bytes = b"", *children: Callable[[int], bytes]) -> Control:
    """An extended control: what stands in the text, and its records, for a paragraph of that level."""

    def made(level: int) -> tuple[bytes, bytes]:
        told = name.encode()[::-1]
        units = struct.pack("<H4s8sH", code, told, bytes(8), code)
        return units, record(55, level + 1, told + data) + b"".join(child(level + 2) for child in children)

    return made


def inline(code: int, info: bytes = bytes(12)) -> Control:
    """An inline control, with whatever bytes in it."""
    return lambda level: (struct.pack("<H12sH", code, info, code), b"")


def paragraph(*pieces: str | Control, shape: int = 0, style: int = 0) -> Callable[[int], bytes]:
    """A paragraph of texts and controls, as records of a level."""

    def made(level: int) -> bytes:
        parts = [
            (piece.encode("utf-16-le", "surrogatepass"), b"") if isinstance(piece, str) else piece(level)
            for piece in pieces
        ]
        text = b"".join(units for units, _ in parts) + "\r".encode("utf-16-le")
        head = struct.pack("<IIHBBHHHIH", len(text) // 2, 0, shape, style, 0, 1, 0, 0, 0, 0)
        below = record(51, level + 1, text) + record(52, level + 1, struct.pack("<II", 0, 0))
        return record(50, level, head) + below + b"".join(records for _, records in parts)

    return made


def cell(row: int, column: int, *paragraphs: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A cell of a table."""
    head = struct.pack("<iIHHHHII4HH", len(paragraphs), 0, column, row, 1, 1, 0, 0, 0, 0, 0, 0, 1)
    return lambda level: record(56, level, head) + b"".join(one(level) for one in paragraphs)


def listed(*paragraphs: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A list of paragraphs, as notes and shapes hold them."""
    head = struct.pack("<iI", len(paragraphs), 0)
    return lambda level: record(56, level, head) + b"".join(one(level) for one in paragraphs)


def table(*cells: Callable[[int], bytes], caption: Callable[[int], bytes] | None = None) -> Control:
    """A table of cells."""
    body = lambda level: record(61, level, struct.pack("<IHH", 0, 1, 1) + bytes(14))  # noqa: E731
    return control(11, "tbl ", bytes(40), *([caption] if caption else []), body, *cells)


def box(*paragraphs: Callable[[int], bytes]) -> Control:
    """A text box: a rectangle with a list of paragraphs."""

    def shape(level: int) -> bytes:
        return (
            record(60, level, b"cer$" * 2) + listed(*paragraphs)(level + 1) + record(63, level + 1, bytes(33))
        )

    return control(11, "gso ", bytes(40), shape)


def note(name: str, *paragraphs: Callable[[int], bytes]) -> Control:
    """A footnote (``fn  ``), an endnote (``en  ``), a header, a hidden comment."""
    code = {"head": 16, "foot": 16, "tcmt": 15}.get(name, 17)
    return control(code, name, bytes(8), listed(*paragraphs))


def number(kind: int, value: int, behind: str = "\0") -> Control:
    """An automatic number: of a note, a picture, a table."""
    return control(18, "atno", struct.pack("<IHHHH", kind, value, 0, 0, ord(behind)))


def section_definition(numbering: int = 1) -> Control:
    """What the first paragraph of a section begins with."""
    return control(2, "secd", struct.pack("<IHHHIH", 0, 1134, 0, 0, 8000, numbering) + bytes(8))


def doc_info() -> bytes:
    """Lists, forms of paragraphs, and styles."""
    heads = b"".join(
        struct.pack("<IHHI", style << 5, 0, 50, 0xFFFFFFFF) + string(form) for form, style in LEVELS
    )
    numbering = heads + struct.pack("<H", 0) + struct.pack("<7I", *[1] * 7)
    bullet = struct.pack("<IHHI", 0, 0, 50, 0xFFFFFFFF) + "□".encode("utf-16-le") + bytes(10)
    shapes = (
        record(9, 1, struct.pack("<I6iHHH", attributes, *[0] * 6, 0, of_list, 1) + bytes(20))
        for attributes, of_list in SHAPES
    )
    styles = (record(10, 1, string(one) + string(other) + bytes(8)) for one, other in STYLES)
    counts = (0, *[1] * 7, 1, 1, 1, 1, 1, len(SHAPES), len(STYLES), 0, 0, 0)
    start = record(0, 0, struct.pack("<H", 1) + bytes(24)) + record(1, 0, struct.pack("<18i", *counts))
    faces = record(3, 1, b"\0" + string("함초롬바탕")) * 7
    hundreds, nothing = bytes([100] * 7), bytes(7)
    letters = bytes(14) + hundreds + nothing + hundreds + nothing + struct.pack("<i", 1000) + bytes(26)
    looks = record(4, 1, bytes(32) + bytes(8)) + record(5, 1, letters) + record(6, 1, bytes(8))
    lists = record(7, 1, numbering) + record(8, 1, bullet)
    return start + faces + looks + lists + b"".join((*shapes, *styles))


def summary(**said: str | datetime) -> bytes:
    """The property set of the document's title, author and times."""
    ids = {"title": 2, "author": 4, "created": 12, "saved": 13}
    values = {ids[key]: _property(value) for key, value in said.items()}
    offset = 8 + 8 * len(values)
    index = b""
    for key, value in values.items():
        index += struct.pack("<II", key, offset)
        offset += len(value)
    head = struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0x20005, bytes(16), 1, b"\x60\xb6\xa2\x9f" + bytes(12), 48)
    return head + struct.pack("<II", offset, len(values)) + index + b"".join(values.values())


def _property(value: str | datetime) -> bytes:
    if isinstance(value, datetime):
        since = value - datetime(1601, 1, 1, tzinfo=UTC)
        return struct.pack("<IQ", 64, int(since.total_seconds()) * 10_000_000)
    data = (value + "\0").encode("utf-16-le")
    return struct.pack("<II", 31, len(data) // 2) + data.ljust(-(-len(data) // 4) * 4, b"\0")


def hwp(
    *sections: Sequence[Callable[[int], bytes]],
    compressed: bool = True,
    flags: int = 0,
    version: int = 0x05010001,
    said: bytes | None = None,
    storage: str = "BodyText",
    seal: Callable[[bytes], bytes] = bytes,
) -> bytes:
    """The whole file, each section a list of paragraphs; ``seal`` is applied to the stored section."""

    def stored(data: bytes) -> bytes:
        if not compressed:
            return data
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        return engine.compress(data) + engine.flush()

    header = struct.pack("<32sII", b"HWP Document File", version, flags | compressed).ljust(256, b"\0")
    bodies = {
        f"{storage}/Section{number}": seal(stored(b"".join(one(0) for one in paragraphs)))
        for number, paragraphs in enumerate(sections)
    }
    given = {} if said is None else {"\x05HwpSummaryInformation": said}
    return compound({"FileHeader": header, "DocInfo": stored(doc_info()), **bodies, **given})
