"""The bundled cross-encoder: a small ELECTRA classifier that starts from the embedder's pieces.

Piece vectors are the embedder's, rotated to their principal directions and cut. The layers start as a soft
count of the question's pieces that the passage has too: a small network does not find that by itself in time.
A step compares one passage that answers with several that do not (cross-entropy over the list).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from torch.nn import functional
from transformers import ElectraConfig, ElectraForSequenceClassification, PreTrainedTokenizerFast

from rag.train.folder import on_half_grid
from rag.train.negatives import Asked
from rag.types import Matrix

log = logging.getLogger(__name__)
MAX_TOKENS = 512
_SAMPLE = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; the defaults made the bundled weights."""

    narrow: int = 48
    hidden: int = 128
    heads: int = 2
    layers: int = 2
    inner: int = 256
    negatives: int = 5
    batch: int = 16
    epochs: float = 1.0
    rate: float = 1e-3
    tokens: int = 160
    likeness: float = 12.0
    threshold: float = 9.0
    per_group: int = 5000
    seed: int = 11


def train(
    asked: Sequence[Asked], embedder: Path, out: Path, recipe: Recipe, *, minutes: float | None = None
) -> list[float]:
    """Learn from the questions and write a folder that ``CrossEncoder`` loads; the loss of each step.

    Args:
        asked: questions with their positives and negatives.
        embedder: folder of the static embedder whose pieces are taken over.
        out: folder that is written, now and then during the run too.
        recipe: how.
        minutes: end the schedule after so much wall time.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    model, tokenizer = start(embedder, recipe)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01)
    count = max(1, round(recipe.epochs * len(asked) / recipe.batch))
    losses: list[float] = []
    began = time.monotonic()
    order = np.concatenate([rng.permutation(len(asked)) for _ in range(int(np.ceil(recipe.epochs)))])
    for step, chosen in enumerate(np.array_split(order, int(np.ceil(recipe.epochs)) * count)[:count]):
        spent = (time.monotonic() - began) / (60 * minutes) if minutes else 0.0
        progress = max(step / count, spent)
        if progress >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 50) * (1 - progress)
        losses.append(_step(model, tokenizer, optimiser, [asked[index] for index in chosen], recipe, rng))
        if (step + 1) % 100 == 0:
            log.info("step %d/%d loss %.3f %.0f s", step + 1, count, np.mean(losses[-100:]),
                     time.monotonic() - began)  # fmt: skip
        if (step + 1) % 500 == 0:
            save(out, model, tokenizer)
    centre(model, tokenizer, asked[:_SAMPLE], recipe)
    save(out, model, tokenizer)
    return losses


def start(embedder: Path, recipe: Recipe) -> tuple[ElectraForSequenceClassification, PreTrainedTokenizerFast]:
    """The untrained classifier and its tokenizer."""
    static: Any = SentenceTransformer(str(embedder), device="cpu")[0]
    tokenizer = _tokenizer(static.tokenizer)
    config = ElectraConfig(  # type: ignore[call-arg]
        vocab_size=len(tokenizer),
        embedding_size=recipe.narrow,
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=recipe.inner,
        max_position_embeddings=MAX_TOKENS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        classifier_dropout=0.0,
        num_labels=1,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = ElectraForSequenceClassification(config)
    with torch.no_grad():
        _prime(model, narrowed(static.embedding.weight.detach().numpy(), recipe.narrow - 2), recipe)
    return model, tokenizer


def centre(
    model: ElectraForSequenceClassification,
    tokenizer: PreTrainedTokenizerFast,
    asked: Sequence[Asked],
    recipe: Recipe,
) -> None:
    """Shifts all logits so that 0 lies midway between answers and the others; a list's loss cannot tell."""
    rng = np.random.default_rng(recipe.seed)
    answers, others = [], []
    with torch.no_grad():
        for at in range(0, len(asked), recipe.batch):
            for part in _logits(model, tokenizer, asked[at : at + recipe.batch], recipe, rng):
                answers.append(float(part[0]))
                others.append(float(part[1:].mean()))
        model.classifier.out_proj.bias.sub_(float(np.mean(answers) + np.mean(others)) / 2)


