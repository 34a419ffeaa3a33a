"""Our sentence ends against those of pysbd, kss, Kiwi, syntok, ICU, blingfire, LlamaIndex: F1 and speed.

python -m benchmarks.sentences [--data ../shared/data] [--paragraphs 400] [--repeats 3] [--json FILE]
                               [--markdown docs/sentences.md]

F1 of the sentence ends inside a passage; that at its end does not count. The passages: the golden ones of
tests/text/golden, those of them that a naive splitter gets wrong, those in golden/unseen, at which nobody
looks who writes rules, Korean ones without stops, paragraphs of public sets (`benchmarks.paragraphs`).
What is not installed is left out and said:
pip install pysbd kss kiwipiepy syntok PyICU blingfire llama-index-core

Speed is CPU time of one process for all passages but the unseen, best of the repeats, the order rotated.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.chunking import commit
from benchmarks.paragraphs import SETS, joined
from benchmarks.segmenters import OURS, available, versions
from tests.helpers.golden import LANGUAGES, UNSEEN, Cut, Passage, passages, score

DATA = Path(__file__).parents[2] / "shared" / "data"
BEGIN, END = "<!-- figures: written by benchmarks/sentences.py -->", "<!-- end of figures -->"
NAMES = {"zh": "Chinese", "ja": "Japanese", "ko": "Korean", "en": "English"}
COLUMNS = {
    "golden": "golden",
    "hard": "hard ones",
    "unseen": "unseen",
    "bare": "without stops",
    "paragraphs": "paragraphs",
}
_QUOTED = re.compile("[\"“‘「']")
_STOPS = re.compile("[.?!…~]+$")


def sets(language: str, data: Path, most: int) -> dict[str, list[Passage]]:
    """What is measured for a language, by column; an empty set is no column."""
    golden = list(passages(language))
    given = {
        "golden": golden,
        "hard": [one for one in golden if one.hard],
        "unseen": list(passages(language, UNSEEN)),
        "bare": list(without_stops(golden)) if language == "ko" else [],
        "paragraphs": list(paragraphs(language, data, most)),
    }
    return {name: some for name, some in given.items() if some}


def without_stops(given: Iterable[Passage]) -> Iterator[Passage]:
    """The ordinary passages as people type them in a chat: one line, no stops, a space between sentences."""
    for one in given:
        if not (one.hard or "\n" in one.text or _QUOTED.search(one.text)):
            bare = tuple(_STOPS.sub("", sentence) for sentence in one.sentences)
            yield Passage(one.lang, " ".join(bare), bare, hard=True)


def paragraphs(language: str, data: Path, most: int) -> Iterator[Passage]:
    for name, lang in SETS.items():
        if lang.partition("-")[0] == language and data.is_dir():
            yield from joined(data, name, most)


def measure(language: str, data: Path, most: int, repeats: int) -> Iterator[dict]:
    """One row of figures for each splitter of a language."""
    given = sets(language, data, most)
    made, missing = available(language)
    timed = [one for name in ("golden", "bare", "paragraphs") for one in given.get(name, [])]
    speeds = timing(made, timed, repeats)
    for name, cut in made.items():
        figures = {column: round(score(cut, some).f1, 4) for column, some in given.items()}
        yield {"lang": language, "splitter": name, **figures, "mb_per_second": round(speeds[name], 3)}
    for name, why in missing.items():
        yield {"lang": language, "splitter": name, "missing": why}


def timing(made: dict[str, Cut], given: Sequence[Passage], repeats: int) -> dict[str, float]:
    """Millions of bytes per second of CPU time; what is loaded at the first use is not timed."""
    size = sum(len(one.text.encode()) for one in given) / 1e6
    seconds: dict[str, float] = defaultdict(lambda: float("inf"))
    for turn in range(repeats):
        names = list(made)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            list(made[name](given[0].text, given[0].lang))
            start = time.process_time()
            for one in given:
                list(made[name](one.text, one.lang))
            seconds[name] = min(seconds[name], time.process_time() - start)
    return {name: size / one for name, one in seconds.items()}


def tables(rows: Sequence[dict]) -> str:
    """Markdown: one table for each language."""
    found = []
    for language in dict.fromkeys(one["lang"] for one in rows):
        some = [one for one in rows if one["lang"] == language]
        columns = [name for name in COLUMNS if any(name in one for one in some)]
        lines = [["", *(COLUMNS[name] for name in columns), "MB/s"], ["---", *["--:"] * (len(columns) + 1)]]
        lines += [line(one, columns) for one in some]
        body = "\n".join(f"| {' | '.join(one)} |" for one in lines)
        found.append(f"**{NAMES[language]}**\n\n{body}")
    return "\n\n".join(found)


def line(row: dict, columns: Iterable[str]) -> list[str]:
    name = f"**{row['splitter']}**" if row["splitter"] in OURS else row["splitter"]
    if "missing" in row:
        return [name, f"not installed: {row['missing']}"]
    speed = row["mb_per_second"]
    return [name, *(f"{row[one]:.3f}" for one in columns), f"{speed:.1f}" if speed >= 1 else f"{speed:.2f}"]


def rewrite(page: Path, content: str) -> None:
    head, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{page}: the lines '{BEGIN}' and '{END}' are missing")
    page.write_text(f"{head}{BEGIN}\n\n{content}\n\n{END}{tail}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--paragraphs", type=int, default=400, help="of each set")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=LANGUAGES, choices=LANGUAGES, metavar="LANGUAGE")
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument("--markdown", type=Path, help=f"replace what stands between '{BEGIN}' and '{END}'")
    options = parser.parse_args()
    print(" ".join(f"{name} {version}" for name, version in versions().items()), file=sys.stderr)
    rows = []
    for language in options.only:
        for row in measure(language, options.data, options.paragraphs, options.repeats):
            rows.append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    if options.json:
        report = {"commit": commit(), "versions": versions(), "results": rows}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if options.markdown:
        rewrite(options.markdown, tables(rows))


if __name__ == "__main__":
    main()
