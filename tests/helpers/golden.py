"""Golden sentences: texts cut by hand, and how well a splitter finds their ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

GOLDEN = Path(__file__).parents[1] / "text" / "golden"
UNSEEN = GOLDEN / "unseen"
LANGUAGES = ("zh", "ja", "ko", "en")

Cut: TypeAlias = Callable[[str, str], Iterable[tuple[int, int]]]
"""A text and its language to spans of its sentences."""


class Passage(NamedTuple):
    """A text, its sentences as a reader would part them, and whether a naive splitter errs on it."""

    lang: str
    text: str
    sentences: tuple[str, ...]
    hard: bool


class Score(NamedTuple):
    """Sentence ends that were found, that were no ends, and that were missed."""

    right: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


@cache
def passages(name: str, folder: Path = GOLDEN) -> tuple[Passage, ...]:
    """The golden passages of a language; none where there is no such file."""
    path = folder / f"{name}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line) for line in lines if line.strip()]
    return tuple(Passage(one["lang"], one["text"], tuple(one["sentences"]), one["hard"]) for one in rows)


def score(cut: Cut, given: Iterable[Passage]) -> Score:
    """Ends found within the passages; the end of a passage itself, which nobody misses, does not count."""
    found = [_compared(one, cut(one.text, one.lang)) for one in given]
    return Score(*(sum(column) for column in zip(*found, strict=True)) if found else (0, 0, 0))


def _compared(passage: Passage, spans: Iterable[tuple[int, int]]) -> Score:
    expected = inner(passage.text, (len(_visible(one)) for one in passage.sentences))
    found = set(_ends(passage.text, spans))
    return Score(len(expected & found), len(found - expected), len(expected - found))


def inner(text: str, lengths: Iterable[int]) -> set[int]:
    """Ends of sentences of those lengths, without that of the last; white space never counts."""
    ends, place = set(), 0
    for length in lengths:
        place += length
        ends.add(place)
    return ends - {len(_visible(text))}


def _ends(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[int]:
    total, place, count = len(_visible(text)), 0, 0
    for _, end in sorted(spans):
        count += len(_visible(text[place:end]))
        place = max(place, end)
        if 0 < count < total:
            yield count


def _visible(text: str) -> str:
    return "".join(text.split())
