"""Citation marks in a reply: ``[1]``, ``[1, 2]``, ``[1-3]``, ``［1］``, ``【1】``, ``[来源 1]``."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK = r"[^\S\n]"
_LABEL = (
    "(?:passages?|sources?|doc(?:ument)?s?|ref(?:erence)?s?|段落|来源|來源|文档|文檔|文献|文獻|文件|資料|资料"
    "|出典|出处|出處|文書|引用|단락|출처|문서|자료)"
)
_ONE = rf"\^?(?:{_LABEL}\s*[:：#]?\s*)?\d{{1,3}}(?:†[^\]】\n]{{0,80}})?"
_MARK = rf"\\?[\[［【〔]\s*{_ONE}(?:\s*[,，、;；~～–—-]\s*{_ONE})*\s*\\?[\]］】〕]"
_GROUP = re.compile(rf"(?<!{_BLANK}){_BLANK}*+(?:{_MARK}{_BLANK}*)+(?<!{_BLANK})", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})(?:\s*[~～–—-]\s*(\d{1,3}))?")
_OF_SOURCE = re.compile(r"†[^\]】\n]*")
_CODE = re.compile(r"(?s)^```.*?(?:^```|\Z)|`[^`\n]+`", re.MULTILINE)
_MOST = 99  # numbers of a range


def groups(text: str) -> Iterator[re.Match[str]]:
    """The groups of marks that stand together, with the space before them on their line; none in code."""
    code = code_spans(text)
    for group in _GROUP.finditer(text):
        if not any(start < group.end() and group.start() < end for start, end in code):
            yield group


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the reply shows code, in a line or as a block."""
    return [found.span() for found in _CODE.finditer(text)]


def numbers(group: str) -> list[int]:
    """The passages that a group of marks names, each once.

    Example:
        >>> numbers("[1][3、２]"), numbers("【来源5-7】")
        ([1, 3, 2], [5, 6, 7])
    """
    found: dict[int, None] = {}
    for first, last in _RANGE.findall(_OF_SOURCE.sub("", group)):
        one = int(first)
        many = range(one, min(int(last), one + _MOST) + 1) if last else (one,)
        found |= dict.fromkeys(many)
    return list(found)


def unmarked(text: str) -> str:
    """The text without its citation marks."""
    pieces: list[str] = []
    done = 0
    for group in groups(text):
        pieces.append(text[done : group.start()])
        done = group.end()
    return "".join((*pieces, text[done:]))
