"""Mail: one message (.eml) or a box of them (.mbox), what is written in it, and the files attached."""

from __future__ import annotations

import email
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, Final, TypeAlias

from selectolax.lexbor import LexborHTMLParser

from ingest.decode import Decoded
from ingest.load import web
from ingest.load.mailtext import decoded, header, unflowed
from ingest.load.parsed import Builder, Member, Parsed
from rag.errors import DocumentError
from rag.text.clean import clean

Mail: TypeAlias = "Message[str, str]"

_FROM = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n(?=[!-9;-~]+:)")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_SHOWN: Final = ("From", "To", "Cc", "Date")
_ENCRYPTED: Final = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
)
_SIGNATURES: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_STUB: Final = 4
"""So many times the plain text must an HTML text be to be read in its place."""

_PGP: Final = "-----BEGIN PGP MESSAGE-----"
_DAMAGE: Final = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
_EXTENSIONS: Final = {
    "text/html": ".html",
    "text/csv": ".csv",
    "text/calendar": ".ics",
    "application/pdf": ".pdf",
}


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The messages of a file, each under its subject; the files attached are its members.

    Of a message in several forms the plain text is read, the HTML where there is none. Charsets are
    hints. Pictures inside of the text and signatures are left out.

    Raises:
        DocumentError: ``encrypted`` where nothing of the only message can be read; ``broken``.
    """
    raw = data.lstrip(b"\r\n\xef\xbb\xbf")
    starts = [found.start() for found in _FROM.finditer(raw)]
    builder = Builder()
    if raw.startswith(b"From ") and starts:
        return _box(_split(raw, starts), builder, name, encoding)
    reading = _Reading(name, encoding, builder)
    message = _message(raw, name)
    reading.message(message)
    if reading.encrypted and not reading.readable:
        raise DocumentError(
            name, "encrypted", "is an encrypted message; save it decrypted from the mail program"
        )
    return builder.parsed(
        "message/rfc822",
        title=reading.subject,
        meta=reading.meta,
        members=_members(message, name) if reading.files else (),
        **reading.facts(),
    )


def _box(messages: list[bytes], builder: Builder, name: str, encoding: str | None) -> Parsed:
    """All messages as one document; the place of each is its number."""
    reading = _Reading(name, encoding, builder)
    for number, raw in enumerate(messages, 1):
        reading.part = f"message {number}"
        reading.message(_message(raw, name))
    return builder.parsed(
        "application/mbox",
        title=Path(name).stem,
        members=_members_of_all(messages, name) if reading.files else (),
        **reading.facts(),
    )


def _split(raw: bytes, starts: list[int]) -> list[bytes]:
    ends = [*starts[1:], len(raw)]
    pieces = (raw[start:end].partition(b"\n")[2] for start, end in zip(starts, ends, strict=True))
    return [_ESCAPED.sub(rb"\1", one) for one in pieces]


def _message(raw: bytes, name: str) -> Mail:
    try:
        return email.message_from_bytes(raw)
    except _DAMAGE as error:
        raise DocumentError(name, "broken", f"is a damaged message: {error}") from error


def _header(message: Mail, key: str, name: str) -> str:
    """A header decoded; empty where there is none."""
    found = next((value for one, value in message.raw_items() if one.lower() == key.lower()), "")
    return clean(header(str(found), name))


# -- text ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """What is read of the messages so far."""

    name: str
    encoding: str | None
    builder: Builder
    part: str = ""
    subject: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    encrypted: int = 0
    readable: bool = False
    files: int = 0
    _worst: Decoded | None = None

    def message(self, message: Mail) -> None:
        """Headers, then every part that is text."""
        self.subject = _header(message, "Subject", self.name)
        date, author = _date(_header(message, "Date", self.name)), _header(message, "From", self.name)
        who = email.utils.parseaddr(author)
        self.meta = {
            key: value
            for key, value in (("date", date[:10]), ("author", who[0] or who[1] or author))
            if value
        }
        self.builder.add("heading", self.subject, level=1, part=self.part)
        shown = ((key, _header(message, key, self.name)) for key in _SHOWN)
        lines = [f"{key}: {date if key == 'Date' and date else value}" for key, value in shown if value]
        self.builder.add("paragraph", "\n".join(lines), part=self.part)
        for kind, part in _parts(message):
            if kind == "encrypted":
                self.encrypted += 1
            elif kind == "text":
                self._text(part)
            else:
                self.files += 1

    def _text(self, part: Mail) -> None:
        body = _payload(part)
        if not body.strip():
            return
        found = decoded(body, _charset(part), self.name, self.encoding)
        if self._worst is None or found.confidence < self._worst.confidence:
            self._worst = found
        if part.get_content_type() == "text/html":
            web.read(LexborHTMLParser(found.text), self.builder, part=self.part, whole=True)
        else:
            self._plain(clean(found.text), part)
        self.encrypted += _PGP in found.text
        self.readable |= _PGP not in found.text

    def _plain(self, text: str, part: Mail) -> None:
        """Paragraphs between blank lines, quoted ones apart."""
        if str(part.get_param("format")).lower() == "flowed":
            text = unflowed(text, joined=str(part.get_param("delsp")).lower() == "yes")
        for paragraph in re.split(r"\n[\s　]*\n", text):
            for quoted, lines in _runs(paragraph):
                self.builder.add("quote" if quoted else "paragraph", lines, part=self.part)

    def facts(self) -> dict[str, Any]:
        """How the text was decoded, where least surely."""
        facts: dict[str, Any] = self._worst.facts() if self._worst else {"warnings": ()}
        facts["warnings"] += (f"encrypted_parts={self.encrypted}",) if self.encrypted else ()
        return facts


def _runs(paragraph: str) -> Iterator[tuple[bool, str]]:
    """Lines that are quoted, and those that are not, in turn."""
    lines: list[str] = []
    quoted = False
    for line in paragraph.split("\n"):
        if lines and line.startswith(">") != quoted:
            yield quoted, "\n".join(lines)
            lines = []
        quoted = line.startswith(">")
        lines.append(line)
    yield quoted, "\n".join(lines)


def _date(text: str) -> str:
    """A date of a message as ISO 8601 with its time; empty where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).isoformat(" ", "minutes")
    except _DAMAGE:
        return ""


