"""One process owns an embedded store. The lock says which, and where it can be asked instead.

The operating system frees the lock when its holder dies, however it dies. Not for network file systems.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from rag.errors import StoreLocked, StoreUnavailable

_POLL = 0.05
_GRACE = 0.25  # covers the moment in which `owner_of` looks


@dataclass(frozen=True, slots=True)
class OwnerInfo:
    """Who holds a folder; ``url`` is None until it listens, ``token`` lets its callers in."""

    pid: int
    url: str | None
    token: str = field(repr=False)
    started: str


class Owner:
    """A held lock; let go with `release` or by leaving the ``with`` block."""

    def __init__(self, folder: Path, lock: FileLock, info: OwnerInfo) -> None:
        self.folder = folder
        self.info = info
        self._lock = lock
        _write(folder, info)

    def announce(self, url: str) -> None:
        """Tell others where this process listens. Raises StoreUnavailable if it cannot be written."""
        self.info = replace(self.info, url=url)
        _write(self.folder, self.info)

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._lock.is_locked:
            with suppress(OSError):
                _card(self.folder).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Owner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def own(folder: Path, *, timeout: float) -> Owner:
    """Become the one owner of the folder; it is made where there is none.

    Args:
        folder: a collection's folder.
        timeout: seconds to wait for another owner to leave; not waited for one that announced a URL.

    Raises:
        StoreLocked: another owner, in this process or another one, has it.
        StoreUnavailable: the folder cannot be written.

    Example:
        >>> import tempfile
        >>> with own(Path(tempfile.mkdtemp()), timeout=0) as owner:
        ...     owner.info.url is None
        True
    """
    lock = _lock(folder)
    end = time.monotonic() + max(timeout, _GRACE)
    before: OwnerInfo | None = None
    while not _taken(lock, folder):
        holder = _read(folder)
        listens = holder is not None and holder.url is not None and holder == before
        if listens or time.monotonic() >= end:
            raise StoreLocked(str(folder), holder.pid if holder else None, holder.url if holder else None)
        before = holder
        time.sleep(_POLL)
    return _owner(folder, lock)


def owner_of(folder: Path) -> OwnerInfo | None:
    """Who holds the folder now, None when nobody does or has said so yet; sweeps up after the dead.

    Raises:
        StoreUnavailable: the folder cannot be read.
    """
    if not _card(folder).exists():
        return None
    lock = _lock(folder)
    if not _taken(lock, folder):
        return _read(folder)
    try:
        with suppress(OSError):
            _card(folder).unlink(missing_ok=True)
    finally:
        lock.release()
    return None


def _owner(folder: Path, lock: FileLock) -> Owner:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        return Owner(folder, lock, OwnerInfo(os.getpid(), None, secrets.token_urlsafe(32), started))
    except BaseException:
        lock.release()
        raise


def _lock(folder: Path) -> FileLock:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnavailable(f"{folder}: cannot be made: {error.strerror}") from error
    return FileLock(folder / "owner.lock", mode=0o600, thread_local=False)


def _taken(lock: FileLock, folder: Path) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        raise StoreUnavailable(f"{folder / 'owner.lock'}: cannot be locked: {error.strerror}") from error
    return True


def _card(folder: Path) -> Path:
    return folder / "owner.json"


def _read(folder: Path) -> OwnerInfo | None:
    try:
        return OwnerInfo(**json.loads(_card(folder).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # not written yet, or being removed


def _write(folder: Path, info: OwnerInfo) -> None:
    temporary = folder / "owner.json.new"
    try:
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(info), file)
        temporary.replace(_card(folder))
    except OSError as error:
        raise StoreUnavailable(f"{_card(folder)}: cannot be written: {error.strerror}") from error
