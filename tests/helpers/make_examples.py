"""Makes the example documents that are not plain UTF-8: legacy encodings, DOCX and PDF.

Run ``python -m tests.helpers.make_examples`` from the root of a checkout after changing a text here.
"""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

ENCODED = {
    "ja/出張旅費規程.txt": (
        "cp932",
        """出張旅費規程

第1条 この規程は、社員が業務のために出張するときの旅費について定める。

第2条 国内出張の日当は、一般社員が2,500円、管理職が3,500円とする。

第3条 宿泊費は、東京23区と大阪市では1泊12,000円、その他の地域では1泊9,800円を上限として実費を支給する。

第4条 新幹線の利用は、片道100キロメートル以上の場合に認める。グリーン車の料金は支給しない。

第5条 海外出張の申請は、出発の3週間前までに、行程表と見積書を添えて総務部へ提出する。

第6条 旅費の精算は、帰着した日から10日以内に行う。領収書のない支出は、原則として認めない。
""",
    ),
    "ko/서버점검안내.txt": (
        "euc_kr",
        """서버 정기 점검 안내

안녕하세요. 한빛전자 정보기술팀입니다.

서비스 안정화를 위해 매월 둘째 주 토요일에 정기 점검을 실시합니다.

점검 시간은 새벽 1시부터 5시까지이며, 이 시간에는 주문 조회와 결제를 이용할 수 없습니다.

점검 중에 긴급한 장애가 발생하면 당직자(내선 7702)에게 연락해 주시기 바랍니다.

데이터베이스 백업은 점검을 시작하기 전에 끝나야 하며, 담당자는 박서연 과장입니다.
""",
    ),
    "zh-Hant/會議室預約辦法.txt": (
        "cp950",
        """會議室預約辦法

一、本辦法適用於晨曦出版社總部的六間會議室。

二、會議室須於使用前一個工作天,以內部網站的預約系統登記。同一單位每週最多可預約十小時。

三、預約後超過十五分鐘未到者,系統會自動取消該次預約。一個月內取消三次的單位,停止預約兩週。

四、大型會議室「觀海廳」可容納八十人,使用時須由總務組協助架設投影設備。

五、會議結束後請關閉空調與燈光,並將桌椅歸回原位。
""",
    ),
}

# (style, text) with style "h1", "h2", "p" or "row" (cells divided by "|")
DOCX = {
    "zh-Hans/产品保修政策.docx": (
        ("h1", "智能门锁产品保修政策"),
        ("p", "本政策适用于在中国大陆销售的云岭智能门锁系列产品。"),
        ("h2", "保修期限"),
        ("p", "智能门锁 YL-700 整机保修三年,指纹模块保修五年,电池不在保修范围内。"),
        ("row", "型号|整机保修|指纹模块"),
        ("row", "YL-700|三年|五年"),
        ("row", "YL-500|两年|三年"),
        ("h2", "退换货"),
        ("p", "自签收之日起七天内,商品完好的可以无理由退货;十五天内出现质量问题的,可以换货。"),
        ("h2", "上门服务"),
        ("p", "保修期内的上门维修不收取费用。保修期外,上门费为每次八十元,配件另计。"),
    ),
    "zh-Hant/客服常見問題.docx": (
        ("h1", "晨曦出版社客服常見問題"),
        ("h2", "訂閱"),
        ("p", "問:雜誌訂閱期間可以更改寄送地址嗎?"),
        ("p", "答:可以。請於每月二十日以前登入會員中心修改,次月起生效。"),
        ("h2", "退款"),
        ("p", "問:電子書購買後可以退款嗎?"),
        ("p", "答:電子書在購買後七日內,若閱讀進度未超過百分之十,可以申請全額退款。"),
        ("h2", "運費"),
        ("p", "問:買多少錢可以免運費?"),
        ("p", "答:單筆訂單滿新臺幣八百元即可免運費,離島地區須滿一千五百元。"),
    ),
    "ko/취업규칙.docx": (
        ("h1", "한빛전자 취업규칙"),
        ("h2", "근로 시간"),
        ("p", "근로 시간은 오전 9시부터 오후 6시까지로 하며, 휴게 시간은 낮 12시부터 1시간으로 한다."),
        ("h2", "휴가"),
        ("p", "1년간 80퍼센트 이상 출근한 직원에게 15일의 유급휴가를 준다."),
        (
            "p",
            "3년 이상 계속하여 근로한 직원에게는 최초 1년을 초과하는 매 2년마다 1일을 더한 유급휴가를 준다.",
        ),
        ("p", "배우자가 출산한 직원에게는 20일의 출산휴가를 준다."),
        ("h2", "재택근무"),
        ("p", "재택근무는 주 2회까지 할 수 있으며, 팀장의 승인을 받아야 한다."),
    ),
}

