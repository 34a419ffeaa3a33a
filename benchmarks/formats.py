"""Documents of known text in every format, made by other programs, read back: the share of paragraphs found.

python -m benchmarks.formats [--data ../shared/data] [--seed 1] [--languages zh tw ja ko] [--json] [--losses]

Paragraphs of encyclopaedias become text files in old encodings, Markdown, HTML, mail, tables, subtitles and
JSON by Python; Word, OpenDocument, RTF, slides and sheets by LibreOffice and pandoc; PDF by LibreOffice and
Chromium; HWPX by python-hwpx. What is not installed is left out and said. A paragraph is found when it stands
in the text read after folding: ``exact`` with runs of white space as one, ``found`` without white space.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.making import Material, make
from ingest.worker import Worker
from rag.errors import DocumentError
from rag.text.normalise import fold

DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = {"zh": "cmrc2018-zh", "tw": "drcd-dev-zh-hant", "ja": "jsquad-valid-ja", "ko": "korquad-dev-ko"}
PARAGRAPHS, SHORTEST, LONGEST = 24, 60, 600
_MARKUP = re.compile(r"[<>|\t#*_`\[\]{}~\\]|  ")


def material(data: Path, lang: str, dice: random.Random) -> Material:
    """Paragraphs of one language, none of which holds what a format would take for markup."""
    with tarfile.open(data / "eval-docs" / f"{SETS[lang]}.tar.gz") as archive:
        members = sorted((one for one in archive if one.name.endswith(".txt")), key=lambda one: one.name)
        dice.shuffle(members)
        found: list[str] = []
        for member in members:
            text = archive.extractfile(member)
            lines = text.read().decode().split("\n") if text else []
            found += [line.strip() for line in lines if SHORTEST < len(line.strip()) < LONGEST]
            found = [line for line in found if not _MARKUP.search(line)]
            if len(found) >= PARAGRAPHS:
                break
    return Material(lang, tuple(found[:PARAGRAPHS]))


def squeezed(text: str, by: str) -> str:
    return re.sub(r"\s+", by, fold(text.strip()))


def read(path: Path, worker: Worker) -> tuple[str, list[str]]:
    """The text of a file and of all that is inside it, and what could not be read."""
    loaded = list(worker.read_all(path, name=path.name))
    errors = [str(one) for _, one in loaded if isinstance(one, DocumentError)]
    return "\n".join(one.text for _, one in loaded if not isinstance(one, DocumentError)), errors


def measure(
    folder: Path, expected: dict[str, list[str]], *, losses: bool
) -> Iterator[tuple[str, int, int, int]]:
    """For each file: its kind, how many paragraphs it holds, how many are exact, how many are found."""
    with Worker(timeout=120) as worker:
        for name, paragraphs in expected.items():
            text, errors = read(folder / name, worker)
            for error in errors:
                print(f"failed  {error}", file=sys.stderr)
            spaced, bare = squeezed(text, " "), squeezed(text, "")
            exact = [squeezed(one, " ") in spaced for one in paragraphs]
            found = [squeezed(one, "") in bare for one in paragraphs]
            if losses:
                for one, kept in zip(paragraphs, found, strict=True):
                    if not kept:
                        print(f"lost  {name}: {one[:50]}", file=sys.stderr)
            yield name.split("/")[1], len(paragraphs), sum(exact), sum(found)


def run(data: Path, languages: list[str], seed: int, *, losses: bool) -> dict[str, dict[str, float]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with tempfile.TemporaryDirectory() as place:
        for lang in languages:
            expected = make(material(data, lang, random.Random(seed)), Path(place))
            for kind, *counted in measure(Path(place), expected, losses=losses):
                sums[kind] = [one + two for one, two in zip(sums[kind], counted, strict=True)]
    sums["all"] = [sum(column) for column in zip(*sums.values(), strict=True)]
    return {
        kind: {"paragraphs": count, "exact": round(exact / count, 4), "found": round(found / count, 4)}
        for kind, (count, exact, found) in sorted(sums.items())
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--languages", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--losses", action="store_true", help="name what was not found")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"{options.data}: there is no such folder; --data names the one with eval-docs/")
    found = run(options.data, options.languages, options.seed, losses=options.losses)
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        print("| file | paragraphs | exact | found |\n| --- | --: | --: | --: |")
        for kind, one in found.items():
            print(f"| {kind} | {one['paragraphs']} | {one['exact']:.3f} | {one['found']:.3f} |")


if __name__ == "__main__":
    main()
