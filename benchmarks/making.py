"""Files of known text in many formats, by the programs that are installed."""

from __future__ import annotations

import csv
import html
import importlib.util
import io
import json
import mailbox
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

ENCODINGS = {
    "zh": ("gb18030", "hz"),
    "tw": ("cp950", "big5hkscs"),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "ko": ("cp949", "johab", "iso2022_kr"),
}
MAIL = {"zh": "gb18030", "tw": "big5", "ja": "iso-2022-jp", "ko": "euc-kr"}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32")
HEADINGS = {
    "zh": ("总则", "管理办法", "附录说明"),
    "tw": ("總則", "管理辦法", "附錄說明"),
    "ja": ("総則", "運用の手引き", "付録と補足"),
    "ko": ("총칙", "운영 지침", "부록과 설명"),
}
TITLES = {"zh": "员工手册", "tw": "員工手冊", "ja": "就業規則集", "ko": "취업 규칙집"}
WRITER = ("docx:MS Word 2007 XML", "odt:writer8", "rtf:Rich Text Format", "doc:MS Word 97", "fodt")
PRINTED = {
    "plain": "",
    "columns": "main{columns:2}",
    "vertical": "html{writing-mode:vertical-rl}",
    "justified": "p{text-align:justify;font-size:11pt}",
}
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-pdf-header-footer",
)


@dataclass(frozen=True)
class Material:
    """Paragraphs in one language: 18 in three sections, the beginnings of the rest as a list."""

    lang: str
    paragraphs: tuple[str, ...]

    @property
    def sections(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(head, self.paragraphs[6 * at : 6 * at + 6]) for at, head in enumerate(HEADINGS[self.lang])]

    @property
    def body(self) -> list[str]:
        return list(self.paragraphs[:18])

    @property
    def items(self) -> list[str]:
        return [one[:25].rstrip("。，、 ") for one in self.paragraphs[18:]]

    @property
    def rows(self) -> list[list[str]]:
        return [
            ["No", "A", "B"],
            *([str(at), one[5:13].strip(), one[20:30].strip()] for at, one in enumerate(self.body[:5])),
        ]

    @property
    def everything(self) -> list[str]:
        cells = [cell for row in self.rows for cell in row if len(cell) > 2]
        return [*self.body, *self.items, *cells, *(head for head, _ in self.sections)]


def make(material: Material, place: Path) -> dict[str, list[str]]:
    """Write all files below ``place/LANG``; returns their names with the paragraphs each holds."""
    folder = place / material.lang
    work = place / f"work-{material.lang}"
    folder.mkdir()
    work.mkdir()
    made = {name: paragraphs for kind in KINDS for name, paragraphs in kind(material, folder, work)}
    missing = [name for name in made if not (folder / name).exists()]
    if missing:
        print(f"{material.lang}: not made: {', '.join(missing)}", file=sys.stderr)
    return {f"{material.lang}/{name}": one for name, one in made.items() if name not in missing}


Made = Iterator[tuple[str, list[str]]]


def texts(material: Material, folder: Path, work: Path) -> Made:
    text = "\n\n".join(
        [TITLES[material.lang], *("\n\n".join((head, *ones)) for head, ones in material.sections)]
    )
    for encoding in (*UNICODE, *ENCODINGS[material.lang]):
        data = text.encode(encoding, "ignore")
        (folder / f"text.{encoding}.txt").write_bytes(data)
        yield f"text.{encoding}.txt", [one for one in material.body if one in data.decode(encoding)]


def marked(material: Material, folder: Path, work: Path) -> Made:
    (folder / "a.md").write_text(_markdown(material), "utf-8")
    (folder / "a.html").write_text(_page(material, "utf-8"), "utf-8")
    encoding = ENCODINGS[material.lang][0]
    (folder / f"a.{encoding}.html").write_bytes(
        _page(material, encoding).encode(encoding, "xmlcharrefreplace")
    )
    for name in ("a.md", "a.html", f"a.{encoding}.html"):
        yield name, material.everything


def tables(material: Material, folder: Path, work: Path) -> Made:
    def written(**options: str) -> str:
        target = io.StringIO()
        rows = [[str(at), one[:10].strip(), one] for at, one in enumerate(material.body, 1)]
        csv.writer(target, **options).writerows([["No", "A", "B"], *rows])
        return target.getvalue()

    encoding = ENCODINGS[material.lang][0]
    (folder / "t.csv").write_bytes(written().encode("utf-8-sig"))
    (folder / f"t.{encoding}.csv").write_bytes(written().encode(encoding, "ignore"))
    (folder / "t.tsv").write_bytes(written(delimiter="\t").encode("utf-16"))
    yield "t.csv", material.body
    yield "t.tsv", material.body
    yield (
        f"t.{encoding}.csv",
        [one for one in material.body if one.encode(encoding, "ignore").decode(encoding) == one],
    )
    for suffix in ("xlsx", "xls", "ods"):
        _office(folder / "t.csv", suffix, folder, "CSV:44,34,76,1")
        yield f"t.{suffix}", material.body


def data(material: Material, folder: Path, work: Path) -> Made:
    tree = [{"heading": head, "paragraphs": ones} for head, ones in material.sections]
    (folder / "d.json").write_text(json.dumps(tree, ensure_ascii=False, indent=1), "utf-8")
    lines = [json.dumps({"id": at, "text": one}) for at, one in enumerate(material.body)]
    (folder / "d.jsonl").write_text("\n".join(lines), "utf-8")
    cues = [f"{at}\n00:{at:02}:00,000 --> 00:{at:02}:50,000\n{one}" for at, one in enumerate(material.body)]
    (folder / "s.srt").write_text("\n\n".join(cues), "utf-8")
    code = "\n".join(f"def f{at}():\n    # {one}\n    return {at}\n" for at, one in enumerate(material.body))
    (folder / "c.py").write_text(code, "utf-8")
    for name in ("d.json", "d.jsonl", "s.srt", "c.py"):
        yield name, material.body


