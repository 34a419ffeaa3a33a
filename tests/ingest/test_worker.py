"""The child that reads: what it may not do, and what becomes of a file that breaks it."""

import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest

from ingest.worker import Worker
from rag.errors import DocumentError
from tests.helpers.folders import write

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


def confined(code: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process with the limits of the reader."""
    program = f"from ingest import limits\nlimits.confine()\nlimits.allow(2)\n{code}"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)


def test_a_file_is_read_with_all_that_is_known_of_it(tmp_path):
    write(tmp_path, {"a.csv": "品名,価格\nりんご,100\n".encode("cp932")})
    with Worker(timeout=30) as worker:
        document = worker.read(tmp_path / "a.csv", name="a.csv")
    assert "りんご" in document.text
    assert document.source.encoding == "cp932"


def test_members_of_an_archive_follow_it_one_by_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("甲.txt", "甲である。")
        archive.writestr("bad.pdf", b"no pdf")
        archive.writestr("乙.txt", "乙である。")
    with Worker(timeout=30) as worker:
        found = dict(worker.read_all(tmp_path / "a.zip", name="a.zip"))
    assert list(found) == ["a.zip", "a.zip/甲.txt", "a.zip/bad.pdf", "a.zip/乙.txt"]
    assert isinstance(found["a.zip/bad.pdf"], DocumentError)
    assert found["a.zip/乙.txt"].text == "乙である。"


def test_a_reader_that_is_left_in_the_middle_reads_the_next_file_well(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.txt", f"{number}番である。")
    write(tmp_path, {"b.txt": "次の文書。"})
    with Worker(timeout=30) as worker:
        left = worker.read_all(tmp_path / "a.zip", name="a.zip")
        next(left)
        left.close()
        assert worker.read(tmp_path / "b.txt", name="b.txt").text == "次の文書。"


def test_one_that_hangs_is_given_up_and_the_next_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    write(tmp_path, {"b.txt": "次の文書。"})
    with Worker(timeout=1.5) as worker:
        with pytest.raises(DocumentError) as caught:
            worker.read(tmp_path / "pipe.txt", name="pipe.txt")
        assert caught.value.code == "timeout"
        assert worker.read(tmp_path / "b.txt", name="b.txt").text == "次の文書。"


def test_a_reader_that_shows_signs_of_life_has_more_time(tmp_path):
    write(tmp_path, {"a.txt": "甲である。"})
    slow = """
import time
from ingest import hints, worker
def read_all(path, **more):
    for _ in range(4):
        time.sleep(0.5)
        hints.still_alive()
    return real(path, **more)
real, worker.read_all = worker.read_all, read_all
worker.serve()
"""
    with Worker(timeout=1.2) as worker, patch("ingest.worker._COMMAND", ("-c", slow)):
        assert worker.read(tmp_path / "a.txt", name="a.txt").text == "甲である。"


@LINUX
def test_processor_time_is_bounded():
    assert confined("while True: pass").returncode == -24  # SIGXCPU


@LINUX
def test_memory_is_bounded():
    assert "MemoryError" in confined("bytearray(5 << 30)").stderr


@LINUX
def test_open_files_are_bounded():
    assert "Too many open files" in confined("kept = [open('/dev/null') for _ in range(300)]").stderr


def test_the_network_is_closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = confined(f"import socket\nsocket.create_connection(('127.0.0.1', {port}))").stderr
    assert "may not use the network" in told


@LINUX
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets a network of its own for sure")
def test_the_network_is_closed_for_programs_that_a_reader_starts_too():
    code = """
import subprocess, sys
program = "import socket; print(len(socket.if_nameindex()), open('/proc/net/route').read().count(chr(10)))"
print(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout)
"""
    assert confined(code).stdout.split() == ["1", "0"]  # the loop-back device, no route


def test_what_a_reader_needs_still_works_inside_the_limits(tmp_path):
    told = confined("import numpy, lxml.etree, pypdfium2\nprint(numpy.ones(3).sum())")
    assert told.stdout.strip() == "3.0", told.stderr
