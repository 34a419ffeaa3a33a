"""The PDFs under tests/fixtures/pdf, made by LibreOffice: ``python -m tests.helpers.make_pdfs``.

The text is here so that tests can look for it: every paragraph of `TEXTS` stands in the files of its
language. Chromium's PDFs of the same text are too large to be kept; tests print them anew. Fonts: Noto CJK.
"""

from __future__ import annotations

import html
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fixtures" / "pdf"


@dataclass(frozen=True)
class Text:
    """What one document says: a title, sections of paragraphs, list items, a table, a note, ruby."""

    font: str
    country: str
    title: str
    head: str
    sections: dict[str, list[str]]
    items: list[str]
    table: list[list[str]]
    note: str
    ruby: str = ""
    readings: dict[str, str] = field(default_factory=dict)

    @property
    def read(self) -> str:
        """The paragraph with ruby as it is without it."""
        return self.ruby.format(*self.readings)


TEXTS = {
    "ja": Text(
        font="Noto Sans CJK JP",
        country="JP",
        title="図書館の利用案内",
        head="市立中央図書館",
        sections={
            "開館時間": [
                "当館は火曜日から日曜日まで、午前九時から午後八時まで開いています。ただし、毎月最後の木曜日は本の整理を"
                "するため休みます。祝日が月曜日に当たるときは、その翌日を休館日とします。",
                "夏の間は、子どもの読書を助けるために児童室だけを一時間早く開けています。詳しいことは2024年7月の"
                "お知らせを見るか、電話03-1234-5678でお問い合わせください。",
            ],
            "本を借りるには": [
                "初めて本を借りる人は、住所と氏名が分かる書類を持って二階の受付に来てください。利用者カードはその日の"
                "うちに作れます。カードの有効期間は三年で、期限の一か月前から更新できます。",
                "貸出は一人十冊まで、期間は二週間です。次に待っている人がいなければ、一回だけ延長できます。本を失くした"
                "ときは、同じ本を買って返していただくことになります。",
            ],
        },
        items=[
            "館内では静かにしてください。",
            "飲み物はふたのある容器に限ります",
            "携帯電話は音を消しておくこと",
        ],
        table=[["資料", "冊数", "期間"], ["本", "10冊", "2週間"], ["映像資料", "3点", "1週間"]],
        note="市の条例第十二号による。",
        ruby="利用者の{0}と{1}は条例で定める。{2}は受付で行うので、名前を呼ばれるまで近くの席で待っていてください。",
        readings={"権利": "けんり", "義務": "ぎむ", "取扱": "とりあつかい"},
    ),
    "zh-Hans": Text(
        font="Noto Sans CJK SC",
        country="CN",
        title="图书馆使用指南",
        head="市立中央图书馆",
        sections={
            "开放时间": [
                "本馆从星期二到星期日开放，时间为上午九点至晚上八点。每月最后一个星期四因整理书籍而闭馆。如果节假日正好"
                "是星期一，则第二天为闭馆日，请各位读者留意入口处的公告。",
                "暑假期间，为了帮助孩子们阅读，儿童阅览室提前一个小时开放。详情请查看2024年7月的通知，或者拨打电话"
                "010-1234-5678咨询服务台的工作人员。",
            ],
            "如何借书": [
                "第一次借书的读者，请携带能够证明住址和姓名的证件到二楼服务台办理手续。借书证当天就可以领取，有效期为三年，"
                "到期前一个月起可以办理续期。",
                "每人最多可以借十本书，期限为两个星期。如果没有其他读者预约，可以续借一次。遗失书籍时，需要购买同样的书"
                "归还本馆，或者按照定价赔偿。",
            ],
        },
        items=["馆内请保持安静。", "饮料必须装在有盖的容器里", "手机请调成静音"],
        table=[["资料", "数量", "期限"], ["图书", "10本", "2周"], ["影像资料", "3件", "1周"]],
        note="根据本市第十二号条例。",
    ),
    "zh-Hant": Text(
        font="Noto Sans CJK TC",
        country="TW",
        title="圖書館使用指南",
        head="市立中央圖書館",
        sections={
            "開放時間": [
                "本館從星期二到星期日開放，時間為上午九點至晚上八點。每月最後一個星期四因整理書籍而閉館。如果國定假日正好"
                "是星期一，則隔天為閉館日，請各位讀者留意入口處的公告。",
                "暑假期間，為了幫助孩子們閱讀，兒童閱覽室提前一個小時開放。詳情請查看2024年7月的通知，或者撥打電話"
                "02-1234-5678詢問服務臺的工作人員。",
            ],
            "如何借書": [
                "第一次借書的讀者，請攜帶能夠證明住址和姓名的證件到二樓服務臺辦理手續。借書證當天就可以領取，有效期為三年，"
                "到期前一個月起可以辦理展延。",
                "每人最多可以借十本書，期限為兩個星期。如果沒有其他讀者預約，可以續借一次。遺失書籍時，需要購買同樣的書"
                "歸還本館，或者按照定價賠償。",
            ],
        },
        items=["館內請保持安靜。", "飲料必須裝在有蓋的容器裡", "手機請調成靜音"],
        table=[["資料", "數量", "期限"], ["圖書", "10本", "2週"], ["影像資料", "3件", "1週"]],
        note="根據本市第十二號自治條例。",
        ruby="本館為{0}的學生準備了{1}圖書，可以在三樓的語言學習區閱讀，也可以借回家和家人一起練習發音與會話。",
        readings={"國小": "ㄍㄨㄛˊㄒㄧㄠˇ", "注音": "ㄓㄨˋㄧㄣ"},
    ),
    "ko": Text(
        font="Noto Sans CJK KR",
        country="KR",
        title="도서관 이용 안내",
        head="시립 중앙 도서관",
        sections={
            "개관 시간": [
                "우리 도서관은 화요일부터 일요일까지 "
                "오전 아홉 시에서 저녁 여덟 시까지 문을 엽니다. "
                "다만 매달 마지막 목요일은 "
                "책을 정리하기 위하여 쉽니다. 공휴일이 월요일이면 그다음 날을 휴관일로 합니다.",
                "여름 동안에는 아이들의 독서를 돕기 위해서 어린이실만 한 시간 일찍 엽니다. 자세한 내용은 "
                "2024년 7월의 알림을 보거나 전화 02-1234-5678로 문의하십시오.",
            ],
            "책을 빌리려면": [
                "처음으로 책을 빌리는 사람은 주소와 이름을 알 수 있는 "
                "서류를 가지고 2층 접수대로 오십시오. "
                "이용자 카드는 그날 "
                "만들 수 있습니다. 카드의 유효 기간은 3년이며 끝나기 한 달 전부터 갱신할 수 있습니다.",
                "한 사람이 열 권까지 빌릴 수 있고 기간은 두 주일입니다. "
                "기다리는 사람이 없으면 한 번만 연장할 수 있습니다. "
                "책을 "
                "잃어버렸을 때에는 같은 책을 사서 돌려주어야 합니다.",
            ],
        },
        items=[
            "안에서는 조용히 해 주십시오.",
            "음료는 뚜껑이 있는 그릇에 담아야 합니다",
            "휴대전화는 소리를 꺼 둘 것",
        ],
        table=[["자료", "수량", "기간"], ["도서", "10권", "2주"], ["영상 자료", "3점", "1주"]],
        note="시 조례 제12호에 따름.",
    ),
}

