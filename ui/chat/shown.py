"""Answers and passages as HTML that loads nothing, links nowhere and runs nothing.

All text is escaped. Of Markdown only what shapes text is kept: paragraphs, lists, emphasis, code, tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from html import escape

from markdown_it import MarkdownIt

from rag.types import Answer, Chunk, Citation, Hit
from ui.chat.words import Words

STYLE = """<style>
.cj{line-height:1.75;overflow-wrap:anywhere}
.cj p{margin:0 0 .6em}
.cj sup.n{font-weight:600;color:#0b6b5d;margin:0 .1em}
.cj-source{border:1px solid rgba(128,128,128,.28);border-radius:.6rem;padding:.55rem .8rem;margin:0 0 .5rem}
.cj-source summary{cursor:pointer;font-size:.9rem}
.cj-source summary b{color:#0b6b5d;margin-right:.35em}
.cj-source .where{opacity:.7}
.cj-passage{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.75;font-size:.92rem;
max-height:20rem;overflow-y:auto;margin-top:.45rem;padding-top:.45rem;
border-top:1px solid rgba(128,128,128,.2)}
.cj-passage mark{background:#fff1a8;color:#1d1d1f;border-radius:.2em;padding:.05em .1em}
.cj-note{font-size:.82rem;opacity:.7}
</style>"""

_NUMBER = re.compile(r"\[(\d{1,3})\]")


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


def reply_html(text: str, numbers: Collection[int], lang: str) -> str:
    """A reply; ``[n]`` is set small where ``n`` is one of its citations."""
    body = _NUMBER.sub(lambda found: _number(found, numbers), _markdown().render(text))
    return f'<div class="cj" lang="{escape(lang)}">{body}</div>'


def question_html(text: str) -> str:
    """A question, as it was typed."""
    return f'<div class="cj" style="white-space:pre-wrap">{escape(text)}</div>'


def citation_html(citation: Citation, words: Words) -> str:
    """Number, file, page, headings; below them the passage with the quotation marked."""
    chunk = citation.chunk
    start, end = citation.start - chunk.start, citation.end - chunk.start
    before, quoted, after = chunk.text[:start], chunk.text[start:end], chunk.text[end:]
    passage = f"{escape(before)}<mark>{escape(quoted)}</mark>{escape(after)}"
    return _source(f"<b>[{citation.number}]</b>{_where(chunk, words)}", passage, chunk.lang, opened=True)


def hit_html(hit: Hit, words: Words) -> str:
    """A passage that was found and not quoted."""
    return _source(_where(hit.chunk, words), escape(hit.chunk.text), hit.chunk.lang, opened=False)


def note_html(answer: Answer, words: Words) -> str:
    """How the answer came about, and what it says of itself."""
    made = {
        "extracted": words("answer.extracted"),
        "answered": words("answer.written", model=answer.model),
    }.get(answer.outcome, "")
    lines = (escape(line) for line in (made, answer.notice) if line)
    return f'<div class="cj-note">{"<br>".join(lines)}</div>'


def literal(text: str) -> str:
    """Markdown that shows exactly this text: nothing in it is formatted, linked or loaded."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _number(found: re.Match[str], numbers: Collection[int]) -> str:
    return f'<sup class="n">{found[0]}</sup>' if int(found[1]) in numbers else found[0]


def _where(chunk: Chunk, words: Words) -> str:
    page = words("answer.page", page=chunk.page) if chunk.page is not None else ""
    rest = " · ".join(part for part in (page, " > ".join(chunk.headings)) if part)
    place = f' <span class="where">{escape(rest)}</span>' if rest else ""
    return f"{escape(chunk.document)}{place}"


def _source(head: str, passage: str, lang: str, *, opened: bool) -> str:
    return (
        f'<details class="cj-source"{" open" if opened else ""}><summary>{head}</summary>'
        f'<div class="cj-passage" lang="{escape(lang)}">{passage}</div></details>'
    )
