"""Files become documents: text, blocks, titles, in every format."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.load import parse, read
from rag.errors import DocumentError
from rag.types import Document
from tests.helpers.files import pdf, pdf_saying, png, word


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def outline(document: Document) -> list[tuple[int, str]]:
    return [
        (one.level, document.text[one.start : one.end]) for one in document.blocks if one.kind == "heading"
    ]


# -- plain text ----------------------------------------------------------------------------------------


def test_plain_text_is_kept_as_it_is_in_paragraphs():
    text = "一行目。\n二行目。\n\n次の段落。\n　\n最後。"
    document = parse(text.encode(), name="a.txt")
    assert document.text == text
    assert blocks(document) == [
        ("paragraph", "一行目。\n二行目。"),
        ("paragraph", "次の段落。"),
        ("paragraph", "最後。"),
    ]


def test_line_ends_marks_and_controls_are_cleaned_away():
    assert parse("\ufeff甲\r\n乙\r丙\x07\n".encode(), name="a.txt").text == "甲\n乙\n丙\n"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第一章　总则", 2),
        ("第3章 罰則", 2),
        ("제2장 근로시간", 2),
        ("第二編 債権", 1),
        ("第一节 一般规定", 3),
        ("［＃７字下げ］一［＃「一」は中見出し］", 2),
        ("第一条 为了规范管理，制定本办法。", 0),
        ("第三章では、罰則について述べる。", 0),
        ("제3장에서는 벌칙을 다룬다", 0),
        ("普通の行", 0),
    ],
)
def test_headings_of_plain_text_are_known_by_their_numbers(line, level):
    document = parse(f"前置き。\n\n{line}\n\n本文。".encode(), name="a.txt")
    assert outline(document) == ([(level, line)] if level else [])


def test_a_short_first_line_alone_is_the_heading_of_a_plain_text():
    document = parse("出張旅費規程\n\n第一章 総則\n\n第1条 旅費を定める。\n".encode(), name="a.txt")
    assert outline(document) == [(1, "出張旅費規程"), (3, "第一章 総則")]
    assert document.title == "出張旅費規程"


@pytest.mark.parametrize(
    "text", ["これは文である。\n\n次の文。", "서버를 점검합니다\n\n끝.", "----\n\n文。", "一行だけ"]
)
def test_a_first_line_that_is_text_is_no_heading(text):
    assert outline(parse(text.encode(), name="a.txt")) == []


# -- Markdown ------------------------------------------------------------------------------------------

MARKDOWN = """---
title: "利用の手引き"
date: 2026-04-01
---

# 概要 {#top}

本文は**強調**を含む。
続きの行。

## 表と一覧

- 項目一
- 項目二
  - 入れ子

| 品名 | 価格 |
| --- | --- |
| りんご | 100円 |

```python
# 見出しではない
print("こんにちは")
```

> 引用文。

