"""``cjkrag collections``, ``documents``, ``delete`` and ``export``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ui.commands.common import Run, command, echo

Name = Annotated[str | None, typer.Argument(metavar="[COLLECTION]", help="The collection.")]


@command
def collections(run: Run) -> None:
    """List the collections."""
    settings = run.settings()
    from ui.face import open_face
    from ui.terminal import table

    with open_face(settings) as face:
        found = face.collections()
    rows = [(one.name, one.documents, one.chunks, one.owner or "") for one in found]
    run.print(
        [asdict(one) for one in found], lambda: table(("collection", "documents", "chunks", "open in"), rows)
    )


@command
def documents(run: Run) -> None:
    """List the documents of a collection and how each was read."""
    settings = run.settings()
    from ui.face import open_face
    from ui.terminal import table

    with open_face(settings) as face:
        found = face.documents()
    head = ("name", "outcome", "code", "chunks", "encoding", "lang")
    run.print(found, lambda: table(head, [[one.get(key) for key in head] for one in found]))


@command
def delete(run: Run, name: Annotated[str, typer.Argument(help="The document's name, as listed.")]) -> None:
    """Forget a document: its passages are no longer found."""
    settings = run.settings()
    from rag.errors import DocumentError
    from ui.face import open_face

    with open_face(settings) as face:
        gone = face.delete(name)
    if not gone:
        raise DocumentError(name, "unknown", f'collection "{settings.collection}" has no such document')
    run.print({"deleted": name}, f"deleted {name}")


@command
def export(
    run: Run,
    name: Name = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object per line (the default).")] = True,
) -> None:
    """Print every chunk of a collection: id, document, start, end, text, sorted."""
    settings = run.settings(**({"collection": name} if name else {}))
    from ui.face import open_face
    from ui.wire import chunk_to_json

    keys = ("id", "document", "start", "end", "text", "page", "place", "headings", "lang")
    with open_face(settings) as face:
        for chunk in face.export():
            data = chunk_to_json(chunk)
            echo(json.dumps({key: data[key] for key in keys}, ensure_ascii=False))
