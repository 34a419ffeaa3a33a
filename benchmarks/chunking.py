"""Our chunks against those of LangChain, LlamaIndex, chonkie and semchunk: same embedder, budget, retriever.

python -m benchmarks.chunking [FOLDER ...] [--data ../shared/data] [--budgets 256 512] [--only NAME ...]
                              [--repeats 3] [--json FILE] [--markdown docs/chunks.md]

FOLDER holds docs/*.txt and questions.jsonl, as for `cjkrag eval chunks`; without one the development sets
below --data are taken. Whole documents are cut without overlap, tokens counted by the embedder; exactly these
chunks are indexed in memory, and every question is asked of the configured retriever. What is not installed
is left out and said: pip install langchain-text-splitters llama-index-core chonkie semchunk

Speed is CPU time of one process, token counting included, best of the repeats, the order rotated.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from benchmarks.splitters import OURS, Splitter, Text, available, chunks_of, versions
from ingest.load import parse
from rag.assemble import analyser, embedder
from rag.evaluate.chunks import cutting, finding, retriever
from rag.evaluate.documents import placed, read_folder
from rag.evaluate.retrieval import Parts
from rag.settings import load
from rag.stores.memory import MemoryStore

DATA = Path(__file__).parents[2] / "shared" / "data"
WARM = Text(
    parse("吾輩は猫である。名前はまだ無い。".encode(), name="warm.txt"), "吾輩は猫である。名前はまだ無い。"
)
Timed: TypeAlias = tuple[dict[str, list], dict[str, float]]
SETS = ("cmrc2018-zh", "drcd-dev-zh-hant", "jsquad-valid-ja", "korquad-dev-ko")
BEGIN, END = "<!-- figures: written by benchmarks/chunking.py -->", "<!-- end of figures -->"


def folders(given: list[Path], data: Path, place: Path) -> Iterator[Path]:
    yield from given
    for name in () if given else SETS:
        with tarfile.open(data / "eval-docs" / f"{name}.tar.gz") as archive:
            archive.extractall(place, filter="data")
        yield place / name


def texts_of(files: dict[str, Path]) -> list[Text]:
    """The documents as they are read; their offsets are those of the files."""
    found = []
    for name, path in files.items():
        document = parse(path.read_bytes(), name=name)
        found.append(Text(document, path.read_bytes().decode("utf-8")))
        if document.text != found[-1].source:
            raise SystemExit(
                f"{path}: reading changes its text, offsets would differ; use UTF-8 and line feeds"
            )
    return found


def measure(folder: Path, budget: int, only: list[str], repeats: int) -> Iterator[dict]:
    """One row of figures for each chunker."""
    settings = load(overrides={"chunk.tokens": budget})
    model, terms = embedder(settings), analyser(settings)
    given = read_folder(folder)
    texts = texts_of(dict(given.files))
    sources = {one.document.source.name: one.source for one in texts}
    answers = placed(given.questions, sources)
    made, speeds = timed(partial(available, model, budget, only), texts, repeats)
    for name, pieces in made.items():
        chunks = chunks_of(texts, pieces)
        parts = Parts(model, lambda: MemoryStore(model.dimension))
        ask = retriever(chunks, parts, terms, mode=settings.retrieve.mode, settings=settings.retrieve)
        found = {
            **cutting(chunks, sources, answers, model.count_tokens, budget).to_json(),
            **finding(ask, answers).to_json(),
        }
        del found["cuts"]
        yield {"set": folder.name, "budget": budget, "chunker": name, **found, "mb_per_second": speeds[name]}


def timed(make: Callable[[], dict[str, Splitter]], texts: list[Text], repeats: int) -> Timed:
    """What each chunker makes of the texts, and its millions of bytes per second of CPU time.

    They are made anew for each turn: what one remembers of the turn before would be no speed.
    """
    size = sum(len(one.source.encode()) for one in texts) / 1e6
    made: dict[str, list] = {}
    seconds: dict[str, float] = defaultdict(lambda: float("inf"))
    for turn in range(repeats):
        splitters = make()
        names = list(splitters)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            splitters[name](WARM)  # what is loaded at the first use is not timed
            start = time.process_time()
            made[name] = [splitters[name](one) for one in texts]
            seconds[name] = min(seconds[name], time.process_time() - start)
    return {name: made[name] for name in names}, {name: round(size / one, 2) for name, one in seconds.items()}


HEAD = (
    "chunker", "chunks", "over budget", "lost", "altered", "mid-sentence", "spans whole", "top-1", "top-5",
    "characters in 1 / 5", "top-1, top-5 per 1,000", "within 500 / 1,500", "MB/s",
)  # fmt: skip


def tables(rows: list[dict]) -> str:
    """Markdown: one table for each set and budget."""
    found = []
    for key in dict.fromkeys((one["set"], one["budget"]) for one in rows):
        lines = [HEAD, ("---", *("--:" for _ in HEAD[1:]))]
        lines += [line(one) for one in rows if (one["set"], one["budget"]) == key]
        found.append(
            f"**{key[0]}, {key[1]} tokens**\n\n" + "\n".join(f"| {' | '.join(one)} |" for one in lines)
        )
    return "\n\n".join(found)


def line(row: dict) -> list[str]:
    top = [row[f"answer_in_top_{k}"] for k in (1, 5)]
    read = [row[f"characters_at_{k}"] for k in (1, 5)]
    per = [1000 * one / max(many, 1) for one, many in zip(top, read, strict=True)]
    name = f"**{row['chunker']}**" if row["chunker"] in OURS else row["chunker"]
    return [
        name,
        *(str(row[key]) for key in ("chunks", "over_budget", "lost_characters", "altered_chunks")),
        f"{row['mid_sentence_share']:.3f}",
        f"{row['spans_whole_share']:.4f}",
        *(f"{one:.3f}" for one in top),
        " / ".join(f"{one:.0f}" for one in read),
        ", ".join(f"{one:.2f}" for one in per),
        " / ".join(f"{row[f'answer_in_{n}_characters']:.3f}" for n in (500, 1500)),
        f"{row['mb_per_second']:.2f}",
    ]


def commit() -> str:
    answer = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


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
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--budgets", nargs="+", type=int, default=[256, 512])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="chunkers whose names begin so")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument("--markdown", type=Path, help=f"replace what stands between '{BEGIN}' and '{END}'")
    options = parser.parse_args()
    print(" ".join(f"{name} {version}" for name, version in versions().items()), file=sys.stderr)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for folder in folders(options.folders, options.data, Path(place)):
            for budget in options.budgets:
                for row in measure(folder, budget, options.only, options.repeats):
                    rows.append(row)
                    print(f"{row['set']:18} {budget:4} {' '.join(line(row))}", flush=True)
    if options.json:
        report = {"commit": commit(), "versions": versions(), "results": rows}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if options.markdown:
        rewrite(options.markdown, tables(rows))


if __name__ == "__main__":
    main()
