"""Source code is kept as it is, and a citation of it names its lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ingest.load import parse
from tests.helpers.reading import LANGUAGES, blocks, damaged, place_of, survives

PYTHON = '''# -*- coding: euc-jp -*-
"""請求書の合計を求める。"""

import decimal


def 合計(明細):
    """税込みの合計。

    端数は切り捨てる。
    """
    総額 = sum(一行.金額 for 一行 in 明細)

    return 総額 * decimal.Decimal("1.1")


class 明細行:
    """品名と金額を持つ一行。文字数を増やすための説明がここに続き、塊が一つで終わらないようにしている。"""

    def __init__(self, 品名, 金額):
        self.品名, self.金額 = 品名, 金額
'''


def test_code_stays_as_it_is_and_each_line_has_its_number():
    document = parse(PYTHON.encode("euc_jp"), name="a.py")
    assert (document.text, document.source.encoding) == (PYTHON, "euc_jp")
    assert {kind for kind, _ in blocks(document)} == {"code"}
    assert place_of(document, "端数は切り捨てる") == "line 10"
    assert (
        place_of(document, PYTHON[PYTHON.index("def 合計") : PYTHON.index("class")].rstrip()) == "line 7–14"
    )


def test_a_block_begins_where_a_definition_does():
    source = "\n\n".join(f"def f{n}():\n    a = '{'가나다' * 30}'\n\n    return a\n" for n in range(8))
    found = [text for _, text in blocks(parse(source.encode(), name="a.py"))]
    assert len(found) > 1 and all(text.startswith("def f") and text.endswith("return a") for text in found)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["a.c", "a.yaml", "a.properties", "a.sql", "a.tex"])
def test_comments_in_any_language_and_encoding_are_read(lang, name):
    codec, sentence = LANGUAGES[lang]
    document = parse(f"key = 1\n{sentence}\n".encode(codec), name=name)
    assert (sentence in document.text, document.source.encoding) == (True, codec)


def test_escapes_of_properties_are_read_as_letters():
    source = "title=\\u5c31\\u696d\\u898F\\u5247\\ud842\\udfb7\\u000a\npath=C:\\\\u5c31\n"
    assert parse(source.encode(), name="a.properties").text == "title=就業規則𠮷\\u000a\npath=C:\\\\u5c31\n"
    assert parse(source.encode(), name="a.java").text == source


@pytest.mark.parametrize(
    ("name", "source", "codec"),
    [
        ("a.xml", '<?xml version="1.0" encoding="EUC-KR"?>\n<a>가</a>', "cp949"),
        ("a.css", '@charset "Shift_JIS";\n/* 色 */', "cp932"),
        ("a.po", 'msgid ""\nmsgstr "Content-Type: text/plain; charset=Big5\\n"\nmsgstr "檔"', "cp950"),
        ("a.rb", "#!/usr/bin/ruby\n# encoding: euc-jp-unix\n# 漢字の表", "euc_jp"),
        ("a.c", "/* 文 */\n// vim: set fenc=gb2312 :\n", "gb18030"),
    ],
)
def test_an_encoding_that_the_file_names_is_believed(name, source, codec):
    document = parse(source.encode(codec), name=name)
    assert (document.text, document.source.encoding) == (source, codec)


def test_one_endless_line_is_read():
    source = "var 値=" + "a1,漢;" * 100_000
    assert parse(source.encode(), name="a.js").text == source


@settings(max_examples=50, deadline=None)
@given(damaged(PYTHON.encode("euc_jp")))
def test_damaged_code_is_read_or_refused(data):
    survives(data, "a.py")
    survives(data, "a.xml")
