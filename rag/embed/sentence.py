"""Any sentence-transformers model as an embedder, with the prefixes it was trained with."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling

from rag import catalogue
from rag.catalogue import ModelCard
from rag.embed.batching import batches, halving
from rag.embed.bundled import unit
from rag.embed.loading import TokenCounter, exhausted, limit, load
from rag.errors import ConfigError, ModelError
from rag.settings import EmbedSettings
from rag.types import Matrix

_SAMPLE = 4_096
_WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
_QUERY_PROMPTS = ("query", "web_search_query")
_PASSAGE_PROMPTS = ("document", "passage", "corpus")

log = logging.getLogger(__name__)


class SentenceEmbedder:
    """A model by name or folder as an `rag.ports.Embedder`.

    Prefixes come from the catalogue; where it has none, from the prompts saved with the model. A name that
    the catalogue knows may leave out its organisation. A folder is never looked for on the hub.

    Args:
        settings: model, device, budget of a batch in tokens, Matryoshka dimension, whether to run the
            model's own code.
        card: what is known of the model; looked up in the catalogue when not given.

    Raises:
        ModelError: the model cannot be found, fetched or loaded.
        ConfigError: it needs its own code and that is not allowed, its licence is not commercial and that
            is not allowed, or ``dimension`` is more than it has.

    Source: Reimers and Gurevych 2019, "Sentence-BERT".
    """

    def __init__(self, settings: EmbedSettings, card: ModelCard | None = None) -> None:
        self._settings = settings
        self._card = card or catalogue.card_or_default(settings.model, "embedder")
        catalogue.admit(self._card, noncommercial=settings.allow_noncommercial)
        self._model = load(SentenceTransformer, settings, self._card, "embed")
        _check_pooling(self._model, self._card, Path(settings.model).expanduser())
        self._lock = threading.Lock()
        self._tokens = TokenCounter(self._model.tokenizer)
        self._max_tokens = limit(self._model, self._card.max_tokens)
        self._full_dimension = int(self._model.get_embedding_dimension() or 0)
        self._prefixes = _prefixes(self._model, self._card)
        _check_dimension(self._card, settings.dimension, self._full_dimension)

    @property
    def name(self) -> str:
        """The model's name or folder, as configured."""
        return self._settings.model

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._settings.dimension or self._full_dimension

    @property
    def max_tokens(self) -> int:
        """Most tokens of one text that reach the model, prefix and special tokens counted; always finite."""
        return self._max_tokens

    @cached_property
    def passage_room(self) -> int:
        """Most tokens of a passage that reach the model: what prefix and special tokens leave."""
        prefix = self._tokens([self._prefixes[1]])[0] if self._prefixes[1] else 0
        return max(1, self._max_tokens - self._tokens.special - prefix)

    @property
    def additive(self) -> bool:
        """Whether tokens of a text are those of its parts, parted at white space or beside punctuation."""
        return self._tokens.additive

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every weight, the tokenizer, the modules, prefixes and lengths; not of the place."""
        told = (_modules(self._model), self._prefixes, self._max_tokens, self.dimension)
        digest = hashlib.sha256(repr(told).encode())
        digest.update(self._tokens.fingerprint.encode())
        for name, tensor in self._model.state_dict().items():
            digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
            digest.update(_checksum(tensor))
        return f"sentence/{digest.hexdigest()[:16]}"

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """One unit row per query, shape (n, dimension), float32. Raises ModelError."""
        return self._encode(texts, self._model.encode_query, self._prefixes[0])

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One unit row per passage, shape (n, dimension), float32; order as given. Raises ModelError."""
        return self._encode(texts, self._model.encode_document, self._prefixes[1])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens and prefix not counted, never truncated."""
        return self._tokens(texts)

    def _encode(self, texts: Sequence[str], encode: Callable[..., Matrix], prefix: str) -> Matrix:
        lengths = self._tokens([prefix + text for text in texts])
        seen = [min(length + self._tokens.special, self._max_tokens) for length in lengths]
        rows = np.zeros((len(texts), self.dimension), np.float32)
        run = partial(self._forward, encode, prefix)
        for batch in batches(seen, self._settings.batch_tokens):
            rows[batch] = halving(run, [texts[position] for position in batch], exhausted)
        if not np.isfinite(rows).all():
            raise ModelError(f"{self.name} gave numbers that are not finite; try embed.device: cpu")
        return unit(rows)

    def _forward(self, encode: Callable[..., Matrix], prefix: str, texts: list[str]) -> list[Matrix]:
        with self._lock:
            return list(
                encode(
                    texts,
                    prompt=prefix,
                    batch_size=len(texts),
                    show_progress_bar=False,
                    truncate_dim=self._settings.dimension,
                )
            )


def _prefixes(model: SentenceTransformer, card: ModelCard) -> tuple[str, str]:
    """Prefixes of queries and passages: the catalogue's, else the prompts saved with the model."""
    saved = {name: text for name, text in model.prompts.items() if text}
    default = saved.get(model.default_prompt_name or "", "")
    query = next((saved[name] for name in _QUERY_PROMPTS if name in saved), default)
    passage = next((saved[name] for name in _PASSAGE_PROMPTS if name in saved), default)
    return (
        query if card.query_prefix is None else card.query_prefix,
        passage if card.passage_prefix is None else card.passage_prefix,
    )


def _check_pooling(model: SentenceTransformer, card: ModelCard, folder: Path) -> None:
    """A plain transformers folder does not say how it is pooled; the catalogue may know."""
    modules: list[Any] = list(model)
    pooling = next((module for module in modules if isinstance(module, Pooling)), None)
    if pooling is None or card.pooling not in Pooling.POOLING_MODES or pooling.pooling_mode == card.pooling:
        return
    if folder.is_dir() and not (folder / "modules.json").exists():
        pooling.pooling_mode = card.pooling
        log.info("%s is pooled by %s, as the catalogue says", folder, card.pooling)
    else:
        log.warning(
            "%s pools by %s, the catalogue says %s; the model's own way is kept",
            card.name,
            pooling.pooling_mode,
            card.pooling,
        )


def _check_dimension(card: ModelCard, dimension: int | None, full: int) -> None:
    if dimension is None:
        return
    if dimension > full:
        raise ConfigError(f"embed.dimension is {dimension}, but {card.name} has {full} dimensions")
    if card.listed and dimension < full and not card.matryoshka:
        log.warning("%s is not known to be trained for shorter vectors; quality may suffer", card.name)


def _modules(model: SentenceTransformer) -> list[tuple[str, str]]:
    """Class and configuration of what follows the first module (pooling, dense layers)."""
    told = [(type(model[0]).__name__, "")]
    following: list[Any] = list(model)[1:]
    for module in following:
        config = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
        told.append((type(module).__name__, repr(sorted(config.items()))))
    return told


def _checksum(tensor: torch.Tensor) -> bytes:
    """An exact sum over all bits, whatever the order of addition, and a sample that order does change."""
    flat = tensor.detach().contiguous().reshape(-1)
    words = flat.view(_WORDS[flat.element_size()])
    sample = words[:: max(1, len(words) // _SAMPLE)].to(torch.int64).cpu()
    return int(words.sum(dtype=torch.int64)).to_bytes(8, "little", signed=True) + sample.numpy().tobytes()
