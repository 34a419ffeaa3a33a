"""Books are read chapter by chapter, in the order of their spine."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile

import pytest
from hypothesis import given, settings

from ingest.load import parse
from rag.errors import DocumentError
from tests.helpers.reading import LANGUAGES, blocks, damaged, outline, place_of, survives

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>"""
OPF = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>猫の記</dc:title>
<dc:creator>夏目漱石</dc:creator><dc:creator>解説者</dc:creator><dc:date>2026-04-01T00:00:00Z</dc:date></metadata>
<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="{nav}"/>
<item id="x" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="b" href="b%20%E4%BA%8C.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="n"/><itemref idref="b"/><itemref idref="a"/></spine></package>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><nav><ol>
<li><a href="b%20%E4%BA%8C.xhtml">第一章</a><ol><li><a href="b%20%E4%BA%8C.xhtml#s">節</a></li></ol></li>
<li><a href="a.xhtml#two">第二章</a></li>
<li><a href="a.xhtml#three">第三章</a></li></ol></nav></body></html>"""
NCX = """<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>第一章</text></navLabel><content src="b%20%E4%BA%8C.xhtml"/></navPoint>
<navPoint><navLabel><text>第二章</text></navLabel><content src="a.xhtml#two"/></navPoint>
<navPoint><navLabel><text>第三章</text></navLabel><content src="a.xhtml#three"/></navPoint></navMap></ncx>"""
FIRST = """<?xml version="1.0" encoding="{encoding}"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>
</head><body><h1>第一章</h1><p><ruby>吾輩<rt>わがはい</rt></ruby>は猫である。</p><h2 id="s">節</h2>
<p>名は&#160;まだ&nbsp;無い。</p></body></html>"""
SECOND = """<html xmlns="http://www.w3.org/1999/xhtml"><body><h1 id="two">第二章</h1><p>どこで。</p>
<h1><a id="three"/>第三章</h1><p>見当なし。</p></body></html>"""


def book(*, nav: str = "nav", encoding: str = "utf-8", **others: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OPS/book.opf", OPF.format(nav=nav))
        archive.writestr("OPS/nav.xhtml", NAV if nav else "<html><body></body></html>")
        archive.writestr("OPS/toc.ncx", NCX)
        archive.writestr("OPS/b 二.xhtml", FIRST.format(encoding=encoding).encode(encoding))
        archive.writestr("OPS/a.xhtml", SECOND)
        for entry, content in others.items():
            archive.writestr(entry, content)
    return target.getvalue()


@pytest.mark.parametrize("nav", ["nav", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "euc-jp", "shift_jis"])
def test_chapters_are_read_in_the_order_of_the_spine_and_named_by_the_contents(nav, encoding):
    document = parse(book(nav=nav, encoding=encoding), name="a.epub")
    assert [text for _, text in blocks(document)] == [
        "第一章", "吾輩は猫である。", "節", "名は\xa0まだ\xa0無い。", "第二章", "どこで。", "第三章",
        "見当なし。",
    ]  # fmt: skip
    assert [place_of(document, one) for one in ("吾輩", "名は", "どこで", "見当")] == [
        "第一章", "第一章", "第二章", "第三章",
    ]  # fmt: skip
    assert [one.text for one in document.readings] == ["わがはい"]
    assert (document.title, document.meta) == ("猫の記", {"date": "2026-04-01", "author": "夏目漱石, 解説者"})


ENCRYPTION = """<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>"""


def test_a_protected_book_is_said_to_be_so_but_hidden_fonts_are_no_protection():
    drm = {"META-INF/encryption.xml": ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}
    with pytest.raises(DocumentError) as caught:
        parse(book(**drm), name="a.epub")
    assert caught.value.code == "encrypted"
    fonts = {"META-INF/encryption.xml": ENCRYPTION.format("http://www.idpf.org/2008/embedding")}
    assert "吾輩" in parse(book(**fonts), name="a.epub").text


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("version", ["epub2", "epub3"])
def test_a_book_that_pandoc_made_is_read(lang, version, tmp_path):
    _, sentence = LANGUAGES[lang]
    source = (
        f"% T\n% A\n% 2026-01-31\n\n# 一\n\n{sentence}\n\n- x\n- y\n\n# 二\n\n<ruby>字<rt>r</rt></ruby>。\n"
    )
    made = tmp_path / "a.epub"
    command = ["pandoc", "-f", "markdown", "-t", version, "-o", str(made)]
    subprocess.run(command, input=source.encode(), check=True, timeout=60)
    document = parse(made.read_bytes(), name="a.epub")
    assert sentence in [text for _, text in blocks(document)]
    assert [text for _, text in outline(document)][-2:] == ["一", "二"]
    assert place_of(document, "字。") == "二" and place_of(document, sentence) == "一"
    assert (document.title, document.meta) == ("T", {"date": "2026-01-31", "author": "A"})


@settings(max_examples=50, deadline=None)
@given(damaged(book()))
def test_damaged_books_are_read_or_refused(data):
    survives(data, "a.epub")
