"""reStructuredText stays its source, with blocks as spans into it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings

from ingest.load import parse
from tests.helpers.reading import LANGUAGES, blocks, damaged, outline, survives

MANUAL = """========
利用手引
========

:著者: 山田太郎
:日付: 2026年4月1日

概要
====

本文は **強調** を含む。
続きの行。

- 項目一
- 項目二

  続き

* 別の一覧

用語
    その説明。

表と引用
--------

== ====
品 価格
== ====
本 100
== ====

+----+----+
| 甲 | 乙 |
+====+====+
| 一 | 二 |
+----+----+

    字下げは引用。

次の例::

    $ 見出しではない
    ------------

.. note:: 注意書き

   第二段落。

   .. code-block:: python

      print("こんにちは")

.. コメントは
   コードとする

.. [1] 脚注。

章二
====
終わり。
"""


def test_the_source_is_kept_and_its_blocks_are_known():
    document = parse(MANUAL.encode(), name="a.rst")
    assert document.text == MANUAL
    assert [(kind, text.split("\n")[0]) for kind, text in blocks(document)] == [
        ("heading", "========"),
        ("list", ":著者: 山田太郎"),
        ("heading", "概要"),
        ("paragraph", "本文は **強調** を含む。"),
        ("list", "- 項目一"),
        ("list", "用語"),
        ("heading", "表と引用"),
        ("table", "== ===="),
        ("table", "+----+----+"),
        ("quote", "    字下げは引用。"),
        ("paragraph", "次の例::"),
        ("code", "    $ 見出しではない"),
        ("paragraph", ".. note:: 注意書き"),
        ("code", "   .. code-block:: python"),
        ("code", ".. コメントは"),
        ("paragraph", ".. [1] 脚注。"),
        ("heading", "章二"),
        ("paragraph", "終わり。"),
    ]
    assert [level for level, _ in outline(document)] == [1, 2, 3, 2]
    assert (document.title, document.meta) == ("利用手引", {"date": "2026-04-01", "author": "山田太郎"})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "legacy"])
def test_wide_titles_are_headings_however_long_their_line_is(lang, codec):
    legacy, sentence = LANGUAGES[lang]
    title = sentence[:6].strip()
    for width in (len(title), 2 * len(title), 40):
        source = f"{title}\n{'=' * width}\n\n{sentence}\n"
        document = parse(source.encode(legacy if codec == "legacy" else codec), name="a.rst")
        assert (document.title, blocks(document)[-1]) == (title, ("paragraph", sentence))


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("**強調** と ``code`` と :ref:`参照 <a>`", "強調 と code と 参照"),
        ("`リンク <https://example.jp>`_ の\\ *使い方*", "リンク の使い方"),
        ("a_b と C++", "a_b と C++"),
    ],
)
def test_a_heading_is_named_by_its_words(source, title):
    assert parse(f"{source}\n{'#' * 80}\n\n本文。".encode(), name="a.rst").title == title


@pytest.mark.parametrize(
    "source", ["一行目\n----\n二行目\n", "段落の\n二行目\n=====\n", "文。\n\n------\n\n文。\n", "..\n\n文。"]
)
def test_nothing_of_a_strange_text_is_lost(source):
    document = parse(source.encode(), name="a.rst")
    assert document.text == source and blocks(document)


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_pandoc_writes_is_read(lang):
    _, sentence = LANGUAGES[lang]
    source = (
        f"# {sentence[:5]}\n\n{sentence}\n\n## 二\n\n1. {sentence}\n\n> {sentence}\n\n```python\nx\n```\n"
    )
    command = ["pandoc", "-f", "markdown", "-t", "rst", "--wrap=none"]
    made = subprocess.run(command, input=source.encode(), capture_output=True, check=True, timeout=60).stdout
    document = parse(made, name="a.rst")
    kinds = " ".join(kind for kind, text in blocks(document) if text != "..")
    assert kinds == "heading paragraph heading list quote code"
    assert [level for level, _ in outline(document)] == [1, 2] and document.text.count(sentence) == 3


@settings(max_examples=60, deadline=None)
@given(damaged(MANUAL.encode()))
def test_damaged_text_is_read_or_refused(data):
    survives(data, "a.rst")
