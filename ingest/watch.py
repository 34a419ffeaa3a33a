"""A folder followed: whenever something in it changes, a run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles
from watchfiles import Change

from ingest.ignore import NAME

QUIET = 1_000  # milliseconds without a change before a run begins
_STEP = 200
_WAIT = 500


def changes(
    target: Path, *, without: Path | None = None, stop: threading.Event | None = None
) -> Iterator[int]:
    """At once, and whenever files of the folder have changed and it has become quiet: how many have.

    Watching begins before the first value is given, so that nothing that changes during a run is missed.
    Hidden files and the folder ``without`` (where the index lies) do not count.

    Example:
        >>> for changed in changes(Path("docs")):                             # doctest: +SKIP
        ...     print(changed, "files changed")
    """
    folder = target if target.is_dir() else target.parent

    def counts(_: Change, path: str) -> bool:
        return _counts(Path(path), folder.absolute(), without)

    first = True
    for found in watchfiles.watch(
        folder,
        watch_filter=counts,
        debounce=10 * QUIET,
        step=_STEP,
        rust_timeout=_WAIT,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        if found or first:
            yield len(found)
        first = False


def _counts(path: Path, folder: Path, without: Path | None) -> bool:
    if without is not None and path.is_relative_to(without):
        return False
    inside = path.relative_to(folder).parts if path.is_relative_to(folder) else path.parts[-1:]
    return path.name == NAME or not any(part.startswith((".", "~$")) for part in inside)
