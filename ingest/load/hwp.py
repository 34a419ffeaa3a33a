"""HWP 5: documents of the Hangul word processor of 2002 and later, records in an OLE compound file.

본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import olefile

from ingest.load.hangul import NUMBER_FORMATS, PLAIN, Level, Paragraph, Shape, named, write
from ingest.load.hwprecords import BULLET, NUMBERING, PARA_SHAPE, STYLE, Body, Record, flat, tree
from ingest.load.opc import meta, titled
from ingest.load.package import DAMAGE, ENTRY
from ingest.load.parsed import Parsed
from ingest.load.viewtext import opened
from rag.errors import DocumentError

_SIGNATURE: Final = b"HWP Document File"
_COMPRESSED: Final = 1 << 0
_LOCKED: Final = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 10  # a password, rights management, certificates
_DISTRIBUTED: Final = 1 << 2
_SUMMARY: Final = "\x05HwpSummaryInformation"
_SECTION: Final = re.compile(r"Section(\d{1,5})")
_TITLE, _AUTHOR, _CREATED, _SAVED = 2, 4, 12, 13
_NARROW, _WIDE, _TIME = 30, 31, 64  # types of properties
_LAST_TICK: Final = 2_500_000_000_000_000_000  # in the year 9523
_LEVELS: Final = 7
_HEAD: Final = 12  # bytes before the form of a list level


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of an HWP 5 document in reading order.

    Of 덧말 (text above text) the base stays and the reading is kept; tables become Markdown rows; notes and
    text boxes follow the paragraph they are anchored in. Hidden comments, memos, page headers and footers
    are left out. Documents that are locked against changes are read, as their text is open to every reader.

    Raises:
        DocumentError: ``encrypted``, ``broken``, ``unsupported`` (another version), or ``too_large``.
    """
    del encoding
    with _damage(name), olefile.OleFileIO(io.BytesIO(data)) as ole:
        flags = _flags(ole, name)
        forms = _Forms.of(_stream(ole, "DocInfo", flags, name))
        body = Body(forms.shapes, forms.styles)
        flow: list[Paragraph] = []
        for section in _sections(ole, flags):
            flow += body.flow(tree(_stream(ole, section, flags, name)))
        title, said = _summary(ole)
    return write(flow, forms.lists).parsed("application/x-hwp", title=title, meta=said)


@contextmanager
def _damage(name: str) -> Iterator[None]:
    try:
        yield
    except DocumentError:
        raise
    except (*DAMAGE, TypeError, AttributeError) as error:  # olefile meets damage with these, too
        raise DocumentError(name, "broken", f"is a damaged Hangul document: {error}") from error


def _flags(ole: olefile.OleFileIO, name: str) -> int:
    header = ole.openstream("FileHeader").read(256)
    if not header.startswith(_SIGNATURE) or len(header) < 40:
        raise DocumentError(name, "broken", "is no Hangul document, or its beginning is lost")
    version, flags = struct.unpack_from("<II", header, 32)
    if version >> 24 != 5:
        raise DocumentError(
            name, "unsupported", f"is a Hangul document of version {version >> 24}; save it as .hwpx"
        )
    if flags & _LOCKED:
        raise DocumentError(name, "encrypted", "is protected by a password or by rights; save a copy without")
    return int(flags)


def _sections(ole: olefile.OleFileIO, flags: int) -> list[str]:
    storage = "ViewText" if flags & _DISTRIBUTED else "BodyText"
    names = [path[1] for path in ole.listdir() if len(path) == 2 and path[0] == storage]
    numbers = sorted(int(found[1]) for one in names if (found := _SECTION.fullmatch(one)))
    if not numbers:
        raise ValueError("it has no text in it")
    return [f"{storage}/Section{number}" for number in numbers]


def _stream(ole: olefile.OleFileIO, path: str, flags: int, name: str) -> bytes:
    data = ole.openstream(path).read()
    if path.startswith("ViewText"):
        data = opened(data)
    if not flags & _COMPRESSED:
        return bytes(data)
    engine = zlib.decompressobj(-15)
    inflated = engine.decompress(data, ENTRY)
    if engine.unconsumed_tail and not engine.eof:
        raise DocumentError(name, "too_large", f"inflates to more than {ENTRY:,} bytes")
    if not engine.eof:
        raise EOFError(f"{path} is cut off")
    return inflated


