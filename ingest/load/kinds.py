"""Which loader reads a file: by what its bytes are, then by its extension."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Final

from ingest.decode import looks_binary
from rag.errors import DocumentError

CODE: Final = frozenset(
    re.findall(
        r"\S+",
        """.py .pyi .js .mjs .cjs .jsx .ts .tsx .vue .svelte .java .kt .kts .scala .groovy .c .h .cc
        .cpp .cxx .hpp .hh .cs .go .rs .swift .m .mm .php .rb .pl .pm .lua .r .jl .dart .ex .exs .erl .hs .clj
        .lisp .el .sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .less .yaml .yml .toml .ini .cfg .conf
        .properties .gradle .cmake .mk .proto .graphql .tf .xml .xsd .xsl .svg .plist .po .pot .tex .bib .vb
        .bas .pas .asm .diff .patch""",
    )
)
EXTENSIONS: Final[dict[str, str]] = {
    **dict.fromkeys(CODE, "code"),
    **dict.fromkeys((".txt", ".text", ".log"), "text"),
    **dict.fromkeys((".md", ".markdown", ".mkd", ".mdx"), "markdown"),
    **dict.fromkeys((".rst", ".rest"), "rst"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".mht", ".mhtml"), "html"),
    **dict.fromkeys((".csv", ".tsv", ".tab"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"), "json"),
    **dict.fromkeys((".srt", ".vtt", ".smi"), "subtitles"),
    **dict.fromkeys((".eml", ".mbox"), "mail"),
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), "docx"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"), "pptx"),
    **dict.fromkeys(
        (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm", ".xls", ".xlt", ".et", ".ods", ".ots", ".fods"),
        "sheets",
    ),
    **dict.fromkeys((".odt", ".odp", ".ott", ".otp", ".fodt", ".fodp"), "odf"),
    **dict.fromkeys((".doc", ".ppt", ".dot", ".pps", ".wps", ".dps"), "legacy"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"), "archive"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"), "image"),
    ".pdf": "pdf",
    ".epub": "epub",
    ".rtf": "rtf",
    ".hwpx": "hwpx",
    ".hwp": "hwp",
}
TEXTUAL: Final = frozenset({"text", "markdown", "rst", "html", "csv", "json", "subtitles", "mail", "code"})

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"(?i)\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html[\s>])",
    re.DOTALL,
)
_FLAT = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<office:document\s[^>]*opendocument\.(\w+)"""
)
_PRETENDED: Final = {"legacy": "text", ".xls": "csv"}
_MAGIC: Final = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
)
_OTHERS: Final = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it, or make it a .zip"),
    (b"Rar!\x1a", "a RAR archive; unpack it, or make it a .zip"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%!PS", "a PostScript file; make it a .pdf"),
    (b"HWP Document File V", "a Hangul document of before 2002; save it as .hwpx"),
)
_IN_ZIP: Final = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "sheets",
    "xl/workbook.bin": "sheets",
    "Contents/content.hpf": "hwpx",
    "META-INF/container.xml": "epub",
}
_FOLDERS: Final = {"word": "docx", "ppt": "pptx", "xl": "sheets"}
_OPEN_DOCUMENT: Final = {"spreadsheet": "sheets", "text": "odf", "presentation": "odf"}
_IN_OLE: Final = (
    ("FileHeader", "hwp"),
    ("WordDocument", "legacy"),
    ("PowerPoint Document", "legacy"),
    ("Workbook", "sheets"),
    ("Book", "sheets"),
)
_LETTERS = re.compile(r"\.[a-z][a-z0-9_-]*")


