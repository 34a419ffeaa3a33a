"""A cross-encoder's folder gets a ``model.onnx`` that runs without torch, and is shown to agree with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto
from sentence_transformers import CrossEncoder

from rag.errors import ModelError
from rag.models.bundled_reranker import MODEL, BundledReranker

TOLERANCE = 1e-4
"""Largest difference of two logits that counts as equal."""

_WEIGHTS = "model.safetensors"
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class _Logits(torch.nn.Module):
    """A sequence classifier that takes its inputs by position and gives one number per row."""

    def __init__(self, encoder: Any, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = encoder.model
        self.names = names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(**dict(zip(self.names, inputs, strict=True))).logits
        return logits


def export_cross_encoder(folder: Path, *, max_tokens: int = 512) -> Path:
    """Write ``model.onnx`` into a cross-encoder's folder.

    The weights stay in ``model.safetensors``: the graph points into it, and is small. Before this returns,
    logits of onnxruntime and torch were compared on one padded batch of many lengths: an export may be right
    on the batch it was made from and wrong on others.

    Args:
        folder: a ``CrossEncoder`` folder with one output.
        max_tokens: most tokens of a pair in the comparison.

    Returns:
        The file.

    Raises:
        ModelError: the folder holds no such model, or the two differ by more than `TOLERANCE`.
    """
    model = _model(folder)
    names = tuple(name for name in _INPUTS if name in model.tokenizer.model_input_names)
    program: Any = torch.onnx.export(
        _Logits(model, names).eval(),
        tuple(_example(names)),
        dynamo=True,
        optimize=False,
        verbose=False,
        input_names=list(names),
        output_names=["logits"],
        dynamic_shapes=(tuple({0: torch.export.Dim("batch"), 1: torch.export.Dim("length")} for _ in names),),
    )
    file = folder / MODEL
    onnx.save(_shared(program.model_proto, folder / _WEIGHTS), file)
    difference = compare(folder, max_tokens=max_tokens)
    if not difference <= TOLERANCE:
        file.unlink()
        raise ModelError(
            f"{file}: logits differ from torch's by {difference:.2e}, allowed is {TOLERANCE:.0e}"
        )
    return file


def compare(folder: Path, *, max_tokens: int = 512) -> float:
    """Largest difference between onnxruntime's and torch's logits, on pairs of few to ``max_tokens`` tokens.

    It is relative to the largest logit where that is above 1.
    """
    light = BundledReranker(folder, max_tokens=max_tokens, batch_tokens=1 << 20)
    model = _model(folder)
    model.max_seq_length = light.max_tokens
    query = "数据库 データベース 데이터베이스 database"
    passages = [(query + "。") * repeats for repeats in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89)]
    expected = model.predict(
        [(query, passage) for passage in passages],
        batch_size=len(passages),
        show_progress_bar=False,
        activation_fn=torch.nn.Identity(),
    )
    difference = np.abs(np.array(light.score(query, passages)) - expected).max()
    return float(difference / max(1.0, np.abs(expected).max()))


def _model(folder: Path) -> CrossEncoder:
    if not (folder / _WEIGHTS).is_file():
        raise ModelError(f"{folder} does not hold a cross-encoder: {_WEIGHTS} is missing")
    model: CrossEncoder = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    if model.num_labels != 1:
        raise ModelError(f"{folder}: {model.num_labels} outputs; a reranker has one")
    return model


def _example(names: tuple[str, ...]) -> Iterator[torch.Tensor]:
    """Two rows, one of them padded."""
    mask = torch.tensor([[1] * 9, [1] * 5 + [0] * 4])
    for name in names:
        yield (
            mask
            if name == "attention_mask"
            else torch.zeros_like(mask)
            if name.endswith("type_ids")
            else mask * 5
        )


def _shared(graph: Any, weights: Path) -> Any:
    """The graph without its stack traces, and with every weight that ``weights`` holds kept there."""
    places = dict(_tensors(weights))
    for node in graph.graph.node:
        node.ClearField("metadata_props")
    for tensor in graph.graph.initializer:
        place = places.get(hashlib.sha256(tensor.raw_data).digest())
        if place is None:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in zip(("location", "offset", "length"), (weights.name, *place), strict=True):
            tensor.external_data.add(key=key, value=str(value))
    return graph


def _tensors(file: Path) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Hash, offset and length of the tensors of a safetensors file."""
    content = file.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    for name, tensor in json.loads(content[8:start]).items():
        if name != "__metadata__":
            first, last = (start + offset for offset in tensor["data_offsets"])
            yield hashlib.sha256(content[first:last]).digest(), (first, last - first)
