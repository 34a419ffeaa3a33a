"""What a reader takes for one character is never parted."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.graphemes import between_characters


def characters(text):
    cuts = [where for where in range(len(text) + 1) if between_characters(text, where)]
    return [text[start:end] for start, end in itertools.pairwise(cuts)]


@pytest.mark.parametrize(
    "one",
    [
        "か\u3099",
        "e\u0301\u0323",
        "葛\U000e0100",
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "🇯🇵",
        "한",
        "가\u11a8",
        "\u1112\u1161\u11ab",
        "ｶﾞ",
        "❤\ufe0f",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
)
def test_what_belongs_together_is_one_character(one):
    assert characters(f"甲{one}乙") == ["甲", one, "乙"]
    assert characters(one * 3) == [one] * 3


def test_flags_are_told_in_pairs():
    assert characters("🇯🇵🇰🇷🇹") == ["🇯🇵", "🇰🇷", "🇹"]


@given(st.text(st.sampled_from("かa\u3099\u200d👩🇯🇵가\u1161\u11a8\u1100 \n"), max_size=12))
def test_characters_together_are_the_text(text):
    assert "".join(characters(text)) == text
