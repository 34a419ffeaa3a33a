"""``cjkrag ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.commands.common import Run, command

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of documents, or one file.")]


@command
def ingest(
    run: Run,
    folder: Folder,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Start the index anew.")] = False,
) -> None:
    """Read a folder into a collection; what has not changed is not read again."""
    settings = run.settings()
    from ui.face import open_face

    with open_face(settings) as face:
        report = face.ingest(folder, rebuild=rebuild)
    run.print(report.to_json(), report.text)