def mail(material: Material, folder: Path, work: Path) -> Made:
    charset = MAIL[material.lang]
    sayable = [one for one in material.body if one.encode(charset, "ignore").decode(charset) == one]
    plain = _message(material, "\n\n".join(sayable), charset=charset)
    (folder / "m.eml").write_bytes(plain.as_bytes(policy=SMTP))
    yield "m.eml", sayable
    page = _message(material, _page(material, "utf-8"), subtype="html")
    (folder / "m-html.eml").write_bytes(page.as_bytes(policy=SMTP))
    yield "m-html.eml", material.body
    box = mailbox.mbox(str(folder / "m.mbox"))
    for one in material.body[:6]:
        box.add(_message(material, one, charset="utf-8"))
    box.close()
    yield "m.mbox", material.body[:6]


def writer(material: Material, folder: Path, work: Path) -> Made:
    source = work / "w.html"
    source.write_text(_page(material, "utf-8", around=False), "utf-8")
    for kind in WRITER:
        _office(source, kind, folder, "HTML (StarWriter)")
        yield f"w.{kind.split(':')[0]}", material.everything
    _office(folder / "w.odt", "pdf", folder)
    yield "w.pdf", material.everything


def printed(material: Material, folder: Path, work: Path) -> Made:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    for name, style in PRINTED.items():
        source, target = work / f"{name}.html", folder / f"p-{name}.pdf"
        source.write_text(_page(material, "utf-8", around=False, style=style), "utf-8")
        if program:
            _run(program, *CHROMIUM, f"--print-to-pdf={target}", str(source))
        yield target.name, material.everything


def converted(material: Material, folder: Path, work: Path) -> Made:
    (work / "p.md").write_text(_markdown(material), "utf-8")
    for suffix in ("docx", "odt", "rtf", "epub", "rst", "pptx"):
        if shutil.which("pandoc"):
            title = f"title={TITLES[material.lang]}"
            _run("pandoc", "-s", "-o", str(folder / f"x.{suffix}"), str(work / "p.md"), "--metadata", title)
        yield f"x.{suffix}", material.everything
    for suffix in ("odp", "ppt", "pdf"):
        _office(folder / "x.pptx", suffix, work)
        if (work / f"x.{suffix}").exists() and suffix != "pdf":
            shutil.copy(work / f"x.{suffix}", folder)
            yield f"x.{suffix}", material.everything


def hangul(material: Material, folder: Path, work: Path) -> Made:
    if importlib.util.find_spec("hwpx") is None:
        return
    from hwpx import HwpxDocument  # noqa: PLC0415 - of the extra test

    document = HwpxDocument.new()
    for head, ones in material.sections:
        for text in (head, *ones):
            document.add_paragraph(text)
    document.save_to_path(str(folder / "h.hwpx"))
    yield "h.hwpx", material.body


KINDS = (texts, marked, tables, data, mail, writer, printed, converted, hangul)


def _markdown(material: Material) -> str:
    sections = (f"## {head}\n\n" + "\n\n".join(ones) for head, ones in material.sections)
    items = "\n".join(f"- {one}" for one in material.items)
    head, *rows = ("| " + " | ".join(row) + " |" for row in material.rows)
    table = "\n".join((head, "|---|---|---|", *rows))
    return "\n\n".join((f"# {TITLES[material.lang]}", *sections, items, table)) + "\n"


def _page(material: Material, charset: str, *, around: bool = True, style: str = "") -> str:
    def many(tag: str, ones: object) -> str:
        return "".join(f"<{tag}>{html.escape(str(one))}</{tag}>" for one in ones)  # type: ignore[attr-defined]

    title = TITLES[material.lang]
    body = many("h1", [title]) + "".join(
        many("h2", [head]) + many("p", ones) for head, ones in material.sections
    )
    body += f"<ul>{many('li', material.items)}</ul><table border=1>"
    body += "".join(f"<tr>{many('td', row)}</tr>" for row in material.rows) + "</table>"
    before = '<nav><a href="/">home</a> <a href="/x">menu</a></nav>' if around else ""
    after = "<footer>copyright</footer>" if around else ""
    return (
        f'<!DOCTYPE html><html lang="{material.lang}"><head><meta charset="{charset}"><title>{title}</title>'
        f"<style>{style}</style></head><body>{before}<main>{body}</main>{after}</body></html>"
    )


def _message(material: Material, content: str, **options: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"{TITLES[material.lang]} {HEADINGS[material.lang][1]}"
    message["From"] = f"{TITLES[material.lang]} <a@example.com>"
    message["Date"] = "Mon, 03 Nov 2025 10:00:00 +0900"
    message.set_content(content, **options)
    return message


def _office(source: Path, kind: str, target: Path, reader: str = "") -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program and source.exists():
        profile = f"-env:UserInstallation={(target.parent / 'profile').as_uri()}"
        infilter = (f"--infilter={reader}",) if reader else ()
        _run(
            program,
            "--headless",
            profile,
            *infilter,
            "--convert-to",
            kind,
            "--outdir",
            str(target),
            str(source),
        )


def _run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=240, check=False)
