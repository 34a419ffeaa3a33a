"""Likeness of meaning on one scale for all embedders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.ports import Embedder
from rag.text.sentences import sentences
from rag.types import Ranking


def above_usual(cosines: NDArray[np.float32], usual: float) -> list[float]:
    """How far cosines rise above the usual one, 0 at or below it, 1 for cosine 1.

    Embedders differ in the cosine of texts that have nothing in common: 0.1 for some, 0.8 for others.

    Example:
        >>> above_usual(np.array([0.8, 0.9, 0.7], np.float32), usual=0.8)
        [0.0, 0.5, 0.0]
    """
    usual = min(usual, 0.99)
    return [max(0.0, round((float(cosine) - usual) / (1.0 - usual), 6)) for cosine in cosines]


class Likeness:
    """Compares statements with sentences of a ranking; usual is the median over all its sentences."""

    def __init__(self, embedder: Embedder, ranking: Ranking) -> None:
        self._embedder = embedder
        self._ranking = ranking

    def __call__(self, statement: str, texts: Sequence[str]) -> list[float]:
        """One number per text, 0 to 1."""
        told = self._embedder.encode_passages([statement, *texts])
        usual = float(np.median(self._rows @ told[0])) if len(self._rows) else 0.0
        return above_usual(told[1:] @ told[0], usual)

    @cached_property
    def _rows(self) -> NDArray[np.float32]:
        chunks = [hit.chunk for hit in self._ranking]
        return self._embedder.encode_passages(
            [chunk.text[slice(*span)] for chunk in chunks for span in sentences(chunk.text, chunk.lang)]
        )
