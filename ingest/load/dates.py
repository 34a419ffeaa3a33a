"""Dates as files write them, as ISO 8601."""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(
    r"(?<!\d)(\d{4})(?:(?:[-/.]|\s*年\s*|\s*년\s*)(\d{1,2})(?:(?:[-/.]|\s*月\s*|\s*월\s*)(\d{1,2})(?!\d))?|(?=\D|\Z))"
    r"|(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)"
)


def iso_date(text: str | None) -> str:
    """The first date in the text, as exact as it is given; empty where there is none that exists.

    Example:
        >>> iso_date("2026年4月1日 10:00"), iso_date("2026-04-01T10:00:00+09:00"), iso_date("昨日")
        ('2026-04-01', '2026-04-01', '')
    """
    found = _DATE.search(text or "")
    if not found:
        return ""
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join((year, *(f"{int(one):02d}" for one in (month, day) if one)))
