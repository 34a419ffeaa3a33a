"""What every store refuses before it writes or searches: one bad number would poison every ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.types import Matrix, Point, Sparse


def check_points(points: Sequence[Point], dimension: int) -> None:
    """Raises StoreError for the first point whose vectors cannot be kept.

    A zero vector is kept; its cosine to anything is 0.
    """
    for point in points:
        where = f"chunk {point.chunk.id} of {point.chunk.document!r}"
        if point.dense.shape != (dimension,):
            raise StoreError(
                f"{where}: the vector has shape {point.dense.shape}, this index keeps ({dimension},). "
                "Index again with the embedder that is configured: cjkrag ingest FOLDER --rebuild"
            )
        _finite(point.dense, f"{where}: the dense vector")
        check_sparse(point.sparse, where)


def check_queries(vectors: Matrix, dimension: int) -> None:
    """Raises StoreError where query vectors are not finite rows of that length."""
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise StoreError(
            f"query vectors have shape {vectors.shape}, this index keeps (n, {dimension}). "
            "Search with the embedder the index was made with."
        )
    _finite(vectors, "the query vectors")


def check_sparse(sparse: Sparse, where: str = "the query") -> None:
    """Raises StoreError where indices are not ascending, or weights not finite."""
    indices, values = sparse.indices, sparse.values
    if indices.ndim != 1 or indices.shape != values.shape:
        raise StoreError(f"{where}: {indices.shape} sparse indices for {values.shape} weights")
    if np.any(indices[1:] <= indices[:-1]):
        raise StoreError(f"{where}: sparse indices must ascend, none twice")
    _finite(values, f"{where}: the sparse vector")


def check_depth(depth: int) -> None:
    """Raises StoreError where nothing could be found."""
    if depth < 1:
        raise StoreError(f"depth must be 1 or more, found {depth}")


def _finite(numbers: NDArray[Any], what: str) -> None:
    if not np.all(np.isfinite(numbers)):
        bad = numbers[~np.isfinite(numbers)].ravel()[0]
        raise StoreError(f"{what} holds {bad}; only finite numbers can be searched. Check the embedder.")
