"""Atoms to chunks: measured, cut where they are too large, and filled to the budget at the least cost."""

from __future__ import annotations

import string
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise, repeat
from typing import Final, TypeAlias

from ingest.atoms import Atom, halved, lined, marked
from ingest.sections import Section
from rag.types import Ending

CountTokens: TypeAlias = Callable[[Sequence[str]], list[int]]
Headings: TypeAlias = tuple[str, ...]

_SMALLEST: Final = 4
_KEEP: Final = 1.5  # what it costs to cut inside a unit that fits into one chunk
_MARKS: Final = frozenset(string.punctuation)


@dataclass(frozen=True, slots=True)
class Budget:
    """Most tokens of a passage, how they are counted, and how many sentences a chunk repeats.

    ``additive``: the tokens of a text are those of its parts, parted at white space or beside punctuation.
    """

    tokens: int
    count: CountTokens
    overlap: int = 0
    additive: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk to be: a stretch of the text, the headings that are embedded with it, and its tokens."""

    start: int
    end: int
    headings: Headings
    page: int | None
    ends: Ending
    parent: tuple[int, int]
    tokens: int


def fill(text: str, sections: Sequence[Section], budget: Budget) -> list[Span]:
    """The chunks of all sections, in order, none over budget.

    Where the passage as it is embedded may have other tokens than its parts, it is counted again, and its
    section filled less where it is over budget after all.
    """
    filler = _Filler(text, budget)
    filler.prepare(sections)
    filled = [filler.spans(section) for section in sections]
    waiting = [place for place, section in enumerate(sections) if not filler.exact(section)]
    while waiting:
        again = []
        for place, counts in zip(waiting, filler.counted([filled[one] for one in waiting]), strict=True):
            over = filler.excess(filled[place], counts)
            if over:
                filler.tighten(sections[place], over)
                again.append(place)
            filled[place] = filler.spans(sections[place]) if over else _sized(filled[place], counts)
        waiting = again
    return [span for spans in filled for span in spans]


def _sized(spans: Sequence[Span], counts: Sequence[int]) -> list[Span]:
    return [replace(span, tokens=count) for span, count in zip(spans, counts, strict=True)]


class _Filler:
    def __init__(self, text: str, budget: Budget) -> None:
        self.text = text
        self.budget = budget
        self._lines: dict[Headings, int] = {(): 0}

    # -- headings and rooms

    def prepare(self, sections: Sequence[Section]) -> None:
        """Shorten heading paths, measure, cut what is too large."""
        self._fit_paths(sections)
        self._fit_headers(sections)
        for section in sections:
            section.room = self.budget.tokens - self._lines[section.path]
        self._measure([atom for section in sections for atom in section.atoms])
        for section in sections:
            self._cut_large(section)
        self._measure_gaps(sections)

    def _count_lines(self, paths: Iterable[Headings]) -> None:
        fresh = [path for path in dict.fromkeys(paths) if path not in self._lines]
        if fresh:
            self._lines.update(zip(fresh, self.budget.count([_line(path) for path in fresh]), strict=True))

    def _fit_paths(self, sections: Sequence[Section]) -> None:
        """Heading paths take at most a third of the budget; the rest is for the text."""
        self._count_lines(section.path for section in sections)
        for section in sections:
            if self._lines[section.path] > self.budget.tokens // 3:
                section.path = self._shortened(section.path)

    def _shortened(self, path: Headings) -> Headings:
        """The outermost and the innermost heading, the innermost, or the beginning of that."""
        last = path[-1]
        options: list[Headings] = [(path[0], last), (last,)]
        length = len(last) // 2
        while length:
            options.append((f"{last[:length].rstrip()}…",))
            length //= 2
        self._count_lines(options)
        return next((one for one in options if self._lines[one] <= self.budget.tokens // 3), ())

    def _fit_headers(self, sections: Sequence[Section]) -> None:
        """Headers of rows, answers and articles that would take more than half of the budget are left out."""
        self._count_lines(
            (*section.path, atom.header) for section in sections for atom in section.atoms if atom.header
        )
        for section in sections:
            for atom in section.atoms:
                if atom.header and self._lines[(*section.path, atom.header)] > self.budget.tokens // 2:
                    atom.header = ""

    def _room(self, section: Section, atom: Atom) -> int:
        """Tokens that are left for the text of a chunk that begins with this atom."""
        if not atom.header or section.bare:
            return section.room
        return section.room - self._lines[(*section.path, atom.header)] + self._lines[section.path]

    # -- sizes

    def _measure(self, atoms: Sequence[Atom]) -> None:
        counts = self.budget.count([self.text[one.start : one.end] for one in atoms]) if atoms else []
        for atom, size in zip(atoms, counts, strict=True):
            atom.size = size

    def _measure_gaps(self, sections: Iterable[Section]) -> None:
        """Count the white space before each atom; there are few kinds of it."""
        pairs = [
            (two, self.text[one.end : two.start])
            for section in sections
            for one, two in pairwise(section.atoms)
        ]
        kinds = list({gap for _, gap in pairs})
        sizes = dict(zip(kinds, self.budget.count(kinds) if kinds else [], strict=True))
        for atom, gap in pairs:
            atom.gap = sizes[gap]

    def _cut_large(self, section: Section) -> None:
        """Cut the atoms that are too large: at their lines, then at all their marks, then in halves."""
        for part in chain((lined, marked), repeat(halved)):
            self._drop_headers(section)
            large = [self._too_large(section, one) for one in section.atoms]
            if not any(large):
                return
            parts = [
                part(self.text, one) if too else [one] for one, too in zip(section.atoms, large, strict=True)
            ]
            self._measure([one for found in parts if len(found) > 1 for one in found])
            section.atoms = [one for found in parts for one in found]

    def _too_large(self, section: Section, atom: Atom) -> bool:
        return atom.size > section.room and atom.end - atom.start > 1

    def _drop_headers(self, section: Section) -> None:
        """An atom that has room, but not with its header, goes without it."""
        for atom in section.atoms:
            tight = atom.header and self._room(section, atom) < max(1, atom.size)
            if tight and not self._too_large(section, atom):
                atom.header = ""

    # -- filling

    def spans(self, section: Section) -> list[Span]:
        """The chunks of a section."""
        kept = self._keep_units(section)
        return [self._span(section, *cut) for cut in self._fill(section, kept)]

    def _keep_units(self, section: Section) -> dict[int, int]:
        """Raise the price of cuts inside units that fit; the size of each by the place of its first atom."""
        kept: dict[int, int] = {}
        starts = [atom.start for atom in section.atoms]
        for start, end in section.units:
            first = bisect_left(starts, start)
            inside = section.atoms[first : bisect_left(starts, end)]
            size = sum(one.size + one.gap for one in inside)
            if inside and size <= self._room(section, inside[0]):
                kept[first] = max(size, kept.get(first, 0))
                for atom in inside[:-1]:
                    atom.cut = max(atom.cut, _KEEP)
        return kept

    def _span(self, section: Section, first: int, begin: int, end: int) -> Span:
        """The chunk of the atoms from ``begin`` up to ``end``, those from ``first`` on repeated."""
        atom, last, header = section.atoms[first], section.atoms[end - 1], section.atoms[begin].header
        headings = (*section.path, header) if header else section.path
        taken = sum(one.size + one.gap for one in section.atoms[first:end]) - atom.gap
        line = 0 if section.bare else self._lines[headings]
        kept = () if section.bare else headings
        return Span(atom.start, last.end, kept, section.page, last.ends, section.parent, taken + line)

    def _fill(self, section: Section, kept: Mapping[int, int]) -> list[tuple[int, int, int]]:
        """The cheapest way to cut the atoms: unused room squared, and the prices of the cuts.

        A chunk has no more atoms than the budget has tokens, should some of them count for nothing.
        Source: the optimum-fit line breaking of Knuth and Plass (1981), on tokens instead of widths.
        """
        atoms = section.atoms
        count = len(atoms)
        rooms = [self._room(section, atom) for atom in atoms]
        before = [0, *accumulate(atom.size + atom.gap for atom in atoms)]
        spare = [
            min(room // 4, room - kept.get(place, atoms[place].size)) for place, room in enumerate(rooms)
        ]
        firsts = [_repeated(atoms, begin, spare[begin], self.budget.overlap) for begin in range(count)]
        offsets = [before[first] + atoms[first].gap for first in firsts]
        costs, begins = [0.0] * (count + 1), [0] * (count + 1)
        for end in range(1, count + 1):
            best = float("inf")
            for begin in range(end - 1, max(end - self.budget.tokens, 0) - 1, -1):
                size, room = before[end] - offsets[begin], rooms[begin]
                if size > room and begin < end - 1:
                    if size > section.room:
                        break
                    continue
                cost = costs[begin] + (1 - min(size / room, 1.0)) ** 2
                if cost < best:
                    best, begins[end] = cost, begin
            costs[end] = best + (atoms[end - 1].cut if end < count else 0.0)
        return _walked(firsts, begins, count)

    # -- passages that are counted as they are embedded

    def exact(self, section: Section) -> bool:
        """Whether the tokens of its passages are those of their parts."""
        return self.budget.additive and all(
            one.end < two.start or _is_mark(self.text[one.end - 1]) or _is_mark(self.text[two.start])
            for one, two in pairwise(section.atoms)
        )

    def counted(self, filled: Sequence[Sequence[Span]]) -> list[list[int]]:
        """Tokens of the passages, as they are embedded."""
        passages = [_line(one.headings) + self.text[one.start : one.end] for spans in filled for one in spans]
        counts = iter(self.budget.count(passages))
        return [[next(counts) for _ in spans] for spans in filled]

    def excess(self, spans: Sequence[Span], counts: Sequence[int]) -> int:
        """By how many tokens the largest passage that can be smaller is over budget."""
        over = [
            count - self.budget.tokens
            for span, count in zip(spans, counts, strict=True)
            if span.headings or span.end - span.start > 1
        ]
        return max(0, *over) if over else 0

    def tighten(self, section: Section, over: int) -> None:
        """Leave less room; where hardly any is left, give up the headings first."""
        less = min(over, max(1, section.room // 4))
        if section.room - less >= _SMALLEST:
            section.room -= less
        elif not section.bare:
            section.bare = True
        else:
            section.room = max(1, section.room // 2)
        self._cut_large(section)
        self._measure_gaps([section])
        for atom in section.atoms:  # parts without any token may have many together
            atom.size = max(1, atom.size)


def _line(path: Headings) -> str:
    return " > ".join(path) + "\n" if path else ""


def _is_mark(ch: str) -> bool:
    return ch in _MARKS or unicodedata.category(ch)[0] == "P"


def _walked(firsts: Sequence[int], begins: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    """Where each chunk starts, what is new in it, and its end; none repeats the whole chunk before."""
    found, end = [], count
    while end:
        begin = begins[end]
        found.append((max(firsts[begin], begins[begin] + 1) if begin else 0, begin, end))
        end = begin
    return found[::-1]


def _repeated(atoms: Sequence[Atom], begin: int, spare: int, overlap: int) -> int:
    """Where a chunk that begins at that atom really starts: up to ``overlap`` atoms earlier."""
    first, taken = begin, 0
    while first > 0 and begin - first < overlap:
        taken += atoms[first - 1].size + atoms[first].gap
        if taken > spare:
            break
        first -= 1
    return first
