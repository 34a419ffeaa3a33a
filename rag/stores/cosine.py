"""Cosines of vectors of any length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.types import Matrix

PLACES = 6  # float32 says no more of a cosine


def unit(rows: Matrix) -> Matrix:
    """Rows of length 1; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def cosines(queries: Matrix, units: Matrix) -> NDArray[np.float64]:
    """Cosine of each query with each unit row, shape (queries, units), rounded to `PLACES`.

    Example:
        >>> cosines(np.array([[2, 0]], np.float32), np.array([[0.6, 0.8]], np.float32)).tolist()
        [[0.6]]
    """
    products = np.asarray(unit(queries) @ units.T, dtype=np.float64)
    return np.round(products, PLACES)
