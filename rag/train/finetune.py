"""Fine-tunes any sentence-transformers bi-encoder on pairs, with in-batch negatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.base.sampler import BatchSamplers
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from rag.errors import ConfigError
from rag.train.pairs import Group


@dataclass(frozen=True, slots=True)
class Course:
    """How a model is fine-tuned; the rate suits a transformer, a static embedder wants about 0.02."""

    epochs: float = 1.0
    batch: int = 32
    rate: float = 2e-5
    warmup: float = 0.1
    query_prompt: str = ""
    passage_prompt: str = ""
    seed: int = 0


def finetune(model: str, groups: Sequence[Group], out: Path, course: Course | None = None) -> list[float]:
    """Train ``model`` on the pairs of all groups and write it to ``out``; the losses that were logged.

    Args:
        model: name or folder of a bi-encoder.
        groups: each becomes a data set of its own; a batch comes from one of them.
        out: folder for the result, and for nothing else.
        course: how.

    Raises:
        ConfigError: no group holds a pair.

    Source: Henderson et al. 2017, "Efficient Natural Language Response Suggestion" (in-batch negatives).
    """
    course = course or Course()
    sets = {group.name: _dataset(group) for group in groups if group.pairs}
    if not sets:
        raise ConfigError("there is nothing to fine-tune on: no group holds a pair")
    encoder = SentenceTransformer(model)
    trainer = SentenceTransformerTrainer(
        model=encoder,
        args=_arguments(out, course),
        train_dataset=sets,
        loss=MultipleNegativesRankingLoss(encoder),
    )
    trainer.train()
    encoder.save_pretrained(str(out), create_model_card=False)
    return [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]


def _dataset(group: Group) -> Dataset:
    queries, passages = zip(*group.pairs, strict=True)
    return Dataset.from_dict(
        {"query": list(queries) * group.repeat, "passage": list(passages) * group.repeat}
    )


def _arguments(out: Path, course: Course) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=str(out),
        num_train_epochs=course.epochs,
        per_device_train_batch_size=course.batch,
        learning_rate=course.rate,
        warmup_steps=course.warmup,
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        prompts={"query": course.query_prompt, "passage": course.passage_prompt},
        logging_steps=5,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=course.seed,
        use_cpu=False,
    )
