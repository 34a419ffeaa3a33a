"""Killed in the middle of writing, again and again: what was said to be written is there, once."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from rag.ports import Store
from tests.stores.points import sparse
from tests.stores.writer import KEPT, SIZE, document, opened

ROOT = Path(__file__).parents[2]
ROUNDS = {"qdrant-edge": 3, "chroma": 2}
CHROMA = pytest.mark.skipif(
    importlib.util.find_spec("chromadb") is None, reason='the extra "chroma" is not installed'
)


def write_until_killed(kind: str, folder: Path, first: int, seconds: float) -> int:
    """The last step that the writer said was done."""
    command = [sys.executable, "-m", "tests.stores.writer", kind, str(folder), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        last = int(writer.stdout.readline())
        try:
            writer.wait(seconds)
        except subprocess.TimeoutExpired:
            writer.kill()
        said = writer.stdout.read().splitlines()
    assert writer.returncode == -9
    whole = [int(line) for line in said if line]
    return whole[-1] if whole else last


def check(store: Store, last: int) -> None:
    scrolled = [chunk for chunk, _ in store.scroll()]
    times = Counter(chunk.id for chunk in scrolled)
    assert set(times.values()) == {1}
    assert store.count() == len(scrolled)
    # Step last + 1 may have deleted its predecessor, and written its own document, without saying so.
    for step in range(max(0, last + 2 - KEPT), last + 1):
        points = document(step)
        assert store.get([one.chunk.id for one in points]) == {one.chunk.id: one.chunk for one in points}
        terms = store.search_sparse([sparse({1000 + step: 1.0})], depth=100)[0]
        assert {chunk.id for chunk, _ in terms} == {one.chunk.id for one in points}
        for one in points[:3]:
            assert one.chunk.id in {chunk.id for chunk, _ in store.search_dense(one.dense[None], depth=5)[0]}
            assert store.score_dense(one.dense, [one.chunk.id])[one.chunk.id] == pytest.approx(1, abs=1e-5)
    known = {one.chunk.id for step in range(last + 2) for one in document(step)}
    assert set(times) <= known
    assert len(store.get([one.chunk.id for one in document(last + 1)])) in {0, SIZE}
    for step in range(last - KEPT + 1):
        assert list(store.scroll(doc_id=f"step {step}")) == []


@pytest.mark.kill
@pytest.mark.parametrize("kind", ["qdrant-edge", pytest.param("chroma", marks=CHROMA)])
def test_every_acknowledged_point_outlives_a_killed_writer_and_none_is_doubled(quick_path, kind):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    step = 0
    for _ in range(ROUNDS[kind]):
        last = write_until_killed(kind, quick_path / "store", step, chance.uniform(0.05, 0.9))
        with closing(opened(kind, quick_path / "store")) as store:
            check(store, last)
        step = last + 1
