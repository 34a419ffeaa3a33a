"""PDF files written by hand, as no program would."""

from __future__ import annotations

import io
import zlib
from importlib import import_module

Objects = dict[int, bytes]


def pdf(objects: Objects, *, xref: bool = True) -> bytes:
    """The file of these objects, the first of them the catalogue."""
    data = b"%PDF-1.7\n"
    places = {}
    for number, body in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(objects) + 1
    start = len(data)
    rows = [b"0000000000 65535 f \n"]
    rows += [b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, size)]
    table = b"xref\n0 %d\n" % size + b"".join(rows) if xref else b""
    return data + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def stream(data: bytes, said: bytes = b"", length: int | None = None) -> bytes:
    """A stream object; its length may be a lie."""
    size = len(data) if length is None else length
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (size, said, data)


def page(content: bytes, font: bytes, *others: bytes) -> Objects:
    """One page with that content in a font, further objects from 6 on."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        4: content,
        5: font,
        **dict(enumerate(others, start=6)),
    }


def with_cmap(text: str, codec: str, cmap: str, collection: str) -> bytes:
    """Text in a font that is not embedded and has no ToUnicode, only the name of a CMap."""
    ordering = collection.encode()
    shown = b"BT /F1 14 Tf 60 700 Td <%s> Tj ET" % text.encode(codec).hex().encode()
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding %s /DescendantFonts [6 0 R] >>"
        % cmap_name(cmap)
    )
    descendant = (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Unknown /DW 1000 /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (%s) /Supplement 2 >> >>" % ordering
    )
    descriptor = (
        b"<< /Type /FontDescriptor /FontName /Unknown /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    )
    return pdf(page(stream(shown), font, descendant, descriptor))


def cmap_name(name: str) -> bytes:
    """The name as PDF writes it, everything but letters, digits and hyphens as numbers."""
    return b"/" + "".join(
        char if char.isalnum() or char == "-" else f"#{ord(char):02x}" for char in name
    ).encode("ascii")


_HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_HELLO = b"BT /F1 14 Tf 60 700 Td (The boiler is inspected twice a year by the landlord.) Tj ET"


def plain() -> bytes:
    """A sound page of English text."""
    return pdf(page(stream(_HELLO), _HELVETICA))


def without_xref() -> bytes:
    """The table of objects is missing; the objects are there."""
    return pdf(page(stream(_HELLO), _HELVETICA), xref=False)


def circular() -> bytes:
    """Pages that are their own children."""
    return pdf({**page(stream(_HELLO), _HELVETICA), 2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"})


def circular_outline() -> bytes:
    """An outline that follows itself."""
    objects = page(stream(_HELLO), _HELVETICA, b"<< /First 7 0 R /Last 7 0 R >>")
    objects[7] = b"<< /Title (Loop) /Parent 6 0 R /Next 7 0 R /First 7 0 R >>"
    return pdf({**objects, 1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>"})


def lying_length() -> bytes:
    """A stream that claims to be two gigabytes long."""
    return pdf(page(stream(_HELLO, length=2_000_000_000), _HELVETICA))


def deflated_bomb() -> bytes:
    """A stream of 100 KB that inflates to 100 MB."""
    engine = zlib.compressobj(9)
    spaces = b" " * 1_000_000
    packed = b"".join(engine.compress(spaces) for _ in range(100)) + engine.flush()
    return pdf(page(stream(packed, b"/Filter /FlateDecode"), _HELVETICA))


def scanned() -> bytes:
    """A page with nothing but a grey picture."""
    canvas = import_module("reportlab.pdfgen.canvas")
    image = import_module("PIL.Image").new("L", (200, 280), 180)
    target = io.BytesIO()
    made = canvas.Canvas(target)
    made.drawInlineImage(image, 0, 0, 595, 842)
    made.save()
    return target.getvalue()


def encrypted(user: str, strength: int = 128) -> bytes:
    """A page that is locked by a password, or where that is empty only against changes."""
    locked = import_module("reportlab.lib.pdfencrypt").StandardEncryption(user, "owner", strength=strength)
    target = io.BytesIO()
    made = import_module("reportlab.pdfgen.canvas").Canvas(target, encrypt=locked)
    made.drawString(60, 700, "The boiler is inspected twice a year by the landlord.")
    made.save()
    return target.getvalue()