PDF = {
    "ja/取扱説明書_APX-200.pdf": (
        "HeiseiKakuGo-W5",
        (
            (
                "卓上加湿器 APX-200 取扱説明書",
                "この製品は、超音波式の卓上加湿器です。ご使用の前に、この説明書を最後までお読みください。",
                "タンクの容量は1.8リットルで、満水の状態から連続で約9時間運転できます。",
                "水道水以外の水を使わないでください。故障やにおいの原因になります。",
            ),
            (
                "お手入れ",
                "タンクは毎日水を入れ替え、週に1回、クエン酸を溶かしたぬるま湯で洗ってください。",
                "フィルター(型番 APX-F20)は、6か月ごとに交換してください。",
                "エラー表示 E03 が出たときは、水位センサーの汚れをやわらかい布でふき取ってください。",
            ),
        ),
    ),
    "ko/개인정보처리방침.pdf": (
        "HYGothic-Medium",
        (
            (
                "개인정보 처리방침",
                "한빛전자는 회원의 이름, 전자우편 주소, 휴대전화 번호를 수집합니다.",
                "수집한 개인정보는 회원이 탈퇴한 날부터 30일 안에 파기합니다.",
                "다만 전자상거래 기록은 관련 법률에 따라 5년 동안 보관합니다.",
            ),
            (
                "개인정보 보호책임자",
                "개인정보 보호책임자는 이도윤 이사이며, 전자우편 주소는 privacy@hanbit.example입니다.",
                "회원은 언제든지 자신의 개인정보를 열람하거나 고쳐 달라고 요구할 수 있습니다.",
            ),
        ),
    ),
}


def main() -> None:
    for name, (encoding, text) in ENCODED.items():
        (EXAMPLES / name).write_bytes(text.replace("\n", "\r\n").encode(encoding))
    for name, items in DOCX.items():
        write_docx(EXAMPLES / name, items)
    for name, (font, pages) in PDF.items():
        write_pdf(EXAMPLES / name, font, pages)


def write_docx(path, items) -> None:
    import docx

    document = docx.Document()
    rows: list[list[str]] = []
    for style, text in (*items, ("end", "")):
        if style == "row":
            rows.append(text.split("|"))
            continue
        if rows:
            table = document.add_table(rows=len(rows), cols=len(rows[0]))
            for cells, values in zip(table.rows, rows, strict=True):
                for cell, value in zip(cells.cells, values, strict=True):
                    cell.text = value
            rows = []
        if style in ("h1", "h2"):
            document.add_heading(text, int(style[1]))
        elif style == "p":
            document.add_paragraph(text)
    document.save(path)


def write_pdf(path, font, pages) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    pdfmetrics.registerFont(UnicodeCIDFont(font))
    wrap = None if font.startswith("HY") else "CJK"  # Korean lines break at spaces
    body = ParagraphStyle("body", fontName=font, fontSize=11, leading=18, wordWrap=wrap)
    head = ParagraphStyle("head", parent=body, fontSize=18, leading=28)
    story = []
    for page in pages:
        story += [Paragraph(page[0], head), Spacer(1, 8)]
        story += [Paragraph(text, body) for text in page[1:]]
        story.append(PageBreak())
    SimpleDocTemplate(str(path), pagesize=A4, title=pages[0][0], invariant=True).build(story)


if __name__ == "__main__":
    main()
