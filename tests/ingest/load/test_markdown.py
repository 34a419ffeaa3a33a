"""What Markdown says beside its text: readings, date and author."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ingest.load import parse
from tests.helpers.reading import LANGUAGES, blocks, damaged, survives


@pytest.mark.parametrize(
    ("source", "text", "reading"),
    [
        ("<ruby>権利<rt>けんり</rt></ruby>の行使", "権利の行使", "けんり"),
        (
            "<ruby>権<rp>(</rp><rt>けん</rt><rp>)</rp>利<rt>り</rt></ruby>",
            "権利",
            "けんり",
        ),
        ("<ruby><rb>漢字</rb><rt>ㄏㄢˋㄗˋ</ruby>。", "漢字。", "ㄏㄢˋㄗˋ"),
        ("{電子出版|でん|し|しゅっ|ぱん}の本", "電子出版の本", "でんししゅっぱん"),
    ],
)
def test_of_ruby_the_base_is_text_and_the_reading_is_kept(source, text, reading):
    document = parse(f"# 題\n\n{source}\n".encode(), name="a.md")
    assert blocks(document)[-1] == ("paragraph", text)
    assert [one.text for one in document.readings] == [reading]
    assert document.text[document.readings[0].start : document.readings[0].end] in text


@pytest.mark.parametrize(
    "source",
    [
        "`<ruby>漢<rt>かん</rt></ruby>` と書く。",
        "```html\n<ruby>漢<rt>かん</rt></ruby>\n```",
        "{漢字|注}は残る。",
        "<ruby>空</ruby>",
    ],
)
def test_what_is_code_or_no_ruby_stays(source):
    document = parse(source.encode(), name="a.md")
    assert (document.text, document.readings) == (source, ())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_front_matter_tells_date_and_author(lang):
    codec, sentence = LANGUAGES[lang]
    source = f"---\ntitle: T\ndate: 2026/4/1 10:00\nauthor: 'A B'\n---\n\n{sentence}\n\ndate: 1999-01-01\n"
    document = parse(source.encode(codec), name="a.md")
    assert (document.meta, document.title) == ({"date": "2026-04-01", "author": "A B"}, "T")
    assert parse(f"{sentence}\n\ndate: 1999-01-01\n".encode(codec), name="a.md").meta == {}


@settings(max_examples=60, deadline=None)
@given(damaged("---\ndate: 2026\n---\n<ruby>漢<rt>かん</rt></ruby>{字|じ}`x`\n- a\n".encode()))
def test_damaged_markdown_is_read_or_refused(data):
    survives(data, "a.md")
