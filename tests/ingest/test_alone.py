"""A text that is at hand, cut without a file: offsets are those of the text, whatever is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_document, chunk_text, chunks
from ingest.load import parse
from rag import assemble
from rag.errors import ConfigError
from rag.settings import ChunkSettings, Settings
from rag.text.clean import clean, removed
from tests.ingest.test_chunk import FRAGMENTS

ROOT = Path(__file__).parents[2]
DIRTY = [
    "\r\n",
    "\r",
    "\ufeff",
    "\x00",
    "\x1c",
    "\x85",
    "\u2028",
    "\ud83d",
    "\ude00",
    "\x0b",
    "---\r\n",
    "　",
]
TEXTS = st.lists(st.sampled_from([*FRAGMENTS, *DIRTY]) | st.text(max_size=12), max_size=40).map("".join)
NAMES = st.sampled_from(["a.md", "a.txt", "規程", "\ud800\n.MD", ""])
STRATEGIES = st.sampled_from(["sentence", "structure", "fixed", "page"])


def units(text: str) -> int:
    """A count that is no sum of its parts: UTF-16 units, pairs of equal ones once."""
    return sum(1 + (ch > "\uffff") for ch in text) - text.count("漢漢")


def lost(text, pieces):
    """What is in no chunk, but for white space."""
    inside = {place for one in pieces for place in range(one.start, one.end)}
    return [ch for place, ch in enumerate(text) if place not in inside and not ch.isspace()]


@settings(max_examples=300)
@given(text=TEXTS, name=NAMES, strategy=STRATEGIES, tokens=st.integers(4, 90), overlap=st.integers(0, 2))
@example("\ufeff---\r\ntitle: 猫\r\n---\r\n文。\x00 \x00 文。\ud83d\ude00\x00", "a.md", "sentence", 16, 1)
@example("\x00", "a.md", "sentence", 16, 0)
@example("文。 \x1c\x00", "a.txt", "fixed", 4, 0)
def test_offsets_are_those_of_the_text_and_nothing_but_white_space_is_lost(
    text, name, strategy, tokens, overlap
):
    pieces = chunk_text(text, tokens=tokens, overlap=overlap, strategy=strategy, name=name, count=units)
    assert all(text[one.start : one.end] == one.text for one in pieces)
    assert all(one.tokens == units(one.passage) <= tokens or len(one.text) == 1 for one in pieces)
    assert [one.start for one in pieces] == sorted(one.start for one in pieces)
    assert bool(pieces) == bool(clean(text).strip())
    assert not pieces or not lost(text, pieces)
    assert len({one.id for one in pieces}) == len(pieces)


@settings(max_examples=60)
@given(text=TEXTS, tokens=st.integers(16, 64))
@example("0\U000103d6\U00018ab3" * 2, 16)  # known to the tokenizer by their bytes, and alone not at all
def test_no_passage_of_any_text_is_larger_for_the_bundled_embedder_than_the_budget(text, tokens):
    count = assemble.embedder(Settings()).count_tokens
    pieces = chunk_text(text, tokens=tokens)
    readable = [one.passage.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for one in pieces]
    assert all(size <= tokens for size in count(readable))


def test_parts_that_count_for_nothing_alone_are_parted_until_they_fit():
    pieces = chunk_text("漢字仮名" * 20, tokens=8, count=lambda text: 3 * (len(text) - 1))
    assert "".join(one.text for one in pieces) == "漢字仮名" * 20
    assert max(one.tokens for one in pieces) <= 8


@settings(max_examples=200)
@given(TEXTS)
def test_what_cleaning_leaves_out_is_known(text):
    gone = set(removed(text))
    kept = [place for place in range(len(text)) if place not in gone]
    cleaned = clean(text)
    assert len(kept) == len(cleaned)
    assert all(
        cleaned[number] == text[place]
        or text[place] in "\r\x0b\x0c\x85"
        or "\ud800" <= text[place] <= "\udfff"
        for number, place in enumerate(kept)
    )


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=40).map("".join))
def test_a_text_is_cut_where_a_file_with_that_text_is(text):
    embedder, how = assemble.embedder(Settings()), Settings().chunk
    if not any(ch.isalnum() for ch in text):
        return
    document = parse(b"\xef\xbb\xbf" + text.encode(), name="a.md")
    pieces = chunk_text(text, tokens=how.tokens, name="a.md")
    assert [(one.start, one.end, one.headings, one.tokens) for one in pieces] == [
        (one.start, one.end, one.headings, one.tokens) for one in chunk_document(document, embedder, how)
    ]


PARAGRAPHS = {
    "zh-Hans": "# 差旅\n\n差旅费应在结束后提交。逾期须由总监批准！\n\n采购须事先申请？请在系统中填写申请单。",
    "zh-Hant": "# 會議室\n\n會議結束後請關閉空調。未到者將被取消！\n\n可容納八十人？請洽總務組。",
    "ja": "# 猫\n\n吾輩は猫である。名前はまだ無い！\n\nどこで生れたか？泣いていた事を覚えている。",
    "ko": "# 점검\n\n정기 점검을 실시합니다. 조회를 이용할 수 없습니다!\n\n언제 끝납니까? 새벽에 끝납니다.",
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b"])
@pytest.mark.parametrize("lang", PARAGRAPHS)
def test_the_kind_of_line_end_does_not_change_where_a_text_is_cut(lang, end):
    text = PARAGRAPHS[lang]
    there = text.replace("\n", end)
    count = assemble.embedder(Settings()).count_tokens
    size = max(count(text.split("\n\n"))) + 4
    plain, other = chunk_text(text, tokens=size), chunk_text(there, tokens=size)
    assert len(plain) > 1
    assert [one.text.replace("\n", end) for one in plain] == [one.text for one in other]
    assert [one.headings for one in plain] == [one.headings for one in other]
    assert {one.lang for one in other} == {lang}


def test_a_byte_order_mark_hides_no_heading_and_is_not_lost():
    (piece,) = chunk_text("\ufeff# 見出し\r\n文。")
    assert piece.headings == ("見出し",)
    assert piece.text == "\ufeff# 見出し\r\n文。"


def test_the_section_of_a_chunk_is_a_span_of_the_text():
    text = "\ufeff# 甲\r\n\r\n文一。\r\n\r\n# 乙\r\n\r\n文二。\x00\r\n"
    assert [text[slice(*one.section)] for one in chunk_text(text)] == [
        "\ufeff# 甲\r\n\r\n文一。",
        "# 乙\r\n\r\n文二。\x00",
    ]


def test_a_name_says_whether_a_text_is_markdown():
    text = "# 甲\n\n文一。\n\n第二章　罰則\n\n文二。"
    assert [one.headings for one in chunk_text(text, name="規程.md")] == [("甲",)]
    assert [one.headings for one in chunk_text(text, name="規程.txt")] == [("# 甲",), ("# 甲", "第二章 罰則")]


def test_ids_are_the_same_for_the_same_text_under_the_same_name():
    text = "これは文である。" * 9

    def ids(**how):
        return {one.id for one in chunk_text(text, count=len, **{"tokens": 30, **how})}

    assert ids() == ids()
    assert ids().isdisjoint(ids(name="b.md"))
    assert ids().isdisjoint(ids(tokens=40))
    assert ids().isdisjoint(ids(key="another"))


def test_an_embedder_of_ones_own_counts_and_compares():
    class Letters:
        max_tokens, passage_room, additive = 20, 20, True

        def count_tokens(self, texts):
            return [len(text) for text in texts]

        def encode_passages(self, texts):
            import numpy as np

            return np.array([[1.0, 0.0] if "猫" in text else [0.0, 1.0] for text in texts], np.float32)

    text = "猫が鳴く。猫が寝る。株が上がる。株が下がる。"
    assert all(len(one.text) <= 20 for one in chunk_text(text, embedder=Letters()))
    pieces = chunk_text(text, tokens=20, strategy="semantic", embedder=Letters())
    assert [one.text for one in pieces] == ["猫が鳴く。猫が寝る。", "株が上がる。株が下がる。"]


def test_the_bundled_embedder_compares_where_another_count_is_given():
    assert len(chunk_text("猫が鳴く。株が下がる。" * 9, tokens=40, strategy="semantic", count=len)) > 1


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"overlap": -1}, {"strategy": "magic"}])
def test_settings_that_do_not_exist_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        chunk_text("文。", **wrong)


def test_importing_the_chunker_loads_no_torch_no_framework_and_no_model():
    heavy = "{'torch', 'transformers', 'langchain', 'langchain_core', 'llama_index', 'tokenizers', 'typer'}"
    code = f"import sys; from ingest.chunk import chunk_text; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_document_is_cut_within_what_reaches_the_embedder():
    document = parse(("これは文である。" * 50).encode(), name="a.txt")

    class Short:
        max_tokens, passage_room, additive = 30, 30, False

        def count_tokens(self, texts):
            return [len(text) for text in texts]

        def encode_passages(self, texts):
            raise AssertionError("only the strategy semantic needs vectors")

    pieces = chunk_document(document, Short(), Settings().chunk, key="k")
    assert max(one.tokens for one in pieces) <= 30
    assert [one.id for one in pieces] == [
        one.id for one in chunks(document, Short().count_tokens, tokens=30, key="k")
    ]


def test_prefix_and_special_tokens_count_against_the_budget():
    document = parse(("これは文である。" * 50).encode(), name="a.txt")

    class Prefixed:
        max_tokens, passage_room, additive = 512, 502, True

        def count_tokens(self, texts):
            return [len(text) for text in texts]

        def encode_passages(self, texts):
            raise AssertionError("only the strategy semantic needs vectors")

    made = chunk_document(document, Prefixed(), ChunkSettings(tokens=58))
    assert max(one.tokens for one in made) == 48
    assert [one.text for one in chunk_text(document.text, tokens=58, name="a.txt", embedder=Prefixed())] == [
        one.text for one in made
    ]
