"""Two and three real processes around one index."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.ui.conftest import DOCUMENTS

ROOT = Path(__file__).parents[2]
PATIENCE = 120
AT_ONCE = "import ui.local; ui.local._QUIET = 0.0"  # let others in at once, not after seconds


def cjkrag(env, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "ui", *arguments]
    done = subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def process(env, log: Path, *arguments: str, before: str = "") -> Iterator[subprocess.Popen[bytes]]:
    code = f"import sys; sys.argv[0] = 'cjkrag'; {before or 'pass'}; from ui.cli import main; main()"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(PATIENCE)


def address(log: Path, child: subprocess.Popen[bytes]) -> str:
    """The address that the process says it listens on."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = re.search(r"https?://\S+", log.read_text("utf-8"))
        if found:
            return found[0]
        assert child.poll() is None, log.read_text("utf-8")
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def owner(data_dir: Path) -> dict:
    return json.loads((data_dir / "collections" / "docs" / "owner.json").read_text("utf-8"))


def test_while_a_service_has_the_index_open_others_ingest_and_ask_through_it(env, tmp_path, data_dir, more):
    log = tmp_path / "serve.log"
    with process(env, log, "serve", "--port", "0") as child:
        url = address(log, child)
        first = httpx.post(
            f"{url}/ask", json={"question": "年次有給休暇は最大で何日ですか"}, timeout=60
        ).json()
        assert "二十日" in first["text"]
        assert (owner(data_dir)["pid"], owner(data_dir)["url"]) == (child.pid, url)

        assert "二十日" in cjkrag(env, "ask", "年次有給休暇は最大で何日ですか").stdout
        report = json.loads(cjkrag(env, "ingest", str(more), "--json").stdout)
        assert report["counts"]["indexed"] == 1
        found = httpx.get(f"{url}/search", params={"q": "カレーはいくら"}, timeout=60).json()
        assert found["hits"][0]["chunk"]["document"] == "食堂.txt"
        assert "六百円" in cjkrag(env, "ask", "カレーはいくら").stdout
        assert json.loads(cjkrag(env, "collections", "--json").stdout)[0]["owner"] == child.pid
        assert len(cjkrag(env, "export").stdout.splitlines()) >= len(DOCUMENTS) + 1
        cjkrag(env, "doctor")
    assert child.returncode == 0
    assert not (data_dir / "collections" / "docs" / "owner.json").exists()
    assert "六百円" in cjkrag(env, "ask", "カレーはいくら").stdout


def test_the_script_ingests_through_the_service_too(env, tmp_path, more):
    log = tmp_path / "serve.log"
    with process(env, log, "serve", "--port", "0") as child:
        url = address(log, child)
        httpx.get(f"{url}/search", params={"q": "休暇"}, timeout=60).raise_for_status()
        argv = [sys.executable, "-m", "ingest", str(more), "--json"]
        done = subprocess.run(
            argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        assert json.loads(done.stdout)["counts"]["indexed"] == 1


def test_an_owner_that_was_killed_blocks_nobody(env, tmp_path, data_dir):
    log = tmp_path / "serve.log"
    with process(env, log, "serve", "--port", "0") as child:
        url = address(log, child)
        httpx.get(f"{url}/search", params={"q": "休暇"}, timeout=60).raise_for_status()
        child.send_signal(signal.SIGKILL)
        child.wait(PATIENCE)
        assert owner(data_dir)["pid"] == child.pid
        assert "二十日" in cjkrag(env, "ask", "年次有給休暇は最大で何日ですか").stdout


def test_while_an_ingest_runs_others_ask_through_it(env, tmp_path, data_dir):
    many = tmp_path / "many"
    many.mkdir()
    for number in range(3_000):
        text = "".join(f"第{number}号の{line}条は倉庫の棚卸しを定める。" for line in range(12))
        (many / f"{number}.txt").write_text(text, "utf-8")
    with process(env, tmp_path / "ingest.log", "ingest", str(many), before=AT_ONCE) as child:
        end = time.monotonic() + PATIENCE
        card = data_dir / "collections" / "docs" / "owner.json"
        while not (card.exists() and owner(data_dir)["url"]):
            assert child.poll() is None, "the ingest was over before it let others in"
            assert time.monotonic() < end
            time.sleep(0.02)
        answer = cjkrag(env, "ask", "年次有給休暇は最大で何日ですか").stdout
        assert "二十日" in answer
        child.send_signal(signal.SIGINT)
        child.wait(PATIENCE)
    assert child.returncode == 130
    cjkrag(env, "doctor")


def test_a_port_that_is_taken_is_said(env, tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("serve", "chat"):
            assert "--port 0" in cjkrag(env, command, "--port", port, code=4).stderr
