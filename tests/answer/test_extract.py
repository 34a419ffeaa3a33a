"""Answers without a language model."""

import pytest

from rag.answer.answerer import answer
from rag.answer.extract import Extractive
from rag.answer.phrases import phrase
from rag.types import Answer, Delta, Query
from tests.answer.library import Desk, chunks, passage

QUESTIONS = {
    "zh-Hans": ("员工每年有几天带薪年假？", "七天带薪年假"),
    "zh-Hant": ("臺北門市的營業時間是幾點到幾點？", "上午十點到晚上九點半"),
    "ja": ("年次有給休暇は最大で何日ですか", "最大で20日"),
    "ko": ("무선 청소기의 무상 보증 기간은 얼마나 되나요?", "2년"),
    "en": ("How long are full backups kept?", "90 days"),
}
ELSEWHERE = {
    "zh-Hans": "火星有几颗卫星？",
    "zh-Hant": "珠穆朗瑪峰的高度是多少？",
    "ja": "徳川家康はいつ生まれましたか",
    "ko": "한라산의 높이는 얼마입니까?",
    "en": "Who wrote the Tale of Genji?",
}


@pytest.fixture(scope="module")
def desk():
    return Desk()


def ask(desk, question, answerer=None):
    ranking = desk.search(question)
    return answer(answerer or desk.answerer, desk.query(question), ranking)


@pytest.mark.parametrize("lang", QUESTIONS)
def test_the_first_quotation_holds_the_answer(desk, lang):
    question, expected = QUESTIONS[lang]
    found = ask(desk, question)
    assert found.outcome == "extracted" and found.lang == lang and found.model == "extractive"
    assert expected in found.citations[0].quote


@pytest.mark.parametrize("lang", QUESTIONS)
def test_the_first_quotation_holds_the_answer_without_an_embedder(desk, lang):
    question, expected = QUESTIONS[lang]
    assert expected in ask(desk, question, Extractive()).citations[0].quote


@pytest.mark.parametrize("lang", ELSEWHERE)
@pytest.mark.parametrize("embedder", [True, False])
def test_a_question_nothing_answers_gets_an_abstention_in_its_language(desk, lang, embedder):
    found = ask(desk, ELSEWHERE[lang], Extractive(embedder=desk.embedder if embedder else None))
    assert found.outcome == "abstained" and not found.citations
    assert found.text == phrase("nothing_found", lang)


def test_an_abstention_says_it_in_five_different_ways():
    assert len({phrase("nothing_found", lang) for lang in QUESTIONS}) == 5


@pytest.mark.parametrize("lang", QUESTIONS)
def test_every_quotation_stands_in_its_document_where_it_says(desk, lang):
    texts = {chunk.id: chunk for chunk in chunks()}
    found = ask(desk, QUESTIONS[lang][0])
    for number, one in enumerate(found.citations, start=1):
        chunk = texts[one.chunk.id]
        assert one.number == number and f"[{number}]" in found.text
        assert chunk.text[one.start - chunk.start : one.end - chunk.start] == one.quote
        assert " ".join(one.quote.split()) in found.text


def test_the_pieces_of_a_stream_are_the_text_of_its_answer(desk):
    question = QUESTIONS["zh-Hans"][0]
    *pieces, last = desk.answerer.stream(desk.query(question), desk.search(question))
    assert isinstance(last, Answer) and all(isinstance(piece, Delta) for piece in pieces)
    assert "".join(piece.text for piece in pieces) == last.text


def test_nothing_found_is_an_abstention(desk):
    assert answer(desk.answerer, Query("年假", "zh-Hans"), ()).outcome == "abstained"


def test_a_question_in_simplified_characters_finds_the_sentence_in_traditional_ones_unchanged(desk):
    found = ask(desk, "台北门市的营业时间是几点")
    assert "臺北門市的營業時間" in found.citations[0].quote


def test_an_identifier_is_found_in_a_document_of_another_language(desk):
    found = ask(desk, "What should I do when error E03 is shown?")
    assert "E03" in found.citations[0].quote and found.citations[0].chunk.lang == "ja"


def test_no_more_sentences_are_quoted_than_were_asked_for():
    text = "会議室の予約は総務部が毎朝九時から受け付けます。会議室の予約は利用日の3日前に締め切ります。"
    question = Query("会議室の予約", "ja")
    for limit in (1, 2):
        found = answer(Extractive(sentences=limit), question, (passage(text),))
        assert len(found.citations) == limit


def test_no_sentence_is_quoted_twice(desk):
    text = "保証期間は2年です。"
    ranking = (passage(text, number=1), passage(text, number=2))
    found = answer(Extractive(), Query("保証期間は何年ですか", "ja"), ranking)
    assert [one.quote for one in found.citations] == [text]


def test_a_sentence_that_only_announces_is_quoted_with_the_next_one():
    text = "梅雨の期間中ほとんど雨が降らない場合がある。このような梅雨のことを空梅雨という。"
    question = Query("梅雨の期間中ほとんど雨が降らない場合をなんという？", "ja")
    assert answer(Extractive(), question, (passage(text),)).citations[0].quote == text


def test_a_heading_is_not_quoted_by_itself():
    hit = next(passage_of for passage_of in Desk().search("退貨", top_k=1))
    assert answer(Extractive(), Query("退貨", "zh-Hant"), (hit,)).citations[0].quote != "退貨"


def test_among_equals_the_sentence_that_shows_what_is_asked_for_comes_first():
    text = "会議室の予約は総務部が受け付けます。会議室の予約は3日前に締め切ります。"
    found = answer(Extractive(), Query("会議室の予約はいつ？", "ja"), (passage(text),))
    assert "3日前" in found.citations[0].quote


@pytest.mark.parametrize(
    "poison", ["![x](http://a.example/?d=1)", "<img src=http://a.example>", "[x](javascript:alert(1))"]
)
def test_markup_in_a_document_is_dead_in_the_text_and_whole_in_the_quotation(poison):
    hit = passage(f"保証期間は2年です{poison}。")
    found = answer(Extractive(), Query("保証期間は何年ですか", "ja"), (hit,))
    assert poison in found.citations[0].quote
    assert "](" not in found.text and "![" not in found.text and "<img" not in found.text


@pytest.mark.parametrize("text", ["", " \n", "。。。", "a" * 5000, "\ud7a3" * 3000, "😀" * 50])
def test_any_passage_and_any_question_give_an_answer(text):
    for question in (Query("？", "und"), Query("年假", "zh-Hans"), Query("a" * 3000, "en")):
        assert isinstance(answer(Extractive(), question, (passage(text),)), Answer)
