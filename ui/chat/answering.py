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
            from rag.chains import llamaindex
        except ImportError as error:
            raise MissingExtra("the LlamaIndex chain", "llamaindex") from error
        return llamaindex.stream_answer(reader, question, history)
    from rag.chains import langchain

    return langchain.stream_answer(reader, question, history)
