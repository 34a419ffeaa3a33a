"""Text of OpenDocument: paragraphs as they are shown, and how lists and headings are numbered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.load.counting import numeral
from ingest.load.numbering import BULLET
from ingest.load.parsed import ruby

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE: Final = f"{{{_NS}office:1.0}}"
TEXT: Final = f"{{{_NS}text:1.0}}"
TABLE: Final = f"{{{_NS}table:1.0}}"
DRAW: Final = f"{{{_NS}drawing:1.0}}"
STYLE: Final = f"{{{_NS}style:1.0}}"
PRESENTATION: Final = f"{{{_NS}presentation:1.0}}"
SVG: Final = f"{{{_NS}svg-compatible:1.0}}"
META: Final = f"{{{_NS}meta:1.0}}"
MANIFEST: Final = f"{{{_NS}manifest:1.0}}"
XLINK: Final = "{http://www.w3.org/1999/xlink}"

_UNSEEN: Final = frozenset(
    {
        f"{OFFICE}annotation",
        f"{OFFICE}annotation-end",
        f"{OFFICE}binary-data",
        f"{OFFICE}event-listeners",
        f"{SVG}title",
        f"{SVG}desc",
        f"{TEXT}note-citation",
        f"{TEXT}ruby-text",
        f"{TEXT}tracked-changes",
        f"{TEXT}number",
    }
)
_BESIDE: Final = frozenset(
    {f"{TEXT}note-body", f"{TABLE}table"}
    | {f"{DRAW}{name}" for name in ("text-box", "object", "custom-shape", "rect", "ellipse", "circle")}
    | {f"{DRAW}{name}" for name in ("polygon", "path", "caption")}
)
_SPACES: Final = re.compile("[ \t\r\n]+")
_MOST_SPACES: Final = 1_000
_FORMATS: Final = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "": "none",
    "①": "decimalEnclosedCircle",
    "１": "decimalFullWidth",
    "一": "japaneseCounting",
    "壹": "chineseLegalSimplified",
    "壱": "japaneseLegal",
    "甲": "ideographTraditional",
    "子": "ideographZodiac",
    "ア": "aiueoFullWidth",
    "ｱ": "aiueo",
    "イ": "irohaFullWidth",
    "ｲ": "iroha",
    "일": "koreanDigital",
    "하": "koreanLegal",
    "ㄱ": "chosung",
    "가": "ganada",
}
"""The first character of ``style:num-format``, and the style of `counting.numeral` that it is."""


def text_of(paragraph: Any, beside: list[Any] | None = None) -> str:
    """The text of a paragraph; notes, boxes and objects in it are put into ``beside``, not into the text."""
    pieces = [paragraph.text or ""]
    stack = [iter(paragraph)]
    owners = [paragraph]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            left = owners.pop()
            pieces.append((left.tail or "") if stack else "")
            continue
        if child.tag in _BESIDE and beside is not None:
            beside.append(child)
        written = _written(child)
        if written is None:
            pieces.append(child.text or "")
            stack.append(iter(child))
            owners.append(child)
        else:
            pieces += (written, child.tail or "")
    return _collapsed("".join(pieces))


def _written(element: Any) -> str | None:
    """What stands for an element and all below it; None where it is to be opened."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _UNSEEN or tag in _BESIDE:
        return ""
    if tag == f"{TEXT}s":
        return "\x00" * number(element.get(f"{TEXT}c"), 1, most=_MOST_SPACES)
    if tag == f"{TEXT}tab":
        return "\x01"
    if tag == f"{TEXT}line-break":
        return "\x02"
    if tag == f"{TEXT}ruby":
        base, reading = element.find(f"{TEXT}ruby-base"), element.find(f"{TEXT}ruby-text")
        shown = _SPACES.sub(" ", "".join(base.itertext())) if base is not None else ""
        return ruby(shown, "".join(reading.itertext()) if reading is not None else "")
    return None


_MARKS: Final = str.maketrans({"\x00": " ", "\x01": "\t", "\x02": "\n"})


def _collapsed(text: str) -> str:
    """White space of the file is one space, that of the document (held as control characters) is kept."""
    return _SPACES.sub(" ", text).strip(" ").translate(_MARKS)


def number(value: str | None, otherwise: int, *, most: int = 1 << 30) -> int:
    """A count in an attribute, within bounds."""
    return min(int(value), most) if value and value.isdecimal() and len(value) < 10 else otherwise


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list or of the headings is numbered."""

    style: str = "none"
    before: str = ""
    after: str = ""
    shown: int = 1
    start: int = 1

    @classmethod
    def of(cls, element: Any) -> Level:
        """From a level of a list style."""
        if element.tag == f"{TEXT}list-level-style-bullet":
            return cls("bullet")
        written = element.get(f"{STYLE}num-format", "")
        return cls(
            _FORMATS.get(written[:1], "decimal"),
            element.get(f"{STYLE}num-prefix", ""),
            element.get(f"{STYLE}num-suffix", ""),
            number(element.get(f"{TEXT}display-levels"), 1, most=10),
            number(element.get(f"{TEXT}start-value"), 1),
        )


@dataclass(slots=True)
class Counter:
    """Counts the items of one list, or the headings; ``counts`` by level, from 1."""

    levels: dict[int, Level]
    counts: dict[int, int] = field(default_factory=dict)

    def label(self, depth: int, start: int | None = None) -> str:
        """What stands before the next item at that level, with a space after it."""
        level = self.levels.get(depth, Level())
        self.counts = {key: value for key, value in self.counts.items() if key <= depth}
        count = self.counts.get(depth, level.start - 1) + 1
        self.counts[depth] = count if start is None else start
        if level.style == "bullet":
            return f"{BULLET} "
        if level.style == "none":
            return f"{level.before}{level.after} ".lstrip()
        shown = range(max(depth - level.shown + 1, 1), depth + 1)
        said = (numeral(self.counts.get(one, 1), self.levels.get(one, level).style) for one in shown)
        return f"{level.before}{'.'.join(filter(None, said))}{level.after} "
