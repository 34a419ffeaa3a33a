"""Office files of parts that a test writes itself."""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{MAIN}/{path}"'
    for prefix, path in {
        "w": "wordprocessingml/2006/main",
        "a": "drawingml/2006/main",
        "p": "presentationml/2006/main",
        "r": "officeDocument/2006/relationships",
        "m": "officeDocument/2006/math",
        "c": "drawingml/2006/chart",
        "dgm": "drawingml/2006/diagram",
        "mc": "markup-compatibility/2006",
    }.items()
)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def relations(*related: tuple[str, str]) -> str:
    """The relations of a part: (kind, target), the ids are rId1, rId2, ..."""
    types = f"{MAIN}/officeDocument/2006/relationships"
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{types}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(related, 1)
    )
    return f'<Relationships xmlns="{MAIN}/package/2006/relationships">{listed}</Relationships>'


def part(tag: str, inner: str) -> str:
    return f"<{tag} {NAMESPACES}>{inner}</{tag}>"


def docx(body: str, **parts: str) -> bytes:
    """A Word document; ``parts`` are the insides of numbering, styles, footnotes, ...: rId1, rId2, ..."""
    tags = {
        "footnotes": "w:footnotes",
        "endnotes": "w:endnotes",
        "chart": "c:chartSpace",
        "data": "dgm:dataModel",
    }
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", "word/document.xml")),
            "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
            "word/_rels/document.xml.rels": relations(*((kind, f"{kind}.xml") for kind in parts)),
            **{f"word/{kind}.xml": part(tags.get(kind, f"w:{kind}"), inner) for kind, inner in parts.items()},
        }
    )


def p(inner: str, properties: str = "") -> str:
    """A paragraph of Word; plain words become a run."""
    runs = inner if inner.startswith("<") else run(inner)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{runs}</w:p>"


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(inner: str, properties: str = "") -> str:
    content = inner if inner.startswith("<") else p(inner)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"
