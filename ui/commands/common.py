"""What every command shares: its options, its settings, its output and its way to fail."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from rag.errors import CjkRagError, ConfigError, StoreUnavailable

if TYPE_CHECKING:
    from rag.settings import Origin, Settings


@dataclass(frozen=True, slots=True)
class Run:
    """The options that every command takes."""

    collection: str | None = None
    config: Path | None = None
    profile: str | None = None
    data_dir: Path | None = None
    set: tuple[str, ...] = ()
    json: bool = False

    def settings(self, **more: Any) -> Settings:
        """The effective settings; ``more`` are flags of the command, ``__`` standing for the dot."""
        return self.settings_with_origins(**more)[0]

    def settings_with_origins(self, **more: Any) -> tuple[Settings, list[Origin]]:
        """As `settings`, with where each value came from."""
        from rag.settings import load_with_origins

        flags = {"collection": self.collection, "data_dir": self.data_dir}
        named = {key.replace("__", "."): value for key, value in more.items()}
        given = {key: value for key, value in {**flags, **named}.items() if value is not None}
        return load_with_origins(self.config, overrides={**_pairs(self.set), **given}, profile=self.profile)

    def print(self, data: Any, text: str | Callable[[], str]) -> None:
        """Data as JSON under ``--json``, else the text."""
        if self.json:
            echo_json(data)
        else:
            echo(text() if callable(text) else text)


_OPTIONS: dict[str, Any] = {
    "collection": Annotated[
        str | None, typer.Option("--collection", "-c", help="The collection to use.", show_default=False)
    ],
    "config": Annotated[
        Path | None, typer.Option("--config", help="A YAML file with settings.", show_default=False)
    ],
    "profile": Annotated[
        str | None, typer.Option("--profile", help="A named set of settings.", show_default=False)
    ],
    "data_dir": Annotated[
        Path | None, typer.Option("--data-dir", help="Where indexes live.", show_default=False)
    ],
    "set": Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting; repeat for more.", show_default=False),
    ],
    "json": Annotated[bool, typer.Option("--json", help="Print JSON.")],
}


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function ``(run, ...)`` the common options, and turn errors into a line and an exit code."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [_parameter(one.name, one.default) for one in fields(Run)]

    @wraps(function)
    def wrapper(**values: Any) -> None:
        run = Run(**{one.name: _frozen(values.pop(one.name)) for one in fields(Run)})
        try:
            function(run, **values)
        except CjkRagError as error:
            fail(run, error)
        except BrokenPipeError:
            raise
        except OSError as error:
            fail(run, StoreUnavailable(f"{error.filename or 'system'}: {error.strerror or error}"))

    wrapper.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in (*own, *shared)}
    return wrapper


def fail(run: Run, error: CjkRagError) -> NoReturn:
    """One line on stderr, under ``--json`` also an object on stdout; leaves with the error's code."""
    if run.json:
        from ui.wire import error_to_json

        echo_json({"error": error_to_json(error)})
    typer.echo(f"cjkrag: {one_line(str(error))}", err=True)
    raise typer.Exit(error.exit_code)


def echo(text: str) -> None:
    """Print to stdout what a terminal can show."""
    typer.echo(text)


def echo_json(data: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def note(text: str) -> None:
    """Say something that is not data."""
    typer.echo(text, err=True)


def one_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())


def utf8_streams() -> None:
    """Write UTF-8 whatever the locale says; what cannot be encoded is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _parameter(name: str, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None if name == "set" else default,
        annotation=_OPTIONS[name],
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pairs(texts: tuple[str, ...] | None) -> dict[str, Any]:
    from rag.settings import from_text

    pairs: dict[str, Any] = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set takes KEY=VALUE, found {text!r}; cjkrag config lists the keys")
        pairs[key.strip()] = from_text(key.strip(), value)
    return pairs
