"""A quotation is highlighted where it stands: in the page's HTML, and by the offsets that the API gives."""

from __future__ import annotations

import importlib.util
import json
import shutil

import pytest

from rag.answer.resolve import resolve
from rag.types import Chunk, Hit
from ui import wire
from ui.chat import shown
from ui.chat.words import words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

QUOTED = {
    "astral": ("𠮷野家の𩸽定食は八百円です。𠮷田さんは毎日食べる。", "𠮷田さんは毎日食べる"),
    "emoji": ("👨\u200d👩\u200d👧と🇯🇵👍🏽、そして𝟙。家族は五人です。", "家族は五人です"),
    "emoji inside": ("昼は👨\u200d👩\u200d👧と公園へ行く。夜は家にいる。", "👨\u200d👩\u200d👧と公園へ行く"),
    "combining": (
        "e\u0301le\u0300ve か\u3099くせいはカ\u3099ラスを割った。明日も来る。",
        "がくせいはガラスを割った",
    ),
    "squared": ("荷物は３㌔グラムまで無料です。", "荷物は3キログラムまで無料"),
    "markup": ('<b>年假</b> & "七天" <img src=x onerror=alert(1)> 为限，不得顺延。', "为限，不得顺延"),
    "quoted markup": (
        "<b>年假</b> & 七天 <img src=x onerror=alert(1)> 为限",
        "& 七天 <img src=x onerror=alert(1)> 为限",
    ),
    "right to left": ("مرحبا \u202eabc\u200f 年假为七天整。 שלום", "年假为七天整"),
    "variation": ("葛\U000e0100城市の図書館は九時に開く。", "葛城市の図書館は九時に開く"),
    "lines": ("第一行\n\n员工每年享有\n七天带薪年假。", "员工每年享有七天带薪年假"),
}


def cited(text: str, quote: str):
    hit = Hit(Chunk("c", "d", "規程.md", text, 1_000, 1_000 + len(text), lang="ja"), 1.0)
    (citation,) = resolve(f"「{quote}」[1]。", (hit,), "ja").citations
    return citation


CITATIONS = {name: cited(*one) for name, one in QUOTED.items()}


@pytest.mark.parametrize("name", QUOTED)
def test_the_offsets_of_a_citation_cut_its_quote_out_of_the_chunk_in_both_countings(name):
    told = json.loads(json.dumps(wire.citation_to_json(CITATIONS[name])))
    text, span = told["chunk"]["text"], told["span"]
    assert text[slice(*span["codepoints"])] == told["quote"]
    units = text.encode("utf-16-le")
    start, end = span["utf16"]
    assert units[2 * start : 2 * end].decode("utf-16-le") == told["quote"]
    assert (told["start"] - 1_000, told["end"] - 1_000) == tuple(span["codepoints"])


def test_a_quote_in_another_spelling_says_so():
    assert (CITATIONS["astral"].match, CITATIONS["squared"].match) == ("exact", "folded")
    for lang in ("en", "ja", "ko", "zh-Hans", "zh-Hant"):
        note = words(lang)("answer.folded")
        assert note in shown.citation_html(CITATIONS["squared"], words(lang))
        assert note not in shown.citation_html(CITATIONS["astral"], words(lang))


def test_what_is_shown_around_a_quotation_ends_between_characters():
    text = "か\u3099" * 40 + "年假为七天整" + "👨\u200d👩\u200d👧" * 40
    near = shown.citation_html(cited(text, "年假为七天整"), words("ja")).split("<details>")[0]
    assert "…か\u3099" in near and "…\u3099" not in near
    assert "👧…" in near and "\u200d…" not in near


@pytest.fixture(scope="module")
def page():
    pytest.importorskip("playwright", reason="playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


in_chromium = pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None, reason="Chromium is not installed"
)


@pytest.mark.browser
@in_chromium
@pytest.mark.parametrize("name", QUOTED)
def test_chromium_highlights_what_its_own_slice_of_the_passage_gives(page, name):
    citation = CITATIONS[name]
    page.set_content(f"<meta charset=utf-8>{shown.STYLE}{shown.citation_html(citation, words('ja'))}")
    marked = page.locator("mark").first.evaluate("mark => mark.textContent")
    sliced = page.evaluate(
        "({chunk, span}) => chunk.text.slice(...span.utf16)", wire.citation_to_json(citation)
    )
    assert marked == sliced == citation.quote
    assert page.locator("img").count() == 0


@pytest.mark.browser
@in_chromium
def test_an_override_of_direction_before_a_quotation_does_not_turn_it_round(page):
    citation = CITATIONS["right to left"]
    page.set_content(f"<meta charset=utf-8>{shown.STYLE}{shown.citation_html(citation, words('ja'))}")
    first, last = page.evaluate(
        """() => {
            const letters = document.querySelector("mark").firstChild
            const left = place => {
                const range = document.createRange()
                range.setStart(letters, place)
                range.setEnd(letters, place + 1)
                return range.getBoundingClientRect().left
            }
            return [left(0), left(letters.length - 1)]
        }"""
    )
    assert first < last
