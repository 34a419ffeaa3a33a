"""``cjkrag``: the command line. Commands import what they need when they run."""

from __future__ import annotations

import typer

from ui.commands import ask, chunks, collection, evaluate, ingest, inspect, models, serve
from ui.commands.common import utf8_streams

EPILOG = """\b
Data goes to stdout, everything else to stderr. Exit codes:
  0  done
  1  unexpected
  2  wrong usage, wrong configuration, or a missing extra
  3  no such collection, or it was made with other models
  4  the index is locked, damaged or unreachable
  5  a model failed
  6  done, but some files could not be read
  7  the question is empty or too long
"""

app = typer.Typer(
    name="cjkrag",
    help="A folder of Chinese, Japanese and Korean documents in, answers with exact citations out.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("ingest", epilog=EPILOG)(ingest.ingest)
app.command("ask")(ask.ask)
app.command("search")(ask.search)
app.command("chat")(serve.chat)
app.command("serve")(serve.serve)
app.command("documents")(collection.documents)
app.command("delete")(collection.delete)
app.command("collections")(collection.collections)
app.command("export")(collection.export)
app.command("show")(inspect.show)
app.command("chunks")(chunks.chunks)
app.command("config")(inspect.config)
app.command("doctor")(inspect.doctor)
app.add_typer(models.app, name="models")
app.add_typer(evaluate.app, name="eval")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as of

        typer.echo(of("cjkrag"))
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    utf8_streams()
    app()


if __name__ == "__main__":
    main()
