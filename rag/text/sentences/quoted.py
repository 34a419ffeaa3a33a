"""Whether a sentence ends where a quotation or bracket closes."""

from __future__ import annotations

import re
from typing import Final

from rag.text.sentences.rules import Passage, Rules

_GOES_ON: Final = re.compile("[、，,；;：:・·％%。！？.!?｡．…—–/／]")
_NOTED: Final = re.compile(
    "と(?!にかく|ても|ころで)|って|を|の[一-鿿ァ-ヺ]|[ ]?(?:이?라고|이?라는|하고|하며)[ ]|[的]|[ ][a-z]"
)
_SPEECHLIKE: Final = re.compile("[ぁ-んーっ！？!?。…]")
_NARRATED: Final = re.compile("[^。、「」『』\n]{1,16}[はがも、]")
_OPENERS: Final = frozenset('「『“‘"｢«〝')
_TITLES: Final = frozenset("《〈【〔［[｛{〖<＜")
_MOST: Final = 12
Span = tuple[int, int]


def ends_with_quotation(passage: Passage, end: int, at: int, begin: int) -> bool:
    """Whether the sentence from ``begin`` ends at ``end``, where quotation ``at`` closed after a stop."""
    text, rules, start = passage.text, passage.rules, passage.quoted[at][0]
    if _GOES_ON.match(text, end):
        return False
    if text[start] in "（(":
        return _ends_with_note(text, end, start, begin)
    if rules.said.match(text, end) or rules.resumed.match(text, _next_line(text, end)):
        return False
    introduced = begin < start and _introduced(text, start, rules)
    if not introduced and rules.attributed.match(text, end):
        return False
    after = text[end : end + 1]
    if not after.strip():
        return introduced or _ends_before_space(text, end, start, begin)
    if text[start] in _TITLES:
        return False
    if after in _OPENERS:
        return not _spoken_of_together(passage, at)
    return begin == start or introduced


def ends_between_quotations(passage: Passage, at: int, begin: int) -> bool:
    """Whether a quotation without a stop is a line of dialogue beside another: 「六時」「わかった」."""
    text, quoted, rules = passage
    first, last = _row(quoted, at)
    if begin != quoted[at][0] or first == last:
        return False
    if not any(_SPEECHLIKE.match(text, close - 2) for _, close in quoted[first : last + 1]):
        return False
    place = quoted[last][1]
    if rules.said.match(text, place) or _GOES_ON.match(text, place):
        return False
    return not text[place : place + 1].strip() or _NARRATED.match(text, place) is not None


def stands_alone(text: str, end: int) -> bool:
    """Whether a sentence can begin at once after the bracket that closed at ``end``."""
    following = text[end : end + 2].lstrip(" ")[:1]
    if not following or _GOES_ON.match(text, end) or _NOTED.match(text, end):
        return False
    return following >= "\u3041" or (text[end] == " " and following.isupper())


def _row(quoted: list[Span], at: int) -> tuple[int, int]:
    """The first and the last of the quotations that stand side by side with this one."""
    first = last = at
    while first > max(0, at - _MOST) and quoted[first - 1][1] == quoted[first][0]:
        first -= 1
    while last + 1 < min(len(quoted), at + _MOST) and quoted[last + 1][0] == quoted[last][1]:
        last += 1
    return first, last


def _spoken_of_together(passage: Passage, at: int) -> bool:
    """Whether what follows a row of quotations is about all of them: 「はい。」「いいえ。」のどちらか."""
    text, quoted, rules = passage
    place = quoted[_row(quoted, at)[1]][1]
    if rules.answered.match(text, place):
        return False
    return rules.said.match(text, place) is not None or rules.attributed.match(text, place) is not None


def _ends_with_note(text: str, end: int, start: int, begin: int) -> bool:
    if begin == start:
        return not _NOTED.match(text, end)
    after = text[end : end + 1]
    if after.strip():
        return False
    following, before = text[end : end + 2].lstrip()[:1], text[start - 1]
    if "가" <= following <= "힣":
        return before in "다요까죠음임함됨오"
    return not following.islower()


def _ends_before_space(text: str, end: int, start: int, begin: int) -> bool:
    following = text[end : end + 2].lstrip(" \t")[:1]
    if not following or following == "\n" or begin == start:
        return True
    if "가" <= following <= "힣":
        return False
    return text[start] not in _TITLES


def _introduced(text: str, start: int, rules: Rules) -> bool:
    """Whether the words before the quotation lead to it, so that nothing need follow, as 他说： does."""
    before = text[max(0, start - 12) : start].rstrip()
    return before[-1:] in "，,：:、—…\n" or rules.introduced.search(before) is not None


def _next_line(text: str, end: int) -> int:
    """The place of the next visible character where a line ends here, else ``end``."""
    if text[end : end + 1] != "\n":
        return end
    while text[end : end + 1] and text[end] in " \n\u3000\t":
        end += 1
    return end
