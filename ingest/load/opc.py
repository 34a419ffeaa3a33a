"""Open Packaging Conventions: parts of Office files, how they refer to one another, who wrote them when."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from ingest.load.package import Package
from rag.errors import DocumentError

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DGM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS: Final = "{http://purl.org/dc/terms/}"

_STRICT: Final = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TEMPLATE_TIMES: Final = frozenset(("2013-12-23T23:15:00Z", "2013-01-27T09:15:58Z", "2013-01-27T09:14:16Z"))
_PROGRAMS: Final = frozenset(("python-docx", "python-pptx", "openpyxl", "Apache POI", "Steve Canny"))
"""What libraries write that copy a template: its time, and themselves as the author."""
_NO_TITLE: Final = re.compile(
    r"""(?ix) (?: (?:microsoft\ )?(?:word|powerpoint|excel)\b .* | (?:slide|document|presentation)\s?\d*
    | (?:幻灯片|投影片|スライド|슬라이드|文档|文件|文書|문서)\s?\d*
    | (?:演示文稿|簡報|プレゼンテーション|프레젠테이션)\s?\d*
    | untitled | 无标题 | 無標題 | 無題 | 제목\ ?없음 | .*\.(?:docx?|dotx?|pptx?|wps)
    )"""
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: the last word of the relation's type, and the name of the part."""

    kind: str
    target: str


def root(package: Package, part: str) -> Any:
    """The root element of a part, as `Package.xml`; strict OOXML takes the names of transitional."""
    strict = rb"http://schemas.openxmlformats.org/\1/2006/"
    return package.parse(_STRICT.sub(strict, package.read(part)))


def relations(package: Package, part: str) -> dict[str, Relation]:
    """What a part refers to inside the package, by id; ``part`` is empty for the package itself."""
    folder, file = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{file}.rels")
    if listed not in package:
        return {}
    return {
        one.get("Id", ""): Relation(
            one.get("Type", "").rsplit("/", 1)[-1], _target(folder, one.get("Target"))
        )
        for one in root(package, listed).iter("{*}Relationship")
        if one.get("TargetMode") != "External"
    }


def main_part(package: Package, name: str, usual: str) -> str:
    """The part that the package is about. Raises DocumentError ``broken`` where it is not there."""
    named = [one.target for one in relations(package, "").values() if one.kind == "officeDocument"]
    found = next((one for one in (*named, usual) if one in package), None)
    if found is None:
        raise DocumentError(name, "broken", f"has no part {usual}")
    return found


def one_of(package: Package, related: dict[str, Relation], kind: str) -> Any | None:
    """The root element of the part with that kind of relation, None where there is none."""
    found = next((one.target for one in related.values() if one.kind == kind and one.target in package), None)
    return None if found is None else root(package, found)


def properties(package: Package) -> tuple[str, dict[str, str]]:
    """The title that the author gave, and ``date`` and ``author`` as `rag.types.Document.meta` has them."""
    core = one_of(package, relations(package, ""), "core-properties")
    if core is None:
        return "", {}
    time = _said(core, f"{_DCTERMS}modified") or _said(core, f"{_DCTERMS}created")
    author = _said(core, f"{_DC}creator")
    return titled(_said(core, f"{_DC}title")), meta(time, author)


def titled(title: str) -> str:
    """The title, unless it is one that a program makes up (``スライド 1``, ``Microsoft Word - a.doc``)."""
    title = " ".join(title.split())
    return "" if _NO_TITLE.fullmatch(title) else title


def meta(time: str, author: str) -> dict[str, str]:
    """``date`` and ``author``, each only where it says something."""
    day = None if time in _TEMPLATE_TIMES else _DAY.match(time)
    author = "" if author in _PROGRAMS else author
    found = {"date": day[0] if day and not day[0].startswith("0000") else "", "author": author}
    return {key: value for key, value in found.items() if value}


def alternative(element: Any) -> Any | None:
    """Of ``mc:AlternateContent`` the one that is shown: both say the same."""
    choice = element.find(f"{MC}Choice")
    return element.find(f"{MC}Fallback") if choice is None else choice


def walk(top: Any, skipped: frozenset[str]) -> Generator[tuple[Any, bool], bool | None, None]:
    """Every element below ``top``, entering and leaving, without those skipped and all below them.

    Of alternative contents one is walked. Whoever walks may skip what is below the element just entered by
    sending True. Depth costs no recursion.
    """
    stack = [(top, iter(_shown(top)))]
    while stack:
        parent, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                yield parent, False
        elif isinstance(child.tag, str) and child.tag not in skipped:
            below = yield child, True
            if below:
                yield child, False
            else:
                stack.append((child, iter(_shown(child))))


def _shown(element: Any) -> Any:
    if element.tag != f"{MC}AlternateContent":
        return element
    found = alternative(element)
    return () if found is None else found


def _target(folder: str, target: str | None) -> str:
    path = unquote(target or "").replace("\\", "/")
    return posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path))


def _said(core: Any, tag: str) -> str:
    found = core.find(tag)
    return " ".join((found.text or "").split()) if found is not None else ""
