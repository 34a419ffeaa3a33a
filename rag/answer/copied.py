"""Sentences that a reply copies without quotation marks, all but a word: copied wrong is not borne out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from rag.answer.figures import NUMERAL, figures, number
from rag.text.han import simplify
from rag.text.normalise import fold

_TOKEN = re.compile(rf"(?P<numeral>{NUMERAL.pattern})|[a-z\u00df-\u024f]+(?:'[a-z]+)?|\w")
_NOT = re.compile(
    r"[不没未无勿莫毋]|(?<!是)非|ない|なかっ|なく|なけれ|ませ[んぬず]|(?<!必)ず(?!つ)"
    r"|않|못|없|아니|(?<![가-힣])안 |\b(?:not?|never|cannot|without)\b|n't\b"
)
_CLAUSE_END = re.compile(r"[，,、。.；;!?！？\n]")
_LONGEST = 400  # tokens
_LEAST = 6  # letters that both have in common before one counts as a copy of the other
_COPY = 0.8  # of the tokens of the longer one, the part that both have in common
_SLIP = 2  # tokens: a difference so small in a copy is a change of it, no rewording
_STRAY = 3  # tokens: fewer at an end, apart from the rest, are alike by chance

# What a writer may change, add or leave out without saying something else.
_FREE = re.compile(
    "[的地得可了着于到至为将把和与及并也都就其该此这那本之所则即以当必已经如果需要须]*"
    "|[ぁ-ゖー]*|[은는이가을를와과의에도로으만다니합습입됩하한할했함된될됨며고서요까지면므라해여였었]*"
    "|(?:(?:an?|the|is|are|was|were|be|been|has|have|had|do|does|of|in|on|at|to|by|for|and|it|its) )*"
)

_Same: TypeAlias = list[tuple[int, int, int]]


class _Token(NamedTuple):
    word: str
    start: int
    end: int


class _Change(NamedTuple):
    told: list[str]
    own: list[str]


def miscopied(statement: str, sentence: str) -> bool:
    """Whether a statement is a copy of the sentence but for a figure, a negation or one word.

    What stands around the copy does not count, and neither do particles, endings and words that only join.

    Example:
        >>> miscopied("按规定，员工结婚可以享受八天婚假", "员工结婚可以享受十天婚假。")
        True
        >>> miscopied("员工结婚可享受10天的婚假", "员工结婚可以享受十天婚假。")
        False
    """
    texts = (simplify(fold(statement)), simplify(fold(sentence)))
    told, own = (list(_tokens(text)) for text in texts)
    same = _common([one.word for one in told], [one.word for one in own])
    if not same:
        return False
    (a, b, _), (c, d, size) = same[0], same[-1]
    copy = texts[0][told[a].start : _clause_end(texts[0], told[c + size - 1].end)]
    original = texts[1][own[b].start : _clause_end(texts[1], own[d + size - 1].end)]
    if len(_NOT.findall(copy)) != len(_NOT.findall(original)):
        return True
    if _renumbered(told[:a], own[:b], -1) or _renumbered(told[c + size :], own[d + size :], 0):
        return True
    return _wrong(list(_changes(told, own, same)), figures(statement))


def negates(statement: str) -> bool:
    """Whether it holds a "not" of any kind."""
    return _NOT.search(simplify(fold(statement))) is not None


def _renumbered(told: Sequence[_Token], own: Sequence[_Token], beside: int) -> bool:
    """Whether other figures stand in both beside what they have in common."""
    words = [tokens[beside].word for tokens in (told, own) if tokens]
    return len(set(words)) == 2 and all(word[0].isdigit() for word in words)


def _clause_end(text: str, place: int) -> int:
    found = _CLAUSE_END.search(text, place)
    return found.start() if found else len(text)


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        word = number(found[0]) if found["numeral"] else found[0]
        yield _Token(word, *found.span())


def _common(told: Sequence[str], own: Sequence[str]) -> _Same:
    """What both have in common: places in both, and how many tokens; nothing where it is no copy."""
    if max(len(told), len(own)) > _LONGEST:
        return []
    blocks = SequenceMatcher(None, told, own, autojunk=False).get_matching_blocks()
    same = _without_stray([(one.a, one.b, one.size) for one in blocks if one.size])
    if not same:
        return []
    (a, b, _), (c, d, size) = same[0], same[-1]
    letters = sum(len(word) for at, _, count in same for word in told[at : at + count])
    common = sum(count for _, _, count in same)
    whole = max(c + size - a, d + size - b)
    return same if letters >= _LEAST and common >= _COPY * whole else []


def _without_stray(same: _Same) -> _Same:
    """What is alike, less a token or two at an end that lie farther from the rest than they are long."""
    apart = [max(c - a - size, d - b - size) for (a, b, size), (c, d, _) in pairwise(same)]
    first = 1 if apart and same[0][2] < min(_STRAY, apart[0]) else 0
    last = -1 if len(apart) > first and same[-1][2] < min(_STRAY, apart[-1]) else None
    return same[first:last]


def _changes(told: Sequence[_Token], own: Sequence[_Token], same: _Same) -> Iterator[_Change]:
    """What differs between the common parts, and at an end where it is as short on both sides."""
    ends = [(0, 0, 0), *same, (len(told), len(own), 0)]
    for place, ((a, b, size), (c, d, _)) in enumerate(pairwise(ends)):
        change = _Change([one.word for one in told[a + size : c]], [one.word for one in own[b + size : d]])
        inside = 0 < place < len(same)
        if inside or len(change.told) == len(change.own) <= _SLIP:
            yield change


def _wrong(changes: Sequence[_Change], stated: Collection[str]) -> bool:
    told, own = [word for one in changes for word in one.told], [word for one in changes for word in one.own]
    if any(word in stated for word in told):
        return True
    if told and sorted(told) == sorted(own):
        return len(told) <= _SLIP  # changed places
    real = [one for one in changes if not _free(one) and (one.told or _is_letter(one.own))]
    return 0 < sum(max(len(one.told), len(one.own)) for one in real) <= _SLIP


def _is_letter(words: Sequence[str]) -> bool:
    """Whether it is one character of a word, not a word that may be left out."""
    return len(words) == 1 and len(words[0]) == 1 and not words[0].isascii()


def _free(change: _Change) -> bool:
    told, own = ("".join(f"{word} " if len(word) > 1 else word for word in words) for words in change)
    if len(change.told) == len(change.own) == 1 and told[:3] == own[:3] and len(told) > 3:
        return True  # one word, inflected
    return bool(_FREE.fullmatch(told) and _FREE.fullmatch(own))
