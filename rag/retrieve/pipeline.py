"""The retriever that the settings ask for; the engine and the evaluation both build it here."""

from __future__ import annotations

from typing import get_args

from rag.errors import ConfigError
from rag.ports import Analyser, Embedder, Reranker, Retriever, Store
from rag.retrieve.dense import Dense
from rag.retrieve.fusion import Fused, Fusion, RankFusion, ScoreFusion
from rag.retrieve.leg import Hidden, nothing_hidden
from rag.retrieve.lexical import Lexical
from rag.retrieve.rerank import Reranked
from rag.settings import FusionSettings, Mode, RetrieveSettings


def build(
    mode: Mode,
    store: Store,
    embedder: Embedder,
    analyser: Analyser,
    reranker: Reranker | None = None,
    settings: RetrieveSettings | None = None,
    hidden: Hidden = nothing_hidden,
) -> Retriever:
    """The retriever of a mode.

    Args:
        mode: lexical, dense, hybrid (both legs, fused), or reranked (hybrid, then a cross-encoder).
        store: what is searched.
        embedder: makes the vectors of questions.
        analyser: makes the terms of questions.
        reranker: the cross-encoder; only reranked asks it.
        settings: depths and weights; the defaults when not given.
        hidden: called at each search; names the generations that must not be seen.

    Raises:
        ConfigError: the mode is unknown, or it is reranked and there is no reranker.
    """
    settings = settings or RetrieveSettings()
    if mode not in get_args(Mode):
        raise ConfigError(f"retrieve.mode is one of {', '.join(get_args(Mode))}, found {mode!r}")
    if mode == "lexical":
        return Lexical(store, analyser, hidden)
    dense = Dense(store, embedder, hidden)
    if mode == "dense":
        return dense
    fused = Fused((dense, Lexical(store, analyser, hidden)), by=fusion(settings.fusion), depth=settings.depth)
    return fused if mode == "hybrid" else _reranked(fused, reranker, settings)


def fusion(settings: FusionSettings) -> Fusion:
    """The fusion that the settings name."""
    if settings.method == "rrf":
        return RankFusion(settings.rrf_k, settings.rrf_weights)
    return ScoreFusion(settings.alpha, settings.foreign_alpha)


def _reranked(first: Retriever, reranker: Reranker | None, settings: RetrieveSettings) -> Retriever:
    if reranker is None:
        raise ConfigError('retrieve.mode "reranked" needs a cross-encoder: set retrieve.rerank.model')
    return Reranked(first, by=reranker, depth=settings.rerank.depth, weight=settings.rerank.weight)
