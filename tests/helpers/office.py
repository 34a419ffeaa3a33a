"""The texts of the Office fixtures, and the flat OpenDocument files that they are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Source:
    """A short regulation; ``ruby`` is a word of ``ruled`` with its reading, ``note`` a footnote to it."""

    title: str
    headings: tuple[str, str]
    paragraphs: tuple[str, ...]
    ruled: str
    ruby: tuple[str, str]
    note: str
    bullets: tuple[str, ...]
    steps: tuple[str, ...]
    box: str
    table: tuple[tuple[str, ...], ...]

    def texts(self) -> Iterator[str]:
        """Every paragraph and cell, as a reader sees it."""
        yield from (self.title, *self.headings, *self.paragraphs, self.ruled, self.note)
        yield from (*self.bullets, *self.steps, self.box)
        for row in self.table:
            yield from row


SOURCES = {
    "ja": Source(
        "出張旅費規程",
        ("第一章　総則", "第二章　旅費の支給"),
        (
            "この規程は、従業員が業務のために出張する場合の旅費について必要な事項を定める。",
            "出張とは、勤務地から片道五〇キロメートル以上離れた場所に赴くことをいう。ただし、髙島屋・𠮷野家など"
            "取引先への日帰りの訪問は〜部長の承認を得た場合に限り〜出張とみなす。",
            "ｶﾞｲﾄﾞﾗｲﾝ（２０２６年版）は、①交通費、②宿泊費、③日当の上限を「別表」のとおりとする。",
        ),
        "従業員は、前項の権利を行使することができる。",
        ("権利", "けんり"),
        "権利の行使には、所属長への届け出を要する。",
        ("交通費は実費とする。", "宿泊費は一泊一二、〇〇〇円を上限とする。"),
        ("申請書を提出する。", "領収書を添付する。", "精算を受ける。"),
        "【注意】申請の期限は出張から帰った日の翌日から数えて一〇日とする。",
        (
            ("役職", "日当", "宿泊費"),
            ("部長", "三、〇〇〇円", "一五、〇〇〇円"),
            ("一般", "二、〇〇〇円", "一二、〇〇〇円"),
        ),
    ),
    "zh-Hans": Source(
        "差旅费管理办法",
        ("第一章　总则", "第二章　差旅费的发放"),
        (
            "为了规范差旅费的管理，保障员工因公出差的需要，根据国家有关规定，结合本公司实际，制定本办法。",
            "本办法所称出差，是指员工离开常驻地、前往五十公里以外的地点办理公务；“镕基”“喆”等姓名用字以身份证为准。",
            "差旅费包括：⑴城市间交通费；⑵住宿费；⑶伙食补助费——标准见《附表》，每年调整１次。",
        ),
        "员工有权对报销结果提出异议。",
        ("异议", "yìyì"),
        "异议应当自收到通知之日起十五日内提出。",
        ("交通费凭票据实报实销。", "住宿费每晚不超过四百五十元。"),
        ("填写申请表。", "附上发票。", "领取报销款。"),
        "【提示】报销期限为返程次日起三十日以内。",
        (
            ("职务", "补助标准", "住宿上限"),
            ("经理", "１８０元", "６００元"),
            ("职员", "１００元", "４５０元"),
        ),
    ),
    "zh-Hant": Source(
        "差旅費管理辦法",
        ("第一章　總則", "第二章　差旅費之發給"),
        (
            "為規範差旅費之管理，保障員工因公出差之需要，依有關法令，並參酌本公司實際情形，訂定本辦法。",
            "本辦法所稱出差，係指員工離開辦公處所、前往五十公里以外之地點辦理公務；「游錫堃」、「王建煊」等姓名用字以身分證為準。",
            "差旅費包括：㈠交通費；㈡住宿費；㈢膳雜費──標準詳如「附表」，每年調整１次。",
        ),
        "員工得對核銷結果提出異議。",
        ("異議", "ㄧˋㄧˋ"),
        "異議應自收受通知之次日起十五日內以書面提出。",
        ("交通費檢據核實報支。", "住宿費每夜以二千元為上限。"),
        ("填寫申請單。", "檢附收據。", "領取款項。"),
        "【注意】核銷期限為返程翌日起三十日以內。",
        (
            ("職稱", "膳雜費", "住宿上限"),
            ("經理", "６００元", "２,４００元"),
            ("職員", "４００元", "２,０００元"),
        ),
    ),
    "ko": Source(
        "출장 여비 규정",
        ("제1장 총칙", "제2장 여비의 지급"),
        (
            "이 규정은 임직원이 업무상 출장하는 경우의 여비에 관하여 필요한 사항을 정함을 목적으로 한다.",
            "출장이란 근무지에서 50킬로미터 이상 떨어진 장소에서 공무(公務)를 수행하는 것을 말한다. 펩시·"
            "쿠팡·똠방각하 등 거래처 방문은 부서장의 승인을 받아야 한다.",
            "여비는 ① 교통비, ② 숙박비, ③ 일당으로 구분하며 상한액은 「별표」와 같다.",
        ),
        "임직원은 정산 결과에 대하여 異議를 제기할 수 있다.",
        ("異議", "이의"),
        "이의는 통지를 받은 날부터 15일 이내에 서면으로 제기하여야 한다.",
        ("교통비는 실비로 한다.", "숙박비는 1박에 100,000원을 넘지 못한다."),
        ("신청서를 제출한다.", "영수증을 첨부한다.", "정산을 받는다."),
        "【주의】 정산 기한은 복귀일 다음 날부터 10일 이내이다.",
        (("직급", "일당", "숙박비"), ("부장", "30,000원", "150,000원"), ("사원", "20,000원", "100,000원")),
    ),
}  # fmt: skip

_OPENING = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.{kind}">
<office:meta><dc:title>{title}</dc:title><meta:initial-creator>山田 花子</meta:initial-creator>
<dc:creator>山田 花子</dc:creator><meta:creation-date>2026-01-31T09:00:00</meta:creation-date>
<dc:date>2026-02-03T10:20:30</dc:date></office:meta>
"""
_TEXT_STYLES = """<office:styles>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Title" style:family="paragraph" style:parent-style-name="Standard"/>
<style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="1"/>
<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>
</text:list-style>
<text:list-style style:name="Steps"><text:list-level-style-number text:level="1" style:num-format="1"
 style:num-suffix="."/></text:list-style>
</office:styles>
<office:automatic-styles><style:style style:name="Ru1" style:family="ruby"/>
<style:style style:name="Fr1" style:family="graphic"/></office:automatic-styles>
"""


