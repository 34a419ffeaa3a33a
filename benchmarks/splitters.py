"""The chunkers that `benchmarks.chunking` compares: ours by strategy, and those of other libraries.

Each takes a text and gives pieces: chunks of ours, or strings, with or without where they begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeAlias
from uuid import NAMESPACE_OID, uuid5

from tokenizers import Tokenizer

from ingest.chunk import chunks
from ingest.strategies import STRATEGIES
from rag.assemble import BUNDLED
from rag.ports import Embedder
from rag.text.language import detect
from rag.types import Chunk, Document

OURS = tuple(f"ours, {one}" for one in STRATEGIES)
PACKAGES = ("langchain-text-splitters", "llama-index-core", "chonkie", "semchunk")
CJK_SEPARATORS = ["\n\n", "\n", " ", ".", ",", "\u200b", "\uff0c", "\u3001", "\uff0e", "\u3002", ""]
"""As LangChain documents them for languages without word boundaries."""
CJK_STOPS = ["。", "！", "？", "．", ". ", "! ", "? ", "\n"]


class Text(NamedTuple):
    """A document, and the text of its file."""

    document: Document
    source: str


class Piece(NamedTuple):
    """A string, and where it begins where the library tells that."""

    text: str
    start: int | None = None


Splitter: TypeAlias = Callable[[Text], Sequence[Chunk | Piece]]


def available(model: Embedder, budget: int, only: Sequence[str] = ()) -> dict[str, Splitter]:
    """The chunkers whose libraries are installed, by name."""
    made: dict[str, Splitter] = {f"ours, {one}": partial(ours, model, budget, one) for one in STRATEGIES}
    made["every N tokens"] = partial(tokens, tokenizer(), budget)
    for package, make in MAKERS.items():
        if find_spec(package) is not None:
            made |= make(model, budget)
    return {name: one for name, one in made.items() if not only or name.startswith(tuple(only))}


def versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def tokenizer() -> Tokenizer:
    found = Tokenizer.from_file(str(BUNDLED / "embedder" / "tokenizer.json"))
    found.no_truncation()
    found.no_padding()
    return found


def ours(model: Embedder, budget: int, strategy: str, text: Text) -> Sequence[Chunk]:
    return chunks(
        text.document,
        model.count_tokens,
        tokens=budget,
        strategy=strategy,
        additive=model.additive,
        embed=model.encode_passages,
    )


def tokens(reader: Tokenizer, budget: int, text: Text) -> list[Piece]:
    """Cut every so many tokens, wherever that is."""
    offsets = reader.encode(text.source, add_special_tokens=False).offsets
    starts = [0, *(start for start, _ in offsets[budget::budget])]
    ends = [*starts[1:], len(text.source)]
    return [Piece(text.source[one:two], one) for one, two in zip(starts, ends, strict=True)]


def langchain(model: Embedder, budget: int) -> dict[str, Splitter]:
    package = import_module("langchain_text_splitters")

    def split(separators: list[str] | None, text: Text) -> list[Piece]:
        splitter = package.RecursiveCharacterTextSplitter(
            separators,
            chunk_size=budget,
            chunk_overlap=0,
            length_function=lambda one: model.count_tokens([one])[0],
            add_start_index=True,
        )
        return [
            Piece(one.page_content, one.metadata["start_index"])
            for one in splitter.create_documents([text.source])
        ]

    return {
        "langchain recursive, CJK separators": partial(split, CJK_SEPARATORS),
        "langchain recursive": partial(split, None),
    }


def llamaindex(model: Embedder, budget: int) -> dict[str, Splitter]:
    base = import_module("llama_index.core.base.embeddings.base")
    parsers = import_module("llama_index.core.node_parser")
    schema = import_module("llama_index.core.schema")

    class Vectors(base.BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return model.encode_passages([text])[0].tolist()

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return model.encode_passages(texts).tolist()

        def _get_query_embedding(self, query: str) -> list[float]:
            return model.encode_queries([query])[0].tolist()

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    def split(parser: Any, text: Text) -> list[Piece]:
        nodes = parser.get_nodes_from_documents([schema.Document(text=text.source)])
        return [Piece(one.text, one.start_char_idx) for one in nodes]

    sentence = parsers.SentenceSplitter(
        chunk_size=budget,
        chunk_overlap=0,
        tokenizer=lambda one: range(model.count_tokens([one])[0]),
        include_metadata=False,
    )
    semantic = parsers.SemanticSplitterNodeParser.from_defaults(embed_model=Vectors())
    return {
        "llamaindex SentenceSplitter": partial(split, sentence),
        "llamaindex SemanticSplitter": partial(split, semantic),
    }


def chonkie(model: Embedder, budget: int) -> dict[str, Splitter]:
    package = import_module("chonkie")

    def split(chunker: Any, text: Text) -> list[Piece]:
        return [Piece(one.text, one.start_index) for one in chunker(text.source)]

    levels = (["\n\n", "\r\n", "\n"], CJK_STOPS[:-1], ["，", "、", "；", "：", ", ", "; "])
    rules = package.RecursiveRules(
        [*(package.RecursiveLevel(delimiters=one) for one in levels), package.RecursiveLevel()]
    )
    read = tokenizer()
    made = {
        "chonkie RecursiveChunker": package.RecursiveChunker(read, budget),
        "chonkie RecursiveChunker, CJK rules": package.RecursiveChunker(read, budget, rules),
        "chonkie SentenceChunker, CJK stops": package.SentenceChunker(read, budget, delim=CJK_STOPS),
    }
    return {name: partial(split, one) for name, one in made.items()}


def semchunk(model: Embedder, budget: int) -> dict[str, Splitter]:
    chunker = import_module("semchunk").chunkerify(lambda one: model.count_tokens([one])[0], budget)

    def split(text: Text) -> list[Piece]:
        found, offsets = chunker(text.source, offsets=True)
        return [Piece(one, start) for one, (start, _) in zip(found, offsets, strict=True)]

    return {"semchunk": split}


MAKERS = {
    "langchain_text_splitters": langchain,
    "llama_index": llamaindex,
    "chonkie": chonkie,
    "semchunk": semchunk,
}


def chunks_of(texts: Sequence[Text], pieces: Sequence[Sequence[Chunk | Piece]]) -> list[Chunk]:
    """The pieces as chunks, those that are none yet at the place where they stand in the text."""
    return [chunk for text, some in zip(texts, pieces, strict=True) for chunk in _placed(text, some)]


def _placed(text: Text, pieces: Sequence[Chunk | Piece]) -> Iterator[Chunk]:
    done = 0
    for number, one in enumerate(pieces):
        if isinstance(one, Chunk):
            yield one
            continue
        start, end = _span(text.source, one, done)
        exact = text.source[start:end] if end > start else one.text
        done = max(done, end)
        name = text.document.source.name
        yield Chunk(
            str(uuid5(NAMESPACE_OID, f"{name}\n{number}")),
            text.document.id,
            name,
            exact,
            start,
            end,
            lang=detect(one.text, text.document.lang),
        )


def _span(source: str, piece: Piece, done: int) -> tuple[int, int]:
    """Where a piece stands: where its library says, else next in order, white space of any kind alike.

    An empty span where it stands nowhere: then it was altered.
    """
    if piece.start is not None and source.startswith(piece.text, piece.start):
        return piece.start, piece.start + len(piece.text)
    start = source.find(piece.text, done)
    if start >= 0:
        return start, start + len(piece.text)
    loose = re.compile(r"\s*".join(map(re.escape, piece.text.split())))
    found = loose.search(source, done)
    return found.span() if found and found[0] else (done, done)
