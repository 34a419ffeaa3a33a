"""What belongs together though nothing in its format says so: questions and answers, articles, lists."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.atoms import GLUE, Atom
from rag.types import Block

_NUMBER = "[0-9０-９]{0,3}"
_NUMERALS = "[0-9０-９一二三四五六七八九十百千〇零壱弐参]{1,8}"
_TITLE = r"(?:[ ]?[（(][^（）()\n]{1,40}[）)])?"


def _labelled(words: str) -> re.Pattern[str]:
    """``Q1.``, ``问：``, ``【質問】``."""
    return re.compile(rf"(?:{words})[ ]?{_NUMBER}[ \t]?[.:：．、)）】\]]|[【\[](?:{words}){_NUMBER}[】\]]")


_QUESTION = _labelled("[QＱ]|[问問][题題]?|質問|질문|문")
_ANSWER = _labelled("[AＡ]|答案?|回答|답변?")
_ARTICLE = re.compile(
    rf"第[ 　]?{_NUMERALS}[ 　]?[条條](?:[の之]{_NUMERALS})*{_TITLE}"
    rf"|제[ ]?[0-9]{{1,5}}[ ]?조(?:의[ ]?[0-9]{{1,3}})?{_TITLE}"
)
_ITEM = re.compile(
    r"[-*+•‣◦・●○■□◆◇▶▪※ㆍ·–①-⑳㉑-㉟⑴-⒇⒈-⒛]"
    r"|[(（](?:[0-9０-９]{1,3}|[一二三四五六七八九十]{1,3}|[가-하a-zA-Z])[)）]"
    r"|[0-9０-９]{1,3}[.)）、．](?![0-9０-９])|[一二三四五六七八九十]{1,3}[、.．)）]"
    r"|[가나다라마바사아자차카타파하]\.[ ]"
)
_LONGEST_LABEL: Final = 80
_LOOK_BACK: Final = 40


def units(text: str, blocks: Sequence[Block], found: Sequence[Atom]) -> list[tuple[int, int]]:
    """Spans of the lists, tables, code, questions with their answers, and articles among the atoms.

    A later atom of an answer or an article is given the question, or the article's number, as its header:
    where a unit is larger than a chunk, each of its chunks still says what it belongs to.
    """
    named = list(_named(text, found))
    for first, end, label in named:
        for atom in found[first + 1 : end]:
            atom.header = atom.header or label
    places = [*_listed(blocks, found), *_items(text, found), *(one[:2] for one in named)]
    return [(found[first].start, found[end - 1].end) for first, end in places if end > first + 1]


def _named(text: str, found: Sequence[Atom]) -> Iterator[tuple[int, int, str]]:
    """Questions with their answers, and articles: first atom, the one behind the last, label."""
    begun, kind, label, answered = 0, "", "", False
    for place, atom in enumerate(found):
        what = _kind(text, atom)
        if what == "answer" and kind == "question":
            answered = True
            _glue(found, begun, place)
        if what in ("question", "article"):
            yield from _unit(begun, place, kind, label, answered)
            begun, kind, answered = place, what, False
            label = _label(text, atom, what)
    yield from _unit(begun, len(found), kind, label, answered)


def _unit(begun: int, end: int, kind: str, label: str, answered: bool) -> Iterator[tuple[int, int, str]]:
    if kind == "article" or (kind == "question" and answered):
        yield begun, end, label


def _glue(found: Sequence[Atom], first: int, place: int) -> None:
    """A question goes with the beginning of its answer."""
    for atom in found[first:place]:
        atom.cut = GLUE


def _kind(text: str, atom: Atom) -> str:
    if not _begins_line(text, atom):
        return ""
    for kind, pattern in (("question", _QUESTION), ("answer", _ANSWER), ("article", _ARTICLE)):
        if pattern.match(text, atom.start, atom.end):
            return kind
    return ""


def _label(text: str, atom: Atom, kind: str) -> str:
    if kind == "article":
        found = _ARTICLE.match(text, atom.start, atom.end)
        return found[0] if found else ""
    return " ".join(text[atom.start : atom.end].split())[:_LONGEST_LABEL]


def _begins_line(text: str, atom: Atom) -> bool:
    line = text.rfind("\n", max(0, atom.start - _LOOK_BACK), atom.start)
    if line < 0 and atom.start > _LOOK_BACK:
        return False
    return not text[line + 1 : atom.start].strip(" \t\u3000>*")


def _listed(blocks: Sequence[Block], found: Sequence[Atom]) -> Iterator[tuple[int, int]]:
    """The atoms of each block that is a list, a table or code."""
    starts = [atom.start for atom in found]
    for block in blocks:
        if block.kind in ("list", "table", "code"):
            yield bisect_left(starts, block.start), bisect_left(starts, block.end)


def _items(text: str, found: Sequence[Atom]) -> Iterator[tuple[int, int]]:
    """Runs of at least two lines that begin with a bullet or a number."""
    first, count = 0, 0
    for place, atom in enumerate(found):
        begins = _begins_line(text, atom)
        item = begins and bool(_ITEM.match(text, atom.start, atom.end))
        if item and not count:
            first = place
        count += item
        if begins and not item:
            if count > 1:
                yield first, place
            count = 0
    if count > 1:
        yield first, len(found)