章二
----
終わり。
"""


def test_markdown_stays_its_source_with_blocks_as_spans():
    document = parse(MARKDOWN.encode(), name="a.md")
    assert document.text == MARKDOWN
    kinds = " ".join(kind for kind, _ in blocks(document))
    assert kinds == "heading heading paragraph heading list table code quote heading paragraph"
    assert blocks(document)[5][1].startswith("| 品名") and blocks(document)[5][1].endswith("100円 |")
    assert blocks(document)[6][1].startswith("```python") and blocks(document)[6][1].endswith("```")


def test_the_title_of_front_matter_is_the_title():
    assert parse(MARKDOWN.encode(), name="a.md").title == "利用の手引き"


def test_front_matter_without_a_title_hides_nothing():
    document = parse("---\ndraft: true\n---\n# 題\n\n文。\n".encode(), name="a.md")
    assert (document.title, blocks(document)[0]) == ("題", ("code", "---\ndraft: true\n---"))


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("## **`useState`** 的[用法](/docs) {/*usage*/}", "useState 的用法"),
        ("# 題名 #", "題名"),
        ("題名\n====", "題名"),
        ("### C# と F#", "C# と F#"),
        ("# ![図](a.png) 説明", "説明"),
        ("#", "a"),
    ],
)
def test_a_heading_is_named_by_its_words(source, title):
    assert parse(f"{source}\n\n本文。".encode(), name="a.md").title == title


def test_a_rule_of_dashes_in_the_text_is_no_front_matter():
    assert parse("文。\n\n---\n\ntitle: 違う\n\n---\n".encode(), name="b.md").title == "b"


# -- PDF -----------------------------------------------------------------------------------------------

PDF_PAGES = {
    "ja": [
        "取扱説明書",
        "この製品は超音波式の加湿器です。ご使用の前に必ず説明書を最後までお読みく",
        "ださい。",
    ],
    "zh-Hans": [
        "产品手册",
        "本手册适用于智能门锁的全部型号，请在安装之前仔细阅读并且妥善保管以备今",
        "后查阅。",
    ],
    "zh-Hant": [
        "使用手冊",
        "本手冊適用於智慧門鎖的全部型號，請在安裝之前仔細閱讀並且妥善保管以備今",
        "後查閱。",
    ],
    "ko": [
        "개인정보 처리방침",
        "회사는 회원의 이름과 전자우편 주소와 휴대전화 번호를 수집하고 이를 안전하게",
        "보관합니다.",
    ],
}


def pages(lang: str) -> list[list[tuple[float, str]]]:
    """A page with a heading and a paragraph, and a page with a line."""
    heading, *lines = PDF_PAGES[lang]
    return [[(18, heading), *((11, line) for line in lines)], [(11, lines[-1])]]


@pytest.mark.parametrize("lang", PDF_PAGES)
def test_lines_of_a_pdf_are_joined_as_the_language_joins_them(lang):
    document = parse(pdf(pages(lang), lang), name="a.pdf")
    lines = PDF_PAGES[lang]
    between = " " if lang == "ko" else ""
    assert blocks(document)[:2] == [("heading", lines[0]), ("paragraph", between.join(lines[1:]))]
    assert (document.title, document.lang) == (lines[0], lang)


def test_every_block_of_a_pdf_knows_its_page():
    document = parse(pdf(pages("ja")), name="a.pdf")
    assert [one.page for one in document.blocks] == [1, 1, 2]


def test_page_numbers_and_running_lines_of_a_pdf_are_left_out():
    sheets = [
        [
            (11, "社外秘 就業規則"),
            (11, f"本文その{n}が書かれている。"),
            (11, f"続きの{n}番。"),
            (11, f"- {number} -"),
        ]
        for number, n in enumerate("一二三四五", 1)
    ]
    text = parse(pdf(sheets), name="a.pdf").text
    assert "社外秘" not in text and "- 3 -" not in text
    assert "本文その三" in text and "続きの五番" in text


def test_radicals_in_a_pdf_become_the_characters_they_look_like():
    assert (
        parse(pdf_saying("⽂字⼊⼒と⻑い⻄の⺠、︵豈︶"), name="a.pdf").text == "文字入力と長い西の民、（豈）"
    )


def test_characters_beyond_the_first_plane_come_out_of_a_pdf():
    assert parse(pdf_saying("𠮷野家"), name="a.pdf").text == "𠮷野家"


# -- types and failures --------------------------------------------------------------------------------

GOOD_PDF, GOOD_WORD = pdf([[(12, "これは文書です。")]]), word(("", "문서입니다."))


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.txt", GOOD_PDF, "application/pdf"),
        ("a.doc", GOOD_WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.docx", GOOD_PDF, "application/pdf"),
        ("README", b"# just text", "text/plain"),
        ("第1.2版", "文。".encode(), "text/plain"),
        ("a.txt", b"<!DOCTYPE html><p>page</p>", "text/html"),
        ("a.MD", b"# x", "text/markdown"),
        ("a.HTM", b"x", "text/html"),
    ],
)
def test_the_content_decides_the_type_before_the_extension(name, data, media_type):
    assert parse(data, name=name).source.media_type == media_type


BAD = {
    "nothing": ("a.txt", b"", "empty"),
    "only a mark": ("a.txt", b"\xef\xbb\xbf", "empty"),
    "only spaces": ("a.md", " \n\t　".encode(), "empty"),
    "an empty page": ("a.html", b"<html><script>x</script></html>", "empty"),
    "a picture named .txt": ("a.txt", png(), "binary"),
    "a program named .md": ("a.md", b"\x7fELF\x02\x01\x01" + bytes(100), "binary"),
    "an archive named .txt": ("a.txt", b"\x1f\x8b\x08" + bytes(100), "binary"),
    "a damaged picture": ("a.png", png(), "broken"),
    "an old Word document": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "broken"),
    "noise": ("a.txt", bytes(range(0x80, 0x100)) * 9, "undecodable"),
    "a cut PDF": ("a.pdf", GOOD_PDF[:300], "broken"),
    "a PDF that is text": ("a.pdf", b"hello", "broken"),
    "a cut Word document": ("a.docx", GOOD_WORD[:500], "broken"),
    "a Word document with a hole": ("a.docx", GOOD_WORD[:3000] + bytes(400) + GOOD_WORD[3400:], "broken"),
    "a Word document that is a picture": ("a.docx", png(), "broken"),
    "a locked PDF": ("a.pdf", pdf([[(12, "秘密")]], password="geheim"), "encrypted"),
    "a locked Word document": (
        "a.docx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "a scanned PDF": ("a.pdf", pdf([[], []]), "no_text"),
    "a PDF in unknown characters": ("a.pdf", pdf_saying("\ue000\ue001\ue002\ue003\ue004"), "garbled"),
}


@pytest.mark.parametrize(("name", "data", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_refused_with_its_cause(name, data, code):
    with pytest.raises(DocumentError) as caught:
        parse(data, name=name)
    assert (caught.value.path, caught.value.code) == (name, code)
    assert len(str(caught.value)) > len(name) + 10


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "none.txt")
    assert caught.value.code == "unreadable"


# -- names ---------------------------------------------------------------------------------------------


def test_a_document_is_named_by_its_path_below_the_root(tmp_path):
    path = tmp_path / "規程" / "旅費.txt"
    path.parent.mkdir()
    path.write_bytes("出張旅費。".encode("cp932"))
    document = read(path, root=tmp_path)
    assert (document.source.name, document.title) == ("規程/旅費.txt", "旅費")
    assert (document.source.encoding, document.source.size) == ("cp932", 10)
    assert document.id == read(path, name="規程/旅費.txt").id != read(path).id


def test_a_decomposed_name_is_composed(tmp_path):
    path = tmp_path / "\u1112\u1161\u11ab.txt"
    path.write_text("한글", "utf-8")
    assert read(path).source.name == "한.txt"


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_utf8_is_shown_and_the_file_is_read(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "日本.txt".encode("cp932")))
    path.write_text("読める。", "utf-8")
    document = read(path)
    assert "\ufffd" in document.source.name and document.source.name.endswith(".txt")
    assert document.text == "読める。"
    document.source.path.encode("utf-8")
