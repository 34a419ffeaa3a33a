"""What the styles of Word make of their paragraphs, in any language of Word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.load.opc import W

HEADING: Final = re.compile(r"(?i)(?:heading|überschrift|標題|标题|見出し|제목)\s*([1-9])")
"""The names that headings have in Word, WPS and LibreOffice, with their level."""
TITLES: Final = frozenset({"title", "표제", "文档标题", "表題"})


@dataclass(frozen=True, slots=True)
class Styles:
    """By style id: heading levels; list and level (``numId``, ``ilvl`` or None); which are titles.

    ``lists`` tells the list of a numbering style, ``default`` the style of paragraphs that name none.
    """

    levels: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()
    lists: dict[str, str] = field(default_factory=dict)
    default: str = ""


def styles(root: Any | None, body: Any) -> Styles:
    """Headings by outline level or name, lists by numbering, each also by the style they are based on.

    Where a paragraph has the style of a title, the headings are one level below it.
    """
    if root is None:
        return Styles()
    elements = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
    chains = {key: list(_chain(key, elements)) for key in elements}
    titles = {key for key, chain in chains.items() if any(_name(style) in TITLES for style in chain)}
    used = {style.get(f"{W}val") for style in body.iter(f"{W}pStyle")}
    below = 1 if titles & used else 0
    levels = dict.fromkeys(titles, 1)
    for key, chain in chains.items():
        level = next((one for one in map(_level, chain) if one is not None), 0)
        if level and key not in titles:
            levels[key] = level + below
    return Styles(
        levels,
        {key: number for key, chain in chains.items() if (number := _numbered(chain))},
        frozenset(titles),
        {
            key: number_of(one)[0]
            for key, one in elements.items()
            if one.get(f"{W}type") == "numbering" and number_of(one)
        },
        _default(elements),
    )


def outline_level(properties: Any) -> int | None:
    """1 to 9 where the paragraph or style is in the outline, 0 for body text, None if it says nothing."""
    found = properties.find(f"{W}outlineLvl") if properties is not None else None
    value = found.get(f"{W}val", "") if found is not None else ""
    if not value.isdecimal():
        return None
    return int(value) + 1 if int(value) < 9 else 0


def number_of(holder: Any) -> tuple[str, str | None]:
    """The list and the level that a paragraph's properties or a style name; empty where they name none."""
    found = holder.find(f"{W}numPr" if holder.tag == f"{W}pPr" else f"{W}pPr/{W}numPr")
    if found is None:
        return "", None
    number, depth = found.find(f"{W}numId"), found.find(f"{W}ilvl")
    return (
        number.get(f"{W}val", "") if number is not None else "",
        depth.get(f"{W}val") if depth is not None else None,
    )


def _numbered(chain: list[Any]) -> tuple[str, str | None] | None:
    """The list of a style: the nearest one named, the level perhaps by a nearer style than the list."""
    depth = None
    for style in chain:
        number, own = number_of(style)
        depth = own if depth is None else depth
        if number:
            return (number, depth) if number != "0" else None
    return None


def _default(elements: dict[str, Any]) -> str:
    found = (
        key
        for key, one in elements.items()
        if one.get(f"{W}type") == "paragraph" and one.get(f"{W}default") in {"1", "true", "on"}
    )
    return next(found, "")


def _chain(key: str, elements: dict[str, Any]) -> Iterator[Any]:
    """A style and those it is based on."""
    seen: set[str] = set()
    while key in elements and key not in seen:
        seen.add(key)
        yield elements[key]
        based = elements[key].find(f"{W}basedOn")
        key = based.get(f"{W}val", "") if based is not None else ""


def _name(style: Any) -> str:
    name = style.find(f"{W}name")
    return name.get(f"{W}val", "").lower() if name is not None else ""


def _level(style: Any) -> int | None:
    said = outline_level(style.find(f"{W}pPr"))
    named = HEADING.fullmatch(_name(style))
    return said if said is not None or not named else int(named[1])
