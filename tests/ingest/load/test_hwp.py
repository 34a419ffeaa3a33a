"""HWP 5: what a reader of the page sees, from files made by the public description of the format."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import hwp as loader
from ingest.load import parse, sniff
from ingest.load.viewtext import deciphered
from rag.errors import DocumentError
from tests.helpers.cipher import enciphered
from tests.helpers.make_hwp import (
    box,
    cell,
    control,
    hwp,
    inline,
    listed,
    note,
    number,
    paragraph,
    record,
    section_definition,
    string,
    summary,
    table,
)
from tests.helpers.make_ole import compound

START = section_definition()
CELLS = ((0, 0, "구분"), (0, 1, "일수"), (1, 1, "5일"))
RULES = [
    paragraph(START, "총칙", shape=1),
    paragraph("연차 유급휴가는 최대 20일로 한다. 漢字와 日本語のかな、𠮷野家"),
    paragraph(
        table(cell(0, 0, paragraph("구분")), cell(0, 1, paragraph("일수")), cell(1, 1, paragraph("5일")))
    ),
]
GRID = "| 구분 | 일수 |\n| --- | --- |\n|  | 5일 |"


def read(*paragraphs: object, **options: object) -> str:
    return loader.load(hwp(list(paragraphs), **options), "규정.hwp").text  # type: ignore[arg-type]


def code(data: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        loader.load(data, "a.hwp")
    assert caught.value.path == "a.hwp" and caught.value.message
    return caught.value.code


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("copies", [1, 90])
def test_a_document_is_read_in_order_packed_or_not_small_or_large(compressed, copies):
    data = hwp(RULES * copies, compressed=compressed)
    assert sniff(data, "a.hwp") == "hwp"
    parts = loader.load(data, "a.hwp").text.split("\n\n")
    assert parts[:3] == ["제1장 총칙", "연차 유급휴가는 최대 20일로 한다. 漢字와 日本語のかな、𠮷野家", GRID]
    assert len(parts) == 3 * copies


def test_sections_are_read_by_their_numbers():
    data = hwp(*([paragraph(START, f"{number}구역")] for number in range(12)))
    assert loader.load(data, "a.hwp").text.split() == [f"{number}구역" for number in range(12)]


def test_the_summary_says_title_author_and_date():
    said = summary(title="휴가 규정", author="홍길동", saved=datetime(2025, 3, 4, 5, 6, tzinfo=UTC))
    document = parse(hwp(RULES, said=said), name="a.hwp")
    assert (document.title, dict(document.meta)) == ("휴가 규정", {"date": "2025-03-04", "author": "홍길동"})
    assert document.lang == "ko"


def test_a_document_without_a_summary_has_its_first_heading_as_title():
    assert parse(hwp(RULES), name="a.hwp").title == "제1장 총칙"


def test_a_file_on_a_template_of_the_word_processor_itself_is_read():
    path = Path(__file__).parents[2] / "fixtures" / "hangul.hwp"
    parts = loader.load(path.read_bytes(), "hangul.hwp").text.split("\n\n")
    assert parts == [
        "연차 유급휴가는 최대 20일로 한다. 漢字와 日本語のかな",
        "| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 5일 |",
        "근로기준법 제60조",
        "연결 글",
        "글상자 내용",
        "끝 문단",
    ]


def test_controls_in_the_text_leave_no_trace_whatever_they_hold():
    junk = struct.pack("<6H", 0xD842, 0xDFB7, 0x000D, 0x0009, 0xAC00, 0xDC00)
    field = control(3, "%hlk", string("http://example.com;1;0;0;"))
    text = paragraph("가", inline(9, junk), "나\n다", field, "연결", inline(4, junk), "\x1e라\x1f마\x18바")
    assert read(text) == "가\t나\n다연결\u00a0라 마-바"


def test_headings_come_from_the_outline_with_their_numbers():
    body = [paragraph(START, "총칙", shape=1), paragraph("목적", shape=2), paragraph("적용", shape=2)]
    parsed = loader.load(hwp([*body, paragraph("부칙", shape=1)]), "a.hwp")
    assert parsed.text.split("\n\n") == ["제1장 총칙", "1.가. 목적", "1.나. 적용", "제2장 부칙"]
    assert [(block.kind, block.level) for block in parsed.blocks] == [
        ("heading", level) for level in (1, 2, 2, 1)
    ]


def test_headings_come_from_names_of_styles_and_stand_below_the_title():
    body = [paragraph("휴가 규정", style=1), paragraph("총칙", shape=1), paragraph("목적", style=2)]
    assert [block.level for block in loader.load(hwp(body), "a.hwp").blocks] == [1, 2, 3]


def test_lists_have_their_numbers_and_bullets():
    parsed = loader.load(
        hwp([paragraph("신청서", shape=3), paragraph("증빙", shape=3), paragraph("끝", shape=4)]), "a"
    )
    assert parsed.text.split("\n\n") == ["㉮ 신청서", "㉯ 증빙", "□ 끝"]
    assert {block.kind for block in parsed.blocks} == {"list"}


def test_a_table_stands_where_it_is_anchored_with_its_caption():
    caption = listed(paragraph("표 ", number(4, 3), ". 휴가"))
    held = table(cell(0, 0, paragraph("가"), paragraph("나")), cell(0, 1, paragraph("다")), caption=caption)
    assert read(paragraph("앞", held, "뒤")) == "앞뒤\n\n표 3. 휴가\n\n| 가 나 | 다 |\n| --- | --- |"
    assert read(paragraph(held, "뒤")).endswith("|\n\n뒤")


def test_a_table_in_a_table_keeps_its_rows():
    inner = paragraph(table(cell(0, 0, paragraph("항목")), cell(0, 1, paragraph("금액"))))
    assert read(paragraph(table(cell(0, 0, paragraph("여비")), cell(0, 1, inner)))) == (
        "여비\n\n| 항목 | 금액 |\n| --- | --- |"
    )


def test_a_heading_in_a_row_stays_in_its_row_and_a_table_in_a_box_in_a_row_is_not_lost():
    row = (cell(0, 0, paragraph("이름", shape=1)), cell(0, 1, paragraph("홍길동")))
    assert read(paragraph(START), paragraph(table(*row))) == "| 제1장 이름 | 홍길동 |\n| --- | --- |"
    inner = table(cell(0, 0, paragraph("가")), cell(0, 1, paragraph("나")))
    held = table(cell(0, 0, paragraph("앞")), cell(0, 1, paragraph(box(paragraph(inner)))))
    assert read(paragraph(held)) == "앞\n\n| 가 | 나 |\n| --- | --- |"


def test_notes_follow_their_paragraph_with_their_number():
    foot = note("fn  ", paragraph(number(1, 1, ")"), " 근로기준법"))
    end = note("en  ", paragraph(number(2, 1, "."), " 부록"))
    assert (
        read(paragraph("연차는", foot, " 15일", end, "이다."))
        == "연차는 15일이다.\n\n1) 근로기준법\n\n1. 부록"
    )


def test_text_boxes_and_equations_are_read():
    equation = control(11, "eqed", bytes(40), lambda level: record(72, level, bytes(4) + string("x over y")))
    assert read(paragraph("식 ", equation, box(paragraph("글상자")))) == "식 x over y\n\n글상자"


def test_of_text_above_text_the_base_stays_and_the_reading_is_kept():
    ruby = control(23, "tdut", string("권리") + string("權利") + bytes(20))
    parsed = loader.load(hwp([paragraph(ruby, "의 행사", control(23, "tcps", string("㊞")))]), "a.hwp")
    assert parsed.text == "권리의 행사㊞"
    assert [(one.start, one.end, one.text) for one in parsed.readings] == [(0, 2, "權利")]


@pytest.mark.parametrize("name", ["head", "foot", "tcmt"])
def test_headers_footers_and_hidden_comments_are_left_out(name):
    assert read(paragraph(note(name, paragraph("숨김")), "본문")) == "본문"


def test_memos_at_the_end_are_left_out():
    def memos(level: int) -> bytes:
        return record(77, level + 1, bytes(4)) + listed(paragraph("메모"))(level + 1)

    assert read(paragraph("본문"), memos) == "본문"
    assert read(paragraph("본문"), lambda level: record(77, 0, bytes(4)), paragraph("메모")) == "본문"


@pytest.mark.parametrize("flag", [1, 4, 8, 10])
def test_a_locked_document_says_so(flag):
    assert code(hwp(RULES, flags=1 << flag)) == "encrypted"


def test_a_document_for_distribution_is_read():
    sealed = hwp(RULES, flags=1 << 2, storage="ViewText", seal=_distributed)
    assert GRID in loader.load(sealed, "a.hwp").text


def _distributed(data: bytes) -> bytes:
    """As the description tells: the key lies in noise that its first four bytes are the seed of."""
    seed, key = 0x1234567, bytes(range(16, 32))
    state, noise = seed, b""
    while len(noise) < 256:
        drawn = []
        for _ in range(2):
            state = (state * 214013 + 2531011) % 2**32
            drawn.append(state >> 16)
        noise += bytes([drawn[0] & 0xFF]) * ((drawn[1] & 15) + 1)
    offset = 4 + (seed & 15)
    plain = bytearray(256)
    plain[offset : offset + 16] = key
    hidden = bytearray(one ^ other for one, other in zip(plain, noise, strict=False))
    hidden[:4] = struct.pack("<I", seed)
    padded = data + bytes(-len(data) % 16)
    return record(12, 0, bytes(hidden)) + enciphered(padded, key)


def test_the_cipher_is_that_of_the_standard():
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    sealed = bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")
    assert enciphered(plain, bytes(range(16))) == sealed
    assert deciphered(sealed * 3 + b"rest", bytes(range(16))) == plain * 3


def test_damage_is_broken():
    damaged = hwp(RULES, seal=lambda data: b"\xff" + data[1:])
    assert code(damaged) == "broken"
    assert code(hwp(RULES, seal=lambda data: data[:-4])) == "broken"
    assert code(hwp(RULES, compressed=False, seal=lambda data: data[:-3])) == "broken"
    assert code(hwp(RULES)[:3000]) == "broken"
    assert code(compound({"FileHeader": b"HWP Document File".ljust(256, b"\0")})) in {"broken", "unsupported"}
    assert code(compound({"FileHeader": bytes(256), "DocInfo": b""})) == "broken"


def test_another_version_is_named():
    assert code(hwp(RULES, version=0x06000000)) == "unsupported"


def test_a_bomb_is_stopped(monkeypatch):
    monkeypatch.setattr(loader, "ENTRY", 10_000)
    assert code(hwp([paragraph("가" * 20_000)])) == "too_large"


def test_records_that_are_nested_without_end_are_broken():
    endless = [lambda level: b"".join(record(56, depth) for depth in range(1000))]
    assert code(hwp(endless)) == "broken"


def test_deep_tables_are_read():
    inner = paragraph("바닥")
    for _ in range(40):
        inner = paragraph(table(cell(0, 0, inner), cell(0, 1, paragraph("옆"))))
    assert "바닥" in read(inner)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8000), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_damage_is_told_and_never_raises_anything_else(changes, inside):
    def seal(data: bytes) -> bytes:
        changed = bytearray(data)
        for position, value in changes:
            changed[position % len(changed)] = value
        return bytes(changed)

    data = hwp(RULES, compressed=False, seal=seal if inside else bytes, said=summary(title="제목"))
    try:
        assert loader.load(data if inside else seal(data), "a.hwp").media_type == "application/x-hwp"
    except DocumentError as error:
        assert error.message


def test_an_empty_stream_of_text_is_an_empty_document():
    with pytest.raises(DocumentError) as caught:
        parse(hwp([paragraph(START)]), name="a.hwp")
    assert caught.value.code == "empty"
