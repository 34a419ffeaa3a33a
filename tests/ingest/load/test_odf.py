"""OpenDocument texts and presentations, zipped and flat."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from ingest.load.odf import load
from ingest.load.slides import Shape, in_order
from rag.errors import DocumentError
from rag.types import Document, Reading
from tests.helpers.ooxml import zipped

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for prefix, path in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
        "presentation": "presentation", "svg": "svg-compatible", "meta": "meta", "manifest": "manifest",
    }.items()
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def flat(body: str, styles: str = "") -> bytes:
    kind = "presentation" if body.startswith("<draw:page") else "text"
    return (
        f'<?xml version="1.0"?><office:document {NAMESPACES} '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}"><office:styles>{styles}</office:styles>'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def odt(body: str, **parts: str) -> bytes:
    content = (
        f"<office:document-content {NAMESPACES}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    named = {f"{name.replace('_', '/')}.xml": text for name, text in parts.items()}
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **named})


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def texts(body: str, styles: str = "") -> list[str]:
    return [text for _, text in blocks(parse(flat(body, styles), name="a.fodt"))]


RUBY = (
    "<text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text></text:ruby>"
)
SHOWN = {
    "ruby": (f"{RUBY}の天気", "東京の天気"),
    "spaces": ('一<text:s text:c="2"/>二<text:tab/>三<text:line-break/>四', "一  二\t三\n四"),
    "white space of the file": ("\n    一 二\n    三\n  ", "一 二 三"),
    "link and span": ("<text:a><text:span>リ<text:span>ン</text:span>ク</text:span></text:a>先", "リンク先"),
    "comment": ("<office:annotation><text:p>註釈</text:p></office:annotation>文", "文"),
    "field": ("<text:page-number>3</text:page-number>頁", "3頁"),
}


@pytest.mark.parametrize(("xml", "text"), SHOWN.values(), ids=SHOWN)
def test_a_paragraph_is_read_as_it_is_shown(xml, text):
    assert parse(flat(f"<text:p>{xml}</text:p>"), name="a.fodt").text == text
    assert parse(odt(f"<text:p>{xml}</text:p>"), name="a.odt").text == text


def test_ruby_keeps_its_reading_beside_the_base():
    assert parse(odt(f"<text:p>前{RUBY}</text:p>"), name="a.odt").readings == (Reading(1, 3, "とうきょう"),)


def test_deleted_text_is_left_out():
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>消</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    assert texts(f'{deleted}<text:p>残<text:change text:change-id="1"/>る</text:p>') == ["残る"]


def test_hidden_text_is_left_out():
    style = '<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/>'
    hidden = '<text:span text:style-name="T1">見えない</text:span>'
    section = '<text:section text:display="none"><text:p>伏せた節</text:p></text:section>'
    body = (
        f"<text:p>見える{hidden}文。</text:p>{section}<text:section><text:p>次の節。</text:p></text:section>"
    )
    assert texts(body, f"{style}</style:style>") == ["見える文。", "次の節。"]


def test_notes_and_boxes_stand_after_their_paragraph():
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p>"
        "</text:note-body></text:note>"
    )
    box = "<draw:frame><draw:text-box><text:p>箱</text:p><text:p>内</text:p></draw:text-box></draw:frame>"
    shape = "<draw:custom-shape><text:p>図形</text:p></draw:custom-shape>"
    body = f"<text:p>前{note}中{box}後{shape}</text:p>{box}<text:p>次</text:p>"
    assert texts(body) == ["前中後", "注", "箱", "内", "図形", "箱", "内", "次"]


def test_headings_are_below_the_title_and_numbered_by_the_outline():
    styles = (
        '<style:style style:name="P1" style:parent-style-name="Title"/><text:outline-style>'
        '<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..." style:num-prefix="第" '
        'style:num-suffix="章"/><text:outline-level-style text:level="2" style:num-format="1" '
        'text:display-levels="2"/></text:outline-style>'
    )
    heading = '<text:h text:outline-level="{}">{}</text:h>'
    body = '<text:p text:style-name="P1">規程</text:p>' + "".join(
        heading.format(*one) for one in ((1, "総則"), (2, "目的"), (2, "範囲"), (1, "罰則"), (2, "過料"))
    )
    document = parse(flat(body, styles), name="a.fodt")
    assert [(one.level, document.text[one.start : one.end]) for one in document.blocks] == [
        (1, "規程"), (2, "第一章 総則"), (3, "一.1 目的"), (3, "一.2 範囲"), (2, "第二章 罰則"),
        (3, "二.1 過料"),
    ]  # fmt: skip
    assert document.title == "規程"


def test_lists_carry_their_numbers_and_bullets():
    styles = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="가" '
        'style:num-suffix="."/><text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    last = item.replace("{}</text:list-item>", "</text:list-item></text:list>")
    inner = f"<text:list>{item.format('둘', '')}</text:list>"
    opening = '<text:list text:style-name="L"{}>'
    body = (
        opening.format("")
        + item.format("하나", inner)
        + item.format("셋", "<text:p>계속</text:p></text:list-item></text:list>").removesuffix(
            "</text:list-item>"
        )
        + opening.format(' text:continue-numbering="true"')
        + last.format("넷")
        + opening.format("")
        + last.format("다시")
    )
    assert texts(body, styles) == ["가. 하나", "• 둘", "나. 셋", "계속", "다. 넷", "가. 다시"]


CELL = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"


def test_repeated_and_merged_cells_come_as_they_are_shown():
    merged = CELL.format(' table:number-columns-spanned="2"', "甲") + "<table:covered-table-cell/>"
    twice = CELL.format(' table:number-columns-repeated="2"', "乙")
    rows = (
        f"<table:table-header-rows><table:table-row>{merged}</table:table-row></table:table-header-rows>"
        f"<table:table-row>{twice}</table:table-row>"
    )
    assert texts(f"<table:table>{rows}</table:table>") == ["| 甲 |  |\n| --- | --- |\n| 乙 | 乙 |"]


def test_a_table_that_repeats_itself_beyond_measure_is_bounded():
    cell = CELL.format(' table:number-columns-repeated="999999999"', "甲")
    body = (
        f'<table:table><table:table-row table:number-rows-repeated="9">{cell}</table:table-row></table:table>'
    )
    (table,) = texts(body)
    assert 0 < table.count("甲") <= 9 * 256


def test_what_is_in_a_frame_of_one_cell_is_no_table():
    assert texts(
        f"<table:table><table:table-row>{CELL.format('', '囲み')}</table:table-row></table:table>"
    ) == ["囲み"]


def frame(text: str, left: int, top: int, role: str = "") -> str:
    return (
        f'<draw:frame svg:x="{left}cm" svg:y="{top}cm" presentation:class="{role}"><draw:text-box>'
        f"<text:p>{text}</text:p></draw:text-box></draw:frame>"
    )


def test_slides_are_read_from_top_to_bottom_with_their_number_and_notes():
    notes = f"<presentation:notes>{frame('話すこと', 1, 1, 'notes')}</presentation:notes>"
    body = (
        f"<draw:page>{frame('右', 15, 5)}{frame('下', 1, 12)}{frame('左', 1, 5)}{frame('題', 1, 14, 'title')}"
        f"{notes}"
        f"</draw:page><draw:page>{frame('短い見出し', 1, 1)}{frame('これは本文である。', 1, 5)}</draw:page>"
    )
    document = parse(flat(body), name="a.fodp")
    assert [text for _, text in blocks(document)] == [
        "題", "左", "右", "下", "話すこと", "短い見出し", "これは本文である。",
    ]  # fmt: skip
    assert [one.page for one in document.blocks] == [1, 1, 1, 1, 1, 2, 2]
    assert [one.part for one in document.places][3:6] == ["slide 1", "slide 1 notes", "slide 2"]
    assert [kind for kind, _ in blocks(document)].count("heading") == 2


def test_shapes_on_one_line_are_read_from_left_to_right():
    shapes = [
        Shape("c", 33.0, 5.0),
        Shape("b", 21.0, 50.0),
        Shape("a", 25.0, 5.0),
        Shape("t", 90.0, is_title=True),
    ]
    assert [one.element for one in in_order(shapes)] == ["t", "a", "b", "c"]


def test_title_date_and_author_are_those_of_the_file():
    meta = (
        f"<office:document-meta {NAMESPACES}><office:meta><dc:title>旅費</dc:title>"
        "<dc:creator>林</dc:creator>"
        "<dc:date>2026-01-31T10:00:00.123</dc:date></office:meta></office:document-meta>"
    )
    document = parse(odt("<text:p>文</text:p>", meta=meta), name="a.odt")
    assert (document.title, dict(document.meta)) == ("旅費", {"date": "2026-01-31", "author": "林"})


def test_an_encrypted_file_says_so():
    manifest = f"<manifest:manifest {NAMESPACES}><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(DocumentError) as caught:
        load(odt("", **{"META-INF_manifest": manifest}), "a.odt")
    assert caught.value.code == "encrypted"


def test_a_formula_and_the_table_of_a_chart_are_read():
    maths = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi><mo>=</mo><mn>2</mn></math>'
    row = f"<table:table-row>{CELL.format('', '月')}{CELL.format('', '額')}</table:table-row>"
    chart = (
        f"<office:document-content {NAMESPACES}><table:table>{row}</table:table></office:document-content>"
    )
    body = "<text:p>図{}{}</text:p>".format(
        *(f'<draw:frame><draw:object xlink:href="./Object {n}"/></draw:frame>' for n in (1, 2))
    )
    data = odt(body, **{"Object 1_content": maths, "Object 2_content": chart})
    document = parse(data, name="a.odt")
    assert [text for _, text in blocks(document)] == ["図", "x = 2", "| 月 | 額 |\n| --- | --- |"]


def test_deep_nesting_ends_without_a_crash():
    deep = "<text:section>" * 200 + "<text:p>底</text:p>" + "</text:section>" * 200
    assert texts(deep) == ["底"]
    with pytest.raises(DocumentError):
        load(flat("<text:section>" * 50_000), "a.fodt")


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", ["ja.odt", "ko.odp", "zh-Hant.fodt"])
def test_mutated_bytes_never_raise_anything_but_a_document_error(name, data):
    good = (OFFICE / name).read_bytes()
    mutated = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(mutated), name)
    except DocumentError as error:
        assert error.code in {"broken", "too_large", "encrypted"}
