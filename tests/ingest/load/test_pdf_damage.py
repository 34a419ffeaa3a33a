"""PDFs with fonts that say nothing, with missing parts, locked or mutated: told, and what is good is kept."""

import io

import pytest
from hypothesis import given, settings
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest.load import ocr
from ingest.load.pdf import load
from ingest.load.pdf.garbled import garbled, read_again
from rag.errors import DocumentError
from tests.helpers import hostile_pdf
from tests.helpers.files import pdf, pdf_saying
from tests.helpers.reading import damaged

SMALL = pdf([[(18, "題名"), (11, "本文の一行目である。"), (11, "次の行。")], [(11, "終わり")]])


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    monkeypatch.setattr(ocr, "_has_rapid", lambda: False)
    monkeypatch.setattr(ocr, "_languages", lambda: ())


def refused(data: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        load(data, "a.pdf")
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "codec", "cmap", "collection"),
    [
        ("旅費は十五日以内に精算する。", "cp932", "90ms-RKSJ-H", "Japan1"),
        ("旅費は十五日以内に精算する。", "cp932", "90ms-RKSJ-V", "Japan1"),
        ("差旅费应在十五日内报销。", "utf-16-be", "UniGB-UCS2-H", "GB1"),
        ("差旅费应在十五日内报销。", "gbk", "GBK-EUC-H", "GB1"),
        ("差旅費應於十五日內報銷。", "cp950", "ETen-B5-H", "CNS1"),
        ("여비는 십오 일 안에 정산한다.", "cp949", "KSCms-UHC-H", "Korea1"),
    ],
    ids=lambda value: value if value.isascii() else "",
)
def test_a_predefined_code_table_is_read_without_the_font_and_without_tounicode(
    text, codec, cmap, collection
):
    assert load(hostile_pdf.with_cmap(text, codec, cmap, collection), "a.pdf").text == text


@pytest.mark.parametrize(
    "text",
    [
        "\ue000\ue001\ue002\ue003",
        "(cid:12)(cid:9)(cid:77)(cid:4)",
        "ÀÏº»¾î ¹®¼­ÀÔ´Ï´Ù",
        "鞷铯苍邸蹚芷苩腂",
        "a\x01\x02\x03\x04b",
    ],
    ids=["private use", "cid", "another encoding", "rare", "controls"],
)
def test_text_that_cannot_be_what_is_shown_is_garbled(text):
    assert garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "東京都の人口は年々増えている。",
        "让-皮埃尔·巴利冈（Île-de-France）",
        "辻󠄀さんと𠮷野さん",
        "Größe: 5 m²",
        "①②③",
        "x",
    ],
)
def test_text_with_unusual_but_right_characters_is_not_garbled(text):
    assert not garbled(text)


def joined(*files: bytes) -> bytes:
    """The first pages of files as one."""
    pdfium = pytest.importorskip("pypdfium2")
    whole = pdfium.PdfDocument.new()
    for one in files:
        whole.import_pages(pdfium.PdfDocument(one), [0])
    target = io.BytesIO()
    whole.save(target)
    return target.getvalue()


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 300), "grey").save(target, "PDF")
    return target.getvalue()


def test_good_pages_beside_garbled_and_scanned_ones_are_kept_and_the_others_counted():
    data = joined(
        SMALL, pdf_saying("\ue000\ue001\ue002\ue003\ue004"), picture(), pdf([[(11, "四頁目の文。")]])
    )
    parsed = load(data, "a.pdf")
    assert "本文の一行目である。" in parsed.text and not any("\ue000" <= ch <= "\uf8ff" for ch in parsed.text)
    assert [one.page for one in parsed.blocks][-1] == 4
    assert parsed.warnings == ("garbled_pages=1", "pages_without_text=1")


def test_a_blank_page_is_no_loss():
    assert load(joined(SMALL, pdf([[]])), "a.pdf").warnings == ()


def test_pdfminer_reads_the_pages_it_is_asked_for():
    found = read_again(SMALL, {2})
    assert list(found) == [2]
    assert [line.text for line in found[2]] == ["終わり"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (hostile_pdf.encrypted("geheim"), "encrypted"),
        (SMALL[:300], "broken"),
        (b"%PDF-1.4\n%%EOF", "broken"),
        (pdf_saying("\ue000\ue001\ue002\ue003\ue004"), "garbled"),
        (hostile_pdf.scanned(), "no_text"),
    ],
    ids=["locked", "cut", "hollow", "unknown characters", "scanned"],
)
def test_what_cannot_be_read_says_why(data, code):
    assert refused(data) == code


@pytest.mark.parametrize(
    "data",
    [
        hostile_pdf.encrypted(""),
        hostile_pdf.without_xref(),
        hostile_pdf.circular_outline(),
        hostile_pdf.lying_length(),
    ],
    ids=["owner's password", "no table", "circular outline", "length"],
)
def test_what_is_only_odd_is_read(data):
    assert "inspected twice a year" in load(data, "a.pdf").text


def described(**info: str) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.setTitle(info.get("title", ""))
    canvas.setAuthor(info.get("author", ""))
    canvas.drawString(70, 700, "text")
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("就業規則", "就業規則"),
        ("Microsoft Word - 文書1.doc", ""),
        ("無題", ""),
        ("report.docx", ""),
        ("", ""),
    ],
)
def test_a_title_is_taken_where_it_is_one(title, kept):
    assert load(described(title=title), "a.pdf").title == kept


@pytest.mark.parametrize(
    ("author", "kept"), [("山田太郎", "山田太郎"), ("User", None), ("Administrator", None)]
)
def test_an_author_is_taken_where_it_names_one(author, kept):
    assert load(described(author=author), "a.pdf").meta.get("author") == kept


@settings(max_examples=60, deadline=None)
@given(damaged(SMALL))
def test_damaged_bytes_are_read_or_refused(data):
    try:
        load(data, "a.pdf")
    except DocumentError as error:
        assert error.code in {"broken", "no_text", "garbled", "encrypted"}
