from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import StoreLocked, StoreUnavailable
from rag.stores.lock import own, owner_of

ROOT = Path(__file__).parents[2]


@contextmanager
def another_process(folder: Path, *url: str):
    command = [sys.executable, "-m", "tests.stores.holder", str(folder), *url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"owned\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_free_folder_is_owned_at_once_and_let_go(tmp_path):
    with own(tmp_path / "new" / "folder", timeout=0) as owner:
        assert owner_of(tmp_path / "new" / "folder") == owner.info
        assert owner.info.pid == os.getpid()
        assert owner.info.url is None
    assert owner_of(tmp_path / "new" / "folder") is None


def test_releasing_twice_is_safe_and_leaves_the_next_owner_alone(tmp_path):
    first = own(tmp_path, timeout=0)
    first.release()
    with own(tmp_path, timeout=0) as second:
        first.release()
        assert owner_of(tmp_path) == second.info


def test_a_folder_that_nobody_ever_owned_has_no_owner(tmp_path):
    assert owner_of(tmp_path) is None
    assert owner_of(tmp_path / "none such") is None
    assert not (tmp_path / "none such").exists()


def test_this_process_cannot_own_a_folder_twice(tmp_path):
    with own(tmp_path, timeout=0):
        with pytest.raises(StoreLocked) as caught:
            own(tmp_path, timeout=0)
        assert (caught.value.pid, caught.value.url) == (os.getpid(), None)


def test_another_process_is_named_and_so_is_where_it_listens(tmp_path):
    with another_process(tmp_path, "http://127.0.0.1:8400") as process:
        with pytest.raises(StoreLocked, match=str(process.pid)) as caught:
            own(tmp_path, timeout=3_600)  # not waited for: whoever listens can be asked
        assert (caught.value.pid, caught.value.url) == (process.pid, "http://127.0.0.1:8400")
        found = owner_of(tmp_path)
        assert (found.pid, found.url) == (process.pid, "http://127.0.0.1:8400")
        assert len(found.token) >= 32


def test_an_owner_that_announces_while_one_waits_ends_the_wait(tmp_path):
    with own(tmp_path, timeout=0) as owner:
        later = threading.Timer(0.3, owner.announce, ["http://localhost:1"])
        later.start()
        with pytest.raises(StoreLocked) as caught:
            own(tmp_path, timeout=3_600)
        later.join()
    assert caught.value.url == "http://localhost:1"


def test_an_owner_that_leaves_while_one_waits_is_followed(tmp_path):
    with another_process(tmp_path) as process:
        threading.Timer(0.3, process.stdin.close).start()
        with own(tmp_path, timeout=60) as owner:
            assert owner_of(tmp_path) == owner.info


def test_the_lock_of_a_killed_owner_is_free_and_its_card_is_ignored(tmp_path):
    with another_process(tmp_path, "http://127.0.0.1:8400") as process:
        process.kill()
        process.wait()
        assert (tmp_path / "owner.json").exists()
        assert owner_of(tmp_path) is None
        assert not (tmp_path / "owner.json").exists()
    with own(tmp_path, timeout=0) as owner:
        assert owner.info.pid == os.getpid()


def test_a_killed_owner_is_followed_without_anyone_having_looked(tmp_path):
    with another_process(tmp_path, "http://127.0.0.1:8400") as process:
        process.kill()
        process.wait()
    with own(tmp_path, timeout=5) as owner:
        assert owner_of(tmp_path) == owner.info


def test_looking_never_keeps_an_owner_out(tmp_path):
    """`owner_of` holds the lock for a moment where it finds a dead owner's card."""
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            (tmp_path / "owner.json").touch()
            owner_of(tmp_path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(20):
            own(tmp_path, timeout=20).release()
    finally:
        stop.set()
        looking.join()


def test_of_several_processes_that_want_a_folder_one_gets_it(tmp_path):
    code = (
        "import sys, pathlib; from rag.errors import StoreLocked; from rag.stores.lock import own\n"
        "try: owner = own(pathlib.Path(sys.argv[1]), timeout=0)\n"
        "except StoreLocked: print('refused', flush=True)\n"
        "else: print('owned', flush=True)\n"
        "sys.stdin.read()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = sorted(one.stdout.readline().strip() for one in started)
    for one in started:
        one.communicate()
    assert said == ["owned", "refused", "refused", "refused"]


def test_only_the_owner_of_the_files_can_read_the_token(tmp_path):
    with own(tmp_path, timeout=0) as owner:
        owner.announce("http://localhost:1")
        assert (tmp_path / "owner.json").stat().st_mode & 0o777 == 0o600
        assert json.loads((tmp_path / "owner.json").read_text())["token"] == owner.info.token
        assert owner.info.token not in repr(owner.info)


def test_every_owner_has_another_token(tmp_path):
    tokens = set()
    for _ in range(3):
        with own(tmp_path, timeout=0) as owner:
            tokens.add(owner.info.token)
    assert len(tokens) == 3


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "null"])
def test_a_card_that_cannot_be_read_still_means_locked(tmp_path, content):
    with own(tmp_path, timeout=0):
        (tmp_path / "owner.json").write_text(content)
        assert owner_of(tmp_path) is None
        with pytest.raises(StoreLocked) as caught:
            own(tmp_path, timeout=0)
        assert caught.value.pid is None


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="file"):
        own(tmp_path / "file" / "folder", timeout=0)


def test_waiting_ends_when_the_time_is_over(tmp_path):
    with own(tmp_path, timeout=0):
        start = time.monotonic()
        with pytest.raises(StoreLocked):
            own(tmp_path, timeout=0.6)
        assert time.monotonic() - start >= 0.6
