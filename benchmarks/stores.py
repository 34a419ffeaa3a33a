"""The three stores side by side: CPU seconds to write and to search the same made-up chunks.

python -m benchmarks.stores [--chunks 10000] [--dimension 256] [--queries 200] [--json]

CPU seconds of the process, not wall time: they vary less on a machine that others use. The stores take
turns in each round, and the median of the rounds is printed, with its ratio to the default store.
Vectors lie in 200 clusters; terms are drawn by Zipf's law, 80 a chunk and 6 a query.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from rag.ports import Store
from rag.stores.memory import MemoryStore
from rag.stores.qdrant_edge import QdrantEdgeStore
from rag.types import Chunk, Point, Sparse

DEPTH = 100
BATCH = 256
STEPS = ("upsert", "dense one by one", "dense together", "sparse one by one", "sparse together", "open")


def kinds() -> dict[str, Callable[[Path, int], Store]]:
    found: dict[str, Callable[[Path, int], Store]] = {
        "qdrant-edge": QdrantEdgeStore,
        "memory": lambda path, dimension: MemoryStore(dimension),
    }
    try:
        from rag.stores.chroma import ChromaStore  # noqa: PLC0415 - an extra
    except ImportError:
        return found
    return {**found, "chroma": ChromaStore}


def vectors(rng: np.random.Generator, centres: np.ndarray, count: int) -> np.ndarray:
    noise = rng.standard_normal((count, centres.shape[1])).astype(np.float32)
    rows = centres[rng.integers(0, len(centres), count)] + noise
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def terms(rng: np.random.Generator, count: int) -> Sparse:
    indices = np.unique(rng.zipf(1.2, count) % 200_000).astype(np.uint32)
    return Sparse(indices, rng.random(len(indices)).astype(np.float32) + np.float32(0.1))


def world(chunks: int, dimension: int, queries: int) -> tuple[list[Point], np.ndarray, list[Sparse]]:
    rng = np.random.default_rng(7)
    centres = rng.standard_normal((200, dimension)).astype(np.float32)
    letters = np.array([chr(one) for one in range(0x4E00, 0x5600)])
    points = []
    for number, row in enumerate(vectors(rng, centres, chunks)):
        text = "".join(rng.choice(letters, 200))
        doc = f"document {number // 20}"
        chunk = Chunk(str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), doc, doc, text, 0, len(text))
        points.append(Point(chunk, doc, row, terms(rng, 80)))
    return points, vectors(rng, centres, queries), [terms(rng, 6) for _ in range(queries)]


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(
    make: Callable[[Path, int], Store], points: list[Point], dense: np.ndarray, sparse: list[Sparse]
) -> tuple[dict[str, float], float]:
    """CPU seconds of each step, and megabytes on disk."""
    dimension = dense.shape[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        store = make(path, dimension)
        seconds = {
            "upsert": timed(
                lambda: [store.upsert(points[at : at + BATCH]) for at in range(0, len(points), BATCH)]
            )
        }
        store.search_dense(dense[:1], depth=1)  # what is built on first use is not a query's time
        seconds |= {
            "dense one by one": timed(lambda: [store.search_dense(row[None], depth=DEPTH) for row in dense]),
            "dense together": timed(lambda: store.search_dense(dense, depth=DEPTH)),
            "sparse one by one": timed(lambda: [store.search_sparse([one], depth=DEPTH) for one in sparse]),
            "sparse together": timed(lambda: store.search_sparse(sparse, depth=DEPTH)),
        }
        store.close()
        size = sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file()) / 1e6
        seconds["open"] = timed(lambda: make(path, dimension).close())
    return seconds, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    points, dense, sparse = world(options.chunks, options.dimension, options.queries)
    rounds: dict[str, list[dict[str, float]]] = {}
    sizes: dict[str, float] = {}
    for _ in range(options.rounds):
        for name, make in kinds().items():
            seconds, sizes[name] = measure(make, points, dense, sparse)
            rounds.setdefault(name, []).append(seconds)
    medians = {
        name: {step: statistics.median(one[step] for one in several) for step in STEPS}
        for name, several in rounds.items()
    }
    if options.json:
        print(json.dumps({"options": vars(options), "cpu_seconds": medians, "disk_mb": sizes}, indent=1))
        return
    print(f"{options.chunks} chunks, {options.dimension} numbers, {options.queries} queries, depth {DEPTH}")
    print(f"{'CPU seconds':<20}" + "".join(f"{name:>22}" for name in medians))
    for step in STEPS:
        base = medians["qdrant-edge"][step]
        cells = (f"{one[step]:.2f} ({one[step] / base:.2f}x)" for one in medians.values())
        print(f"{step:<20}" + "".join(f"{cell:>22}" for cell in cells))
    print(f"{'MB on disk':<20}" + "".join(f"{sizes[name]:>22.0f}" for name in medians))


if __name__ == "__main__":
    main()
