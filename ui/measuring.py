"""What ``cjkrag eval chunks`` measures: cutting, then the whole retriever over the chunks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.measuring import cut_files
from ingest.sizes import room
from rag.assemble import analyser, embedder, reranker
from rag.evaluate.chunks import cutting, finding, retriever
from rag.evaluate.documents import placed, read_folder
from rag.evaluate.retrieval import Parts
from rag.settings import Settings
from rag.stores.memory import MemoryStore


def evaluate_chunks(
    folder: Path, settings: Settings, *, progress: Callable[[str, int], None] | None = None
) -> dict[str, Any]:
    """The figures of `rag.evaluate.chunks.Cutting` and `Finding`, the speed, and what was measured with.

    Raises:
        ConfigError: a file is missing, no answer stands at its ``start``, or a setting is out of range.
        DocumentError: a question is malformed (its line is named), or a document cannot be read.
        QueryError: a question is too long.
    """
    model, used = embedder(settings), settings.retrieve.mode
    given = read_folder(folder)
    cut = cut_files(given.files, model, settings.chunk)
    answers = placed(given.questions, cut.sources)
    budget = room(model, settings.chunk.tokens)
    parts = Parts(
        model, lambda: MemoryStore(model.dimension), reranker(settings) if used == "reranked" else None
    )
    ask = retriever(
        cut.chunks, parts, analyser(settings), mode=used, settings=settings.retrieve, progress=progress
    )
    found = finding(ask, answers, max_query_chars=settings.retrieve.max_query_chars, progress=progress)
    return {
        "folder": given.path.name,
        "strategy": settings.chunk.strategy,
        "budget": budget,
        "overlap": settings.chunk.overlap,
        **cutting(cut.chunks, cut.sources, answers, model.count_tokens, budget).to_json(),
        "misplaced_questions": len(given.questions) - len(answers),
        **found.to_json(),
        "mb_per_second": round(cut.megabytes_per_second, 2),
        "cpu_seconds": round(cut.seconds, 3),
        "embedder": model.name,
        "mode": used,
        "retriever": repr(ask),
    }
