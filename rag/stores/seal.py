"""A note of a store's files, left when it is closed in good order, checked when it is opened again.

Engines notice some damage themselves; the rest costs points without a word, or the whole process. A
store that was not closed (its process died) has no seal and is opened without this check.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from rag.errors import StoreUnavailable

_NAME = "seal.json"
REPAIR = "Restore the folder from a backup, or index again: cjkrag ingest FOLDER --rebuild"


def seal(folder: Path, *, hashed: int, without: tuple[str, ...] = ()) -> None:
    """Write down what the folder holds.

    Args:
        folder: a closed store.
        hashed: files up to this many bytes are noted with their checksum, larger ones with their size.
        without: names of subfolders left out.

    Raises:
        StoreUnavailable: the folder cannot be read or written.
    """
    try:
        card = json.dumps({"hashed": hashed, "files": _files(folder, hashed, without)})
        (folder / _NAME).write_text(card, "utf-8")
    except OSError as error:
        raise StoreUnavailable(f"{folder}: cannot be sealed: {error.strerror}") from error


def unseal(folder: Path, *, without: tuple[str, ...] = ()) -> None:
    """Check the folder against its seal, and take the seal away; nothing where there is none.

    Raises:
        StoreUnavailable: a file is missing or is not what was sealed. The seal stays.
    """
    try:
        card = json.loads((folder / _NAME).read_text("utf-8"))
        found = _files(folder, int(card["hashed"]), without)
        changed = sorted(name for name, state in card["files"].items() if found.get(name) != state)
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreUnavailable(f"{folder / _NAME}: cannot be read: {error}. {REPAIR}") from error
    if changed:
        names = ", ".join(changed[:3])
        raise StoreUnavailable(f"{folder}: {len(changed)} files are damaged or gone ({names}). {REPAIR}")
    (folder / _NAME).unlink(missing_ok=True)


def _files(folder: Path, hashed: int, without: tuple[str, ...]) -> dict[str, list[int]]:
    """Size and checksum (0 for large files) of each file, by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): _state(path, hashed)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _NAME and path.relative_to(folder).parts[0] not in without
    }


def _state(path: Path, hashed: int) -> list[int]:
    size = path.stat().st_size
    return [size, _checksum(path) if size <= hashed else 0]


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(2**20):
            checksum = zlib.crc32(block, checksum)
    return checksum
