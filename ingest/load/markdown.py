"""Markdown: the source stays the text; blocks are spans into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.decode import decode
from ingest.load.parsed import Parsed
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
_ANCHOR = re.compile(r"\s*(?:\{/\*.*?\*/\}|\{#[^}]*\}|<a\s[^>]*>\s*</a>)")
_MARKS = re.compile(r"\A {0,3}#{1,6}(?=[ \t]|\Z)|(?<=[ \t])#+[ \t]*\Z|\n[ \t]*(?:=+|-+)[ \t]*\Z")


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """A Markdown file as it is, with its blocks. Raises DocumentError as `ingest.decode.decode`."""
    decoded = decode(data, override=encoding, name=name)
    text = clean(decoded.text)
    return Parsed(
        text,
        tuple(blocks(text)),
        "text/markdown",
        **decoded.facts(),
    )


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
