"""HWPX files: the XML that the Hangul word processor writes, filled with paragraphs of one's own."""

from __future__ import annotations

from tests.helpers.archives import zipped

HANCOM = "http://www.hancom.co.kr/hwpml/2011"
KS_2024 = "http://www.owpml.org/owpml/2024"
_PREFIXES = {"hp": "paragraph", "hs": "section", "hh": "head", "hc": "core"}

NUMBERING = """<hh:numbering id="1" start="0">
<hh:paraHead start="1" level="1" numFormat="DIGIT">제^1장</hh:paraHead>
<hh:paraHead start="1" level="2" numFormat="HANGUL_SYLLABLE">^1.^2.</hh:paraHead>
<hh:paraHead start="1" level="3" numFormat="CIRCLED_HANGUL_SYLLABLE">^3</hh:paraHead></hh:numbering>"""
HEADER = f"""<hh:numberings>{NUMBERING}</hh:numberings>
<hh:bullets><hh:bullet id="1" char="□"/></hh:bullets>
<hh:paraProperties>
<hh:paraPr id="0"><hh:heading type="NONE" idRef="0" level="0"/></hh:paraPr>
<hh:paraPr id="1"><hh:heading type="OUTLINE" idRef="0" level="0"/></hh:paraPr>
<hh:paraPr id="2"><hp:switch><hp:case><hh:heading type="OUTLINE" idRef="0" level="1"/></hp:case>
<hp:default><hh:heading type="NONE" idRef="0" level="0"/></hp:default></hp:switch></hh:paraPr>
<hh:paraPr id="3"><hh:heading type="NUMBER" idRef="1" level="2"/></hh:paraPr>
<hh:paraPr id="4"><hh:heading type="BULLET" idRef="1" level="0"/></hh:paraPr>
</hh:paraProperties>
<hh:styles><hh:style id="0" name="바탕글" engName="Normal"/><hh:style id="1" name="제목" engName="Title"/>
<hh:style id="2" name="개요 2" engName="Outline 2"/></hh:styles>"""
SECTION = (
    '<hp:p paraPrIDRef="0"><hp:run><hp:secPr outlineShapeIDRef="1"><hp:pagePr/></hp:secPr>'
    "<hp:ctrl><hp:colPr/></hp:ctrl></hp:run></hp:p>"
)


def paragraph(content: str, shape: int = 0, style: int = 0) -> str:
    """A paragraph of one run with that content."""
    return f'<hp:p paraPrIDRef="{shape}" styleIDRef="{style}"><hp:run>{content}</hp:run></hp:p>'


def text(words: str, shape: int = 0, style: int = 0) -> str:
    """A paragraph with those words, which may hold elements."""
    return paragraph(f"<hp:t>{words}</hp:t>", shape, style)


def listed(*paragraphs: str) -> str:
    """A list of paragraphs, as cells, notes and text boxes hold them."""
    return f"<hp:subList>{''.join(paragraphs)}</hp:subList>"


def table(rows: list[list[str]], addresses: dict[tuple[int, int], tuple[int, int]] | None = None) -> str:
    """A table; cells are words or paragraphs."""

    def cell(row: int, column: int, inner: str) -> str:
        row, column = (addresses or {}).get((row, column), (row, column))
        inner = inner if inner.startswith("<") else text(inner)
        return f'<hp:tc>{listed(inner)}<hp:cellAddr colAddr="{column}" rowAddr="{row}"/></hp:tc>'

    body = "".join(
        f"<hp:tr>{''.join(cell(row, column, inner) for column, inner in enumerate(cells))}</hp:tr>"
        for row, cells in enumerate(rows)
    )
    return f"<hp:tbl><hp:sz/>{body}</hp:tbl>"


def hwpx(*sections: str, header: str = HEADER, edition: str = HANCOM, manifest: str = "") -> bytes:
    """The whole file; the sections stand in the spine in their order."""
    names = " ".join(f'xmlns:{one}="{edition}/{name}"' for one, name in _PREFIXES.items())
    parts = {f"section{number}": f"Contents/section{number}.xml" for number in range(len(sections))}
    items = "".join(f'<opf:item id="{one}" href="{href}"/>' for one, href in reversed(parts.items()))
    spine = "".join(f'<opf:itemref idref="{one}"/>' for one in ("header", *parts))
    said = {
        "creator": "홍길동",
        "CreatedDate": "2025-01-02T03:04:05Z",
        "ModifiedDate": "2025-03-04T05:06:07Z",
    }
    metas = "".join(
        f'<opf:meta name="{one}" content="text">{value}</opf:meta>' for one, value in said.items()
    )
    return zipped(
        {
            "mimetype": "application/hwp+zip",
            "META-INF/manifest.xml": f"<odf:manifest xmlns:odf='urn:odf'>{manifest}</odf:manifest>",
            "Contents/content.hpf": f"<opf:package xmlns:opf='http://www.idpf.org/2007/opf/'><opf:metadata>"
            f"<opf:title>휴가 규정</opf:title>{metas}</opf:metadata><opf:manifest>"
            f'<opf:item id="header" href="Contents/header.xml"/>{items}</opf:manifest>'
            f"<opf:spine>{spine}</opf:spine></opf:package>",
            "Contents/header.xml": f"<hh:head {names}><hh:refList>{header}</hh:refList></hh:head>",
            **{
                parts[f"section{number}"]: f"<hs:sec {names}>{SECTION}{inner}</hs:sec>"
                for number, inner in enumerate(sections)
            },
        }
    )
