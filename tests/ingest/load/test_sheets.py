"""Spreadsheets: every row with its cells, values as text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse, sheets
from ingest.load.cells import column, column_index, shown, typed
from ingest.load.sheets import load
from rag.errors import DocumentError
from rag.types import Document, span_of
from tests.helpers.biff import workbook
from tests.helpers.office import SHEET_NAMES, SOURCES
from tests.helpers.ooxml import MAIN, NAMESPACES, relations, zipped

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"
SPREADSHEET = f'xmlns="{MAIN}/spreadsheetml/2006/main" xmlns:r="{MAIN}/officeDocument/2006/relationships"'
TYPES = (
    '<Types xmlns="{}/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    "</Types>"
)


def xlsx(rows: str, shared: str = "", **parts: str) -> bytes:
    sheet = '<sheet name="売上" sheetId="1" state="hidden" r:id="rId1"/>'
    return zipped(
        {
            "[Content_Types].xml": TYPES.format(MAIN),
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f"<workbook {SPREADSHEET}><sheets>{sheet}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(
                ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
            ),
            "xl/worksheets/sheet1.xml": f"<worksheet {SPREADSHEET}><sheetData>{rows}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f"<sst {SPREADSHEET}>{shared}</sst>",
            **parts,
        }
    )


def row(number: int, **cells: str) -> str:
    inner = "".join(
        f'<c r="{name}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for name, text in cells.items()
    )
    return f'<row r="{number}">{inner}</row>'


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def place(document: Document, text: str) -> str:
    start = document.text.index(text)
    return span_of(document.places, start, start + len(text))


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "fods"])
@pytest.mark.parametrize("lang", SOURCES)
def test_sheets_of_libreoffice_are_read_with_the_addresses_of_their_cells(lang, kind):
    name = f"{lang}.{kind}"
    document = parse((OFFICE / name).read_bytes(), name=name)
    assert blocks(document)[:2] == [
        ("heading", SHEET_NAMES[0]),
        (
            "table",
            "| 品名 | 数量 | 単価 | 日付 | 在庫 |\n| --- | --- | --- | --- | --- |\n"
            "| りんご | 12 | 98.5 | 2026-01-31 | TRUE |\n| 鉛筆 | 3 | 120 | 2026-02-03 | FALSE |",
        ),
    ]
    assert place(document, "| 鉛筆") == "売上!B4:F4"
    source = SOURCES[lang]
    assert place(document, f"| {source.table[2][0]} |") == "売上!B8:D8"
    texts = (*source.paragraphs, source.ruled)
    assert blocks(document)[-4:] == [("paragraph", text) for text in texts]
    assert place(document, "\n\n".join(texts)) == "재고!A1:A4"


def test_captions_stand_above_their_table():
    rows = row(1, A="売上一覧") + row(2, B="月", C="額") + row(3, B="一月", C="5") + row(5, A="以上")
    document = parse(xlsx(rows), name="a.xlsx")
    assert blocks(document) == [
        ("heading", "売上"),
        ("paragraph", "売上一覧"),
        ("table", "|  | 月 | 額 |\n| --- | --- | --- |\n|  | 一月 | 5 |"),
        ("paragraph", "以上"),
    ]
    assert [one.at for one in document.places] == ["", "A1", "A2:C2", "A3:C3", "A5"]
    assert document.title == "a"


def test_phonetic_guides_become_readings_and_are_not_glued_to_the_text():
    shared = (
        '<si><t>東京支店</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'
        '<rPh sb="2" eb="4"><t>シテン</t></rPh></si>'
        '<si><r><t>山</t></r><r><t>田さん</t></r><rPh sb="0" eb="2"><t>ヤマダ</t></rPh></si>'
        '<si><t>佐藤</t><rPh sb="7" eb="9"><t>サトウ</t></rPh></si>'
    )
    cells = "".join(f'<c r="{name}1" t="s"><v>{number}</v></c>' for number, name in enumerate("ABC"))
    document = parse(xlsx(f'<row r="1">{cells}</row>', shared), name="a.xlsx")
    assert blocks(document)[1] == ("table", "| 東京支店 | 山田さん | 佐藤 |\n| --- | --- | --- |")
    assert [(document.text[one.start : one.end], one.text) for one in document.readings] == [
        ("東京支店", "トウキョウシテン"),
        ("山田", "ヤマダ"),
    ]


def test_text_boxes_on_a_sheet_are_read():
    drawing = f"<xdr:wsDr xmlns:xdr='x' {NAMESPACES}><a:p><a:r><a:t>吹き出し</a:t></a:r></a:p></xdr:wsDr>"
    data = xlsx(
        row(1, A="表"),
        **{
            "xl/worksheets/_rels/sheet1.xml.rels": relations(("drawing", "../drawings/drawing1.xml")),
            "xl/drawings/drawing1.xml": drawing,
        },
    )
    document = parse(data, name="a.xlsx")
    assert blocks(document)[-1] == ("paragraph", "吹き出し")
    assert place(document, "吹き出し") == "売上"


def test_rows_beyond_the_limit_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    document = parse(xlsx("".join(row(n, A=f"行{n}", B="x") for n in range(1, 9))), name="a.xlsx")
    assert document.source.warnings == ("rows_cut=5",)
    assert "行3" in document.text and "行4" not in document.text


def test_cells_that_are_too_far_apart_are_refused_before_they_take_the_memory():
    with pytest.raises(DocumentError) as caught:
        load(xlsx(row(1, A="一") + row(1_048_576, XFD="二")), "a.xlsx")
    assert caught.value.code == "too_large"


def test_empty_cells_far_away_are_no_harm():
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert "一" in load(xlsx(row(1, A="一") + far), "a.xlsx").text


def ods(rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
        for one in ("office", "table", "text")
    )
    return (
        f'<office:document {spaces} office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:body><office:spreadsheet><table:table table:name='表'>{rows}</table:table>"
        "</office:spreadsheet></office:body></office:document>"
    ).encode()


def test_what_an_open_document_sheet_repeats_is_bounded(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_CELLS", 50_000)
    cell = '<table:table-cell table:number-columns-repeated="999999"><text:p>甲</text:p></table:table-cell>'
    bomb = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    parsed = load(ods(bomb), "a.fods")
    assert parsed.text.count("甲") == 3 * 16_384 and parsed.warnings[0].startswith("rows_cut=")


def test_blank_rows_and_cells_of_an_open_document_sheet_count_for_the_address():
    blank = '<table:table-row table:number-rows-repeated="100000"><table:table-cell/></table:table-row>'
    cells = '<table:table-cell table:number-columns-repeated="27"/>'
    cells += "<table:table-cell><text:p>甲</text:p></table:table-cell>"
    note = "<office:annotation><text:p>註</text:p></office:annotation>"
    noted = f"<table:table-cell>{note}<text:p>乙</text:p></table:table-cell>"
    document = parse(ods(f"{blank}<table:table-row>{cells}{noted}</table:table-row>"), name="a.fods")
    assert blocks(document)[1] == ("table", "| 甲 | 乙 |\n| --- | --- |")
    assert place(document, "甲") == "表!AB100001:AC100001"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"), (98.5, "98.5"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (-0.0, "0"), (True, "TRUE"),
        (7, "7"), ("07", "07"), (None, ""), (dt.datetime(2026, 1, 31), "2026-01-31"),
        (dt.datetime(2026, 1, 31, 9, 5), "2026-01-31 09:05"), (dt.date(2026, 1, 31), "2026-01-31"),
        (dt.time(9, 5), "09:05"), (dt.timedelta(hours=30, seconds=5), "30:00:05"),
    ],
)  # fmt: skip
def test_values_are_shown_as_text(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("kind", "value", "words", "text"),
    [
        ("float", "12.0", "12個", "12"), ("percentage", "0.5", "50%", "0.5"),
        ("boolean", "true", "真", "TRUE"),
        ("date", "2026-01-31T00:00:00", "1月", "2026-01-31"),
        ("date", "2026-01-31T09:05:00", "", "2026-01-31 09:05"),
        ("time", "PT09H05M00S", "9時", "09:05"), ("string", "x", "語", "語"), ("float", "x", "語", "語"),
    ],
)  # fmt: skip
def test_values_of_open_document_are_shown_as_text(kind, value, words, text):
    assert typed(kind, value, words) == text


@given(st.integers(0, 16_383))
def test_columns_are_named_and_found_by_their_names(index):
    assert column_index(column(index)) == index


@settings(max_examples=50, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", ["ja.xlsx", "ko.ods", "zh-Hant.fods"])
def test_mutated_bytes_never_raise_anything_but_a_document_error(name, data):
    good = (OFFICE / name).read_bytes()
    mutated = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(mutated), name)
    except DocumentError as error:
        assert error.code in {"broken", "too_large", "encrypted"}


@pytest.mark.parametrize(
    ("page", "codec", "text"),
    [
        (932, "cp932", "能力表示①"),
        (936, "gb18030", "中文测试"),
        (949, "cp949", "똠방각하"),
        (1361, "johab", "조합형"),
        (950, "cp950", "許功蓋"),
    ],
)
def test_workbooks_of_before_unicode_are_read_in_their_code_page(page, codec, text):
    document = parse(workbook(page, codec, "表", [["x", text], ["y", "z"]]), name="a.xls")
    assert blocks(document) == [("heading", "表"), ("table", f"| x | {text} |\n| --- | --- |\n| y | z |")]


def test_xml_spreadsheets_of_old_excel_are_read():
    data = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><DocumentProperties xmlns="x">'
        "<Author>金</Author>"
        "<LastSaved>2026-01-31T09:00:00Z</LastSaved></DocumentProperties>"
        '<Worksheet ss:Name="재고"><Table><Row ss:Index="3"><Cell ss:Index="2">'
        '<Data ss:Type="String">품명</Data></Cell>'
        '<Cell ss:MergeAcross="1"><Data ss:Type="String">값</Data></Cell></Row>'
        '<Row><Cell ss:Index="2">'
        '<Data ss:Type="String">연필</Data></Cell><Cell><Data ss:Type="Number">3.0</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2026-01-31T00:00:00.000</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    ).encode()
    document = parse(data, name="a.xls")
    assert blocks(document)[1] == (
        "table",
        "| 품명 | 값 |  |\n| --- | --- | --- |\n| 연필 | 3 | 2026-01-31 |",
    )
    assert place(document, "연필") == "재고!B4:D4"
    assert dict(document.meta) == {"date": "2026-01-31", "author": "金"}
