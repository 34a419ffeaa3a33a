"""How fast texts are cleaned and folded, in megabytes of UTF-8 a second, beside plain NFKC with case folding.

python -m benchmarks.normalising [--data FOLDER] [--characters 1000000] [--rounds 3] [--json FILE]

CPU seconds of the process, the best of the rounds. The ratio is that to NFKC with case folding.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from benchmarks.encodings import commit
from rag.text.clean import clean
from rag.text.normalise import fold, normalise

DATA = Path(__file__).parents[2] / "shared" / "data" / "text"
HOSTILE = {
    "marks on one character": "e" + "\u0301" * 100_000,
    "squared words": "㍿" * 300_000,
    "iteration marks": "アヽ" * 150_000,
    "dashes": "ア−" * 150_000,
    "decomposed": unicodedata.normalize("NFD", "がぎ한글") * 40_000,
    "invisible": "\u200b数" * 150_000,
}
PASSES: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "fold": fold,
    "normalise": normalise,
    "NFKC": lambda text: unicodedata.normalize("NFKC", text).casefold(),
}


def speed(run: Callable[[str], object], text: str, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        run(text)
        best = min(best, time.process_time() - start)
    return len(text.encode()) / 1e6 / max(best, 1e-9)


def texts(folder: Path, characters: int) -> dict[str, str]:
    found = {}
    for file in sorted(folder.glob("*.txt.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found[file.name.removesuffix(".txt.gz")] = lines.read(characters)
    return {**found, **HOSTILE}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"skipped: no texts in {options.data}")
    rows = []
    print("| text | " + " | ".join(PASSES) + " | fold / NFKC |", "|---|" + "--:|" * 5, sep="\n")
    for name, text in texts(options.data, options.characters).items():
        figures = {one: speed(run, text, options.rounds) for one, run in PASSES.items()}
        rows.append({"text": name, **{one: round(figure, 1) for one, figure in figures.items()}})
        ratio = figures["fold"] / figures["NFKC"]
        print(f"| {name} | " + " | ".join(f"{one:.0f}" for one in figures.values()) + f" | {ratio:.2f} |")
    if options.json:
        report = {"commit": commit(), "results": rows}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
