"""PDF: the text of each page in reading order, lines joined to paragraphs, tables, headings, notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.load import ocr
from ingest.load.image import DOUBTFUL
from ingest.load.parsed import Builder, Parsed
from ingest.load.pdf import info
from ingest.load.pdf.flow import SUPERSCRIPT, in_columns, whole_lines
from ingest.load.pdf.garbled import garbled, read_again
from ingest.load.pdf.joining import joined, readable
from ingest.load.pdf.lines import Char, Line
from ingest.load.pdf.page import Page, read_page
from ingest.load.pdf.paragraphs import BULLET, ONLY_BULLETS, Edges, edges, goes_on, paragraphs
from ingest.load.pdf.ruby import with_ruby
from ingest.load.pdf.running import footnotes, labels, without_running
from ingest.load.pdf.scans import recognised
from ingest.load.pdf.spacing import spacing
from ingest.load.pdf.tables import Table, fill, go_on_with, inside, tables
from rag.errors import DocumentError
from rag.types import BlockKind

__all__ = ["load", "readable"]

_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
MEDIA_TYPE = "application/pdf"


@dataclass
class _Piece:
    """A paragraph, or a table with the lines of each of its cells, or what a picture says."""

    page: int
    lines: list[Line]
    cells: list[list[list[Line]]] | None = None
    note: bool = False
    said: str = ""
    """What was recognised, where there are no lines."""


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a PDF, a block per paragraph, each with its page.

    Pages that show no text, or text in unknown characters, are recognised where `ingest.load.ocr` finds an
    engine: the warnings then say ``ocr`` and ``ocr_pages=N``. Pages that stay without are counted in
    ``garbled_pages=N`` and ``pages_without_text=N``, those that are damaged in ``broken_pages=N``.

    Raises:
        DocumentError: ``encrypted``, ``broken``, ``no_text`` (scanned pages) or ``garbled`` (fonts that do
            not say which characters they show).
    """
    del encoding
    try:
        with closing(_opened(data, name)) as document:
            told, outline = document.get_metadata_dict(), info.outline(document)
            spaced = not told.get("Producer", "").startswith("Skia")
            pages, broken = _pages(document, name, spaced=spaced)
            pages, bad = _readable(data, pages)
            silent = [
                page.number for page in pages if not page.lines and (page.pictures or page.number in bad)
            ]
            scans = recognised(document, silent) if silent else {}
    except pypdfium2.PdfiumError as error:
        raise DocumentError(name, "broken", f"is a damaged PDF: {error}") from error
    builder = Builder()
    _build(builder, _laid_out(pages, scans), outline)
    lost = set(silent) - scans.keys()
    _check(builder, name, len(pages), len(bad & lost))
    return builder.parsed(
        MEDIA_TYPE,
        title=info.title(told),
        meta=info.meta(told) | ({"ocr": True} if scans else {}),
        confidence=round(min((one.confidence for one in scans.values()), default=1.0), 3),
        suspicious=any(one.confidence < DOUBTFUL for one in scans.values()),
        warnings=(
            *(("ocr",) if scans else ()),
            *_counted(
                ocr_pages=len(scans),
                garbled_pages=len(bad & lost),
                pages_without_text=len(lost - bad),
                broken_pages=broken,
            ),
        ),
    )


def _pages(document: pypdfium2.PdfDocument, name: str, *, spaced: bool) -> tuple[list[Page], int]:
    """The pages, and how many cannot be read.

    Raises:
        DocumentError: ``broken`` where that is all of them.
    """
    pages: list[Page] = []
    reason = "it has no pages"
    for index in range(len(document)):
        try:
            pages.append(read_page(document, index, spaced=spaced))
        except pypdfium2.PdfiumError as error:
            reason = str(error)
    if not pages:
        raise DocumentError(name, "broken", f"is a damaged PDF: {reason}")
    return pages, len(document) - len(pages)


def _readable(data: bytes, pages: list[Page]) -> tuple[list[Page], set[int]]:
    """The pages, garbled ones read another way or left empty, and the numbers of those left empty."""
    bad = {page.number for page in pages if garbled(_raw(page.lines))}
    if not bad:
        return pages, bad
    again = read_again(data, bad)
    better = {number: lines for number, lines in again.items() if lines and not garbled(_raw(lines))}
    return [
        replace(page, lines=better.get(page.number, [])) if page.number in bad else page for page in pages
    ], bad - better.keys()


def _raw(lines: Sequence[Line]) -> str:
    return "".join([char[0] for line in lines for char in line.chars])


def _counted(**counts: int) -> tuple[str, ...]:
    return tuple(f"{name}={count}" for name, count in counts.items() if count)


def _check(builder: Builder, name: str, pages: int, bad: int) -> None:
    if builder.blocks:
        return
    if bad:
        raise DocumentError(name, "garbled", f"its fonts do not say which characters they show; {_remedy()}")
    raise DocumentError(name, "no_text", f"its {pages} pages hold no text, only pictures; {_remedy()}")


def _remedy() -> str:
    return "none was recognised in them" if ocr.available() else f"to read these, {ocr.HINT}"