def sniff(data: bytes, name: str) -> str:
    """The loader for these bytes: a key of `ingest.load.LOADERS`.

    Raises:
        DocumentError: ``unsupported`` where none reads them; ``broken`` or ``binary`` where they are not what
            their name says; ``encrypted``.
    """
    suffix = Path(name).suffix.lower()
    expected = EXTENSIONS.get(suffix)
    if b"%PDF-" in data[:1024] and expected not in TEXTUAL - {"text"}:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(data, name)
    if data.startswith(_OLE):
        return _in_ole(data, name)
    for magic, kind in _MAGIC:
        if not data.startswith(magic):
            continue
        if kind == "image" and expected not in (None, "image"):
            raise not_read(name, "a picture")
        if not (kind == "archive" and expected in TEXTUAL):
            return kind
    if data[257:262] == b"ustar" or suffix == ".tar":
        return "archive"
    if (data.startswith(b"RIFF") and data[8:12] == b"WEBP") or _bitmap(data):
        return "image"
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise not_read(name, what)
    return _textual(data, name, suffix, expected)


def _bitmap(data: bytes) -> bool:
    """Whether the bytes are a BMP: its two letters alone may begin any text."""
    return data.startswith(b"BM") and data[6:10] == bytes(4) and int.from_bytes(data[14:18], "little") < 200


def _textual(data: bytes, name: str, suffix: str, expected: str | None) -> str:
    if expected not in TEXTUAL - {"code"} and b"urn:schemas-microsoft-com:office:spreadsheet" in data[:2048]:
        return "sheets"
    if flat := _FLAT.match(data[:16_384]):
        return "sheets" if flat[1].endswith(b"spreadsheet") else "odf"
    if expected is not None and expected not in TEXTUAL:
        pretended = _PRETENDED.get(suffix) or _PRETENDED.get(expected)
        if pretended and not looks_binary(data):  # as old programs and web pages save .doc and .xls
            return "html" if _HTML.match(data[:4096]) else pretended
        raise DocumentError(name, "broken", f"is no {suffix[1:].upper()} file, or its beginning is lost")
    if expected is None and (_LETTERS.fullmatch(suffix) or looks_binary(data)):
        known = " ".join(sorted(EXTENSIONS.keys() - CODE))
        raise DocumentError(
            name, "unsupported", f"is of a type that is not read; read are {known} and source code"
        )
    if expected in (None, "text") and _HTML.match(data[:4096]):
        return "html"
    return expected or "text"


def not_read(name: str, what: str) -> DocumentError:
    """What came under the name of a type that is read is a failure; the rest is only not for us."""
    expected = EXTENSIONS.get(Path(name).suffix.lower())
    if expected is None or expected in {"archive", "hwp"}:
        return DocumentError(name, "unsupported", f"is {what}; it is not read")
    code = "binary" if expected in TEXTUAL else "broken"
    return DocumentError(name, code, f"is {what}, whatever its name says")


def _in_zip(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {one.replace("\\", "/").lstrip("/") for one in archive.namelist()}
            kind = ""
            if "mimetype" in entries:
                with archive.open("mimetype") as stream:  # all of it may be a bomb
                    kind = stream.read(200).decode("ascii", "replace")
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError, KeyError) as error:
        if EXTENSIONS.get(Path(name).suffix.lower()) == "archive":
            return "archive"  # what comes before the damage can be read
        raise DocumentError(name, "broken", f"is a damaged archive or Office document: {error}") from error
    if "opendocument" in kind:
        found = next((one for word, one in _OPEN_DOCUMENT.items() if word in kind), None)
        if found is None:
            raise not_read(name, f"an OpenDocument file of another kind ({kind})")
        return found
    if found := next((one for entry, one in _IN_ZIP.items() if entry in entries), None):
        return found
    folders = {one.split("/")[0] for one in entries} if "[Content_Types].xml" in entries else set()
    return next((one for folder, one in _FOLDERS.items() if folder in folders), "archive")


def _in_ole(data: bytes, name: str) -> str:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise DocumentError(name, "encrypted", "is protected by a password; save a copy without")
    if holds("__properties_version1.0"):
        raise not_read(name, "an Outlook message; save it as .eml")
    found = [kind for stream, kind in _IN_OLE if holds(stream)]
    if found:  # a document in another one has its streams there too
        expected = EXTENSIONS.get(Path(name).suffix.lower())
        return expected if expected in found else found[0]
    raise not_read(name, "an old Office document of an unknown kind; save it as .docx or .pdf")
