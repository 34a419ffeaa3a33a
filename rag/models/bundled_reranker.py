"""The bundled cross-encoder on onnxruntime and tokenizers, without torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.embed.batching import batches
from rag.errors import MissingExtra, ModelError

try:
    import onnxruntime
except ImportError:  # it is an extra: 27 MB to fetch, 78 MB installed
    onnxruntime = None

MODEL = "model.onnx"


class BundledReranker:
    """A cross-encoder folder with ``model.onnx`` and ``tokenizer.json`` as an `rag.ports.Reranker`.

    ``rag.train.export`` writes ``model.onnx``; ``CrossEncoder`` gives the same logits from the folder.

    Args:
        path: the folder.
        max_tokens: most tokens of a pair; the longer text is cut first.
        batch_tokens: most tokens, padding counted, in one batch.

    Raises:
        MissingExtra: onnxruntime is not installed.
        ModelError: the folder is not there or is broken.
    """

    def __init__(self, path: Path, max_tokens: int = 512, batch_tokens: int = 16_384) -> None:
        if onnxruntime is None:
            raise MissingExtra("the bundled reranker", "onnx")
        self._path = Path(path)
        self._batch_tokens = batch_tokens
        self._session = _session(self._path / MODEL)
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._tokenizer, self._max_tokens, self._padding = _tokenizer(self._path, max_tokens)

    @property
    def name(self) -> str:
        """``bundled``, or the folder's path for a folder of one's own."""
        return "bundled" if self._path.parent.name == "bundled" else str(self._path)

    @property
    def max_tokens(self) -> int:
        """Most tokens of a pair that reach the model."""
        return self._max_tokens

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """One raw logit per passage, in the order given; higher is better. Raises ModelError."""
        pairs = self._tokenizer.encode_batch_fast([(query, passage) for passage in passages])
        scores = np.zeros(len(pairs), np.float64)
        for batch in batches([len(pair) for pair in pairs], self._batch_tokens):
            scores[batch] = self._forward([pairs[at] for at in batch])
        if not np.isfinite(scores).all():
            raise ModelError(f"{self._path / MODEL} gave scores that are not finite")
        return [float(score) for score in scores]

    def _forward(self, pairs: list[Encoding]) -> NDArray[np.float32]:
        width = max(len(pair) for pair in pairs)
        columns = {
            "input_ids": [pair.ids + [self._padding] * (width - len(pair)) for pair in pairs],
            "attention_mask": [[1] * len(pair) + [0] * (width - len(pair)) for pair in pairs],
            "token_type_ids": [pair.type_ids + [0] * (width - len(pair)) for pair in pairs],
        }
        feed = {name: np.array(columns[name], np.int64) for name in self._inputs}
        logits: NDArray[np.float32] = self._session.run(None, feed)[0]
        return logits.reshape(len(pairs))


def _session(file: Path) -> Any:
    if not file.is_file():
        raise ModelError(f"{file} is missing; rag.train.export makes it from a cross-encoder's folder")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base of their own
        raise ModelError(f"{file} cannot be loaded: {error}") from error


def _tokenizer(folder: Path, max_tokens: int) -> tuple[Tokenizer, int, int]:
    """The tokenizer, cutting pairs as transformers does; where it cuts; the padding token."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        stated = json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("model_max_length")
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
    except Exception as error:  # what tokenizers raises for a broken file
        raise ModelError(f"{folder} does not hold a readable tokenizer: {error}") from error
    limits = (max_tokens, config.get("max_position_embeddings"), stated)
    least = min(int(limit) for limit in limits if limit)
    tokenizer.no_padding()
    tokenizer.enable_truncation(least, strategy="longest_first")
    return tokenizer, least, int(config.get("pad_token_id") or 0)
