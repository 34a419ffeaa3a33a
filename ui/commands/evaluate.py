"""``cjkrag eval``: measuring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.common import Run, command

if TYPE_CHECKING:
    from rag.evaluate.retrieval import Evaluation

app = typer.Typer(help="Measure retrieval.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Measure retrieval."""


@app.command()
@command
def retrieval(
    run: Run,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="corpus, queries and qrels, BEIR layout.")],
    mode: Annotated[str | None, typer.Option("--mode", help="lexical, dense, hybrid or reranked.")] = None,
) -> None:
    """Index a BEIR folder in memory, ask its queries, print nDCG@10, hit@1, recall@10, MRR@10 and speed."""
    settings = run.settings(retrieve__mode=mode)
    from rag.assemble import embedder, reranker
    from rag.evaluate.retrieval import Parts, evaluate_retrieval
    from rag.stores.memory import MemoryStore
    from ui.progress import Bars

    model = embedder(settings)
    used = settings.retrieve.mode
    parts = Parts(
        model, lambda: MemoryStore(model.dimension), reranker(settings) if used == "reranked" else None
    )
    with Bars() as bars:
        found = evaluate_retrieval(folder, parts, mode=used, settings=settings, progress=bars.advance)
    run.print(found.to_json(), lambda: _figures(found))


def _figures(found: Evaluation) -> str:
    from ui.terminal import table

    rows = [(key, value) for key, value in found.to_json().items() if key != "languages"]
    return table(("measure", "value"), rows)
