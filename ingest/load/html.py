"""HTML and saved web pages (.mht): the text a reader of the page sees, without its navigation, in blocks."""

from __future__ import annotations

import email
import email.message
import email.policy
import re
from collections.abc import Iterable, Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from ingest.decode import Decoded, decode
from ingest.load import web
from ingest.load.dates import iso_date
from ingest.load.parsed import Builder, Parsed
from rag.errors import DocumentError

_CHARSET = re.compile(
    rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)"""
)
_HEAD: Final = 16_384
_ARCHIVE = re.compile(rb"(?i)\A\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?(?:mime-version|content-type):")
_XHTML = re.compile(r"(?i)\A\s*<\?xml|<html[^>]{1,300}?xmlns")
_EMPTY_ELEMENT = re.compile(
    r"<([A-Za-z][\w:-]*)((?:\s[^<>\"'/]*+(?:\"[^\"]*\"|'[^']*'|/(?!>)|[^<>\"'/])*+)?)/>"
)
_VOID: Final = frozenset(
    re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr")
)
_DATES: Final = (
    "article:published_time", "datepublished", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date",
    "dcterms.created", "citation_publication_date", "citation_date", "pubdate", "date",
)  # fmt: skip
_AUTHORS: Final = ("author", "dc.creator", "dcterms.creator", "citation_author", "article:author")
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_LITTLE: Final = 60
_SMALL_SHARE: Final = 0.03


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """An HTML page's own content. Raises DocumentError as `ingest.decode.decode`.

    Scripts, styles, navigation, page headers and footers, banners, share buttons and hidden elements are
    left out, unless little were left; of ruby the reading is kept beside its base; tables become Markdown
    rows. Of a page saved as one file (.mht) the page itself is read.
    """
    if _ARCHIVE.match(data[:_HEAD]):
        pages = list(_saved(data, name, encoding))
        read = [_parsed(one) for one in pages]
        return next((one for one in read if one.text), read[0])
    return _parsed(decode(data, declared=declared(data), override=encoding, name=name))


def declared(data: bytes) -> str | None:
    """The encoding that a page says it has, in a meta element or its XML declaration."""
    found = _CHARSET.search(data[:_HEAD])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def tree_of(text: str) -> LexborHTMLParser:
    """The elements of HTML or XHTML; in the latter ``<title/>`` is an empty element."""
    if _XHTML.search(text[:2000]):
        text = _EMPTY_ELEMENT.sub(_with_end, text)
    return LexborHTMLParser(text)


def content(tree: LexborHTMLParser) -> Builder:
    """The page's blocks without what stands around them, or all where that would leave little."""
    builder = web.read(tree)
    if len(builder.text) < _LITTLE or len(builder.text) < _SMALL_SHARE * len(
        tree.root.text() if tree.root else ""
    ):
        whole = web.read(tree, whole=True)
        if not builder.blocks or len(whole.text) > 4 * len(builder.text):
            return whole
    return builder


def _parsed(decoded: Decoded) -> Parsed:
    tree = tree_of(decoded.text)
    facts = dict(_metadata(tree))
    found = {
        "date": next(filter(None, map(iso_date, _dates(tree, facts))), ""),
        "author": next((facts[one] for one in _AUTHORS if "://" not in facts.get(one, "://")), ""),
    }
    return content(tree).parsed(
        "text/html",
        title=_title(tree) or facts.get("og:title", ""),
        meta={key: value for key, value in found.items() if value},
        **decoded.facts(),
    )


def _with_end(found: re.Match[str]) -> str:
    return found[0] if found[1].lower() in _VOID else f"<{found[1]}{found[2]}></{found[1]}>"


def _title(tree: LexborHTMLParser) -> str:
    title = tree.css_first("head > title")
    return " ".join(title.text().split()) if title else ""


def _metadata(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """What meta elements say, by lower-case name; the first of a name is last, and so the one that counts."""
    for node in reversed(tree.css("meta[content]")):
        attributes = node.attributes
        key = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        value = " ".join((attributes.get("content") or "").split())
        if key and value:
            yield key.lower(), value


def _dates(tree: LexborHTMLParser, facts: dict[str, str]) -> Iterable[str | None]:
    """Where a page may say its date, the best place first."""
    for key in _DATES:
        yield facts.get(key)
    for script in tree.css('script[type="application/ld+json"]'):
        found = _PUBLISHED.search(script.text())
        yield found[1] if found else None
    for selector in (
        "time[itemprop=datePublished]",
        "article time[datetime]",
        "time[pubdate]",
        "time[datetime]",
    ):
        node = tree.css_first(selector)
        yield node.attributes.get("datetime") if node else None


def _saved(data: bytes, name: str, encoding: str | None) -> Iterator[Decoded]:
    """The pages of a multipart file, the one it was saved for first."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    pages = [
        one for one in message.walk() if one.get_content_type() in {"text/html", "application/xhtml+xml"}
    ]
    if not pages:
        raise DocumentError(name, "broken", "is a saved web page without the page; save it again")
    for part in pages:
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            yield decode(
                body, declared=part.get_content_charset() or declared(body), override=encoding, name=name
            )
