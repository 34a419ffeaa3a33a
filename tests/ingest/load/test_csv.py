"""Tables of text are read row by row, in any encoding and with any separator."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import csv as loader
from ingest.load import parse
from rag.types import Document
from tests.helpers.reading import blocks, damaged, place_of, survives

TABLES = {
    "zh-Hans": ("gb18030", "姓名,部门,城市\r\n张伟,研发部,北京\r\n李娜,市场部,上海\r\n"),
    "zh-Hant": ("cp950", "姓名,部門,城市\r\n陳怡君,研發部,臺北\r\n林志豪,業務部,高雄\r\n"),
    "ja": ("cp932", "氏名,部署,勤務地\r\n佐藤花子,開発部,東京\r\n鈴木一郎,営業部,大阪\r\n"),
    "ko": ("cp949", "이름,부서,근무지\r\n김민수,개발부,서울\r\n이영희,영업부,부산\r\n"),
}


def table(text: str, name: str = "a.csv") -> Document:
    return parse(text.encode(), name=name)


def rows(document: Document) -> list[list[str]]:
    """Cells of all rows, without the rule under the header."""
    lines = document.text.split("\n")
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "| --- |" not in line
    ]


@pytest.mark.parametrize("lang", TABLES)
def test_a_table_in_a_legacy_encoding_has_its_header_and_each_row_its_number(lang):
    codec, text = TABLES[lang]
    document = parse(text.encode(codec), name="a.csv")
    lines = [line.split(",") for line in text.split()]
    assert [kind for kind, _ in blocks(document)] == ["table"]
    assert rows(document) == lines
    assert (document.source.encoding, document.source.media_type) == (codec, "text/csv")
    assert place_of(document, lines[1][0]) == "row 2"
    assert place_of(document, document.text) == "row 1–3"


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "，"])
def test_the_separator_is_found(separator):
    lines = [["品名", "価格, 税込"], ["りんご", "100"], ["ぶどう", "1,200"]]
    text = "\n".join(
        separator.join(f'"{one}"' if separator == "," else one for one in line) for line in lines
    )
    assert rows(table(text)) == lines


def test_a_separator_that_is_declared_is_obeyed_and_its_line_counted():
    document = table("sep=;\n이름;값\n가,나;1,5\n")
    assert rows(document) == [["이름", "값"], ["가,나", "1,5"]]
    assert place_of(document, "가,나") == "row 3"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_what_excel_saves_as_unicode_text_is_read(codec):
    text = "氏名\t住所\r\n山田太郎\t東京都千代田区\r\n鈴木花子\t大阪府大阪市\r\n"
    assert rows(parse(text.encode(codec), name="a.txt.tsv")) == [
        line.split("\t") for line in text.split("\r\n") if line
    ]


def test_a_cell_over_several_lines_is_one_cell_and_rows_are_counted_as_a_spreadsheet_does():
    document = table('品名,説明\n机,"一行目\n二行目 ""特価"""\n\n椅子,木製\n')
    assert rows(document) == [["品名", "説明"], ["机", '一行目 二行目 "特価"'], ["椅子", "木製"]]
    assert place_of(document, "椅子") == "row 4"


def test_numbers_in_the_first_row_are_no_header():
    assert rows(table("1,2026,３\n4,5,6\n")) == [["1", "2", "3"], ["1", "2026", "３"], ["4", "5", "6"]]


def test_ragged_wide_and_nul_rows_are_rows():
    document = table("甲,乙\n一\n二,三,四,,\n五\x00,六\n" + ",".join(["広い"] * 300) + "\n")
    assert [len(row) for row in rows(document)] == [300] * 5
    assert rows(document)[2][:3] == ["二", "三", "四"] and rows(document)[3][0] == "五"


def test_a_bar_in_a_cell_does_not_part_it():
    assert "a\\|b" in table("名,値\na|b,1\n").text


def test_rows_beyond_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(loader, "ROWS", 10)
    document = table("番号,名\n" + "".join(f"{n},名前{n}\n" for n in range(25)))
    assert document.source.warnings == ("rows_cut=15",)
    assert "名前9" in document.text and "名前10" not in document.text


def test_one_endless_row_does_not_widen_all_others(monkeypatch):
    monkeypatch.setattr(loader, "_CELLS", 100)
    document = table("甲,乙\n" + ",".join(f"列{n}" for n in range(60)) + "\n" + "一,二\n" * 8)
    assert "列59" in document.text and len(rows(document)[-1]) == 20


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_behind_it():
    document = table('名,値\n甲,"開\n' + "".join(f"乙{n},{n}\n" for n in range(300)))
    assert "| 乙299 | 299 |" in document.text


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(st.text("甲乙가나ab,;\t\"'\n| 1", min_size=1, max_size=8), min_size=2, max_size=4),
        min_size=2,
        max_size=6,
    )
)
def test_what_the_csv_module_writes_is_found_cell_by_cell(cells):
    written = io.StringIO()
    csv.writer(written).writerows([["列一", "列二"], *cells])
    text = parse(("sep=,\n" + written.getvalue()).encode(), name="a.csv").text
    for cell in (cell for row in cells for cell in row):
        assert " ".join(cell.split()).replace("|", "\\|") in text


@settings(max_examples=50, deadline=None)
@given(damaged(TABLES["ja"][1].encode("cp932") * 3))
def test_damaged_tables_are_read_or_refused(data):
    survives(data, "a.csv")
