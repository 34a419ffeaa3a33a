"""How well, and how fast, a retriever finds: a BEIR folder in, an `Evaluation` out.

The corpus goes through the same embedder, analyser, store and `rag.retrieve.pipeline.build` as a user's
documents do, so that what is measured is what users get. Passages are not cut into chunks.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from rag.errors import DocumentError, QueryError
from rag.evaluate.metrics import Figures, Run, measure, measure_by
from rag.evaluate.qrels import Beir, Passage, read_beir
from rag.ports import Analyser, Embedder, Reranker, Retriever, Store
from rag.retrieve.pipeline import build
from rag.settings import LexicalSettings, Mode, Settings
from rag.text.analyse import Bm25, terms
from rag.text.clean import clean
from rag.text.language import detect
from rag.text.query import as_query
from rag.types import Chunk, Matrix, Point, Query

_T = TypeVar("_T")
Progress: TypeAlias = Callable[[str, int], None]
Encode: TypeAlias = Callable[[Sequence[str]], Matrix]

_BATCH = 256
_QUERIES = 64
_SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What is measured; ``store`` makes an empty store for vectors of the embedder's dimension."""

    embedder: Embedder
    store: Callable[[], Store]
    reranker: Reranker | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An indexed corpus; ``seconds`` went into reading, analysing, embedding and writing it."""

    store: Store
    analyser: Analyser
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured, on what, and with which parts.

    Attributes:
        figures: means over all queries with a relevant passage.
        languages: the same per detected language of the query.
        index_seconds: reading, analysing, embedding and writing the corpus.
        query_seconds: from the texts of the queries to their rankings.
        run: query id to passage ids and scores, best first.
        missing: relevant passages that the corpus does not hold; they count as not found.
        retriever: the retriever as it prints itself.
    """

    folder: str
    mode: Mode
    figures: Figures
    languages: Mapping[str, Figures]
    corpus: int
    missing: int
    index_seconds: float
    query_seconds: float
    embedder: str
    analyser: str
    reranker: str | None
    retriever: str
    run: Run = field(repr=False)

    @property
    def seconds(self) -> float:
        """Indexing and querying."""
        return self.index_seconds + self.query_seconds

    @property
    def queries_per_second(self) -> float:
        """Queries over the seconds that went into them."""
        return self.figures.queries / max(self.query_seconds, 1e-9)

    def to_json(self) -> dict[str, Any]:
        """Everything but the run, for ``json.dumps``."""
        return {
            "folder": self.folder,
            "mode": self.mode,
            **self.figures.to_json(),
            "seconds": round(self.seconds, 3),
            "index_seconds": round(self.index_seconds, 3),
            "query_seconds": round(self.query_seconds, 3),
            "queries_per_second": round(self.queries_per_second, 1),
            "queries": self.figures.queries,
            "corpus": self.corpus,
            "missing": self.missing,
            "embedder": self.embedder,
            "analyser": self.analyser,
            "reranker": self.reranker,
            "retriever": self.retriever,
            "languages": {
                lang: {"queries": one.queries, **one.to_json()} for lang, one in self.languages.items()
            },
        }


def evaluate_retrieval(
    folder: str | Path,
    parts: Parts,
    *,
    mode: Mode = "hybrid",
    settings: Settings | None = None,
    top_k: int = 100,
    progress: Progress | None = None,
) -> Evaluation:
    """Index the corpus of a BEIR folder, ask its queries, and measure the rankings.

    Args:
        folder: see `rag.evaluate.qrels.read_beir`.
        parts: embedder, store and reranker to measure.
        mode: lexical (nothing is embedded), dense, hybrid or reranked.
        settings: ``lexical`` and ``retrieve`` are read; the defaults when not given.
        top_k: length of the rankings in the run; the figures look at 10.
        progress: told ``"passages"`` or ``"queries"`` and how many more are done.

    Raises:
        ConfigError: a file is missing, or the mode needs a part that is not there.
        DocumentError: a file is malformed.
        QueryError: a query is empty or too long.
    """
    settings = settings or Settings()
    beir = read_beir(folder)
    index = index_corpus(beir, parts, settings=settings, embed=mode != "lexical", progress=progress)
    try:
        return evaluate_index(
            beir, index, parts, mode=mode, settings=settings, top_k=top_k, progress=progress
        )
    finally:
        index.store.close()


def index_corpus(
    beir: Beir,
    parts: Parts,
    *,
    settings: Settings,
    embed: bool = True,
    progress: Progress | None = None,
) -> Index:
    """Write a corpus into a new store; without ``embed`` only the lexical leg works."""
    start = time.perf_counter()
    analyser = bm25_for(beir, settings.lexical)
    encode = parts.embedder.encode_passages if embed else _unembedded(parts.embedder.dimension)
    store = parts.store()
    try:
        size = _write(beir, store, encode, analyser, progress)
    except BaseException:
        store.close()
        raise
    return Index(store, analyser, size, time.perf_counter() - start)


