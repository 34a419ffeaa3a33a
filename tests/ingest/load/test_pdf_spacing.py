"""Line breaks in Korean text: a space belongs at some, at others a word goes on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load.pdf.joining import joined
from ingest.load.pdf.lines import Line
from ingest.load.pdf.spacing import Spacing, spacing
from rag.text.korean_spacing import space_odds

CUTS = Spacing(breaks_words=True)


def flowed(text):
    return Line(tuple((ch, 10.0 * n, 0.0, 10.0 * n + 10, 10.0) for n, ch in enumerate(text)), 10.0)


def together(one, two, judge=CUTS):
    return joined([flowed(one), flowed(two)], judge)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("우리 도서관은 화요일부", "터 일요일까지 문을 엽니다"),
        ("신청서를 사흘 전까지 제출하", "여야 한다고 정하고 있다."),
        ("어제 저녁에 친구를 만났습", "니다. 그래서 늦었습니다."),
        ("아이들이 운동장에서 뛰어놀", "고 있었다."),
        ("이 제도는 내년부터 시행", "된다고 발표하였다."),
        ("서울에서 부산까지 기차", "로 두 시간이 걸린다."),
        ("그 사람은 정직하", "지만 조금 느리다."),
        ("새로운 기능을 사용", "할 수 있습니다."),
        ("학교", "에서 돌아온 뒤에 숙제를 했다."),
        ("그 뒤에 세상에 널리 알려", "지게 되었다."),
    ],
)
def test_a_word_cut_between_syllables_is_whole_again(one, two):
    assert together(one, two) == one + two


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("우리 도서관은", "화요일부터 문을 엽니다"),
        ("새로운 기능을 사용할", "수 있습니다."),
        ("아이들이 운동장에서 뛰어놀고", "있었다."),
        ("서울에서 부산까지 기차로", "두 시간이 걸린다."),
        ("그 사람은 정직하지만", "조금 느리다."),
        ("어제 저녁에 친구를", "만났습니다."),
        ("비가 많이 와서", "경기가 취소되었다."),
        ("정부는 이 문제를 해결하기", "위해 노력하고 있다."),
        ("그는 아무 말도 하지", "않고 방을 나갔다."),
        ("가장 중요한", "것은 건강이다."),
    ],
)
def test_two_words_on_two_lines_keep_their_space(one, two):
    assert together(one, two) == f"{one} {two}"


@pytest.mark.parametrize(
    ("one", "two", "whole"),
    [
        ("자세한 내용은 2024", "년 7월의 알림을 보십시오.", "2024년"),
        ("자세한 내용은 2024년", "7월의 알림을 보십시오.", "2024년 7월의"),
        ("근로기준법 제", "60조를 참조한다.", "제60조를"),
        ("이 책은 《소나기》", "라는 작품이다.", "《소나기》라는"),
        ("그는 '다윗과 골리앗'", "이라고 불렀다.", "골리앗'이라고"),
        ("그가 쓴 책으로는 《", "소나기》가 있다.", "《소나기》가"),
        ("여러 도시(서울", ", 부산)에서 열린다.", "서울, 부산)에서"),
        ("모두 열 권입니다.", "기간은 두 주일이다.", "권입니다. 기간은"),
        ("이 기능은 React", "에서 쓸 수 있다.", "React에서"),
        ("이 기능은 Open", "Source 모임에서 만들었다.", "Open Source"),
    ],
)
def test_figures_marks_and_latin_letters_stand_as_they_were_written(one, two, whole):
    assert whole in together(one, two)


def test_words_seen_elsewhere_in_the_document_settle_a_doubt():
    one, two = "지난해 발표한 복지", "정책은 큰 호응을 얻었다."
    for written in ("복지정책은", "복지 정책은"):
        seen = spacing([[flowed(f"그때 그 {written} 모두 알고 있었다")]] * 9).words
        assert written in together(one, two, Spacing(True, seen))


def test_a_document_that_never_cuts_words_is_not_judged_by_their_looks():
    assert together("우리 도서관은 화요일부", "터 문을 엽니다", Spacing()).count(" ") == 5


def test_text_that_is_not_korean_is_joined_as_ever():
    assert together("这是第一行的文", "字和第二行。") == "这是第一行的文字和第二行。"
    assert together("the end of", "a line") == "the end of a line"


def test_nothing_to_judge_is_no_error():
    assert space_odds([]) == []
    assert len(space_odds([("", ""), ("가", ""), ("", "나"), (" ", "\t")])) == 4


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_text_is_judged_the_same_every_time_alone_or_among_others(breaks):
    once = space_odds(breaks)
    assert once == space_odds(breaks)
    assert once == pytest.approx([space_odds([one])[0] for one in breaks], abs=1e-3)