def text_document(source: Source) -> str:
    """A flat text document."""
    base, reading = source.ruby
    before, after = map(escape, source.ruled.split(base))
    ruby = (
        f'<text:ruby text:style-name="Ru1"><text:ruby-base>{base}</text:ruby-base>'
        f"<text:ruby-text>{reading}</text:ruby-text></text:ruby>"
    )
    note = (
        '<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body><text:p>{escape(source.note)}</text:p></text:note-body></text:note>"
    )
    box = (
        '<draw:frame draw:style-name="Fr1" text:anchor-type="paragraph" svg:width="8cm" svg:height="2cm">'
        f"<draw:text-box><text:p>{escape(source.box)}</text:p></draw:text-box></draw:frame>"
    )
    body = [
        f'<text:p text:style-name="Title">{escape(source.title)}</text:p>',
        _heading(source.headings[0]),
        *map(_paragraph, source.paragraphs[:2]),
        f"<text:p>{before}{ruby}{after}{note}</text:p>",
        _heading(source.headings[1]),
        f"<text:p>{escape(source.paragraphs[2])}{box}</text:p>",
        _list("Bullets", source.bullets),
        _list("Steps", source.steps),
        _table(source.table),
    ]
    opening = _OPENING.format(kind="text", title=escape(source.title))
    return f"{opening}{_TEXT_STYLES}<office:body><office:text>{''.join(body)}{_END}</office:text>{_CLOSING}"


_END = "<text:p/>"
_CLOSING = "</office:body></office:document>"


def _paragraph(text: str) -> str:
    return f"<text:p>{escape(text)}</text:p>"


def _heading(text: str) -> str:
    return f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{escape(text)}</text:h>'


def _list(style: str, items: tuple[str, ...]) -> str:
    inner = "".join(f"<text:list-item>{_paragraph(one)}</text:list-item>" for one in items)
    return f'<text:list text:style-name="{style}">{inner}</text:list>'


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    cells = (
        "".join(
            f'<table:table-cell office:value-type="string">{_paragraph(one)}</table:table-cell>'
            for one in row
        )
        for row in rows
    )
    inner = "".join(f"<table:table-row>{one}</table:table-row>" for one in cells)
    columns = f'<table:table-column table:number-columns-repeated="{len(rows[0])}"/>'
    return f'<table:table table:name="T1">{columns}{inner}</table:table>'


