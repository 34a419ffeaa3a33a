"""PDFs of real programs: every paragraph is found, in order, once, with its page."""

import io
import shutil
from itertools import pairwise

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.load.pdf import load
from ingest.load.pdf.joining import joined
from ingest.load.pdf.lines import Line
from ingest.load.pdf.spacing import Spacing, spacing
from ingest.load.pdf.tables import go_on_with
from rag.text.normalise import fold
from tests.helpers.files import pdf, pdf_saying
from tests.helpers.make_pdfs import FOLDER, PRINTED, TEXTS, WRITTEN, print_page


def key(text, lang):
    """As paragraphs are compared: folded; spaces count in Korean only."""
    return (" " if lang == "ko" else "").join(fold(text).split())


def blocks(parsed, lang="ja"):
    return [(one.kind, key(parsed.text[one.start : one.end], lang)) for one in parsed.blocks]


def told(lang):
    """The title, headings and paragraphs of a fixture, in order."""
    text = TEXTS[lang]
    sections = [one for heading, found in text.sections.items() for one in (heading, *found)]
    return [key(one, lang) for one in (text.title, *sections)]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not installed")
    folder = tmp_path_factory.mktemp("printed")
    return lambda style, lang: print_page(lang, style, folder).read_bytes()


def written(style, lang):
    return (FOLDER / f"writer-{style}-{lang}.pdf").read_bytes()


@pytest.fixture(params=[(style, lang) for style, lang in WRITTEN if style != "vertical"], ids="-".join)
def of_writer(request):
    style, lang = request.param
    return load(written(style, lang), "a.pdf"), lang


def test_every_paragraph_of_a_text_document_is_one_block_in_its_place(of_writer):
    parsed, lang = of_writer
    found = [text for _, text in blocks(parsed, lang)]
    places = [found.index(text) for text in told(lang)]
    assert places == sorted(places)


def test_headings_of_a_text_document_have_their_levels(of_writer):
    parsed, lang = of_writer
    levels = [(one.level, parsed.text[one.start : one.end]) for one in parsed.blocks if one.kind == "heading"]
    text = TEXTS[lang]
    assert levels == [(1, text.title), *((2, heading) for heading in text.sections)]


def test_a_ruled_table_is_rows_with_its_header_and_its_text_stands_once(of_writer):
    parsed, lang = of_writer
    rows = TEXTS[lang].table
    tables = [parsed.text[one.start : one.end] for one in parsed.blocks if one.kind == "table"]
    lines = tables[0].split("\n")
    assert len(tables) == 1 and lines[1] == "| --- | --- | --- |"
    assert lines[0].replace(" ", "") == "|" + "|".join(rows[0]) + "|"
    assert parsed.text.count(rows[2][0]) == 1


def test_items_of_a_list_are_blocks_of_their_own(of_writer):
    parsed, lang = of_writer
    items = [text.removeprefix(fold("•")).strip() for kind, text in blocks(parsed, lang) if kind == "list"]
    assert items == [key(item, lang) for item in TEXTS[lang].items]


def test_a_note_stands_after_the_text_and_its_number_not_inside_a_paragraph(of_writer):
    parsed, lang = of_writer
    text = TEXTS[lang]
    found = [text for _, text in blocks(parsed, lang)]
    noted = key(text.sections[next(iter(text.sections))][1], lang)
    assert found.index("1" + key(text.note, lang)) > found.index(noted)


@pytest.mark.parametrize("lang", ["ja", "ko"])
def test_running_heads_and_page_numbers_are_left_out(lang):
    parsed = load(written("plain", lang), "a.pdf")
    assert {one.page for one in parsed.blocks} == {1, 2}
    assert TEXTS[lang].head not in parsed.text
    assert "- 1 -" not in parsed.text and "- 2 -" not in parsed.text


def test_a_paragraph_that_goes_on_over_a_page_is_one_and_has_the_page_it_begins_on():
    parsed = load(written("plain", "ja"), "a.pdf")
    cut = key(TEXTS["ja"].sections["本を借りるには"][0], "ja")
    (block,) = [one for one in parsed.blocks if key(parsed.text[one.start : one.end], "ja") == cut]
    after = parsed.blocks[parsed.blocks.index(block) + 1 :]
    assert block.page == 1 and any(one.page == 2 for one in after)


def test_a_word_with_ruby_stays_whole_and_its_reading_is_kept():
    parsed = load(written("plain", "ja"), "a.pdf")
    assert key(TEXTS["ja"].read, "ja") in [text for _, text in blocks(parsed)]
    readings = {parsed.text[one.start : one.end]: one.text for one in parsed.readings}
    assert readings == TEXTS["ja"].readings


