"""Spreadsheets: Excel of all times, OpenDocument, WPS. Every row knows its cells."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import python_calamine as calamine
from lxml import etree

from ingest.load import biff, ods, sheetxml
from ingest.load.cells import column_index, shown, span
from ingest.load.drawing import add_chart
from ingest.load.odf import opened, properties
from ingest.load.opc import A, C, R, main_part, relations, root, titled
from ingest.load.opc import meta as office_meta
from ingest.load.opc import properties as core_properties
from ingest.load.package import Package, damage, xml
from ingest.load.parsed import Builder, Parsed, ruby
from rag.errors import DocumentError

MOST_ROWS: Final = 200_000
MOST_CELLS: Final = 10_000_000
_MOST_AREA: Final = 40_000_000
_MOST_PHONETIC: Final = 50_000_000
_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_FILLED: Final = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>')
_LONGEST_TAG: Final = 500
_EMBEDDED: Final = re.compile(rb"<office:binary-data>[^<]*</office:binary-data>")


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The sheets of a workbook, hidden ones too, each under a heading with its name.

    Rows between blank rows are a table, each row with the address of its cells; what stands alone (a caption,
    a single column) is a paragraph. Values are those that were last computed; dates are ISO 8601. Phonetic
    guides of Excel become readings. Of more than `MOST_ROWS` rows the rest is left out: ``rows_cut=7``.

    Raises:
        DocumentError: ``broken``, ``encrypted`` or ``too_large``.
    """
    del encoding
    sheets = _Sheets()
    with damage(name, "spreadsheet"):
        if data.startswith(b"PK"):
            kind, title, meta = _read_package(data, name, sheets)
        elif data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            kind, title, meta = _read_flat(_EMBEDDED.sub(b"", data), name, sheets)
        else:
            kind, (title, meta) = "xls", biff.properties(data)
            sheets.read(_restored_rows(data, name))
    warnings = (f"rows_cut={sheets.cut}",) if sheets.cut else ()
    return sheets.builder.parsed(
        _TYPES[kind], title=title or Path(name).stem, meta=meta, warnings=(*sheets.warnings, *warnings)
    )


def _read_package(data: bytes, name: str, sheets: _Sheets) -> tuple[str, str, dict[str, str]]:
    package = Package(data, name)
    if "content.xml" in package:
        file = opened(package, name)
        sheets.read(ods.rows(package.read("content.xml")))
        return "ods", *properties(file)
    for entry in package.names:
        if entry.startswith("xl/") and entry.endswith((".xml", ".bin", ".rels")):
            _refuse_far_cells(package.chunks(entry), name)
    beside = _drawings(package, name)
    sheets.read(_calamine_rows(data, name, _readings(package)), package, beside)
    sheets.warnings = package.warnings
    return "xlsb" if "xl/workbook.bin" in package else "xlsx", *core_properties(package)


def _read_flat(content: bytes, name: str, sheets: _Sheets) -> tuple[str, str, dict[str, str]]:
    top = xml(content, name)
    if etree.QName(top).localname == "Workbook":
        sheets.read(sheetxml.rows(content))
        said = {etree.QName(one).localname: one.text or "" for one in top.iterfind("{*}DocumentProperties/*")}
        time = said.get("LastSaved") or said.get("Created", "")
        return "xls", titled(said.get("Title", "")), office_meta(time, said.get("Author", ""))
    sheets.read(ods.rows(content))
    return "ods", *properties(top)


def _refuse_far_cells(chunks: Iterable[bytes], name: str) -> None:
    """Calamine takes memory for the whole rectangle between the outermost cells, and ends the process."""
    columns: set[bytes] = set()
    last, tail = 0, b""
    for chunk in chunks:
        for found in _FILLED.finditer(tail + chunk):
            columns.add(found[1])
            last = max(last, int(found[2]))
        tail = chunk[-_LONGEST_TAG:]
    width = max((column_index(one.decode()) + 1 for one in columns), default=0)
    if width * last > _MOST_AREA:
        message = f"has cells as far apart as {width:,} columns and {last:,} rows; delete what is far outside"
        raise DocumentError(name, "too_large", message)


def _calamine_rows(data: bytes, name: str, readings: dict[str, str]) -> Iterator[ods.Row]:
    book = _guarded(name, calamine.CalamineWorkbook.from_filelike, io.BytesIO(data))
    for sheet in book.sheets_metadata:
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        found = _guarded(name, book.get_sheet_by_name, sheet.name)
        first = found.start[1] if found.start else 0
        for row, cells in enumerate(found.iter_rows(), 1):
            texts = [readings.get(text, text) for text in map(shown, cells)]
            yield sheet.name, row, [""] * first + texts


def _restored_rows(data: bytes, name: str) -> Iterator[ods.Row]:
    western, codec = biff.as_western(data)
    for sheet, row, cells in _calamine_rows(western, name, {}):
        yield biff.restored(sheet, codec), row, [biff.restored(cell, codec) for cell in cells]


