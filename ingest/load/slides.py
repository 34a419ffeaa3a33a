"""The order in which the shapes of a slide are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

_ONE_LINE: Final = 8.0
_LONGEST: Final = 40
_ENDS: Final = tuple("。．.！？!?，、,；;：:")


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape and where its upper left corner is, in millimetres."""

    element: Any
    top: float = 0.0
    left: float = 0.0
    is_title: bool = False


def in_order(shapes: Iterable[Shape]) -> list[Shape]:
    """Titles first, then from top to bottom; those on about one line from left to right."""
    waiting = sorted(shapes, key=lambda one: (not one.is_title, one.top))
    ordered: list[Shape] = []
    line: list[Shape] = []
    for shape in waiting:
        if line and (shape.is_title != line[0].is_title or shape.top - line[0].top > _ONE_LINE):
            ordered += sorted(line, key=lambda one: one.left)
            line = []
        line.append(shape)
    return ordered + sorted(line, key=lambda one: one.left)


def is_headline(lines: list[str], shapes: int) -> bool:
    """Whether the first shape of a slide without a title stands for one: a short line above others."""
    said = [line.strip() for line in lines if line.strip()]
    return shapes > 1 and len(said) == 1 and len(said[0]) <= _LONGEST and not said[0].endswith(_ENDS)
