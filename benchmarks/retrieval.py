"""Measure every mode on every test collection, keep the figures as JSON, and write the table of a page.

    python benchmarks/retrieval.py FOLDER --markdown docs/evaluation.md

FOLDER is a test collection in BEIR layout, or a folder of such folders. The corpus is indexed once for
all modes. The embedder, analyser and reranker are those of the configuration (``CJKRAG_*``, --config).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

from rag.assemble import embedder, reranker
from rag.errors import CjkRagError
from rag.evaluate.qrels import read_beir
from rag.evaluate.retrieval import Parts, evaluate_index, index_corpus
from rag.settings import Mode, load
from rag.stores.memory import MemoryStore

BEGIN, END = "<!-- figures: written by benchmarks/retrieval.py -->", "<!-- end of figures -->"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    settings = load(options.config)
    model = embedder(settings)
    judge = reranker(settings) if "reranked" in options.modes else None
    parts = Parts(model, lambda: MemoryStore(model.dimension), judge)
    results = []
    for folder in _collections(options.folders):
        beir = read_beir(folder)
        index = index_corpus(beir, parts, settings=settings)
        for mode in options.modes:
            found = evaluate_index(beir, index, parts, mode=mode, settings=settings).to_json()
            results.append(found)
            print(f"{folder.name:24} {mode:9} {found['nDCG@10']:.4f}", flush=True)
    report = {"commit": _commit(), "results": results}
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if options.markdown:
        _rewrite(options.markdown, table(results))
    return 0


def table(results: list[dict]) -> str:
    """Markdown: one row a collection, nDCG@10 of each mode, and how hybrid differs from lexical."""
    modes = [mode for mode in get_args(Mode) if any(one["mode"] == mode for one in results)]
    figures = {(one["folder"], one["mode"]): one for one in results}
    header = ["collection", "passages / queries", *modes]
    both = {"lexical", "hybrid"} <= set(modes)
    rows = []
    for folder in dict.fromkeys(one["folder"] for one in results):
        scores = {mode: figures[folder, mode]["nDCG@10"] for mode in modes}
        one = figures[folder, modes[0]]
        row = [folder, f"{one['corpus']} / {one['queries']}", *(f"{score:.3f}" for score in scores.values())]
        rows.append([*row, f"{scores['hybrid'] - scores['lexical']:+.3f}"] if both else row)
    header += ["hybrid - lexical"] if both else []
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--modes", nargs="+", choices=get_args(Mode), default=["lexical", "dense", "hybrid"])
    parser.add_argument("--config", type=Path, help="settings, as for cjkrag --config")
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument("--markdown", type=Path, help=f"replace what stands between '{BEGIN}' and '{END}'")
    return parser.parse_args(arguments)


def _collections(folders: list[Path]) -> list[Path]:
    found = []
    for folder in folders:
        inside = sorted(path.parent for path in folder.glob("*/corpus.jsonl*"))
        found += inside or [folder]
    return found


def _commit() -> str:
    answer = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


def _rewrite(page: Path, content: str) -> None:
    text = page.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise SystemExit(f"{page}: the lines '{BEGIN}' and '{END}' are missing")
    page.write_text(f"{head}{BEGIN}\n\n{content}\n\n{END}{tail}", "utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CjkRagError as error:
        sys.exit(f"error: {error}")
