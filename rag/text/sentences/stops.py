"""Whether a run of stops outside of quotations ends the sentence."""

from __future__ import annotations

import re
from typing import Final

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
_NAME: Final = re.compile(
    "(?:Yahoo|YAHOO|Yum|Joomla|Kahoot|Jeopardy|Hey|Wham|ヤフー|야후|雅虎|モーニング娘|乙女|ラブライブ|けいおん|アイドリング"
    "|しやがれ|どうでしょう)$"
)
_FOREIGN_WORD: Final = re.compile("[A-Za-z]{2,}$")
_DECIMAL: Final = re.compile("[0-9]+[.][0-9]+")
_LISTING: Final = frozenset("：；，、;,（(")
_LONGEST_TITLE: Final = 16
_NAME_ENDS: Final = frozenset("oOmtyヤー후虎娘女ブんグれう")
_FOREIGN_NAME: Final = re.compile("[ ]?[A-Z][\\w!]*(?:[ ][A-Z][\\w!]*){0,3}[ ]?[\u3041-\u30ff\u4e00-\u9fff]")
_TOKEN: Final = re.compile(
    "[^\\s()（）「『“\"'，、。：；！？:;,/—~\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]*$"
)
_OPENERS: Final = frozenset('「『“‘"｢«〝(（《')


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
        ends = not _is_carried(text, start, end, rules)
    else:
        run = text[start:end].rstrip(CLOSERS)
        ends = _ends_at_run(text, start, run, place, begin, rules) and not (
            start + len(run) < end and rules.said.match(text, end)
        )
    return place if ends else -1


def _ends_at_run(text: str, start: int, run: str, end: int, begin: int, rules: Rules) -> bool:
    if not _WIDE.isdisjoint(run):
        return not (
            _is_carried(text, start, end, rules) or ("。" not in run and _is_wondered(text, end, rules))
        )
    after = text[end : end + 1]
    if "!" in run or "?" in run:
        return _ends_at_mark(text, start, end, after, begin, rules)
    if "…" in run or len(run) > 1:
        return _ends_at_ellipsis(text, start, end, after)
    return _ends_at_dot(text, start, end, after, begin, rules)


def _is_carried(text: str, start: int, end: int, rules: Rules) -> bool:
    """Whether what follows cannot begin a sentence: モーニング娘。の曲."""
    if end - start > 1 and text[end - 1] in CLOSERS and rules.said.match(text, end):
        return True
    if rules.carried.match(text, end):
        return True
    return (
        text[start - 1 : start] in _NAME_ENDS and text[end : end + 1].strip() != "" and _is_named(text, start)
    )


def _is_named(text: str, start: int) -> bool:
    return _NAME.search(text, max(0, start - 8), start) is not None


def _is_wondered(text: str, end: int, rules: Rules) -> bool:
    """Whether the words before the mark are quoted: なぜ？と思った."""
    if rules.wondered.match(text, end):
        return True
    piece = _PIECE.match(text, end)
    return piece is not None and rules.wondered.match(text, piece.end()) is not None


def _ends_at_mark(text: str, start: int, end: int, after: str, begin: int, rules: Rules) -> bool:
    if text[end : end + 2].strip() and _is_named(text, start):
        return False
    if after.isspace() or not after:
        if _LOWER.match(text, end):
            return False
        return rules.lang not in ("ja", "zh") or not (
            text[start - 1].isascii() and _FOREIGN_NAME.match(text, end)
        )
    before = text[start - 1] if start else "\n"
    if not _CJK.match(after):
        if after.isdigit() or after.isupper():
            return bool(_CJK.match(before))
        return not (after.isalnum() or after in "_=&/.#-")
    if _FOREIGN_WORD.search(text, max(begin, start - 40), start) and " " not in text[begin:start]:
        return False
    return not (_is_carried(text, start, end, rules) or _is_wondered(text, end, rules))


def _ends_at_ellipsis(text: str, start: int, end: int, after: str) -> bool:
    if not after or after == "\n":
        return True
    before = text[start - 1] if start else "\n"
    if "가" <= after <= "힣":
        return text[start] == "." and before in "다요" and ends_finally(text, start)
    return after.isspace() and not _LOWER.match(text, end) and (before < "가" or ends_finally(text, start))


def _ends_at_dot(text: str, start: int, end: int, after: str, begin: int, rules: Rules) -> bool:
    before = text[start - 1] if start else "\n"
    found = _TOKEN.search(text, max(begin, start - 24), start)
    token = found[0].lstrip(".’'") if found else ""
    if after and not after.isspace():
        return _ends_before(text, end, after, before, token)
    if (before.isascii() and _LOWER.match(text, end)) or is_abbreviation(token, text, end):
        return False
    following = text[end : end + 8].lstrip()[:1]
    if token.isdigit() and (following.isdigit() or (rules.lang == "ko" and len(token) <= 2)):
        return False
    if token.isdigit() and len(token) < 3 and text[start - len(token) - 1 : start - len(token)] in _LISTING:
        return False
    if start - begin < _LONGEST_TITLE and ENUMERATOR.fullmatch(text, begin, start):
        return False
    return not (start - len(token) <= begin + 1 and ENUMERATOR.fullmatch(token or before))


def _ends_before(text: str, end: int, after: str, before: str, token: str) -> bool:
    """Whether a dot ends a sentence that the next one follows without a space."""
    if before in "다요까죠" and (after.isupper() or after in _OPENERS):
        return True
    if not (_CJK.match(after) or after in _OPENERS):
        return False
    if _CJK.match(before) or before in CLOSERS:
        return True
    if "\u4e00" <= after <= "\u9fff":
        return _DECIMAL.fullmatch(token) is not None or (
            token.isalpha() and token.islower() and len(token) > 3 and not is_abbreviation(token, text, end)
        )
    return False
