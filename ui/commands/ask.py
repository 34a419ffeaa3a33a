"""``cjkrag ask`` and ``cjkrag search``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from rag.errors import ConfigError, GenerationError
from ui.commands.common import Run, command, echo, note, one_line

if TYPE_CHECKING:
    from rag.settings import Context

_MAX_BYTES = 8 << 20

Words = Annotated[list[str], typer.Argument(metavar="QUESTION", help="The question; - reads stdin.")]
TopK = Annotated[int | None, typer.Option("--top-k", "-k", help="Passages to find.", show_default=False)]
ModeOption = Annotated[
    str | None,
    typer.Option("--mode", help="lexical, dense, hybrid or reranked.", show_default=False),
]

ContextOption = Annotated[
    str, typer.Option("--context", help="chunk, or grown hits: neighbours or parent (their section).")
]


@command
def ask(run: Run, question: Words, top_k: TopK = None, mode: ModeOption = None) -> None:
    """Answer a question from a collection, with citations."""
    settings = run.settings(retrieve__top_k=top_k, retrieve__mode=mode)
    from ui import terminal, wire
    from ui.face import Question, open_face

    with _waiting(settings.answer.model), open_face(settings) as face:
        answer = face.ask(Question(_text(question)))
    run.print(wire.answer_to_json(answer), lambda: terminal.answer_text(answer))
    if answer.outcome == "failed":
        note(f"cjkrag: {one_line(answer.notice)}")
        raise typer.Exit(GenerationError.exit_code)


@command
def search(
    run: Run,
    question: Words,
    top_k: TopK = None,
    mode: ModeOption = None,
    context: ContextOption = "chunk",
) -> None:
    """Find the passages that fit a question."""
    settings = run.settings(retrieve__top_k=top_k, retrieve__mode=mode)
    from rag.text.query import as_query
    from ui import terminal, wire
    from ui.face import open_face

    text, wanted = _text(question), _context(context)
    with open_face(settings) as face:
        ranking = face.search(text, context=wanted)
    if run.json:
        run.print(wire.search_to_json(as_query(text, settings.retrieve.max_query_chars), ranking), "")
    elif ranking:
        echo(terminal.ranking_text(ranking))
    else:
        note("cjkrag: nothing was found")


def _context(given: str) -> Context:
    from rag.settings import Context

    if given not in get_args(Context):
        raise ConfigError(f"--context is one of {', '.join(get_args(Context))}, found {given!r}")
    return cast("Context", given)


@contextmanager
def _waiting(model: str) -> Iterator[None]:
    """Show on a terminal that a language model is at work."""
    if model == "extractive" or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(model)):
        yield


def _text(words: list[str]) -> str:
    if words != ["-"]:
        return " ".join(words)
    return sys.stdin.buffer.read(_MAX_BYTES).decode("utf-8", "surrogateescape")