def test_vertical_writing_is_read_column_by_column():
    parsed = load(written("vertical", "ja"), "a.pdf")
    found = [text for _, text in blocks(parsed)]
    paragraphs = [one for one in told("ja") if "作れます" not in one]  # there the program lost a full stop
    assert [text for text in found if text in paragraphs] == paragraphs
    assert {parsed.text[one.start : one.end] for one in parsed.readings} == set(TEXTS["ja"].readings)


@pytest.mark.browser
@pytest.mark.parametrize(("style", "lang"), PRINTED, ids="-".join)
def test_every_paragraph_of_a_printed_web_page_is_one_block_in_its_place(printed, style, lang):
    parsed = load(printed(style, lang), "a.pdf")
    found = [text for _, text in blocks(parsed, lang)]
    places = [found.index(text) for text in told(lang)]
    assert places == sorted(places)
    if TEXTS[lang].ruby:
        assert key(TEXTS[lang].read, lang) in found
        assert {one.text for one in parsed.readings} == set(TEXTS[lang].readings.values())
    assert (parsed.title, parsed.meta["date"][:2]) == (TEXTS[lang].title, "20")


@pytest.mark.browser
def test_the_structure_of_a_tagged_file_tells_headings_lists_and_tables(printed):
    parsed = load(printed("plain", "zh-Hans"), "a.pdf")
    kinds = [kind for kind, _ in blocks(parsed)]
    assert kinds.count("heading") == 3 and kinds.count("list") == 3 and kinds.count("table") == 1


def test_lines_of_two_columns_that_are_written_across_are_read_column_by_column():
    left = [
        "左の欄の最初の行はここから始まり",
        "次の行へと続いてゆく長い文章で",
        "欄の終わりまで途切れることなく",
    ] * 2
    right = [
        "右の欄は左の欄の後に読まれる別",
        "の文章であって左の行の間に混ざ",
        "ることがあってはならないもので",
    ] * 2
    parsed = load(pdf([[(10, one + "　" * 4 + two) for one, two in zip(left, right, strict=True)]]), "a.pdf")
    assert "".join(left) + "".join(right) == "".join(parsed.text.split()).replace("\u3000", "")


@pytest.mark.parametrize("number", ["- {} -", "第{}頁", "{} / 12", "{}", "p. {}", "－ {} －", "{} 쪽"])
def test_page_numbers_in_any_dress_are_left_out(number):
    sheets = [
        [(11, f"{n}の話を始める。"), *((11, "間") for _ in range(44)), (9, number.format(page))]
        for page, n in enumerate("甲乙丙丁", 3)
    ]
    text = load(pdf(sheets), "a.pdf").text
    assert not any(ch.isdigit() for ch in text)
    assert "丁の話を始める。" in text


def test_heads_of_odd_and_even_pages_are_both_left_out():
    heads = ["規程集", "第一章　総則"]
    sheets = [
        [(9, heads[page % 2]), (11, f"{n}について定める。"), (11, "以上")]
        for page, n in enumerate("甲乙丙丁戊己")
    ]
    text = load(pdf(sheets), "a.pdf").text
    assert not any(head in text for head in heads)
    assert all(f"{n}について定める。" in text for n in "甲乙丙丁戊己")


def test_figures_at_the_foot_of_a_page_that_do_not_count_pages_are_kept():
    sheets = [
        [(11, f"{n}の計"), *((11, "間") for _ in range(44)), (11, figure)]
        for n, figure in zip("甲乙丙", ("41", "7", "930"), strict=True)
    ]
    text = load(pdf(sheets), "a.pdf").text
    assert all(figure in text for figure in ("41", "7", "930"))


def test_text_of_an_upright_kind_and_radicals_become_the_usual_characters():
    assert load(pdf_saying("⽂字⼊⼒︵豈︶"), "a.pdf").text == "文字入力（豈）"


def test_blocks_follow_one_another_and_hold_all_text():
    parsed = load(written("plain", "ko"), "a.pdf")
    assert all(one.end < two.start and one.page <= two.page for one, two in pairwise(parsed.blocks))


def flowed(text: str) -> Line:
    """A line of text as the reader of pages gives it."""
    return Line(
        tuple((ch, 10.0 * place, 0.0, 10.0 * place + 10, 10.0) for place, ch in enumerate(text)), 10.0
    )


