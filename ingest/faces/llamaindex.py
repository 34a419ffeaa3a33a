"""The chunker as a LlamaIndex node parser. Needs the extra ``llamaindex``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import build_nodes_from_splits, default_id_func
from llama_index.core.schema import BaseNode, MetadataMode, TextNode
from llama_index.core.utils import get_tqdm_iterable
from pydantic import Field, computed_field, model_validator

from ingest.alone import Count, check, counter, or_bundled
from ingest.chunk import chunk_text
from ingest.faces.carried import HIDDEN, carried, key_of, name_of
from rag.types import Chunk


class CJKNodeParser(NodeParser):
    r"""A LlamaIndex node parser that cuts where Chinese, Japanese, Korean and English pause.

    Each node has the text of a chunk, letter for letter, with its offsets (``start_char_idx``,
    ``end_char_idx``, code points), its source, the nodes before and behind it, the metadata of its document,
    and besides: ``headings`` (those above it, outermost first, `` > `` between them), ``tokens``, ``ends``
    (`rag.types.Ending`) and ``lang``; of these a model is shown the headings alone. Ids are the same for the
    same document, unless there is an ``id_func``. A document whose ``file_path`` ends in ``.md``, or that has
    none, is read as Markdown, another one as plain text.

    Attributes:
        tokens: most tokens of a node as it is embedded: its metadata, headings among them, and its text.
            Metadata take at most half of them; what is more comes on top.
        overlap: sentences repeated from the node before.
        strategy: ``sentence``, ``structure``, ``fixed``, ``semantic`` or ``page``.
        embedder: an `rag.ports.Embedder` whose tokens are counted; the bundled one when not given.
        count: the size of a text, instead of the embedder's tokens.

    Raises:
        ConfigError: ``tokens``, ``overlap`` or ``strategy`` is none that there is.

    Example:
        >>> from llama_index.core import Document                                     # doctest: +SKIP
        >>> nodes = CJKNodeParser(tokens=128)([Document(text="# 休暇\n\n最大で二十日。")])   # doctest: +SKIP
        >>> nodes[0].metadata["headings"]                                             # doctest: +SKIP
        '休暇'
    """

    tokens: int = Field(default=256, description="Most tokens of a node as it is embedded.")
    overlap: int = Field(default=0, description="Sentences repeated from the node before.")
    strategy: str = Field(default="sentence", description="How it is cut.")
    embedder: Any = Field(default=None, exclude=True, description="Whose tokens are counted.")
    count: Count | None = Field(default=None, exclude=True, description="The size of a text, instead.")

    @classmethod
    def class_name(cls) -> str:
        """What serialised parsers call it."""
        return "CJKNodeParser"

    @classmethod
    def from_dict(cls, data: dict[str, Any], **kwargs: Any) -> Self:
        """The parser that `to_dict` was called on; an embedder or functions of one's own are given again.

        Raises:
            ValueError: it counted or named by another embedder or function than there is now.
        """
        given = {**data, **kwargs}
        counted_by, named_by = given.pop("counted_by", None), given.get("id_func")
        if isinstance(named_by, Mapping):
            if named_by.get("id_func_name") != default_id_func.__name__:
                raise ValueError(f"from_dict(data, id_func=...): ids came from {named_by['id_func_name']}")
            del given["id_func"]
        made: Self = super().from_dict(given)
        now = made.counted_by
        if counted_by not in (None, now):
            raise ValueError(
                f"from_dict(data, embedder=... or count=...): counted by {counted_by}, not {now}"
            )
        return made

    @computed_field(repr=False)  # type: ignore[prop-decorator]
    @property
    def counted_by(self) -> str:
        """The embedder's fingerprint, or the name of the function that counts."""
        if self.count is None:
            return or_bundled(self.embedder).fingerprint
        return getattr(self.count, "__qualname__", type(self.count).__qualname__)

    @model_validator(mode="after")
    def _check(self) -> Self:
        check(self.tokens, self.overlap, self.strategy)
        return self

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any
    ) -> list[BaseNode]:
        shown = get_tqdm_iterable(nodes, show_progress, "Parsing nodes")
        return [made for node in shown for made in self._nodes(node)]

    def _nodes(self, node: BaseNode) -> Iterator[BaseNode]:
        text = node.get_content(metadata_mode=MetadataMode.NONE)
        chunks = chunk_text(
            text,
            tokens=self._room(node),
            overlap=self.overlap,
            strategy=self.strategy,
            name=name_of(node.metadata),
            embedder=self.embedder,
            count=self.count,
            key=key_of(node.node_id, text, self.strategy, self.tokens, self.overlap),
        )
        made = build_nodes_from_splits([one.text for one in chunks], node, id_func=self._named(chunks))
        for one, chunk in zip(made, chunks, strict=True):
            _carry(one, chunk)
            yield one

    def _named(self, chunks: Sequence[Chunk]) -> Any:
        if self.id_func is not default_id_func:
            return self.id_func
        return lambda number, document: chunks[number].id

    def _room(self, node: BaseNode) -> int:
        """Tokens that the metadata leave for a chunk, its headings counted."""
        if not self.include_metadata:
            return self.tokens
        modes = (MetadataMode.EMBED, MetadataMode.LLM)
        before = [f"{node.get_metadata_str(mode=mode)}\nheadings: \n\n" for mode in modes]
        taken = max(counter(self.embedder, self.count)(before))
        return max(self.tokens - taken, self.tokens // 2, 1)

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]
    ) -> list[BaseNode]:
        """Relations and metadata as all parsers make them; offsets stay, as a text may come again."""
        texts = [one for one in nodes if isinstance(one, TextNode)]
        spans = [(one.start_char_idx, one.end_char_idx) for one in texts]
        super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for one, span in zip(texts, spans, strict=True):
            one.start_char_idx, one.end_char_idx = span
        return nodes


def _carry(node: TextNode, chunk: Chunk) -> None:
    hidden = HIDDEN if chunk.headings else (*HIDDEN, "headings")
    node.start_char_idx, node.end_char_idx = chunk.start, chunk.end
    node.metadata = carried(chunk)
    node.excluded_embed_metadata_keys = [*node.excluded_embed_metadata_keys, *hidden]
    node.excluded_llm_metadata_keys = [*node.excluded_llm_metadata_keys, *hidden]
