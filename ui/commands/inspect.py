"""``cjkrag show``, ``config`` and ``doctor``: looking without changing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands.common import Run, command, echo

if TYPE_CHECKING:
    from rag.settings import Origin
    from rag.types import Document

File = Annotated[Path, typer.Argument(metavar="FILE", help="A document.")]


@command
def show(
    run: Run,
    file: File,
    text: Annotated[bool, typer.Option("--text", help="Print the text as it was read.")] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Read it in this encoding.", show_default=False)
    ] = None,
) -> None:
    """Show how a file is read: its encoding, its language, its outcome, its text."""
    settings = run.settings(ingest__encoding=encoding)
    from ingest.load import read
    from rag.errors import DocumentError
    from ui.wire import document_to_json

    try:
        document = read(file, root=file.parent, encoding=settings.ingest.encoding)
    except DocumentError as error:
        if not run.json:
            raise
        run.print({"file": str(file), "outcome": "failed", "code": error.code, "message": str(error)}, "")
        raise typer.Exit(error.exit_code) from None
    found = {"file": str(file), "outcome": "read", **document_to_json(document, text=text)}
    run.print(found, lambda: document.text if text else _card(document))


@command
def config(
    run: Run, yaml: Annotated[bool, typer.Option("--yaml", help="Print YAML for --config.")] = False
) -> None:
    """Show every setting, its value and where the value came from."""
    settings, origins = run.settings_with_origins()
    if yaml:
        from yaml import safe_dump

        echo(safe_dump(settings.model_dump(mode="json"), allow_unicode=True, sort_keys=False).rstrip())
        return
    run.print(
        [{"key": one.key, "value": _plain(one.value), "origin": one.origin} for one in origins],
        lambda: _origins(origins),
    )


@command
def doctor(run: Run) -> None:
    """Check the installation, the data directory and every collection. Exit code 4 if one is ill."""
    settings = run.settings()
    from dataclasses import asdict

    from rag.errors import StoreUnavailable
    from ui.doctor import examine, report_text

    findings = examine(settings)
    run.print([asdict(one) for one in findings], lambda: report_text(findings))
    if any(one.level == "ill" for one in findings):
        raise typer.Exit(StoreUnavailable.exit_code)


def _card(document: Document) -> str:
    from ui.terminal import table

    source = document.source
    rows = [
        ("file", source.path),
        ("type", source.media_type),
        ("bytes", source.size),
        ("encoding", source.encoding or "said by the format"),
        ("confidence", f"{source.confidence:.2f}{' (suspicious)' if source.suspicious else ''}"),
        ("language", document.lang),
        ("title", document.title),
        ("characters", len(document.text)),
        ("blocks", len(document.blocks)),
        ("outcome", "read"),
    ]
    return table(("field", "value"), rows)


def _origins(origins: list[Origin]) -> str:
    from ui.terminal import table

    return table(("key", "value", "origin"), [(one.key, _plain(one.value), one.origin) for one in origins])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
