"""PowerPoint: slides in their order, from top to bottom, with their notes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import parse
from ingest.load.pptx import load
from rag.errors import DocumentError
from rag.types import Document
from tests.helpers.ooxml import part, relations, zipped

OFFICE = Path(__file__).parents[2] / "fixtures" / "office"
read = partial(parse, name="a.pptx")


def pptx(*slides: str, notes: str = "", **parts: str) -> bytes:
    """A presentation of slides given by their shapes; its first slide is the last part."""
    files = {
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": part(
            "p:presentation",
            "<p:sldIdLst>"
            + "".join(f'<p:sldId r:id="rId{number}"/>' for number in range(len(slides), 0, -1))
            + "</p:sldIdLst>",
        ),
        "ppt/_rels/presentation.xml.rels": relations(
            *(("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1))
        ),
        "ppt/slides/_rels/slide1.xml.rels": relations(
            ("slideLayout", "../layouts/a.xml"),
            ("notesSlide", "../notes/a.xml"),
            ("chart", "../chart.xml"),
            ("diagramData", "../data.xml"),
        ),
        "ppt/layouts/a.xml": tree("p:sldLayout", sp("", 9, 1, 'type="body" idx="7"')),
        "ppt/notes/a.xml": tree("p:notes", notes),
        **{f"ppt/{name}.xml": content for name, content in parts.items()},
    }
    for number, shapes in enumerate(reversed(slides), 1):
        files[f"ppt/slides/slide{number}.xml"] = tree("p:sld", shapes)
    return zipped(files)


def tree(tag: str, shapes: str) -> str:
    return part(tag, f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>")


def sp(text: str, top: float | None = None, left: float = 1, placeholder: str = "") -> str:
    """A shape so many centimetres from the top and the left."""
    inner = text if text.startswith("<") else ap(text)
    offset = f'<a:off x="{int(left * 360000)}" y="{int((top or 0) * 360000)}"/>'
    place = "" if top is None else f"<a:xfrm>{offset}</a:xfrm>"
    holder = f"<p:ph {placeholder}/>" if placeholder else ""
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr>"
        f"<p:txBody>{inner}</p:txBody></p:sp>"
    )


def ap(text: str, properties: str = "") -> str:
    return f"<a:p>{properties}<a:r><a:t>{text}</a:t></a:r></a:p>"


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def texts(data: bytes) -> list[str]:
    return [text for _, text in blocks(read(data))]


TITLE = 'type="title"'


def test_slides_come_in_the_order_of_the_show_with_their_numbers():
    document = read(pptx(sp("題一", 1, placeholder=TITLE) + sp("文一", 5), sp("題二", 1, placeholder=TITLE)))
    assert blocks(document) == [("heading", "題一"), ("paragraph", "文一"), ("heading", "題二")]
    assert [one.page for one in document.blocks] == [1, 1, 2]
    assert [one.part for one in document.places] == ["slide 1", "slide 1", "slide 2"]


def test_shapes_are_read_from_top_to_bottom_and_from_left_to_right():
    place = '<p:grpSpPr><a:xfrm><a:off x="0" y="2880000"/></a:xfrm></p:grpSpPr>'
    group = f"<p:grpSp>{place}{sp('内二', 4)}{sp('内一', 2)}</p:grpSp>"
    shapes = sp("下", 12) + group + sp("右", 5.2, 15) + sp("左", 5, 1) + sp("題", 15, placeholder=TITLE)
    assert texts(pptx(shapes)) == ["題", "左", "右", "内一", "内二", "下"]


def test_a_placeholder_without_a_place_is_where_its_layout_puts_it():
    shapes = sp("後", 12) + sp("中", None, placeholder='type="body" idx="7"') + sp("前", 3)
    assert texts(pptx(shapes)) == ["前", "中", "後"]


def test_a_short_line_above_all_stands_for_a_missing_title():
    short = pptx(sp("背景と目的", 1) + sp("これは本文である。", 5))
    assert blocks(read(short))[0] == ("heading", "背景と目的")
    assert blocks(read(pptx(sp("これは文である。", 1) + sp("次", 5))))[0][0] == "paragraph"


def test_notes_are_read_after_their_slide_and_say_so():
    notes = sp("話すこと", 9, placeholder='type="body" idx="1"') + sp("7", 1, placeholder='type="sldNum"')
    document = read(pptx(sp("題", 1, placeholder=TITLE), notes=notes))
    assert blocks(document) == [("heading", "題"), ("paragraph", "話すこと")]
    assert [(one.part, one.at) for one in document.places] == [("slide 1", ""), ("slide 1 notes", "")]


def test_footers_dates_and_numbers_of_slides_are_left_out():
    around = "".join(sp("周辺", 18, placeholder=f'type="{kind}"') for kind in ("ftr", "dt", "sldNum"))
    assert texts(pptx(sp("本文です。", 5) + around)) == ["本文です。"]


def test_lists_have_their_numbers_and_bullets():
    numbered = '<a:pPr><a:buAutoNum type="{}"/></a:pPr>'
    inner = (
        ap("一つ目", numbered.format("ea1JpnKorPeriod"))
        + ap("中", '<a:pPr lvl="1"><a:buAutoNum type="circleNumDbPlain"/></a:pPr>')
        + ap("二つ目", numbered.format("ea1JpnKorPeriod"))
        + ap("点", '<a:pPr><a:buChar char="•"/></a:pPr>')
        + ap("英", numbered.format("alphaLcParenBoth"))
        + ap("文")
    )
    assert blocks(read(pptx(sp(inner, 5)))) == [
        ("list", "一. 一つ目"), ("list", "① 中"), ("list", "二. 二つ目"), ("list", "• 点"),
        ("list", "(a) 英"), ("paragraph", "文"),
    ]  # fmt: skip


def test_the_content_of_a_slide_is_a_list_unless_it_says_no():
    inner = ap("項目") + ap("文", "<a:pPr><a:buNone/></a:pPr>")
    assert blocks(read(pptx(sp(inner, 5, placeholder='idx="1"')))) == [("list", "項目"), ("paragraph", "文")]


def frame(inner: str, top: float) -> str:
    place = f'<p:xfrm><a:off x="0" y="{int(top * 360000)}"/></p:xfrm>'
    return f"<p:graphicFrame>{place}<a:graphic>{inner}</a:graphic></p:graphicFrame>"


def test_tables_charts_and_diagrams_are_read():
    def cell(text: str, merged: str = "") -> str:
        return f"<a:tc {merged}><a:txBody>{ap(text)}</a:txBody></a:tc>"

    rows = (cell("甲") + cell("下", 'hMerge="1"'), cell("乙") + cell("丙"))
    table = f"<a:tbl>{''.join(f'<a:tr>{row}</a:tr>' for row in rows)}</a:tbl>"
    values = "<c:pt idx='0'><c:v>{}</c:v></c:pt>"
    said = (("tx", "売上"), ("cat", "一月"), ("val", "5"))
    series = f"<c:ser>{''.join(f'<c:{tag}>{values.format(text)}</c:{tag}>' for tag, text in said)}</c:ser>"
    data = pptx(
        frame(table, 2) + frame('<c:chart r:id="rId3"/>', 5) + frame('<dgm:relIds r:dm="rId4"/>', 9),
        chart=part("c:chartSpace", f"<c:chart>{series}</c:chart>"),
        data=part("dgm:dataModel", f"<dgm:pt><dgm:t>{ap('工程')}</dgm:t></dgm:pt>"),
    )
    document = read(data)
    assert [text for _, text in blocks(document)] == [
        "| 甲 |  |\n| --- | --- |\n| 乙 | 丙 |", "|  | 売上 |\n| --- | --- |\n| 一月 | 5 |", "工程",
    ]  # fmt: skip
    assert {one.page for one in document.blocks} == {1}
    assert {one.part for one in document.places} == {"slide 1"}


def test_fields_breaks_and_formulas_are_part_of_a_paragraph():
    inner = "<a:p><a:r><a:t>一</a:t></a:r><a:br/><a:fld><a:t>二</a:t></a:fld>"
    inner += "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></a:p>"
    assert texts(pptx(sp(inner, 5))) == ["一\n二x"]


def test_a_presentation_without_a_presentation_part_is_broken():
    with pytest.raises(DocumentError) as caught:
        load(zipped({"ppt/slides/slide1.xml": tree("p:sld", sp("文", 1))}), "a.pptx")
    assert caught.value.code == "broken"


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_mutated_bytes_never_raise_anything_but_a_document_error(data):
    good = (OFFICE / "ja.pptx").read_bytes()
    mutated = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(mutated), "a.pptx")
    except DocumentError as error:
        assert error.code in {"broken", "too_large", "encrypted"}
