"""Numbers of lists, and characters of symbol fonts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.load import counting
from ingest.load.counting import numeral
from ingest.load.symbols import symbol


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("decimal", "1 10 12 20 101 110 1005"),
        ("decimalZero", "01 10 12 20 101 110 1005"),
        ("upperRoman", "I X XII XX CI CX MV"),
        ("japaneseCounting", "一 十 十二 二十 百一 百十 千五"),
        ("chineseCountingThousand", "一 十 十二 二十 一百零一 一百一十 一千零五"),
        ("taiwaneseCountingThousand", "一 十 十二 二十 一百零一 一百一十 一千零五"),
        ("koreanCounting", "일 십 십이 이십 백일 백십 천오"),
        ("koreanDigital", "일 일영 일이 이영 일영일 일일영 일영영오"),
        ("ideographDigital", "一 一〇 一二 二〇 一〇一 一一〇 一〇〇五"),
        ("ideographLegalTraditional", "壹 壹拾 壹拾貳 貳拾 壹佰零壹 壹佰壹拾 壹仟零伍"),
        ("decimalFullWidth", "１ １０ １２ ２０ １０１ １１０ １００５"),
    ],
)
def test_numbers_are_written_as_their_language_writes_them(style, written):
    assert " ".join(numeral(one, style) for one in (1, 10, 12, 20, 101, 110, 1005)) == written


@pytest.mark.parametrize(
    ("style", "number", "written"),
    [
        ("ganada", 3, "다"), ("chosung", 14, "ㅎ"), ("aiueoFullWidth", 6, "カ"), ("irohaFullWidth", 3, "ハ"),
        ("ideographTraditional", 10, "癸"), ("ideographZodiac", 13, "子"), ("koreanLegal", 21, "스물하나"),
        ("decimalEnclosedCircle", 20, "⑳"), ("decimalEnclosedCircle", 21, "21"), ("lowerLetter", 28, "bb"),
        ("ideographEnclosedCircle", 3, "㊂"), ("numberInDash", 4, "- 4 -"), ("none", 5, ""),
        ("unheard", 6, "6"),
        ("upperRoman", 0, "0"), ("upperRoman", 10**9, "1000000000"),
    ],
)  # fmt: skip
def test_counters_of_other_kinds(style, number, written):
    assert numeral(number, style) == written


STYLES = (*counting._COUNTED, *counting._DIGITS, "upperRoman", "decimal")


@given(st.lists(st.integers(1, 99_999), min_size=2, max_size=2, unique=True), st.sampled_from(STYLES))
def test_different_numbers_are_written_differently(numbers, style):
    assert numeral(numbers[0], style) != numeral(numbers[1], style)


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("Symbol", "F0B7", "•"), ("symbol", "61", "α"), ("Wingdings", "F0FC", "✓"),
        ("Wingdings 2", "F0A3", "□"),
        ("Arial", "F041", "A"), ("ＭＳ 明朝", "9AD9", "髙"), ("Wingdings", "F001", ""), ("Arial", "zz", ""),
    ],
)  # fmt: skip
def test_a_symbol_is_the_character_that_its_font_shows(font, code, shown):
    assert symbol(font, code) == shown
