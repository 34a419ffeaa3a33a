"""The files of a folder, in order, each with what the file system says of it or why it is left out."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from ingest.decode import decode
from ingest.ignore import Ignored
from rag.errors import ConfigError, DocumentError

JUNK_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "__macosx"})
JUNK_FILES: Final = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
SECRETS: Final = (
    ".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "id_rsa*",
    "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd",
    ".git-credentials", "credentials.json", "secrets.json", "secrets.y*ml", "service-account*.json",
)  # fmt: skip
LEFT_OUT: Final = frozenset(("hidden", "junk", "ignored", "excluded", "secret", "link", "not_a_file"))
"""Codes of what is not looked into at all; the index keeps nothing of it."""

_LONGEST = 4096
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_PROOF = 2_000_000_000  # nanoseconds; a file that changed so lately may change again unseen by its times


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a folder is read: globs of relative names, and the sizes that are."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    gitignore: bool = False
    secrets: bool = False
    max_bytes: int | None = None
    index: Path | None = None
    """Where indexes lie; below a folder that is read, they are left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file below the root.

    Attributes:
        name: path relative to the root with ``/``, NFC, what UTF-8 cannot say shown as U+FFFD; a folder
            that is not looked into ends with ``/``.
        stamp: size, times and number of the file, as `stamped` writes them.
        code: why it cannot be read, or empty.
    """

    name: str
    path: Path
    size: int = 0
    mtime_ns: int = 0
    stamp: str = ""
    code: str = ""
    message: str = ""


def scan(target: Path, root: Path, rules: Rules | None = None) -> list[Found]:
    """Every file of ``target`` (a folder, or one file), sorted by name, which is relative to ``root``.

    What is left out is returned with a code: ``hidden`` and ``junk`` files and folders, what an ignore file
    or a glob leaves out, ``secret`` ones (keys, passwords), links that leave the root or lead to a folder,
    files that are ``too_large`` or no files, and what cannot be looked at.

    Raises:
        ConfigError: there is no such file or folder.
    """
    if not target.exists():
        raise ConfigError(f"{target}: there is no such file or folder")
    rules = rules or Rules()
    if target.is_file():
        return [_look(target, _name(target, root), rules.max_bytes)]
    found = list(_walk(target, root, rules))
    return _unique(sorted(found, key=lambda one: (one.name, os.fsencode(one.path))))


def stamped(status: os.stat_result) -> str:
    """What proves that a file is the same without reading it, or nothing where it was touched just now.

    The time of the last change of status cannot be set by a program, so that even a file whose time was
    put back is noticed; where there is none (Windows) nothing is proven.
    """
    latest = max(status.st_mtime_ns, status.st_ctime_ns)
    return "" if os.name == "nt" or latest > time.time_ns() - _PROOF else _facts(status)


def raw_stamp(path: Path) -> str:
    """What changes whenever the file does, or nothing where it is gone."""
    try:
        return _facts(path.stat())
    except OSError:
        return ""


def _facts(status: os.stat_result) -> str:
    return f"{status.st_size}.{status.st_mtime_ns}.{status.st_ctime_ns}.{status.st_ino}"


def _walk(target: Path, root: Path, rules: Rules) -> Iterator[Found]:
    unlisted: list[Found] = []
    ignored = Ignored(root, target, gitignore=rules.gitignore)
    inside = root.resolve()
    for folder, folders, files in _folders(target, lambda error: unlisted.append(_unlisted(error, root))):
        here = Path(folder)
        ignored.enter(here)
        for name in sorted(folders):
            left = _left_folder(here / name, root, rules, ignored)
            if left:
                folders.remove(name)
                yield left
        for name in files:
            yield _file(here / name, root, inside, rules, ignored)
    yield from unlisted


def _folders(top: Path, onerror: Callable[[OSError], None]) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk` from the top down; depth costs no recursion, which it does there before Python 3.12."""
    stack = [os.fspath(top)]
    while stack:
        here = stack.pop()
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(here) as entries:
                for one in entries:
                    (folders if _is_folder(one) else files).append(one.name)
        except OSError as error:
            onerror(error)
            continue
        yield here, folders, files
        stack += (os.path.join(here, name) for name in reversed(folders))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _left_folder(path: Path, root: Path, rules: Rules, ignored: Ignored) -> Found | None:
    name = _name(path, root) + "/"
    if os.path.islink(path):
        return Found(name, path, code="link", message="is a link to a folder, which is not followed")
    if path.name.startswith("."):
        return Found(name, path, code="hidden", message="is a hidden folder")
    if rules.index and path.name == rules.index.name and os.path.realpath(path) == os.fspath(rules.index):
        return Found(name, path, code="junk", message="is where cjkrag keeps its indexes")
    if path.name.lower() in JUNK_FOLDERS:
        return Found(name, path, code="junk", message="is a folder of tools")
    if any(fnmatchcase(name, glob) or fnmatchcase(name[:-1], glob) for glob in rules.exclude):
        return Found(name, path, code="excluded", message="is left out by ingest.exclude")
    if ignored(path, folder=True):
        return Found(name, path, code="ignored", message="is left out by an ignore file")
    return None


