"""Zip packages: what they hold is read, what they pretend is refused."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import package
from ingest.load.package import Package, xml
from rag.errors import DocumentError


def zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


GOOD = zipped({"mimetype": b"x", "本文/甲.xml": "<a>文書</a>".encode(), "b": b"b" * 3_000_000})


def refused(data: bytes, entry: str = "", **limits: int) -> str:
    with pytest.raises(DocumentError) as caught:
        Package(data, "a.docx", **limits).read(entry)
    assert caught.value.path == "a.docx"
    return caught.value.code


def test_entries_are_named_in_order_and_read_whole():
    found = Package(GOOD, "a.docx")
    assert found.names == ("mimetype", "本文/甲.xml", "b")
    assert "b" in found and "c" not in found
    assert (found.read("b"), found.xml("本文/甲.xml").text) == (b"b" * 3_000_000, "文書")
    assert found.warnings == ()


def test_names_with_a_backslash_or_a_leading_slash_are_names_like_others():
    found = Package(zipped({"word\\document.xml": b"1", "/word/styles.xml": b"2"}), "a.docx")
    assert found.names == ("word/document.xml", "word/styles.xml")
    assert found.read("word/document.xml") == b"1"


def test_an_entry_that_is_not_there_is_missed_by_its_name():
    with pytest.raises(DocumentError, match=r"word/document\.xml"):
        Package(GOOD, "a.docx").read("word/document.xml")


def test_an_entry_beyond_the_limit_of_its_reader_is_too_large():
    with pytest.raises(DocumentError) as caught:
        Package(GOOD, "a.docx").read("b", limit=2_000_000)
    assert caught.value.code == "too_large"


def test_reading_one_entry_again_and_again_reaches_the_limit_of_the_package():
    found = Package(GOOD, "a.docx", inflated=7_000_000)
    assert len(found.read("b")) + len(found.read("b")) == 6_000_000
    with pytest.raises(DocumentError) as caught:
        found.read("b")
    assert caught.value.code == "too_large"


def test_too_many_entries_are_refused():
    assert refused(zipped({str(one): b"" for one in range(30)}), entries=29) == "too_large"


def test_a_bomb_is_refused_by_what_its_headers_say():
    assert refused(zipped({"a": bytes(3_000_000)}), inflated=2_000_000) == "too_large"


def test_a_high_ratio_is_refused(monkeypatch):
    monkeypatch.setattr(package, "UNSUSPICIOUS", 1_000_000)
    assert refused(zipped({"a": bytes(3_000_000)})) == "too_large"


def test_a_header_that_lies_about_the_size_does_not_let_more_through():
    data = bytearray(zipped({"a": bytes(3_000_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.rindex(signature) + offset, 10)
    assert refused(bytes(data), "a") == "broken"


def test_entries_that_share_bytes_are_refused():
    data = bytearray(zipped({"a": b"1" * 100, "b": b"1" * 100}))
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 42, 0)
    assert refused(bytes(data), "a") == "broken"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "/a"), ("../a",), ("b\\..\\a",)])
def test_a_name_that_comes_twice_or_climbs_out_is_refused(names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    assert refused(target.getvalue()) == "broken"


def test_an_encrypted_entry_says_so():
    data = bytearray(zipped({"a": b"secret"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + offset] |= 1
    assert refused(bytes(data), "a") == "encrypted"


def test_entities_are_not_expanded_and_files_not_fetched(tmp_path):
    (tmp_path / "secret").write_text("geheim")
    source = (
        f'<!DOCTYPE a [<!ENTITY s SYSTEM "file://{tmp_path}/secret"><!ENTITY h "{"h" * 99}">]><a>&s;&h;文</a>'
    )
    root = xml(source.encode(), "a.xml")
    assert "geheim" not in "".join(root.itertext()) and "hhh" not in (root.text or "")


def test_ill_formed_xml_is_read_as_far_as_it_goes_and_that_is_said():
    found = Package(zipped({"a": "<a>文<b>書</b>\x01末</a>".encode()}), "a.docx")
    assert "".join(found.xml("a").itertext()) == "文書末"
    assert found.warnings == ("source_damaged",)


def test_what_is_no_xml_at_all_is_broken():
    with pytest.raises(DocumentError) as caught:
        Package(zipped({"a": b"\x00\x01"}), "a.docx").xml("a")
    assert caught.value.code == "broken"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_bytes_never_raise_anything_but_a_document_error(data):
    small = zipped({"mimetype": b"x", "a.xml": b"<a>text</a>", "b": b"b" * 300})
    mutated = bytearray(small)
    for _ in range(data.draw(st.integers(1, 6))):
        mutated[data.draw(st.integers(0, len(small) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = Package(bytes(mutated), "a.docx")
        for entry in found.names:
            found.xml(entry)
    except DocumentError as error:
        assert error.code in {"broken", "too_large", "encrypted"}
