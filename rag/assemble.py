"""Settings to working parts; the only room that names concrete classes, and loads them on demand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from rag.answer.answerer import Answerer
from rag.collection import Collection, collection, require
from rag.engine import Engine, Parts
from rag.errors import ConfigError, IndexMismatch, MissingExtra, StoreUnavailable
from rag.ports import Analyser, Embedder, Generator, Reranker, Retriever, Store
from rag.retrieve.pipeline import build
from rag.settings import EmbedSettings, Mode, RerankSettings, Settings
from rag.stores.lock import Owner, own
from rag.text.analyse import Bm25, average_length

BUNDLED = Path(__file__).resolve().parent / "models" / "bundled"


def open_engine(settings: Settings, *, create: bool = False, rebuild: bool = False) -> Engine:
    """The collection named in the settings, opened and owned.

    Args:
        settings: which collection, and how everything is done.
        create: make the collection where there is none.
        rebuild: with ``create``, throw away an index that was made differently, and start it anew.

    Raises:
        IndexMissing: there is no such collection and ``create`` is off.
        IndexMismatch: it was made with another embedder, analyser, store or chunk size.
        StoreLocked: another process has it open.
        StoreUnavailable: the store is damaged.
        ModelError, MissingExtra, ConfigError: a part cannot be made.
    """
    name, data_dir = settings.collection, settings.data_dir
    place = collection(data_dir, name) if create else require(data_dir, name)
    place.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = own(place.path, timeout=settings.store.lock_timeout)
    try:
        return Engine(settings, place, _parts(settings, place, owner, create=create, rebuild=rebuild))
    except BaseException:
        owner.release()
        raise


def embedder(settings: Settings) -> Embedder:
    """The configured embedder; the same object for equal settings. Raises ModelError, MissingExtra."""
    return _embedder(settings.embed)


def analyser(settings: Settings) -> Analyser:
    """The configured BM25 analyser."""
    lexical = settings.lexical
    length = lexical.average_length or average_length(settings.chunk.tokens)
    return Bm25(k1=lexical.k1, b=lexical.b, average_length=length)


def reranker(settings: Settings) -> Reranker | None:
    """The configured cross-encoder, None for ``none``. Raises ModelError, MissingExtra."""
    return _reranker(settings.retrieve.rerank)


def generator(settings: Settings) -> Generator:
    """The configured language model. Raises ConfigError for ``extractive``, MissingExtra."""
    answer = settings.answer
    if answer.model == "extractive":
        raise ConfigError('answer.model is "extractive": no language model is configured')
    from rag.models.chat import ChatGenerator

    return ChatGenerator(
        answer.model,
        base_url=answer.base_url,
        temperature=answer.temperature,
        max_tokens=answer.max_tokens,
        timeout=answer.timeout,
    )


def answerer(settings: Settings) -> Answerer:
    """Extractive, or a language model with verified citations."""
    if settings.answer.model == "extractive":
        from rag.answer.extract import Extractive

        return Extractive(sentences=settings.answer.sentences, embedder=embedder(settings))
    from rag.answer.generate import Generated

    kept = embedder(settings)
    return Generated(generator(settings), kept.count_tokens, settings.answer, embedder=kept)


def store(settings: Settings, folder: Path) -> Store:
    """The configured store in that folder. Raises MissingExtra, StoreUnavailable."""
    dimension = embedder(settings).dimension
    if settings.store.kind == "memory":
        from rag.stores.memory import MemoryStore

        return MemoryStore(dimension)
    if settings.store.kind == "chroma":
        try:
            from rag.stores.chroma import ChromaStore
        except ImportError as error:
            raise MissingExtra("the Chroma store", "chroma") from error
        return ChromaStore(folder, dimension)
    from rag.stores.qdrant_edge import QdrantEdgeStore

    return QdrantEdgeStore(folder, dimension)


def fingerprint(settings: Settings) -> dict[str, str]:
    """What an index made with these settings is made with."""
    return {
        "embedder": embedder(settings).fingerprint,
        "dimension": str(embedder(settings).dimension),
        "analyser": analyser(settings).fingerprint,
        "chunker": settings.chunk.fingerprint,
        "store": settings.store.kind,
    }


def _parts(settings: Settings, place: Collection, owner: Owner, *, create: bool, rebuild: bool) -> Parts:
    _settle(settings, place, create=create, rebuild=rebuild)
    kept = _opened(settings, place, anew=create and rebuild)
    terms = analyser(settings)
    return Parts(
        embedder=embedder(settings),
        analyser=terms,
        store=kept,
        retriever=_retrievers(settings, kept, terms, place),
        answerer=answerer(settings),
        owner=owner,
    )


def _settle(settings: Settings, place: Collection, *, create: bool, rebuild: bool) -> None:
    """Make sure the index on disk is of the kind the settings ask for."""
    expected = fingerprint(settings)
    if not place.exists or settings.store.kind == "memory":
        _erase(place)
        place.create(expected)
        return
    try:
        place.check(expected)
    except IndexMismatch:
        if not (create and rebuild):
            raise
        _anew(place, expected)


def _opened(settings: Settings, place: Collection, *, anew: bool) -> Store:
    """The store; a damaged one is thrown away where it is to be filled again."""
    try:
        return store(settings, place.store)
    except StoreUnavailable:
        if not anew:
            raise
        _anew(place, place.fingerprint())
        return store(settings, place.store)


def _anew(place: Collection, fingerprint: dict[str, str]) -> None:
    """An empty index that remembers its folders; killed at any point, it is the old one or an empty one."""
    folders = _folders(place)
    place.create(place.fingerprint(), pending=folders)
    _erase(place)
    place.create(fingerprint, pending=folders)


def _folders(place: Collection) -> tuple[str, ...]:
    """What is in the index, as far as its manifest can still be read."""
    try:
        return place.folders()
    except StoreUnavailable:
        return place.pending()


def _erase(place: Collection) -> None:
    shutil.rmtree(place.store, ignore_errors=True)
    for file in place.path.glob("manifest.sqlite*"):
        file.unlink()


def _retrievers(
    settings: Settings, kept: Store, terms: Analyser, place: Collection
) -> Callable[[Mode], Retriever]:
    @cache
    def retriever(mode: Mode) -> Retriever:
        cross_encoder = reranker(settings) if mode == "reranked" else None
        return build(mode, kept, embedder(settings), terms, cross_encoder, settings.retrieve, place.hidden)

    return retriever


@lru_cache(maxsize=4)
def _embedder(settings: EmbedSettings) -> Embedder:
    if settings.model == "bundled":
        from rag.embed.bundled import BundledEmbedder

        return BundledEmbedder(BUNDLED / "embedder", dimension=settings.dimension)
    try:
        from rag.embed.sentence import SentenceEmbedder
    except ImportError as error:
        raise MissingExtra(f'the embedder "{settings.model}"', "models") from error
    return SentenceEmbedder(settings)


@lru_cache(maxsize=4)
def _reranker(settings: RerankSettings) -> Reranker | None:
    if settings.model == "none":
        return None
    if settings.model == "bundled":
        from rag.models.bundled_reranker import BundledReranker

        try:
            return BundledReranker(BUNDLED / "reranker", settings.max_tokens, settings.batch_tokens)
        except MissingExtra:
            settings = settings.model_copy(update={"model": str(BUNDLED / "reranker")})
    try:
        from rag.models.cross_encoder import CrossEncoderReranker
    except ImportError as error:
        raise MissingExtra(f'the cross-encoder "{settings.model}"', "models") from error
    return CrossEncoderReranker(settings)
