"""Makes the bundled models anew: ``python -m rag.train embedder|reranker --data FOLDER --out FOLDER``."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from rag.train import cross, static
from rag.train.folder import save_embedder
from rag.train.negatives import questions
from rag.train.pairs import Cloze, Group, balanced, read
from rag.train.vocabulary import build

log = logging.getLogger("rag.train")
_BUNDLED = Path(__file__).resolve().parents[1] / "models" / "bundled"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one of the two trainings; progress goes to stderr."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    if options.what == "embedder":
        embedder(options)
    else:
        reranker(options)
    return 0


def embedder(options: argparse.Namespace) -> None:
    """Learns the vocabulary (unless one is given), then the vectors, and writes the folder."""
    groups, clozes = read(options.data, limit=options.limit)
    tokenizer = (
        Tokenizer.from_file(str(options.tokenizer))
        if options.tokenizer
        else _vocabulary(groups, clozes, options)
    )
    recipe = static.Recipe(epochs=options.epochs or static.Recipe().epochs)
    dataset = static.Dataset(tokenizer, groups, clozes)
    weights, losses = static.train(dataset, tokenizer.get_vocab_size(), recipe, minutes=options.minutes)
    save_embedder(options.out, tokenizer, weights)
    log.info("%d steps, last loss %.3f, written to %s", len(losses), losses[-1], options.out)


def reranker(options: argparse.Namespace) -> None:
    """Finds negatives with the embedder, learns to tell them apart, and writes the folder."""
    groups, clozes = read(options.data, limit=options.limit)
    recipe = cross.Recipe(epochs=options.epochs or cross.Recipe().epochs)
    asked = questions(groups, clozes, options.embedder, per_group=recipe.per_group, seed=recipe.seed)
    losses = cross.train(asked, options.embedder, options.out, recipe, minutes=options.minutes)
    log.info("%d steps, last loss %.3f, written to %s", len(losses), losses[-1], options.out)


def _vocabulary(groups: list[Group], clozes: list[Cloze], options: argparse.Namespace) -> Tokenizer:
    sample = balanced(groups, clozes, characters=options.characters)
    return build((text for texts in sample.values() for text in texts), size=options.pieces)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m rag.train", description=__doc__)
    parser.add_argument("what", choices=("embedder", "reranker"))
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and text/")
    parser.add_argument("--out", type=Path, required=True, help="folder that is written")
    parser.add_argument("--limit", type=int, help="most pairs of one group, for a quick run")
    parser.add_argument("--epochs", type=float, help="passes over the data")
    parser.add_argument("--minutes", type=float, help="end the schedule after so much time")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--pieces", type=int, default=48_000, help="size of the vocabulary")
    parser.add_argument(
        "--characters", type=int, default=3_000_000, help="characters of each language for the vocabulary"
    )
    parser.add_argument("--tokenizer", type=Path, help="use this tokenizer.json instead of learning one")
    parser.add_argument(
        "--embedder", type=Path, default=_BUNDLED / "embedder", help="of a reranker: where it starts from"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
