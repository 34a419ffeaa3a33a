"""EQ fields of Word, which older versions wrote phonetic guides and enclosed characters with."""

from __future__ import annotations

import re
from typing import Final

from ingest.load.parsed import ruby

_GUIDE: Final = re.compile(
    r"\\o\s*(?:\\a\w\s*)?\(\s*\\s\\(?:up|do)\s*\d*\s*\((.*?)\)\s*[,;](.*)\)\s*$", re.DOTALL
)
_OVER: Final = re.compile(r"\\o\s*(?:\\a\w\s*)?\((.*)\)\s*$", re.DOTALL)
_FRACTION: Final = re.compile(r"\\f\s*\(([^()]*)[,;]([^()]*)\)\s*$")
_SWITCH: Final = re.compile(r"\\\w+\s*\d*")
_LONGEST: Final = 2_000
_RINGS: Final = frozenset("○□△◇◯")


def equation(code: str) -> str:
    r"""What an EQ field shows: the base with its reading, the character without its ring, a fraction.

    Example:
        >>> equation(r'EQ \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(けん),権)') == ruby("権", "けん")
        True
    """
    if not code.lstrip().upper().startswith("EQ") or len(code) > _LONGEST:
        return ""
    if guide := _GUIDE.search(code):
        return ruby(guide[2].strip(), guide[1].strip())
    if over := _OVER.search(code):
        return "".join(part for one in re.split("[,;]", over[1]) if (part := _bare(one)) not in _RINGS)
    if fraction := _FRACTION.search(code):
        return f"{fraction[1].strip()}/{fraction[2].strip()}"
    return ""


def _bare(text: str) -> str:
    return _SWITCH.sub("", text).strip("() ")
