"""Archives: the files in a ZIP or TAR, the one in a .gz, .bz2 or .xz; inflated when they are taken."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO, Final, cast

from ingest import hints
from ingest.load import shown_member
from ingest.load.entries import clear_names, mended, raw_name
from ingest.load.package import DAMAGE, ENTRIES, INFLATED, RATIO, UNSUSPICIOUS
from ingest.load.parsed import Member, Parsed
from ingest.scan import JUNK_FILES, JUNK_FOLDERS, SECRETS
from rag.errors import DocumentError

MEMBER: Final = 100_000_000
"""What a file in an archive may inflate to."""

_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_LOCAL_HEADER: Final = 30
_PACKED: Final[tuple[tuple[bytes, str, Callable[[IO[bytes]], object]], ...]] = (
    (b"\x1f\x8b", "application/gzip", gzip.open),
    (b"BZh", "application/x-bzip2", bz2.open),
    (b"\xfd7zXZ\x00", "application/x-xz", lzma.open),
)
_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".tgz", ".tbz2", ".txz")
_DAMAGE: Final = (*DAMAGE, tarfile.TarError)


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The files in an archive as members, without a text of its own; none is written anywhere.

    Hidden files, keys and what systems leave behind (``__MACOSX``, ``Thumbs.db``) are left out. A member
    that cannot be had (encrypted, damaged, too large, a link) has an error in its place, the rest goes on.
    Taking the members raises DocumentError where the archive ends too early or inflates beyond measure,
    after those before it.

    Raises:
        DocumentError: ``too_large`` for a bomb by its headers, ``broken`` where nothing can be read.

    Example:
        >>> [one.name for one in load(data, "文書.zip").members]            # doctest: +SKIP
        ['規程/休暇.txt', '規程/経費.csv']
    """
    for magic, media_type, open_packed in _PACKED:
        if data.startswith(magic):
            return _packed(data, name, encoding, media_type, open_packed)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Parsed("", (), "application/zip", members=_zipped(data, name, encoding))
    if _is_tar(data[:512]):
        return Parsed("", (), "application/x-tar", members=_tarred(lambda: io.BytesIO(data), name, encoding))
    raise DocumentError(name, "broken", "is no archive, or its beginning is lost")


# -- zip ---------------------------------------------------------------------------------------------


def _zipped(data: bytes, name: str, encoding: str | None) -> Iterable[Member]:
    whole = True
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE:
        whole = False
        archive = _mended(data, name)
    entries = archive.infolist()
    if not (whole or entries):
        raise DocumentError(name, "broken", "is a damaged archive of which nothing can be read")
    _refuse_bombs(entries, len(data), name)
    if whole:
        _refuse_overlaps(entries, archive.start_dir, name)
    return _unzipped(archive, name, encoding, whole) if entries else ()


def _mended(data: bytes, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(mended(data, ENTRIES)))
    except _DAMAGE as error:
        raise DocumentError(name, "broken", f"is a damaged archive: {error}") from error


