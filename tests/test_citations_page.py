"""What docs/citations.md shows is run, and what it says of spellings, styles and what is shown holds."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from rag.answer.cite import find
from rag.answer.resolve import resolve
from rag.types import Match
from tests.answer.library import passage
from tests.answer.replies import SPELLINGS, STYLES
from tests.answer.test_altered_quotes import COUNT

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "citations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MODULES = ["cite", "claims", "compared", "copied", "figures", "marks", "pairs", "quoted", "torn", "verify"]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_python_of_the_page_prints_what_it_says(number):
    test = doctest.DocTestParser().get_doctest(BLOCKS[number], {}, f"block {number}", "docs/citations.md", 0)
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert test.examples and not told, "".join(told)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_code_give_what_they_say(name):
    found = doctest.testmod(import_module(f"rag.answer.{name}"))
    assert not found.failed


def test_the_page_counts_right():
    assert f"{len(STYLES)} styles" in PAGE and f"{len(SPELLINGS)} spellings" in PAGE
    assert PAGE.count(str(COUNT)) == 2
    assert all(f"`{match}`" in PAGE for match in Match.__args__)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("はしを渡る", "ばしを渡る"),
        ("入口", "入ロ"),
        ("102個", "10²個"),
        ("３㌔", "キ"),
        ("手当は15日", "5日"),
        ("室外零下10度", "10度"),
        ("不可以进入机房内部", "可以进入机房内部"),
        ("접근할 수 있도록 제공하지 않는다", "할 수 있도록 제공하"),
    ],
)
def test_what_the_page_calls_another_thing_is_not_found(text, quote):
    assert find(quote, passage(text).chunk) is None


def test_what_the_page_says_is_shown_is_shown():
    ranking = (passage("有給休暇は年に十日です。", number=1), passage("駐車場は地下にあります。", number=2))
    found = resolve("「駐車場は地下にあり」[1]、「駐車場は屋上にあり」[2]。", ranking, "en")
    assert found.text == "「駐車場は地下にあり」[2]、「駐車場は屋上にあり」 (not verified)。"
