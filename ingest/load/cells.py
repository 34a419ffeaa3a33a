"""Cells of spreadsheets: their values as text, their addresses."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

_DURATION: Final = re.compile(r"-?PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")


def column(index: int) -> str:
    """The letters of a column, counted from 0.

    Example:
        >>> column(0), column(27), column(16_383)
        ('A', 'AB', 'XFD')
    """
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def column_index(letters: str) -> int:
    """The index of a column, from 0: the inverse of `column`."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def span(row: int, first: int, last: int) -> str:
    """The address of neighbouring cells of a row (from 1) in columns (from 0)."""
    start = f"{column(first)}{row}"
    return start if first == last else f"{start}:{column(last)}{row}"


def shown(value: Any) -> str:
    """A value as text: whole numbers without a point, dates as ISO 8601, truth as TRUE and FALSE.

    Example:
        >>> shown(12.0), shown(0.1 + 0.2), shown(dt.datetime(2026, 1, 31)), shown(True)
        ('12', '0.3', '2026-01-31', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return "" if value is None else str(value)


def _moment(value: dt.datetime) -> str:
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return value.replace(microsecond=0).isoformat(" ").removesuffix(":00")


def typed(kind: str, value: str, words: str) -> str:
    """A value as OpenDocument writes it (``office:value-type``, its value, what is shown of it)."""
    if kind in {"float", "percentage", "currency"}:
        try:
            return shown(float(value))
        except ValueError:
            return words
    if kind == "boolean":
        return value.upper()
    if kind == "date":
        return value.replace("T00:00:00", "").replace("T", " ").removesuffix(":00") or words
    if kind == "time" and (found := _DURATION.fullmatch(value)):
        return ":".join(found.groups()).removesuffix(":00")
    return words
