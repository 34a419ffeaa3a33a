"""Files as an attacker, a bug or a broken disk makes them; each with what should become of it."""

from __future__ import annotations

import gzip
import io
import json
import random
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.helpers import hostile_pdf as pdfs
from tests.helpers.archives import overlapping, patched, tarred, zipped
from tests.helpers.make_hwp import hwp, paragraph
from tests.helpers.make_hwpx import hwpx, text
from tests.helpers.make_ole import compound

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>'
)
_XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_EXTERNAL = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">'
_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "하하하">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


@dataclass(frozen=True)
class Case:
    """A file of a class of `reliability.md`.

    ``codes`` are the outcomes that are right, the empty one for a document that was read; ``says`` must then
    be found, ``hides`` must not; ``inside`` are the outcomes of what an archive holds.
    """

    id: str
    name: str
    make: Callable[[], bytes]
    codes: frozenset[str]
    says: str = ""
    hides: str = ""
    inside: tuple[tuple[str, str], ...] = ()


def case(
    id: str,
    name: str,
    make: Callable[[], bytes] | bytes,
    *codes: str,
    says: str = "",
    hides: str = "",
    **inside: str,
) -> Case:
    """A case; ``inside`` names members with ``__`` for a slash and ``_`` for a full stop."""
    members = tuple((key.replace("__", "/").replace("_", "."), code) for key, code in inside.items())
    maker = make if callable(make) else lambda: make
    return Case(id, name, maker, frozenset(codes or ("",)), says, hides, members)


def docx(document: bytes | str, **others: str | bytes) -> bytes:
    """A Word document with that body."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": document,
        **others,
    }
    return zipped(parts)


def word(words: str, head: str = "") -> str:
    """The XML of a Word document of one paragraph, behind a declaration of one's own."""
    return (
        f'<?xml version="1.0"?>{head}<w:document xmlns:w="{_W}"><w:body><w:p><w:r><w:t>{words}'
        "</w:t></w:r></w:p></w:body></w:document>"
    )


def bomb(entry: str, *others: str) -> bytes:
    """A package with an entry of 60 MB of nothing in 60 KB."""
    return zipped({**dict.fromkeys(others, "x"), entry: bytes(60_000_000)})


def nested_bomb() -> bytes:
    """An archive of archives of archives, as 42.zip is, of many megabytes each."""
    data = zipped({"0.txt": bytes(20_000_000)})
    for depth in range(4):
        data = zipped({f"{one}{depth}.zip": data for one in "ab"})
    return data


def slipping() -> bytes:
    """Names that climb out, and a link."""
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries = {"../../../tmp/evil.txt": "上の階へ登ろうとする文書。", "/etc/evil.txt": "根から始まる文書。"}
    return zipped({**entries, link: "/etc/passwd"})  # type: ignore[dict-item]


def xml_in(kind: str, head: str) -> bytes:
    """An entity in a document of that kind."""
    if kind == "docx":
        return docx(word("文&e;書", head) if "ENTITY e" in head else word("文&a9;書", head))
    data = hwpx(text("문서 &amp;"))
    entity = b"&e;" if "ENTITY e" in head else b"&a9;"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    section = "Contents/section0.xml"
    parts[section] = head.encode() + parts[section].replace(b"&amp;", entity)
    return zipped(parts)


def deep_html() -> bytes:
    """Elements in elements, a hundred thousand deep."""
    return ("<html><body>" + "<div>" * 100_000 + "底にある段落です。" + "</div>" * 100_000).encode()


def hiding_html() -> bytes:
    """What a page does not show."""
    return (
        '<html><head><meta http-equiv="refresh" content="0;url=http://evil.example/"><style>p{}</style>'
        "<script>var x='秘密の呪文';</script></head><body><p>表に出る段落です。</p>"
        '<p style="display:none">秘密の呪文</p><template>秘密の呪文</template></body></html>'
    ).encode()