WRITTEN = (
    ("plain", "ja"),
    ("plain", "ko"),
    ("vertical", "ja"),
    ("columns", "ko"),
)
"""The style and the language of each file of LibreOffice."""
PRINTED = (
    *(("plain", lang) for lang in TEXTS),
    *(("vertical", lang) for lang in ("ja", "ko")),
    *(("columns", lang) for lang in ("zh-Hans", "zh-Hant")),
)
"""The style and the language of what Chromium prints."""

STYLES = {
    "plain": "@page{size:A5;margin:18mm} body{font-size:10pt;line-height:1.6}",
    "vertical": "@page{size:A5 landscape;margin:15mm} html{writing-mode:vertical-rl} body{font-size:10pt;"
    "line-height:1.8} p{margin:0;text-indent:1em}",
    "columns": "@page{size:A4;margin:18mm} body{font-size:10pt;line-height:1.5;columns:2;column-gap:8mm;"
    "text-align:justify} p{margin:0 0 .4em}",
}


def web_page(lang: str, style: str) -> str:
    """The text of a language as HTML; without a table in vertical writing."""
    text = TEXTS[lang]
    parts = [f"<h1>{text.title}</h1>"]
    for heading, paragraphs in text.sections.items():
        parts += [f"<h2>{heading}</h2>", *(f"<p>{html.escape(one)}</p>" for one in paragraphs)]
    parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in text.items) + "</ul>")
    if style != "vertical":
        rows = ("".join(f"<td>{cell}</td>" for cell in row) for row in text.table)
        parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    marked = (f"<ruby>{base}<rt>{reading}</rt></ruby>" for base, reading in text.readings.items())
    parts.append(f"<p>{text.ruby.format(*marked)}</p>")
    css = (
        f"{STYLES[style]} body{{font-family:'{text.font}'}} table{{border-collapse:collapse}}"
        "td{border:1px solid;padding:3px 6px}"
    )
    return (
        f"<!DOCTYPE html><html lang='{lang}'><meta charset='utf-8'><title>{text.title}</title>"
        f"<style>{css}</style><body>{''.join(parts)}</body></html>"
    )


NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    )
)


def _style(name: str, size: float, extra: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties {extra}/>'
        f'<style:text-properties fo:font-size="{size}pt" style:font-size-asian="{size}pt"/></style:style>'
    )


