"""Word documents: the text as it is shown, in its order, with what stands beside it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from ingest.load.docx import load
from rag.errors import DocumentError
from rag.types import Document, Reading
from tests.helpers.files import word, word_of_xml
from tests.helpers.ooxml import cell, docx, p, part, relations, run, table, zipped

read = partial(parse, name="a.docx")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def texts(data: bytes) -> list[str]:
    return [text for _, text in blocks(read(data))]


def outline(document: Document) -> list[tuple[int, str]]:
    return [(one.level, document.text[one.start : one.end]) for one in document.blocks if one.level]


def test_word_keeps_paragraphs_and_tables_in_order():
    document = read(
        word(
            ("Title", "규정집"),
            ("Heading 1", "휴가"),
            ("", "연차는 15일이다."),
            [["구분", "일수"], ["결혼", "5일"]],
            ("List Bullet", "항목"),
            ("List Number", "첫째"),
            ("Heading 2", "예외"),
            ("", "끝."),
        )
    )
    assert outline(document) == [(1, "규정집"), (2, "휴가"), (3, "예외")]
    assert blocks(document)[1:] == [
        ("heading", "휴가"),
        ("paragraph", "연차는 15일이다."),
        ("table", "| 구분 | 일수 |\n| --- | --- |\n| 결혼 | 5일 |"),
        ("list", "• 항목"),
        ("list", "1. 첫째"),
        ("heading", "예외"),
        ("paragraph", "끝."),
    ]
    assert (document.title, document.lang) == ("규정집", "ko")


BEGIN, SEPARATE, END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


RUBY = (
    "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>"
    "<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>"
)
GUIDE = r"EQ \* jc2 \* hps10 \o\ad(\s\up 9(とうきょう),東京)"
SHOWN = {
    "ruby": (RUBY + run("の天気"), "東京の天気"),
    "deleted": (run("残る") + "<w:del><w:r><w:delText>消した</w:delText></w:r></w:del>", "残る"),
    "moved away": (run("残る") + f"<w:moveFrom>{run('移した')}</w:moveFrom>", "残る"),
    "inserted": (f"<w:ins>{run('足した')}</w:ins>", "足した"),
    "link": (f"<w:hyperlink>{run('リンク')}</w:hyperlink>", "リンク"),
    "content control": (f"<w:sdt><w:sdtPr/><w:sdtContent>{run('記入欄')}</w:sdtContent></w:sdt>", "記入欄"),
    "breaks": ("<w:r><w:t>一</w:t><w:br/><w:t>二</w:t><w:tab/><w:t>三</w:t></w:r>", "一\n二\t三"),
    "page break": ('<w:r><w:t>一</w:t><w:br w:type="page"/><w:t>二</w:t></w:r>', "一二"),
    "soft hyphen": ("<w:r><w:t>co</w:t><w:softHyphen/><w:t>op</w:t></w:r>", "coop"),
    "field": (f"{BEGIN}{code('REF a')}{SEPARATE}{run('第3条')}{END}{run('の規定')}", "第3条の規定"),
    "field in the code of a field": (
        f"{BEGIN}{code('IF ')}{BEGIN}{code('PAGE')}{SEPARATE}{run('7')}{END}{SEPARATE}"
        f"{run('甲')}{END}{run('乙')}",
        "甲乙",
    ),
    "field without an end": (f"{BEGIN}{code('PAGE')}{run('頁')}", "頁"),
    "phonetic guide of old versions": (
        f"{BEGIN}{code(GUIDE)}{END}{run('都')}",
        "東京都",
    ),
    "symbol": ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>済</w:t></w:r>', "☑済"),
    "hidden": (f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>秘</w:t></w:r>{run('表')}", "表"),
    "comment": (run("文") + '<w:r><w:commentReference w:id="0"/></w:r>', "文"),
    "formula": (
        "<m:oMath><m:r><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t>"
        "</m:r></m:den></m:f></m:oMath>",
        "x=a/b",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("xml", "text"), SHOWN.values(), ids=SHOWN)
def test_word_gives_the_text_as_it_is_shown(xml, text):
    assert read(docx(p(xml))).text == text


@pytest.mark.parametrize("xml", [SHOWN["ruby"][0], SHOWN["phonetic guide of old versions"][0]])
def test_ruby_keeps_its_reading_beside_the_base(xml):
    document = read(docx(p("前") + table(cell("甲") + cell(p(xml))) + p(xml)))
    assert [document.text[one.start : one.end] for one in document.readings] == ["東京", "東京"]
    assert {one.text for one in document.readings} == {"とうきょう"}


def test_ruby_beside_ruby_is_one_reading():
    second = RUBY.replace("東京", "都").replace("とうきょう", "と")
    assert read(docx(p(RUBY + second))).readings == (Reading(0, 3, "とうきょうと"),)


def test_a_heading_of_word_is_known_by_its_outline_level_in_any_language():
    document = read(docx(p("见出", '<w:outlineLvl w:val="1"/>') + p("本文")))
    assert outline(document) == [(2, "见出")]


def test_a_paragraph_of_a_heading_style_that_leaves_the_outline_is_text():
    styles = '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    body = p("条", '<w:pStyle w:val="1"/>') + p("文", '<w:pStyle w:val="1"/><w:outlineLvl w:val="9"/>')
    assert outline(read(docx(body, styles=styles))) == [(1, "条")]


def note(number: int, text: str, kind: str = "footnote") -> str:
    return f'<w:{kind} w:id="{number}"><w:p><w:r><w:{kind}Ref/></w:r>{run(text)}</w:p></w:{kind}>'


def test_notes_stand_after_the_paragraph_or_table_that_refers_to_them():
    refer = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    body = (
        p(run("本文") + refer.format(1) + run("続き"))
        + table(cell("甲") + cell(run("乙") and p(run("乙") + refer.format(2))))
        + p(run("末") + '<w:r><w:endnoteReference w:id="1"/></w:r>')
    )
    data = docx(body, footnotes=note(1, "注一") + note(2, "注二"), endnotes=note(1, "文末注", "endnote"))
    assert texts(data) == ["本文続き", "注一", "| 甲 | 乙 |\n| --- | --- |", "注二", "末", "文末注"]


def test_a_text_box_comes_once_and_after_its_paragraph():
    box = f"<w:txbxContent>{p('箱の一')}{p('箱の二')}</w:txbxContent>"
    drawn = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(docx(p(run("前半") + drawn + run("後半")) + p("次"))) == [
        "前半後半",
        "箱の一",
        "箱の二",
        "次",
    ]


def test_merged_cells_keep_their_text_in_the_first_of_them():
    data = docx(
        table(
            cell("部署", '<w:gridSpan w:val="2"/>') + cell("人数"),
            cell("営業", '<w:vMerge w:val="restart"/>') + cell("一課") + cell("5"),
            cell("", "<w:vMerge/>") + cell("二課") + cell("7"),
        )
    )
    assert texts(data) == ["| 部署 |  | 人数 |\n| --- | --- | --- |\n| 営業 | 一課 | 5 |\n|  | 二課 | 7 |"]


def test_a_table_in_a_cell_is_read_there_and_a_frame_is_no_table():
    inner = table(cell("内一") + cell("内二"))
    rows = [cell(f"行{n}") + cell(f"値{n}") for n in "一二"]
    assert texts(docx(table(*rows, cell(p("外") + inner) + cell("値三")))) == [
        "| 行一 | 値一 |\n| --- | --- |\n| 行二 | 値二 |\n| 外 内一 内二 | 値三 |"
    ]
    assert texts(docx(table(cell(p("囲みの一") + inner)))) == ["囲みの一", "| 内一 | 内二 |\n| --- | --- |"]


def test_wide_spaces_in_a_cell_stay():
    assert texts(docx(table(cell("氏　　名") + cell("一 \n 二")))) == ["| 氏　　名 | 一 二 |\n| --- | --- |"]


def test_a_row_that_was_deleted_is_left_out():
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('消')}{cell('え')}</w:tr>"
    data = docx(table(cell("甲") + cell("乙")).replace("</w:tbl>", f"{deleted}</w:tbl>"))
    assert texts(data) == ["| 甲 | 乙 |\n| --- | --- |"]


def level(depth: int, text: str, style: str = "decimal", more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def listed(text: str, depth: int = 0, number: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def test_numbers_of_lists_are_written_out():
    numbering = (
        '<w:abstractNum w:abstractNumId="0">'
        + level(0, "第%1条", more='<w:suff w:val="nothing"/>')
        + level(1, "%1-%2", "japaneseCounting", "<w:isLgl/>")
        + level(2, "(%3)", "japaneseCounting")
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="9"/></w:lvlOverride></w:num>'
    )
    body = (
        listed("目的") + listed("甲", 1) + listed("乙", 1) + listed("丙", 2) + listed("丁", 2)
        + listed("範囲") + listed("戊", 1) + listed("附則", 0, 2)
        + p("なし", '<w:numPr><w:numId w:val="0"/></w:numPr>')
    )  # fmt: skip
    document = read(docx(body, numbering=numbering))
    assert [text for _, text in blocks(document)] == [
        "第1条目的", "1-1 甲", "1-2 乙", "(一) 丙", "(二) 丁", "第2条範囲", "2-1 戊", "第9条附則", "なし",
    ]  # fmt: skip
    assert [kind for kind, _ in blocks(document)] == ["list"] * 8 + ["paragraph"]


def test_a_heading_is_numbered_through_its_style():
    styles = (
        '<w:style w:type="paragraph" w:styleId="h"><w:name w:val="heading 2"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="0">' + level(0, "제%1장")
        + level(1, "제%2절", more='<w:pStyle w:val="h"/>')
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )  # fmt: skip
    body = p("목적", '<w:pStyle w:val="h"/>') + p("정의", '<w:pStyle w:val="h"/>')
    assert outline(read(docx(body, styles=styles, numbering=numbering))) == [
        (2, "제1절 목적"),
        (2, "제2절 정의"),
    ]


def test_a_chart_and_a_diagram_are_read():
    ser = (
        "<c:ser><c:tx><c:strRef><c:pt idx='0'><c:v>売上</c:v></c:pt></c:strRef></c:tx>"
        "<c:cat><c:pt idx='0'><c:v>一月</c:v></c:pt><c:pt idx='1'><c:v>二月</c:v></c:pt></c:cat>"
        "<c:val><c:pt idx='0'><c:v>4.2999999999999998</c:v></c:pt><c:pt idx='1'><c:v>5</c:v></c:pt></c:val>"
        "</c:ser>"
    )
    chart = f"<c:chart><c:title><a:p><a:r><a:t>月別</a:t></a:r></a:p></c:title>{ser}</c:chart>"
    data = '<dgm:pt><dgm:t><a:p><a:r><a:t>計画</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt type="pres"/>'
    drawn = '<w:drawing><c:chart r:id="rId1"/></w:drawing><w:drawing><dgm:relIds r:dm="rId2"/></w:drawing>'
    assert texts(docx(p(f"{run('図')}<w:r>{drawn}</w:r>"), chart=chart, data=data)) == [
        "図", "月別", "|  | 売上 |\n| --- | --- |\n| 一月 | 4.3 |\n| 二月 | 5 |", "計画",
    ]  # fmt: skip


def with_parts(data: dict[str, str]) -> bytes:
    return zipped({"word/document.xml": part("w:document", f"<w:body>{p('文')}</w:body>")} | data)


CORE = (
    '<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>{}</dc:title><dc:creator>佐藤</dc:creator><dcterms:created>2020-01-01T00:00:00Z</dcterms:created>"
    "<dcterms:modified>2026-01-31T08:00:00Z</dcterms:modified></cp:coreProperties>"
)


@pytest.mark.parametrize(("title", "shown"), [("旅費規程", "旅費規程"), ("Microsoft Word - a.doc", "a")])
def test_title_date_and_author_are_those_of_the_file(title, shown):
    core = "metadata/core-properties"
    rels = relations(("officeDocument", "/word/document.xml"), (core, "docProps/core.xml"))
    document = read(with_parts({"_rels/.rels": rels, "docProps/core.xml": CORE.format(title)}))
    assert (document.title, dict(document.meta)) == (shown, {"date": "2026-01-31", "author": "佐藤"})


def test_what_a_library_copies_from_its_template_is_no_date():
    assert dict(read(word(("", "文。"))).meta) == {}


@pytest.mark.parametrize(("counted", "pages"), [("3", [1, 2, 2, 3]), ("2", [None] * 4)])
def test_pages_are_told_where_the_breaks_agree_with_the_count_of_word(counted, pages):
    mark = "<w:r><w:lastRenderedPageBreak/></w:r>"
    body = p("一") + p(mark + run("二")) + p(run("三") + mark + run("続")) + p("四")
    rels = relations(("officeDocument", "word/document.xml"), ("extended-properties", "docProps/app.xml"))
    data = zipped(
        {
            "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
            "_rels/.rels": rels,
            "docProps/app.xml": f"<Properties xmlns='x'><Pages>{counted}</Pages></Properties>",
        }
    )
    assert [one.page for one in read(data).blocks] == pages


def test_strict_ooxml_and_a_main_part_of_another_name_are_read():
    strict = part("w:document", f"<w:body>{p(RUBY)}</w:body>").replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main"
    )  # fmt: skip
    rels = relations(("officeDocument", "word/document2.xml")).replace(
        "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"
    )
    assert load(zipped({"word/document2.xml": strict, "_rels/.rels": rels}), "a.docx").text == "東京"


def test_deep_nesting_ends_without_a_crash():
    deep = "<w:sdt><w:sdtContent>" * 110 + p("底") + "</w:sdtContent></w:sdt>" * 110
    assert texts(docx(deep)) == ["底"]
    with pytest.raises(DocumentError):
        read(docx("<w:sdt>" * 100_000))


def test_a_note_that_refers_to_itself_comes_once():
    own = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    data = docx(p(run("文") + own), footnotes=note(1, "注").replace("</w:p>", f"{own}</w:p>"))
    assert texts(data) == ["文", "注"]


def test_a_word_document_that_inflates_beyond_measure_is_refused(monkeypatch):
    monkeypatch.setattr("ingest.load.package.UNSUSPICIOUS", 10_000)
    monkeypatch.setattr("ingest.load.package.RATIO", 1)
    with pytest.raises(DocumentError) as caught:
        read(docx(p("文" * 9_000)))
    assert caught.value.code == "too_large"


GOOD = word_of_xml(RUBY, run("文。"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_bytes_never_raise_anything_but_a_document_error(data):
    mutated = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(mutated), "a.docx")
    except DocumentError as error:
        assert error.code in {"broken", "too_large", "encrypted"}


TAGS = (
    "w:p",
    "w:r",
    "w:tbl",
    "w:tr",
    "w:tc",
    "w:ruby",
    "w:rt",
    "w:rubyBase",
    "w:numPr",
    "w:pPr",
    "w:sdt",
    "m:d",
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3))
    return pairs.map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>")


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.just("<w:t>文</w:t>"), nested, max_leaves=30))
def test_elements_in_any_order_never_raise(body):
    load(docx(body), "a.docx")
