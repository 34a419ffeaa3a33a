"""A web page gives what a reader of its content sees, in blocks."""

from __future__ import annotations

import email.mime.multipart
import email.mime.text
import shutil
from importlib.util import find_spec

import pytest
from hypothesis import given, settings

from ingest.load import parse
from rag.errors import DocumentError
from rag.types import Document
from tests.helpers.reading import LANGUAGES, blocks, damaged, survives

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>手引き｜社内</title>
<style>p {{ color: red }}</style></head><body>
<header><a href="/">社名</a></header><nav><ul><li>目次</li></ul></nav>
<main><h1>手引き</h1><p>長い文章は<b>途中</b>で
折り返される。<br>次の行<script>alert(1)</script></p>
<p>Words wrap
here.</p><p hidden>見えない</p><p style="display:none">これも</p>
<p><ruby>東京<rp>（</rp><rt>とうきょう</rt><rp>）</rp></ruby>の天気</p>
<ul><li>一<li>二</ul>
<table><caption>表</caption><tr><th>品名<th>価格<tr><td>りんご<td><p>100円</p><p>税込</p></table>
<pre>  if x:
    y()</pre><blockquote>引用。</blockquote></main>
<aside>広告</aside><footer>© 2026</footer></body></html>"""


def page(body: str) -> Document:
    return parse(f"<!DOCTYPE html><meta charset=utf-8><body>{body}</body>".encode(), name="a.html")


@pytest.mark.parametrize("charset", ["utf-8", "x-sjis", "euc-jp"])
def test_html_gives_what_a_reader_sees(charset):
    codec = {"x-sjis": "cp932", "euc-jp": "euc_jp"}.get(charset, charset)
    document = parse(PAGE.format(charset=charset).replace("©", "").encode(codec), name="a.html")
    assert blocks(document) == [
        ("heading", "手引き"),
        ("paragraph", "長い文章は途中で折り返される。\n次の行"),
        ("paragraph", "Words wrap here."),
        ("paragraph", "東京の天気"),
        ("list", "- 一\n- 二"),
        ("paragraph", "表"),
        ("table", "| 品名 | 価格 |\n| --- | --- |\n| りんご | 100円 税込 |"),
        ("code", "  if x:\n    y()"),
        ("quote", "引用。"),
    ]
    assert (document.title, document.source.encoding) == ("手引き｜社内", codec)


# -- encodings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_in_a_legacy_code_page_is_read_without_any_declaration(lang):
    codec, sentence = LANGUAGES[lang]
    document = parse(f"<html><body><p>{sentence}</p></body></html>".encode(codec), name="a.htm")
    assert (document.text, document.source.encoding, document.lang) == (sentence, codec, lang)


@pytest.mark.parametrize(
    ("declared", "codec", "sentence"),
    [
        ('<meta charset="shift_jis">', "utf-8", LANGUAGES["ja"][1]),
        ('<meta charset="utf-8">', "cp932", LANGUAGES["ja"][1]),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">',
            "gb18030",
            "朱镕基和㛃的事。",
        ),
        ('<meta charset="ks_c_5601-1987">', "cp949", LANGUAGES["ko"][1]),
        ('<meta charset="big5">', "cp950", LANGUAGES["zh-Hant"][1]),
        ('<?xml version="1.0" encoding="euc-jp"?>', "euc_jp", LANGUAGES["ja"][1]),
        ('<meta charset="utf-8">', "utf-16", LANGUAGES["zh-Hans"][1]),
        ('<meta charset="utf-8">', "utf-8-sig", LANGUAGES["ko"][1]),
    ],
)
def test_what_a_page_says_of_its_encoding_is_a_hint_that_the_bytes_may_refute(declared, codec, sentence):
    html = f"{declared}<html><body><p>{sentence}</p></body></html>" if "xml" in declared else (
        f"<html><head>{declared}</head><body><p>{sentence}</p></body></html>"
    )  # fmt: skip
    assert parse(html.encode(codec), name="a.html").text == sentence


def test_an_empty_element_of_xhtml_swallows_nothing():
    source = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
    source += '<script src="a.js"/></head><body><a id="top"/><p>본문<br/>둘째 줄</p></body></html>'
    assert parse(source.encode(), name="a.xhtml").text == "본문\n둘째 줄"


def test_a_program_that_ends_lines_at_spaces_means_them():
    head = '<meta charset=utf-8><meta name="generator" content="LibreOffice 7.4 (Linux)">'
    document = parse(f"<html><head>{head}</head><p>第一条\n本法适用。".encode(), name="a.html")
    assert document.text == "第一条 本法适用。"


# -- ruby ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text", "readings"),
    [
        ("<ruby>権利<rt>けんり</ruby>の", "権利の", [("権利", "けんり")]),
        ("<ruby>権<rt>けん</rt>利<rt>り</rt></ruby>の", "権利の", [("権利", "けんり")]),
        ("<ruby><rb>北</rb><rb>京</rb><rt>Běi</rt><rt>jīng</rt></ruby>市", "北京市", [("北京", "Běijīng")]),
        ("<ruby><rb>大人</rb><rp>(</rp><rt>おとな</rt><rp>)</rp></ruby>", "大人", [("大人", "おとな")]),
        ("<ruby><b>漢</b>字<rt>かん<i>じ</i></rt></ruby>", "漢字", [("漢字", "かんじ")]),
        ("<ruby>東南<rt>とうなん</rt><rtc>たつみ</rtc></ruby>", "東南", [("東南", "とうなん")]),
        ("<ruby>\n 漢字\n <rt>ㄏㄢˋ ㄗˋ</rt>\n</ruby>", "漢字", [("漢字", "ㄏㄢˋ ㄗˋ")]),
        ("<ruby>空<rt></rt></ruby>だ", "空だ", []),
    ],
)
def test_of_ruby_the_base_is_text_and_the_reading_is_kept(html, text, readings):
    document = page(f"<p>{html}</p>")
    assert document.text == text
    assert [(text[one.start : one.end], one.text) for one in document.readings] == readings


# -- what stands around the content --------------------------------------------------------------------

ARTICLE = "<h1>お知らせ</h1><p>" + "本日から新しい料金になります。" * 8 + "</p>"


@pytest.mark.parametrize(
    "around",
    [
        '<div role="navigation"><a href="/">消える</a></div>',
        '<div class="breadcrumb"><a href="/">首页</a> &gt; 消える</div>',
        '<ol id="topic-path"><li>消える</ol>',
        '<div id="cookie-banner">消える <button>同意</button></div>',
        '<div class="post-footer share-buttons">消える</div>',
        '<div class="sidebar"><ul><li><a href="/1">消える</a><li><a href="/2">消える</a></ul></div>',
        '<section class="related-posts"><a href="/1">消える</a></section>',
        '<form role="search">消える</form>',
        '<span aria-hidden="true">消える</span>',
        '<div class="pagination"><a href="2">消える</a></div>',
        "<footer>消える</footer>",
        '<aside><a href="/">消える</a></aside>',
        "<noscript>消える</noscript>",
        '<p style="visibility: hidden">消える</p>',
        "<select><option>消える</select>",
    ],
)
def test_what_stands_around_the_article_is_left_out(around):
    text = page(f"{around}<div class=content>{ARTICLE}</div>{around}").text
    assert "消える" not in text and "新しい料金" in text


@pytest.mark.parametrize(
    "html",
    [
        "<header><p>残る</p></header>",
        f'<div class="sidebar main"><article>{ARTICLE}残る</article></div>',
        f'<div id="footer">{ARTICLE}残る</div>',
        f"<main>{ARTICLE}<aside>残る</aside><footer>残る</footer></main>",
        f"<header><h1>残る</h1><p>著者</p></header>{ARTICLE}",
        f'{ARTICLE}<div class="menu"><p>残る：親子丼</p><p>八百円、大盛り無料です。</p></div>',
        f"{ARTICLE}<details><summary>質問</summary>残る</details>",
        f"{ARTICLE}<h2><button>残る</button></h2>",
        f"{ARTICLE}<aside class=note><p>残る注意書き。</p></aside>",
        f"<article>{ARTICLE}</article><aside role=doc-endnotes>残る</aside>",
        f'{ARTICLE}<div hidden="until-found">残る</div>',
    ],
)
def test_nothing_of_the_article_is_lost(html):
    assert "残る" in page(html).text


# -- blocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "kind", "text"),
    [
        ("<ul><li>甲<ul><li>乙<ol><li>丙</ol></ul><li>丁</ul>", "list", "- 甲\n  - 乙\n    1. 丙\n- 丁"),
        (
            "<ol start=3><li>三<li><p>四</p><p>続き</p><li value=9>九</ol>",
            "list",
            "3. 三\n4. 四\n続き\n9. 九",
        ),
        ("<dl><dt>用語<dd>説明一<dd>説明二</dl>", "list", "用語\n: 説明一\n: 説明二"),
        ("<figure><img alt='売上の推移を示す図' src=a.png></figure>", "paragraph", "売上の推移を示す図"),
        ("<p>詳細は<img alt='外部リンク'>こちら</p>", "paragraph", "詳細はこちら"),
        ("<p>上<img class=gaiji alt='𠮷'>田</p>", "paragraph", "上𠮷田"),
        ("<p>가나다<wbr>라&amp;마&#xBC14;</p>", "paragraph", "가나다라&마바"),
        ("<p>한국어는\n띄어 쓴다</p>", "paragraph", "한국어는 띄어 쓴다"),
        ("<pre><code>一\n  二</code></pre>", "code", "一\n  二"),
        ("<xmp>a &lt; b</xmp>", "code", "a &lt; b"),
        ("<table><tr><td>一つ</table>", "paragraph", "一つ"),
    ],
)
def test_each_kind_of_block_is_read_as_it_is_shown(html, kind, text):
    assert blocks(page(html)) == [(kind, text)]


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        (
            "<tr><th rowspan=2>支店<th colspan=2>売上<tr><th>上期<th>下期<tr><td>東京<td>10<td>20",
            ["| 支店 | 売上 上期 | 売上 下期 |", "| 東京 | 10 | 20 |"],
        ),
        (
            "<thead><tr><td>県<td>市</thead><tr><td rowspan=2>千葉<td>船橋<tr><td>柏",
            ["| 県 | 市 |", "| 千葉 | 船橋 |", "| 千葉 | 柏 |"],
        ),
        ("<tr><th>갑<th>을<tr><td colspan=2>합계", ["| 갑 | 을 |", "| 합계 |  |"]),
        ("<tr><th>外<td>前<table><tr><td>内</table>後", ["| 外 | 前 内 後 |"]),
        ("<tr><td rowspan=9999 colspan=99999999>广<td>大", ["| 广" + " | " * 99 + " | 大 |"]),
    ],
)
def test_cells_that_span_rows_and_columns_keep_the_columns_straight(html, rows):
    (kind, text), *_ = blocks(page(f"<table>{html}</table>"))
    assert kind == "table"
    assert [" ".join(line.split()) for line in text.split("\n") if "---" not in line] == [
        " ".join(row.split()) for row in rows
    ]


def test_paragraphs_of_word_are_what_their_style_says():
    bullet = "<span style='font-family:Wingdings'>l<span>&nbsp; </span></span>"
    source = f"<p class=MsoTitle>旅費規程</p><p class=MsoListParagraph>{bullet}項目<o:p></o:p></p><p>本文"
    assert blocks(page(source)) == [("heading", "旅費規程"), ("list", "項目"), ("paragraph", "本文")]


def test_a_table_for_the_layout_is_read_as_text_around_the_table_of_data():
    assert blocks(page("<table><tr><td><p>左</p><table><tr><td>甲<td>乙</table></td></tr></table>")) == [
        ("paragraph", "左"),
        ("table", "| 甲 | 乙 |\n| --- | --- |"),
    ]


def test_a_list_for_the_layout_is_read_as_blocks():
    assert blocks(page("<ul><li><h2>製品</h2><p>説明。</p></ul>")) == [
        ("heading", "製品"),
        ("list", "説明。"),
    ]


@pytest.mark.parametrize("tag", ["div", "ul><li", "span", "blockquote", "ruby"])
def test_deeply_nested_html_is_no_problem(tag):
    assert "深い" in page(f"<{tag}>" * 3000 + "深い").text


JSON_LD = '<script type="application/ld+json">{"datePublished": "2024-02"}</script>'


# -- title, date, author -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title", "meta"),
    [
        ('<title> 題\n名 </title><meta name=author content="山田">', "題 名", {"author": "山田"}),
        ('<meta property="og:title" content="题目">', "题目", {}),
        ('<meta property="article:published_time" content="2026-01-31T09:00">', "頁", {"date": "2026-01-31"}),
        ('<meta name="DC.date" content="2025年4月1日">', "頁", {"date": "2025-04-01"}),
        (JSON_LD, "頁", {"date": "2024-02"}),
        ('<meta name="date" content="2026-13-45">', "頁", {}),
    ],
)  # fmt: skip
def test_title_date_and_author_are_what_the_page_says(head, title, meta):
    document = parse(f"<html><head>{head}</head><body><h1>頁</h1>本文</body>".encode(), name="a.html")
    assert (document.title, document.meta) == (title, meta)


# -- saved pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_a_page_saved_as_one_file_the_page_is_read(lang):
    codec, sentence = LANGUAGES[lang]
    saved = email.mime.multipart.MIMEMultipart("related")
    saved.attach(email.mime.text.MIMEText("body { color: red }", "css", "utf-8"))
    charset = {"gb18030": "gb2312", "cp950": "big5", "cp932": "shift_jis", "cp949": "euc-kr"}[codec]
    saved.attach(email.mime.text.MIMEText(f"<title>T</title><p>{sentence}</p>", "html", charset))
    document = parse(saved.as_bytes(), name="a.mht")
    assert (document.text, document.title) == (sentence, "T")
    assert document.source.encoding in {codec, "iso2022_jp"}


def test_a_saved_page_without_a_page_is_broken():
    with pytest.raises(DocumentError) as caught:
        parse(b"MIME-Version: 1.0\nContent-Type: text/css\n\nbody {}\n", name="a.mht")
    assert caught.value.code == "broken"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None or find_spec("playwright") is None, reason="needs Chromium")
def test_a_page_as_chromium_saves_it_is_read(tmp_path):
    from playwright.sync_api import sync_playwright

    source = tmp_path / "a.html"
    source.write_text(PAGE.format(charset="utf-8"), "utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(source.as_uri())
        saved = page.context.new_cdp_session(page).send("Page.captureSnapshot", {"format": "mhtml"})["data"]
        browser.close()
    assert blocks(parse(saved.encode(), name="b.mht")) == blocks(parse(source.read_bytes(), name="a.html"))


# -- damage --------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(damaged(PAGE.format(charset="euc-jp").encode("euc_jp", "ignore")))
def test_damaged_pages_are_read_or_refused(data):
    survives(data, "a.html")
