"""A line of a page: its characters with their places, and the text they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Final, TypeAlias

from ingest.load.pdf.tags import Tag

Box: TypeAlias = tuple[float, float, float, float]
Char: TypeAlias = tuple[str, float, float, float, float]
"""A character (or a base with its ruby) and its box: left, top, right, bottom. A space that is none but
the guess of pdfium is the empty string."""

HYPHEN: Final = "\x02"
"""A hyphen that divides a word at the end of a line."""
BLANK: Final = frozenset(("", " ", "\u00a0", "\u3000", "\t"))
WIDE = re.compile(
    "[\u2018-\u201f\u2026\u2e80-\u303f\u3041-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe4f\uff01-\uff9f\ufff9-\ufffb\U00020000-\U0003ffff]"
)
MARKS = re.compile(
    "[\u00b7\u2014\u2018-\u201d\u2022\u2025-\u2027\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30fb\uff01\uff08\uff09"
    "\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65]"
)
"""Wide punctuation."""
HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_NARROWEST: Final = 0.15
WIDEST: Final = 0.25
"""What some programs leave between Hangul and Latin letters without a space is narrower."""
_READING = re.compile("\ufffa[^\ufffb]*|[\ufff9\ufffb]")


@dataclass(frozen=True, eq=False)
class Line:
    """Characters of one line, measured from the top left of the page, with what the page says of them."""

    chars: tuple[Char, ...]
    size: float
    vertical: bool = False
    bold: bool = False
    tag: Tag | None = None
    spaced: bool = False
    """Whether the program writes spaces as characters, so that gaps between scripts are none."""
    between: float = WIDEST
    """The gap, in type sizes, above which Hangul and what is not Hangul are parted by a space."""

    @cached_property
    def box(self) -> Box:
        """Around its characters."""
        shown = [char for char in self.chars if char[0] not in BLANK] or self.chars
        _, lefts, tops, rights, bottoms = zip(*shown, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @cached_property
    def begin(self) -> float:
        """Where it starts in the writing direction."""
        return self.box[1] if self.vertical else self.box[0]

    @cached_property
    def reach(self) -> float:
        """Where it ends in the writing direction."""
        return self.box[3] if self.vertical else self.box[2]

    @cached_property
    def before(self) -> float:
        """Where it begins across the writing direction."""
        return -self.box[2] if self.vertical else self.box[1]

    @cached_property
    def across(self) -> float:
        """Where it ends across the writing direction."""
        return -self.box[0] if self.vertical else self.box[3]

    @cached_property
    def text(self) -> str:
        """What it says, with the spaces that its characters or the gaps between them make."""
        return _spelt(self)

    @cached_property
    def usual(self) -> float:
        """How far its wide characters stand apart, in type sizes: the median."""
        chars = [char for char in self.chars if char[0]]
        gaps = [
            _gap(self, one, two)
            for one, two in pairwise(chars)
            if WIDE.match(one[0][-1]) and WIDE.match(two[0][0]) and not MARKS.match(one[0][-1])
        ]
        return max(median(gaps), 0.0) if gaps else 0.5

    @cached_property
    def korean(self) -> bool:
        """Whether it holds Hangul, which is written with spaces."""
        return HANGUL.search("".join([char[0] for char in self.chars])) is not None

    @cached_property
    def words(self) -> str:
        """What it says without readings."""
        return _READING.sub("", self.text)

    def of(self, chars: Sequence[Char]) -> Line:
        """The same line with other characters."""
        return replace(self, chars=tuple(chars))


def _spelt(line: Line) -> str:
    if not line.vertical and all(char[0] for char in line.chars):
        return "".join([char[0] for char in line.chars]).strip()
    parts: list[str] = []
    last: Char | None = None
    guessed = False
    for char in line.chars:
        if not char[0]:
            guessed = True
            continue
        if last is not None and (guessed or line.vertical) and _parted(line, last, char):
            parts.append(" ")
        parts.append(char[0])
        last, guessed = char, False
    return "".join(parts).strip()


def _parted(line: Line, one: Char, two: Char) -> bool:
    """Whether the gap between two characters stands for a space."""
    if one[0].isspace() or two[0].isspace():
        return False
    gap = _gap(line, one, two)
    pair = one[0][-1], two[0][0]
    if not line.korean and any(map(MARKS.match, pair)) and any(map(WIDE.match, pair)):
        return gap > 1.5  # these bring white space of their own, in vertical writing nearly all of it
    if line.korean:
        return gap > (_NARROWEST if all(map(HANGUL.match, pair)) else line.between)
    wide = sum(bool(WIDE.match(ch)) for ch in pair)
    if wide == 2 and line.vertical:
        return gap > 1.5  # a flat character such as 一 leaves most of its square empty
    if wide == 2 and not line.spaced:
        return gap > line.usual + 0.17  # in justified lines all characters stand apart
    if wide:
        return gap > (0.9 if line.spaced else 0.2)
    return gap > 0.15


def _gap(line: Line, one: Char, two: Char) -> float:
    """The distance of two characters in type sizes."""
    return (two[2] - one[4] if line.vertical else two[1] - one[3]) / (line.size or 1.0)


def between_scripts(lines: Sequence[Line]) -> float:
    """The width of the spaces that a page shows as gaps between Hangul, a little less; else `WIDEST`.

    LibreOffice leaves a fifth of the size between Hangul and Latin letters; a space is hardly wider.
    """
    gaps = sorted(
        gap
        for line in lines
        if line.korean
        for one, guess, two in zip(line.chars, line.chars[1:], line.chars[2:], strict=False)
        if not guess[0] and HANGUL.match(one[0]) and HANGUL.match(two[0])
        if (gap := _gap(line, one, two)) > _NARROWEST
    )
    return min(gaps[len(gaps) // 10] - 0.008, WIDEST) if len(gaps) > 2 else WIDEST


def overlap(one: tuple[float, float], two: tuple[float, float]) -> float:
    """How much of the shorter stretch the two share, 0 to 1."""
    shared = min(one[1], two[1]) - max(one[0], two[0])
    shorter = min(one[1] - one[0], two[1] - two[0])
    return max(shared, 0.0) / shorter if shorter > 0 else float(shared >= 0)
