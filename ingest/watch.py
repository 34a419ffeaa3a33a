"""A folder followed: whenever something in it changes, a run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles
from watchfiles import Change

from ingest.ignore import NAME
from rag.errors import ConfigError

QUIET = 1_000  # milliseconds without a change before a run begins
_STEP = 200
_WAIT = 500


def changes(
    target: Path, *, without: Path | None = None, stop: threading.Event | None = None
) -> Iterator[int]:
    """At once, and whenever files of the folder have changed and it has become quiet: how many have.

    Watching begins before the first value is given, so that nothing that changes during a run is missed.
    Hidden files and the folder ``without`` (where the index lies) do not count, nor what lies beside a file
    that is followed alone.

    Raises:
        ConfigError: the folder's name is one that the system cannot be asked to watch.

    Example:
        >>> for changed in changes(Path("docs")):                             # doctest: +SKIP
        ...     print(changed, "files changed")
    """
    whole = target.is_dir()
    folder = target if whole else target.parent
    real, index = folder.resolve(), without.resolve() if without else None

    def counts(_: Change, path: str) -> bool:
        return _counts(Path(path), folder.absolute(), real, index) and (
            whole or Path(path).name == target.name
        )

    try:
        os.fspath(folder).encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{folder}: cannot be watched, its name is no UTF-8; rename it") from error
    first = True
    for found in watchfiles.watch(
        folder,
        watch_filter=counts,
        debounce=10 * QUIET,
        step=_STEP,
        rust_timeout=_WAIT,
        yield_on_timeout=True,
        stop_event=stop,
        recursive=whole,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if found or first:
            yield len(found)
        first = False


def _counts(path: Path, folder: Path, real: Path, index: Path | None) -> bool:
    """Whether a change counts; paths come with links followed or not, ``real`` and ``index`` have none."""
    base = folder if path.is_relative_to(folder) else real
    inside = path.relative_to(base).parts if path.is_relative_to(base) else path.parts[-1:]
    if index is not None and (path.is_relative_to(index) or real.joinpath(*inside).is_relative_to(index)):
        return False
    return path.name == NAME or not any(part.startswith((".", "~$")) for part in inside)
