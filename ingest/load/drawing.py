"""What charts and SmartArt of Word and PowerPoint say; their text lies in parts of its own."""

from __future__ import annotations

from typing import Any, Final

from ingest.load.opc import DGM, A, C, root
from ingest.load.package import Package
from ingest.load.parsed import Builder

_MOST_POINTS: Final = 2_000
_UNSEEN: Final = frozenset({"pres", "parTrans", "sibTrans"})


def add_diagram(
    builder: Builder, package: Package, part: str, *, page: int | None = None, place: str = ""
) -> None:
    """Append the boxes of SmartArt, each as a list item."""
    for point in root(package, part).iter(f"{DGM}pt"):
        if point.get("type") not in _UNSEEN:
            for paragraph in point.iter(f"{A}p"):
                text = "".join(one.text or "" for one in paragraph.iter(f"{A}t"))
                builder.add("list", text, page=page, part=place)


def add_chart(
    builder: Builder, package: Package, part: str, *, page: int | None = None, place: str = ""
) -> None:
    """Append a chart: its title, then its values as a table, a row for each category."""
    chart = root(package, part)
    title = chart.find(f"{C}chart/{C}title")
    if title is not None:
        builder.add("paragraph", _words(title), page=page, part=place)
    series = list(chart.iter(f"{C}ser"))[:_MOST_POINTS]
    names = [_words(one.find(f"{C}tx")) for one in series]
    values = [_points(one, "val", "yVal") for one in series]
    categories = next((found for one in series if (found := _points(one, "cat", "xVal"))), {})
    order = sorted({index for column in (categories, *values) for index in column})[:_MOST_POINTS]
    rows = [[categories.get(index, ""), *(one.get(index, "") for one in values)] for index in order]
    builder.table([["", *names], *rows], page=page, part=place)


def _words(element: Any | None) -> str:
    if element is None:
        return ""
    paragraphs = ["".join(t.text or "" for t in one.iter(f"{A}t")) for one in element.iter(f"{A}p")]
    return " ".join(filter(None, paragraphs)) or " ".join(one.text or "" for one in element.iter(f"{C}v"))


def _points(series: Any, *names: str) -> dict[int, str]:
    """The cached values of categories or of a series, by their index; of several levels the innermost."""
    found = next((one for name in names if (one := series.find(f"{C}{name}")) is not None), None)
    if found is None:
        return {}
    levels = list(found.iter(f"{C}lvl"))
    return {
        int(point.get("idx", "0")): _number(point.findtext(f"{C}v") or "")
        for point in (levels[0] if levels else found).iter(f"{C}pt")
        if point.get("idx", "0").isdecimal()
    }


def _number(text: str) -> str:
    """A number without the noise of binary fractions: 4.2999999999999998 is 4.3."""
    try:
        value = float(text)
    except ValueError:
        return text
    return text if abs(value) >= 1e15 or len(text) < 12 else f"{value:.12g}"
