"""Everything that cjkrag raises on purpose, as one tree.

    CjkRagError
    ├── ConfigError              a setting is unknown, missing or out of range
    ├── MissingExtra             an optional library is not installed (also an ImportError)
    ├── QueryError               the question is empty or too long
    ├── DocumentError            one file cannot be read; carries its path and an outcome code
    ├── StoreError
    │   ├── StoreUnavailable     the store does not answer or is damaged
    │   ├── StoreLocked          another process owns it; carries its PID and URL
    │   ├── IndexMissing         no index of that name yet
    │   └── IndexMismatch        the index was made with something else
    ├── ModelError               a model cannot be found or loaded, or gave no usable numbers
    └── GenerationError          the language model failed

A message says what failed, the value that was seen and what to do. Facts are attributes, so that
callers and tests need not read prose. ``exit_code`` is what the command line returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class CjkRagError(Exception):
    """Root of the tree."""

    exit_code: ClassVar[int] = 1


class ConfigError(CjkRagError):
    """A setting is unknown, missing or out of range."""

    exit_code = 2


class MissingExtra(CjkRagError, ImportError):
    """An optional library is not installed.

    Attributes:
        extra: the extra that brings it.
    """

    exit_code = 2

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs the extra "{extra}". Install it: pip install "cjkrag[{extra}]"')
        self.extra = extra


class QueryError(CjkRagError):
    """The question is empty or too long."""

    exit_code = 7


class DocumentError(CjkRagError):
    """One file cannot be read; the others go on.

    Attributes:
        path: the file, as it was named.
        code: a stable word for the cause, such as ``empty``, ``binary``, ``encrypted``.
        message: the cause and what to do, without the path.
    """

    exit_code = 6

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str, str]]:
        return type(self), (self.path, self.code, self.message)


class StoreError(CjkRagError):
    """A store cannot do what was asked."""

    exit_code = 4


class StoreUnavailable(StoreError):
    """The store does not answer or is damaged."""


class StoreLocked(StoreError):
    """Another process owns the embedded store.

    Attributes:
        pid: its process number, where known.
        url: where it listens, or None if it does not.
    """

    def __init__(self, path: str, pid: int | None, url: str | None) -> None:
        at = f" and answers on {url}" if url else ""
        super().__init__(f"{path} is in use by process {pid or 'unknown'}{at}. Wait for it, or stop it.")
        self.pid = pid
        self.url = url


class IndexMissing(StoreError):
    """No index of that name yet.

    Attributes:
        collection: the name that was asked for.
    """

    exit_code = 3

    def __init__(self, collection: str, existing: tuple[str, ...] = ()) -> None:
        known = f" Existing collections: {', '.join(existing)}." if existing else ""
        super().__init__(
            f'there is no collection "{collection}" yet.{known} '
            f"Make one: cjkrag ingest FOLDER --collection {collection}"
        )
        self.collection = collection


class IndexMismatch(StoreError):
    """The index was made with another embedder, analyser or chunker.

    Attributes:
        expected: what the settings ask for.
        found: what the index was made with.
    """

    exit_code = 3

    def __init__(self, collection: str, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
        keys = [key for key in sorted({*expected, *found}) if expected.get(key) != found.get(key)]
        diff = "; ".join(
            f"{key}: index has {found.get(key)}, settings ask {expected.get(key)}" for key in keys
        )
        super().__init__(
            f'collection "{collection}" was made differently ({diff}). '
            f"Index again: cjkrag ingest FOLDER --collection {collection} --rebuild"
        )
        self.expected = dict(expected)
        self.found = dict(found)


class ModelError(CjkRagError):
    """A model cannot be found or loaded, or gave no usable numbers."""

    exit_code = 5


class GenerationError(CjkRagError):
    """The language model failed.

    Attributes:
        code: ``unreachable``, ``timeout``, ``refused``, ``empty``, ``broken`` or ``too_long``.
    """

    exit_code = 5

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
