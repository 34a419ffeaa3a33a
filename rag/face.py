"""What other applications import: an opened collection in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.assemble import open_engine
from rag.engine import Engine
from rag.settings import load


def open_retriever(
    collection: str = "default",
    *,
    config: str | Path | None = None,
    profile: str | None = None,
    **settings: Any,
) -> Engine:
    """An existing collection, ready to search and ask.

    Args:
        collection: its name, as given to ``cjkrag ingest --collection``.
        config: a YAML file, as ``--config``.
        profile: a name in ``config/profiles``.
        **settings: settings by dotted key with ``__`` for the dot: ``retrieve__top_k=5``.

    Raises:
        IndexMissing, IndexMismatch, StoreLocked, ConfigError: see `rag.errors`.

    Example:
        >>> from rag import open_retriever                          # doctest: +SKIP
        >>> hits = open_retriever("docs").search("유급휴가는 며칠인가요?")  # doctest: +SKIP
    """
    overrides = {key.replace("__", "."): value for key, value in settings.items()}
    return open_engine(load(config, overrides={**overrides, "collection": collection}, profile=profile))
