"""Writes the bundled models as folders that sentence-transformers and the numpy runtime both load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from rag.types import Matrix

_SHORT = "Trained by `rag.train`: docs/bundled-models.md has the recipe, the data and the scores.\n"


def on_half_grid(weights: Matrix) -> Matrix:
    """The nearest ``float16`` numbers, still as ``float32``: half the bits are zero, and it compresses.

    Example:
        >>> float(on_half_grid(np.array([0.1], dtype=np.float32))[0])
        0.0999755859375
    """
    return np.asarray(weights, dtype=np.float16).astype(np.float32)


def save_embedder(folder: Path, tokenizer: Tokenizer, weights: Matrix) -> SentenceTransformer:
    """``modules.json``, ``tokenizer.json`` (it truncates), ``model.safetensors`` with ``embedding.weight``.

    A README that stands there already is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    static = StaticEmbedding(tokenizer, embedding_weights=on_half_grid(weights))
    model = SentenceTransformer(modules=[static, Normalize()], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    readme = folder / "README.md"
    if not readme.exists():
        readme.write_text(f"# {folder.name}\n\n{_SHORT}", encoding="utf-8")
    return model
