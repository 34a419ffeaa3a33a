"""Ways to cut a document, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from ingest.atoms import LEAD_IN, PRICES, Atom, atoms, pieces
from ingest.sections import Section, sections
from ingest.units import units
from rag.errors import ConfigError
from rag.text.sentences import SPLITTERS, Splitter
from rag.types import Block, Document, Lang, Matrix

Embed: TypeAlias = Callable[[Sequence[str]], Matrix]
Atoms: TypeAlias = Callable[[str, Block, Lang, Splitter], list[Atom]]

_ALWAYS: Final = -3.0  # a cut is worth more than any unused room
_WINDOW: Final = 2  # sentences on each side of a border that are compared
_TOPIC: Final = 0.3  # price of one standard deviation of likeness


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a document becomes atoms, and what its borders cost."""

    atoms: Atoms = atoms
    by_page: bool = False
    units: bool = True
    block: float = PRICES["block"]
    semantic: bool = False


STRATEGIES: Final[dict[str, Strategy]] = {
    "sentence": Strategy(),
    "structure": Strategy(block=_ALWAYS),
    "fixed": Strategy(atoms=pieces, units=False, block=0.0),
    "semantic": Strategy(semantic=True),
    "page": Strategy(by_page=True),
}
"""``sentence``: whole sentences, as many as fit, paragraphs together where that costs little room.
``structure``: as that, but every paragraph, list, table, article, question with its answer by itself.
``fixed``: as full as can be, cut between any two words.
``semantic``: whole sentences, cut where the vectors of the sentences on both sides differ most.
``page``: a page, slide or sheet whole where it fits, headings or not."""


def priced(
    document: Document, strategy: str, embed: Embed | None = None, by: Splitter = "rules"
) -> list[Section]:
    """The sections of a document, cut to atoms, each atom with the price of ending a chunk behind it.

    Raises:
        ConfigError: the strategy is unknown, or it needs an embedder and there is none; or the splitter of
            sentences is unknown.
        MissingExtra: that splitter is not installed.
    """
    chosen = STRATEGIES.get(strategy)
    if chosen is None:
        raise ConfigError(f"chunk.strategy is one of {', '.join(STRATEGIES)}, found {strategy!r}")
    if by not in SPLITTERS:
        raise ConfigError(f"chunk.sentences is one of {', '.join(SPLITTERS)}, found {by!r}")
    if chosen.semantic and embed is None:
        raise ConfigError('the strategy "semantic" compares sentences by their vectors: give an embedder')
    found = sections(document, by_page=chosen.by_page)
    for section in found:
        _cut(document, section, chosen, by)
    if chosen.semantic and embed:
        _by_topic(document.text, found, embed)
    return found


def _cut(document: Document, section: Section, chosen: Strategy, by: Splitter) -> None:
    for block in section.blocks:
        made = chosen.atoms(document.text, block, document.lang, by)
        if made and made[-1].cut == PRICES["block"]:
            made[-1].cut = chosen.block
        section.atoms += made
    if chosen.units:
        section.units = units(document.text, section.blocks, section.atoms)
        _part(section, chosen.block)


def _part(section: Section, price: float) -> None:
    """Before and behind a unit is as good a place to cut as between two blocks."""
    starts, ends = {one[0] for one in section.units}, {one[1] for one in section.units}
    for one, two in pairwise(section.atoms):
        if (two.start in starts or one.end in ends) and one.cut < LEAD_IN:
            one.cut = min(one.cut, price)


def _by_topic(text: str, found: Sequence[Section], embed: Embed) -> None:
    """A border costs more the more alike the sentences on its two sides are.

    Source: TextTiling (Hearst 1997), on sentence vectors instead of word counts.
    """
    flat = [atom for section in found for atom in section.atoms]
    if len(flat) < 3:
        return
    alike = _likeness(embed([text[one.start : one.end] for one in flat]))
    spread = float(alike.std()) or 1.0
    for atom, one in zip(flat, (alike - alike.mean()) / spread, strict=False):
        if atom.cut < LEAD_IN:
            atom.cut += _TOPIC * float(one)


def _likeness(rows: Matrix) -> Matrix:
    """Cosine of the mean vectors on both sides of each border, shape (n - 1,)."""
    sums = np.vstack((np.zeros((1, rows.shape[1]), rows.dtype), np.cumsum(rows, axis=0)))
    borders = np.arange(1, len(rows))
    left = sums[borders] - sums[np.maximum(borders - _WINDOW, 0)]
    right = sums[np.minimum(borders + _WINDOW, len(rows))] - sums[borders]
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return np.asarray((left * right).sum(axis=1) / np.where(lengths > 0, lengths, 1), np.float32)
