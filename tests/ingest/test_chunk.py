"""Chunks: laws on arbitrary documents, and where real ones are cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from ingest.chunk import chunks
from ingest.load import parse
from rag.errors import DocumentError
from rag.types import Chunk, Document

ROOT = Path(__file__).parents[2]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def words(texts: Sequence[str]) -> list[int]:
    """As a byte-level tokenizer counts: words by letters, everything else by UTF-8 bytes."""
    return [
        sum(1 if one.isascii() else len(one.encode()) for one in re.findall(r"\w+|\W", text, re.ASCII))
        for text in texts
    ]


def learnt() -> Tokenizer:
    """A tokenizer whose counts do not add up: some pairs of characters are one token."""
    pairs = ["であ", "ある", "です", "します", "的是", "工作", "습니", "니다", "하여", "##", "| "]
    pieces = [("<unk>", 0.0), *((pair, -2.0) for pair in pairs)]
    single = sorted({ch for pair in pairs for ch in pair} | set("abcdefghijklmnopqrstuvwxyz0123456789▁"))
    tokenizer = Tokenizer(models.Unigram([*pieces, *((ch, -6.0) for ch in single)], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


TOKENIZER = learnt()


def tokens(texts: Sequence[str]) -> list[int]:
    return [len(one.ids) for one in TOKENIZER.encode_batch(list(texts), add_special_tokens=False)]


COUNTERS = {"characters": characters, "words": words, "tokens": tokens}

FRAGMENTS = [
    *(
        "吾輩は猫である。",
        "名前はまだ無い！",
        "「どこで生れたか」と聞いた。",
        "一、二、三；四：五",
        "サーバー設定",
    ),
    *(
        "差旅费应在出差结束后提交。",
        "根据本办法，",
        "會議結束後請關閉空調。",
        "서버 점검을 합니다. ",
        "그러나 ",
    ),
    *("Back up the database. ", "version 3.14 of PPR-9087 ", "http://example.org/a/b?c=1 ", "1,234,567"),
    *(
        "葛\U000e0100城",
        "か\u3099",
        "👨\u200d👩\u200d👧",
        "🇯🇵🇰🇷",
        "\u1112\u1161\u11ab",
        "𠮷",
        "　",
        " ",
        "\n",
        "\n\n",
    ),
    *("# 見出し\n", "## 第二章\n\n", "### 小标题\n", "- 項目\n", "| a | b |\n|---|---|\n| 一 | 二 |\n"),
    *("```\ncode\n```\n", "---\n", "> 引用\n", "x" * 70, "漢" * 70, "。", "、、、", "\ufffd", "\t"),
]
VISIBLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
DOCUMENTS = st.lists(st.sampled_from(FRAGMENTS) | VISIBLE, max_size=40).map("".join)


def document(text: str, name: str = "a.md") -> Document:
    return parse(b"\xef\xbb\xbf" + text.encode(), name=name)


def cut(text: str, name: str = "a.md", size: int = 60, overlap: int = 0) -> list[Chunk]:
    return chunks(document(text, name), characters, tokens=size, overlap=overlap)


ARBITRARY = {
    "text": DOCUMENTS,
    "name": st.sampled_from(["a.md", "a.txt", "a.html"]),
    "counter": st.sampled_from(sorted(COUNTERS)),
    "size": st.integers(16, 90),
    "overlap": st.integers(0, 3),
}


def made_of(text: str, name: str) -> Document:
    """The document; a text that holds nothing to read is no example."""
    try:
        return document(text, name)
    except DocumentError as error:
        assert error.code == "empty"
        reject()


@settings(max_examples=300)
@given(**ARBITRARY)
def test_chunks_are_stretches_of_the_text_that_cover_it_in_order(text, name, counter, size, overlap):
    made = made_of(text, name)
    pieces = chunks(made, COUNTERS[counter], tokens=size, overlap=overlap)
    covered = set()
    for piece in pieces:
        assert piece.text == made.text[piece.start : piece.end] == piece.text.strip("\n")
        assert piece.text.strip()
        covered.update(range(piece.start, piece.end))
    assert all(ch.isspace() for index, ch in enumerate(made.text) if index not in covered)
    assert [(one.start, one.end) for one in pieces] == sorted((one.start, one.end) for one in pieces)
    assert len({one.id for one in pieces}) == len({one.end for one in pieces}) == len(pieces)


@settings(max_examples=300)
@given(**ARBITRARY)
def test_no_passage_is_over_the_budget(text, name, counter, size, overlap):
    pieces = chunks(made_of(text, name), COUNTERS[counter], tokens=size, overlap=overlap)
    assert all(count <= size for count in COUNTERS[counter]([one.passage for one in pieces]))


@given(**{**ARBITRARY, "overlap": st.just(0)})
def test_without_overlap_no_character_is_in_two_chunks(text, name, counter, size, overlap):
    pieces = chunks(made_of(text, name), COUNTERS[counter], tokens=size, overlap=overlap)
    assert all(one.end <= two.start for one, two in pairwise(pieces))


@given(**ARBITRARY)
def test_cutting_twice_gives_the_same(text, name, counter, size, overlap):
    made = made_of(text, name)
    once = chunks(made, COUNTERS[counter], tokens=size, overlap=overlap)
    assert chunks(made, COUNTERS[counter], tokens=size, overlap=overlap) == once


@given(
    st.text(
        st.sampled_from("葛\U000e0100か\u3099é\u0301👨\u200d👩🇯🇵🇰🇷가\u1112\u1161\u11abﾊﾞﾟ漢字"),
        min_size=40,
        max_size=200,
    )
)
def test_no_cut_is_made_inside_what_a_reader_sees_as_one_character(text):
    for piece in cut(text, "a.txt", 16):
        assert unicodedata.category(piece.text[0]) not in ("Mn", "Me", "Mc") or text.startswith(piece.text[0])
        assert piece.text[0] not in "\u200d\uff9e\uff9f" or text.startswith(piece.text[0])
        assert not piece.text.endswith("\u200d") or text.endswith("\u200d")


# -- where ---------------------------------------------------------------------------------------------

SENTENCES = {
    "zh-Hans": "差旅费应在出差结束后提交。逾期须由总监批准！单笔采购须事先申请？请在系统中填写申请单。",
    "zh-Hant": "會議結束後請關閉空調。預約後未到者將被取消！大型會議室可容納八十人？請由總務組協助架設。",
    "ja": "吾輩は猫である。名前はまだ無い！どこで生れたか知っているか？薄暗い所で泣いていた事を覚えている。",
    "ko": "정기 점검을 매월 실시합니다. 주문 조회를 이용할 수 없습니다! 언제 끝납니까? 새벽에 끝납니다.",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_a_paragraph_is_cut_at_sentence_ends(lang):
    pieces = cut(SENTENCES[lang], size=30)
    assert len(pieces) > 1
    assert all(one.text[-1] in "。！？.!?" for one in pieces)
    assert all(one.lang == lang for one in pieces)


def test_a_closing_quote_stays_with_its_sentence():
    assert [one.text for one in cut("「もう帰ります。」と彼は言った。「さようなら。」", size=17)] == [
        "「もう帰ります。」と彼は言った。",
        "「さようなら。」",
    ]


def test_a_sentence_over_the_budget_is_cut_at_its_clauses():
    text = (
        "第一に猫は名前が無く、第二に猫は生れた所を知らず、第三に猫は泣いていたので、人間はこれを見て笑った。"
    )
    pieces = cut(text, size=26)
    assert [one.text[-1] for one in pieces[:-1]] == ["、"] * (len(pieces) - 1)


def test_a_clause_mark_far_from_the_middle_is_better_than_a_cut_inside_a_word():
    first, second = cut(
        "就業規則によれば、" + "社員は規則を守り有給休暇を最大で二十日まで取ることができる。", size=32
    )
    assert (first.text, first.ends) == ("就業規則によれば、", "clause")
    assert second.ends == "block"


@pytest.mark.parametrize(
    "inside",
    [
        *("PPR-9087", "3.14159", "1,234,567", "user@example.org", "http://a.example/b"),
        *(
            "１，２３４．５６",
            "￥９８００",
            "５０％",
            "élève",
            "Москва",
            "9087년에는",
            "コンピューター",
            "二十三",
        ),
    ],
)
def test_identifiers_and_numbers_are_not_cut(inside):
    text = "".join(f"漢字{inside}仮名" for _ in range(9))
    joined = [one.text for one in cut(text, "a.txt", size=40)]
    assert sum(one.count(inside) for one in joined) == 9


def test_a_chunk_does_not_reach_across_a_heading():
    pieces = cut("# 甲\n\n短い文。\n\n# 乙\n\n別の文。\n")
    assert [(one.headings, one.text) for one in pieces] == [
        (("甲",), "# 甲\n\n短い文。"),
        (("乙",), "# 乙\n\n別の文。"),
    ]


def test_headings_are_kept_as_a_path_and_go_with_the_text_below_them():
    pieces = cut("# 規程\n\n## 第一章\n\n### 目的\n\n文一。\n\n## 第二章\n\n文二。\n")
    assert [(one.headings, one.text) for one in pieces] == [
        (("規程", "第一章", "目的"), "# 規程\n\n## 第一章\n\n### 目的\n\n文一。"),
        (("規程", "第二章"), "## 第二章\n\n文二。"),
    ]


def test_every_chunk_of_a_long_section_carries_its_headings():
    pieces = cut("# 規程\n\n" + "これは文である。" * 30)
    assert len(pieces) > 3
    assert {one.headings for one in pieces} == {("規程",)}


def test_a_heading_without_text_is_not_lost():
    assert [one.text for one in cut("文。\n\n# 最後\n")] == ["文。", "# 最後"]


def test_a_heading_too_long_for_the_budget_is_shortened_in_the_path_alone():
    title = "とても長い見出し" * 10
    pieces = cut(f"# {title}\n\n短い文。", size=40)
    assert all(len(one.headings[0]) <= 13 and title.startswith(one.headings[0].rstrip("…")) for one in pieces)
    assert "".join("".join(one.text.split()) for one in pieces) == f"#{title}短い文。"


def test_chunks_of_one_section_are_evenly_filled():
    """The last chunk is no scrap: a cut earlier costs less than one that leaves a single sentence."""
    sizes = [len(one.text) for one in cut("これは十文字の文だ。" * 13, size=60)]
    assert sum(sizes) == 130 and min(sizes) >= 30


TABLE = "| 型番 | 価格 |\n| --- | --- |\n" + "".join(
    f"| HB-{number} | {number}00円 |\n" for number in range(10, 40)
)


def test_a_table_is_cut_between_rows_and_its_header_goes_with_every_part():
    pieces = cut(f"# 価格表\n\n{TABLE}", size=90)
    assert len(pieces) > 5
    assert pieces[0].text.startswith("# 価格表\n\n| 型番 | 価格 |\n| --- | --- |\n| HB-10")
    assert pieces[0].headings == ("価格表",)
    assert {one.headings for one in pieces[1:]} == {("価格表", "型番 | 価格")}
    assert all(one.text.startswith("| HB-") and one.text.endswith("円 |") for one in pieces[1:])


def test_code_that_fits_is_kept_whole():
    code = "```python\nfor x in range(3):\n    print(x)\n```"
    pieces = cut(f"{'説明の文が続く。' * 5}\n\n{code}\n\n{'後の文が続く。' * 5}", size=50)
    assert any(code in one.text for one in pieces)


def test_code_that_does_not_fit_is_cut_at_line_ends():
    code = "".join(f"value_{number} = compute({number})\n" for number in range(20))
    for piece in cut(f"```\n{code}```\n", size=80):
        assert re.fullmatch(r"(```\n)?(value_\d+ = compute\(\d+\)\n?)+(```)?|```", piece.text)


def test_the_parts_of_long_code_are_full():
    code = "".join(f"value_{number} = compute({number})\n" for number in range(10, 30))
    *parts, _ = cut(f"```\n{code}```\n", size=110)
    assert min(len(one.text) for one in parts) > 70


def test_a_row_over_the_budget_is_cut_between_its_cells():
    row = "| " + " | ".join(f"値の説明{number}" for number in range(10, 40)) + " |"
    pieces = cut(f"| 甲 | 乙 |\n|---|---|\n{row}\n", size=60)
    assert all(one.text.endswith("|") for one in pieces)


def test_text_that_has_no_tokens_is_cut_too():
    pieces = chunks(document("甲\n\n" * 90, "a.txt"), lambda texts: [0] * len(texts), tokens=20)
    assert [len(one.text.split()) for one in pieces] == [20, 20, 20, 20, 10]


def test_what_no_block_covers_is_a_paragraph():
    assert [one.text for one in cut("文[甲]。\n\n[甲]: https://a.example\n")] == [
        "文[甲]。\n\n[甲]: https://a.example"
    ]


def test_overlap_repeats_the_sentences_before():
    text = "".join(f"これは第{number}の文である。" for number in range(30))
    plain, overlapping = cut(text, size=60), cut(text, size=60, overlap=1)
    assert all(two.start < one.end for one, two in pairwise(overlapping))
    assert all(one.end <= two.start for one, two in pairwise(plain))
    assert all(one.text.startswith("これは第") for one in overlapping)


def test_overlap_does_not_repeat_a_whole_chunk():
    text = "短い文。\n\n" + "これは長めの文である。" * 4
    made = chunks(document(text, "a.txt"), characters, tokens=60, overlap=2, strategy="structure")
    assert [one.text for one in made] == text.split("\n\n")


def test_a_million_characters_without_an_end_are_cut():
    pieces = chunks(document("漢字" * 100_000, "a.txt"), characters, tokens=400)
    assert max(len(one.text) for one in pieces) <= 400
    assert sum(len(one.text) for one in pieces) == 200_000


def test_a_heap_of_combining_marks_is_cut_somewhere():
    pieces = cut("e" + "\u0301" * 5_000, "a.txt", 60)
    assert max(len(one.text) for one in pieces) <= 60
    assert sum(len(one.text) for one in pieces) == 5_001


def test_the_pages_of_a_pdf_are_not_mixed():
    path = ROOT / "examples" / "ja" / "取扱説明書_APX-200.pdf"
    made = parse(path.read_bytes(), name=path.name)
    pieces = chunks(made, characters, tokens=400)
    assert [one.page for one in pieces] == [1, 2]
    assert pieces[1].text.startswith("お手入れ")


# -- identity ------------------------------------------------------------------------------------------


def test_a_chunk_says_where_it_comes_from():
    made = document("# 題\n\n文。", "規程/旅費.md")
    (piece,) = chunks(made, characters, tokens=60)
    assert (piece.doc_id, piece.document) == (made.id, "規程/旅費.md")


def test_ids_depend_on_the_document_its_content_and_the_settings():
    text = "これは文である。" * 20

    def ids(text: str, name: str = "a.txt", size: int = 60) -> set[str]:
        return {one.id for one in cut(text, name, size)}

    assert ids(text) == ids(text)
    assert ids(text).isdisjoint(ids(text, "b.txt"))
    assert ids(text).isdisjoint(ids(text + "終。"))
    assert ids(text).isdisjoint(ids(text, size=61))