def _opened(data: bytes, name: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise DocumentError(
                name, "encrypted", "is protected by a password; save a copy without"
            ) from error
        raise DocumentError(name, "broken", f"is a damaged PDF: {error}") from error


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size, 1)] += len(line.chars)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _laid_out(pages: Sequence[Page], scans: Mapping[int, ocr.Recognised]) -> list[_Piece]:
    """Paragraphs and tables of all pages in reading order, those that a page end had cut whole again."""
    body = _body_size([page.lines for page in pages])
    flowing = [in_columns(whole_lines(with_ruby(page.lines))) for page in pages]
    flowing = without_running(pages, flowing)
    columns = edges(flowing, body)
    pieces: list[_Piece] = []
    for page, lines in zip(pages, flowing, strict=True):
        if page.number in scans:
            pieces += (_Piece(page.number, [], said=text) for text in scans[page.number].paragraphs)
            continue
        text, notes = footnotes(lines, body)
        here = list(_pieces(page, _unmarked(text, notes), body, columns))
        here += (_Piece(page.number, one, note=True) for one in paragraphs(notes, body, columns))
        _append(pieces, here, columns)
    return pieces


def _pieces(page: Page, lines: Sequence[Line], body: float, columns: Edges) -> Iterator[_Piece]:
    waiting: list[Line] = []
    found = {one.box: one for one in tables(page.rulings)}
    members: dict[Any, list[Line]] = {box: [] for box in found}
    for line in lines:
        home = next((box for box in found if inside(line, box)), None)
        if home is None:
            waiting.append(line)
            continue
        if not members[home]:
            yield from (_Piece(page.number, one) for one in paragraphs(waiting, body, columns))
            waiting = []
            yield _Piece(page.number, members[home], _cells(found[home], lines))
        members[home].append(line)
    yield from (_Piece(page.number, one) for one in paragraphs(waiting, body, columns))


def _cells(table: Table, lines: Sequence[Line]) -> list[list[list[Line]]]:
    return fill(table, [line for line in lines if inside(line, table.box)])


def _unmarked(lines: Sequence[Line], notes: Sequence[Line]) -> list[Line]:
    """The lines without the small raised numbers of the page's notes."""
    known = {label.translate(SUPERSCRIPT) for label in labels(notes)}
    return [_without_marks(line, known) for line in lines] if known else list(lines)


def _without_marks(line: Line, known: set[str]) -> Line:
    kept: list[Char] = []
    for mark, chars in groupby(line.chars, lambda char: char[0] in _RAISED):
        run = list(chars)
        if not (mark and "".join(char[0] for char in run) in known):
            kept += run
    return line.of(kept) if any(char[0].strip() for char in kept) else line


def _append(pieces: list[_Piece], here: list[_Piece], columns: Edges) -> None:
    """Add the pieces of a page; its first paragraph to the last one of the page before, if it goes on."""
    last = next((one for one in reversed(pieces) if not one.note), None)
    first = here[0] if here else None
    prose = not any(
        one is None or one.cells or one.said or (one is first and one.note) for one in (last, first)
    )
    if prose and last and first and goes_on(last.lines, first.lines, columns):
        last.lines.extend(first.lines)
        here = here[1:]
    if last and first and last.cells and first.cells and len(last.cells[0]) == len(first.cells[0]):
        go_on_with(last.cells, first.cells)
        here = here if first.cells else here[1:]
    pieces += here


def _build(builder: Builder, pieces: Sequence[_Piece], outline: dict[tuple[int, str], int]) -> None:
    body = _body_size([piece.lines for piece in pieces])
    judge = spacing(piece.lines for piece in pieces if piece.lines and piece.cells is None)
    levels = _levels(pieces, body)
    for piece in pieces:
        if piece.said:
            builder.add("paragraph", piece.said, page=piece.page)
            continue
        if piece.cells is not None:
            rows = [[joined(cell, judge) if cell else "" for cell in row] for row in piece.cells]
            builder.table(rows, page=piece.page)
            continue
        text = joined(piece.lines, judge)
        level = _level(piece, text, body, levels, outline)
        kind: BlockKind = "heading" if level else "list" if _item(piece, text) else "paragraph"
        if not ONLY_BULLETS.fullmatch(text):
            builder.add(kind, text, page=piece.page, level=level)


def _item(piece: _Piece, text: str) -> bool:
    tag = piece.lines[0].tag
    return not piece.note and bool(tag.kind == "LI" if tag else BULLET.match(text))


def _levels(pieces: Sequence[_Piece], body: float) -> dict[float, int]:
    """Heading levels by type size: clearly larger than the body's."""
    larger = {
        round(piece.lines[0].size, 1) for piece in pieces if piece.lines and piece.lines[0].size > 1.15 * body
    }
    return {size: min(rank, 6) for rank, size in enumerate(sorted(larger, reverse=True), 1)}


def _level(
    piece: _Piece, text: str, body: float, levels: dict[float, int], outline: dict[tuple[int, str], int]
) -> int:
    """The level of a heading, 0 for other text: by tag, outline, size, or bold type on a line of its own."""
    line = piece.lines[0]
    if line.tag and line.tag.kind[0] == "H":
        return int(line.tag.kind[1:] or 1)
    named = outline.get((piece.page, info.key(text)))
    if named:
        return named
    if piece.note or len(text) > 80 or text.endswith("。"):
        return 0
    return levels.get(round(line.size, 1), 0)
