"""Readings set small beside their words: taken out of the text and given to the words they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.load.parsed import ruby
from ingest.load.pdf.lines import Char, Line, overlap

_READING = re.compile(
    "[\u3041-\u3096\u30a1-\u30fc\u3105-\u312f\u31a0-\u31bf\u02ca\u02c7\u02cb\u02d9\uac00-\ud7a3"
    "a-zA-Z\u00c0-\u024f\u1e00-\u1eff'’\\s]+"
)
_HAN = re.compile(
    "[\u3005-\u3007\u303b\u3400-\u4dbf\u4e00-\u9fff\u2e80-\u2fdf\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SMALL = 0.68
_NEAR = 8


def with_ruby(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that are readings; each of these is kept in the word it stands beside."""
    readings: dict[int, list[tuple[Line, str]]] = {}
    taken: set[int] = set()
    largest = max((line.size for line in lines), default=0.0)
    for number, line in enumerate(lines):
        if line.size > _SMALL * largest or not _READING.fullmatch(line.text):
            continue
        around = range(max(number - _NEAR, 0), min(number + _NEAR + 1, len(lines)))
        bases = [place for place in around if place != number and _beside(line, lines[place])]
        groups = _groups(line) if bases else []
        homes = [_home(one, lines, bases) for one in groups]
        if groups and all(_covered(one, lines[home]) for one, home in zip(groups, homes, strict=True)):
            taken.add(number)
            for one, home in zip(groups, homes, strict=True):
                readings.setdefault(home, []).append((one, one.text.replace(" ", "")))
    return [_read(line, readings.get(number, ())) for number, line in enumerate(lines) if number not in taken]


def _home(reading: Line, lines: Sequence[Line], bases: Sequence[int]) -> int:
    """The line that a reading belongs to: the nearest it stands above (in vertical writing, right of)."""

    def fit(place: int) -> tuple[bool, bool, float]:
        over, under = _gaps(reading, lines[place])
        return _covered(reading, lines[place]) > 0, over > under, -max(over, under)

    return max(bases, key=fit)


def _gaps(line: Line, base: Line) -> tuple[float, float]:
    """How far the line stands before the base and after it; the negative one is the wrong side."""
    if base.vertical:
        return line.box[0] - base.box[2], base.box[0] - line.box[2]
    return base.box[1] - line.box[3], line.box[1] - base.box[3]


def _beside(line: Line, base: Line) -> bool:
    """Whether it is small and close above the base (right of it in vertical writing), or below."""
    size = base.size
    if line.size > _SMALL * size or (line.vertical != base.vertical and len(line.chars) > 2):
        return False
    return -0.75 * size < max(_gaps(line, base)) < 0.6 * size and _along(line, base) > 0


def _stretch(line: Line, vertical: bool) -> tuple[float, float]:
    return (line.box[1], line.box[3]) if vertical else (line.box[0], line.box[2])


def _along(line: Line, base: Line) -> float:
    return overlap(_stretch(line, base.vertical), _stretch(base, base.vertical))


def _groups(line: Line) -> list[Line]:
    """Readings of single words: a gap wider than the type parts them."""
    shown = [char for char in line.chars if char[0].strip()]
    groups = [[shown[0]]]
    for one, two in pairwise(shown):
        gap = two[2] - one[4] if line.vertical else two[1] - one[3]
        if gap > 1.6 * line.size:
            groups.append([])
        groups[-1].append(two)
    return [line.of(group) for group in groups]


def _covered(reading: Line, base: Line) -> int:
    return len(_word(reading, base))


def _word(reading: Line, base: Line) -> list[int]:
    """The places of the characters a reading stands beside: Han where it does, else any."""
    begin, end = _stretch(reading, base.vertical)
    slack = 0.25 * base.size
    near = [
        place
        for place, char in enumerate(base.chars)
        if char[0].strip() and begin - slack < _middle(char, base.vertical) < end + slack
    ]
    han = [place for place in near if _HAN.match(char_of(base, place))]
    return list(range(han[0], han[-1] + 1)) if han else near


def char_of(line: Line, place: int) -> str:
    """The character at a place of the line, without ruby."""
    return line.chars[place][0].lstrip("\ufff9")


def _middle(char: Char, vertical: bool) -> float:
    return (char[2] + char[4]) / 2 if vertical else (char[1] + char[3]) / 2


def _read(line: Line, readings: Sequence[tuple[Line, str]]) -> Line:
    chars = list(line.chars)
    for reading, text in readings:
        places = _word(reading, line)
        if any("\ufff9" in chars[place][0] for place in places):
            continue
        base = "".join(chars[place][0] for place in places)
        first, last = chars[places[0]], chars[places[-1]]
        chars[places[0]] = (ruby(base, text), first[1], first[2], last[3], last[4])
        for place in places[1:]:
            chars[place] = ("", *chars[place][1:])
    return line.of(chars)
