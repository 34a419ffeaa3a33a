"""The numbers that a text states, in digits, in Chinese characters or in English words."""

from __future__ import annotations

import re

from rag.text.normalise import fold

_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_ONES = {one: value for value, one in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_NUMERAL = "".join((*_ONES, *_TENS, *_MYRIADS))
_COUNTED = (
    "年月日天号號个個人名位次回件条條項项章时時点點小分秒元円圆圓块塊岁歳歲倍成割階层層本枚台週周度期届屆世"
)
_HAN = re.compile(f"[{_NUMERAL}]{{2,}}|[{_NUMERAL}](?=[{_COUNTED}])")
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
NUMERAL = re.compile(rf"{_DIGITS.pattern}|[{_NUMERAL}]+")


def figures(text: str) -> frozenset[str]:
    """Every number of the text, without commas and leading zeros.

    A single Chinese character counts before a unit only: 一人 states a number, 一般 does not.

    Example:
        >>> sorted(figures("二千三百円は12,000円のうち、seven days, 二〇二六年"))
        ['12000', '2026', '2300', '7']
    """
    folded = fold(text)
    digits = (_plain(found.replace(",", "")) for found in _DIGITS.findall(folded))
    han = (str(_value(found)) for found in _HAN.findall(folded))
    words = (str(_WORDS.index(found) + 1) for found in _WORD.findall(folded))
    return frozenset((*digits, *han, *words))


def number(numeral: str) -> str:
    """What a folded `NUMERAL` is worth, in digits.

    Example:
        >>> number("二千三百"), number("12,000"), number("二〇二六")
        ('2300', '12000', '2026')
    """
    return str(_value(numeral)) if numeral[0] in _NUMERAL else _plain(numeral.replace(",", ""))


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _value(numeral: str) -> int:
    """What a Chinese numeral is worth; ones alone are read as digits."""
    if all(one in _ONES for one in numeral):
        return int("".join(str(_ONES[one]) for one in numeral))
    total = part = ones = 0
    for one in numeral:
        if one in _ONES:
            ones = _ONES[one]
        elif one in _TENS:
            part, ones = part + (ones or 1) * _TENS[one], 0
        else:
            total, part, ones = total + (part + ones or 1) * _MYRIADS[one], 0, 0
    return total + part + ones
