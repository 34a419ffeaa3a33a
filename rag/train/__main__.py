"""Makes the bundled models anew: ``python -m rag.train embedder|reranker --data FOLDER --out FOLDER``.

``python -m rag.train finetune --model NAME --data FOLDER --out FOLDER`` trains any bi-encoder further on the
same kind of data.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from rag.train import cross, static
from rag.train.export import export_cross_encoder
from rag.train.finetune import Course, finetune
from rag.train.folder import save_embedder
from rag.train.negatives import questions
from rag.train.pairs import Cloze, Group, balanced, read
from rag.train.vocabulary import build

log = logging.getLogger("rag.train")
_BUNDLED = Path(__file__).resolve().parents[1] / "models" / "bundled"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one of the trainings; progress goes to stderr."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    {"embedder": embedder, "reranker": reranker, "finetune": tune}[options.what](options)
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
    """Finds negatives with the embedder, learns to tell them apart, writes the folder and its ONNX graph."""
    groups, clozes = read(options.data, limit=options.limit)
    recipe = cross.Recipe(epochs=options.epochs or cross.Recipe().epochs)
    asked = questions(groups, clozes, options.embedder, per_group=recipe.per_group, seed=recipe.seed)
    losses = cross.train(asked, options.embedder, options.out, recipe, minutes=options.minutes)
    export_cross_encoder(options.out)
    log.info("%d steps, last loss %.3f, written to %s", len(losses), losses[-1], options.out)


def tune(options: argparse.Namespace) -> None:
    """Fine-tunes ``--model`` on all groups."""
    groups, _ = read(options.data, limit=options.limit)
    course = Course(epochs=options.epochs or 1.0, batch=options.batch, rate=options.rate)
    losses = finetune(options.model, groups, options.out, course)
    log.info("last loss %.3f, written to %s", losses[-1] if losses else float("nan"), options.out)


def _vocabulary(groups: list[Group], clozes: list[Cloze], options: argparse.Namespace) -> Tokenizer:
    sample = balanced(groups, clozes, characters=options.characters)
    return build((text for texts in sample.values() for text in texts), size=options.pieces)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m rag.train", description=__doc__)
    parser.add_argument("what", choices=("embedder", "reranker", "finetune"))
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
    parser.add_argument("--model", default=str(_BUNDLED / "embedder"), help="of finetune: name or folder")
    parser.add_argument("--batch", type=int, default=32, help="of finetune: pairs in a batch")
    parser.add_argument("--rate", type=float, default=2e-5, help="of finetune: the highest learning rate")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