def _file(path: Path, root: Path, inside: Path, rules: Rules, ignored: Ignored) -> Found:
    name = _name(path, root)
    for code, message, holds in _REASONS:
        if holds(path, name, rules):
            return Found(name, path, code=code, message=message)
    if ignored(path):
        return Found(name, path, code="ignored", message="is left out by an ignore file")
    if os.path.islink(path) and not Path(os.path.realpath(path)).is_relative_to(inside):
        return Found(name, path, code="link", message="is a link that leads out of the folder")
    return _look(path, name, rules.max_bytes)


def _is_secret(path: Path, name: str, rules: Rules) -> bool:
    del name
    return not rules.secrets and any(fnmatchcase(path.name.lower(), glob) for glob in SECRETS)


def _is_excluded(path: Path, name: str, rules: Rules) -> bool:
    del path
    if any(fnmatchcase(name, glob) for glob in rules.exclude):
        return True
    return bool(rules.include) and not any(fnmatchcase(name, glob) for glob in rules.include)


_REASONS: Final[tuple[tuple[str, str, Callable[[Path, str, Rules], bool]], ...]] = (
    ("secret", "looks like a key or a password; ingest.secrets reads it all the same", _is_secret),
    ("hidden", "is a hidden file", lambda path, name, rules: path.name.startswith((".", "~$"))),
    ("junk", "is a file of the system", lambda path, name, rules: path.name.lower() in JUNK_FILES),
    ("excluded", "is left out by ingest.include or ingest.exclude", _is_excluded),
)


def _unlisted(error: OSError, root: Path) -> Found:
    folder = Path(error.filename)
    if error.errno == errno.ENAMETOOLONG:
        why, code = f"lies deeper than the system allows ({_LONGEST} bytes of path)", "path_too_long"
    else:
        why, code = f"is a folder that cannot be listed: {error.strerror}", "unreadable"
    return Found(
        f"{_name(folder, root)}/", folder, code=code, message=f"{why}; what was read of it before stays"
    )


def _name(path: Path, root: Path) -> str:
    raw = os.fsencode(path.relative_to(root).as_posix())
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = _legacy_name(raw)
    return _CONTROLS.sub(" ", unicodedata.normalize("NFC", name))


def _legacy_name(raw: bytes) -> str:
    """A name as old systems wrote it, in the encoding it seems to be in; what is no text as U+FFFD."""
    try:
        return decode(raw).text
    except DocumentError:
        return raw.decode("utf-8", "replace")


def _look(path: Path, name: str, max_bytes: int | None) -> Found:
    try:
        status = path.stat()
    except OSError as error:
        code = "path_too_long" if error.errno == errno.ENAMETOOLONG else "unreadable"
        return Found(name, path, code=code, message=f"cannot be looked at: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return Found(name, path, code="not_a_file", message="is a device, pipe or socket; left out")
    found = Found(name, path, status.st_size, status.st_mtime_ns, stamped(status))
    if max_bytes is not None and status.st_size > max_bytes:
        size = f"{status.st_size / 1e6:.1f} MB, allowed are {max_bytes / 1e6:.1f}"
        return replace(found, code="too_large", message=f"is too large ({size}): ingest.max_megabytes")
    return found


def _unique(found: list[Found]) -> list[Found]:
    """Names that are the same composed get a number, so that none is lost; the composed one keeps its own."""
    seen: dict[str, int] = {}
    unique = []
    for one in found:
        name = _numbered(one.name, 2) if _doubled(one) else one.name
        while name in seen:
            seen[name] += 1
            name = _numbered(one.name, seen[name] + 1)
        seen[name] = 1
        unique.append(one if name == one.name else replace(one, name=name))
    return unique


def _doubled(one: Found) -> bool:
    """Whether beside a file with a decomposed name there is one whose name is the same composed."""
    path = one.path.as_posix()
    composed = unicodedata.normalize("NFC", path)
    return path != composed and os.path.lexists(composed) and not os.path.samefile(path, composed)


def _numbered(name: str, number: int) -> str:
    return f"{name[:-1]} ({number})/" if name.endswith("/") else f"{name} ({number})"
