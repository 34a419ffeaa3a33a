"""``cjkrag models``: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import ConfigError
from ui.commands.common import Run, command

if TYPE_CHECKING:
    from rag.catalogue import ModelCard

app = typer.Typer(help="Embedders and rerankers that are known by name.", no_args_is_help=True)

_KINDS = ("embedder", "reranker")
_LANGUAGES = ("zh", "ja", "ko", "en")

Kind = Annotated[str | None, typer.Option("--kind", help="embedder or reranker.", show_default=False)]
Language = Annotated[str | None, typer.Option("--lang", help="zh, ja, ko or en.", show_default=False)]


@app.callback()
def _group() -> None:
    """Embedders and rerankers that are known by name."""


@app.command("list")
@command
def list_models(run: Run, kind: Kind = None, lang: Language = None) -> None:
    """List the models of the catalogue; any other model works by its name or folder too."""
    for given, known in ((kind, _KINDS), (lang, _LANGUAGES)):
        if given is not None and given not in known:
            raise ConfigError(f"found {given!r}, expected one of {', '.join(known)}")
    from rag.catalogue import cards

    found = [
        one
        for one in cards().values()
        if kind in (None, one.kind) and (lang is None or lang in one.languages)
    ]
    run.print([one.model_dump(mode="json") for one in found], lambda: _table(found))


def _table(found: list[ModelCard]) -> str:
    from ui.terminal import table

    head = ("name", "kind", "languages", "dimension", "tokens", "million parameters", "licence")
    return table(head, [_row(one) for one in found])


def _row(one: ModelCard) -> tuple[object, ...]:
    millions = round(one.parameters / 1e6) if one.parameters else None
    licence = f"{one.licence or '?'}{' (not commercial)' if one.noncommercial else ''}"
    return (one.name, one.kind, " ".join(one.languages), one.dimension, one.max_tokens, millions, licence)