def evaluate_index(
    beir: Beir,
    index: Index,
    parts: Parts,
    *,
    mode: Mode,
    settings: Settings,
    top_k: int = 100,
    progress: Progress | None = None,
) -> Evaluation:
    """Ask the queries of an indexed corpus, and measure the rankings."""
    retrieve = settings.retrieve
    retriever = build(mode, index.store, parts.embedder, index.analyser, parts.reranker, retrieve)
    start = time.perf_counter()
    queries = {one: _query(one, text, retrieve.max_query_chars) for one, text in beir.queries.items()}
    run = _ask(retriever, queries, top_k, progress)
    seconds = time.perf_counter() - start
    return Evaluation(
        folder=beir.folder.name,
        mode=mode,
        figures=measure(beir.qrels, run),
        languages=measure_by(beir.qrels, run, {one: query.lang for one, query in queries.items()}),
        corpus=index.size,
        missing=_missing(beir, index.store),
        index_seconds=index.seconds,
        query_seconds=seconds,
        embedder=parts.embedder.name,
        analyser=index.analyser.fingerprint,
        reranker=parts.reranker.name if parts.reranker and mode == "reranked" else None,
        retriever=repr(retriever),
        run=run,
    )


def bm25_for(beir: Beir, settings: LexicalSettings) -> Bm25:
    """BM25 whose average length is the one set, or that of up to 2,000 passages spread over the corpus."""
    length = settings.average_length or _average_length(beir)
    return Bm25(k1=settings.k1, b=settings.b, average_length=length)


def _average_length(beir: Beir) -> float:
    size = sum(1 for _ in beir.corpus())
    step = max(1, -(-size // _SAMPLE))
    lengths = [len(terms(one.passage, one.lang)) for one in _chunks(islice(beir.corpus(), 0, None, step))]
    return max(1.0, float(np.mean(lengths))) if lengths else 1.0


def _chunks(passages: Iterable[Passage]) -> Iterator[Chunk]:
    for one in passages:
        text, title = clean(one.text), clean(one.title)
        headings = (title,) if title else ()
        lang = detect(f"{title}\n{text}")
        yield Chunk(chunk_id(one.id), one.id, one.id, text, 0, len(text), headings, lang=lang)


def chunk_id(passage: str) -> str:
    """The id of a passage's chunk: stores take UUIDs; the passage's own is the chunk's document."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, passage))


def _write(beir: Beir, store: Store, encode: Encode, analyser: Analyser, progress: Progress | None) -> int:
    size = 0
    for batch in _batches(_chunks(beir.corpus()), _BATCH):
        store.upsert(_points(batch, encode, analyser))
        size += len(batch)
        if progress:
            progress("passages", len(batch))
    if not size:
        raise DocumentError(str(beir.folder), "empty", "the corpus holds no passage")
    store.flush()
    return size


def _points(batch: Sequence[Chunk], encode: Encode, analyser: Analyser) -> list[Point]:
    passages = [one.passage for one in batch]
    dense = encode(passages)
    sparse = analyser.passages(passages, [one.lang for one in batch])
    return [Point(*one) for one in zip(batch, [""] * len(batch), dense, sparse, strict=True)]


def _unembedded(dimension: int) -> Encode:
    """The same unit vector for every passage: the dense leg finds nothing in it, and is not asked."""

    def encode(texts: Sequence[str]) -> Matrix:
        vectors = np.zeros((len(texts), dimension), np.float32)
        vectors[:, 0] = 1.0
        return vectors

    return encode


def _query(query_id: str, text: str, max_chars: int) -> Query:
    try:
        return as_query(text, max_chars)
    except QueryError as error:
        raise QueryError(f"query {query_id!r}: {error}") from error


def _ask(
    retriever: Retriever, queries: Mapping[str, Query], top_k: int, progress: Progress | None
) -> dict[str, list[tuple[str, float]]]:
    run: dict[str, list[tuple[str, float]]] = {}
    for batch in _batches(queries.items(), _QUERIES):
        rankings = retriever([query for _, query in batch], top_k=top_k)
        for (query_id, _), hits in zip(batch, rankings, strict=True):
            run[query_id] = [(hit.chunk.document, hit.score) for hit in hits]
        if progress:
            progress("queries", len(batch))
    return run


def _missing(beir: Beir, store: Store) -> int:
    relevant = {passage for grades in beir.qrels.values() for passage in grades}
    return len(relevant) - len(store.get([chunk_id(one) for one in sorted(relevant)]))


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
