"""One text in every Office format: nothing of it is lost, and everything stands where it should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.load import parse, sniff
from rag.text.normalise import fold
from rag.types import span_of
from tests.helpers.office import SOURCES, on_slides
from tests.helpers.ooxml import zipped

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "fodt"])
@pytest.mark.parametrize("lang", SOURCES)
def test_every_paragraph_of_a_text_is_found_exactly(lang, kind):
    name, source = f"{lang}.{kind}", SOURCES[lang]
    document = parse((OFFICE / name).read_bytes(), name=name)
    folded = fold(document.text)
    assert [text for text in source.texts() if folded.count(fold(text)) < 1] == []
    assert (document.title, document.lang) == (source.title, lang)
    assert dict(document.meta) == {"date": "2026-02-03", "author": "山田 花子"}
    assert [(document.text[one.start : one.end], one.text) for one in document.readings] == [source.ruby]


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "fodt"])
@pytest.mark.parametrize("lang", SOURCES)
def test_the_blocks_of_a_text_are_those_of_its_source(lang, kind):
    name, source = f"{lang}.{kind}", SOURCES[lang]
    document = parse((OFFICE / name).read_bytes(), name=name)
    found = [(one.kind, one.level, document.text[one.start : one.end]) for one in document.blocks]
    outline = [(level, text) for kind, level, text in found if kind == "heading"]
    assert outline == [(1, source.title), *((2, one) for one in source.headings)]
    listed = [text for kind, _, text in found if kind == "list"]
    assert [text.lstrip("•123. ") for text in listed] == [*source.bullets, *source.steps]
    assert [text[0] for text in listed] == ["•", "•", "1", "2", "3"]
    assert [kind for kind, *_ in found].count("table") == 1
    plain = [text for kind, _, text in found if kind == "paragraph"]
    assert plain == [*source.paragraphs[:2], source.ruled, source.note, source.paragraphs[2], source.box]


@pytest.mark.parametrize("kind", ["pptx", "odp", "fodp"])
@pytest.mark.parametrize("lang", SOURCES)
def test_every_paragraph_of_slides_is_found_on_its_slide(lang, kind):
    name, source = f"{lang}.{kind}", SOURCES[lang]
    document = parse((OFFICE / name).read_bytes(), name=name)
    for page, text in on_slides(source):
        (block,) = (
            one
            for one in document.blocks
            if one.page == page and fold(text) in fold(document.text[one.start : one.end])
        )
        place = span_of(document.places, block.start, block.end)
        assert place == (f"slide {page} notes" if text == source.note else f"slide {page}")
    headings = [document.text[one.start : one.end] for one in document.blocks if one.kind == "heading"]
    assert headings == [source.title, *source.headings]


def renamed(data: bytes, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({change(one): archive.read(one) for one in archive.namelist()})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ja.docx", "a.zip"), ("ja.docx", "a.dotm"), ("ja.pptx", "a.potx"), ("ja.xlsx", "a.et"),
        ("ja.odt", "a.ott"),
        ("ja.odp", "a.otp"), ("ja.ods", "a.ots"), ("ja.rtf", "a.doc"), ("ja.fodt", "a.xml"),
        ("ja.fods", "a.xls"),
        ("ja.docx", "a.doc"), ("ja.xlsx", "a.xls"), ("ja.xls", "a"),
    ],
)  # fmt: skip
def test_an_office_file_is_known_by_its_content_whatever_its_name(name, shown):
    data = (OFFICE / name).read_bytes()
    assert parse(data, name=shown).text == parse(data, name=name).text


def test_names_with_backslashes_and_main_parts_of_other_names_are_known():
    data = (OFFICE / "ja.docx").read_bytes()
    text = parse(data, name="a.docx").text
    assert parse(renamed(data, lambda one: one.replace("/", "\\")), name="a.docx").text == text


def test_a_workbook_in_a_document_leaves_it_a_document():
    streams = "WordDocument".encode("utf-16-le") + bytes(9) + "Workbook".encode("utf-16-le")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    assert (sniff(head + streams, "a.doc"), sniff(head + streams, "a.xls")) == ("legacy", "sheets")