def _body(text: Text, *, vertical: bool) -> Iterator[str]:
    yield f'<text:h text:style-name="H1" text:outline-level="1">{text.title}</text:h>'
    for heading, paragraphs in text.sections.items():
        yield f'<text:h text:style-name="H2" text:outline-level="2">{heading}</text:h>'
        first, second = paragraphs
        yield f'<text:p text:style-name="B">{first}</text:p>'
        note = _note(text) if heading == next(iter(text.sections)) else ""
        yield f'<text:p text:style-name="B">{second}{note}</text:p>'
    items = (
        f'<text:list-item><text:p text:style-name="L">{item}</text:p></text:list-item>' for item in text.items
    )
    yield f'<text:list text:style-name="LS">{"".join(items)}</text:list>'
    if not vertical:
        rows = (
            "".join(
                f'<table:table-cell table:style-name="C"><text:p>{cell}</text:p></table:table-cell>'
                for cell in row
            )
            for row in text.table
        )
        yield (
            '<table:table table:name="T"><table:table-column table:number-columns-repeated="3"/>'
            + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
            + "</table:table>"
        )
    marked = (
        f'<text:ruby text:style-name="R"><text:ruby-base>{base}</text:ruby-base>'
        f'<text:ruby-text text:style-name="RT">{reading}</text:ruby-text></text:ruby>'
        for base, reading in text.readings.items()
    )
    yield f'<text:p text:style-name="B">{text.ruby.format(*marked)}</text:p>'


def _note(text: Text) -> str:
    return (
        '<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f'<text:note-body><text:p text:style-name="N">{text.note}</text:p></text:note-body></text:note>'
    )


def open_document(lang: str, style: str) -> str:
    """The text of a language as a flat ODF text, with a running head, page numbers and a footnote."""
    text = TEXTS[lang]
    vertical = style == "vertical"
    columns = '<style:columns fo:column-count="2" fo:column-gap="0.8cm"/>' if style == "columns" else ""
    wide, high = {"vertical": (21, 14.8), "columns": (21, 14.8), "plain": (10.5, 14.8)}[style]
    page = f'fo:page-width="{wide}cm" fo:page-height="{high}cm"'
    default = (
        '<style:default-style style:family="paragraph"><style:text-properties style:font-name="F" '
        'style:font-name-asian="F" fo:font-size="10pt" style:font-size-asian="10pt" '
        f'fo:language="{lang[:2]}" fo:country="{text.country}" style:language-asian="{lang[:2]}" '
        f'style:country-asian="{text.country}"/></style:default-style>'
    )
    styles = (
        _style("B", 10, 'fo:text-indent="10pt" fo:text-align="justify"')
        + _style("L", 10)
        + _style("N", 8)
        + _style("E", 8, 'fo:text-align="center"')
        + _style("H1", 18, 'fo:margin-bottom="8pt"')
        + _style("H2", 13, 'fo:margin-top="8pt" fo:margin-bottom="4pt"')
        + '<style:style style:name="RT" style:family="text"><style:text-properties fo:font-size="5pt" '
        'style:font-size-asian="5pt"/></style:style>'
        '<text:list-style style:name="LS"><text:list-level-style-bullet text:level="1" text:bullet-char="•">'
        '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab" fo:text-indent="-0.6cm" '
        'fo:margin-left="1.2cm"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>'
    )
    layout = (
        '<style:style style:name="C" style:family="table-cell"><style:table-cell-properties '
        'fo:border="0.5pt solid #000000" fo:padding="0.1cm"/></style:style>'
        '<style:style style:name="R" style:family="ruby"><style:ruby-properties style:ruby-align="center" '
        'style:ruby-position="above"/></style:style>'
        f'<style:page-layout style:name="P"><style:page-layout-properties {page} fo:margin="1.4cm" '
        f'style:writing-mode="{"tb-rl" if vertical else "lr-tb"}">{columns}</style:page-layout-properties>'
        '<style:header-style><style:header-footer-properties fo:min-height="0.8cm"/></style:header-style>'
        '<style:footer-style><style:header-footer-properties fo:min-height="0.8cm"/></style:footer-style>'
        "</style:page-layout>"
    )
    edges = (
        f'<style:header><text:p text:style-name="E">{text.head}</text:p></style:header><style:footer>'
        '<text:p text:style-name="E">- <text:page-number text:select-page="current">1</text:page-number> -'
        "</text:p></style:footer>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMESPACES} office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:font-face-decls>'
        f'<style:font-face style:name="F" svg:font-family="\'{text.font}\'"/></office:font-face-decls>'
        f"<office:styles>{default}{styles}</office:styles><office:automatic-styles>{layout}"
        f'</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" '
        f'style:page-layout-name="P">{edges}</style:master-page></office:master-styles><office:body>'
        f"<office:text>{''.join(_body(text, vertical=vertical))}</office:text></office:body>"
        "</office:document>"
    )


def print_page(lang: str, style: str, folder: Path) -> Path:
    """The web page as Chromium prints it."""
    page = folder / f"chromium-{style}-{lang}.html"
    page.write_text(web_page(lang, style), "utf-8")
    target = page.with_suffix(".pdf")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    command = ["chromium", *flags, f"--print-to-pdf={target}", str(page)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, timeout=120)
    return target


def main() -> None:
    """Make the files of LibreOffice anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for style, lang in WRITTEN:
        source = FOLDER / f"writer-{style}-{lang}.fodt"
        source.write_text(open_document(lang, style), "utf-8")
        command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(FOLDER), str(source)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        source.unlink()


if __name__ == "__main__":
    sys.exit(main())
