"""Loading sentence-transformers models: from where, with which limits, and what went wrong."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import torch
from huggingface_hub import HfApi
from tokenizers import Tokenizer

from rag.catalogue import ModelCard
from rag.embed.additive import additive
from rag.embed.bundled import MAX_TOKENS
from rag.errors import ConfigError, ModelError

LONGEST = 8_192
"""Most tokens for a model that states no limit of its own."""

_PATIENCE = 10.0
Model = TypeVar("Model")


class HowToLoad(Protocol):
    """What settings say of loading a model."""

    @property
    def model(self) -> str:
        """Name or folder."""
        ...

    @property
    def device(self) -> str:
        """``auto`` or a torch device."""
        ...

    @property
    def trust_remote_code(self) -> bool:
        """Whether a model's own code is run."""
        ...


def load(make: Callable[..., Model], how: HowToLoad, card: ModelCard, section: str) -> Model:
    """A ``SentenceTransformer`` or ``CrossEncoder``; a folder is never looked for on the hub.

    Args:
        make: the class.
        how: the settings.
        card: its name is what is fetched when ``how.model`` is no folder.
        section: the settings' section, for messages.

    Raises:
        ModelError: there is no such folder, the model cannot be fetched, or it cannot be loaded.
        ConfigError: it needs its own code, and that is not allowed.
    """
    source, local = _locate(how.model, card, section)
    unreachable = None if local else _unreachable(source)
    try:
        return make(
            source,
            device=None if how.device == "auto" else how.device,
            trust_remote_code=how.trust_remote_code,
            local_files_only=local or unreachable is not None,
        )
    except Exception as error:  # anything may fail: a download, a file, a device, a model's own code
        raise _unloadable(source, local, section, unreachable or error) from error


def limit(model: Any, *stated: int | None) -> int:
    """The least number of tokens that the model, its positions and others state; the model is told.

    Example: XLM-RoBERTa with 514 positions takes 512 tokens, whatever its settings say.
    """
    if model.transformers_model is None:
        return MAX_TOKENS
    limits = (model.max_seq_length, _positions(model.transformers_model), *stated)
    least = min((int(value) for value in limits if value and value < MAX_TOKENS), default=LONGEST)
    model.max_seq_length = least
    return least


class TokenCounter:
    """Counts tokens with a copy of a model's tokenizer, so that threads and truncation do not meet.

    Attributes:
        special: special tokens that the model adds to a text.
        additive: see `rag.embed.additive`.
    """

    def __init__(self, tokenizer: Any) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        self._fast = copy.deepcopy(backend) if isinstance(backend, Tokenizer) else None
        self._slow = tokenizer
        self._lock = threading.Lock()
        self.special = 0
        if tokenizer is not self._fast and hasattr(tokenizer, "backend_tokenizer"):
            self.special = int(tokenizer.num_special_tokens_to_add())
        if self._fast is not None:
            self._fast.no_truncation()
            self._fast.no_padding()
        self.additive = self._fast is not None and additive(self._fast)

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""
        if self._fast is not None:
            encodings = self._fast.encode_batch_fast(list(texts), add_special_tokens=False)
            return [len(encoding) for encoding in encodings]
        with self._lock:
            return [len(self._slow.tokenize(text)) for text in texts]

    @property
    def fingerprint(self) -> str:
        """A hash of everything the tokenizer knows."""
        told = self._fast.to_str() if self._fast is not None else repr(sorted(self._slow.get_vocab().items()))
        return hashlib.sha256(told.encode()).hexdigest()


def exhausted(error: Exception) -> bool:
    """Whether an exception of torch means that memory ran out, on whatever device."""
    told = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(
        sign in told for sign in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _locate(name: str, card: ModelCard, section: str) -> tuple[str, bool]:
    """What to hand to the loader, and whether it is a folder.

    Raises:
        ModelError: it reads like a folder's path and is not there.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder), True
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1 or "\\" in name:
        raise ModelError(f'{section}.model: there is no folder "{name}"')
    return card.name, False


def _unreachable(name: str) -> Exception | None:
    """Why the hub does not give the model, asked once: the loader would ask for minutes."""
    try:
        HfApi().model_info(name, timeout=_PATIENCE)
    except (OSError, ValueError, httpx.HTTPError) as error:
        return error
    return None


def _unloadable(name: str, local: bool, section: str, error: Exception) -> ModelError | ConfigError:
    """What a failure to load a model means, and what to do."""
    told = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if "trust_remote_code" in str(error):
        return ConfigError(
            f"{name} comes with its own code, which is not run unless you allow it: read it, then set "
            f"{section}.trust_remote_code: true"
        )
    if local or not isinstance(error, (OSError, httpx.HTTPError)):
        return ModelError(f"{section}.model: {name} cannot be loaded: {told}")
    return ModelError(
        f"{section}.model: {name} is not cached here and cannot be fetched ({told}). Check the name; without "
        f"a network, download it on a connected machine (hf download {name} --local-dir FOLDER) and set "
        f"{section}.model: FOLDER, or copy that machine's cache and point HF_HOME at it"
    )


def _positions(transformer: torch.nn.Module) -> int | None:
    """Positions of a learned table. RoBERTa and MPNet lose those up to the padding index."""
    for module in transformer.modules():
        table = getattr(module, "position_embeddings", None)
        if isinstance(table, torch.nn.Embedding):
            return table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    return None
