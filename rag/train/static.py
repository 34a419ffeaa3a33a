"""The bundled bi-encoder: one vector per piece, a text is the mean of its pieces, learned in batches.

Each question must find its own passage among all passages of the batch, and the passage its question (InfoNCE
in both directions), at full width and cut to the first dimensions.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional

from rag.train.pairs import Cloze, Group
from rag.types import Matrix

log = logging.getLogger(__name__)
Ids = NDArray[np.int32]
_READ = 800  # characters of a training text


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; the defaults made the bundled weights.

    ``kept`` is the chance that a cloze passage keeps the sentence that asks for it; ``thinned`` that a
    question loses some of its pieces; ``most`` the rows of one group that an epoch sees.
    """

    dimension: int = 256
    cuts: tuple[int, ...] = (64,)
    batch: int = 1024
    epochs: float = 2.0
    rate: float = 0.15
    temperature: float = 0.05
    passage_tokens: int = 192
    query_tokens: int = 96
    kept: float = 0.3
    thinned: float = 0.5
    smoothing: float = 3e-4
    most: int = 60_000
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Pieces:
    """Texts as one flat array of piece numbers; text ``i`` is ``flat[starts[i]:starts[i + 1]]``."""

    flat: Ids
    starts: NDArray[np.int64]

    def __getitem__(self, index: int) -> Ids:
        return self.flat[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions and passages of one group, row by row; equal ``keys`` are the same passage."""

    group: str
    queries: list[Ids]
    passages: list[Ids]
    keys: NDArray[np.int64]


class Dataset:
    """Groups and clozes as pieces, and the batches made of them."""

    def __init__(self, tokenizer: Tokenizer, groups: Sequence[Group], clozes: Sequence[Cloze]) -> None:
        self._groups = [(g.name, _pieces_of_pairs(tokenizer, g.pairs), g.repeat) for g in groups if g.pairs]
        self._clozes = [(c.name, *_pieces_of_clozes(tokenizer, c), c.repeat) for c in clozes if c.passages]

    def counts(self, size: int) -> NDArray[np.int64]:
        """How often each piece occurs."""
        total = np.zeros(size, dtype=np.int64)
        for _, (pieces, _), _ in self._groups:
            total += np.bincount(pieces.flat, minlength=size)
        for _, pieces, _, _ in self._clozes:
            total += np.bincount(pieces.flat, minlength=size)
        return total

    def batches(self, recipe: Recipe, epoch: int) -> list[tuple[int, NDArray[np.int64]]]:
        """One epoch in a random order: which group, and which of its rows."""
        rng = np.random.default_rng((recipe.seed, epoch))
        sizes = [(len(keys), repeat) for _, (_, keys), repeat in self._groups]
        sizes += [(len(bounds) - 1, repeat) for _, _, bounds, repeat in self._clozes]
        plan = [
            (number, part)
            for number, (size, repeat) in enumerate(sizes)
            for part in _parts(_order(size, repeat, recipe, rng), recipe.batch)
        ]
        return [plan[index] for index in rng.permutation(len(plan))]

    def batch(self, number: int, rows: NDArray[np.int64], recipe: Recipe, rng: np.random.Generator) -> Batch:
        """The pieces of the chosen rows."""
        if number < len(self._groups):
            name, (pieces, keys), _ = self._groups[number]
            queries = [_thin(pieces[2 * row], recipe, rng) for row in rows]
            passages = [pieces[2 * row + 1][: recipe.passage_tokens] for row in rows]
            return Batch(name, queries, passages, keys[rows])
        name, pieces, bounds, _ = self._clozes[number - len(self._groups)]
        asked = [_asked(pieces, bounds[row], bounds[row + 1], recipe, rng) for row in rows]
        return Batch(name, [a[0] for a in asked], [a[1] for a in asked], rows)


def initial(counts: NDArray[np.int64], recipe: Recipe) -> torch.Tensor:
    """Random directions, each as long as its piece is telling: ``a / (a + p)``.

    Source: Arora, Liang, Ma (2017), "A simple but tough-to-beat baseline for sentence embeddings".
    """
    rng = np.random.default_rng(recipe.seed)
    share = counts / max(1, counts.sum())
    length = recipe.smoothing / (recipe.smoothing + share)
    weights = rng.standard_normal((len(counts), recipe.dimension)) * length[:, None]
    return torch.tensor(weights, dtype=torch.float32)


def train(
    dataset: Dataset,
    size: int,
    recipe: Recipe,
    *,
    minutes: float | None = None,
    checkpoint: Callable[[Matrix, int], None] | None = None,
    every: int = 200,
) -> tuple[Matrix, list[float]]:
    """Vectors of the ``size`` pieces, shape (size, dimension), and the loss of each step.

    Args:
        dataset: what is learned from.
        size: pieces of the vocabulary.
        recipe: how.
        minutes: stop the schedule after so much wall time even if steps are left (the rate still falls to 0).
        checkpoint: called with the vectors and the step, every ``every`` steps.
        every: see above.
    """
    torch.manual_seed(recipe.seed)
    bag = torch.nn.EmbeddingBag.from_pretrained(
        initial(dataset.counts(size), recipe), freeze=False, mode="mean"
    )
    optimiser = torch.optim.Adam(bag.parameters(), lr=recipe.rate, betas=(0.9, 0.99), fused=True)
    steps = list(_plan(dataset, recipe))
    losses: list[float] = []
    began = time.monotonic()
    for step, (number, rows) in enumerate(steps):
        spent = (time.monotonic() - began) / (60 * minutes) if minutes else 0.0
        progress = max(step / len(steps), spent)
        if progress >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 20) * (1 - progress)
        batch = dataset.batch(number, rows, recipe, np.random.default_rng((recipe.seed, step)))
        losses.append(_step(bag, optimiser, batch, recipe))
        if checkpoint and (step + 1) % every == 0:
            checkpoint(bag.weight.detach().numpy(), step + 1)
            log.info("step %d/%d loss %.3f %.0f s", step + 1, len(steps), np.mean(losses[-every:]),
                     time.monotonic() - began)  # fmt: skip
    return bag.weight.detach().numpy(), losses


def _plan(dataset: Dataset, recipe: Recipe) -> Iterator[tuple[int, NDArray[np.int64]]]:
    for epoch in range(int(np.ceil(recipe.epochs))):
        batches = dataset.batches(recipe, epoch)
        share = min(1.0, recipe.epochs - epoch)
        yield from batches[: max(1, round(len(batches) * share))]


def _step(
    bag: torch.nn.EmbeddingBag, optimiser: torch.optim.Optimizer, batch: Batch, recipe: Recipe
) -> float:
    queries, passages = _vectors(bag, batch.queries), _vectors(bag, batch.passages)
    keys = torch.from_numpy(batch.keys)
    same = (keys[:, None] == keys[None, :]) & ~torch.eye(len(keys), dtype=torch.bool)
    loss = sum(
        (_loss(queries[:, :width], passages[:, :width], same, recipe.temperature)
         for width in (recipe.dimension, *recipe.cuts)),
        torch.zeros(()),
    )  # fmt: skip
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach()) / (1 + len(recipe.cuts))


def _loss(
    queries: torch.Tensor, passages: torch.Tensor, same: torch.Tensor, temperature: float
) -> torch.Tensor:
    """InfoNCE in both directions; a cosine is at most 1, so that exp needs no row maximum."""
    queries, passages = functional.normalize(queries), functional.normalize(passages)
    exponentials = ((queries @ passages.T - 1) / temperature).exp().masked_fill(same, 0)
    own = ((queries * passages).sum(1) - 1) / temperature
    return ((exponentials.sum(0).log() + exponentials.sum(1).log()) / 2 - own).mean()


def _vectors(bag: torch.nn.EmbeddingBag, texts: Sequence[Ids]) -> torch.Tensor:
    offsets = np.cumsum([0, *(len(text) for text in texts[:-1])])
    vectors: torch.Tensor = bag(
        torch.from_numpy(np.concatenate(texts).astype(np.int64)), torch.from_numpy(offsets)
    )
    return vectors


def _thin(pieces: Ids, recipe: Recipe, rng: np.random.Generator) -> Ids:
    """The question, at times without a random part of its pieces: most words must be understood alone."""
    pieces = pieces[: recipe.query_tokens]
    if len(pieces) < 4 or rng.random() >= recipe.thinned:
        return pieces
    held = pieces[rng.random(len(pieces)) < rng.uniform(0.4, 1.0)]
    return held if len(held) >= 2 else pieces


def _asked(pieces: Pieces, low: int, high: int, recipe: Recipe, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """One sentence, thinned, and the passage, mostly without it."""
    chosen = int(rng.integers(low, high))
    start, end = pieces.starts[low], pieces.starts[high]
    left, right = pieces.starts[chosen], pieces.starts[chosen + 1]
    query = _thin(pieces.flat[left:right], recipe, rng)
    whole = rng.random() < recipe.kept
    parts = [pieces.flat[start:end]] if whole else [pieces.flat[start:left], pieces.flat[right:end]]
    passage = np.concatenate(parts)[: recipe.passage_tokens]
    return query, passage


def _order(size: int, repeat: int, recipe: Recipe, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.concatenate([rng.permutation(size) for _ in range(repeat)])[: recipe.most]


def _parts(order: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    count = max(1, round(len(order) / size))
    return [part for part in np.array_split(order, count) if len(part) > 1]


def _pieces_of_pairs(
    tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]
) -> tuple[Pieces, NDArray[np.int64]]:
    keys: dict[str, int] = {}
    numbers = np.array([keys.setdefault(positive, len(keys)) for _, positive in pairs], dtype=np.int64)
    return _pieces(tokenizer, [text for pair in pairs for text in pair]), numbers


def _pieces_of_clozes(tokenizer: Tokenizer, cloze: Cloze) -> tuple[Pieces, NDArray[np.int64]]:
    bounds = np.cumsum([0, *(len(passage) for passage in cloze.passages)])
    return _pieces(tokenizer, [text for passage in cloze.passages for text in passage]), bounds


def _pieces(tokenizer: Tokenizer, texts: Sequence[str], *, at_once: int = 20_000) -> Pieces:
    """Each different text is read once, and no further than a training passage reaches."""
    numbers: dict[str, int] = {}
    order = [numbers.setdefault(text[:_READ], len(numbers)) for text in texts]
    unique = list(numbers)
    known: list[Ids] = []
    for start in range(0, len(unique), at_once):
        found = tokenizer.encode_batch_fast(unique[start : start + at_once])
        known += [np.array(encoding.ids or [0], dtype=np.int32) for encoding in found]
    flat = [known[number] for number in order]
    return Pieces(np.concatenate(flat), np.cumsum([0, *(len(item) for item in flat)]))