def presentation(source: Source) -> str:
    """A flat presentation of three slides: a title; paragraphs and a list with notes; a table."""
    slides = [
        _slide("p1", _shape("title", source.title, 2) + _shape("outline", source.paragraphs[0], 8)),
        _slide(
            "p2",
            _shape("title", source.headings[0], 2)
            + _frame("outline", _list("Bullets", source.bullets) + _paragraph(source.ruled), 6)
            + _shape("", source.box, 16),
            notes=source.note,
        ),
        _slide(
            "p3",
            _shape("title", source.headings[1], 2)
            + f'<draw:frame svg:x="2cm" svg:y="6cm" svg:width="20cm" svg:height="5cm">{_table(source.table)}'
            + "</draw:frame>",
        ),
    ]
    opening = _OPENING.format(kind="presentation", title=escape(source.title))
    return (
        f"{opening}<office:styles>{_BULLETS}</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="PM"><style:page-layout-properties fo:page-width="28cm" '
        'fo:page-height="21cm"/></style:page-layout></office:automatic-styles><office:master-styles>'
        '<style:master-page style:name="M" style:page-layout-name="PM"/></office:master-styles>'
        f"<office:body><office:presentation>{''.join(slides)}</office:presentation>{_CLOSING}"
    )


_BULLETS = (
    '<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" '
    'text:bullet-char="•"/></text:list-style>'
)


def on_slides(source: Source) -> list[tuple[int, str]]:
    """Every paragraph and cell with the number of its slide."""
    return [
        *((1, one) for one in (source.title, source.paragraphs[0])),
        *((2, one) for one in (source.headings[0], *source.bullets, source.ruled, source.box, source.note)),
        (3, source.headings[1]),
        *((3, cell) for row in source.table for cell in row),
    ]


def _slide(name: str, shapes: str, notes: str = "") -> str:
    said = f"<presentation:notes>{_shape('notes', notes, 12)}</presentation:notes>" if notes else ""
    return f'<draw:page draw:name="{name}" draw:master-page-name="M">{shapes}{said}</draw:page>'


def _shape(role: str, text: str, top: int) -> str:
    return _frame(role, _paragraph(text), top)


def _frame(role: str, inner: str, top: int) -> str:
    named = f'presentation:class="{role}" ' if role else ""
    place = f'svg:x="2cm" svg:y="{top}cm" svg:width="24cm" svg:height="3cm"'
    return f"<draw:frame {named}{place}><draw:text-box>{inner}</draw:text-box></draw:frame>"


SHEET_ROWS = (
    ("品名", "数量", "単価", "日付", "在庫"),
    ("りんご", 12, 98.5, "2026-01-31", True),
    ("鉛筆", 3, 120.0, "2026-02-03", False),
)
SHEET_NAMES = ("売上", "재고")
_CELL_STYLES = """<office:automatic-styles>
<number:date-style style:name="N1"><number:year number:style="long"/><number:text>-</number:text>
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>
</number:date-style><number:boolean-style style:name="N2"><number:boolean/></number:boolean-style>
<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="truth" style:family="table-cell" style:data-style-name="N2"/>
</office:automatic-styles>"""


def spreadsheet(source: Source) -> str:
    """A flat spreadsheet: typed cells from B2 on and a second table below it; then a sheet of texts."""
    empty = "<table:table-row><table:table-cell/></table:table-row>"
    rows = [_row(["", *row]) for row in SHEET_ROWS]
    second = [_row(["", *row]) for row in source.table]
    texts = [_row([text]) for text in (*source.paragraphs, source.ruled)]
    opening = _OPENING.format(kind="spreadsheet", title=escape(source.title))
    return (
        f"{opening}{_CELL_STYLES}<office:body><office:spreadsheet>"
        f'<table:table table:name="{SHEET_NAMES[0]}">{empty}{"".join(rows)}{empty}{"".join(second)}'
        "</table:table>"
        f'<table:table table:name="{SHEET_NAMES[1]}">{"".join(texts)}</table:table>'
        f"</office:spreadsheet>{_CLOSING}"
    )


def _row(cells: list[str | float | bool]) -> str:
    return f"<table:table-row>{''.join(map(_typed, cells))}</table:table-row>"


def _typed(value: str | float | bool) -> str:
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, bool):
        truth = str(value).lower()
        said = f'table:style-name="truth" office:value-type="boolean" office:boolean-value="{truth}"'
    elif isinstance(value, int | float):
        said = f'office:value-type="float" office:value="{value}"'
    elif value[:4].isdecimal() and value[4:5] == "-":
        said = f'table:style-name="day" office:value-type="date" office:date-value="{value}"'
    else:
        said = 'office:value-type="string"'
    return f"<table:table-cell {said}>{_paragraph(str(value))}</table:table-cell>"
