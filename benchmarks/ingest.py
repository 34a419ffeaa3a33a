"""A folder of many small files: the first run, a run in which nothing changed, one after a folder was moved.

python -m benchmarks.ingest [--files 10000] [--json]

Prints seconds, documents embedded anew and the growth of resident memory of each run; the last column is the
time relative to the first run, which is the figure to compare between machines.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.pipeline import ingest
from rag.assemble import open_engine
from rag.settings import load

WORDS = re.findall(
    r"\w+", "規程 休暇 手当 報告 会議 資料 契約 年度 안내 규정 휴가 점검 서버 报销 审批 合同 年假 系统"
)
PAGE = 4096


def make(folder: Path, count: int) -> None:
    dice = random.Random(7)
    for number in range(count):
        path = folder / f"{number % 100}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            f"{dice.choice(WORDS)}の第{dice.randrange(1000)}条は{dice.choice(WORDS)}である。\n"
            for _ in range(8)
        )
        path.write_text("".join(lines), "utf-8")


def resident() -> float:
    """Megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


@contextmanager
def watched() -> Iterator[list[float]]:
    """Resident memory every tenth of a second."""
    seen, stop = [resident()], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            seen.append(resident())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def run(folder: Path, data: Path) -> dict[str, float]:
    settings = load(overrides={"data_dir": str(data), "collection": "many"}, environ={})
    with open_engine(settings, create=True) as engine:
        engine.embedder.encode_passages(["暖機"])
        with watched() as seen:
            report = ingest(folder, engine)
    fresh = sum(not one.twin for one in report.indexed)
    return {
        "seconds": round(report.seconds["total"], 2),
        "embedded anew": fresh,
        "unchanged": report.counts["unchanged"],
        "moved": report.counts["moved"],
        "memory growth MB": round(max(seen) - seen[0]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, data = Path(place, "folder"), Path(place, "data")
        make(folder, options.files)
        time.sleep(2.5)  # a file that was just written proves nothing by its times
        found = {"first": run(folder, data), "again": run(folder, data)}
        (folder / "7").rename(folder / "seven")
        found["one folder in a hundred moved"] = run(folder, data)
    for one in found.values():
        one["of the first run"] = round(one["seconds"] / found["first"]["seconds"], 3)
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for name, one in found.items():
            print(name, *(f"{key}: {value:,}" for key, value in one.items()), sep="  ")


if __name__ == "__main__":
    main()
