"""The numbers and bullets that Word puts in front of paragraphs: its file holds rules, not the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.load.counting import numeral
from ingest.load.opc import MC, W

_LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")
BULLET: Final = "•"


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered; ``restart`` is the level (from 1) whose number starts it anew."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    gap: str = " "
    restart: int | None = None
    in_digits: bool = False
    paragraph_style: str = ""


@dataclass(slots=True)
class Numbering:
    """Numbers paragraphs one after another, as they stand in the document."""

    _levels: dict[str, list[Level]] = field(default_factory=dict)
    _list_of: dict[str, str] = field(default_factory=dict)
    _starts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any | None, linked: dict[str, str]) -> Numbering:
        """From ``numbering.xml``; ``linked`` tells the list (``numId``) of a numbering style."""
        made = cls()
        if root is None:
            return made
        abstract = {one.get(f"{W}abstractNumId", ""): one for one in root.iter(f"{W}abstractNum")}
        numbers = {one.get(f"{W}numId", ""): one for one in root.iter(f"{W}num")}
        for key, number in numbers.items():
            own = _linked(_value(number, "abstractNumId"), abstract, numbers, linked)
            made._list_of[key] = own
            made._levels[key] = _all_levels(abstract.get(own), number)
            made._starts[key] = {
                int(one.get(f"{W}ilvl", "0")): _number(_value(one, "startOverride"), 1)
                for one in number.iter(f"{W}lvlOverride")
                if one.find(f"{W}startOverride") is not None and one.get(f"{W}ilvl", "0").isdecimal()
            }
        return made

    def level_of(self, number: str, style: str) -> int:
        """The level of a list that belongs to a paragraph style, 0 where none does."""
        levels = self._levels.get(number, [])
        return next((depth for depth, one in enumerate(levels) if style and one.paragraph_style == style), 0)

    def label(self, number: str, depth: int) -> str:
        """What stands before the next paragraph of a list at that level, with the gap after it."""
        levels = self._levels.get(number)
        if levels is None or not 0 <= depth < _LEVELS:
            return ""
        level = levels[depth]
        if level.style == "bullet":
            return f"{BULLET} " if level.text.strip() else ""
        counts = self._counted(number, depth, levels)
        written = _PLACE.sub(lambda found: self._said(int(found[1]) - 1, counts, levels, level), level.text)
        return f"{written}{level.gap}" if written.strip() else ""

    def _counted(self, number: str, depth: int, levels: list[Level]) -> list[int | None]:
        counts = self._counts.setdefault(self._list_of[number], [None] * _LEVELS)
        for anew, start in self._starts.pop(number, {}).items():
            if anew < _LEVELS:
                counts[anew] = start - 1
        before = counts[depth]
        counts[depth] = levels[depth].start if before is None else before + 1
        for deeper in range(depth + 1, _LEVELS):
            restart = levels[deeper].restart
            if restart is None or 0 < depth + 1 <= restart:
                counts[deeper] = None
        return counts

    @staticmethod
    def _said(depth: int, counts: list[int | None], levels: list[Level], at: Level) -> str:
        count = counts[depth]
        style = "decimal" if at.in_digits else levels[depth].style
        return numeral(levels[depth].start if count is None else count, style)


def _linked(key: str, abstract: dict[str, Any], numbers: dict[str, Any], linked: dict[str, str]) -> str:
    """The abstract list that holds the levels: one may name a style that names a list."""
    found = abstract.get(key)
    style = _value(found, "numStyleLink") if found is not None else ""
    number = numbers.get(linked.get(style, ""))
    return _value(number, "abstractNumId") if number is not None else key


def _all_levels(abstract: Any | None, number: Any) -> list[Level]:
    levels = [Level()] * _LEVELS
    for element in (*(() if abstract is None else abstract.iter(f"{W}lvl")), *number.iter(f"{W}lvl")):
        depth = element.get(f"{W}ilvl", "")
        if depth.isdecimal() and int(depth) < _LEVELS:
            levels[int(depth)] = _level(element)
    return levels


def _level(element: Any) -> Level:
    gap = _value(element, "suff")
    restart = _value(element, "lvlRestart")
    return Level(
        start=_number(_value(element, "start"), 1),
        style=_style(element),
        text=_value(element, "lvlText"),
        gap="" if gap == "nothing" else " ",
        restart=_number(restart, 0) if restart else None,
        in_digits=element.find(f"{W}isLgl") is not None,
        paragraph_style=_value(element, "pStyle"),
    )


def _style(element: Any) -> str:
    """The number format; one of later versions of Word stands beside one for all."""
    return (
        _value(element, "numFmt")
        or _value(element.find(f"{MC}AlternateContent/{MC}Fallback"), "numFmt")
        or "decimal"
    )


def _value(element: Any | None, child: str) -> str:
    found = element.find(f"{W}{child}") if element is not None else None
    return found.get(f"{W}val", "") if found is not None else ""


def _number(value: str, otherwise: int) -> int:
    return int(value) if value.isdecimal() and len(value) < 6 else otherwise
