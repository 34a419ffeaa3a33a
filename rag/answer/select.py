"""Which sentences of a ranking answer a question."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from rag.ports import Embedder
from rag.text.analyse import terms
from rag.text.sentences import sentences
from rag.types import Chunk, Query, Ranking

COVERAGE = 0.30
COSINE = 0.45


@dataclass(frozen=True, slots=True)
class Selection:
    """``chunk.text[start:end]`` answers; ``score`` orders the selections."""

    chunk: Chunk
    start: int
    end: int
    score: float


def select(query: Query, ranking: Ranking, *, limit: int, embedder: Embedder | None) -> list[Selection]:
    """The sentences that answer, best first, at most ``limit``; none where nothing supports an answer."""
    spans = [
        (rank, hit.chunk, start, end)
        for rank, hit in enumerate(ranking)
        for start, end in sentences(hit.chunk.text, hit.chunk.lang)
    ]
    if not spans:
        return []
    wanted = set(terms(query.text, query.lang))
    bags = [set(terms(chunk.text[start:end], chunk.lang)) for _, chunk, start, end in spans]
    seen = Counter(term for bag in bags for term in bag & wanted)
    weight = {term: math.log(1 + len(bags) / (0.5 + seen[term])) for term in wanted}
    total = sum(weight.values()) or 1.0
    cosines = [0.0] * len(spans)
    if embedder is not None:
        rows = embedder.encode_passages([chunk.text[start:end] for _, chunk, start, end in spans])
        cosines = (rows @ embedder.encode_queries([query.text])[0]).tolist()
    found = []
    for (rank, chunk, start, end), bag, cosine in zip(spans, bags, cosines, strict=True):
        covered = sum(weight[term] for term in bag & wanted) / total
        if covered >= COVERAGE or cosine >= COSINE:
            found.append(Selection(chunk, start, end, covered + 0.3 * cosine - 0.02 * rank))
    return sorted(found, key=lambda one: -one.score)[:limit]
