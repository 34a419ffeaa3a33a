"""One page of a PDF as pdfium gives it: its lines in the order they were written, its rulings."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.load.pdf.lines import BLANK, HYPHEN, WIDEST, Box, Char, Line, between_scripts
from ingest.load.pdf.tags import Tag, tags

MOST_RULINGS = 4000
_DRAWING = 200  # so many paths may be letters drawn as curves
_SAMPLE = 12
_BOLD = re.compile(r"bold|black|heavy|demi|[-_,](?:w[6-9]|[eu]?b)\b", re.IGNORECASE)
Turn: TypeAlias = Callable[[float, float, float, float], Box]


@dataclass(frozen=True)
class Page:
    """The lines of a page in the order they were written, its size, the boxes of what is drawn on it."""

    number: int
    width: float
    height: float
    lines: list[Line]
    rulings: list[Box]
    pictures: bool = False


def read_page(document: pypdfium2.PdfDocument, index: int, *, spaced: bool = True) -> Page:
    """The page with that index; ``spaced`` as in `Line`. Raises pypdfium2.PdfiumError."""
    with closing(document[index]) as page, closing(page.get_textpage()) as text:
        width, height = page.get_size()
        turn = _turn(page)
        rulings, pictures = _drawn(page, turn)
        lines = list(_lines(text, turn, tags(page), spaced))
        between = between_scripts(lines)
        if between < WIDEST:
            lines = [replace(line, between=between) for line in lines]
        return Page(index + 1, width, height, lines, rulings, pictures)


def _turn(page: pypdfium2.PdfPage) -> Turn:
    """What makes a box of the page (left, bottom, right, top) one of the page as it is shown, y downwards."""
    x0, y0, x1, y1 = page.get_cropbox()
    turns: dict[int, Turn] = {
        0: lambda left, bottom, right, top: (left - x0, y1 - top, right - x0, y1 - bottom),
        90: lambda left, bottom, right, top: (bottom - y0, left - x0, top - y0, right - x0),
        180: lambda left, bottom, right, top: (x1 - right, bottom - y0, x1 - left, top - y0),
        270: lambda left, bottom, right, top: (y1 - top, x1 - right, y1 - bottom, x1 - left),
    }
    return turns[page.get_rotation() % 360]


def _drawn(page: pypdfium2.PdfPage, turn: Turn) -> tuple[list[Box], bool]:
    """The boxes of drawn paths, where they are few enough for tables, and whether there are pictures."""
    boxes: list[Box] = []
    pictures = False
    bounds = [ctypes.c_float() for _ in range(4)]
    get, kind_of = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    for number in range(pdfium.FPDFPage_CountObjects(page.raw)):
        drawn = get(page.raw, number)
        kind = kind_of(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH and pdfium.FPDFPageObj_GetBounds(drawn, *bounds):
            boxes.append(turn(*(one.value for one in bounds)))
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            pictures = True
    return (boxes if len(boxes) <= MOST_RULINGS else []), pictures or len(boxes) > _DRAWING


def _lines(text: pypdfium2.PdfTextPage, turn: Turn, tagged: dict[int, Tag], spaced: bool) -> Iterator[Line]:
    """Every line that pdfium sees, cut where the type changes or the text jumps."""
    points, chars = _characters(text, turn)
    make = partial(_line, text, tagged, spaced)
    start = 0
    for end in [*(number for number, point in enumerate(points) if point in (10, 13)), len(points)]:
        visible = [number for number in range(start, end) if chars[number][0] not in BLANK]
        if visible:
            yield from _pieces(text, chars, visible, end, make)
        start = end + 1


def _characters(text: pypdfium2.PdfTextPage, turn: Turn) -> tuple[list[int], list[Char]]:
    """The code points of a page and its characters; the spaces that pdfium guesses are empty."""
    code, generated = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_IsGenerated
    bounds, rect, raw = pdfium.FPDFText_GetLooseCharBox, pdfium.FS_RECTF(), text.raw
    points: list[int] = []
    chars: list[Char] = []
    for index in range(text.count_chars()):
        point = code(raw, index)
        if point > 32:
            shown = chr(point) if point != 0xFFFE else HYPHEN
        elif point == 32 and generated(raw, index) != 1:
            shown = " "
        else:
            shown = HYPHEN if point == 2 else ""
        bounds(raw, index, rect)
        points.append(point)
        chars.append((shown, *turn(rect.left, rect.bottom, rect.right, rect.top)))
    return points, chars


def _vertical(chars: Sequence[Char], visible: Sequence[int]) -> bool:
    """Whether characters stand below one another: most steps lead down rather than on."""
    if len(visible) < 3:
        return False
    down = on = 0
    for one, two in pairwise(visible[:_SAMPLE]):
        across = abs(chars[two][1] - chars[one][1]) + abs(chars[two][3] - chars[one][3])
        along = abs(chars[two][2] - chars[one][2]) + abs(chars[two][4] - chars[one][4])
        down += along > across
        on += along < across
    return down > on


def _pieces(
    text: pypdfium2.PdfTextPage,
    chars: Sequence[Char],
    visible: Sequence[int],
    end: int,
    make: Callable[..., Line],
) -> Iterator[Line]:
    """Cut where the type size changes, or the next character stands elsewhere."""
    vertical = _vertical(chars, visible)
    first, size = visible[0], _size(text, visible[0])
    least, most = _likely(chars[first], vertical)
    for one, two in pairwise(visible):
        last, char = chars[one], chars[two]
        if vertical:
            (_, low, begin, high, _), (_, near, here, far, _) = last, char
        else:
            (_, begin, low, _, high), (_, here, near, _, far) = last, char
        if begin <= here and near < high and low < far and least < far - near < most:
            continue  # nearly all of them: side by side, of one height
        if _jumps(last, char, vertical) or (
            _unlike(chars[first], char, vertical) and abs(_size(text, two) - size) > 0.1 * size
        ):
            yield make(chars[first:two], first, size, vertical)
            first, size = two, _size(text, two)
            least, most = _likely(chars[first], vertical)
    yield make(chars[first:end], first, size, vertical)


def _likely(char: Char, vertical: bool) -> tuple[float, float]:
    """Between which heights (widths in vertical writing) characters need no closer look."""
    height = char[3] - char[1] if vertical else char[4] - char[2]
    return height / 1.2, 1.2 * height


def _unlike(one: Char, two: Char, vertical: bool) -> bool:
    """Whether the boxes of two characters differ so much that their sizes may."""
    first, second = (one[3] - one[1], two[3] - two[1]) if vertical else (one[4] - one[2], two[4] - two[2])
    return max(first, second) > 1.2 * min(first, second)


def _jumps(one: Char, two: Char, vertical: bool) -> bool:
    """Whether the second character does not follow the first on its line."""
    if vertical:
        return two[2] < one[2] - (two[4] - two[2]) or two[1] > one[3] or two[3] < one[1]
    high = max(one[4] - one[2], two[4] - two[2], two[3] - two[1])
    return two[2] > one[4] + 0.5 * high or two[4] < one[2] - 0.5 * high or two[1] < one[1] - high


def _line(
    text: pypdfium2.PdfTextPage,
    tagged: dict[int, Tag],
    spaced: bool,
    chars: Sequence[Char],
    first: int,
    size: float,
    vertical: bool,
) -> Line:
    tag = tagged.get(_content(text, first)) if tagged else None
    return Line(tuple(chars), size, vertical, _bold(text, first), tag, spaced)


def _content(text: pypdfium2.PdfTextPage, index: int) -> int:
    shown = pdfium.FPDFText_GetTextObject(text.raw, index)
    return int(pdfium.FPDFPageObj_GetMarkedContentID(shown)) if shown else -1


def _size(text: pypdfium2.PdfTextPage, index: int) -> float:
    """Type size on the page: the font's size by the scale of its matrix."""
    matrix = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(text.raw, index))
    if not pdfium.FPDFText_GetMatrix(text.raw, index, matrix):
        return size
    return size * math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))


def _bold(text: pypdfium2.PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(text.raw, index, name, 128, flags)
    return bool(length and _BOLD.search(name.value.decode("utf-8", "replace")))