def truncated(data: bytes, share: float = 0.6) -> bytes:
    """The beginning of a file."""
    return data[: int(len(data) * share)]


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes without meaning."""
    return random.Random(seed).randbytes(size)


def alias_bomb() -> bytes:
    """YAML whose names stand for lists of names."""
    lines = [
        "a0: &a0 [はは, はは]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)),
    ]
    return "\n".join(lines).encode()


BOILER = "boiler is inspected twice a year"
CASES = (
    case("C1", "empty.txt", b"", "empty"),
    case("C1", "mark.txt", b"\xef\xbb\xbf", "empty"),
    case("C1", "mark16.csv", b"\xff\xfe", "empty"),
    case("C1", "spaces.md", " \u3000\r\n\t\n".encode(), "empty"),
    case("C1", "nothing.docx", b"", "empty"),
    case("C3", "bomb.docx", lambda: bomb("word/document.xml"), "too_large"),
    case("C3", "bomb.xlsx", lambda: bomb("xl/workbook.xml"), "too_large"),
    case("C3", "bomb.pptx", lambda: bomb("ppt/presentation.xml"), "too_large"),
    case("C3", "bomb.epub", lambda: bomb("META-INF/container.xml"), "too_large"),
    case("C3", "bomb.hwpx", lambda: bomb("Contents/content.hpf"), "too_large"),
    case("C3", "bomb-type.odt", lambda: bomb("mimetype"), "too_large"),
    case("C3", "bomb.zip", lambda: bomb("a.txt"), "too_large"),
    case("C3", "bomb.gz", lambda: gzip.compress(bytes(60_000_000)), "too_large"),
    case("C3", "many.docx", lambda: docx(word("多"), **{f"x/{n}": "" for n in range(12_000)}), "too_large"),
    case("C3", "overlap.zip", lambda: overlapping(200, 1_000_000), "too_large"),
    case(
        "C3", "lying.zip", lambda: patched(zipped({"a.txt": bytes(60_000_000)}), size=5), "", a_txt="broken"
    ),
    case("C3", "lying.docx", lambda: patched(bomb("word/document.xml"), size=5), "broken"),
    case("C3", "nested.zip", nested_bomb, a3_zip__a2_zip="", a3_zip__b2_zip__a1_zip="nested"),
    case("C4", "xxe.docx", lambda: xml_in("docx", _XXE), "", "broken", hides="root:"),
    case("C4", "external.docx", lambda: docx(word("外の定義を指す文書。", _EXTERNAL)), says="指す文書"),
    case("C4", "laughs.docx", lambda: xml_in("docx", _LAUGHS), "", "broken", hides="하하하하하하하"),
    case("C4", "xxe.hwpx", lambda: xml_in("hwpx", _XXE), "", "broken", hides="root:"),
    case("C4", "laughs.hwpx", lambda: xml_in("hwpx", _LAUGHS), "", "broken", hides="하하하하하하하"),
    case("C4", "laughs.svg", (_LAUGHS + "<svg><text>&a9;</text></svg>").encode(), hides="하하하하하하하"),
    case(
        "C5", "slip.zip", slipping, "", says="上の階へ登ろうとする", tmp__evil_txt="", link_txt="not_a_file"
    ),
    case(
        "C5",
        "evil.tar",
        lambda: tarred({"../../x.txt": "綴じた束から登る文書。"}),
        "",
        says="綴じた束",
        x_txt="",
    ),
    case("C5", "cut.tar.gz", lambda: truncated(tarred({"a": noise(9000), "b": "x"}, "w:gz")), "broken"),
    case("C6", "user.pdf", lambda: pdfs.encrypted("geheim"), "encrypted"),
    case("C6", "user40.pdf", lambda: pdfs.encrypted("geheim", 40), "encrypted"),
    case("C6", "owner.pdf", lambda: pdfs.encrypted(""), says=BOILER),
    case(
        "C6",
        "locked.xlsx",
        lambda: compound({"EncryptionInfo": bytes(64), "EncryptedPackage": noise(9000)}),
        "encrypted",
    ),
    case("C6", "locked.hwp", lambda: hwp([paragraph("x")], flags=2), "encrypted"),
    case("C6", "locked.zip", lambda: patched(zipped({"a.txt": "x"}), flags=1), "", a_txt="encrypted"),
    case("C7", "noxref.pdf", pdfs.without_xref, says=BOILER),
    case("C7", "circular.pdf", pdfs.circular, "", "broken", "no_text"),
    case("C7", "outline.pdf", pdfs.circular_outline, says=BOILER),
    case("C7", "length.pdf", pdfs.lying_length, says=BOILER),
    case("C7", "deflate.pdf", pdfs.deflated_bomb, "no_text", "too_large", "timeout"),
    case("C7", "cut.pdf", lambda: truncated(pdfs.plain(), 0.3), "broken"),
    case("C8", "scan.pdf", pdfs.scanned, "no_text", "no_ocr"),
    case(
        "C9",
        "rksj.pdf",
        lambda: pdfs.with_cmap("旅費は十五日以内に精算する。", "cp932", "90ms-RKSJ-H", "Japan1"),
        says="旅費は十五日以内に精算する",
    ),
    case(
        "C9",
        "gb.pdf",
        lambda: pdfs.with_cmap("差旅费应在十五日内报销。", "utf-16-be", "UniGB-UCS2-H", "GB1"),
        says="差旅费应在十五日内报销",
    ),
    case(
        "C9",
        "b5.pdf",
        lambda: pdfs.with_cmap("差旅費應於十五日內報銷。", "cp950", "ETen-B5-H", "CNS1"),
        says="差旅費應於十五日內報銷",
    ),
    case(
        "C9",
        "ksc.pdf",
        lambda: pdfs.with_cmap("여비는 십오 일 안에 정산한다.", "cp949", "KSCms-UHC-H", "Korea1"),
        says="십오 일 안에 정산한다",
    ),
    case(
        "C9",
        "climbing.pdf",
        lambda: pdfs.with_cmap("旅費は精算する。", "cp932", "../../../../tmp/x", "Japan1"),
        "",
        "garbled",
        "no_text",
    ),
    case("C21", "really-pdf.txt", pdfs.plain, says=BOILER),
    case("C21", "really-exe.docx", b"MZ" + noise(4000), "broken"),
    case("C21", "really-elf.txt", b"\x7fELF" + noise(4000), "binary"),
    case("C21", "really-docx.zip", lambda: docx(word("拡張子を偽る文書です。")), says="拡張子を偽る文書"),
    case(
        "C21", "really-hwpx.hwp", lambda: hwpx(text("확장자가 다른 문서입니다.")), says="확장자가 다른 문서"
    ),
    case("C21", "noise.md", noise(5000), "binary"),
    case("C22", "old.hwp", b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + noise(500), "unsupported"),
    case("C22", "other.hwp", lambda: hwp([paragraph("옛 한글 문서입니다.")]), says="옛 한글 문서"),
    case("C22", "cut.hwp", lambda: hwp([paragraph("x")])[:2500], "broken"),
    case("C22", "wrong.doc", lambda: compound({"WordDocument": noise(5000)}), "unsupported", "broken"),
    case("C23", "formula.csv", "名前,値\n計算,=cmd|' /C calc'!A0\n合計,=1+1\n".encode(), says="=cmd"),
    case(
        "C23",
        "ragged.csv",
        ("甲,乙\n" + "値" * 3 + "," * 50_000 + "\n尾の行,終わり\n").encode(),
        says="尾の行",
    ),
    case("C24", "hidden.html", hiding_html, says="表に出る段落", hides="秘密の呪文"),
    case("C24", "deep.html", deep_html, says="底にある段落です"),
    case("C25", "deep.json", ("[" * 100_000 + "]" * 100_000).encode(), "empty", "broken"),
    case(
        "C25",
        "bad.jsonl",
        '{"文": "一行目"}\n{"文": 壊れた\n{"文": "三行目である"}\n'.encode(),
        says="三行目である",
    ),
    case("C25", "alias.yaml", alias_bomb, says="はは"),
    case("C25", "surrogate.json", json.dumps({"文": "日本\ud800語の文書"}).encode(), says="語の文書"),
)

NAMES = (
    "改行\nのある名前.txt",
    "タブ\tと\"引用'.txt",
    "-rf",
    "--help.txt",
    "%s%n%00.txt",
    "🈳👨‍👩‍👧.txt",
    "CON",
    "NUL.txt",
    "末尾の点.txt.",
    " 空白 .txt ",
    "$(touch pwned).txt",
    "；｜＆.txt",
    "\u202egnp.txt",
    "長" * 83 + ".txt",
    "e\u0301か\u3099.txt",
)
"""Names that break programs, all of them allowed."""