def _refuse_bombs(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    inflated = sum(one.file_size for one in entries)
    if inflated > UNSUSPICIOUS and inflated > RATIO * size:
        raise DocumentError(name, "too_large", f"inflates to {inflated:,} bytes")


def _refuse_overlaps(entries: list[zipfile.ZipInfo], directory: int, name: str) -> None:
    starts = sorted(entries, key=lambda one: one.header_offset)
    if not starts:
        return
    ends = [*(one.header_offset for one in starts[1:]), directory]
    for entry, end in zip(starts, ends, strict=True):
        if entry.header_offset + _LOCAL_HEADER + entry.compress_size > end:
            raise DocumentError(name, "broken", "has entries that overlap, as only bombs do")


def _unzipped(archive: zipfile.ZipFile, name: str, encoding: str | None, whole: bool) -> Iterator[Member]:
    entries = archive.infolist()
    names = _Names(clear_names([raw_name(one) for one in entries], encoding))
    left = INFLATED
    for number, entry in enumerate(entries):
        if number >= ENTRIES:
            raise DocumentError(name, "too_large", f"has {len(entries):,} entries; {ENTRIES:,} were read")
        shown = names.take(number)
        if entry.is_dir() or not shown:
            continue
        member = _unzip(archive, entry, shown)
        left -= len(member.data)
        if left < 0:
            raise DocumentError(name, "too_large", f"inflates to more than {INFLATED:,} bytes")
        yield member
    if not whole:
        raise DocumentError(name, "broken", "ends too early; what comes before that was read")


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Member:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return _link(name)
    if entry.flag_bits & _ENCRYPTED:
        return _failed(name, "encrypted", "is protected by a password; pack it again without")
    if _beyond(entry.file_size, entry.compress_size):
        return _too_large(name, entry.file_size)
    try:
        with archive.open(entry) as stream:
            return _taken(stream, name)
    except NotImplementedError:
        return _failed(
            name, "broken", f"is packed by a method ({entry.compress_type}) that is not read; pack it again"
        )
    except _DAMAGE as error:
        return _failed(name, "broken", f"is damaged in its archive: {error}")


def _beyond(size: int, packed: int) -> bool:
    return size > MEMBER or (size > UNSUSPICIOUS and size > RATIO * packed)


# -- tar, and single packed files --------------------------------------------------------------------


def _packed(
    data: bytes, name: str, encoding: str | None, media_type: str, open_packed: Callable[[IO[bytes]], object]
) -> Parsed:
    def opened() -> IO[bytes]:
        return cast(IO[bytes], _Counted(cast(IO[bytes], open_packed(io.BytesIO(data))), len(data), name))

    try:
        head = opened().read(512)
    except (*_DAMAGE, MemoryError) as error:
        raise DocumentError(name, "broken", f"is a damaged archive: {error}") from error
    if _is_tar(head):
        return Parsed("", (), media_type, members=_tarred(opened, name, encoding))
    return Parsed("", (), media_type, members=_single(opened, name))


def _single(opened: Callable[[], IO[bytes]], name: str) -> Iterator[Member]:
    path = PurePosixPath(name)
    inner = path.stem if path.suffix.lower() in _SUFFIXES else path.name
    try:
        yield _taken(opened(), inner)
    except (*_DAMAGE, MemoryError) as error:
        yield _failed(inner, "broken", f"is damaged in its archive: {error}")


def _tarred(opened: Callable[[], IO[bytes]], name: str, encoding: str | None) -> Iterator[Member]:
    raw = [_raw(one) for one in _headers(opened(), name)]
    names = _Names(clear_names([(one, False) for one in raw], encoding))
    left = INFLATED
    for member in _entries(opened(), names, name):
        left -= len(member.data)
        if left < 0:
            raise DocumentError(name, "too_large", f"inflates to more than {INFLATED:,} bytes")
        yield member


def _headers(stream: IO[bytes], name: str) -> Iterator[tarfile.TarInfo]:
    """The headers up to the end, or to the damage."""
    try:
        with _tar(stream) as archive:
            for number, info in enumerate(archive):
                if number == ENTRIES:
                    return
                yield info
    except (*_DAMAGE, DocumentError):
        return


def _entries(stream: IO[bytes], names: _Names, name: str) -> Iterator[Member]:
    try:
        with _tar(stream) as archive:
            for number, info in enumerate(archive):
                if number == ENTRIES:
                    raise DocumentError(
                        name, "too_large", f"has more than {ENTRIES:,} entries; those were read"
                    )
                shown = names.take(number)
                if shown and not info.isdir():
                    yield _untar(archive, info, shown)
    except _DAMAGE as error:
        raise DocumentError(
            name, "broken", f"ends too early or is damaged; what comes before that was read: {error}"
        ) from error


def _untar(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str) -> Member:
    if not info.isfile():
        return _link(name)
    if info.size > MEMBER:
        return _too_large(name, info.size)
    stream = archive.extractfile(info)
    return _taken(stream, name) if stream else _link(name)


class _Header(tarfile.TarInfo):
    """A header; a damaged one is an error where `tarfile` takes it for the end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _Header:
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error


def _tar(stream: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(
        fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape", tarinfo=_Header
    )


def _is_tar(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _raw(info: tarfile.TarInfo) -> bytes:
    return info.name.encode("utf-8", "surrogateescape")


# -- both --------------------------------------------------------------------------------------------


class _Counted:
    """A stream that is being inflated, with an end to it."""

    def __init__(self, stream: IO[bytes], packed: int, name: str) -> None:
        self._stream = stream
        self._packed = packed
        self._name = name
        self._done = 0

    def read(self, size: int = _CHUNK) -> bytes:
        piece = self._stream.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._done += len(piece)
        if self._done > INFLATED or (self._done > UNSUSPICIOUS and self._done > RATIO * self._packed):
            raise DocumentError(self._name, "too_large", f"inflates to more than {self._done:,} bytes")
        return piece


class _Names:
    """Names fit to be shown, each once; empty for what is left out."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._seen: dict[str, int] = {}

    def take(self, number: int) -> str:
        """The name of the entry of that number."""
        name = shown_member(self._names[number])
        if _left_out(name):
            return ""
        again = self._seen[name] = self._seen.get(name, 0) + 1
        path = PurePosixPath(name)
        return name if again == 1 else str(path.with_name(f"{path.stem} ({again}){path.suffix}"))


def _left_out(name: str) -> bool:
    """Hidden files, what systems leave behind, passwords and keys."""
    *folders, file = name.lower().split("/")
    hidden = any(part.startswith(".") for part in (*folders, file))
    junk = not JUNK_FOLDERS.isdisjoint(folders) or file in JUNK_FILES or file.startswith("~$")
    secret = not hints.SECRETS.get() and any(fnmatchcase(file, glob) for glob in SECRETS)
    return hidden or junk or secret


def _taken(stream: IO[bytes], name: str) -> Member:
    """A member, read up to the limit, whatever its header says."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(_CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > MEMBER:
            return _too_large(name, size)
    return Member(name, b"".join(pieces))


def _link(name: str) -> Member:
    return _failed(name, "not_a_file", "is a link or a device in an archive; it is not followed")


def _too_large(name: str, size: int) -> Member:
    return _failed(name, "too_large", f"inflates to {size:,} bytes or more; {MEMBER:,} are read")


def _failed(name: str, code: str, message: str) -> Member:
    return Member(name, error=DocumentError(name, code, message))
