"""``cjkrag eval``: measuring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.common import Run, command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

app = typer.Typer(help="Measure retrieval and chunks.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Measure retrieval and chunks."""


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
    run.print(found.to_json(), lambda: _figures(found.to_json()))


@app.command()
@command
def chunks(
    run: Run,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="docs/*.txt and questions.jsonl.")],
    budget: Annotated[int | None, typer.Option("--budget", help="Most tokens of a chunk.")] = None,
    overlap: Annotated[int | None, typer.Option("--overlap", help="Sentences repeated.")] = None,
    strategy: Annotated[
        str | None, typer.Option("--strategy", help="sentence, structure, fixed, semantic or page.")
    ] = None,
    mode: Annotated[str | None, typer.Option("--mode", help="lexical, dense, hybrid or reranked.")] = None,
) -> None:
    """Cut documents, print how whole answers and sentences stay, whether they are found, and MB/s (CPU)."""
    settings = run.settings(
        chunk__tokens=budget, chunk__overlap=overlap, chunk__strategy=strategy, retrieve__mode=mode
    )
    from ui.measuring import evaluate_chunks
    from ui.progress import Bars

    with Bars() as bars:
        found = evaluate_chunks(folder, settings, progress=bars.advance)
    run.print(found, lambda: _figures(found))


def _figures(found: Mapping[str, Any]) -> str:
    """One row a figure; what is a list or a table comes in JSON only, what was cut below."""
    from ui.terminal import safe, table

    rows = [(key, value) for key, value in found.items() if not isinstance(value, dict | list)]
    cuts = [f"cut  {safe(one)}" for one in found.get("cuts", ())]
    return "\n".join((table(("measure", "value"), rows), *cuts))
