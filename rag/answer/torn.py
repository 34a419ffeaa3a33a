"""Stretches of a text that say something else than the text: half a number, or all but the "not"."""

from __future__ import annotations

import re

from rag.text.graphemes import between_characters

_AROUND = 16  # characters looked at before and after
_LONG = 6  # letters; fewer are a term, and a term may stand behind a "not"

_HAN = "〇零一二三四五六七八九十百千万萬亿億兆两兩廿卅"
_NUMBER_CUT = re.compile(
    rf"\d(?:\0\d|\0[.:．：]\d|[.:．：]\0\d|\0[,，]\d{{3}}(?!\d)|[,，]\0\d{{3}}(?!\d)|\0[十百千万萬亿億兆만억조])"
    rf"|[{_HAN}]\0[{_HAN}]"
)
_SIGN_CUT = re.compile(
    r"(?:(?<![0-9A-Za-z０-９Ａ-Ｚａ-ｚァ-ヺー)）])[-−－]|(?:マイナス|零下|氷点下|负|負|영하)\s?)\0\s?\d"
)

_WORD_CUT = re.compile("[A-Za-z\u00c0-\u00ff]\0[a-z\u00df-\u00ff]|[A-Z]\0[A-Z]")

_CHINESE_NOT = (
    "(?:[不没沒未无無勿莫毋]|(?<!是)非)"
    "(?:[得能会會可要应應许許准準宜必再予有曾是该該需须須用经經]|可以|允许|允許|需要|必须|必須|应当|應當|能够|能夠)?"
)
_KOREAN_NOT = r"(?<![가-힣])(?:(?:안|못)\s+|[불비미무])"
_ENGLISH_NOT = (
    r"(?:\b(?:not|never|no|cannot|without|neither|nor)|n[’']t)\s+(?:(?:be|been|to|an?|any)\s+)?"
    r"|\b(?:un|in|im|ir|il|non|dis|mis)-?(?=\0[a-z])"
)
_NOT_BEFORE = re.compile(rf"(?:{_CHINESE_NOT}|{_KOREAN_NOT}|{_ENGLISH_NOT})\0(?=\w)", re.IGNORECASE)
_NOT_AFTER = re.compile(
    r"(?<=\w)\0(?:わけ(?:で|じゃ)[はも]?(?:な|あり)|ない(?!し)|なかっ|なく|なけれ|ません|ませ[ぬず]|ざる|ぬ|ず(?!つ)"
    r"|\s*(?:않|못하|못한|못할|못했|없)|지\s*(?:않|못|말)"
    r"|\s+(?:not|never)\b|not\b|n[’']t\b)",
    re.IGNORECASE,
)


def torn(text: str, start: int, end: int, *, term: bool = True) -> bool:
    """Whether ``text[start:end]`` begins or ends inside a character, a number or a word, or behind its "not".

    Terms of a few letters may have been negated: a reader quotes them for what they name. Without ``term``
    they may not.

    Example:
        >>> text = "迟到不可以补签，年假15天。"
        >>> torn(text, 3, 7), torn(text, 2, 7), torn(text, 11, 13), torn(text, 10, 13)
        (False, False, True, False)
        >>> torn(text, 3, 7, term=False)
        True
    """
    if not (between_characters(text, start) and between_characters(text, end)):
        return True
    if any(_NUMBER_CUT.search(_around(text, where)) for where in (start, end)):
        return True
    if _SIGN_CUT.search(_around(text, start)):
        return True
    if _cuts_word(text, start, end):
        return True
    if term and sum(map(str.isalnum, text[start:end])) < _LONG:
        return False
    return bool(_NOT_BEFORE.search(_around(text, start)) or _NOT_AFTER.search(_around(text, end)))


def _cuts_word(text: str, start: int, end: int) -> bool:
    """Whether it begins inside a word of the West or ends in one; a single word may stand for its forms."""
    words = len(text[start:end].split())
    return any(_WORD_CUT.search(_around(text, where)) for where in ((start, end) if words > 1 else (start,)))


def _around(text: str, where: int) -> str:
    r"""The text near a place, ``\0`` at the place itself."""
    return f"{text[max(0, where - _AROUND) : where]}\0{text[where : where + _AROUND]}"
