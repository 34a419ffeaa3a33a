"""A quotation is found again in the source, or it is not a citation."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.answer.cite import locate
from rag.answer.torn import torn
from rag.text.han import simplify
from rag.text.normalise import fold
from tests.answer.library import TEXTS, chunks, passage

PASSAGES = st.sampled_from(chunks())


def quoted(chunk, place):
    return chunk.text[place[0] - chunk.start : place[1] - chunk.start]


def key(text):
    return "".join(simplify(fold(text)).split())


@given(PASSAGES, st.data())
def test_any_stretch_that_a_writer_might_quote_is_found_where_it_stands(chunk, data):
    begin = data.draw(st.integers(0, len(chunk.text) - 1))
    end = data.draw(st.integers(begin + 1, len(chunk.text)))
    quote = chunk.text[begin:end].strip()
    assume(quote and not torn(chunk.text, begin, end))
    place = locate(quote, chunk)
    assert place and quoted(chunk, place) == quote
    assert place[0] <= chunk.start + chunk.text.index(quote)


@given(PASSAGES, st.data())
def test_a_stretch_with_one_character_changed_is_never_verified(chunk, data):
    begin = data.draw(st.integers(0, len(chunk.text) - 6))
    end = data.draw(st.integers(begin + 5, min(len(chunk.text), begin + 40)))
    place = data.draw(st.integers(begin, end - 1))
    other = data.draw(st.sampled_from("0123456789三五八十百不未無没非年月日aNé한국어東西"))
    assume(not chunk.text[place].isspace())
    altered = chunk.text[begin:place] + other + chunk.text[place + 1 : end]
    assume(key(altered) not in key(chunk.text))
    assert locate(altered, chunk) is None


@given(PASSAGES, st.text(min_size=1, max_size=30))
def test_invented_words_are_never_verified(chunk, invented):
    assume(key(invented) not in key(chunk.text))
    assert locate(invented, chunk) is None


@given(PASSAGES, st.text(max_size=20))
def test_what_is_verified_reads_the_same_as_the_quotation(chunk, tail):
    for quote in (tail, chunk.text[3:12] + tail):
        place = locate(quote, chunk)
        if place:
            assert key(quote) in key(quoted(chunk, place))
            assert chunk.start <= place[0] < place[1] <= chunk.end


@pytest.mark.parametrize(
    ("quote", "original"),
    [
        ("台北门市的营业时间是上午十点", "臺北門市的營業時間是上午十點"),
        ("臺北門市", "臺北門市"),
        ("年次有給休暇は、勤続年数が", "年次有給休暇は、勤続年数が"),
        ("最大で２０日とする", "最大で20日とする"),
        ("ｴﾗｰ表示 Ｅ０３", "エラー表示 E03"),
        ("水位センサーの汚れをふき取って", "水位センサーの汚れを\nふき取って"),
        ("凭发票退货。退货时", "憑發票退貨。\n退貨時"),
        ("１５일의  유급휴가", "15일의 유급휴가"),
        ("FULL BACKUPS are\nkept for 90 days", "Full backups are kept for 90 days"),
        ("ppr－9087", "PPR-9087"),
    ],
)
def test_width_case_script_and_line_ends_are_no_difference_and_the_original_is_returned(quote, original):
    found = [(chunk, place) for chunk in chunks() if (place := locate(quote, chunk))]
    assert [quoted(chunk, place) for chunk, place in found] == [original]


@pytest.mark.parametrize("quote", ["", "  \n", "七天\x00年假", "最大で30日とする", "유급 휴가를", "90days"])
def test_what_is_not_there_is_not_found(quote):
    assert not any(locate(quote, chunk) for chunk in chunks())


def test_a_line_end_inside_a_word_of_the_source_is_no_difference():
    hit = passage("The infra-\nstructure team keeps\nit. 유급휴\n가를 준다.", "en")
    assert locate("유급휴가를 준다", hit.chunk) is not None
    assert locate("keeps it", hit.chunk) is not None


def test_the_offsets_of_decomposed_characters_are_those_of_the_source():
    text = "か\u3099くせいは\u202810日です。"
    hit = passage(text, start=7)
    place = locate("がくせい", hit.chunk)
    assert place == (7, 12) and text[: place[1] - 7] == "か\u3099くせい"


def test_the_library_has_all_languages():
    assert {lang for lang, _, _ in TEXTS} == {"zh-Hans", "zh-Hant", "ja", "ko", "en"}
