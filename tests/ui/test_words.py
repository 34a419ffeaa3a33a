from __future__ import annotations

import re
import string
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rag.retrieve.expand import Neighbours, expand
from rag.types import Answer, Citation, Hit
from tests.retrieve.linked import SECTIONS, Piece, Shelf, cut
from tests.ui.world import CHUNKS, HOSTILE, answer_of, chunk
from ui.chat import shown
from ui.chat.words import LANGUAGES, language_of, words


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places_to_fill(lang):
    ours, english = words(lang).texts, words("en").texts
    assert ours.keys() == english.keys()
    assert {key: fields(text) for key, text in ours.items()} == {
        key: fields(text) for key, text in english.items()
    }


@pytest.mark.parametrize("lang", [one for one in LANGUAGES if one != "en"])
def test_no_text_was_left_in_english(lang):
    ours, english = words(lang).texts, words("en").texts
    assert [key for key in ours if ours[key] == english[key]] == []


def test_there_is_advice_for_every_cause_that_reading_a_file_gives():
    sources = [file.read_text("utf-8") for file in (Path(__file__).parents[2] / "ingest").rglob("*.py")]
    named = re.compile(r'DocumentError\(\s*[\w.]+,\s*"(\w+)"|code="(\w+)"|"code": "(\w+)"')
    causes = {cause for text in sources for found in named.findall(text) for cause in found if cause}
    assert {"empty", "encrypted", "too_large", "timeout"} <= causes
    assert {f"advice.{cause}" for cause in causes} <= words("en").texts.keys()


def test_a_key_that_nobody_knows_is_an_error():
    with pytest.raises(KeyError):
        words("ja")("page.nothing")


@pytest.mark.parametrize(
    ("locale", "lang"),
    [
        ("ja", "ja"),
        ("ko-KR", "ko"),
        ("zh", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("de-DE", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_follows_the_browser(locale, lang):
    assert language_of(locale) == lang


HARMLESS = {"div", "p", "b", "br", "sup", "span", "em", "strong", "ul", "ol", "li", "code", "pre"}
HARMLESS |= {"table", "thead", "tbody", "tr", "th", "td", "details", "summary", "mark"}


class Elements(HTMLParser):
    """Collects the elements and attributes that a browser would make."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def is_inert(html: str) -> bool:
    found = Elements(html)
    return found.tags <= HARMLESS and found.attributes <= {"class", "lang", "open", "style"}


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "[click](javascript:alert(1))",
        "![x](http://evil.example/?d=1)",
        "[x][1]\n\n[1]: http://evil.example",
        "<http://evil.example>",
        "http://evil.example/autolink",
        "<svg onload=alert(1)>",
        "```html\n<img src=x>\n```",
        "| a |\n|---|\n| <img src=x> |",
    ],
)
def test_nothing_in_a_reply_loads_links_or_runs(text):
    html = shown.reply_html(text, {1}, "en")
    assert is_inert(html)


def test_the_shape_of_a_reply_is_kept_and_its_citations_are_set_small():
    html = shown.reply_html("- **二十日**です [1] [7]", {1}, "ja")
    assert "<li><strong>二十日</strong>です" in html
    assert '<sup class="n">[1]</sup> [7]' in html
    assert 'lang="ja"' in html


@pytest.mark.parametrize(
    "text", ["`「九日」[1]`", "```\n「九日」[1]\n```", "    「九日」[1]", "「九日」&#91;1&#93;"]
)
def test_nothing_in_code_or_written_in_entities_looks_like_a_citation(text):
    assert "<sup" not in shown.reply_html(text, {1}, "ja")


def test_the_quotation_is_marked_in_its_passage():
    answer = answer_of((Hit(CHUNKS[0], 1.0),))
    html = shown.citation_html(answer.citations[0], words("ja"))
    assert "<mark>有給休暇は年</mark>に二十日です。" in html
    assert "就業規則.md" in html
    assert "休暇 &gt; 有給休暇" in html


def test_a_quotation_from_a_grown_passage_is_marked_there_with_its_own_page_and_heading():
    _, chunks = cut(SECTIONS, "休假.md")
    (hit,) = expand((Hit(chunks[2], 1.0),), Shelf(chunks), Neighbours(2, 0))
    quoted = Citation(hit.chunk, chunks[1].start + 4, chunks[1].end, "增加产假十五天。", 1)
    html = shown.citation_html(quoted, words("en"))
    assert "产假为九十八天。\n难产的，<mark>增加产假十五天。</mark>\n陪产假为十五天。" in html
    assert f"{words('en')('answer.page', page=2)} · 本文 1 · 就業規則 &gt; 第0節" in html


def test_a_grown_passage_is_shown_from_the_chunk_on_that_was_found():
    _, chunks = cut([Piece(f"{number}。{'前' * 150}", "\n") for number in range(3)])
    (hit,) = expand((Hit(chunks[1], 1.0),), Shelf(chunks), Neighbours(1, 1))
    near = shown.hit_html(hit, words("en")).partition("<details>")[0]
    assert "1。前" in near and "0。前" not in near
    plain = shown.hit_html(Hit(chunks[1], 1.0), words("en"))
    assert "…" in plain and "<details>" in plain


def test_a_passage_and_a_file_name_cannot_carry_html():
    answer = answer_of((Hit(chunk(HOSTILE, "<img src=x>.md", headings=("<script>",)), 1.0),))
    citation = answer.citations[0]
    assert is_inert(shown.citation_html(citation, words("en")))
    assert is_inert(shown.hit_html(answer.ranking[0], words("en")))
    assert is_inert(shown.question_html(HOSTILE))
    assert is_inert(shown.note_html(Answer("", (), (), HOSTILE, "answered", "en", HOSTILE), words("en")))


def test_literal_text_is_no_markdown():
    assert shown.literal("[a](b) **c** :red[d] $e$ <f>") == (r"\[a\]\(b\) \*\*c\*\* \:red\[d\] \$e\$ \<f\>")
    assert shown.literal("社内規程") == "社内規程"
