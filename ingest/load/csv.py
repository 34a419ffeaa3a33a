"""CSV and TSV: rows under their header, each with its number in the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ingest.decode import decode
from ingest.load.parsed import Builder, Parsed
from rag.text.clean import clean

ROWS: Final = 200_000
"""Rows beyond this are left out, and said."""

_CELLS: Final = 5_000_000
_LONGEST_FIELD: Final = 1_000_000
_SEPARATORS: Final = ",\t;|，"
_SAMPLE: Final = 50
_DECLARED = re.compile(r"\A\s*sep=(.)[ \t]*(?:\r\n|\r|\n)")
_NUMBER = re.compile(r"[-+(]?[¥￥$€₩]?\d[\d,.]*(?:[eE][-+]?\d+)?[)%％]?")


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """A table as Markdown rows, the place of each its row as a spreadsheet counts them.

    The separator is the one that parts most rows alike. A first row of numbers is no header: columns
    are then named 1, 2, 3. Raises DocumentError as `ingest.decode.decode`; warns of ``rows_cut``.
    """
    decoded = decode(data, override=encoding, name=name)
    text = decoded.text.replace("\x00", "").lstrip("\ufeff")
    declared = _DECLARED.match(text)
    body = text[declared.end() :] if declared else text
    separator = declared[1] if declared else separator_of(body)
    rows, numbers, cut = _read(body, separator, 2 if declared else 1)
    builder = Builder()
    if rows and not _is_header(rows):
        width = max(map(len, rows))
        rows, numbers = [[str(column) for column in range(1, width + 1)], *rows], ["", *numbers]
    builder.table(rows, part="row", at=numbers)
    facts = decoded.facts()
    facts["warnings"] += (f"rows_cut={cut}",) if cut else ()
    media_type = "text/tab-separated-values" if separator == "\t" else "text/csv"
    return builder.parsed(media_type, **facts)


def separator_of(text: str) -> str:
    """The separator that parts the first rows into most cells, and all alike; a comma where none does."""
    sample = "\n".join(islice(_physical_lines(text), _SAMPLE))
    best, top = ",", 0.0
    for separator in _SEPARATORS:
        widths = [len(row) for row in _rows(sample, separator) if row]
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths)) * min(width - 1, 20) ** 0.5
        if width > 1 and score > top + 0.05:
            best, top = separator, score
    return best


def _physical_lines(text: str) -> Iterator[str]:
    """Lines of at most 10,000 characters, without a copy of the text."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start : min(end, start + 10_000)]
        start = end + 1


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield from _unquoted(text, separator, reader.line_num)
            return


def _unquoted(text: str, separator: str, line: int) -> Iterator[list[str]]:
    """What follows a field too long to be one: a quote that was never closed. Its lines as they are."""
    for number, one in enumerate(io.StringIO(text), 1):
        if number >= line:
            yield one.rstrip("\r\n")[:_LONGEST_FIELD].split(separator)


def _read(text: str, separator: str, first: int) -> tuple[list[list[str]], list[str], int]:
    """The rows that hold something, the number of each, and how many were left out."""
    rows: list[list[str]] = []
    numbers: list[str] = []
    cells = cut = 0
    for number, row in enumerate(_closed(text, separator), first):
        if not any(map(str.strip, row)):
            continue
        cells += len(row)
        if len(rows) > ROWS or cells > _CELLS:
            cut += 1
            continue
        rows.append(_trimmed(row))
        numbers.append(str(number))
    return _narrowed(rows), numbers, cut


def _narrowed(rows: list[list[str]]) -> list[list[str]]:
    """Rows that together take no more cells than there may be: what a row has too many becomes its last."""
    most = max(2 * _CELLS // max(len(rows), 1), 1)
    return [row if len(row) <= most else [*row[: most - 1], ", ".join(row[most - 1 :])] for row in rows]


def _closed(text: str, separator: str) -> Iterator[list[str]]:
    """Rows; a quote that is opened and never closed does not swallow the rest of the file."""
    rows = _rows(text, separator)
    for row in rows:
        if not any(one.count("\n") > 200 for one in row):
            yield row
            continue
        for line in separator.join(row).split("\n"):
            yield line.rstrip("\r").split(separator)


def _trimmed(row: Sequence[str]) -> list[str]:
    cells = [clean(one) for one in row]
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it has words, and no numbers where the next rows have them."""
    first = [one.strip() for one in rows[0] if one.strip()]
    return len(rows) == 1 or not all(_NUMBER.fullmatch(one) for one in first)
