"""A parsed web page or chapter as blocks: what is open while its elements are walked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.load.boilerplate import Around, hidden
from ingest.load.grid import Grid
from ingest.load.parsed import Builder, ruby
from rag.types import NOTHING, BlockKind

_BLOCKS: Final = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption
        figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav
        ol p pre search section summary table tbody td tfoot th thead tr ul xmp""",
    )
)
_KINDS: Final[dict[str, BlockKind]] = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    **dict.fromkeys(("li", "dt", "dd"), "list"),
    **dict.fromkeys(("pre", "listing", "xmp"), "code"),
    "blockquote": "quote",
}
_LISTS: Final = frozenset({"ul", "ol", "dl", "menu", "dir"})
_ANNOTATIONS: Final = frozenset({"rt", "rp", "rb", "rtc"})
_NO_LIST: Final = "h1, h2, h3, h4, h5, h6, table, pre, article, section, blockquote"
_NO_DATA: Final = "h1, h2, h3, pre"
_BREAK: Final = "\u2028"
_WIDE: Final = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\ufff9-\ufffb\U00020000-\U0003ffff"
_BETWEEN_WIDE = re.compile(f"(?<=[{_WIDE}])[ \t\r\f]*\n[ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE = re.compile("[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(f" ?{_BREAK} ?")
_FILE_NAME = re.compile(r"(?i)[^\s]*\.(?:png|jpe?g|gif|svg|webp|bmp)")
_NO_ALT: Final = frozenset(
    re.findall(r"\w+", "image photo picture logo icon spacer 画像 写真 図 图片 圖片 이미지 사진 아이콘")
)
_GLYPH = re.compile(r"(?i)\b(?:gaiji|emoji|emoticon|math|latex|tex|formula)")
_SPACE_BREAKERS = re.compile(r"(?i)pandoc|(?:libre|open)office")
_MOST_JUDGED: Final = 200_000
_DEEPEST: Final = 12
_LONG_CELL: Final = 400


def read(
    tree: LexborHTMLParser,
    builder: Builder | None = None,
    *,
    part: str = "",
    parts: Mapping[str, str] = NOTHING,
    whole: bool = False,
) -> Builder:
    """The page's blocks, in reading order.

    Args:
        tree: the page.
        builder: takes the blocks; a new one otherwise.
        part: the place of all of them.
        parts: the places that begin at the elements with these ids.
        whole: keep also what stands around the content (navigation, page header and footer, share buttons).
    """
    page = _Page(builder or Builder(), part, parts, None if whole else Around(tree), _breaks_at_spaces(tree))
    if tree.root is not None:
        for node, entering in _walk(tree.root, page):
            if entering:
                page.enter(node)
            else:
                page.leave(node)
    page.finish()
    return page.builder


def _walk(root: LexborNode, page: _Page) -> Iterator[tuple[LexborNode, bool]]:
    """Every node on the way in and on the way out; depth costs no recursion."""
    stack: list[tuple[LexborNode, bool]] = [(root, True)]
    while stack:
        node, entering = stack.pop()
        if entering and page.skips(node):
            continue
        yield node, entering
        if entering and not node.is_text_node:
            stack.append((node, False))
            child = node.last_child
            while child is not None:
                stack.append((child, True))
                child = child.prev


@dataclass(slots=True)
class _Ruby:
    """The bases and readings of an open ruby element; ``into`` is what text goes to now."""

    done: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=lambda: [""])
    readings: list[str] = field(default_factory=list)
    into: str = "rb"

    def begin(self, tag: str) -> None:
        if tag == "rt" and self.into != "rtc":
            self.readings.append("")
        elif tag == "rb":
            self._pair_if_read()
            if self.bases[-1]:
                self.bases.append("")
        self.into = "rtc" if self.into == "rtc" else tag

    def end(self, tag: str) -> None:
        if self.into != "rtc" or tag == "rtc":
            self.into = "rb"

    def say(self, text: str) -> None:
        if self.into == "rt":
            self.readings[-1] += text
        elif self.into == "rb" and text.strip():
            self._pair_if_read()
            self.bases[-1] += text

    def _pair_if_read(self) -> None:
        if self.readings:
            self.done.append(self._paired())
            self.bases, self.readings = [""], []

    def _paired(self) -> str:
        bases = [_SPACE.sub(" ", one).strip(" \n") for one in self.bases if one.strip()]
        if len(bases) == len(self.readings):
            return "".join(map(ruby, bases, self.readings))
        return ruby("".join(bases), "".join(self.readings))

    @property
    def text(self) -> str:
        return "".join((*self.done, self._paired()))


@dataclass(slots=True)
class _List:
    """The lines of an open list and the numbers that its items go by; None for bullets."""

    lines: list[str] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    marker: str = ""

    def begin(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        start = (attributes.get("start") or "1")[:9]
        self.numbers.append(None if tag != "ol" else int(start) if start.isdecimal() else 1)

    def item(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if tag != "li":
            self.marker = ": " if tag == "dd" else ""
            return
        number = self.numbers[-1] if self.numbers else None
        value = (attributes.get("value") or "")[:9]
        number = int(value) if number is not None and value.isdecimal() else number
        self.marker = "- " if number is None else f"{number}. "
        if number is not None:
            self.numbers[-1] = number + 1

    def add(self, text: str) -> None:
        indent = "  " * min(max(len(self.numbers) - 1, 0), _DEEPEST)
        for line in filter(None, map(str.strip, text.split("\n"))):
            self.lines.append(f"{indent}{self.marker or '  ' * bool(self.lines and indent)}{line}")
            self.marker = ""


@dataclass(slots=True)
class _Page:
    """What is read so far: finished blocks, and the text of the one that is open."""

    builder: Builder
    part: str
    parts: Mapping[str, str]
    around: Around | None
    spaced: bool
    _parts: list[str] = field(default_factory=list)
    _alts: list[str] = field(default_factory=list)
    _kinds: list[tuple[BlockKind, int]] = field(default_factory=list)
    _rubies: list[_Ruby] = field(default_factory=list)
    _nested: int = 0
    _list: _List | None = None
    _grid: Grid = field(default_factory=Grid)
    _tables: int = 0
    _articles: int = 0
    _heads: int = 0
    _judged: int = 0

    def skips(self, node: LexborNode) -> bool:
        """Whether the element and all below it are left out."""
        if not node.is_element_node:
            return not (node.is_text_node or node.is_document_node)
        tag, attributes = node.tag or "", node.attributes
        if tag == "button":
            return self.around is not None and (
                not self._kinds or self._kinds[-1][0] not in {"heading", "list"}
            )
        if hidden(tag, attributes):
            return True
        return self.around is not None and self.around.holds(
            node, tag, attributes, in_article=self._articles > 0
        )

    def enter(self, node: LexborNode) -> None:
        """A node begins."""
        tag = node.tag or ""
        if self.parts and node.is_element_node:
            self.part = self.parts.get(node.attributes.get("id") or "", self.part)
        if node.is_text_node:
            self._say(node.text_content or "")
        elif tag == "br":
            self._say(_BREAK)
        elif tag == "img":
            self._picture(node.attributes)
        elif tag == "ruby":
            self._nested += len(self._rubies) == _DEEPEST
            self._rubies += [_Ruby()] if len(self._rubies) < _DEEPEST else []
        elif tag in _ANNOTATIONS and self._rubies:
            self._rubies[-1].begin(tag)
        elif tag in _BLOCKS:
            self._open(node, tag)

    def leave(self, node: LexborNode) -> None:
        """A node ends."""
        tag = node.tag or ""
        if tag == "ruby" and self._nested:
            self._nested -= 1
        elif tag == "ruby" and self._rubies:
            self._say(self._rubies.pop().text)
        elif tag in _ANNOTATIONS and self._rubies:
            self._rubies[-1].end(tag)
        elif tag in _BLOCKS and not node.is_text_node:
            self._close(node, tag)

    def finish(self) -> None:
        """Close whatever is still open."""
        while self._rubies:
            self._say(self._rubies.pop().text)
        self.flush()

    def _say(self, text: str) -> None:
        if self._rubies:
            self._rubies[-1].say(text)
        else:
            self._parts.append(text)

    def _picture(self, attributes: Mapping[str, str | None]) -> None:
        """What a picture shows is said where it stands for a character, or where nothing else is."""
        alt = " ".join((attributes.get("alt") or "").split())
        if _GLYPH.search(attributes.get("class") or "") or (len(alt) == 1 and not alt.isascii()):
            self._say(alt)
        elif len(alt) > 1 and alt.lower() not in _NO_ALT and not _FILE_NAME.fullmatch(alt):
            self._alts.append(alt)

    def _open(self, node: LexborNode, tag: str) -> None:
        self.flush()
        if tag in {"article", "main"}:
            self._articles += 1
        kind = _kind(node, tag)
        if kind:
            self._kinds.append(kind)
        if tag == "table":
            self._tables += bool(self._tables or self._is_data(node))
        elif tag == "thead":
            self._heads += 1
        elif tag == "tr" and self._tables == 1:
            self._grid.row(heading=self._heads > 0)
        elif not self._tables:
            self._open_list(node, tag)

    def _open_list(self, node: LexborNode, tag: str) -> None:
        if tag in _LISTS and (self._list or self._is_list(node)):
            self._list = self._list or _List()
            self._list.begin(tag, node.attributes)
        elif tag in {"li", "dt", "dd"} and self._list:
            if tag == "dt" and len(self._list.numbers) == 1 and self._list.lines:
                self._end_list()
            self._list.item(tag, node.attributes)

    def _close(self, node: LexborNode, tag: str) -> None:
        if self._tables == 1 and tag in {"td", "th"}:
            attributes = node.attributes
            self._grid.cell(
                self._taken(),
                across=attributes.get("colspan"),
                down=attributes.get("rowspan"),
                heading=tag == "th",
            )
        elif tag == "caption" and self._tables == 1:
            self.builder.add("paragraph", self._taken(), part=self.part)
        else:
            self.flush()
        if tag in {"article", "main"}:
            self._articles -= 1
        if _kind(node, tag):
            self._kinds.pop()
        if tag == "table" and self._tables:
            self._end_table()
        elif tag == "thead":
            self._heads -= 1
        elif tag in _LISTS and self._list and not self._tables:
            self._list.numbers.pop()
            if not self._list.numbers:
                self._end_list()
                self._list = None

    def flush(self) -> None:
        """Close the open block; inside a table it is a space in the open cell."""
        if self._tables:
            self._parts.append(" ")
            return
        if not (self._parts or self._alts):
            return
        kind, level = self._kinds[-1] if self._kinds else ("paragraph", 0)
        if kind == "code":
            text = "".join(self._parts).replace(_BREAK, "\n")
            self._parts.clear()
            self._alts.clear()
        else:
            text = self._taken()
        if self._list and text:
            self._list.add(text)
        elif text:
            self.builder.add(kind, text, level=level, part=self.part)

    def _taken(self) -> str:
        text = _collapsed("".join(self._parts), self.spaced) or " ".join(self._alts)
        self._parts.clear()
        self._alts.clear()
        return text

    def _end_list(self) -> None:
        if self._list and self._list.lines:
            self.builder.add("list", "\n".join(self._list.lines), part=self.part)
            self._list.lines.clear()

    def _end_table(self) -> None:
        self._tables -= 1
        if not self._tables:
            self._parts.clear()
            grid, self._grid = self._grid, Grid()
            rows = grid.rows()
            self.builder.table(rows, part=self.part, at=[""] * len(rows))

    def _judge(self, cost: int = 50) -> bool:
        """Whether there is still time for a look at all that an element holds."""
        self._judged += cost
        return self._judged <= _MOST_JUDGED

    def _is_list(self, node: LexborNode) -> bool:
        """A list that holds headings, tables or code is read as blocks."""
        return self._judge() and node.css_first(_NO_LIST) is None

    def _is_data(self, table: LexborNode) -> bool:
        """A table for the layout is read as blocks: one that holds headings, tables or an article."""
        if not self._judge() or table.attributes.get("role") in {"presentation", "none"}:
            return False
        if table.css_first(_NO_DATA):
            return False
        if table.css_first("th, caption"):
            return True
        cells = len(table.css("td"))
        return (
            self._judge(cells)
            and cells > 1
            and len(table.css("table")) == 1
            and len(table.text()) < _LONG_CELL * cells
        )


def _kind(node: LexborNode, tag: str) -> tuple[BlockKind, int] | None:
    """Kind and level that an element gives to what is in it; paragraphs of Word have them by their style."""
    if tag in _KINDS:
        kind = _KINDS[tag]
        return kind, int(tag[1]) if kind == "heading" else 0
    style = (node.attributes.get("class") or "") if tag == "p" else ""
    if style.startswith("MsoList"):
        return "list", 0
    return ("heading", 1) if style == "MsoTitle" else None


def _breaks_at_spaces(tree: LexborHTMLParser) -> bool:
    """Whether the program that wrote the page ends its lines only where a space was."""
    generator = tree.css_first("head > meta[name=generator i]")
    return generator is not None and bool(_SPACE_BREAKERS.search(generator.attributes.get("content") or ""))


def _collapsed(text: str, spaced: bool) -> str:
    """White space as a browser shows it; a line break between two wide characters is none, or a space."""
    text = _SPACE.sub(" ", text if spaced else _BETWEEN_WIDE.sub("", text))
    return _AROUND_BREAK.sub("\n", text).strip()
