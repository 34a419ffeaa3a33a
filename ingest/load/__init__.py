"""Files to Documents: the type by content first, then by extension."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from ingest.decode import looks_binary
from ingest.load import docx, html, markdown, pdf, text
from ingest.load.parsed import Parsed
from rag.errors import DocumentError
from rag.text.clean import clean
from rag.text.language import detect
from rag.types import Document, Source

Loader: TypeAlias = Callable[[bytes, str, str | None], Parsed]

LOADERS: Final[dict[str, Loader]] = {
    "text": text.load,
    "markdown": markdown.load,
    "html": html.load,
    "pdf": pdf.load,
    "docx": docx.load,
}
EXTENSIONS: Final = {
    **dict.fromkeys((".txt", ".text", ".log"), "text"),
    **dict.fromkeys((".md", ".markdown", ".mkd", ".mdx"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    ".pdf": "pdf",
    ".docx": "docx",
}
NAMESPACE: Final = uuid.UUID("6b1f5c1e-5d0e-5d6f-9b61-0f6f5d0c2a47")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"(?i)\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html[\s>])",
    re.DOTALL,
)
_OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF document"),
)
_OFFICE = {
    "xl/workbook.xml": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint file",
    "Contents/content.hpf": "a Hangul (HWPX) document",
    "META-INF/container.xml": "an EPUB book",
    "content.xml": "an OpenDocument file",
}
_LETTERS = re.compile(r"\.[a-z][a-z0-9_-]*")


def read(
    path: Path, *, root: Path | None = None, name: str | None = None, encoding: str | None = None
) -> Document:
    """The document in a file.

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
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(name, "unreadable", f"cannot be read: {error.strerror or error}") from error
    return parse(data, name=name, path=shown(path), encoding=encoding)


def parse(data: bytes, *, name: str, path: str = "", encoding: str | None = None) -> Document:
    """The document in bytes that came with that name. Raises as `read`."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DocumentError(name, "empty", "holds nothing")
    parsed = LOADERS[sniff(data, name)](data, name, encoding)
    if not parsed.text.strip():
        raise DocumentError(name, "empty", "holds no text")
    return Document(
        id=str(uuid.uuid5(NAMESPACE, name)),
        text=parsed.text,
        blocks=parsed.blocks,
        source=_source(data, parsed, name, path),
        lang=detect(parsed.text),
        title=parsed.title or _first_heading(parsed) or Path(name).stem,
    )


def sniff(data: bytes, name: str) -> str:
    """Which loader reads these bytes. Raises DocumentError where none does."""
    suffix = Path(name).suffix.lower()
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _in_zip(data, name)
    if data.startswith(_OLE):
        raise _in_ole(data, name)
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise _not_text(name, what)
    expected = EXTENSIONS.get(suffix)
    if expected in {"pdf", "docx"}:
        raise DocumentError(name, "broken", f"is no {suffix[1:].upper()} file, or its beginning is lost")
    if expected is None and (_LETTERS.fullmatch(suffix) or looks_binary(data)):
        known = " ".join(sorted(EXTENSIONS))
        raise DocumentError(name, "unsupported", f"is of a type that is not read; read are {known}")
    return "html" if _HTML.match(data[:4096]) else expected or "text"


def _not_text(name: str, what: str) -> DocumentError:
    """What came under the name of a type that is read is a failure; the rest is only not for us."""
    expected = EXTENSIONS.get(Path(name).suffix.lower())
    if expected is None:
        return DocumentError(name, "unsupported", f"is {what}; it is not read")
    code = "broken" if expected in {"pdf", "docx"} else "binary"
    return DocumentError(name, code, f"is {what}, whatever its name says")


def shown_name(path: Path, root: Path | None = None) -> str:
    """The path relative to the root (its last part without one) with ``/``, composed, fit to be stored."""
    return unicodedata.normalize("NFC", shown(path.relative_to(root) if root else Path(path.name)))


def shown(path: Path) -> str:
    """The path with ``/``; bytes that are no UTF-8 are shown as U+FFFD, line ends as spaces."""
    raw = path.as_posix().encode("utf-8", "surrogateescape")
    return clean(raw.decode("utf-8", "replace")).replace("\n", " ")


def _in_zip(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise DocumentError(name, "broken", f"is a damaged archive or Office document: {error}") from error
    if "word/document.xml" in entries:
        return "docx"
    raise _not_text(
        name, next((what for entry, what in _OFFICE.items() if entry in entries), "a zip archive")
    )


def _in_ole(data: bytes, name: str) -> DocumentError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return DocumentError(name, "encrypted", "is protected by a password; save a copy without")
    return _not_text(name, "an old Office or Hangul document (save it as .docx or .pdf)")


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
    return text.heading_title(source) if media_type == "text/plain" else " ".join(source.split())
