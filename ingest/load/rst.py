"""reStructuredText: the source stays the text; blocks are spans into it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from ingest.decode import decode
from ingest.load.dates import iso_date
from ingest.load.parsed import Parsed
from rag.text.clean import clean
from rag.types import Block, BlockKind

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+[ \t]*\Z")
_SIMPLE_TABLE = re.compile(r"=+(?: +=+)+[ \t]*\Z")
_GRID = re.compile(r"\+(?:[-=]+\+)+[ \t]*\Z")
_ITEM = re.compile(r"(?:[-*+•‣⁃]|#\.|\(?(?:\d{1,4}|[A-Za-z#]|[ivxlcdmIVXLCDM]{1,8})[.)])(?:[ \t]+|\Z)")
_FIELD = re.compile(r":(?![: ])[^:\n]{1,60}:(?:[ \t]|\Z)")
_DIRECTIVE = re.compile(r"\.\. +(?:\|[^|\n]+\| +)?([\w:.+-]+?) ?::(?:[ \t]|\Z)")
_NOTE_TARGET = re.compile(r"\.\. +\[[^\]\n]+\](?: |\Z)")
_DOCTEST: Final = ">>> "
_KINDS: Final[dict[str, BlockKind]] = {
    **dict.fromkeys(("list-table", "toctree", "contents"), "list"),
    **dict.fromkeys(
        re.findall(
            r"[\w-]+",
            """code code-block sourcecode highlight literalinclude math raw parsed-literal prompt doctest
            testcode testoutput testsetup productionlist csv-table image include index meta role default-role
            graphviz digraph uml mermaid replace unicode autoclass automodule autofunction""",
        ),
        "code",
    ),
}
_INLINE: Final = (
    (re.compile(r":[\w:.+-]{1,40}:`([^`<\n]*?)\s*(?:<[^`>\n]*>)?`"), r"\1"),
    (re.compile(r"`([^`<\n]*?)\s*<[^`>\n]*>`__?"), r"\1"),
    (re.compile(r"``([^`\n]+)``|`([^`\n]+)`_{0,2}|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|\|([^|\n]+)\|_?"), None),
    (re.compile(r"\\ |\\(.)"), r"\1"),
)
_AUTHOR = re.compile(r"(?im)^:(?:authors?|作者|著者|저자):[ \t]+(.{1,200})$")
_DATE = re.compile(r"(?im)^:(?:date|日期|日付|날짜|작성일):[ \t]+(.{1,100})$")
_SHORTEST_RULE: Final = 4


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """A reStructuredText file as it is, with its blocks. Raises DocumentError as `ingest.decode.decode`.

    Headings rank in the order in which their underlines appear; comments are code, as literal blocks are.
    """
    decoded = decode(data, override=encoding, name=name)
    text = clean(decoded.text)
    author, date = _AUTHOR.search(text[:5000]), _DATE.search(text[:5000])
    found = {"date": iso_date(date[1]) if date else "", "author": author[1].strip() if author else ""}
    return Parsed(
        text,
        tuple(_Scan(text).blocks()),
        "text/x-rst",
        meta={key: value for key, value in found.items() if value},
        **decoded.facts(),
    )


def heading_title(source: str) -> str:
    r"""The words of a heading, without its lines and inline markup.

    Example:
        >>> heading_title("========\n**用法** :ref:`導入 <intro>`\n========")
        '用法 導入'
    """
    lines = source.split("\n")
    title = next((line for line in lines if line.strip() and not _ADORNMENT.match(line.strip())), source)
    for pattern, replacement in _INLINE:
        title = pattern.sub(replacement or (lambda found: next(filter(None, found.groups()))), title)
    return " ".join(title.split())


@dataclass(slots=True)
class _Scan:
    """Goes down the lines of a text; `regions` are the directives whose content is being read."""

    text: str
    lines: list[str] = field(init=False)
    starts: list[int] = field(init=False)
    regions: list[tuple[int, int]] = field(default_factory=list)
    styles: list[tuple[str, bool]] = field(default_factory=list)
    prefix: int = -1
    literal: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        self.lines = self.text.expandtabs(1).split("\n")
        self.starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        at = 0
        while at < len(self.lines):
            while self.regions and at >= self.regions[-1][0]:
                self.regions.pop()
            if not self.lines[at].strip():
                at += 1
                continue
            margin = self.regions[-1][1] if self.regions else 0
            kind, end, level = self._next(at, margin)
            if kind is not None:
                start = self.prefix if self.prefix >= 0 else self.starts[at]
                self.prefix = -1
                yield self._block(kind, start, end, level)
            at = end

    def _block(self, kind: BlockKind, start: int, end: int, level: int) -> Block:
        stop = self.starts[end] - 1
        return Block(kind, start, start + len(self.text[start:stop].rstrip()), level=level)

    def _next(self, at: int, margin: int) -> tuple[BlockKind | None, int, int]:
        """The kind of the block that begins here, the line behind it, and its level."""
        line = self.lines[at][margin:] if self._indent(at) >= margin else self.lines[at].lstrip()
        if at == self.literal[0]:
            return "code", self.literal[1], 0
        if line[0] == " ":
            return "quote", self._while_indented(at, margin), 0
        heading = self._heading(at, line) if margin == 0 else 0
        if heading:
            overlined = bool(_ADORNMENT.match(line))
            return "heading", at + (3 if overlined else 2), heading
        if line.startswith("..") and (len(line.rstrip()) == 2 or line[2] == " "):
            return self._explicit(at, line, margin)
        if _SIMPLE_TABLE.match(line):
            return "table", self._simple_table(at), 0
        if _GRID.match(line):
            return "table", self._run(at, margin, "+|"), 0
        if line.startswith((_DOCTEST, "__ ")):
            return "code", self._paragraph(at), 0
        if _ITEM.match(line) or _FIELD.match(line):
            return "list", self._list(at, margin), 0
        return self._text(at, margin)

    def _indent(self, at: int) -> int:
        return len(self.lines[at]) - len(self.lines[at].lstrip(" "))

    def _heading(self, at: int, line: str) -> int:
        """The level of a heading that begins here, 0 where none does."""
        following = self.lines[at + 1 : at + 3]
        over = _ADORNMENT.match(line)
        if over and len(following) == 2 and following[1].rstrip() == line.rstrip():
            title = following[0].strip()
            return self._level(line[0], True) if title and self._covers(line, title) else 0
        under = _ADORNMENT.match(following[0]) if following and not over else None
        if under and self._covers(following[0], line) and (at == 0 or not self._is_text(at - 1)):
            return self._level(following[0][0], False)
        return 0

    def _is_text(self, at: int) -> bool:
        """Whether a paragraph goes on from this line, so that the next is no heading."""
        return (
            bool(self.lines[at].strip()) and not _ADORNMENT.match(self.lines[at]) and self.lines[at][0] != "."
        )

    def _covers(self, rule: str, title: str) -> bool:
        """Whether a line of punctuation is long enough; many count a wide character as one."""
        return len(rule.rstrip()) >= min(_width(title.rstrip()), _SHORTEST_RULE)

    def _level(self, mark: str, overlined: bool) -> int:
        style = (mark, overlined)
        if style not in self.styles:
            self.styles.append(style)
        return self.styles.index(style) + 1

    def _explicit(self, at: int, line: str, margin: int) -> tuple[BlockKind | None, int, int]:
        """A directive, a footnote, a target or a comment."""
        if len(line.rstrip()) == 2 and not (self.lines[at + 1 :] and self.lines[at + 1].strip()):
            return "code", at + 1, 0  # an empty comment ends what is before it, and holds nothing
        end = self._while_indented(at + 1, margin)
        directive = _DIRECTIVE.match(line)
        if directive is None:
            return ("paragraph" if _NOTE_TARGET.match(line) else "code"), end, 0
        kind = _KINDS.get(directive[1].rpartition(":")[2])
        body = self._body(at + 1, end)
        if kind or body >= end:
            return kind or "paragraph", end, 0
        self.prefix = self.starts[at] if self.prefix < 0 else self.prefix
        self.regions.append((end, self._indent(body)))
        return None, body, 0

    def _body(self, at: int, end: int) -> int:
        """Where the content of a directive begins, behind its options."""
        while at < end and (not self.lines[at].strip() or _FIELD.match(self.lines[at].lstrip())):
            at += 1
        return at

    def _text(self, at: int, margin: int) -> tuple[BlockKind, int, int]:
        """A paragraph, or a term with its definition; a literal block that it announces is the next block."""
        end = self._paragraph(at)
        if at + 1 < end and self._indent(at + 1) > margin:
            return "list", self._while_indented(at + 1, margin), 0
        if self.lines[end - 1].rstrip().endswith("::"):
            self._announce(end, margin)
        return "paragraph", end, 0

    def _announce(self, at: int, margin: int) -> None:
        """Mark the indented lines from here on as a literal block."""
        first = next((one for one in range(at, len(self.lines)) if self.lines[one].strip()), len(self.lines))
        if first < len(self.lines) and self._indent(first) > margin:
            self.literal = (first, self._while_indented(first, margin))

    def _paragraph(self, at: int) -> int:
        while at < len(self.lines) and self.lines[at].strip():
            at += 1
        return at

    def _while_indented(self, at: int, margin: int) -> int:
        """The line behind those that are indented deeper, blank ones among them."""
        end = at
        while at < len(self.lines) and (not self.lines[at].strip() or self._indent(at) > margin):
            at += 1
            end = at if self.lines[at - 1].strip() else end
        return end

    def _list(self, at: int, margin: int) -> int:
        """The line behind a list: its items, what is indented below them, and lines that go on lazily."""
        end = at + 1
        while end < len(self.lines):
            line = self.lines[end]
            if not line.strip():
                following = self._first_text(end)
                if following >= len(self.lines) or not self._goes_on(following, margin):
                    break
                end = following
            elif not self._goes_on(end, margin):
                break
            end += 1
        return end

    def _first_text(self, at: int) -> int:
        while at < len(self.lines) and not self.lines[at].strip():
            at += 1
        return at

    def _goes_on(self, at: int, margin: int) -> bool:
        line = self.lines[at][margin:]
        return self._indent(at) > margin or (
            self._indent(at) == margin and bool(_ITEM.match(line) or _FIELD.match(line))
        )

    def _run(self, at: int, margin: int, marks: str) -> int:
        while at < len(self.lines) and self.lines[at][margin : margin + 1] in tuple(marks):
            at += 1
        return at

    def _simple_table(self, at: int) -> int:
        """The line behind the last border: the one that a blank line follows."""
        end = at + 1
        while end < len(self.lines):
            is_border = bool(_SIMPLE_TABLE.match(self.lines[end].lstrip()))
            end += 1
            if is_border and (end >= len(self.lines) or not self.lines[end].strip()):
                return end
        return self._paragraph(at)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
