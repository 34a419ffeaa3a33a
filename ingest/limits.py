"""What a process that reads foreign files may use: memory, time, open files, and no network."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from typing import Final, NoReturn

if sys.platform != "win32":
    import resource

MEMORY: Final = 4 << 30
FILES: Final = 256
WRITTEN: Final = 1 << 30  # bytes of one file, for converters that need a temporary one
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NETWORK: Final = frozenset(
    ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo")
)


def confine() -> None:
    """Bind this process, and those it starts, for good: address space, open files, file size, no network.

    The network is closed by a namespace of its own where the system grants one (Linux), and in Python by
    an audit hook everywhere.
    """
    sys.addaudithook(_refuse)
    if sys.platform == "win32":
        return
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, MEMORY)
    _lower(resource.RLIMIT_NOFILE, FILES)
    _lower(resource.RLIMIT_FSIZE, WRITTEN)
    with contextlib.suppress(OSError, AttributeError):
        _leave_network()


def allow(seconds: float) -> None:
    """Let this process use so many seconds of processor time from now on; beyond them it is ended."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + seconds) + 1
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def kill(child: subprocess.Popen[bytes]) -> None:
    """End a child that leads a session, and all that it started."""
    if sys.platform == "win32":
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def end() -> NoReturn:
    """End this process at once, with all that it started where it leads a session."""
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (allowed, hard))


def _leave_network() -> None:
    """Into a network namespace without devices; who is not root needs a user namespace for it."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_NETWORK if user == 0 else _NEW_USER | _NEW_NETWORK):
        return
    if user:
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _NETWORK:
        raise PermissionError("a file that is being read may not use the network")
