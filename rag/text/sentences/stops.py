"""Whether a run of stops outside of quotations ends the sentence."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.text.quotations import CLOSERS
from rag.text.sentences.english import is_abbreviation
from rag.text.sentences.items import ENUMERATOR
from rag.text.sentences.korean import ends_finally
from rag.text.sentences.rules import Passage, Rules
from rag.text.sentences.tails import after_tail

_WIDE: Final = frozenset("。！？｡‼⁇⁈⁉")
_CJK: Final = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d]")
_GOES_ON: Final = re.compile("[、，,；;：:・·％%]")
_LOWER: Final = re.compile("[ \t]*[a-z]")
_PIECE: Final = re.compile("[^。！？!?、，,\n「」『』“”]{1,12}[！？!?]+")
_NAMES: Final = (  # written with ! or 。; what follows tells most others
    "Yahoo", "YAHOO", "ヤフー", "야후", "雅虎", "Yum", "Joomla", "Kahoot", "Jeopardy", "Hey", "Wham",
    "モーニング娘", "乙女", "ラブライブ", "けいおん", "アイドリング", "しやがれ", "どうでしょう",
)  # fmt: skip
_NAME: Final = re.compile(f"(?:{'|'.join(_NAMES)})$")
_NAME_ENDS: Final = frozenset(name[-1] for name in _NAMES)
_LONGEST_NAME: Final = max(map(len, _NAMES))
_FOREIGN_WORD: Final = re.compile("[A-Za-z]{2,}$")
_FOREIGN_NAME: Final = re.compile("[ ]?[A-Z][\\w!]*(?:[ ][A-Z][\\w!]*){0,3}[ ]?[\u3041-\u30ff\u4e00-\u9fff]")
_DECIMAL: Final = re.compile("[0-9]+[.][0-9]+")
_LISTING: Final = frozenset("：；，、;,（(")
_LONGEST_TITLE: Final = 16
_LONGEST_TOKEN: Final = 24
_LONGEST_WORD: Final = 40
_UNSPACED: Final = 200
_TOKEN: Final = re.compile(
    "[^\\s()（）「『“\"'，、。：；！？:;,/—~\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]*$"
)
_OPENERS: Final = frozenset('「『“‘"｢«〝(（《')


class _Stop(NamedTuple):
    """Stops at ``[start, end)``, with what closes after them, in a sentence from ``begin``."""

    text: str
    start: int
    end: int
    begin: int
    rules: Rules

    @property
    def before(self) -> str:
        """The character before it."""
        return self.text[self.start - 1] if self.start else "\n"

    @property
    def after(self) -> str:
        """The character after it, "" at the end of the text."""
        return self.text[self.end : self.end + 1]


def end_at_stop(passage: Passage, start: int, end: int, begin: int) -> int:
    """Where the sentence from ``begin`` ends, with all that belongs to it, or -1.

    Args:
        passage: the text.
        start: the place of the stops.
        end: the place after them and the quotes and brackets that close with them.
        begin: where the sentence begins.
    """
    text, _, rules = passage
    if _GOES_ON.match(text, end):
        return -1
    place = after_tail(text, end)
    if text[start] in "。｡":
        return -1 if _is_carried(_Stop(text, start, end, begin, rules)) else place
    run = text[start:end].rstrip(CLOSERS)
    if start + len(run) < end and rules.said.match(text, end):
        return -1
    return place if _ends_at_run(_Stop(text, start, place, begin, rules), run) else -1


def _ends_at_run(stop: _Stop, run: str) -> bool:
    if not _WIDE.isdisjoint(run):
        return not (_is_carried(stop) or ("。" not in run and _is_wondered(stop)))
    if "!" in run or "?" in run:
        return _ends_at_mark(stop)
    if "…" in run or len(run) > 1:
        return _ends_at_ellipsis(stop)
    return _ends_at_dot(stop)


def _is_carried(stop: _Stop) -> bool:
    """Whether what follows cannot begin a sentence: モーニング娘。の曲."""
    text, start, end, _, rules = stop
    if end - start > 1 and text[end - 1] in CLOSERS and rules.said.match(text, end):
        return True
    return rules.carried.match(text, end) is not None or (stop.after.strip() != "" and _is_named(stop))


def _is_named(stop: _Stop) -> bool:
    """Whether the mark is part of a name: Yahoo!, 야후!"""
    if stop.before not in _NAME_ENDS:
        return False
    return _NAME.search(stop.text, max(0, stop.start - _LONGEST_NAME), stop.start) is not None


def _is_wondered(stop: _Stop) -> bool:
    """Whether the words before the mark are quoted: なぜ？と思った, 右？左？と迷った."""
    wondered = stop.rules.wondered
    if wondered.match(stop.text, stop.end):
        return True
    piece = _PIECE.match(stop.text, stop.end)
    return piece is not None and wondered.match(stop.text, piece.end()) is not None


def _ends_at_mark(stop: _Stop) -> bool:
    """Whether ! or ? ends a sentence."""
    text, end, after = stop.text, stop.end, stop.after
    if text[end : end + 2].strip() and _is_named(stop):
        return False
    if not after.strip():
        return not (_LOWER.match(text, end) or _is_in_foreign_name(stop))
    if _CJK.match(after):
        return not (_ends_foreign_word(stop) or _is_carried(stop) or _is_wondered(stop))
    if after.isdigit() or after.isupper():
        return _CJK.match(stop.before) is not None
    return not (after.isalnum() or after in "_=&/.#-")


def _is_in_foreign_name(stop: _Stop) -> bool:
    """In Chinese or Japanese: Hey! Say! JUMPの新曲."""
    if stop.rules.lang not in ("ja", "zh") or not stop.before.isascii():
        return False
    return _FOREIGN_NAME.match(stop.text, stop.end) is not None


def _ends_foreign_word(stop: _Stop) -> bool:
    """Whether the mark is that of a Latin word amid text without spaces: 追番主要看Free!和."""
    text, start = stop.text, stop.start
    word = _FOREIGN_WORD.search(text, max(stop.begin, start - _LONGEST_WORD), start)
    return word is not None and text.find(" ", max(stop.begin, start - _UNSPACED), start) < 0


def _ends_at_ellipsis(stop: _Stop) -> bool:
    text, start, after = stop.text, stop.start, stop.after
    if not after or after == "\n":
        return True
    if "가" <= after <= "힣":
        return text[start] == "." and stop.before in "다요" and ends_finally(text, start)
    if not after.isspace() or _LOWER.match(text, stop.end):
        return False
    return stop.before < "가" or ends_finally(text, start)


def _ends_at_dot(stop: _Stop) -> bool:
    """Whether one full stop, with space or nothing after it, ends a sentence."""
    text, start, end, begin, _ = stop
    found = _TOKEN.search(text, max(begin, start - _LONGEST_TOKEN), start)
    token = found[0].lstrip(".’'") if found else ""
    if stop.after.strip():
        return _ends_before(stop, token)
    if (stop.before.isascii() and _LOWER.match(text, end)) or is_abbreviation(token, text, end):
        return False
    if token.isdigit() and _is_date_or_item(stop, token):
        return False
    if start - begin < _LONGEST_TITLE and ENUMERATOR.fullmatch(text, begin, start):
        return False
    return not (start - len(token) <= begin + 1 and ENUMERATOR.fullmatch(token or stop.before))


def _is_date_or_item(stop: _Stop, number: str) -> bool:
    """Whether the dot after a number is that of a date or a list: 2020. 5. 8., 如下：1. 甲."""
    text, start, end, _, rules = stop
    if text[end : end + 8].lstrip()[:1].isdigit() or (rules.lang == "ko" and len(number) <= 2):
        return True
    place = start - len(number)
    return len(number) < 3 and text[place - 1 : place] in _LISTING


def _ends_before(stop: _Stop, token: str) -> bool:
    """Whether a dot ends a sentence that the next one follows without a space."""
    text, before, after = stop.text, stop.before, stop.after
    if before in "다요까죠" and (after.isupper() or after in _OPENERS):
        return True
    if not (_CJK.match(after) or after in _OPENERS):
        return False
    if _CJK.match(before) or before in CLOSERS:
        return True
    if not "\u4e00" <= after <= "\u9fff":
        return False
    return _DECIMAL.fullmatch(token) is not None or (
        token.isalpha() and token.islower() and len(token) > 3 and not is_abbreviation(token, text, stop.end)
    )
