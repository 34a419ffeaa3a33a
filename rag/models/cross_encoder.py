"""Any sentence-transformers cross-encoder as a reranker."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import CrossEncoder

from rag import catalogue
from rag.catalogue import ModelCard
from rag.embed.batching import batches, halving
from rag.embed.loading import TokenCounter, exhausted, limit, load
from rag.errors import ModelError
from rag.settings import RerankSettings


class CrossEncoderReranker:
    """A model by name or folder as an `rag.ports.Reranker`; scores are raw logits.

    Args:
        settings: model, device, most tokens of a pair and of a batch, whether to run the model's own code.
        card: what is known of the model; looked up in the catalogue when not given.

    Raises:
        ModelError: the model cannot be found, fetched or loaded, or does not give one score per pair.
        ConfigError: it needs its own code, or is not licensed for commercial use, and that is not allowed.

    Source: Nogueira and Cho 2019, "Passage Re-ranking with BERT".
    """

    def __init__(self, settings: RerankSettings, card: ModelCard | None = None) -> None:
        self._settings = settings
        self._card = card or catalogue.card_or_default(settings.model, "reranker")
        catalogue.admit(self._card, noncommercial=settings.allow_noncommercial)
        self._model = load(CrossEncoder, settings, self._card, "retrieve.rerank")
        self._lock = threading.Lock()
        self._tokens = TokenCounter(self._model.tokenizer)
        self._max_tokens = limit(self._model, settings.max_tokens, self._card.max_tokens)
        if self._model.num_labels != 1:
            raise ModelError(
                f"retrieve.rerank.model: {settings.model} gives {self._model.num_labels} numbers per pair; "
                "a reranker gives one"
            )

    @property
    def name(self) -> str:
        """The model's name or folder, as configured."""
        return self._settings.model

    @property
    def max_tokens(self) -> int:
        """Most tokens of a pair that reach the model; the longer text is cut first."""
        return self._max_tokens

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """One raw logit per passage, in the order given; higher is better. Raises ModelError."""
        question = self._tokens([query])[0] + self._tokens.special + 1
        lengths = [min(question + length, self._max_tokens) for length in self._tokens(passages)]
        scores = np.zeros(len(passages), np.float64)
        for batch in batches(lengths, self._settings.batch_tokens):
            scores[batch] = halving(self._forward, [(query, passages[at]) for at in batch], exhausted)
        if not np.isfinite(scores).all():
            raise ModelError(f"{self.name} gave scores that are not finite; try retrieve.rerank.device: cpu")
        return [float(score) for score in scores]

    def _forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        with self._lock:
            scores = self._model.predict(
                pairs, batch_size=len(pairs), show_progress_bar=False, activation_fn=torch.nn.Identity()
            )
        return [float(score) for score in scores]
