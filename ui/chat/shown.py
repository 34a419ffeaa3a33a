"""Answers and passages as HTML that loads nothing, links nowhere and runs nothing.

All text is escaped. Of Markdown only what shapes text is kept: paragraphs, lists, emphasis, code, tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from html import escape

from markdown_it import MarkdownIt

from rag.text.graphemes import between_characters
from rag.types import Answer, Chunk, Citation, Hit
from ui.chat.words import Words

STYLE = """<style>
.stMainBlockContainer{padding-top:3.5rem}
.stMainBlockContainer h1{font-size:1.9rem}
.cj{line-height:1.75;overflow-wrap:anywhere}
.cj p{margin:0 0 .6em}
.cj sup.n{font-weight:700;margin:0 .1em}
.cj-source{border:1px solid rgba(128,128,128,.28);border-radius:.6rem;padding:.55rem .8rem}
.cj-source .head{font-size:.9rem;margin-bottom:.25rem}
.cj-source .head b{margin-right:.35em}
.cj-source .where{opacity:.7;margin-left:.35em}
.cj-source summary{cursor:pointer;font-size:.82rem;opacity:.75}
.cj-passage{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.7;font-size:.92rem}
.cj-source details .cj-passage{max-height:24rem;overflow-y:auto;margin-top:.4rem;padding-top:.4rem;
border-top:1px solid rgba(128,128,128,.2)}
.cj-passage mark{background:#fff1a8;color:#1d1d1f;border-radius:.2em;padding:.05em .1em;
unicode-bidi:isolate}
.cj-note{font-size:.82rem;opacity:.7}
</style>"""

_BLANK_LINES = re.compile(r"\n\s*\n")
_AROUND = 50  # characters shown on each side of a quotation
_CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
_NUMBER = re.compile(r"\[(\d{1,3})\]")


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference", "entity"])


def reply_html(text: str, numbers: Collection[int], lang: str) -> str:
    """A reply; ``[n]`` is set small where ``n`` is one of its citations, never in code."""
    parts = _CODE.split(_markdown().render(text))
    parts[::2] = [_NUMBER.sub(lambda found: _number(found, numbers), part) for part in parts[::2]]
    body = "".join(parts)
    return f'<div class="cj" lang="{escape(lang)}">{body}</div>'


def question_html(text: str) -> str:
    """A question, as it was typed."""
    return f'<div class="cj" style="white-space:pre-wrap">{escape(text)}</div>'


def citation_html(citation: Citation, words: Words) -> str:
    """Where it stands; the quotation marked, with a little around it; the whole passage to open."""
    chunk = citation.chunk
    whole = _marked(chunk.text, *citation.span)
    near = _marked(chunk.text, *citation.span, around=_AROUND)
    head = f"<b>[{citation.number}]</b>{_where(citation, words)}{_how(citation, words)}"
    return _source(head, near, "" if near == whole else whole, chunk.lang, words)


def hit_html(hit: Hit, words: Words) -> str:
    """A passage that was found and not quoted: its beginning, what it grew to from there on."""
    chunk = hit.chunk
    text = chunk.text
    near = _marked(text, _begins(chunk), _begins(chunk), around=2 * _AROUND)
    return _source(_where(chunk, words), near, escape(text) if "…" in near else "", chunk.lang, words)


def note_html(answer: Answer, words: Words) -> str:
    """How the answer came about, and what it says of itself."""
    made = {
        "extracted": words("answer.extracted"),
        "answered": words("answer.written", model=answer.model),
    }.get(answer.outcome, "")
    notice = "" if answer.outcome == "failed" else answer.notice  # shown as an error
    lines = (escape(line) for line in (made, notice) if line)
    return f'<div class="cj-note">{"<br>".join(lines)}</div>'


def literal(text: str) -> str:
    """Markdown that shows exactly this text: nothing in it is formatted, linked or loaded."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _number(found: re.Match[str], numbers: Collection[int]) -> str:
    return f'<sup class="n">{found[0]}</sup>' if int(found[1]) in numbers else found[0]


def _where(one: Chunk | Citation, words: Words) -> str:
    document = one.chunk.document if isinstance(one, Citation) else one.document
    page = words("answer.page", page=one.page) if one.page is not None else ""
    rest = " · ".join(part for part in (page, one.place, " > ".join(one.headings)) if part)
    place = f' <span class="where">{escape(rest)}</span>' if rest else ""
    return f"{escape(document)}{place}"


def _how(citation: Citation, words: Words) -> str:
    """What the answer made of the words, where it does not simply quote them."""
    if citation.match == "exact":
        return ""
    return f' <span class="where">({escape(words(f"answer.{citation.match}"))})</span>'


def _begins(chunk: Chunk) -> int:
    """Where in its text the chunk begins that was found, before it grew."""
    starts = [one.start for one in chunk.parts if one.id == chunk.id]
    return starts[0] - chunk.start if starts else 0


def _marked(text: str, start: int, end: int, *, around: int | None = None) -> str:
    """The text with ``[start, end)`` marked; with ``around``, only so many characters on each side."""
    first = 0 if around is None or start <= around else start - around
    last = len(text) if around is None or end + around >= len(text) else end + around
    while not between_characters(text, first):
        first -= 1
    while not between_characters(text, last):
        last += 1
    before = ("…" if first else "") + text[first:start]
    after = text[end:last] + ("…" if last < len(text) else "")
    if around is not None:
        before, after = _BLANK_LINES.sub("\n", before), _BLANK_LINES.sub("\n", after)
    quoted = f"<mark>{escape(text[start:end])}</mark>" if end > start else ""
    return f"{escape(before)}{quoted}{escape(after)}"


def _source(head: str, near: str, whole: str, lang: str, words: Words) -> str:
    def passage(inner: str) -> str:
        return f'<div class="cj-passage" lang="{escape(lang)}">{inner}</div>'

    more = ""
    if whole:
        more = f"<details><summary>{escape(words('answer.whole'))}</summary>{passage(whole)}</details>"
    return f'<div class="cj-source"><div class="head">{head}</div>{passage(near)}{more}</div>'
