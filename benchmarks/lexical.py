"""The lexical leg alone on test collections in BEIR layout: nDCG@10 by exact BM25, and analysing speed.

python -m benchmarks.lexical FOLDER... [--k1 0.7] [--b 0.75] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.evaluate.metrics import measure
from rag.evaluate.qrels import Beir, read_beir
from rag.settings import LexicalSettings
from rag.text.analyse import Bm25, terms
from rag.text.clean import clean
from rag.text.language import detect
from rag.text.query import as_query
from rag.types import Sparse

DEPTH = 100


class Inverted:
    """Sparse vectors by term, scored one query at a time with the IDF of Qdrant's IDF modifier."""

    def __init__(self, passages: Sequence[Sparse]) -> None:
        terms_ = np.concatenate([one.indices for one in passages])
        order = np.argsort(terms_, kind="stable")
        self.rows = np.repeat(np.arange(len(passages)), [len(one.indices) for one in passages])[order]
        self.weights = np.concatenate([one.values for one in passages])[order]
        self.terms, self.starts = np.unique(terms_[order], return_index=True)
        self.ends = np.append(self.starts[1:], len(order))
        self.size = len(passages)

    def best(self, query: Sparse, depth: int) -> list[tuple[int, float]]:
        """Rows and scores, best first, ties by row."""
        scores = np.zeros(self.size)
        places = np.searchsorted(self.terms, query.indices)
        for place, term, weight in zip(places, query.indices, query.values, strict=True):
            if place < len(self.terms) and self.terms[place] == term:
                stretch = slice(self.starts[place], self.ends[place])
                number = stretch.stop - stretch.start
                idf = np.log1p((self.size - number + 0.5) / (number + 0.5))
                scores[self.rows[stretch]] += weight * self.weights[stretch] * idf
        top = np.argsort(-scores, kind="stable")[:depth]
        return [(int(row), float(scores[row])) for row in top if scores[row] > 0]


def evaluate(beir: Beir, k1: float, b: float) -> dict[str, float | int | str]:
    """The figures of one collection; lengths are measured on the whole corpus."""
    passages = list(beir.corpus())
    texts = [clean(f"{one.title}\n{one.text}" if one.title else one.text) for one in passages]
    langs = [detect(text) for text in texts]
    length = float(np.mean([len(terms(text, lang)) for text, lang in zip(texts, langs, strict=True)]))
    analyser = Bm25(k1=k1, b=b, average_length=length)
    start = time.process_time()
    index = Inverted(analyser.passages(texts, langs))
    seconds = time.process_time() - start
    queries = {name: as_query(text) for name, text in beir.queries.items()}
    vectors = analyser.queries([one.text for one in queries.values()], [one.lang for one in queries.values()])
    run = {
        name: [(passages[row].id, score) for row, score in index.best(vector, DEPTH)]
        for name, vector in zip(queries, vectors, strict=True)
    }
    figures = measure(beir.qrels, run)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    return {
        "set": beir.folder.name,
        "passages": len(passages),
        "queries": figures.queries,
        **{name: round(value, 4) for name, value in figures.to_json().items()},
        "average_length": round(length, 1),
        "megabytes_per_second": round(megabytes / seconds, 2),
    }


def main() -> None:
    """Print one line per collection; ``--json`` writes all of it."""
    defaults = LexicalSettings()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="collections in BEIR layout")
    parser.add_argument("--k1", type=float, default=defaults.k1)
    parser.add_argument("--b", type=float, default=defaults.b)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    asked = parser.parse_args()
    rows = []
    for folder in asked.folders:
        rows.append(evaluate(read_beir(folder), asked.k1, asked.b))
        print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
