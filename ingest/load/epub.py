"""EPUB: the chapters of a book in the order of its spine, named as its table of contents names them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from ingest.decode import Decoded, decode
from ingest.load import html, web
from ingest.load.dates import iso_date
from ingest.load.package import Package
from ingest.load.parsed import Builder, Parsed
from rag.errors import DocumentError

_FONTS_ONLY: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTERS: Final = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_MOST_CHAPTERS: Final = 5000


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the table of contents: its title, the chapter's file, the place in it, how deep it lies."""

    title: str
    file: str
    anchor: str
    depth: int


@dataclass(slots=True)
class _Book:
    """What the package document says: files in reading order, and what is known of the book."""

    chapters: list[str] = field(default_factory=list)
    contents: list[_Entry] = field(default_factory=list)
    title: str = ""
    meta: dict[str, Any] = field(default_factory=dict)


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a book; the place of each block is its chapter.

    Raises:
        DocumentError: ``encrypted`` where the book is protected, ``no_text`` where it is pictures only,
            and as `ingest.load.package.Package`.
    """
    package = Package(data, name)
    _refuse_protection(package, name)
    book = _book(package, name)
    builder = Builder()
    worst: Decoded | None = None
    part = ""
    for chapter in book.chapters[:_MOST_CHAPTERS]:
        page = package.read(chapter)
        if not page.strip():
            continue
        decoded = decode(page, declared=html.declared(page), override=encoding, name=name)
        worst = decoded if worst is None or decoded.confidence < worst.confidence else worst
        part, parts = _parts(book.contents, chapter, part)
        web.read(html.tree_of(decoded.text), builder, part=part, parts=parts, whole=True)
        part = list(parts.values())[-1] if parts else part
    if not builder.blocks:
        raise DocumentError(name, "no_text", "has no text in it, only pictures")
    facts = {"suspicious": worst.suspicious} if worst else {}
    return builder.parsed(
        "application/epub+zip", title=book.title, meta=book.meta, warnings=package.warnings, **facts
    )


def _refuse_protection(package: Package, name: str) -> None:
    if "META-INF/encryption.xml" not in package:
        return
    methods = package.xml("META-INF/encryption.xml").iter("{*}EncryptionMethod")
    if any(one.get("Algorithm") not in _FONTS_ONLY for one in methods):
        raise DocumentError(name, "encrypted", "is protected by its shop (DRM); get a copy without")


def _parts(contents: list[_Entry], chapter: str, before: str) -> tuple[str, dict[str, str]]:
    """The title that a chapter's file begins under, and those that begin at places in it."""
    entries = [one for one in contents if one.file == chapter]
    top = min((one.depth for one in entries), default=0)
    entries = [one for one in entries if one.depth == top]
    part = next((one.title for one in entries if not one.anchor), "")
    parts = {one.anchor: one.title for one in reversed(entries) if one.anchor}
    if not part and len(entries) == 1:
        part, parts = entries[0].title, {}
    return part or before, parts


# -- the package document ------------------------------------------------------------------------------


def _book(package: Package, name: str) -> _Book:
    opf = _package_document(package, name)
    root = package.xml(opf)
    items = {one.get("id", ""): one for one in root.iter("{*}item")}
    book = _Book(title=_said(root, "title"))
    order = [items[one.get("idref")] for one in root.iter("{*}itemref") if one.get("idref") in items]
    order = order or list(items.values())
    for item in order:
        file = _resolved(opf, item.get("href", ""))
        is_contents = "nav" in (item.get("properties") or "").split()
        if item.get("media-type") in _CHAPTERS and file in package and not is_contents:
            book.chapters.append(file)
    for item in items.values():
        file = _resolved(opf, item.get("href", ""))
        if file in package and not book.contents:
            book.contents = list(_contents(package, item, file))
    found = {"date": iso_date(_said(root, "date")), "author": _said(root, "creator")}
    book.meta = {key: value for key, value in found.items() if value}
    return book


def _package_document(package: Package, name: str) -> str:
    container = package.xml("META-INF/container.xml")
    for file in container.iter("{*}rootfile"):
        path = posixpath.normpath(str(file.get("full-path", "")))
        if path in package:
            return path
    found = next((one for one in package.names if one.endswith(".opf")), None)
    if found is None:
        raise DocumentError(name, "broken", "is an EPUB without its list of contents (.opf); save it again")
    return found


def _said(root: Any, term: str) -> str:
    """What the metadata says, several values side by side; of titles and dates the first."""
    texts = [
        " ".join("".join(one.itertext()).split())
        for one in root.iter(f"{{http://purl.org/dc/elements/1.1/}}{term}")
    ]
    texts = [one for one in texts if one]
    return ", ".join(texts if term == "creator" else texts[:1])


def _resolved(base: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(href)))


# -- the table of contents -----------------------------------------------------------------------------


def _contents(package: Package, item: Any, file: str) -> Iterator[_Entry]:
    """Entries of the navigation document (EPUB 3) or of the NCX (EPUB 2); nothing of another file."""
    if "nav" in (item.get("properties") or "").split():
        links = (
            (" ".join(one.text().split()), one.attributes.get("href") or "", _depth_of_link(one))
            for one in html.tree_of(package.read(file).decode("utf-8", "replace")).css(
                "nav:not([hidden]) a[href]"
            )
        )
    elif item.get("media-type") == "application/x-dtbncx+xml":
        links = (
            (_label(one), _target(one), sum(1 for _ in one.iterancestors("{*}navPoint")))
            for one in package.xml(file).iter("{*}navPoint")
        )
    else:
        return
    for title, href, depth in links:
        target, _, anchor = href.partition("#")
        yield _Entry(title, _resolved(file, target) if target else file, unquote(anchor), depth)


def _depth_of_link(link: Any) -> int:
    depth, parent = 0, link.parent
    while parent is not None and depth < 50:
        depth += parent.tag == "ol"
        parent = parent.parent
    return depth


def _label(point: Any) -> str:
    label = point.find("{*}navLabel")
    return " ".join("".join(label.itertext()).split()) if label is not None else ""


def _target(point: Any) -> str:
    content = point.find("{*}content")
    return str(content.get("src", "")) if content is not None else ""
