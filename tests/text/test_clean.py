import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.clean import clean

ANY_TEXT = st.text(st.characters(), max_size=200)  # lone surrogates included


@given(ANY_TEXT)
def test_cleaned_text_always_encodes_and_cleaning_twice_is_cleaning_once(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned


@given(ANY_TEXT)
def test_no_control_remains_but_tab_and_line_feed(text):
    left = {character for character in clean(text) if ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0}
    assert left <= {"\t", "\n"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff")))
def test_text_without_controls_is_not_changed(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("日本\ud800語", "日本\ufffd語"),
        ("\ud842", "\ufffd"),
        ("\ud842\udfb7野家", "𠮷野家"),
        ("第一行\r\n第二行\r第三行\x85第四行", "第一行\n第二行\n第三行\n第四行"),
        ("一\r\x00\n二", "一\n二"),
        ("\ufeff标题\x00正\ufeff文\x1b", "标题正文"),
        ("第1頁\x0c第2頁", "第1頁\n第2頁"),
        ("\t표\n값", "\t표\n값"),
    ],
)
def test_what_cannot_be_stored_goes_and_what_is_read_stays(raw, expected):
    assert clean(raw) == expected
