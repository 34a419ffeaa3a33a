"""The bundled embedder: a static embedding on numpy and tokenizers, without torch.

A text's vector is the mean of its tokens' vectors, at length 1. The folder is in sentence-transformers
format, and ``SentenceTransformer(folder).encode`` gives the same numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from tokenizers import Tokenizer

from rag.embed.additive import additive
from rag.errors import ConfigError, ModelError
from rag.types import Matrix

MAX_TOKENS = 1 << 20
"""A mean has no positional limit; this bounds memory."""

_GATHER = 8_192
_MODULES = ["StaticEmbedding", "Normalize"]


class BundledEmbedder:
    """A sentence-transformers ``StaticEmbedding`` folder as an `rag.ports.Embedder`.

    Rows have length 1. A text without any token (the empty one) gives the zero row: its cosine with
    everything is 0.

    Args:
        path: the folder: ``modules.json``, ``tokenizer.json``, ``model.safetensors``.
        dimension: cut vectors to their first so many numbers (Matryoshka), all when not given.

    Raises:
        ModelError: the folder is not there, is broken, or holds another kind of model.
        ConfigError: ``dimension`` is more than the model has.

    Source: sentence-transformers, ``StaticEmbedding``; Kusupati et al. 2022, "Matryoshka Representation
    Learning".
    """

    def __init__(self, path: Path, dimension: int | None = None) -> None:
        self._path = Path(path)
        _require_static(self._path)
        self._weights = _weights(self._path / "model.safetensors")
        self._dimension = _cut(self.name, self._weights.shape[1], dimension)
        self._tokenizer, self._max_tokens = _tokenizer(self._path / "tokenizer.json", len(self._weights))
        self._prompts = _prompts(self._path)

    @property
    def name(self) -> str:
        """``bundled``, or the folder's path for a folder of one's own."""
        return "bundled" if self._path.parent.name == "bundled" else str(self._path)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    @property
    def max_tokens(self) -> int:
        """Most tokens of one text that count: what ``tokenizer.json`` cuts at, else `MAX_TOKENS`."""
        return self._max_tokens

    @cached_property
    def passage_room(self) -> int:
        """Most tokens of a passage that count: what a prefix leaves; there are no special tokens."""
        return max(1, self.max_tokens - self.count_tokens([self._prompts[1]])[0])

    @cached_property
    def additive(self) -> bool:
        """Whether tokens of a text are those of its parts, parted at white space or beside punctuation."""
        return additive(self._tokenizer)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the weights, the tokenizer, the prompts and the dimension; not of the folder's place."""
        digest = hashlib.sha256(repr((self._prompts, self._dimension)).encode())
        for file in ("tokenizer.json", "model.safetensors"):
            with (self._path / file).open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"static/{digest.hexdigest()[:16]}"

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """One row per query, shape (n, dimension), float32."""
        return self._encode(texts, self._prompts[0])

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One row per passage, shape (n, dimension), float32; order as given."""
        return self._encode(texts, self._prompts[1])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, never truncated."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _encode(self, texts: Sequence[str], prompt: str) -> Matrix:
        prompted = [prompt + text for text in texts] if prompt else texts
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for row, ids in enumerate(self._ids(prompted)):
            if ids:
                rows[row] = self._mean(ids[: self._max_tokens])
        return unit(rows)

    def _mean(self, ids: list[int]) -> Matrix:
        """Mean token vector, added up in the order of the tokens, as torch does."""
        total = np.add.reduce(self._vectors(ids[:_GATHER]), axis=0)
        for start in range(_GATHER, len(ids), _GATHER):
            total = np.add.reduce(np.vstack((total, self._vectors(ids[start : start + _GATHER]))), axis=0)
        return cast(Matrix, total / np.float32(len(ids)))

    def _vectors(self, ids: list[int]) -> Matrix:
        return self._weights.take(ids, axis=0)[:, : self._dimension]


def unit(rows: Matrix) -> Matrix:
    """Rows at length 1; a zero row stays zero.

    Example:
        >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return cast(Matrix, rows / np.where(norms > 0, norms, 1).astype(np.float32))


def _require_static(path: Path) -> None:
    modules = _json(path / "modules.json")
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if not kinds or kinds != _MODULES[: len(kinds)]:
        raise ModelError(f"{path}: expected a StaticEmbedding model, modules.json lists {kinds}")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} is missing; is {path.parent} a sentence-transformers folder?") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def _weights(path: Path) -> Matrix:
    """The token vectors, mapped and not read: a question touches a few rows of them.

    Source: the safetensors format: header length (8 bytes), JSON header, tensors.
    """
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(min(length, path.stat().st_size)))
        tensor = header["embedding.weight"]
        offset = 8 + length + tensor["data_offsets"][0]
        shape = (int(tensor["shape"][0]), int(tensor["shape"][1]))
        if tensor["dtype"] != "F32":
            raise ValueError(f"numbers are {tensor['dtype']}, not F32")
        return np.memmap(path, "<f4", mode="r", offset=offset, shape=shape).view(np.ndarray)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing") from None
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ModelError(f"{path} does not hold a readable embedding.weight: {error!r}") from error


def _tokenizer(path: Path, rows: int) -> tuple[Tokenizer, int]:
    """The tokenizer without truncation and padding, and where it would have truncated."""
    try:
        tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} is missing") from None
    except Exception as error:  # what tokenizers raises for a broken file
        raise ModelError(f"{path} is not a tokenizer: {error}") from error
    if tokenizer.get_vocab_size() > rows:
        raise ModelError(f"{path} knows {tokenizer.get_vocab_size()} tokens, the weights have {rows} rows")
    cut = (tokenizer.truncation or {}).get("max_length", MAX_TOKENS)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer, min(int(cut), MAX_TOKENS)


def _prompts(path: Path) -> tuple[str, str]:
    """Prompts of queries and of passages."""
    file = path / "config_sentence_transformers.json"
    prompts = (_json(file).get("prompts") or {}) if file.exists() else {}
    return prompts.get("query") or "", prompts.get("document") or ""


def _cut(name: str, full: int, dimension: int | None) -> int:
    if dimension is not None and dimension > full:
        raise ConfigError(f"embed.dimension is {dimension}, but {name} has {full} dimensions")
    return dimension or full
