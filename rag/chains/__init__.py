"""cjkrag in the clothes of LangChain and of LlamaIndex."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, Literal, TypeAlias

from rag.errors import MissingExtra
from rag.types import Answer, Delta, Turn

Kind: TypeAlias = Literal["langchain", "llamaindex"]
Answering: TypeAlias = Callable[[Any, str, Sequence[Turn]], Iterator[Delta | Answer]]


def stream_answer(
    kind: Kind, engine: Any, question: str, history: Sequence[Turn] = ()
) -> Iterator[Delta | Answer]:
    """The answer through that library's own retriever and chain, the last event being the `Answer`.

    Args:
        kind: ``langchain`` or ``llamaindex``; the setting ``chain``.
        engine: an `rag.engine.Engine`, or what has its ``search``, ``query``, ``answerer``, ``settings``.
        question: what the user wrote.
        history: earlier turns, oldest first.

    Raises:
        MissingExtra: the library is not installed.
    """
    try:
        room = import_module(f"rag.chains.{kind}")
    except ImportError as error:
        raise MissingExtra(f"chain: {kind}", kind) from error
    answering: Answering = room.stream_answer
    yield from answering(engine, question, history)
