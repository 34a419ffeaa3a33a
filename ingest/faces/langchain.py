"""The chunker as a LangChain text splitter."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from langchain_core.documents import Document
from langchain_text_splitters import TextSplitter

from ingest.alone import Count, check, counter
from ingest.chunk import chunk_text
from ingest.faces.carried import carried, key_of, name_of
from rag.ports import Embedder
from rag.types import Chunk


class CJKTextSplitter(TextSplitter):
    """A LangChain text splitter that cuts where Chinese, Japanese, Korean and English pause.

    Each Document that it makes has the text of a chunk, letter for letter, and the metadata of the Document
    that it comes from, and besides: ``start_index`` (code points), ``headings`` (those above it, outermost
    first, `` > `` between them), ``tokens`` (of the headings and the text), ``ends`` (`rag.types.Ending`),
    ``lang`` and ``chunk_id``. That is also the Document's id, and the same for the same text with the same
    metadata: adding it to a store again replaces it. A text whose ``source`` ends in ``.md``, or that has
    none, is read as Markdown, another one as plain text.

    Args:
        tokens: most tokens of a chunk and its headings.
        overlap: sentences, not tokens, repeated from the chunk before.
        strategy: ``sentence``, ``structure``, ``fixed``, ``semantic`` or ``page``.
        embedder: an `rag.ports.Embedder` whose tokens are counted; the bundled one when not given.
        length_function: the size of a text, instead of the embedder's tokens; ``len`` counts characters.
            `from_huggingface_tokenizer` and `from_tiktoken_encoder` give one.
        add_start_index: whether the metadata says where a chunk begins.

    Raises:
        ConfigError: ``tokens``, ``overlap`` or ``strategy`` is none that there is.

    Example:
        >>> splitter = CJKTextSplitter(tokens=20, length_function=len)
        >>> [one.metadata["start_index"] for one in splitter.create_documents(["同じ文である。" * 4])]
        [0, 14]
    """

    def __init__(
        self,
        tokens: int = 256,
        overlap: int = 0,
        *,
        strategy: str = "sentence",
        embedder: Embedder | None = None,
        length_function: Count | None = None,
        add_start_index: bool = True,
    ) -> None:
        check(tokens, overlap, strategy)
        super().__init__(
            tokens, 0, lambda text: counter(embedder, length_function)([text])[0], False, add_start_index
        )
        self._settings = (tokens, overlap, strategy)
        self._chunks = partial(
            chunk_text,
            tokens=tokens,
            overlap=overlap,
            strategy=strategy,
            embedder=embedder,
            count=length_function,
        )

    def split_text(self, text: str) -> list[str]:
        """The texts of the chunks."""
        return [one.text for one in self.chunks(text)]

    def chunks(self, text: str, *, name: str = "text.md", key: str = "") -> list[Chunk]:
        """The chunks with all that they carry; see `ingest.chunk.chunk_text`."""
        return self._chunks(text, name=name, key=key)

    def create_documents(
        self, texts: list[str], metadatas: list[dict[Any, Any]] | None = None
    ) -> list[Document]:
        """The chunks of each text as Documents, with the metadata that belongs to it."""
        given = zip(texts, metadatas or [{}] * len(texts), strict=True)
        return list(self._documents(given))

    def split_documents(self, documents: Iterable[Document]) -> list[Document]:
        """The chunks of each Document as Documents, with its metadata."""
        return list(self._documents((one.page_content, one.metadata) for one in documents))

    def _documents(self, given: Iterable[tuple[str, Mapping[Any, Any]]]) -> Iterator[Document]:
        seen: Counter[str] = Counter()
        for text, metadata in given:
            key = key_of(text, sorted(map(repr, metadata.items())), *self._settings)
            seen[key] += 1
            for chunk in self.chunks(text, name=name_of(metadata), key=f"{key}/{seen[key]}"):
                yield self._document(chunk, copy.deepcopy(dict(metadata)))

    def _document(self, chunk: Chunk, metadata: dict[Any, Any]) -> Document:
        where = {"start_index": chunk.start} if self._add_start_index else {}
        own = {**carried(chunk), "chunk_id": chunk.id, **where}
        return Document(chunk.text, id=chunk.id, metadata={**metadata, **own})
