"""Writes until it is killed: ``python -m tests.stores.writer KIND FOLDER FIRST``.

Step n deletes the document of step n - 4 and writes one of its own, and says so when both are done.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from rag.ports import Store
from rag.types import Point
from tests.stores.points import DIMENSION, point, vector

SIZE = 20
KEPT = 4


def opened(kind: str, folder: Path) -> Store:
    if kind == "chroma":
        from rag.stores.chroma import ChromaStore

        return ChromaStore(folder, DIMENSION)
    from rag.stores.qdrant_edge import QdrantEdgeStore

    return QdrantEdgeStore(folder, DIMENSION)


def document(step: int) -> list[Point]:
    doc = f"step {step}"
    return [
        point((step, n), vector(1, step % 5, n), {1000 + step: 1.0, n: 0.5}, doc=doc, text=f"文{step}.{n}")
        for n in range(SIZE)
    ]


if __name__ == "__main__":
    store = opened(sys.argv[1], Path(sys.argv[2]))
    for step in count(int(sys.argv[3])):
        store.delete(f"step {step - KEPT}")
        store.upsert(document(step))
        print(step, flush=True)
