"""Old Office documents, through LibreOffice."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.load import legacy, parse
from ingest.load.legacy import load
from ingest.worker import Worker
from rag.errors import DocumentError
from rag.text.normalise import fold
from tests.helpers.make_office import converted
from tests.helpers.office import SOURCES, on_slides

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"
needs_office = pytest.mark.skipif(legacy.office() is None, reason="LibreOffice is not installed")
DOC = (OFFICE / "ja.doc").read_bytes()


def refused(data: bytes, name: str = "a.doc") -> str:
    with pytest.raises(DocumentError) as caught:
        parse(data, name=name)
    assert caught.value.path == name
    return caught.value.code


@needs_office
@pytest.mark.parametrize("lang", SOURCES)
def test_every_paragraph_of_a_word_document_is_found_by_the_confined_reader(lang):
    with Worker(timeout=120) as worker:
        document = worker.read(OFFICE / f"{lang}.doc", name=f"{lang}.doc")
    folded = fold(document.text)
    assert [text for text in SOURCES[lang].texts() if fold(text) not in folded] == []
    assert document.title == SOURCES[lang].title
    assert [one.text for one in document.readings] == [SOURCES[lang].ruby[1]]
    assert (document.source.media_type, document.meta["date"]) == ("application/msword", "2026-02-03")


@needs_office
def test_slides_of_powerpoint_have_their_numbers(tmp_path):
    path = converted(OFFICE / "ko.fodp", "ppt", tmp_path)
    document = parse(path.read_bytes(), name="a.ppt")
    for page, text in on_slides(SOURCES["ko"]):
        blocks = [document.text[one.start : one.end] for one in document.blocks if one.page == page]
        assert any(fold(text) in fold(block) for block in blocks), text
    assert document.source.media_type == "application/vnd.ms-powerpoint"


def test_without_libreoffice_the_remedy_is_said(monkeypatch):
    monkeypatch.setattr(legacy, "office", lambda: None)
    with pytest.raises(DocumentError, match=r"install LibreOffice.*\.docx") as caught:
        load(DOC, "a.doc")
    assert caught.value.code == "unsupported"


def test_a_program_that_does_not_start_is_as_none(monkeypatch, tmp_path):
    monkeypatch.setattr(legacy, "office", lambda: tmp_path / "none")
    assert refused(DOC) == "unsupported"


def test_libreoffice_is_found_on_the_path_or_where_it_is_usually_installed(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(legacy, "_INSTALLED", (str(tmp_path / "none"), str(tmp_path / "soffice")))
    assert legacy.office() is None
    (tmp_path / "soffice").touch()
    assert legacy.office() == tmp_path / "soffice"
    (tmp_path / "soffice.bin").touch()
    assert legacy.office() == tmp_path / "soffice.bin"


@needs_office
def test_a_conversion_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(legacy, "LIMIT", 0.001)
    assert refused(DOC) == "timeout"


def test_an_encrypted_document_says_so():
    at = next(at for at in range(512, len(DOC), 512) if DOC[at : at + 2] == b"\xec\xa5")
    assert refused(DOC[: at + 11] + bytes((DOC[at + 11] | 1,)) + DOC[at + 12 :]) == "encrypted"


def test_a_damaged_document_is_not_taken_for_plain_text():
    assert refused(DOC[:512] + b"\xff" * (len(DOC) - 512 - 4096) + DOC[-4096:]) == "broken"


@needs_office
def test_what_libreoffice_cannot_open_is_broken():
    at = next(at for at in range(512, len(DOC), 512) if DOC[at : at + 2] == b"\xec\xa5")
    assert refused(DOC[: at + 600] + "WordDocument".encode("utf-16-le")) == "broken"