def _charset(part: Mail) -> str | None:
    try:
        return part.get_content_charset()
    except _DAMAGE:
        return None


def _payload(part: Mail) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except _DAMAGE:
        return b""
    return payload if isinstance(payload, bytes) else b""


# -- parts ---------------------------------------------------------------------------------------------


def _parts(message: Mail) -> Iterator[tuple[str, Mail]]:
    """The parts in order: ``text`` to be read, a ``file``, or ``encrypted``; depth costs no recursion."""
    stack = [message]
    while stack:
        part = stack.pop()
        kind = part.get_content_type()
        if kind in _ENCRYPTED:
            yield "encrypted", part
        elif kind == "message/rfc822" and part is not message:
            yield "file", part
        elif part.is_multipart():
            stack += reversed(_alternative(part) if kind == "multipart/alternative" else _children(part))
        elif _is_file(part, kind):
            yield "file", part
        elif kind in {"text/plain", "text/html"} or (kind.startswith("text/") and part is message):
            yield "text", part


def _children(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _alternative(part: Mail) -> list[Mail]:
    """Of several forms of one text the plain one, where it is no mere remark on the HTML; else the last."""
    children = _children(part)
    plain = [one for one in children if one.get_content_type() == "text/plain" and _payload(one).strip()]
    readable = [one for one in children if one.get_content_type() == "text/html" or one.is_multipart()]
    if plain and readable and _is_stub(plain[0], readable[-1]):
        return readable[-1:]
    return plain[:1] or readable[-1:] or children[-1:]


def _is_stub(plain: Mail, other: Mail) -> bool:
    """Whether plain text ("this message is in HTML") says a small part of what the other form does."""
    pages = [one for one in (other, *_children(other)) if one.get_content_type() == "text/html"]
    if not pages:
        return False
    try:
        short, long = (decoded(_payload(one), _charset(one), "").text for one in (plain, pages[0]))
    except DocumentError:
        return False
    body = web.read(LexborHTMLParser(long), whole=True).text
    return _STUB * len("".join(short.split())) < len("".join(body.split()))


def _is_file(part: Mail, kind: str) -> bool:
    """Whether the part is attached; pictures that the text shows and signatures are not."""
    attached = part.get_content_disposition() == "attachment"
    if kind in _SIGNATURES or (kind.startswith("image/") and not attached):
        return False
    return attached or bool(part.get_filename()) or kind.split("/")[0] not in {"text", "message"}


# -- attached files ------------------------------------------------------------------------------------


def _members_of_all(messages: list[bytes], name: str) -> Iterator[Member]:
    for number, raw in enumerate(messages, 1):
        for member in _members(_message(raw, name), name):
            yield Member(f"message {number}/{member.name}", member.data, member.error)


def _members(message: Mail, name: str) -> Iterator[Member]:
    for number, (_, part) in enumerate((one for one in _parts(message) if one[0] == "file"), 1):
        called = _file_name(part, name) or f"{number}{_EXTENSIONS.get(part.get_content_type(), '')}"
        if part.get_content_type() == "message/rfc822":
            yield _forwarded(part, called, name)
        else:
            yield Member(called, _payload(part))


def _forwarded(part: Mail, called: str, name: str) -> Member:
    called = called if called.lower().endswith(".eml") else f"{called}.eml"
    try:
        return Member(called, _children(part)[0].as_bytes())
    except _DAMAGE as error:
        return Member(called, error=DocumentError(name, "broken", f"is a damaged message: {error}"))


def _file_name(part: Mail, name: str) -> str:
    """The name of an attached file, in whatever way its program wrote it."""
    for parameter, key in (("filename", "content-disposition"), ("name", "content-type")):
        value = part.get_param(parameter, header=key)
        if isinstance(value, tuple):
            charset, _, text = value
            return decoded(text.encode("latin-1", "replace"), charset, name).text.strip()
        if value:
            return header(str(value), name)
    return ""
