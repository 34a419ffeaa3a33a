"""What belongs together though nothing in its format says so: questions and answers, articles, lists."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Final

from ingest.atoms import GLUE, Atom
from rag.types import Block

_COUNT = "[0-9０-９一二三四五六七八九十]{0,3}"
_NUMERALS = "[0-9０-９一二三四五六七八九十百千〇零壱弐参]{1,8}"
_TITLE = r"(?:[ ]?[（(][^（）()\n]{1,40}[）)])?"
_LEAD = r"(?:[-+*•・□■◆●○◇▶▷※#]{1,6}[ \u3000]*|[0-9]{1,3}[.)．][ ]+)?[*_]{0,2}"


def _labelled(letters: str, words: str) -> re.Pattern[str]:
    """``Q1.``, ``**Q**:``, ``Ｑ　``, ``- 問題2：``, ``【質問】``, ``(답)``; ``■質問`` alone on its line."""
    label = rf"(?:{letters}|{words})[- ]?{_COUNT}"
    return re.compile(
        rf"{_LEAD}(?:{label}[*_]{{0,2}}[ \t]?(?:[.:：．、)）】\]]|(?=\n|\Z))"
        rf"|[【\[（(<＜〈《]{label}[】\]）)>＞〉》]"
        rf"|{letters}{_COUNT}[ \t\u3000]+\S)"
    )


_QUESTION = _labelled(
    "[QＱ问問]",
    "[问問][题題]|[提疑][问問]|問い|ご?質問|질문|질의|물음|문|[Qq]uestion|第[0-9０-９一二三四五六七八九十]{1,3}[问問]",
)
_ANSWER = _labelled(
    "[AＡ答]", "答案|ご?回答|[解お]?答え|[答回][复復覆應应]|解答|답변?|응답|대답|회신|[Aa]nswer"
)
_ASKING = re.compile(
    r"(?:[0-9０-９]{1,3}[.)）、．]|[(（][0-9０-９]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|[①-⑳]|#{1,6}[ ])[^\n]*\Z"
)
_ARTICLE = re.compile(
    rf"第[ 　]?{_NUMERALS}[ 　]?[条條](?:[の之]{_NUMERALS})*{_TITLE}"
    rf"|제[ ]?[0-9]{{1,5}}[ ]?조(?:의[ ]?[0-9]{{1,3}})?{_TITLE}"
)
_CAPTION = re.compile(r"[（(][^（）()\n]{1,40}[）)]")
_ITEM = re.compile(
    r"[-*+•‣◦・●○■□◆◇▶▪※ㆍ·–①-⑳㉑-㉟⑴-⒇⒈-⒛]"
    r"|[(（](?:[0-9０-９]{1,3}|[一二三四五六七八九十]{1,3}|[가-하a-zA-Z])[)）]"
    r"|[0-9０-９]{1,3}[.)）、．](?![0-9０-９])|[一二三四五六七八九十]{1,3}[、.．)）]"
    r"|[가나다라마바사아자차카타파하]\.[ ]"
)
_LONGEST_LABEL: Final = 80
_LONGEST_QUESTION: Final = 12  # sentences
_LOOK_BACK: Final = 40


def units(text: str, blocks: Sequence[Block], found: Sequence[Atom]) -> list[tuple[int, int]]:
    """Spans of the lists, tables, questions with their answers, and articles among the atoms.

    A later atom of an answer or an article is given the question, or the article's number, as its header:
    where a unit is larger than a chunk, each of its chunks still says what it belongs to.
    """
    titles = sum(1 for _ in takewhile(lambda block: block.kind == "heading", blocks))
    named = [(first + titles, end + titles, label) for first, end, label in _named(text, found[titles:])]
    for first, end, label in named:
        for atom in found[first + 1 : end]:
            atom.header = atom.header or label
    places = [*_listed(blocks, found), *_items(text, found), *(one[:2] for one in named)]
    return [(found[first].start, found[end - 1].end) for first, end in places if end > first + 1]


def _named(text: str, found: Sequence[Atom]) -> Iterator[tuple[int, int, str]]:
    """Questions with their answers, and articles: first atom, the one behind the last, label."""
    heads = [*_heads(text, found), (len(found), "")]
    for (first, label), (end, _) in pairwise(heads):
        if label:
            yield first, end, label


def _heads(text: str, found: Sequence[Atom]) -> list[tuple[int, str]]:
    """Where questions and articles begin, with their labels; "" for a question that nothing answers."""
    heads: list[tuple[int, str]] = []
    for place, atom in enumerate(found):
        kind = _kind(text, atom)
        waiting = bool(heads) and not heads[-1][1] and place - heads[-1][0] <= _LONGEST_QUESTION
        if kind == "article":
            heads.append(_article(text, found, place))
        elif kind == "question":
            heads.append((place, ""))
        elif waiting and (kind == "answer" or _answers(text, found, heads[-1][0], place)):
            heads.append(_answered(text, found, heads.pop()[0], place))
        elif place and kind == "answer" and text[atom.start] not in "AＡ" and _asks(text, found[place - 1]):
            heads.append(_answered(text, found, _line_begin(text, found, place - 1), place))
    return heads


def _article(text: str, found: Sequence[Atom], place: int) -> tuple[int, str]:
    """Where an article begins, with the caption on the line above if there is one, and its label."""
    number = _ARTICLE.match(text, found[place].start, found[place].end)
    label, above = number[0] if number else "", found[place - 1]
    if not place or not _CAPTION.fullmatch(text, above.start, above.end) or not _begins_line(text, above):
        return place, label
    above.cut = GLUE
    return place - 1, label + text[above.start : above.end]


def _answers(text: str, found: Sequence[Atom], question: int, place: int) -> bool:
    """Whether an atom without a label answers the question: a line right below its question mark."""
    atom = found[place]
    return question == place - 1 and _asks(text, found[question]) and _begins_line(text, atom)


def _answered(text: str, found: Sequence[Atom], question: int, place: int) -> tuple[int, str]:
    """The question, which goes with the beginning of its answer, and its words."""
    for atom in found[question:place]:
        atom.cut = GLUE
    words = text[found[question].start : found[place - 1].end].split()
    return question, " ".join(words)[:_LONGEST_LABEL]


def _asks(text: str, atom: Atom) -> bool:
    return text[atom.end - 1] in "?？"


def _line_begin(text: str, found: Sequence[Atom], place: int) -> int:
    """The first atom of the line that an atom is in."""
    while place and not _begins_line(text, found[place]):
        place -= 1
    return place


def _kind(text: str, atom: Atom) -> str:
    if not _begins_line(text, atom):
        return ""
    for kind, pattern in (("question", _QUESTION), ("answer", _ANSWER), ("article", _ARTICLE)):
        if pattern.match(text, atom.start, atom.end):
            return kind
    return "question" if _asks(text, atom) and _ASKING.match(text, atom.start, atom.end) else ""


def _begins_line(text: str, atom: Atom) -> bool:
    line = text.rfind("\n", max(0, atom.start - _LOOK_BACK), atom.start)
    if line < 0 and atom.start > _LOOK_BACK:
        return False
    return not text[line + 1 : atom.start].strip(" \t\u3000>*")


def _listed(blocks: Sequence[Block], found: Sequence[Atom]) -> Iterator[tuple[int, int]]:
    """The atoms of each block that is a list or a table."""
    starts = [atom.start for atom in found]
    for block in blocks:
        if block.kind in ("list", "table"):
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
