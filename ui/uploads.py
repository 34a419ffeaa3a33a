"""Files that people hand over, kept with their collection.

A name is a claim: it becomes a plain file name inside one folder, whatever it says.
"""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from rag.errors import DocumentError, StoreUnavailable
from rag.text.clean import clean
from ui.face import Upload

_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f5\u29f8\ufe68\uff0f\uff3c:\uff1a]")
_UNFIT = re.compile(r'[<>"|?*%]')
_MOST_BYTES = 180
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def safe_name(claimed: str) -> str:
    r"""A file name without folders, controls, leading dots or reserved words, at most 180 bytes long.

    Example:
        >>> [safe_name(one) for one in ("../../社内規程.pdf", "..／..／x.md", ".env", "a\b\c.txt")]
        ['社内規程.pdf', 'x.md', 'env', 'c.txt']
    """
    visible = "".join(ch for ch in clean(claimed) if unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co"))
    last = _SEPARATORS.split(unicodedata.normalize("NFC", visible))[-1]
    name = _UNFIT.sub("_", last).strip().lstrip(".~$ ").rstrip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    return _shortened(name) or "document"


def keep(files: Iterable[Upload], folder: Path) -> list[str]:
    """Write the files into the folder, each whole or not at all; their names there.

    A name that is there already is replaced: it is a new version of that document.

    Raises:
        DocumentError: two files of one upload would get the same name.
        StoreUnavailable: a file cannot be written.
    """
    named: dict[str, Upload] = {}
    for one in files:
        name = safe_name(one.name)
        if name in named:
            raise DocumentError(name, "double", "two of the files have this name; rename one")
        named[name] = one
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, one in named.items():
            _write(folder / name, one.content)
    except OSError as error:
        raise StoreUnavailable(f"{folder}: an upload cannot be kept: {error.strerror}") from error
    return list(named)


def _write(path: Path, content: bytes) -> None:
    temporary = path.parent / f".{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _shortened(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    room = _MOST_BYTES - len(f"{dot}{suffix}".encode())
    return f"{stem.encode()[:room].decode('utf-8', 'ignore')}{dot}{suffix}"
