"""What a reply gives as somebody else's words: between quotation marks, or as a block quote."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rag.answer.marks import code_spans, groups, unmarked
from rag.answer.pairs import Pair, pairs

Kind: TypeAlias = Literal["quotation", "title", "block"]

_BLOCK = re.compile(r"(?:^[ \t]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_BEGUN = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_EMPTY_LINE = re.compile(r"(?:^|\n)[ \t>]*\n|\Z")
_CREDIT = re.compile(
    r"(?:\A|\n)[ \t>]*(?:——?|―|--|[（(]?(?:出典|引用元|来源|來源|出處|出处|출처|source|from)[ \t]*[:：])"
    r"[^\n]*\Z",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\A\s*(?:\*\*[^*\n。.!?！？]{1,40}\*\*[:：]?|[^\n。.!?！？]{1,40}[:：](?:\*\*)?)[ \t]*\n(?=.*\w)"
)
_LEAD_IN = re.compile(r"[^\n]*[:：][ \t*]*\Z")


@dataclass(frozen=True, slots=True)
class Quotation:
    """``reply[start:end]`` is the quotation with its marks, ``text`` its words without citation marks.

    ``closed`` is false where the reply leaves it open.
    """

    start: int
    end: int
    text: str
    kind: Kind = "quotation"
    closed: bool = True


def quotations(reply: str) -> list[Quotation]:
    """The quotations of a reply, outermost only, in order; none from its code.

    They stand between 「」『』 “” "" ‘’ '' «» ‹› ｢｣ or behind ``>`` at the beginning of lines; 《》 and 〈〉
    hold titles. A block quote that holds a quotation and, before it, at most a lead-in, is that quotation.

    Example:
        >>> [(one.text, one.kind) for one in quotations("《员工手册》说：“年假为七天[1]。”")]
        [('员工手册', 'title'), ('年假为七天。', 'quotation')]
    """
    code = code_spans(reply)
    marks = [group.span() for group in groups(reply)]
    found = [_between(reply, pair, marks) for pair in pairs(reply, [*code, *marks])]
    blocks = [one for one in _blocks(reply, marks) if not any(a <= one.start < b for a, b in code)]
    blocks = [one for one in blocks if not _frames(reply, one, found)]
    kept: list[Quotation] = []
    for one in sorted((*blocks, *found), key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _between(reply: str, pair: Pair, marks: Sequence[tuple[int, int]]) -> Quotation:
    end = pair.end
    if not pair.closed:
        end = next((start for start, _ in marks if pair.start < start < end), end)
    first, *rest = reply[pair.start + 1 : end - pair.closed].split("\n")
    inner = "\n".join((first, *(_BEGUN.sub("", line) for line in rest)))
    kind: Kind = "title" if reply[pair.start] in "《〈" else "quotation"
    return Quotation(pair.start, end, _words(inner), kind, pair.closed)


def _blocks(reply: str, marks: Sequence[tuple[int, int]]) -> Iterator[Quotation]:
    """Each paragraph of each block quote, and each part of one that ends a line with marks of its own.

    The marks do not count to it, nor does a line that says where it is from or what it is.
    """
    ends = {end: start for start, end in marks}
    for block in _BLOCK.finditer(reply):
        begin = block.start()
        for end, following in _breaks(reply, block, ends):
            said = _CREDIT.sub("", reply[begin:end].rstrip()).rstrip(" \t\n>")
            words = _words(_LABEL.sub("", _BEGUN.sub("", said)))
            if _said(words):
                end = begin + len(said)
                yield Quotation(begin, ends.get(end, end), words, "block")
            begin = following


def _breaks(reply: str, block: re.Match[str], ends: Collection[int]) -> list[tuple[int, int]]:
    """Where the quotations of a block end and what follows them begins."""
    first = block.start()
    gaps = [(first + gap.start(), first + gap.end()) for gap in _EMPTY_LINE.finditer(block[0])]
    lines = [(end, end + 1) for end in ends if first < end < block.end() and reply[end] == "\n"]
    return sorted((*gaps, *lines))


def _frames(reply: str, block: Quotation, found: Sequence[Quotation]) -> bool:
    """Whether the block is no more than a frame around one quotation."""
    inside = [one for one in found if block.start <= one.start < block.end]
    if len(inside) != 1 or inside[0].kind == "title":
        return False
    before = _BEGUN.sub("", reply[block.start : inside[0].start])
    after = unmarked(_BEGUN.sub("", reply[inside[0].end : block.end]))
    return not _said(after) and (not _said(before) or bool(_LEAD_IN.match(before)))


def _words(text: str) -> str:
    """Without citation marks, and without a second pair of quotation marks around all of it."""
    text = unmarked(text).strip()
    inner = pairs(text, [])
    framed = len(inner) == 1 and inner[0] == (0, len(text), True) and text[0] not in "《〈"
    return text[1:-1].strip() if framed and len(text) > 2 else text


def _said(text: str) -> bool:
    return any(map(str.isalnum, text))
