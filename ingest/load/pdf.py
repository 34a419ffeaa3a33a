"""PDF: the text of each page, lines joined to paragraphs, larger type as headings."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.load.parsed import Builder, Parsed
from rag.errors import DocumentError
from rag.text.radicals import RADICALS

_COMPATIBLE = re.compile(
    "[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f\ufb00-\ufb06\ufe10-\ufe19\ufe30-\ufe44]"
)
_HYPHEN: Final = "\x02"
_WIDE = re.compile(
    "[\u2e80-\u303f\u3041-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f"
    "\U00020000-\U0003ffff]"
)
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:第|page|p\.?)?\s*\d{1,4}\s*(?:(?:/|of|／)\s*\d{1,4})?\s*(?:頁|页|ページ|쪽)?[\W_]*",
    re.IGNORECASE,
)

_ENDS = tuple("。．.！？!?：:」』）)")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a page and the box around it, measured from the top left of the page."""

    text: str
    size: float
    left: float
    top: float
    right: float
    bottom: float
    vertical: bool = False

    @property
    def begin(self) -> float:
        """Where it starts in the writing direction."""
        return self.top if self.vertical else self.left

    @property
    def reach(self) -> float:
        """Where it ends in the writing direction."""
        return self.bottom if self.vertical else self.right

    @property
    def across(self) -> float:
        """How far the lines before it have come."""
        return -self.right if self.vertical else self.bottom


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a PDF, a block per paragraph, each with its page.

    Raises:
        DocumentError: ``encrypted``, ``broken``, ``no_text`` (scanned pages) or ``garbled`` (fonts that do
            not say which characters they show).
    """
    del encoding
    pages = list(_pages(data, name))
    body = _body_size(pages)
    levels = _levels(pages, body)
    builder = Builder()
    for number, lines in enumerate(_without_running_lines(pages), 1):
        for paragraph in _paragraphs(lines, body):
            size = round(paragraph[0].size, 1)
            text = _joined(paragraph)
            heading = size in levels and len(text) <= 80 and not text.endswith("。")
            level = levels[size] if heading else 0
            builder.add("heading" if heading else "paragraph", text, page=number, level=level)
    _check(builder.text, name, len(pages))
    return Parsed(builder.text, builder.blocks, "application/pdf")


def readable(text: str) -> str:
    """Radicals and compatibility forms as the characters they stand for, all else as it is.

    Example:
        >>> readable("⽂字⼊⼒（①㈱）")
        '文字入力（①㈱）'
    """
    return _COMPATIBLE.sub(lambda found: _standard(found[0]), text)


def _standard(ch: str) -> str:
    """What NFKC makes of it, except that upright punctuation becomes full-width, as the text around it."""
    plain = RADICALS.get(ch) or unicodedata.normalize("NFKC", ch)
    if ch < "\ufe10" or ch > "\ufe4f":
        return plain
    return {"...": "…", "..": "‥"}.get(plain) or "".join(
        chr(ord(one) + 0xFEE0) if one.isascii() else one for one in plain
    )


def _pages(data: bytes, name: str) -> Iterator[list[_Line]]:
    try:
        with pypdfium2.PdfDocument(data) as document:
            for index in range(len(document)):
                with closing(document[index]) as page, closing(page.get_textpage()) as text:
                    yield _lines(text, page.get_height())
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise DocumentError(
                name, "encrypted", "is protected by a password; save a copy without"
            ) from error
        raise DocumentError(name, "broken", f"is a damaged PDF: {error}") from error


def _lines(page: pypdfium2.PdfTextPage, height: float) -> list[_Line]:
    points = [pdfium.FPDFText_GetUnicode(page.raw, index) for index in range(page.count_chars())]
    lines, start = [], 0
    for index in range(len(points) + 1):
        if index == len(points) or points[index] in (10, 13):
            line = _line(page, points, start, index, height)
            if line:
                lines.append(line)
            start = index + 1
    return _columns(lines)


def _line(
    page: pypdfium2.PdfTextPage, points: Sequence[int], start: int, end: int, height: float
) -> _Line | None:
    visible = [index for index in range(start, end) if points[index] > 32]
    if not visible:
        return None
    text = "".join(map(_character, points[start:end])).strip()
    left, bottom, right, top = page.get_charbox(visible[0], loose=True)
    last_left, last_bottom, last_right, last_top = page.get_charbox(visible[-1], loose=True)
    size = _size(page, visible[0])
    box = (
        min(left, last_left),
        height - max(top, last_top),
        max(right, last_right),
        height - min(bottom, last_bottom),
    )
    vertical = len(visible) > 2 and box[3] - box[1] > 2 * (box[2] - box[0])
    return _Line(text, size, *box, vertical=vertical)


def _size(page: pypdfium2.PdfTextPage, index: int) -> float:
    """Type size on the page: the font's size by the scale of its matrix."""
    matrix = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(page.raw, index))
    if not pdfium.FPDFText_GetMatrix(page.raw, index, matrix):
        return size
    return size * math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))


def _columns(lines: Sequence[_Line]) -> list[_Line]:
    """Short lines right below one another, as vertical writing comes, are made one line."""
    merged: list[_Line] = []
    for line in lines:
        before = merged[-1] if merged else None
        if before and _continues_column(before, line):
            box = (min(before.left, line.left), before.top, max(before.right, line.right), line.bottom)
            merged[-1] = _Line(before.text + line.text, line.size, *box, vertical=True)
        else:
            merged.append(line)
    return merged