def narrowed(vectors: Matrix, width: int) -> Matrix:
    """Directions of the vectors in their ``width - 1`` principal components, then the log of their length.

    Rows come out with about unit variance per column.
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.maximum(length, 1e-9)
    _, turned = np.linalg.eigh(unit.T @ unit)
    kept = unit @ turned[:, ::-1][:, : width - 1]
    kept /= np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)
    weight = np.log(np.maximum(length, 1e-3))
    weight = (weight - weight.mean()) / max(float(weight.std()), 1e-6)
    return np.hstack([kept * np.sqrt(width - 1), weight]).astype(np.float32)


def save(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    """The folder as ``CrossEncoder`` reads it; weights on the ``float16`` grid."""
    rounded = {name: torch.from_numpy(on_half_grid(value.numpy())) if value.is_floating_point() else value
               for name, value in model.state_dict().items()}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(str(folder), state_dict=rounded)
    tokenizer.save_pretrained(str(folder))
    CrossEncoder(
        str(folder), device="cpu", max_length=MAX_TOKENS, activation_fn=torch.nn.Identity()
    ).save_pretrained(str(folder), create_model_card=False)


def _tokenizer(pieces: Tokenizer) -> PreTrainedTokenizerFast:
    copied = Tokenizer.from_str(pieces.to_str())
    copied.no_truncation()
    copied.add_special_tokens(["[CLS]", "[SEP]"])
    first, last = copied.token_to_id("[CLS]"), copied.token_to_id("[SEP]")
    copied.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", first), ("[SEP]", last)],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=copied,
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


def _prime(model: ElectraForSequenceClassification, vectors: Matrix, recipe: Recipe) -> None:
    """Wires a soft count of matched question pieces into the first two layers; training goes on from there.

    The last three of the narrow columns hold a piece's weight, its text (-1 question, 1 passage) and whether
    it is ``[CLS]``. In layer 0 a question piece looks at its likes in the passage, or else at ``[CLS]``: what
    comes back, +1 or -1, says whether it was matched. In layer 1 ``[CLS]`` averages that over the question.
    """
    body, (weight, text, first) = model.electra, range(recipe.narrow - 3, recipe.narrow)
    table = body.embeddings
    table.word_embeddings.weight.normal_(0, 1)
    table.word_embeddings.weight[:, weight:] = 0
    table.word_embeddings.weight[: len(vectors), : weight + 1] = torch.from_numpy(vectors)
    table.word_embeddings.weight[len(vectors)] = 0  # [CLS] is the first piece after the embedder's
    table.word_embeddings.weight[len(vectors), first] = 5
    table.token_type_embeddings.weight.zero_()
    table.token_type_embeddings.weight[:, text] = torch.tensor([-1.0, 1.0])
    body.embeddings_project.weight.normal_(0, 0.02)
    body.embeddings_project.weight[: recipe.narrow] += torch.eye(recipe.narrow)
    _prime_matching(body.encoder.layer[0].attention, weight, text, first, recipe)
    _prime_pooling(body.encoder.layer[1].attention, weight, text, first, recipe)
    head = model.classifier
    head.dense.weight[0] = 0
    head.dense.weight[0, recipe.narrow + 1] = 1
    head.dense.bias[0] = 9  # the whole range of the average passes the GELU
    head.out_proj.weight[0, 0] = 1


def _prime_matching(attention: Any, weight: int, text: int, first: int, recipe: Recipe) -> None:
    """Head 0: ``likeness`` times the cosine, +2 across texts and -2 within, a threshold at ``[CLS]``."""
    scale = (recipe.hidden / recipe.heads) ** 0.5
    query, key, value = attention.self.query, attention.self.key, attention.self.value
    piece = torch.arange(weight)
    for projection in (query, key):
        projection.weight[piece, piece] += (recipe.likeness * scale / weight) ** 0.5
    query.weight[text, text] -= 2 * scale
    key.weight[text, text] += 1
    query.bias[first] += 1
    key.weight[first, first] += recipe.threshold * scale / recipe.narrow**0.5
    value.weight[0, text] += 1
    attention.output.dense.weight[recipe.narrow, 0] += 3


def _prime_pooling(attention: Any, weight: int, text: int, first: int, recipe: Recipe) -> None:
    """Head 0: ``[CLS]`` averages what was matched over the question's pieces, the telling ones most."""
    scale = (recipe.hidden / recipe.heads) ** 0.5
    query, key, value = attention.self.query, attention.self.key, attention.self.value
    query.weight[0, first] += 1
    key.weight[0, weight] += scale / recipe.narrow**0.5 / 2
    key.weight[0, text] -= 2 * scale / recipe.narrow**0.5
    key.weight[0, first] -= scale / recipe.narrow**0.5
    value.weight[0, recipe.narrow] += 1
    attention.output.dense.weight[recipe.narrow + 1, 0] += 3


def _step(
    model: ElectraForSequenceClassification,
    tokenizer: PreTrainedTokenizerFast,
    optimiser: torch.optim.Optimizer,
    asked: Sequence[Asked],
    recipe: Recipe,
    rng: np.random.Generator,
) -> float:
    lists = _logits(model, tokenizer, asked, recipe, rng)
    loss = torch.stack([-functional.log_softmax(part, 0)[0] for part in lists]).mean()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _logits(
    model: ElectraForSequenceClassification,
    tokenizer: PreTrainedTokenizerFast,
    asked: Sequence[Asked],
    recipe: Recipe,
    rng: np.random.Generator,
) -> tuple[torch.Tensor, ...]:
    """For each question the logit of the answer, then those of some negatives."""
    texts, lengths = [], []
    for one in asked:
        taken = rng.permutation(len(one.negatives))[: recipe.negatives]
        options = (one.positive, *(one.negatives[index] for index in taken))
        texts += [(one.query, option) for option in options]
        lengths.append(len(options))
    features = tokenizer(
        [query for query, _ in texts],
        [option for _, option in texts],
        truncation="longest_first",
        max_length=recipe.tokens,
        padding=True,
        return_tensors="pt",
    )
    logits: torch.Tensor = model(**features).logits[:, 0]
    return torch.split(logits, lengths)
