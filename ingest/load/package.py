"""Zip packages (Office, OpenDocument, EPUB, HWPX): their entries, whatever their headers claim."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from lxml import etree

from rag.errors import DocumentError

ENTRIES: Final = 10_000
ENTRY: Final = 400_000_000
INFLATED: Final = 1_000_000_000
RATIO: Final = 200
UNSUSPICIOUS: Final = 50_000_000
"""What a package may inflate to whatever its ratio."""

DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, etree.LxmlError, EOFError, LookupError,
    NotImplementedError, OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip
"""What reading a damaged package raises, in zipfile, zlib and lxml."""

_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_LOCAL_HEADER: Final = 30


class Package:
    """The entries of a zip file in memory; nothing is inflated before it is asked for.

    Args:
        data: the whole file.
        name: of the file, for errors.
        entries: the most entries it may have.
        inflated: the most bytes that all that is read may come to.

    Attributes:
        names: of the entries that are files, in the order of the directory, with ``/``.
        warnings: stable words for what was mended on the way (``source_damaged``).

    Raises:
        DocumentError: ``too_large`` for a bomb by its headers (sizes, ratio, number of entries); ``broken``
            for damage, overlapping entries, a name that comes twice or climbs out of the package.

    Example:
        >>> package = Package(data, "規程.docx")                              # doctest: +SKIP
        >>> package.xml("word/document.xml").tag                              # doctest: +SKIP
        '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document'
    """

    def __init__(self, data: bytes, name: str, *, entries: int = ENTRIES, inflated: int = INFLATED) -> None:
        self._name = name
        self._left = inflated
        self.warnings: tuple[str, ...] = ()
        with damage(name):
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        listed = self._archive.infolist()
        self._refuse_bombs(listed, len(data), entries)
        self._refuse_overlaps(listed, self._archive.start_dir)
        self._entries = self._named(one for one in listed if not one.is_dir())
        self.names = tuple(self._entries)

    def __contains__(self, entry: str) -> bool:
        return entry in self._entries

    def read(self, entry: str, limit: int = ENTRY) -> bytes:
        """The bytes of an entry.

        Raises:
            DocumentError: ``too_large`` where it has more than ``limit`` bytes, or all that was read
                more than a package may have; ``encrypted``; ``broken`` where it is damaged or not there.
        """
        return b"".join(self.chunks(entry, limit))

    def chunks(self, entry: str, limit: int = ENTRY) -> Iterator[bytes]:
        """The bytes of an entry, a mebibyte at a time. Raises as `read`."""
        info = self._entries.get(entry)
        if info is None:
            raise DocumentError(self._name, "broken", f"has no part {entry}")
        if info.flag_bits & _ENCRYPTED:
            raise DocumentError(self._name, "encrypted", "is protected by a password; save a copy without")
        done = 0
        with damage(self._name), self._archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                done += len(piece)
                self._left -= len(piece)
                if done > limit or self._left < 0:
                    raise DocumentError(self._name, "too_large", f"inflates beyond measure: {entry}")
                yield piece

    def xml(self, entry: str, limit: int = ENTRY) -> Any:
        """The root element of an entry. Raises as `read`, and ``broken`` where it is no XML at all.

        An entry with ill-formed XML is read as far as it goes; ``warnings`` tells it.
        """
        return self.parse(self.read(entry, limit))

    def parse(self, data: bytes) -> Any:
        """The root element of XML that was read from an entry. As `xml`."""
        try:
            return xml(data, self._name)
        except DocumentError:
            with damage(self._name):
                root = etree.fromstring(data, _parser(recover=True))
            if root is None:
                raise
            self.warnings = ("source_damaged",)
            return root

    def _refuse_bombs(self, listed: list[zipfile.ZipInfo], size: int, entries: int) -> None:
        inflated = sum(one.file_size for one in listed)
        if len(listed) > entries:
            raise DocumentError(self._name, "too_large", f"has {len(listed):,} entries; {entries:,} are read")
        if inflated > self._left or (inflated > UNSUSPICIOUS and inflated > RATIO * size):
            raise DocumentError(self._name, "too_large", f"inflates to {inflated:,} bytes")

    def _refuse_overlaps(self, listed: list[zipfile.ZipInfo], directory: int) -> None:
        """Entries that share their bytes inflate to what their sum does not tell."""
        starts = sorted(listed, key=lambda one: one.header_offset)
        ends = [one.header_offset for one in starts[1:]] + [directory]
        for entry, end in zip(starts, ends, strict=False):
            if entry.header_offset + _LOCAL_HEADER + entry.compress_size > end:
                raise DocumentError(self._name, "broken", f"has entries that overlap: {entry.filename}")

    def _named(self, listed: Iterator[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        named: dict[str, zipfile.ZipInfo] = {}
        for one in listed:
            entry = one.filename.replace("\\", "/").lstrip("/")
            if ".." in entry.split("/"):
                raise DocumentError(self._name, "broken", f"has an entry that climbs out of it: {entry}")
            if entry in named:
                raise DocumentError(self._name, "broken", f"has two entries of one name: {entry}")
            named[entry] = one
        return named


@contextmanager
def damage(name: str, what: str = "archive or Office document") -> Iterator[None]:
    """Turns whatever a damaged file raises into DocumentError ``broken``."""
    try:
        yield
    except DocumentError:
        raise
    except DAMAGE as error:
        raise DocumentError(name, "broken", f"is a damaged {what}: {error}") from error


def xml(data: bytes, name: str) -> Any:
    """The root element of XML in bytes; entities are not resolved, nothing is fetched.

    Raises:
        DocumentError: ``broken`` where it is not well-formed.
    """
    with damage(name):
        return etree.fromstring(data, _parser())


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
