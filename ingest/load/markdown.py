"""Markdown: the source stays the text; blocks are spans into it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.decode import decode
from ingest.load.dates import iso_date
from ingest.load.parsed import Parsed, plain, ruby
from rag.text.clean import clean
from rag.types import Block, BlockKind

_INLINE: Final = MarkdownIt("commonmark")
_BLOCKS: Final = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_KINDS: Final[dict[str, BlockKind]] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "html_block": "paragraph",
    "hr": "paragraph",
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quote",
}
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_FACTS: Final = (
    ("date", re.compile(r"(?i)^(?:date|published|日期|日付)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)),
    ("author", re.compile(r"(?i)^(?:authors?|作者|著者)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)),
)
_RUBY = re.compile(
    r"<ruby>(?P<html>[^`\n]{1,500}?)</ruby>"
    r"|\{(?P<base>[\u3400-\u9fff\uf900-\ufaff々〆ヶ\U00020000-\U0003ffff]{1,20})\|(?P<kana>[ぁ-ゖァ-ヺー・|]{1,60})\}"
)
_RUBY_PAIR = re.compile(r"(.*?)(?:<rp>[^<]*</rp>)?<rt>(.*?)(?:</rt>|(?=<r)|\Z)(?:<rp>[^<]*</rp>)?", re.DOTALL)
_RUBY_TAG = re.compile(r"</?r[bpt]c?>")
_ANCHOR = re.compile(r"\s*(?:\{/\*.*?\*/\}|\{#[^}]*\}|<a\s[^>]*>\s*</a>)")
_MARKS = re.compile(r"\A {0,3}#{1,6}(?=[ \t]|\Z)|(?<=[ \t])#+[ \t]*\Z|\n[ \t]*(?:=+|-+)[ \t]*\Z")


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """A Markdown file as it is but for its ruby, with its blocks.

    Raises DocumentError as `ingest.decode.decode`.
    """
    decoded = decode(data, override=encoding, name=name)
    text, readings = plain(_with_readings(clean(decoded.text)))
    return Parsed(
        text,
        tuple(blocks(text)),
        "text/markdown",
        readings=tuple(readings),
        meta=dict(_facts(text)),
        **decoded.facts(),
    )


def _facts(text: str) -> Iterator[tuple[str, str]]:
    """Date and author, where the front matter says them."""
    front = _FRONT_MATTER.match(text)
    for key, pattern in _FACTS if front else ():
        found = pattern.search(text, 0, front.end() if front else 0)
        value = found[1].strip("\"'[] ") if found else ""
        value = iso_date(value) if key == "date" else value
        if value:
            yield key, value


def _with_readings(text: str) -> str:
    """The text with its ruby (``<ruby>``, ``{漢字|かんじ}``) as `ruby` marks it, but for code."""
    if not _RUBY.search(text):
        return text
    code = [(one.start, one.end) for one in blocks(text) if one.kind == "code"]

    def marked(found: re.Match[str]) -> str:
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        before = bisect_right(code, (found.start(), len(text))) - 1
        if line.count("`") % 2 or (before >= 0 and found.start() < code[before][1]):
            return found[0]
        if found["base"]:
            return ruby(found["base"], found["kana"].replace("|", ""))
        pairs = _RUBY_PAIR.findall(found["html"])
        return "".join(ruby(_RUBY_TAG.sub("", base), reading) for base, reading in pairs) or found[0]

    return _RUBY.sub(marked, text)


def heading_title(source: str) -> str:
    """The words of a heading without its Markdown.

    Example:
        >>> heading_title("## **`useState`** 的[用法](/docs) {/*usage*/}")
        'useState 的用法'
    """
    front = _FRONT_MATTER.match(source)
    title = _TITLE.search(source) if front else None
    if title:
        return title[1].strip("\"'")
    bare = _ANCHOR.sub("", _MARKS.sub("", source)).strip()
    tokens = _INLINE.parseInline(bare)
    words = "".join(
        child.content if child.type in {"text", "code_inline"} else " " * child.type.endswith("break")
        for token in tokens
        for child in token.children or ()
    )
    return " ".join(words.split()) or bare


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text, its front matter as a heading where it has a title."""
    front = _FRONT_MATTER.match(text)
    offset = front.end() if front else 0
    if front:
        title = _TITLE.search(text, 0, offset)
        kind: BlockKind = "heading" if title else "code"
        yield Block(kind, 0, len(text[:offset].rstrip()), level=1 if title else 0)
    yield from _parsed(text[offset:], offset)


def _parsed(text: str, offset: int) -> Iterator[Block]:
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for token in _BLOCKS.parse(text):
        if token.level == 0 and token.map and token.type in _KINDS:
            start, end = starts[token.map[0]], min(starts[token.map[1]], len(text))
            end -= len(text[start:end]) - len(text[start:end].rstrip())
            if start < end:
                yield Block(_KINDS[token.type], offset + start, offset + end, level=_level(token))


def _level(token: Token) -> int:
    return int(token.tag[1:]) if token.type == "heading_open" else 0
