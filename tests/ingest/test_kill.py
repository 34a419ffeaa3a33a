"""kill -9 in the middle of ingesting, again and again: nothing lost, doubled or half visible."""

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ingest.documents import counts
from ingest.pipeline import ingest
from tests.helpers.folders import content, engine, write

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "20"))
FILES = 120


def texts(version: int) -> dict[str, str | bytes]:
    """A folder in which every file says something of its own; some change with the version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20 + version):
            archive.writestr(
                f"内/{number}.txt", f"包の{number}番目の文書、第{version * (number % 2)}版である。"
            )
    return {
        "包.zip": packed.getvalue(),
        **documents(version),
    }


def documents(version: int) -> dict[str, str]:
    return {
        f"{number % 7}/文書{number}.md": "\n\n".join(
            [f"# 文書{number} 第{version if number % 3 == 0 else 0}版"]
            + [
                f"第{part}条 これは文書{number}の{part}番目の段落である。수량은 {number * part}개이며, "
                f"编号为 N{number}-{part}。The limit is {number + part} units."
                for part in range(1, 13)
            ]
        )
        for number in range(FILES)
    }


@pytest.mark.kill
def test_a_run_killed_again_and_again_ends_as_one_that_was_never_killed(tmp_path):
    seed = int(os.environ.get("KILL_SEED", random.randrange(2**32)))
    print(f"KILL_SEED={seed}")
    dice = random.Random(seed)
    folder = write(tmp_path / "folder", texts(0))
    landed, span = 0, 2.5
    for _ in range(5 * KILLS):
        if landed == KILLS // 2:
            change(folder)
        if landed == KILLS:
            break
        if kill_once(folder, tmp_path / "killed", after=dice.uniform(0.0, span)):
            landed += 1
        else:
            span *= 0.8  # this machine was done before the kill
    assert landed == KILLS, "every kill that counts lands in the middle of a run"
    with engine(tmp_path / "killed") as one, engine(tmp_path / "calm") as other:
        ingest(folder, one)
        ingest(folder, other)
        assert content(one) == content(other)
        assert same_vectors(one, other)
        assert one.collection.hidden() == frozenset()
        assert counts(one.collection) == counts(other.collection) == (FILES - 1 + 21, one.store.count())


def change(folder: Path) -> None:
    """Some files say something else, one is gone, some have moved; doing it twice is harmless."""
    write(folder, texts(1))
    (folder / "1/文書1.md").unlink()
    if not (folder / "moved").exists():
        (folder / "2").rename(folder / "moved")
    shutil.rmtree(folder / "2", ignore_errors=True)


def kill_once(folder: Path, data_dir: Path, *, after: float) -> bool:
    """Start a run, kill it some time after it took the index; whether it was still running."""
    command = [sys.executable, "-m", "ingest", str(folder), "--collection", "docs", "--rebuild"]
    child = subprocess.Popen(
        [*command, "--data-dir", str(data_dir)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started, deadline = time.time(), time.monotonic() + 60
    while not written_since(started, data_dir) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(after)
    running = child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    return running


def written_since(moment: float, data_dir: Path) -> bool:
    """Whether the run has begun: it wrote to its manifest."""
    manifests = (data_dir / "collections" / "docs").glob("manifest.sqlite*")
    return any(file.stat().st_mtime >= moment for file in manifests)


def same_vectors(one, other) -> bool:
    queries = one.embedder.encode_queries(["第3条", "수량", "编号", "limit of units"])
    found = [
        [(chunk.id, round(score, 5)) for chunk, score in ranking]
        for store in (one.store, other.store)
        for ranking in store.search_dense(np.asarray(queries), depth=20)
    ]
    return found[: len(queries)] == found[len(queries) :]
