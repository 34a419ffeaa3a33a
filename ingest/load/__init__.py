"""Files to Documents: the type by content first, then by extension."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from ingest.hints import ENCODING
from ingest.load import markdown, rst, text
from ingest.load.kinds import EXTENSIONS, sniff
from ingest.load.parsed import Member, Parsed
from ingest.signs import signs
from rag.errors import DocumentError
from rag.text.clean import clean
from rag.text.language import detect
from rag.types import Document, Source

__all__ = [
    "EXTENSIONS",
    "LOADERS",
    "heading_text",
    "parse",
    "parse_all",
    "read",
    "read_all",
    "shown",
    "shown_name",
    "sniff",
]

Loader: TypeAlias = Callable[[bytes, str, str | None], Parsed]
Loaded: TypeAlias = Document | DocumentError

# The module of each kind that `sniff` names; imported when the first such file comes.
LOADERS: Final = re.findall(
    r"\w+",
    """text markdown rst html csv json subtitles mail code pdf docx pptx sheets odf rtf epub hwpx hwp
    legacy archive image""",
)
NAMESPACE: Final = uuid.UUID("6b1f5c1e-5d0e-5d6f-9b61-0f6f5d0c2a47")
_SEARCHABLE: Final = re.compile("[^\\W_]|[\ue000-\uf8ff]")  # letters, digits, and characters of a font's own
DEPTH: Final = 2
"""How deep files inside files are opened: an archive in an archive is, one in that is not."""


def read(
    path: Path, *, root: Path | None = None, name: str | None = None, encoding: str | None = None
) -> Document:
    """The document in a file, without the files that are inside it.

    Args:
        path: the file.
        root: the folder that its name is relative to; without it the file's own name is taken.
        name: the name itself, where the caller knows it; the id is made from it.
        encoding: of text files, where it is known; it is found out otherwise.

    Raises:
        DocumentError: ``unreadable``, ``empty``, ``binary``, ``undecodable``, ``unsupported``, ``broken``,
            ``encrypted``, ``no_text``, ``garbled`` or ``too_large``.

    Example:
        >>> read(Path("examples/ja/勤怠.txt")).source.encoding     # doctest: +SKIP
        'cp932'
    """
    name = name or shown_name(path, root)
    return parse(_bytes(path, name), name=name, path=shown(path), encoding=encoding)


def read_all(
    path: Path, *, name: str, encoding: str | None = None, hint: str | None = None
) -> Iterator[tuple[str, Loaded]]:
    """The document in a file, then those of the files inside it (archives, attachments), one by one.

    ``hint`` is the encoding that files beside it have; it decides where the bytes leave it open.

    Yields:
        A name and the document, or why there is none. The first is the file itself; a file that is nothing
        but its members has a document without text. Members are named ``archive.zip/member.txt``, each name
        once; one that comes again as an error says that the members of that file end there.
    """
    try:
        data = _bytes(path, name)
    except DocumentError as error:
        yield name, error
        return
    known = ENCODING.set(hint)
    try:
        yield from parse_all(data, name=name, path=shown(path), encoding=encoding)
    finally:
        ENCODING.reset(known)


def parse_all(
    data: bytes, *, name: str, path: str = "", encoding: str | None = None
) -> Iterator[tuple[str, Loaded]]:
    """As `read_all`, of bytes that came with that name."""
    return _all(data, name, path, encoding, DEPTH, {name})


def _all(
    data: bytes, name: str, path: str, encoding: str | None, depth: int, taken: set[str]
) -> Iterator[tuple[str, Loaded]]:
    try:
        parsed = _parsed(data, name, encoding)
        yield name, _document(data, parsed, name, path)
    except DocumentError as error:
        yield name, error
        return
    try:
        for member in parsed.members:
            inner = _free(f"{name}/{shown_member(member.name)}", taken)
            yield from _member(member, inner, path, encoding, depth, taken)
    except DocumentError as error:
        yield name, error


def _member(
    member: Member, name: str, path: str, encoding: str | None, depth: int, taken: set[str]
) -> Iterator[tuple[str, Loaded]]:
    if member.error is not None:
        yield name, DocumentError(name, member.error.code, member.error.message)
    elif depth == 0:
        yield name, DocumentError(name, "nested", f"lies more than {DEPTH} archives deep; unpack it")
    else:
        yield from _all(member.data, name, path, encoding, depth - 1, taken)


def _free(name: str, taken: set[str]) -> str:
    """The name, numbered where another file in the same one has it already."""
    whole = PurePosixPath(name)
    free, number = name, 1
    while free in taken:
        number += 1
        free = str(whole.with_name(f"{whole.stem} ({number}){whole.suffix}"))
    taken.add(free)
    return free


def parse(data: bytes, *, name: str, path: str = "", encoding: str | None = None) -> Document:
    """The document in bytes that came with that name. Raises as `read`."""
    parsed = _parsed(data, name, encoding)
    document = _document(data, parsed, name, path)
    if not document.text.strip():
        raise DocumentError(name, "container", "holds only other files; it is read as their folder")
    return document


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(name, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _parsed(data: bytes, name: str, encoding: str | None) -> Parsed:
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DocumentError(name, "empty", "holds nothing")
    kind = sniff(data, name)
    if find_spec(f"ingest.load.{kind}") is None:
        raise DocumentError(name, "unsupported", f"is a file of the kind {kind}, which is not read yet")
    load: Loader = import_module(f"ingest.load.{kind}").load
    parsed = load(data, name, encoding)
    if not _SEARCHABLE.search(parsed.text) and parsed.members == ():
        raise DocumentError(name, "empty", "holds no text")
    return parsed


def _document(data: bytes, parsed: Parsed, name: str, path: str) -> Document:
    return Document(
        id=str(uuid.uuid5(NAMESPACE, name)),
        text=parsed.text,
        blocks=parsed.blocks,
        source=_source(data, parsed, name, path),
        lang=detect(parsed.text),
        title=parsed.title or _first_heading(parsed) or Path(name).stem,
        meta=parsed.meta,
        places=parsed.places,
        readings=parsed.readings,
    )


def shown_name(path: Path, root: Path | None = None) -> str:
    """The path relative to the root (its last part without one) with ``/``, composed, fit to be stored."""
    return unicodedata.normalize("NFC", shown(path.relative_to(root) if root else Path(path.name)))


def shown_member(name: str) -> str:
    """The name of a file inside another: composed, with ``/``, without parts that would climb out of it."""
    parts = unicodedata.normalize("NFC", clean(name)).replace("\\", "/").replace("\n", " ").split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "unnamed"


def shown(path: Path) -> str:
    """The path with ``/``; bytes that are no UTF-8 are shown as U+FFFD, line ends as spaces."""
    raw = path.as_posix().encode("utf-8", "surrogateescape")
    return clean(raw.decode("utf-8", "replace")).replace("\n", " ")


def _source(data: bytes, parsed: Parsed, name: str, path: str) -> Source:
    return Source(
        name=name,
        path=path,
        media_type=parsed.media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        encoding=parsed.encoding,
        confidence=parsed.confidence,
        suspicious=parsed.suspicious,
        warnings=parsed.warnings if parsed.encoding else (*parsed.warnings, *signs(parsed.text)),
    )


def _first_heading(parsed: Parsed) -> str:
    for block in parsed.blocks:
        if block.kind == "heading":
            return heading_text(parsed.text[block.start : block.end], parsed.media_type)
    return ""


def heading_text(source: str, media_type: str) -> str:
    """The words of a heading, without what marks it as one in its format."""
    if media_type == "text/markdown":
        return markdown.heading_title(source)
    if media_type == "text/x-rst":
        return rst.heading_title(source)
    return text.heading_title(source) if media_type == "text/plain" else " ".join(source.split())
