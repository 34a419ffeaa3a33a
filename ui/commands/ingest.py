"""``cjkrag ingest``."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import ConfigError, DocumentError, StoreError
from ui.commands.common import Run, command, note

if TYPE_CHECKING:
    from ingest.report import Report
    from rag.settings import Settings

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of documents, or one file.")]


@command
def ingest(
    run: Run,
    folder: Folder,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Start the index anew.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and follow the folder's changes.")] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Read text files in this encoding.", show_default=False)
    ] = None,
) -> None:
    """Read a folder into a collection; what has not changed is not read again."""
    settings = run.settings(**({"ingest__encoding": encoding} if encoding else {}))
    if dry_run:
        _plan(run, folder, settings, rebuild=rebuild)
    elif watch:
        _watch(run, folder, settings)
    else:
        report = _ingest(folder, settings, rebuild=rebuild)
        run.print(report.to_json(), lambda: _told(report))
        if report.failed:
            raise typer.Exit(DocumentError.exit_code)


def _ingest(folder: Path, settings: Settings, *, rebuild: bool = False) -> Report:
    from ui.face import open_face
    from ui.progress import Bars

    with open_face(settings) as face, Bars() as bars:
        return face.ingest(folder, rebuild=rebuild, how=settings.ingest, progress=bars.follow)


def _plan(run: Run, folder: Path, settings: Settings, *, rebuild: bool) -> None:
    from ingest.plan import named, plan
    from rag.collection import collection
    from ui.terminal import safe

    place = collection(settings.data_dir, settings.collection)
    found = plan(folder, place, settings, rebuild=rebuild)
    run.print(found.to_json(), lambda: safe("\n".join([*named(found.files), found.summary()])))


def _watch(run: Run, folder: Path, settings: Settings) -> None:
    """A run at once and after each change, until interrupted; between runs the index is free for others."""
    from ingest.watch import changes

    if not folder.exists():
        raise ConfigError(f"{folder}: there is no such file or folder")
    with contextlib.suppress(KeyboardInterrupt):
        for number, _ in enumerate(changes(folder, without=settings.data_dir.absolute())):
            try:
                report = _ingest(folder, settings)
            except (StoreError, ConfigError) as error:
                if isinstance(error, ConfigError) and not (number and folder.exists()):
                    raise
                note(str(error))
                continue
            done = {
                name: count for name, count in report.counts.items() if name not in ("unchanged", "skipped")
            }
            if any(done.values()) or not number:
                run.print(report.to_json(), partial(_told, report))


def _told(report: Report) -> str:
    from ingest.report import told
    from ui.terminal import safe

    return safe("\n".join([*told(report), report.summary()]))
