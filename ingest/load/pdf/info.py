"""Title, author and date that a PDF gives of itself, and its outline."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pypdfium2

_PROGRAM = re.compile(
    r"(?i)microsoft (?:word|powerpoint|excel)|untitled|無題|无标题|無標題|제목 ?없음|"
    r"^(?:문서|文書|文档|文件|document)\s?\d*$|"
    r"\.(?:docx?|pptx?|xlsx?|hwpx?|od[tps]|rtf|html?|txt|indd|qxd|tex|dvi|pdf|jtd|wps|pages)\W*$|^https?:|^about:|"
    r"^[\da-f-]{16,}$|^\W*$|^(?:print|印刷|full ?page|scan)|\ufffd|[\x00-\x08\x0e-\x1f]"
)
_NOBODY = re.compile(
    r"(?i)^(?:admin(?:istrator)?|user|owner|root|unknown|unnamed|작성자|사용자|用户|ユーザー|pc|home)\d*$|\ufffd"
)
_DATE = re.compile(r"D?:?\s*(\d{4})-?(\d{2})?-?(\d{2})?")
_MOST_OUTLINE = 5000


def title(info: Mapping[str, str]) -> str:
    """The title, where it is one and not the name of a file or a program."""
    text = " ".join(info.get("Title", "").split())
    return "" if _PROGRAM.search(text) or len(text) > 300 else text


def meta(info: Mapping[str, str]) -> dict[str, str]:
    """``author`` and ``date``, where the file tells sensible ones."""
    found = {}
    author = " ".join(info.get("Author", "").split())
    if author and len(author) < 200 and not _NOBODY.search(author) and not _PROGRAM.search(author):
        found["author"] = author
    date = _date(info.get("CreationDate", "")) or _date(info.get("ModDate", ""))
    return {**found, "date": date} if date else found


def _date(text: str) -> str:
    found = _DATE.match(text.strip())
    if found is None or not "1980" <= found[1] <= "2100":
        return ""
    month, day = found[2] or "01", found[3] or "01"
    return f"{found[1]}-{month}-{day}" if "01" <= month <= "12" and "01" <= day <= "31" else ""


def outline(document: pypdfium2.PdfDocument) -> dict[tuple[int, str], int]:
    """The levels of the headings that the outline names, by page number and text without spaces."""
    found: dict[tuple[int, str], int] = {}
    for number, mark in enumerate(document.get_toc(max_depth=6)):
        if number >= _MOST_OUTLINE:
            break
        target = mark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            found.setdefault((index + 1, key(mark.get_title())), mark.level + 1)
    return found


def key(text: str) -> str:
    """A heading as it is compared."""
    return "".join(text.split())
