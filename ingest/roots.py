"""Which ingested folder a target belongs to, and what of it is gone."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest.load import shown
from ingest.manifest import Manifest, Row
from ingest.scan import LEFT_OUT, Found


def of(target: Path, manifest: Manifest) -> tuple[str, Path]:
    """The root the target belongs to, kept from now on: a known one that holds it, else the target itself.

    Of a file that was read alone, the file is kept, so that nothing beside it is ever read with it.
    """
    known = manifest.roots()
    key, folder = find(target, known)
    if target.exists() and known.get(key) not in (folder, target):
        manifest.set_root(key, target)
    return key, folder


def find(target: Path, known: Mapping[str, Path]) -> tuple[str, Path]:
    """As `of`, without keeping it: the deepest folder that holds it, for a file alone the one it is in."""
    folder = target if target.is_dir() else target.parent
    alone = next((key for key, path in known.items() if path == target != folder), None)
    if alone is not None:
        return alone, folder
    above = [(key, path) for key, path in known.items() if folder.is_relative_to(path) and path.is_dir()]
    return max(above, key=lambda one: len(one[1].parts), default=(_key(folder, known), folder))


def remove_gone(target: Path, key: str, root: Path, found: Sequence[Found], manifest: Manifest) -> list[Row]:
    """Remove what lay in the target and is gone, and what is now read from a root above it.

    A root inside a folder that was not looked into (a hidden one, say) stays as it is.
    """
    gone = missing(target, root, found, manifest.rows(key))
    closed = [one.path for one in found if one.name.endswith("/")]
    swallowed = [
        other
        for other, path in manifest.roots().items()
        if other != key and target.is_dir() and path.is_relative_to(target)
        if not any(path.is_relative_to(one) for one in closed)
    ]
    double = [row for other in swallowed for row in manifest.rows(other).values()]
    manifest.remove([*gone, *double])
    for other in swallowed:
        manifest.drop_root(other)
    return gone


def missing(target: Path, root: Path, found: Sequence[Found], rows: Mapping[str, Row]) -> list[Row]:
    """The rows of files that were not found where they were looked for, and of what was inside them.

    Where a folder could not be listed, nothing is known of what is below it.
    """
    seen = {one.name for one in found if one.code not in LEFT_OUT}
    unlisted = tuple(one.name for one in found if one.name.endswith("/") and one.code not in LEFT_OUT)
    inside = _inside(target, root)
    return [
        row
        for row in rows.values()
        if (outer := _outermost(row, rows)) not in seen
        and inside(outer, row.path)
        and not outer.startswith(unlisted)
        and not _elsewhere(row.path, target)
    ]


def _outermost(row: Row, rows: Mapping[str, Row]) -> str:
    """The name of the file that a row's bytes lie in."""
    container = rows.get(row.container)
    return container.name if container else row.name


def _elsewhere(path: str, target: Path) -> bool:
    """Whether the file of a row lies beside the target, in a folder whose name is the same composed."""
    return not f"{path}/".startswith(f"{shown(target)}/") and os.path.lexists(path)


def _inside(target: Path, root: Path) -> Callable[[str, str], bool]:
    """Whether a file of that name and path lies in the folder of this run; one file says nothing of others.

    Names of old systems are shown in other letters than the path has; paths change with the root.
    """
    if not target.is_dir():
        return lambda name, path: False
    below = target.relative_to(root).as_posix()
    prefix = "" if below == "." else unicodedata.normalize("NFC", f"{below}/")
    start = f"{shown(target)}/"
    return lambda name, path: name.startswith(prefix) or path.startswith(start)


def _key(folder: Path, known: Mapping[str, Path]) -> str:
    """The folder's own name, numbered where another existing folder of that name was ingested."""
    base = unicodedata.normalize("NFC", os.fsencode(folder.name).decode("utf-8", "replace")) or "root"
    for number in range(1, len(known) + 2):
        key = base if number == 1 else f"{base}~{number}"
        if key not in known or known[key] == folder or not known[key].exists():
            return key
    raise AssertionError("one of the numbers is free")
