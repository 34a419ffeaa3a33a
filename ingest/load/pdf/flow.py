"""The lines of a page as a reader sees them: pieces of one line put together, columns one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from ingest.load.pdf.lines import BLANK, Char, Line, overlap

SUPERSCRIPT = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_COLUMN = 10.0  # type sizes; what is narrower is no column of prose
_GUTTER = 1.2
_SHARE = 0.4


def whole_lines(lines: Sequence[Line]) -> list[Line]:
    """Pieces that follow one another on one line, such as a word in other type, are made one line."""
    merged: list[Line] = []
    for line in lines:
        before = merged[-1] if merged else None
        if before is not None and _continues(before, line):
            merged[-1] = _together(before, line)
        elif before is not None and _below(before, line):
            merged[-1] = replace(_together(before, line), vertical=True)
        else:
            merged.append(line)
    return merged


def _continues(before: Line, line: Line) -> bool:
    if before.vertical != line.vertical and len(line.chars) > 2 and len(before.chars) > 2:
        return False
    vertical = before.vertical or line.vertical
    one, two = _across(before, vertical), _across(line, vertical)
    size = max(before.size, line.size)
    step = line.box[1] - before.box[3] if vertical else line.box[0] - before.box[2]
    return overlap(one, two) > 0.5 and -0.5 * size < step < 1.5 * size


def _across(line: Line, vertical: bool) -> tuple[float, float]:
    return (line.box[0], line.box[2]) if vertical else (line.box[1], line.box[3])


def _together(before: Line, line: Line) -> Line:
    larger = max(before, line, key=lambda one: (round(one.size, 1), len(one.chars)))
    tag = line.tag if len(before.text) < 4 else before.tag
    chars = (*_raised(before, larger), ("", *line.chars[0][1:]), *_raised(line, larger))
    return replace(
        larger, chars=chars, tag=tag or before.tag, vertical=before.vertical or line.vertical, bold=line.bold
    )


def _raised(line: Line, larger: Line) -> tuple[Char, ...]:
    """Small figures set high, as those of notes and squares, become the characters made for that."""
    above = line.box[0] - larger.box[0] if larger.vertical else larger.box[3] - line.box[3]
    if above < 0.1 * larger.size or line.size > 0.85 * larger.size:
        return line.chars
    return tuple((char[0].translate(SUPERSCRIPT), *char[1:]) for char in line.chars)


def _below(before: Line, line: Line) -> bool:
    """Whether short pieces stand right below one another, as vertical writing comes from some programs."""
    size = line.size
    if len(line.chars) > 4 or len(line.text) > 2 or (len(before.text) > 2 and not before.vertical):
        return False
    if abs(before.size - size) > 0.1 * size:
        return False
    left, right = min(before.box[0], line.box[0]), max(before.box[2], line.box[2])
    step = line.box[1] - before.box[3]
    return right - left < 1.4 * size and -0.4 * size < step < (0.9 if before.vertical else 0.15) * size


def in_columns(lines: Sequence[Line]) -> list[Line]:
    """Lines written across two columns of prose are cut at the gutter, and the left column comes first."""
    pieces = [piece for line in lines for piece in _cut_at_gaps(line)]
    gutter = _gutter(pieces)
    if gutter is None:
        return list(lines)
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for piece in pieces:
        if piece.box[2] <= gutter[1]:
            left.append(piece)
        elif piece.box[0] >= gutter[0]:
            right.append(piece)
        else:
            ordered += [*left, *right, piece]
            left, right = [], []
    return [*ordered, *left, *right]


def _cut_at_gaps(line: Line) -> list[Line]:
    if line.vertical or all(char[0] not in BLANK for char in line.chars):
        return [line]
    groups: list[list[Char]] = [[]]
    last: Char | None = None
    for char in line.chars:
        if char[0] not in BLANK:
            if last is not None and char[1] - last[3] > _GUTTER * line.size:
                groups.append([])
            last = char
        groups[-1].append(char)
    return [line.of(group) for group in groups]


def _gutter(pieces: Sequence[Line]) -> tuple[float, float] | None:
    """The gap that enough long lines leave between a piece and the next on the same height."""
    gaps = [
        (one, two)
        for one, two in pairwise(pieces)
        if not one.vertical
        and two.box[0] > one.box[2]
        and overlap((one.box[1], one.box[3]), (two.box[1], two.box[3])) > 0.5
    ]
    if len(gaps) < 5 or 2 * len(gaps) < _SHARE * len(pieces):
        return None
    begin, end = median(one.box[2] for one, _ in gaps), median(two.box[0] for _, two in gaps)
    size = median(one.size for one, _ in gaps)
    narrow = min(
        median(one.box[2] - one.box[0] for one, _ in gaps), median(two.box[2] - two.box[0] for _, two in gaps)
    )
    tight = sum(one.box[2] <= end and two.box[0] >= begin for one, two in gaps)
    if narrow < _COLUMN * size or tight < 0.8 * len(gaps) or end - begin < 0.8 * size:
        return None
    return begin, end
