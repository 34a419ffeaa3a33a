"""``python -m ingest FOLDER``: bring a collection in step with a folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.pipeline import ingest
from ingest.plan import named, plan
from ingest.remote import ingest_remotely
from ingest.report import Listener, Progress, Report, told
from rag.assemble import open_engine
from rag.collection import collection
from rag.errors import CjkRagError, ConfigError, StoreLocked
from rag.settings import Settings, load


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 6 when a file could not be read, 130 by Ctrl-C, else the error's (see `rag.errors`)."""
    options = _parser().parse_args(arguments)
    try:
        overrides = {
            "collection": options.collection,
            "data_dir": options.data_dir,
            "ingest.encoding": options.encoding,
        }
        settings = load(options.config, overrides=overrides, profile=options.profile)
        if options.dry_run:
            return _plan(Path(options.folder), settings, rebuild=options.rebuild, as_json=options.json)
        report = _run(Path(options.folder), settings, rebuild=options.rebuild)
    except CjkRagError as error:
        sys.stderr.write(f"ingest: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("ingest: interrupted; run it again to go on\n")
        return 130
    _print(report, as_json=options.json)
    return 6 if report.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    parser.add_argument("folder", help="a folder, or one file")
    parser.add_argument("-c", "--collection", help="the collection to write")
    parser.add_argument("--config", help="a YAML file with settings")
    parser.add_argument("--profile", help="a named set of settings")
    parser.add_argument("--data-dir", help="where indexes live (CJKRAG_DATA_DIR)")
    parser.add_argument("--rebuild", action="store_true", help="read and write every file again")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    parser.add_argument("--encoding", help="read text files in this encoding")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _run(target: Path, settings: Settings, *, rebuild: bool) -> Report:
    if not target.exists():
        raise ConfigError(f"{target}: there is no such file or folder")
    with _bar() as bar:
        progress = _listener(bar)
        try:
            engine = open_engine(settings, create=True, rebuild=rebuild)
        except StoreLocked:
            place = collection(settings.data_dir, settings.collection)
            return ingest_remotely(target, place, rebuild=rebuild, how=settings.ingest, progress=progress)
        with engine:
            return ingest(target, engine, rebuild=rebuild, progress=progress)


def _plan(target: Path, settings: Settings, *, rebuild: bool, as_json: bool) -> int:
    found = plan(target, collection(settings.data_dir, settings.collection), settings, rebuild=rebuild)
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in (*named(found.files), found.summary()))
    return 0


def _bar() -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _listener(bar: Bar) -> Listener:
    task = bar.add_task("ingest", total=None)

    def listen(step: Progress) -> None:
        bar.update(task, completed=step.done, total=step.total, description=step.name[-40:])

    return listen


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in told(report))
    sys.stdout.write(report.summary() + "\n")


if __name__ == "__main__":
    sys.exit(main())
