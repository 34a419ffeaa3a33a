import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.text import normalise as module
from rag.text.normalise import fold, normalise, span

TRICKY = (
    "がか\u3099\u309bｶﾞﾊﾟ゛゜각ᄀ\u1161\u11a8ㄱㅏﾡￂ葛\U000e0100\ufe0f\u200b\u200d\u2060\u00ad\u202e\ufeff"
    "㍿①Ⅲ㌔½…‥ﬁßİǆΐ\u0345\u0301\u0316\u0344\ufdfa⻑⺟⼀豈神髙𠮷\u09be\u0f73Å\u212b"
    "Ａａ：，\u3000 -‐−―－〜～々ヽヾゝゞこガカーﾞ京\ud800\U000e0041"
)
TEXT = st.text(st.one_of(st.characters(), st.sampled_from(TRICKY)), max_size=80)


@given(TEXT)
@example("\u0344" * 31 + "a")
@example("ᾳ\u0301\u0345")
@example("か\u200b\u3099")
@example("コ\u200b−ピ―東−\u3099")
@example("㌔−アヽー゛")
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(TEXT)
@example("e" + "\u0301\u0316" * 40)
def test_the_folded_text_is_the_same_with_and_without_offsets(text):
    assert normalise(text)[0] == fold(text)


@given(TEXT)
def test_offsets_start_at_the_beginning_never_decrease_and_end_at_the_end(text):
    folded, offsets = normalise(text)
    assert len(offsets) == len(folded) + 1
    assert list(offsets) == sorted(offsets)
    assert offsets[-1] == len(text)
    assert all(0 <= offset < max(1, len(text)) for offset in offsets[:-1])


@given(TEXT, st.data())
def test_a_folded_stretch_maps_back_to_text_that_contains_it_when_folded(text, data):
    folded, offsets = normalise(text)
    start = data.draw(st.integers(0, len(folded)))
    end = data.draw(st.integers(start, len(folded)))
    low, high = span(offsets, start, end)
    assert folded[start:end] in fold(text[low:high])


@given(st.text(st.sampled_from("각がパ葛é漢1Aひゞ Ω"), max_size=40))
def test_nfc_and_nfd_fold_to_the_same(text):
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert len(forms) == 1


@given(st.text(st.sampled_from("日本語한글中文データabc、。「」"), max_size=60))
def test_plain_text_maps_place_by_place(text):
    assert list(normalise(text)[1]) == list(range(len(text) + 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＰＰＲ－９０８７", "ppr-9087"),
        ("ﾌﾘｶﾞﾅ", "フリガナ"),
        ("か\u309bくせい", "がくせい"),
        ("葛\U000e0100城市", "葛城市"),
        ("数\u200b据\u2060库", "数据库"),
        ("⻑崎・⼤阪・⺠法", "長崎・大阪・民法"),
        ("ㅎㅏㄴㄱㅡㄹ"[:2], "하"),
        ("PPR‐9087", "PPR-9087"),
        ("STRASSE", "straße"),
        ("１０〜２０", "10～20"),
        ("忽略\u202e以上", "忽略以上"),
        ("㍿東京", "株式会社東京"),
        ("こゝろ", "こころ"),
        ("みすゞ", "みすず"),
        ("づゝ", "づつ"),
        ("かゞみ", "かがみ"),
        ("こ\u309d\u3099", "こご"),
        ("バナヽ", "バナナ"),
        ("ﾊﾞﾅヽ", "バナナ"),
        ("コンピュ−タ", "コンピュータ"),
        ("サ‐バ‐", "サーバー"),
        ("デ―タ", "データ"),
        ("ﾃﾞ−ﾀ", "データ"),
        ("サーバ－。", "サーバー。"),
    ],
)
def test_spellings_of_one_word_fold_to_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "text",
    [
        "人々",
        "いいねヽ(^o^)",
        "ゝ行頭",
        "ロシア―中国間",
        "それはデータ――つまり",
        "東京―大阪",
        "10-20",
        "っつ",
        "ァア",
        "カ-ド",
        "すゞめ"[:1],
    ],
)
def test_what_has_another_meaning_is_not_written_out(text):
    assert fold(text) == text.replace("―", "-")


def test_a_match_over_a_written_out_mark_maps_to_the_mark_and_what_it_repeats():
    text = "夏目漱石『こゝろ』"
    folded, offsets = normalise(text)
    place = folded.index("こころ")
    assert text[slice(*span(offsets, place, place + 3))] == "こゝろ"


def test_a_match_that_ends_on_a_dash_takes_its_neighbours():
    text = "新コンピュ−タ室"
    folded, offsets = normalise(text)
    place = folded.index("ピュー")
    assert text[slice(*span(offsets, place, place + 3))] == "ピュ−タ"


@pytest.mark.parametrize(
    "pattern",
    [
        "\u0301",
        "か\u3099",
        "ゝ",
        "アヾ",
        "ア−",
        "−",
        "㍿",
        "…",
        "①",
        "\u200b",
        "ㅎㅏ",
        "\U000e0100",
        "é",
        "ﾊﾟ",
        "\u0344",
    ],
)
def test_a_megabyte_of_anything_is_folded_in_one_pass(pattern):
    text = "ア" + pattern * (300_000 // len(pattern))
    folded, offsets = normalise(text)
    assert len(offsets) == len(folded) + 1
    assert fold(text) == folded


def test_traditional_and_simplified_stay_apart_in_the_folded_text():
    assert fold("資料庫") != fold("资料库")


def test_a_match_inside_an_expanded_character_maps_to_the_whole_character():
    text = "弊社は㍿甲です"
    folded, offsets = normalise(text)
    place = folded.index("会社")
    assert text[slice(*span(offsets, place, place + 2))] == "㍿"


def test_a_match_over_decomposed_hangul_maps_to_whole_syllables():
    text = unicodedata.normalize("NFD", "서울의 인구")
    folded, offsets = normalise(text)
    place = folded.index("울의")
    low, high = span(offsets, place, place + 2)
    assert unicodedata.normalize("NFC", text[low:high]) == "울의"


def test_marks_heaped_on_one_character_are_cut_to_thirty():
    assert len(fold("a" + "\u0316" * 100_000)) == 31
    assert len(normalise("a" + "\u0301\u0316" * 50_000)[0]) <= 31


def test_every_single_character_folds_once_and_for_all():
    changing = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if (once := fold(chr(code))) != chr(code) and fold(once) != once
    ]
    assert changing == []


def test_characters_taken_to_fold_alone_do():
    import re

    alone = re.compile(f"[{module._ALONE}]")
    wrong = [
        hex(code)
        for code in range(0x10000)
        if alone.match(chr(code)) and (len(fold(chr(code))) != 1 or unicodedata.combining(chr(code)))
    ]
    assert wrong == []