def _summary(ole: olefile.OleFileIO) -> tuple[str, dict[str, str]]:
    """The title, and date and author, where the document tells them."""
    said: dict[int, str] = {}
    with suppress(*DAMAGE, TypeError, AttributeError):
        said = _properties(ole.openstream(_SUMMARY).read())
    time = said.get(_SAVED) or said.get(_CREATED, "")
    return titled(said.get(_TITLE, "")), meta(time, said.get(_AUTHOR, ""))


def _properties(data: bytes) -> dict[int, str]:
    """The texts and times of a property set (MS-OLEPS), whose wide strings olefile does not read."""
    (start,) = struct.unpack_from("<I", data, 44)
    (many,) = struct.unpack_from("<I", data, start + 4)
    said: dict[int, str] = {}
    for place in range(start + 8, min(start + 8 + 8 * many, len(data) - 7), 8):
        key, offset = struct.unpack_from("<II", data, place)
        kind, value = struct.unpack_from("<II", data, start + offset)
        begin = start + offset + 8
        if kind == _WIDE:
            said[key] = data[begin : begin + 2 * value].decode("utf-16-le", "replace")
        elif kind == _NARROW:
            said[key] = data[begin : begin + value].decode("cp949", "replace")
        elif kind == _TIME:
            (ticks,) = struct.unpack_from("<Q", data, begin - 4)
            said[key] = _time(ticks)
    return {key: value.replace("\x00", "").strip() for key, value in said.items()}


def _time(ticks: int) -> str:
    """A time of Windows, ten million ticks a second since 1601; nothing where it was never set."""
    if not 0 < ticks < _LAST_TICK:
        return ""
    return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).isoformat()


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of paragraphs and lists, in the order that numbers refer to."""

    shapes: list[Shape]
    styles: list[Shape]
    lists: dict[str, list[Level]]

    @classmethod
    def of(cls, data: bytes) -> _Forms:
        records = [Record(tag, body) for tag, _, body, _ in flat(data)]
        bullets = [
            one.data[_HEAD:][:2].decode("utf-16-le", "replace") for one in records if one.tag == BULLET
        ]
        numberings = [_levels(one) for one in records if one.tag == NUMBERING]
        return cls(
            [_shape(one, bullets) for one in records if one.tag == PARA_SHAPE],
            [_styled(one) for one in records if one.tag == STYLE],
            {str(number): levels for number, levels in enumerate(numberings, start=1)},
        )


def _shape(record: Record, bullets: list[str]) -> Shape:
    attributes = record.number("<I", 0)
    kind, depth = attributes >> 23 & 3, attributes >> 25 & 7
    of_list = record.number("<H", 30)
    if kind == 1:
        return Shape("heading", depth + 1, str(of_list) if of_list else "", depth)
    if kind == 2:
        return Shape("list", list_id=str(of_list), depth=depth)
    if kind == 3:
        char = bullets[of_list - 1] if 0 < of_list <= len(bullets) else ""
        return Shape("list", bullet=char if char.isprintable() and char.strip() else "•")
    return PLAIN


def _styled(record: Record) -> Shape:
    local, end = record.text(0)
    return named(local, record.text(end)[0])


def _levels(record: Record) -> list[Level]:
    """The levels of a list, and the numbers they start with behind them, where the version has these."""
    forms: list[tuple[str, str]] = []
    position = 0
    for _ in range(_LEVELS):
        style = record.number("<I", position) >> 5 & 0x1F
        form, position = record.text(position + _HEAD)
        forms.append((form, NUMBER_FORMATS[style] if style < len(NUMBER_FORMATS) else "DIGIT"))
    starts = [record.number("<I", position + 2 + 4 * number) for number in range(_LEVELS)]
    return [
        Level(form, style, start if 0 < start < 10_000 else 1)
        for (form, style), start in zip(forms, starts, strict=True)
    ]
