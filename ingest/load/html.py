"""HTML: the text a reader of the page sees, without its navigation, in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.decode import decode
from ingest.load.parsed import Builder, Parsed
from rag.types import BlockKind

_NEVER = frozenset(
    re.findall(
        r"\w+",
        """head script style template noscript iframe svg canvas object button select textarea rt rp rtc
        dialog datalist math""",
    )
)
_AROUND = frozenset({"nav", "header", "footer", "aside"})
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body caption center dd details div dl dt fieldset figcaption
        figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody
        td tfoot th thead tr ul""",
    )
)
_KINDS: dict[str, BlockKind] = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    "li": "list",
    "dt": "list",
    "dd": "list",
    "pre": "code",
    "blockquote": "quote",
}
_BREAK = "\u2028"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_BETWEEN_WIDE = re.compile(f"(?<=[{_WIDE}])[ \t\r\f]*\n[ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE = re.compile("[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(f" ?{_BREAK} ?")
_CHARSET = re.compile(
    rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)"""
)
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """An HTML page's own content. Raises DocumentError as `ingest.decode.decode`.

    Scripts, styles, navigation, page headers and footers and hidden elements are left out; of ruby the
    base text is kept; tables become Markdown rows.
    """
    decoded = decode(data, declared=_declared(data), override=encoding, name=name)
    tree = LexborHTMLParser(decoded.text)
    builder = _read(tree, _NEVER | _AROUND)
    if not builder.blocks:
        builder = _read(tree, _NEVER)
    title = tree.css_first("head > title")
    return Parsed(
        builder.text,
        builder.blocks,
        "text/html",
        title=" ".join(title.text().split()) if title else "",
        **decoded.facts(),
    )


def _declared(data: bytes) -> str | None:
    found = _CHARSET.search(data[:4096])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def _read(tree: LexborHTMLParser, dropped: frozenset[str]) -> Builder:
    page = _Page(dropped)
    if tree.root is not None:
        for node, entering in _walk(tree.root, page):
            if entering:
                page.enter(node)
            else:
                page.leave(node)
    page.flush()
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
class _Page:
    """What is read so far: finished blocks, and the text of the one that is open."""

    dropped: frozenset[str]
    builder: Builder = field(default_factory=Builder)
    _parts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _tables: int = 0

    def skips(self, node: LexborNode) -> bool:
        """Whether the element and all below it are left out."""
        if not node.is_element_node:
            return not (node.is_text_node or node.is_document_node)
        tag = node.tag or ""
        if tag in _AROUND and not {"article", "main"}.isdisjoint(self._open):
            return tag == "nav"
        attributes = node.attributes
        return (
            tag in self.dropped
            or "hidden" in attributes
            or bool(_INVISIBLE.search(attributes.get("style") or ""))
        )

    def enter(self, node: LexborNode) -> None:
        """A node begins."""
        tag = node.tag or ""
        if node.is_text_node:
            self._parts.append(node.text_content or "")
        elif tag == "br":
            self._parts.append(_BREAK)
        elif tag in _BLOCKS:
            self.flush()
            self._open.append(tag)
            if tag == "table" and (self._tables or _is_data(node)):
                self._tables += 1
            elif tag == "tr" and self._tables == 1:
                self._rows.append([])

    def leave(self, node: LexborNode) -> None:
        """A node ends."""
        tag = node.tag or ""
        if tag not in _BLOCKS or node.is_text_node:
            return
        if self._tables == 1 and tag in {"td", "th"}:
            self._end_cell()
        elif self._tables and tag == "table":
            self._tables -= 1
            self._end_table()
        elif self._tables and tag == "caption":
            self.builder.add("paragraph", self._taken())
        else:
            self.flush()
        self._open.pop()

    def flush(self) -> None:
        """Close the open block; inside a table it is a space in the open cell."""
        if self._tables:
            self._parts.append(" ")
        elif self._parts:
            kind, level = self._kind()
            text = "".join(self._parts).replace(_BREAK, "\n") if kind == "code" else self._taken()
            self._parts.clear()
            self.builder.add(kind, text, level=level)

    def _taken(self) -> str:
        text = _collapsed("".join(self._parts))
        self._parts.clear()
        return text

    def _kind(self) -> tuple[BlockKind, int]:
        for tag in reversed(self._open):
            if tag in _KINDS:
                return _KINDS[tag], int(tag[1]) if _KINDS[tag] == "heading" else 0
        return "paragraph", 0

    def _end_cell(self) -> None:
        text = self._taken().replace("\n", " ")
        if self._rows:
            self._rows[-1].append(text)

    def _end_table(self) -> None:
        if not self._tables:
            self._parts.clear()
            self.builder.table(self._rows)
            self._rows.clear()


def _is_data(table: LexborNode) -> bool:
    """A table that holds tables or headings is there for the layout: its cells are read as blocks."""
    return len(table.css("table")) == 1 and not any(table.css(one) for one in ("h1", "h2", "h3", "pre"))


def _collapsed(text: str) -> str:
    """White space as a browser shows it; a line break between two wide characters is none."""
    text = _SPACE.sub(" ", _BETWEEN_WIDE.sub("", text))
    return _AROUND_BREAK.sub("\n", text).strip()
