"""What a chunk keeps together: lists, tables, questions and answers, articles; and the strategies by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_text, chunks
from ingest.load import parse
from ingest.sizes import read, written
from ingest.strategies import STRATEGIES
from rag.errors import ConfigError
from tests.ingest.test_chunk import DOCUMENTS, characters, made_of


def cut(text, size, name="a.txt", **options):
    document = parse(b"\xef\xbb\xbf" + text.encode(), name=name)
    return chunks(document, characters, tokens=size, **options)


def texts(*args, **options):
    return [one.text for one in cut(*args, **options)]


FAQ = {
    "ja": "Q1. 休暇は何日ですか？\nA1. 年に二十日です。翌年に繰り越せます。",
    "zh": "问：年假有几天？\n答：十五天。法定节假日不计算在内。",
    "zh-Hant": "問題1：如何退貨？\n答案1：七天之內均可退貨。請保留發票。",
    "ko": "질문: 연차는 며칠인가요?\n답변: 열닷새입니다. 이듬해로 넘길 수 있습니다.",
    "brackets": "【質問】返品できますか？\n【回答】七日以内にご連絡ください。送料は当社が負担します。",
}


@pytest.mark.parametrize("lang", FAQ)
def test_a_question_stays_with_its_answer(lang):
    pair, other = FAQ[lang], FAQ["ja"].replace("Q1", "Q2").replace("A1", "A2")
    before = "これはよくある質問をまとめたものです。"
    found = texts(f"{before}\n\n{pair}\n\n{other}", 42)
    assert len(found) > 1 and all(any(kept in one for one in found) for kept in (pair, other))


SPELLINGS = [
    *(
        "Q1：{}？|A1：{}",
        "Ｑ　{}？|Ａ　{}",
        "Q {}？|A {}",
        "**Q: {}？**|A: {}",
        "**Q**: {}？|**A**: {}",
        "Q-1. {}|A-1. {}",
    ),
    *(
        "- Q. {}？|- A. {}",
        "1. Q：{}？|   A：{}",
        "(Q) {}？|(A) {}",
        "Question: {}?|Answer: {}",
        "Q. {}？|{}",
    ),
    *(
        "问题一：{}？|答案一：{}",
        "提问：{}|回复：{}",
        "第一问：{}|答：{}",
        "1、{}？|{}",
        "{}？|答：{}",
        "【问】{}|【答】{}",
    ),
    *(
        "問1 {}|答1 {}",
        "問い：{}|答え：{}",
        "ご質問：{}|お答え：{}",
        "■質問|{}|■回答|{}",
        "〈問〉{}|〈答〉{}",
    ),
    *(
        "질문 1: {}|답변 1: {}",
        "질의: {}|회신: {}",
        "문1) {}|답1) {}",
        "(문) {}|(답) {}",
        "물음: {}|대답: {}",
    ),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_questions_and_answers_are_known_in_many_spellings(spelling):
    asked = "返品はいつまでできるのでしょうか"
    pair = spelling.replace("|", "\n").format(asked, "七日以内です。送料は当社が負担します。後は別です。")
    found = texts(f"{'これは前に置いた文である。' * 4}\n\n{pair}\n\n{'後に置いた文である。' * 4}", 72)
    assert any(pair in one for one in found)


def test_a_letter_at_the_head_of_a_line_answers_no_question_of_the_text():
    prose = "Was it so?\nA dog came along. " + "It saw the cat on the mat. " * 9
    assert all(one.headings == () for one in cut(prose, 60))


def test_the_parts_of_a_long_answer_carry_its_question():
    answer = "".join(f"これは第{number}の答えの文である。" for number in range(9))
    first, *others = cut(f"Q: 休暇は何日か。\nA: {answer}\nQ: 次は。\nA: はい。", 60)
    assert first.text.startswith("Q: 休暇は何日か。\nA: これは第0の")
    assert all(one.headings == ("Q: 休暇は何日か。",) for one in others[:-1])
    assert others[-1].text.endswith("Q: 次は。\nA: はい。")


def test_a_question_without_an_answer_is_a_sentence_like_others():
    one = "問１　次の文を読みなさい。"
    assert texts(f"{one}文を読んだ。意味を考えた。\n答えを書いた。", 24)[0].startswith(one)


def test_what_stands_pages_below_a_question_is_not_its_answer():
    prose = "".join(f"これは第{number}の文である。" for number in range(40))
    found = cut(f"問１　次の文を読みなさい。\n{prose}\n答：三つである。", 60)
    assert all(one.headings == () for one in found)


ARTICLES = {
    "zh": ["第三条 民事主体的权利受法律保护。任何人不得侵犯。", "第四条 法律地位一律平等。各方应当遵守。"],
    "ja": [
        "第三条　権利は法律で守られる。何人も侵してはならない。",
        "第四条の二　地位は平等である。これを守る。",
    ],
    "ko": ["제3조(권리) 권리는 보호된다. 침해할 수 없다.", "제4조의2(평등) 모두 평등하다. 이를 지킨다."],
}


@pytest.mark.parametrize("lang", ARTICLES)
def test_an_article_that_fits_is_not_cut(lang):
    assert texts("\n".join(ARTICLES[lang]), 32) == ARTICLES[lang]


def test_the_caption_above_an_article_goes_with_it():
    captioned = (
        "（目的）\n第一条　権利を守ることを目的とする。\n（定義）\n第二条　語の意味は次のとおりとする。"
    )
    assert texts(captioned, 32) == captioned.replace("\n（定", "|（定").split("|")
    long = f"{captioned}\n（罰則）\n第三条　{'これは罰則の文である。' * 6}"
    assert cut(long, 48)[-1].headings == ("第三条（罰則）",)


def test_the_parts_of_a_long_article_carry_its_number():
    clauses = "".join(f"\n{number}. 용어의 뜻은 법 {number}호에서 정한다." for number in range(1, 9))
    first, *others = cut(f"제2조(정의) 이 법에서 쓰는 말은 다음과 같다.{clauses}", 80)
    assert first.headings == ()
    assert others and all(one.headings == ("제2조(정의)",) for one in others)


def test_what_is_repeated_of_an_article_does_not_put_its_number_above_the_next():
    clauses = "".join(f"これは第{number}の号である。" for number in range(8))
    text = f"第一条（目的）　{clauses}\n第二条（定義）　{clauses}"
    found = cut(text, 64, overlap=1, additive=True)
    assert all(len(one.passage) <= 64 for one in found)
    begun = next(one for one in found if "\n第二条" in one.text)
    assert begun.text.startswith("これは第7の号である。") and begun.headings == ()


def test_a_sentence_that_has_no_room_with_its_article_above_it_goes_without():
    sentence = f"これは{'とても' * 12}長い文である。"
    found = cut(f"第一条（とても長い見出しの条文である）　文。{sentence}\n{sentence}", len(sentence) + 1)
    assert [one.text for one in found if "長い文" in one.text] == [sentence, sentence]


def test_articles_in_the_smallest_chunks_are_cut():
    text = "第一条（建エネルギー消費性能向画の）\n-の量の熱は電せ、もの\n第三条（自等置て等）\u3000法項管の配"
    found = chunk_text(text, tokens=16, overlap=1)
    assert max(one.tokens for one in found) <= 16
    assert found[-1].end == len(text)


LISTS = {
    "a.md": "- 弁当と水筒を用意する\n- 雨具を用意する\n- 帽子を忘れない",
    "a.txt": "1. 打开电源开关\n2. 按住设置键三秒\n3. 选择语言为中文",
    "b.txt": "가. 신청서를 쓴다\n나. 서류를 낸다\n다. 결과를 받는다",
    "c.txt": "・電源を入れる\n・ボタンを押す\n・言語を選ぶ",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_fits_is_not_cut(name):
    listed = LISTS[name]
    before, after = "これは前に置かれた長い段落の文である。" * 2, "後の文である。終わり。"
    assert any(listed in one for one in texts(f"{before}\n\n{listed}\n\n{after}", 60, name))


def test_what_is_repeated_leaves_room_for_a_list():
    listed = "- 弁当と水筒を用意する\n- 雨具を用意する\n- 帽子を忘れない"
    text = f"{'前の文である。' * 6}\n\n{listed}\n\n後の文である。終わり。"
    assert any(listed in one for one in texts(text, len(listed) + 5, "a.md", overlap=2))


def test_a_line_that_leads_in_goes_with_what_follows():
    led = "用意する物は次のとおり：\n\n- 弁当\n- 雨具"
    assert led in texts(f"{'前の文である。' * 5}\n\n{led}\n\n{'後の文である。' * 5}", 40, "a.md")


def test_a_table_that_fits_is_not_cut():
    table = "| 型番 | 価格 |\n| --- | --- |\n| HB-1 | 100円 |\n| HB-2 | 200円 |"
    assert table in texts(f"{'前の文である。' * 8}\n\n{table}\n\n{'後の文である。' * 8}", 70, "a.md")


def test_an_address_is_not_cut_at_its_question_mark():
    text = "お支払いはhttps://example.org/a/b?c=1からご確認のうえ早めにお願いいたします"
    assert any("https://example.org/a/b?c=1" in one for one in texts(text, 40))


# -- neighbours ----------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(DOCUMENTS, st.integers(16, 60), st.integers(0, 2))
def test_chunks_know_their_neighbours_their_parent_and_the_space_between(text, size, overlap):
    made = made_of(text, "a.md")
    found = chunks(made, characters, tokens=size, overlap=overlap)
    assert [one.previous for one in found] == ["", *(one.id for one in found[:-1])]
    assert [one.next for one in found] == [*(one.id for one in found[1:]), ""]
    for one, after in zip(found, [*found[1:], None], strict=True):
        assert one.section[0] <= one.start and one.end <= one.section[1]
        assert one.gap == (made.text[one.end : after.start] if after else "")
        assert one.tokens == len(one.passage)


def test_the_parent_is_all_that_stands_under_a_heading():
    first, second, third = cut("# 甲\n\n" + "これは文である。" * 8 + "\n\n# 乙\n\n別の文。", 50, "a.md")
    assert first.section == second.section == (0, second.end)
    assert third.section == (third.start, third.end)


# -- strategies ----------------------------------------------------------------------------------------

SEVERAL = "# 題\n\n一つ目の段落。\n\n二つ目の段落。続く。\n\n# 次\n\n三つ目の段落。"


def embed(sentences):
    """Vectors by topic: cats, dogs, neither."""
    rows = [[("猫" in one) + 0.1, ("犬" in one) + 0.1] for one in sentences]
    return np.array(rows, np.float32)


def test_structure_gives_every_paragraph_a_chunk():
    found = texts(SEVERAL, 60, "a.md", strategy="structure")
    assert found == ["# 題\n\n一つ目の段落。", "二つ目の段落。続く。", "# 次\n\n三つ目の段落。"]


def test_page_takes_no_notice_of_headings():
    assert texts(SEVERAL, 60, "a.md", strategy="page") == [SEVERAL]


def test_fixed_fills_chunks_without_regard_to_sentences():
    found = texts("これは十文字の文だ。" * 12, 50, strategy="fixed")
    assert min(len(one) for one in found[:-1]) > 40
    assert any(one[-1] != "。" for one in found)


def test_semantic_cuts_where_the_topic_changes():
    text = "猫は眠る。猫は鳴く。猫は走る。犬は吠える。犬は泳ぐ。犬は待つ。"
    assert texts(text, 25, strategy="semantic", embed=embed)[0] == text[:15]


def test_semantic_needs_vectors_and_names_are_checked():
    with pytest.raises(ConfigError, match="embedder"):
        cut("文。", 20, strategy="semantic")
    with pytest.raises(ConfigError, match="sentence, structure, fixed, semantic, page"):
        cut("文。", 20, strategy="words")


@settings(max_examples=60)
@given(DOCUMENTS, st.sampled_from(sorted(STRATEGIES)), st.integers(16, 90))
def test_whatever_the_strategy_nothing_is_lost_or_over_budget(text, strategy, size):
    made = made_of(text, "a.md")
    found = chunks(made, characters, tokens=size, strategy=strategy, embed=embed)
    covered = {place for one in found for place in range(one.start, one.end)}
    assert all(ch.isspace() for place, ch in enumerate(made.text) if place not in covered)
    assert all(made.text[one.start : one.end] == one.text and len(one.passage) <= size for one in found)


# -- sizes ---------------------------------------------------------------------------------------------


def test_sizes_are_kept_as_they_were():
    found = cut("これは文である。" * 9 + "漢字" * 40, 40)
    sizes = read(written(found))
    assert sizes.tokens == tuple(one.tokens for one in found)
    assert sizes.split == sum(one.ends in ("clause", "space", "character") for one in found) > 0
    assert str(read("")) == "no tokens"