def _guarded(name: str, call: Any, argument: Any) -> Any:
    try:
        return call(argument)
    except calamine.PasswordError as error:
        raise DocumentError(name, "encrypted", "is protected by a password; save a copy without") from error
    except calamine.CalamineError as error:
        if "assword" in str(error):
            message = "is protected by a password; save a copy without"
            raise DocumentError(name, "encrypted", message) from error
        raise DocumentError(name, "broken", f"is a damaged spreadsheet: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DocumentError(name, "broken", f"is a damaged spreadsheet: {error}") from error


def _readings(package: Package) -> dict[str, str]:
    """Texts of a workbook that have phonetic guides, with them as `ruby` writes them."""
    entry = "xl/sharedStrings.xml"
    data = package.read(entry) if entry in package else b""
    if b"rPh" not in data or len(data) > _MOST_PHONETIC:
        return {}
    marked: dict[str, str] = {}
    for item in package.parse(data).iter("{*}si"):
        guides = list(item.iterchildren("{*}rPh"))
        if guides:
            words = (t.text or "" for one in item.iterchildren("{*}t", "{*}r") for t in one.iter("{*}t"))
            base = "".join(words)
            marked.setdefault(base, _with_guides(base, guides))
    return marked


def _with_guides(base: str, guides: list[Any]) -> str:
    pieces, done = [], 0
    for guide in guides:
        start, end = guide.get("sb", ""), guide.get("eb", "")
        if start.isdecimal() and end.isdecimal() and done <= int(start) < int(end) <= len(base):
            reading = "".join(one.text or "" for one in guide.iter("{*}t"))
            pieces += [base[done : int(start)], ruby(base[int(start) : int(end)], reading)]
            done = int(end)
    return "".join((*pieces, base[done:]))


def _drawings(package: Package, name: str) -> dict[str, list[str]]:
    """The parts with the text boxes and charts of each sheet, by its name."""
    if "xl/workbook.bin" in package:
        return {}
    book = main_part(package, name, "xl/workbook.xml")
    related = relations(package, book)
    found: dict[str, list[str]] = {}
    for sheet in root(package, book).iter("{*}sheet"):
        part = related.get(sheet.get(f"{R}id", ""))
        drawn = relations(package, part.target).values() if part else ()
        parts = [one.target for one in drawn if one.kind == "drawing" and one.target in package]
        found[sheet.get("name", "")] = parts
    return found


@dataclass(slots=True)
class _Sheets:
    """Writes sheets; ``cut`` counts the rows beyond the limit."""

    builder: Builder = field(default_factory=Builder)
    warnings: tuple[str, ...] = ()
    cut: int = 0
    _rows: int = 0
    _cells: int = 0
    _sheet: str = ""

    def read(
        self,
        rows: Iterable[ods.Row],
        package: Package | None = None,
        beside: dict[str, list[str]] | None = None,
    ) -> None:
        """All rows, sheet by sheet, then what is drawn on each sheet."""
        waiting = dict(beside or {})
        for sheet, own in groupby(rows, key=lambda row: row[0]):
            self._sheet = sheet
            started = False
            for table in self._tables(own):
                if not started:
                    self.builder.add("heading", sheet, level=1, part=sheet)
                    started = True
                self._write(table)
            self._draw(package, waiting.pop(sheet, []), started=started)
        for sheet, parts in waiting.items():
            self._sheet = sheet
            self._draw(package, parts, started=False)

    def _tables(self, rows: Iterable[ods.Row]) -> Iterator[list[tuple[int, list[str]]]]:
        """Rows that follow one another without a blank one between them."""
        table: list[tuple[int, list[str]]] = []
        for _, number, cells in rows:
            if not any(map(str.strip, cells)):
                continue
            if table and number != table[-1][0] + 1:
                yield table
                table = []
            self._rows += 1
            self._cells += len(cells)
            if self._rows > MOST_ROWS or self._cells > MOST_CELLS:
                self.cut += 1
            else:
                table.append((number, cells))
        if table:
            yield table

    def _write(self, table: list[tuple[int, list[str]]]) -> None:
        """Captions above a table as paragraphs, then the table without the blank columns beside it."""
        filled = [[place for place, cell in enumerate(cells) if cell.strip()] for _, cells in table]
        first, last = min(one[0] for one in filled), max(one[-1] for one in filled)
        captions = next((row for row, places in enumerate(filled) if len(places) > 1), len(table))
        for (row, cells), (place, *_) in zip(table[:captions], filled, strict=False):
            self.builder.add("paragraph", cells[place], part=self._sheet, at=span(row, place, place))
        below = table[captions:]
        self.builder.table(
            [cells[first : last + 1] for _, cells in below],
            part=self._sheet,
            at=[span(row, first, last) for row, _ in below],
        )

    def _draw(self, package: Package | None, parts: list[str], *, started: bool) -> None:
        """The text boxes and charts of a sheet."""
        if package is None:
            return
        for part in parts:
            drawing = root(package, part)
            if not started and (next(drawing.iter(f"{A}t", f"{C}chart"), None) is not None):
                self.builder.add("heading", self._sheet, level=1, part=self._sheet)
                started = True
            for paragraph in drawing.iter(f"{A}p"):
                text = "".join(one.text or "" for one in paragraph.iter(f"{A}t"))
                self.builder.add("paragraph", text, part=self._sheet)
            related = relations(package, part)
            for chart in drawing.iter(f"{C}chart"):
                one = related.get(chart.get(f"{R}id", ""))
                if one is not None and one.target in package:
                    add_chart(self.builder, package, one.target, place=self._sheet)