@pytest.mark.parametrize(
    ("one", "two", "whole"),
    [
        ("신청서를 사흘 전까지 제출하", "여야 한다고 정하고 있다.", "제출하여야"),
        ("자세한 내용은 2024", "년 7월의 알림을 보십시오.", "2024년"),
        ("이 책은 《소나기》", "라는 작품이다.", "《소나기》라는"),
        ("그 뒤에 세상에 널리 알려", "지게 되었다.", "알려지게"),
        ("모두 열 권입니다.", "기간은 두 주일이다.", "권입니다. 기간은"),
        ("근로기준법 제", "60조를 참조한다.", "제60조를"),
    ],
)
def test_a_korean_word_cut_by_a_line_is_joined_where_words_are_cut(one, two, whole):
    assert whole in joined([flowed(one), flowed(two)], Spacing(breaks_words=True))


def test_a_document_that_breaks_between_words_keeps_every_space():
    lines = [
        flowed("우리 도서관은 화요일부터"),
        flowed("일요일까지 문을 엽니다"),
        flowed("그러나 월요일은 쉽니다"),
    ]
    judge = spacing([lines])
    assert not judge.breaks_words
    assert joined(lines, judge) == "우리 도서관은 화요일부터 일요일까지 문을 엽니다 그러나 월요일은 쉽니다"


def test_a_document_that_cuts_words_is_told_by_its_breaks():
    lines = [
        flowed("우리 도서관은 화요일부"),
        flowed("터 일요일까지 문을 엽니"),
        flowed("다 그리고 월요일은 쉽니"),
        flowed("다"),
    ]
    assert spacing([lines]).breaks_words


@pytest.mark.parametrize(("turn", "across", "up"), [(0, 0, 0), (90, 595, 0), (180, 595, 842), (270, 0, 842)])
def test_a_turned_page_is_read_as_it_is_shown(turn, across, up):
    target = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas = Canvas(target, pagesize=(595, 842))
    canvas.setPageRotation(turn)
    canvas.translate(across, up)
    canvas.rotate(turn)
    canvas.setFont("HeiseiMin-W3", 11)
    lines = ["ご使用の前に必ず説明書を最後までお読みく", "ださい。"]
    for number, line in enumerate(lines):
        canvas.drawString(70, 400 - 16 * number, line)
    canvas.save()
    assert load(target.getvalue(), "a.pdf").text == "".join(lines)


def spread(text: str, gaps: dict[int, float], *, vertical: bool = False) -> str:
    """Characters of size 10 side by side, with a gap that pdfium takes for a space before some."""
    chars: list[tuple[str, float, float, float, float]] = []
    place = 0.0
    for number, ch in enumerate(text):
        if number in gaps:
            chars.append(("", place, 0.0, place, 10.0))
            place += 10 * gaps[number]
        chars.append((ch, 0.0, place, 10.0, place + 10) if vertical else (ch, place, 0.0, place + 10, 10.0))
        place += 10
    return Line(tuple(chars), 10.0, vertical).text


@pytest.mark.parametrize(
    ("text", "gaps", "expected"),
    [
        ("人的同君連合と各国", {6: 0.25}, "人的同君連合 と各国"),
        ("字間を空けた一行", dict.fromkeys(range(1, 8), 0.25), "字間を空けた一行"),
        ("出版，TRIX等", {3: 0.5}, "出版，TRIX等"),
        ("《政策》(1984年)", {4: 0.4}, "《政策》(1984年)"),
        ("全部で42件ある", {3: 0.25, 5: 0.25}, "全部で 42 件ある"),
    ],
    ids=["a space", "justified", "after a comma", "after a bracket", "around figures"],
)
def test_a_gap_is_a_space_only_where_it_is_wider_than_the_line_is_set(text, gaps, expected):
    assert spread(text, gaps) == expected


def test_flat_characters_of_vertical_writing_have_no_spaces_around_them():
    assert spread("唯一一個", {2: 1.2}, vertical=True) == "唯一一個"


def rows(*texts: tuple[str, ...]) -> list[list[list[Line]]]:
    return [[[flowed(cell)] if cell else [] for cell in row] for row in texts]


def said(cells: list[list[list[Line]]]) -> list[list[str]]:
    return [["".join(line.text for line in cell) for cell in row] for row in cells]


def test_a_table_goes_on_over_a_page_under_its_header_and_a_cut_row_is_whole_again():
    above = rows(("項目", "内容"), ("休暇", "毎年二十日を"))
    below = rows(("", "与える。"), ("賞与", "年二回とする。"))
    go_on_with(above, below)
    assert said(above) == [["項目", "内容"], ["休暇", "毎年二十日を与える。"]]
    assert said(below) == [["項目", "内容"], ["賞与", "年二回とする。"]]


def test_a_header_that_the_next_page_repeats_stands_once():
    above, below = rows(("항목", "내용"), ("휴가", "20일")), rows(("항목", "내용"), ("상여", "연 2회"))
    go_on_with(above, below)
    assert said(below) == [["항목", "내용"], ["상여", "연 2회"]]
