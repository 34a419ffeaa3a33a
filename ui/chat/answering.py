"""A question through the configured chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.errors import MissingExtra
from rag.types import Answer, Delta, Turn
from ui.face import Face, Reader


def answered(face: Face, collection: str, question: str, history: Sequence[Turn]) -> Iterator[Delta | Answer]:
    """The answer piece by piece, the last event being the whole. Raises CjkRagError."""
    reader = Reader(face, collection)
    if face.settings.chain == "llamaindex":
        try:
            from rag.chains.llamaindex import stream_answer as by_llamaindex
        except ImportError as error:
            raise MissingExtra("the LlamaIndex chain", "llamaindex") from error
        return by_llamaindex(reader, question, history)
    from rag.chains.langchain import stream_answer

    return stream_answer(reader, question, history)
