"""The files of a folder, in order, with what is left out and why."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from rag.errors import ConfigError

JUNK_FOLDERS = frozenset({"node_modules", "__pycache__", "__MACOSX"})
JUNK_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file below the root.

    Attributes:
        name: path relative to the root with ``/``, NFC, what UTF-8 cannot say shown as U+FFFD.
        code: why it cannot be read, or empty.
    """

    name: str
    path: Path
    size: int = 0
    mtime_ns: int = 0
    code: str = ""
    message: str = ""


def scan(
    target: Path, root: Path, *, exclude: Sequence[str] = (), max_bytes: int | None = None
) -> list[Found]:
    """Every file of ``target`` (a folder, or one file), sorted by name, which is relative to ``root``.

    Hidden files, office lock files and ``exclude`` globs (of the name) are left out in silence; a file
    that is too large, or a file or folder that cannot be looked at, is returned with a code. Links are
    followed only where they stay inside the root.

    Raises:
        ConfigError: there is no such file or folder.
    """
    if not target.exists():
        raise ConfigError(f"{target}: there is no such file or folder")
    if target.is_file():
        return [_look(target, _name(target, root), max_bytes)]
    inside = root.resolve()
    unlisted: list[Found] = []
    found = [
        _look(path, _name(path, root), max_bytes)
        for path in _walk(target, root, unlisted)
        if _stays(path, inside) and not any(fnmatchcase(_name(path, root), glob) for glob in exclude)
    ]
    return _unique(sorted([*found, *unlisted], key=lambda one: one.name))


def _walk(target: Path, root: Path, unlisted: list[Found]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        folder = Path(error.filename)
        why = f"is a folder that cannot be listed: {error.strerror}; what was read of it before stays"
        unlisted.append(Found(f"{_name(folder, root)}/", folder, code="unreadable", message=why))

    for folder, folders, files in os.walk(target, onerror=note):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in JUNK_FOLDERS)
        for file in sorted(files):
            if not file.startswith((".", "~$")) and file.lower() not in JUNK_FILES:
                yield Path(folder, file)


def _name(path: Path, root: Path) -> str:
    raw = path.relative_to(root).as_posix()
    shown = os.fsencode(raw).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", shown)


def _stays(path: Path, inside: Path) -> bool:
    return not path.is_symlink() or path.resolve().is_relative_to(inside)


def _look(path: Path, name: str, max_bytes: int | None) -> Found:
    name = unicodedata.normalize("NFC", name)
    try:
        status = path.stat()
    except OSError as error:
        return Found(name, path, code="unreadable", message=f"cannot be looked at: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return Found(name, path, code="not_a_file", message="is a device, pipe or socket; left out")
    if max_bytes is not None and status.st_size > max_bytes:
        size = f"{status.st_size / 1e6:.1f} MB, allowed are {max_bytes / 1e6:.1f}"
        return Found(name, path, code="too_large", message=f"is too large ({size}): ingest.max_megabytes")
    return Found(name, path, status.st_size, status.st_mtime_ns)


def _unique(found: list[Found]) -> list[Found]:
    """Two names that only differ before normalising get a number, so that neither is lost."""
    seen: dict[str, int] = {}
    unique = []
    for one in found:
        seen[one.name] = seen.get(one.name, 0) + 1
        again = seen[one.name]
        name = one.name if again == 1 else f"{one.name} ({again})"
        unique.append(Found(name, one.path, one.size, one.mtime_ns, one.code, one.message))
    return unique