def _continues_column(before: _Line, line: _Line) -> bool:
    size = line.size
    if (
        abs(before.size - size) > 0.1 * size
        or max(before.right, line.right) - min(before.left, line.left) > 1.4 * size
    ):
        return False
    beside = min(before.right, line.right) - max(before.left, line.left) < 0.1 * size
    step = line.top - before.bottom
    return not beside and -0.4 * size < step < (0.9 if before.vertical or line.vertical else 0.15) * size


def _character(point: int) -> str:
    if point in (0xFFFE, 2):
        return _HYPHEN
    return chr(point) if point else ""


def _body_size(pages: Sequence[Sequence[_Line]]) -> float:
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _levels(pages: Sequence[Sequence[_Line]], body: float) -> dict[float, int]:
    """Heading levels by type size: clearly larger than the body's, on lines that are few and short."""
    larger: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            if line.size > 1.15 * body:
                larger[round(line.size, 1)] += 1
    ranked = sorted(larger, reverse=True)
    return {size: min(rank, 6) for rank, size in enumerate(ranked, 1)}


def _without_running_lines(pages: Sequence[list[_Line]]) -> Iterator[list[_Line]]:
    """Pages without the page numbers and the lines that stand first or last on nearly all of them."""
    ends = Counter(line.text for lines in pages if len(lines) > 3 for line in {lines[0], lines[-1]})
    running = {text for text, count in ends.items() if len(pages) >= 4 and count >= 0.75 * len(pages)}
    for lines in pages:
        kept = list(lines)
        for position in (0, -1):
            while len(kept) > 2 and (
                kept[position].text in running or _PAGE_NUMBER.fullmatch(kept[position].text)
            ):
                kept.pop(position)
        yield kept


def _paragraphs(lines: Sequence[_Line], body: float) -> list[list[_Line]]:
    pairs = [(one, two) for one, two in pairwise(lines) if abs(one.size - two.size) < 0.1 * one.size]
    gaps = [two.across - one.across for one, two in pairs if 0 < two.across - one.across < 4 * body]
    usual = median(gaps) if gaps else 0.0
    paragraphs: list[list[_Line]] = []
    stack: list[_Line] = []
    for line in lines:
        if stack and _apart(stack[-1], line, usual):
            paragraphs.extend(_split(stack, lines))
            stack = []
        stack.append(line)
    if stack:
        paragraphs.extend(_split(stack, lines))
    return _across_columns(paragraphs)


def _across_columns(paragraphs: Sequence[list[_Line]]) -> list[list[_Line]]:
    """Join what the end of a column had cut: a full last line without an end, then the top of the next."""
    joined: list[list[_Line]] = []
    for paragraph in paragraphs:
        before, line = (joined[-1] if joined else []), paragraph[0]
        last = before[-1] if before else line
        full = last.reach > max((one.reach for one in before), default=0.0) - 1.5 * last.size
        moved = line.across < last.across and last.vertical == line.vertical
        if len(before) > 2 and full and moved and last.size == line.size and not last.text.endswith(_ENDS):
            joined[-1] = [*before, *paragraph]
        else:
            joined.append(paragraph)
    return joined


def _apart(line: _Line, following: _Line, usual: float) -> bool:
    """Whether the type, the column or the distance changes between two lines."""
    if line.vertical != following.vertical or abs(following.size - line.size) > 0.1 * line.size:
        return True
    gap = following.across - line.across
    return gap <= 0 or gap > 1.3 * max(usual, line.size) or abs(following.begin - line.begin) > 3 * line.size


def _split(stack: Sequence[_Line], lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Cut evenly set lines where one is indented, or ends where the next word had still found room."""
    reach = max(line.reach for line in stack)
    if sum(line.reach > reach - 1.5 * line.size for line in stack) < 3:
        first = stack[0]
        reach = max(
            line.reach
            for line in lines
            if line.vertical == first.vertical and abs(line.begin - first.begin) < 3 * first.size
        )
    begin = min(line.begin for line in stack)
    paragraph: list[_Line] = []
    for line in stack:
        if paragraph and (
            reach - paragraph[-1].reach > _first_word(line) * line.size
            or line.begin - begin > 0.7 * line.size
        ):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


def _first_word(line: _Line) -> float:
    """Length of what cannot be broken at the start of a line, in type sizes."""
    if _WIDE.match(line.text):
        return 2.5
    return 0.6 * len(line.text.split(maxsplit=1)[0]) + 1


def _joined(lines: Sequence[_Line]) -> str:
    """One text: wide characters are joined without a space, words with one, a hyphen at the end goes."""
    text = readable(lines[0].text)
    for line in lines[1:]:
        piece = readable(line.text)
        if text.endswith(_HYPHEN):
            text = text.removesuffix(_HYPHEN) + piece
        elif text and piece and _WIDE.match(text[-1]) and _WIDE.match(piece):
            text += piece
        else:
            text += " " + piece
    return text.replace(_HYPHEN, "-")


def _check(text: str, name: str, pages: int) -> None:
    visible = sum(not ch.isspace() for ch in text)
    if not visible:
        raise DocumentError(
            name, "no_text", f"its {pages} pages hold no text, only pictures; run character recognition first"
        )
    strange = sum(
        unicodedata.category(ch) in {"Co", "Cn", "Cc"} or ch == "\ufffd" for ch in text if not ch.isspace()
    )
    if strange > 0.3 * visible:
        raise DocumentError(name, "garbled", "its fonts do not say which characters they show")
