"""``cjkrag ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import DocumentError
from ui.commands.common import Run, command

if TYPE_CHECKING:
    from ingest.report import FileReport, Report

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
    from ui.progress import Bars

    with open_face(settings) as face, Bars() as bars:
        report = face.ingest(folder, rebuild=rebuild, how=settings.ingest, progress=bars.follow)
    run.print(report.to_json(), lambda: _told(report))
    if report.failed:
        raise typer.Exit(DocumentError.exit_code)


def _told(report: Report) -> str:
    from ui.terminal import safe

    notable = [one for one in report.files if one.outcome in ("failed", "skipped") or one.suspicious]
    return safe("\n".join([*map(_line, notable), report.summary()]))


def _line(one: FileReport) -> str:
    if one.outcome in ("failed", "skipped"):
        return f"{one.outcome} ({one.code})  {one.name}: {one.message}"
    return f"doubtful  {one.name}: read as {one.encoding}; if it is garbled, set ingest.encoding"
