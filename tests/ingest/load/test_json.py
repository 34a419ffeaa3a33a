"""JSON is read as records and texts, whatever its depth, encoding or flavour."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from rag.types import Document
from tests.helpers.reading import LANGUAGES, blocks, damaged, outline, place_of, survives


def of(value: object, name: str = "a.json") -> Document:
    return parse(json.dumps(value, ensure_ascii=False).encode(), name=name)


def test_each_record_of_an_array_is_a_block_with_its_place():
    document = of(
        [{"氏名": "佐藤", "年齢": 30, "資格": ["英検", "簿記"]}, {"氏名": "鈴木", "住所": {"市": "大阪"}}]
    )
    assert blocks(document) == [
        ("list", "氏名: 佐藤\n年齢: 30\n資格: 英検, 簿記"),
        ("list", "氏名: 鈴木\n住所.市: 大阪"),
    ]
    assert place_of(document, "大阪") == "record 2"
    assert place_of(document, document.text) == "record 1–2"


def test_keys_of_nested_objects_are_headings():
    document = of({"이름": "규정", "휴가": {"연차": "15일", "경조사": {"결혼": "5일"}}, "끝": None})
    assert outline(document) == [(1, "휴가"), (2, "경조사")]
    assert [text for kind, text in blocks(document) if kind == "list"] == [
        "이름: 규정", "연차: 15일", "결혼: 5일", "끝: null",
    ]  # fmt: skip
    assert place_of(document, "결혼: 5") == "휴가.경조사"


def test_a_long_text_is_a_paragraph_exactly_as_it_is():
    text = "第一段。\n\n  第二段：“引用”\\ \t尾。\n" + "很长的正文。" * 60 + "完"
    document = of([{"标题": "公告", "正文": text, "作者": "王"}])
    assert blocks(document) == [
        ("list", "标题: 公告\n正文:"), ("paragraph", text), ("list", "作者: 王"),
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "legacy"])
def test_any_language_in_any_encoding_is_read(lang, codec):
    legacy, sentence = LANGUAGES[lang]
    text = json.dumps({"text": sentence}, ensure_ascii=False)
    document = parse(text.encode(legacy if codec == "legacy" else codec), name="a.json")
    assert (document.text, document.lang) == (f"text: {sentence}", lang)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{"a": 1, "a": "둘"}', "a: 1\na: 둘"),
        ('{"n": 12345678901234567890, "x": NaN, "e": 1.10e5}', "n: 12345678901234567890\nx: NaN\ne: 1.10e5"),
        ('{"k": "\\u6f22\\u5b57 \\ud842\\udfb7"}', "k: 漢字 𠮷"),
        ('// 注\n{"k": "値" /* 注 */, }', "k: 値"),
        ('["一", "二"]', "一, 二"),
        ('"ただの文"', "ただの文"),
    ],
    ids=["double keys", "numbers", "escapes", "comments", "strings", "a string"],
)  # fmt: skip
def test_what_is_written_is_kept(source, text):
    document = parse(source.encode(), name="a.json")
    assert (document.text, document.source.warnings) == (text, ())


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
def test_a_bad_line_costs_one_line(name):
    lines = ['{"文": "一行目"}', '{"文": "二', "", '{"文": "四行目"}', '{"文": "五行目"}']
    document = parse("\n".join(lines).encode(), name=name)
    assert [text for _, text in blocks(document)] == ["文: 一行目", "文: 四行目", "文: 五行目"]
    assert document.source.warnings == ("bad_lines=1",)
    assert place_of(document, "四行目") == "line 4"


def test_the_coordinates_of_a_map_do_not_bury_its_names():
    ring = [[139.0 + n, 35.0] for n in range(300)]
    geometry = {"coordinates": [number for point in ring for number in point]}
    feature = {"type": "Feature", "properties": {"名称": "東京駅"}, "geometry": geometry}
    document = of({"type": "FeatureCollection", "features": [feature]}, "a.geojson")
    assert "properties.名称: 東京駅" in document.text and len(document.text) < 1000
    assert document.source.warnings == ("numbers_cut=550",)
    assert place_of(document, "東京駅") == "features 1"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"키":', "}]")])
def test_depth_is_no_problem(opening, closing):
    document = parse((opening * 100_000 + '"깊다"' + closing * 100_000).encode(), name="a.json")
    assert "깊다" in document.text


@pytest.mark.parametrize(
    ("source", "text"),
    [('{"題": "途中で', "題: 途中で"), ('{"題": "値", "残り": [1, ', "題: 値"), ("文字だけ", "文字だけ")],
)  # fmt: skip
def test_what_is_cut_or_no_json_is_read_as_far_as_it_goes_and_said(source, text):
    document = parse(source.encode(), name="a.json")
    assert text in document.text and document.source.warnings == ("source_damaged",)


def test_a_notebook_gives_its_words_and_its_code():
    cells = [
        {"cell_type": "markdown", "source": ["# 実験\n", "\n", "- 一\n", "- 二"]},
        {"cell_type": "code", "source": "print('한글')", "outputs": [{"text": ["한글\n"]}]},
    ]  # fmt: skip
    document = of({"cells": cells, "nbformat": 4, "metadata": {}}, "a.ipynb")
    assert blocks(document) == [
        ("heading", "実験"), ("list", "- 一\n- 二"), ("code", "print('한글')"), ("code", "한글"),
    ]  # fmt: skip
    assert place_of(document, "print") == "cell 2"


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.text("漢字가나ab \"\\:,{}[]\n", max_size=20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("鍵k", min_size=1), inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_every_string_is_found_again(value):
    text = parse(b"\xef\xbb\xbf" + json.dumps({"x": "本文", "v": value}).encode(), name="a.json").text
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            assert one.strip() in text
        else:
            stack.extend(one.values() if isinstance(one, dict) else one)


@settings(max_examples=50, deadline=None)
@given(damaged(json.dumps([{"氏名": "佐藤", "x": [1, {"y": None}]}] * 3, ensure_ascii=False).encode()))
def test_damaged_json_is_read_or_refused(data):
    survives(data, "a.json")
    survives(data, "a.jsonl")
    survives(data, "a.ipynb")
