"""RTF: the bytes of each run in the encoding of its font, and everything a reader sees."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from ingest.load.eq import equation
from ingest.load.parsed import plain, ruby
from ingest.load.rtf import load
from rag.errors import DocumentError
from rag.types import Document, Reading

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"
read = partial(parse, name="a.rtf")


def rtf(body: str, head: str = "", page: int = 1252) -> bytes:
    return f"{{\\rtf1\\ansi\\ansicpg{page}\\deff0{head}{body}}}".encode("latin-1")


def escaped(text: str, codec: str) -> str:
    """As Word writes it: bytes beyond ASCII escaped, an ASCII half of a character as it is."""
    marks = {0x5C: "\\\\", 0x7B: "\\{", 0x7D: "\\}"}
    return "".join(
        f"\\'{byte:02x}" if byte > 0x7F else marks.get(byte, chr(byte)) for byte in text.encode(codec)
    )


def unicode(text: str) -> str:
    units = text.encode("utf-16-le")
    codes = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
    return "".join(f"\\u{code - 65536 if code > 32767 else code}?" for code in codes)


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def texts(body: str, head: str = "", page: int = 1252) -> list[str]:
    return [text for _, text in blocks(read(rtf(body, head, page)))]


TEXTS = {
    "cp932": (932, 128, "能力表示ソート機種依存①ア{}\\"),
    "gb18030": (936, 134, "中文测试，镕基喆"),
    "cp949": (949, 129, "한글 시험 똠방각하 漢字"),
    "cp950": (950, 136, "許功蓋測試，繁體中文"),
    "johab": (1361, 130, "한글 조합형 시험"),
}


@pytest.mark.parametrize("codec", TEXTS)
def test_bytes_are_read_in_the_code_page_of_the_document(codec):
    page, _, text = TEXTS[codec]
    assert read(rtf(escaped(text, codec) + "\\par", page=page)).text == text


@pytest.mark.parametrize("codec", TEXTS)
def test_bytes_are_read_in_the_encoding_of_their_font(codec):
    _, charset, text = TEXTS[codec]
    fonts = f"{{\\fonttbl{{\\f0\\fcharset0 Arial;}}{{\\f1\\fcharset{charset} X;}}}}"
    body = f"{{\\f0 caf\\'e9 }}{{\\f1 {escaped(text, codec)}}}{{\\f0  \\'e9}}\\par"
    assert read(rtf(body, fonts)).text == f"café {text} é"


def test_several_encodings_stand_in_one_document():
    fonts = "{\\fonttbl" + "".join(
        f"{{\\f{charset}\\fcharset{charset} X;}}" for _, charset, _ in TEXTS.values()
    )
    body = "".join(
        f"\\f{charset} {escaped(text, codec)}\\par " for codec, (_, charset, text) in TEXTS.items()
    )
    assert texts(body, fonts + "}") == [text for _, _, text in TEXTS.values()]


def test_a_character_whose_halves_are_in_two_runs_is_whole():
    first, second = escaped("日", "cp932")[:4], escaped("日", "cp932")[4:]
    fonts = "{\\fonttbl{\\f0\\fcharset128 A;}{\\f1\\fcharset0 B;}}"
    assert read(rtf(f"{{\\f0 {first}}}{{\\f0\\b {second}}}", fonts)).text == "日"
    assert read(rtf(f"{{\\f0 {first}}}{{\\f1 {second}x}}", fonts)).text == "日x"


def test_the_font_for_wide_characters_is_the_one_that_counts_for_them():
    fonts = "{\\fonttbl{\\f0\\fcharset0 A;}{\\f5\\fcharset134 B;}}"
    assert (
        read(rtf(f"\\f0\\hich\\af0\\dbch\\af5\\loch\\f0 x\\dbch {escaped('中文', 'gbk')}", fonts)).text
        == "x中文"
    )


def test_a_western_font_in_a_document_of_the_east_may_hold_either():
    fonts = "{\\fonttbl{\\f0\\fcharset0 A;}}"
    assert texts(f"{escaped('取扱説明', 'cp932')}\\par caf\\'e9 x\\par", fonts, 932) == ["取扱説明", "café x"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (unicode("漢字한글𠮷野家、ｶﾞ"), "漢字한글𠮷野家、ｶﾞ"),
        ("\\uc2\\u12354\\'82\\'a0\\u12356\\'82\\'a2x", "あいx"),
        ("{\\uc0\\u12354}\\u12356?x", "あいx"),
        ("\\uc1\\u12354{x}", "あx"),
        ("\\uc1\\u12354\\'82y", "あy"),
        ("\\u12354ab", "あb"),
        ("{\\upr{ansi}{\\*\\ud{" + unicode("統一") + "}}}x", "統一x"),
    ],
    ids=["plain", "uc2", "uc0 in a group", "group ends", "escaped", "literal", "upr"],
)
def test_unicode_is_read_without_what_stands_for_it_elsewhere(body, text):
    assert read(rtf(body)).text == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a\\tab b\\line c\\emdash\\ldblquote d\\rdblquote\\~e\\_f\\-g", "a\tb\nc—“d”\xa0e-fg"),
        ("{\\v hidden}{\\deleted gone}{\\v\\v0 here}", "here"),
        ("{\\*\\unknown lost}{\\pict 0102}{\\header top}kept", "kept"),
        ("{\\field{\\*\\fldinst HYPERLINK \\\\l x}{\\fldrslt link}}.", "link."),
        ("{\\*\\bkmkstart x}a\\bin3 {}}b", "ab"),
        ("a\\\\b\\{c\\}", "a\\b{c}"),
        ("{\\*\\annotation{note}}{\\annotation note}a", "a"),
        ("a\r\nb\\\nc", "ab\n\nc"),
    ],
    ids=["signs", "unseen", "destinations", "field", "binary", "escapes", "comment", "lines of TextEdit"],
)
def test_the_text_is_as_it_is_shown(body, text):
    assert read(rtf(body)).text == text


def test_a_phonetic_guide_becomes_a_reading():
    guide = f"\\\\o\\\\ad(\\\\s\\\\up 9({unicode('けん')}),{unicode('権')})"
    code = f'EQ \\\\* jc2 \\\\* "Font:X" \\\\* hps10 {guide}'
    document = read(rtf(f"{{\\field{{\\*\\fldinst {{{code}}}}}{{\\fldrslt }}}}{unicode('利')}"))
    assert (document.text, document.readings) == ("権利", (Reading(0, 1, "けん"),))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (r"EQ \o\ac(○,注)", "注"),
        (r"EQ \f(1,2)", "1/2"),
        (r"EQ \o(\s\up 5(かん),漢)", ruby("漢", "かん")),
        ("PAGE", ""),
    ],
)
def test_fields_of_equations_show_what_they_draw(code, text):
    assert equation(code) == text
    assert plain(equation(code))[0] in {"注", "1/2", "漢", ""}


def test_tables_are_rows_of_cells():
    row = "\\trowd\\cellx1000\\cellx2000\\pard\\intbl {}\\cell {}\\cell\\row"
    inner = "\\pard\\itap2 x\\nestcell y\\nestcell{\\*\\nesttableprops\\trowd\\nestrow}\\pard\\intbl z"
    body = (
        "before\\par"
        + row.format("a", "b\\par c")
        + row.format("d", "")
        + row.format("e", inner)
        + "\\pard after\\par"
    )
    assert texts(body) == [
        "before",
        "| a | b c |\n| --- | --- |\n| d |  |\n| e | x y z |",
        "after",
    ]


def test_a_frame_of_one_cell_is_no_table_and_a_cut_table_is_kept():
    assert texts("\\trowd\\intbl a\\par b\\cell\\row\\pard c") == ["a", "b", "c"]
    assert texts("\\trowd\\intbl a\\cell b\\cell\\row\\intbl c\\cell d") == [
        "| a | b |\n| --- | --- |\n| c | d |"
    ]


def test_headings_are_known_by_level_or_style_and_stand_below_the_title():
    sheet = (
        "{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 X;}{\\s2\\sbasedon1 Y;}{\\s3 Title;}"
        "{\\s4 heading 2;}"
        f"{{\\s5 {unicode('见出し')};}}{{\\s6 {unicode('見出し 3')};}}}}"
    )
    body = "".join(f"\\pard\\s{number} {number}\\par" for number in (3, 1, 2, 4, 5, 6)) + "\\pard x\\par"
    document = read(rtf(body, sheet))
    assert [(one.kind, one.level) for one in document.blocks] == [
        ("heading", 1), ("heading", 2), ("heading", 2), ("heading", 3), ("paragraph", 0), ("heading", 4),
        ("paragraph", 0),
    ]  # fmt: skip
    assert document.title == "3"


def test_lists_have_the_numbers_that_were_written_out():
    body = (
        f"{{\\listtext\\pard\\plain {unicode('第1条')}\\tab}}\\ls1 one\\par"
        "{\\listtext\\f3\\'b7\\tab}two\\par\\pard{\\pntext (a)\\tab}three\\par\\pard four\\par"
    )
    fonts = "{\\fonttbl{\\f0 A;}{\\f3\\fcharset2 Symbol;}}"
    assert blocks(read(rtf(body, fonts))) == [
        ("list", "第1条 one"), ("list", "• two"), ("list", "(a) three"), ("paragraph", "four"),
    ]  # fmt: skip


def test_notes_and_text_boxes_stand_after_their_paragraph():
    note = "{\\super\\chftn{\\footnote\\pard\\plain {\\chftn}note\\par more}}"
    box = (
        "{\\shp{\\*\\shpinst\\shpleft1{\\sp{\\sn a}{\\sv b}}{\\shptxt\\pard box\\par}}"
        "{\\shprslt{\\*\\do\\dptxbx{\\dptxbxtext box\\par}}}}"
    )
    assert texts(f"a{note}b{box}c\\par d") == ["abc", "note", "more", "box", "d"]
    assert texts(f"\\intbl a{note}\\cell b\\cell\\row\\pard c") == [
        "| a | b |\n| --- | --- |",
        "note",
        "more",
        "c",
    ]


def test_title_date_and_author_are_those_of_the_file():
    info = (
        f"{{\\info{{\\title {unicode('旅費規程')}}}{{\\author {escaped('佐藤', 'cp932')}}}"
        "{\\creatim\\yr2020\\mo1\\dy2}{\\revtim\\yr2026\\mo1\\dy31\\hr9}{\\operator x}}"
    )
    document = read(rtf("x", info, 932))
    assert (document.title, dict(document.meta)) == ("旅費規程", {"date": "2026-01-31", "author": "佐藤"})


def test_a_file_that_is_cut_is_read_to_its_end_and_says_so():
    document = read(rtf("{\\b text} more\\par last")[:-2])
    assert document.text == "text more\n\nlas"
    assert document.source.warnings == ("source_damaged",)


def test_what_follows_the_last_brace_is_none_of_the_text():
    assert read(rtf("text") + b"\x00 rest {\\rtf1 x}").text == "text"


def test_nesting_without_measure_is_refused():
    assert read(rtf("{" * 5_000 + "deep" + "}" * 5_000)).text == "deep"
    with pytest.raises(DocumentError) as caught:
        read(rtf("{" * 50_000))
    assert caught.value.code == "broken"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_mutated_bytes_never_raise_anything_but_a_document_error(data):
    good = (OFFICE / "ja.rtf").read_bytes()
    mutated = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(mutated), "a.rtf")
    except DocumentError as error:
        assert error.code == "broken"


WORDS = st.sampled_from(
    [
     "{", "}", "\\*", "\\par ", "\\cell ", "\\row ", "\\u-1 ", "\\'8", "\\'93", "\\bin99999999 ", "\\uc9 ",
     "x", "{\\field", "{\\fldinst ", "{\\footnote ", "{\\upr", "{\\ud ", "{\\fonttbl", "\\f99999 ",
     "\\ansicpg936 ",
     "{\\info", "{\\title ", "\\yr99999 ", "{\\stylesheet", "\\s1 ", "\\outlinelevel99 ",
     "\\", "\\\n", "\\itap2 "]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_control_words_in_any_order_never_raise(words):
    load(b"{\\rtf1" + "".join(words).encode(), "a.rtf")
