"""HWPX: what a reader of the page sees, in that order, and nothing that was struck out or hidden."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import hwpx as loader
from ingest.load import parse, sniff
from rag.errors import DocumentError
from tests.helpers.archives import zipped
from tests.helpers.make_hwpx import KS_2024, hwpx, listed, paragraph, table, text


def read(*content: str, **options: str) -> str:
    return loader.load(hwpx("".join(content), **options), "규정.hwpx").text


def code(data: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        loader.load(data, "a.hwpx")
    return caught.value.code


def test_sections_are_read_in_the_order_of_the_spine():
    data = hwpx(*(text(f"{number}구역") for number in range(11)))
    assert sniff(data, "a.bin") == "hwpx"
    assert loader.load(data, "a.hwpx").text.split() == [f"{number}구역" for number in range(11)]


def test_sections_without_a_spine_are_read_by_number():
    with zipfile.ZipFile(BytesIO(hwpx(text("하나"), text("둘")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = zipped({**parts, "Contents/content.hpf": "<package/>"})
    assert loader.load(data, "a.hwpx").text == "하나\n\n둘"


def test_the_package_says_title_author_and_date():
    document = parse(hwpx(text("연차 휴가")), name="a.hwpx")
    assert (document.title, dict(document.meta)) == ("휴가 규정", {"date": "2025-03-04", "author": "홍길동"})
    assert document.lang == "ko" and document.source.media_type == "application/hwp+zip"


def test_runs_join_without_a_gap_and_marks_become_their_characters():
    runs = "<hp:run><hp:t>연차 유급</hp:t></hp:run><hp:run><hp:t>휴가<hp:tab width='9'/>漢字<hp:lineBreak/>"
    marks = "<hp:markpenBegin color='#FFFF00'/>둘째<hp:nbSpace/>줄<hp:markpenEnd/><hp:fwSpace/>끝<hp:hyphen/>"
    assert read(f"<hp:p>{runs}{marks}</hp:t></hp:run></hp:p>") == "연차 유급휴가\t漢字\n둘째\u00a0줄 끝-"


def test_the_edition_of_the_standard_does_not_matter():
    assert read(text("규정", 1), edition=KS_2024) == "제1장 규정"


def test_headings_come_from_the_outline_with_their_numbers():
    body = text("총칙", 1) + text("목적", 2) + text("적용", 2) + text("부칙", 1) + text("시행", 2)
    parsed = loader.load(hwpx(body), "a.hwpx")
    assert parsed.text.split("\n\n") == ["제1장 총칙", "1.가. 목적", "1.나. 적용", "제2장 부칙", "2.가. 시행"]
    assert [(block.kind, block.level) for block in parsed.blocks] == [
        ("heading", level) for level in (1, 2, 2, 1, 2)
    ]


def test_headings_come_from_names_of_styles_and_stand_below_the_title():
    parsed = loader.load(hwpx(text("휴가 규정", style=1) + text("총칙", 1) + text("목적", style=2)), "a.hwpx")
    assert [block.level for block in parsed.blocks] == [1, 2, 3]


def test_a_clause_that_is_numbered_like_a_heading_is_a_paragraph():
    parsed = loader.load(hwpx(text("회의실의 예약은 하루 전까지 등록한다. " * 8, 1)), "a.hwpx")
    assert [block.kind for block in parsed.blocks] == ["paragraph"]


def test_lists_have_their_numbers_and_bullets():
    parsed = loader.load(hwpx(text("신청서", 3) + text("증빙", 3) + text("기타", 4)), "a.hwpx")
    assert parsed.text.split("\n\n") == ["㉮ 신청서", "㉯ 증빙", "□ 기타"]
    assert {block.kind for block in parsed.blocks} == {"list"}


def test_a_table_becomes_rows_at_the_addresses_of_its_cells():
    rows = [["구분", "일수"], ["결혼", "5일"], ["10일"]]
    held = table(rows, {(2, 0): (2, 1)})
    assert read(paragraph(f"<hp:t>앞</hp:t>{held}<hp:t> 뒤</hp:t>")) == (
        "앞 뒤\n\n| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 5일 |\n|  | 10일 |"
    )


def test_a_table_that_is_anchored_before_the_first_word_stands_before_it():
    assert read(paragraph(table([["가", "나"]]) + "<hp:t>표 아래</hp:t>")).endswith("|\n\n표 아래")


def test_a_cell_of_several_paragraphs_is_one_cell():
    cell = text("첫째") + text("둘째 | 셋째")
    assert "| 첫째 둘째 \\| 셋째 | 값 |" in read(paragraph(table([[cell, "값"]])))


def test_a_box_that_was_drawn_as_a_table_is_read_as_paragraphs():
    assert read(paragraph(table([[text("붙임 1") + text("신청서")]]))) == "붙임 1\n\n신청서"


def test_a_table_in_a_table_keeps_its_rows():
    inner = paragraph(table([["항목", "금액"], ["숙박", "10만원"]]))
    assert read(paragraph(table([["여비", inner]]))) == (
        "여비\n\n| 항목 | 금액 |\n| --- | --- |\n| 숙박 | 10만원 |"
    )


def test_a_caption_is_numbered_and_stands_before_its_table():
    number = '<hp:ctrl><hp:autoNum num="3" numType="TABLE"/></hp:ctrl>'
    caption = f"<hp:caption>{listed(paragraph(f'<hp:t>표 </hp:t>{number}<hp:t>. 휴가</hp:t>'))}</hp:caption>"
    assert read(paragraph(table([["가", "나"]]).replace("<hp:sz/>", caption))).startswith(
        "표 3. 휴가\n\n| 가"
    )


def test_notes_follow_their_paragraph_with_their_number():
    number = '<hp:autoNum num="1" numType="FOOTNOTE"><hp:autoNumFormat suffixChar=")"/></hp:autoNum>'
    inner = paragraph(f"<hp:ctrl>{number}</hp:ctrl><hp:t> 근로기준법</hp:t>")
    note = f"<hp:footNote>{listed(inner)}</hp:footNote>"
    body = paragraph(f"<hp:t>연차는</hp:t><hp:ctrl>{note}</hp:ctrl><hp:t> 15일이다.</hp:t>")
    assert read(body) == "연차는 15일이다.\n\n1) 근로기준법"


def test_text_in_shapes_and_groups_is_read_once():
    box = f"<hp:rect><hp:drawText>{listed(text('글상자'))}</hp:drawText></hp:rect>"
    group = f"<hp:container>{box}<hp:ellipse/></hp:container>"
    assert read(paragraph(f"<hp:t>본문</hp:t>{group}<hp:textart text='맵시'/>")) == "본문\n\n글상자\n\n맵시"


def test_of_text_above_text_the_base_stays_and_the_reading_is_kept():
    dutmal = "<hp:dutmal><hp:mainText>권리</hp:mainText><hp:subText>權利</hp:subText></hp:dutmal>"
    parsed = loader.load(hwpx(paragraph(f"{dutmal}<hp:t>의 행사</hp:t>")), "a.hwpx")
    assert parsed.text == "권리의 행사"
    assert [(one.start, one.end, one.text) for one in parsed.readings] == [(0, 2, "權利")]


def test_equations_and_composed_characters_are_text():
    script = "<hp:shapeComment>수식입니다.</hp:shapeComment><hp:script>x over y</hp:script>"
    equation = f"<hp:equation>{script}</hp:equation>"
    assert read(paragraph(f"{equation}<hp:compose composeText='㊞'/>")) == "x over y㊞"


def test_what_was_deleted_is_left_out_and_what_was_inserted_is_kept():
    first = text('<hp:deleteBegin Id="1"/>12일<hp:deleteEnd Id="1"/><hp:insertBegin Id="2"/>15일로 한다.')
    across = text('남는 말<hp:deleteBegin Id="3"/>지운 말') + paragraph(
        f'{table([["지운", "표"]])}<hp:t>지운 말<hp:deleteEnd Id="3"/> 다시 남는 말</hp:t>'
    )
    assert read(first + across) == "15일로 한다.\n\n남는 말\n\n다시 남는 말"


def test_a_deletion_that_never_ends_deletes_nothing():
    assert read(text('하나<hp:deleteBegin Id="9"/> 둘') + text("셋")) == "하나 둘\n\n셋"


@pytest.mark.parametrize("control", ["header", "footer", "hiddenComment", 'fieldBegin type="MEMO"'])
def test_headers_footers_comments_and_memos_are_left_out(control):
    hidden = f"<hp:{control}>{listed(text('숨김'))}</hp:{control.split()[0]}>"
    assert read(paragraph(f"<hp:ctrl>{hidden}</hp:ctrl><hp:t>본문</hp:t>")) == "본문"


def test_an_encrypted_document_says_so():
    assert (
        code(hwpx(text("x"), manifest="<odf:file-entry><odf:encryption-data/></odf:file-entry>"))
        == "encrypted"
    )


def test_a_document_that_breaks_off_is_read_as_far_as_it_goes():
    with zipfile.ZipFile(BytesIO(hwpx(text("남은 말") + text("잃은 말")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    section = parts["Contents/section0.xml"]
    parts["Contents/section0.xml"] = section[: section.index("잃은".encode())]
    parsed = loader.load(zipped(parts), "a.hwpx")
    assert (parsed.text, parsed.warnings) == ("남은 말", ("source_damaged",))


def test_a_document_without_sections_is_broken():
    assert code(hwpx()) == "broken"


def test_entities_are_not_resolved():
    evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(BytesIO(hwpx(text("말&amp;")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["Contents/section0.xml"] = evil.encode() + parts["Contents/section0.xml"].replace(b"&amp;", b"&e;")
    assert "root:" not in loader.load(zipped(parts), "a.hwpx").text


def test_nesting_without_end_costs_what_is_nested():
    inner = text("바닥")
    for _ in range(60):
        inner = paragraph(table([[inner, "옆"]]))
    parsed = loader.load(hwpx(text("앞") + inner), "a.hwpx")
    assert (parsed.text, parsed.warnings) == ("앞", ("source_damaged",))


def test_addresses_without_measure_need_no_memory():
    rows = [[f"{row}", "값"] for row in range(200)]
    far = {(row, column): (row * 3000, row * 3000 + column) for row in range(200) for column in range(2)}
    assert len(read(paragraph(table(rows, far)))) < 200_000


def test_documents_of_python_hwpx_are_read_whole():
    hwpx_library = pytest.importorskip("hwpx", reason="needs python-hwpx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = hwpx_library.HwpxDocument.new()
        made.add_heading("휴가 규정", 1)
        made.add_paragraph("연차 유급휴가는 최대 20일로 한다. 漢字와 日本語", inherit_style=False)
        grid = made.add_table(2, 2)
        for row, cells in enumerate((("구분", "일수"), ("결혼", "5일"))):
            for column, cell in enumerate(cells):
                grid.set_cell_text(row, column, cell)
        made.add_footnote("근로기준법 제60조")
        made.set_header_text("머리말")
        replaced = made.add_paragraph("휴가는 12일이다.", inherit_style=False)
        made.add_tracked_replace(replaced, "12일", "15일")
        data = made.to_bytes()
    parsed = loader.load(data, "a.hwpx")
    assert "연차 유급휴가는 최대 20일로 한다. 漢字와 日本語" in parsed.text
    assert "| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 5일 |" in parsed.text
    assert "근로기준법 제60조" in parsed.text and "휴가는 15일이다." in parsed.text
    assert "머리말" not in parsed.text and "12일" not in parsed.text
    assert parsed.blocks[0].kind == "heading"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_damage_is_told_and_never_raises_anything_else(changes, inside):
    data = bytearray(hwpx(text("총칙", 1) + paragraph(table([["가", "나"], ["다", "라"]]))))
    if inside:
        with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
            parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
        for position, value in changes:
            for part in parts.values():
                part[position % len(part)] = value
        data = bytearray(zipped({name: bytes(part) for name, part in parts.items()}))
    else:
        for position, value in changes:
            data[position % len(data)] = value
    try:
        assert loader.load(bytes(data), "a.hwpx").media_type == "application/hwp+zip"
    except DocumentError as error:
        assert error.message
