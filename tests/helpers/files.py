"""Small real files, written when a test asks for them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONTS = {
    "ja": "HeiseiMin-W3",
    "zh-Hans": "STSong-Light",
    "zh-Hant": "MSung-Light",
    "ko": "HYSMyeongJo-Medium",
}


def pdf(pages: Sequence[Sequence[tuple[float, str]]], lang: str = "ja", password: str | None = None) -> bytes:
    """Pages of lines, each with its type size, set below one another."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONTS[lang]))
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=StandardEncryption(password) if password else None)
    for lines in pages:
        height = 780.0
        for size, line in lines:
            canvas.setFont(FONTS[lang], size)
            canvas.drawString(70, height, line)
            height -= 1.5 * size
        canvas.rect(60, 60, 20, 20)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def pdf_saying(text: str) -> bytes:
    """A page whose font says by its ToUnicode table that it shows ``text``, whatever characters these are."""
    codes = "".join(f"{number:04x}" for number in range(1, len(text) + 1))
    table = "".join(f"<{number:04x}> <{ch.encode('utf-16-be').hex()}>\n" for number, ch in enumerate(text, 1))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(text)} beginbfchar\n{table}endbfchar\n"
        "endcmap end end"
    )
    show = f"BT /F 12 Tf 72 700 Td <{codes}> Tj ET"
    return _pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R "
            "/Resources << /Font << /F 4 0 R >> >> >>",
            "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] "
            "/ToUnicode 6 0 R >>",
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
            _stream(cmap),
            _stream(show),
        ]
    )


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _pdf_file(objects: Sequence[str]) -> bytes:
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


def word(*parts: tuple[str, str] | list[list[str]]) -> bytes:
    """A Word document: paragraphs as (style, text), tables as rows of cells."""
    document = docx.Document()
    for part in parts:
        if isinstance(part, tuple):
            document.add_paragraph(part[1], style=part[0] or None)
        else:
            table = document.add_table(rows=0, cols=len(part[0]))
            for row in part:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    return saved(document)


def word_of_xml(*paragraphs: str) -> bytes:
    """A Word document of paragraphs given as the XML inside of ``w:p``."""
    document = docx.Document()
    for inner in paragraphs:
        document.element.body.insert_element_before(
            parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"), "w:sectPr"
        )
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def png() -> bytes:
    """The head of a picture, with what a real one has in it."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + zlib.compress(bytes(range(256)) * 8)
