"""``cjkrag chunks``: what was cut where."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands.common import Run, command, note, one_line

if TYPE_CHECKING:
    from ingest.load import Loaded
    from rag.ports import Embedder
    from rag.settings import ChunkSettings
    from rag.types import Chunk, Document
    from ui.cuts import Cut

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents; - reads stdin.")]
Tokens = Annotated[int | None, typer.Option("--tokens", help="Most tokens of a chunk.", show_default=False)]
Overlap = Annotated[
    int | None, typer.Option("--overlap", help="Sentences that are repeated.", show_default=False)
]
Strategy = Annotated[
    str | None,
    typer.Option("--strategy", help="sentence, structure, fixed, semantic or page.", show_default=False),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Read text files in this encoding.", show_default=False)
]
Name = Annotated[str, typer.Option("--name", help="What stdin is called; its ending says its kind.")]


@command
def chunks(
    run: Run,
    files: Files,
    tokens: Tokens = None,
    overlap: Overlap = None,
    strategy: Strategy = None,
    encoding: Encoding = None,
    name: Name = "stdin",
) -> None:
    """Show the chunks of documents: what was cut where, and how many tokens each has."""
    settings = run.settings(
        chunk__tokens=tokens, chunk__overlap=overlap, chunk__strategy=strategy, ingest__encoding=encoding
    )
    from ingest.sizes import room
    from rag.assemble import embedder
    from rag.errors import DocumentError
    from ui.cuts import Cut, counts, cut_to_json

    model = embedder(settings)
    budget = room(model, settings.chunk.tokens)
    cuts: list[Cut] = []
    told: list[dict[str, Any]] = []
    for called, read in _read(files, name, settings.ingest.encoding):
        if isinstance(read, DocumentError):
            told.append({"file": called, "outcome": "failed", "code": read.code, "message": str(read)})
            note(f"cjkrag: {one_line(str(read))}")
            continue
        cuts.append(Cut(read, _chunks(read, model, settings.chunk), budget))
        if run.json:
            told.append({"file": called, "outcome": "read", **cut_to_json(cuts[-1])})
        else:
            _show(cuts[-1])
    total = counts(cuts, budget)
    run.print({"files": told, "counts": asdict(total)}, total.text)
    if any(one["outcome"] == "failed" for one in told):
        raise typer.Exit(DocumentError.exit_code)


def _read(files: Sequence[Path], name: str, encoding: str | None) -> Iterator[tuple[str, Loaded]]:
    """Each file, and what is in it."""
    from ingest.load import parse_all, read_all, shown

    for file in files:
        if str(file) == "-":
            yield from parse_all(sys.stdin.buffer.read(), name=name, path=name, encoding=encoding)
        else:
            yield from read_all(file, name=shown(file), encoding=encoding)


def _chunks(document: Document, model: Embedder, how: ChunkSettings) -> list[Chunk]:
    from ingest.chunk import chunk_document

    return chunk_document(document, model, how) if document.text.strip() else []


def _show(cut: Cut) -> None:
    """A document without text holds other files, which follow."""
    from ui.cuts import cut_text
    from ui.terminal import in_colour

    if cut.document.text.strip():
        colour = in_colour()
        typer.echo(f"{cut_text(cut, colour=colour)}\n", color=colour)
