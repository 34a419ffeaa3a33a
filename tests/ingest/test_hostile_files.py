"""Hostile files: each costs itself, says why, and leaves the three good files beside it findable."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.load import read_all
from ingest.pipeline import ingest
from ingest.scan import scan
from tests.helpers.folders import engine, write
from tests.helpers.hostile import CASES, NAMES, Case

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "a/良い一.txt": "会議室の予約は前日までに登録してください。",
    "m/好二.md": "# 报销\n\n差旅费应在十五个工作日内提交报销。\n",
    "z/좋은셋.txt": "정기 점검은 매월 둘째 주 토요일 새벽에 시작합니다.",
}
QUESTIONS = {"会議室の予約": "a/良い一.txt", "差旅费 报销": "m/好二.md", "정기 점검": "z/좋은셋.txt"}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="files of Linux")


class Outcome:
    """What became of a folder: reports by name, and the text of each document in the index."""

    def __init__(self, folder: Path, opened) -> None:
        self.report = ingest(folder, opened)
        self.files = {one.name: one for one in self.report.files}
        self.texts: dict[str, str] = {}
        for chunk, _ in opened.store.scroll():
            self.texts[chunk.document] = self.texts.get(chunk.document, "") + chunk.text
        self.found = {question: opened.search(question)[0].chunk.document for question in QUESTIONS}


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    """One folder of everything, ingested once by a reader in a child process."""
    root = tmp_path_factory.mktemp("hostile")
    folder = write(root / "folder", GOOD)
    for one in CASES:
        write(folder / "m", {one.name: one.make()})
    with engine(root / "data", ingest__timeout=60) as opened:
        yield Outcome(folder, opened)
    assert not list(root.glob("*evil*")) and not Path("/tmp/evil.txt").exists()


@pytest.mark.parametrize("case", CASES, ids=[f"{one.id}-{one.name}" for one in CASES])
def test_a_hostile_file_is_read_or_said(ingested: Outcome, case: Case):
    name = f"m/{case.name}"
    file = ingested.files[name]
    assert file.code in case.codes, file.message
    assert file.outcome == "indexed" or file.message
    inside = "".join(text for document, text in ingested.texts.items() if document.startswith(name))
    assert case.says in inside
    assert not case.hides or case.hides not in inside
    for member, code in case.inside:
        assert ingested.files[f"{name}/{member}"].code == code


def test_good_files_beside_hostile_ones_stay_findable(ingested: Outcome):
    assert ingested.found == QUESTIONS
    assert {ingested.files[name].outcome for name in GOOD} == {"indexed"}


def test_every_refusal_says_the_cause(ingested: Outcome):
    assert all(
        one.message and one.code for one in ingested.report.files if one.outcome in ("failed", "skipped")
    )
    assert not [one.name for one in ingested.report.files if one.code == "crashed"]


# -- C2: size ----------------------------------------------------------------------------------------


def test_a_file_of_a_gigabyte_is_refused_without_reading_it(tmp_path):
    write(tmp_path, GOOD)
    with open(tmp_path / "huge.txt", "wb") as file:
        file.truncate(1_000_000_000)
    with engine(tmp_path.parent / f"{tmp_path.name}-data") as opened:
        outcome = Outcome(tmp_path, opened)
    huge = outcome.files["huge.txt"]
    assert huge.code == "too_large" and "ingest.max_megabytes" in huge.message
    assert outcome.found == QUESTIONS


@LINUX
@pytest.mark.parametrize(
    ("words", "size"),
    [("一行が終わらない文書", 20_000_000), ("한 줄이 끝나지 않는 문서 ", 4_000_000)],
    ids=["ja", "ko"],
)
def test_a_line_of_many_megabytes_is_read_in_bounded_memory(tmp_path, words, size):
    (tmp_path / "line.txt").write_text(words * (size // len(words.encode())), encoding="utf-8")
    program = (
        "import re, sys; from pathlib import Path; from ingest.load import read\n"
        "from ingest.chunk import chunks\n"
        "document = read(Path(sys.argv[1]))\n"
        "pieces = chunks(document, lambda texts: [len(one) for one in texts], tokens=400, overlap=40)\n"
        "peak = int(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])\n"
        "print(len(document.text), len(pieces), max(len(one.text) for one in pieces), peak // 1024)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "line.txt")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=240)
    length, pieces, longest, megabytes = map(int, done.stdout.split())
    assert length > size // 4 and pieces > length // 500
    assert longest <= 400 and megabytes < 1000


# -- C12, C13: what is no file -----------------------------------------------------------------------


@LINUX
def test_pipes_sockets_devices_and_links_out_of_the_folder_are_not_opened(tmp_path):
    folder = write(tmp_path / "folder", GOOD)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket.txt"))
        (folder / "zero.txt").symlink_to("/dev/zero")
        (folder / "environ.txt").symlink_to("/proc/self/environ")
        (folder / "loop.txt").symlink_to(folder / "loop.txt")
        (folder / "round").symlink_to(folder)
        with engine(tmp_path / "data") as opened:
            outcome = Outcome(folder, opened)
    codes = {name: one.code for name, one in outcome.files.items() if name not in GOOD}
    assert codes.pop("pipe.txt") == codes.pop("socket.txt") == "not_a_file"
    assert codes.pop("loop.txt") in {"link", "unreadable"}
    assert set(codes.values()) == {"link"}
    assert outcome.found == QUESTIONS


@LINUX
def test_what_may_not_be_read_is_said(tmp_path):
    folder = write(tmp_path / "folder", {**GOOD, "secret.txt": "x", "locked/inner.txt": "y"})
    for path in (tmp_path, folder):
        path.chmod(0o755)
    (folder / "secret.txt").chmod(0)
    (folder / "locked").chmod(0)
    try:
        codes = _as_nobody(folder)
    finally:
        (folder / "locked").chmod(0o755)
    assert codes == {**dict.fromkeys(GOOD, ""), "secret.txt": "unreadable", "locked/": "unreadable"}


def _as_nobody(folder: Path) -> dict[str, str]:
    """The codes of all files, in a child that is not root and has loaded all it needs before."""
    _codes(folder.parent)
    taken, given = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(given, json.dumps(_codes(Path())).encode())
        finally:
            os._exit(0)
    os.close(given)
    with os.fdopen(taken, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


def _codes(folder: Path) -> dict[str, str]:
    codes = {}
    for one in scan(folder, folder):
        codes[one.name] = one.code
        for _, loaded in read_all(one.path, name=one.name) if not one.code else ():
            codes[one.name] = getattr(loaded, "code", "")
    return codes


# -- C15, C16, C17: names ----------------------------------------------------------------------------


def test_names_that_break_programs_are_read_and_shown_on_one_line(tmp_path):
    folder = write(tmp_path / "folder", GOOD)
    for number, name in enumerate(NAMES):
        write(folder, {name: f"第{number}号の文書はこの名前で見つかる。"})
    with engine(tmp_path / "data") as opened:
        outcome = Outcome(folder, opened)
    names = outcome.files.keys() - GOOD.keys()
    assert len(names) == len(NAMES) and not any("\n" in name for name in names)
    assert {outcome.files[name].outcome for name in names} == {"indexed"}
    assert outcome.found == QUESTIONS
    assert not (folder / "pwned").exists()


@LINUX
def test_names_that_are_no_utf8_can_be_stored_shown_and_opened(tmp_path):
    folder = write(tmp_path / "folder", GOOD)
    for raw in ("日報.txt".encode("cp932"), b"\xff\xfe\x80.txt"):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))).write_text(
            "古い名前の文書です。", encoding="utf-8"
        )
    with engine(tmp_path / "data") as opened:
        outcome = Outcome(folder, opened)
    names = outcome.files.keys() - GOOD.keys()
    assert len(names) == 2 and all(name.encode("utf-8") for name in names)
    assert {outcome.files[name].outcome for name in names} == {"indexed"}
    assert outcome.found == QUESTIONS


@pytest.fixture
def deep(tmp_path):
    """A folder with folders in folders, which the clearing of folders of Python cannot remove."""
    yield tmp_path / "folder"
    subprocess.run(["rm", "-rf", str(tmp_path / "folder")], check=True)


@LINUX
@pytest.mark.parametrize(("depth", "name"), [(1000, "d"), (40, "深" * 60)], ids=["many", "long"])
def test_folders_in_folders_are_read_or_said(deep, tmp_path, depth, name):
    write(deep, GOOD)
    here = os.open(deep, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        here, above = os.open(name, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    bottom = os.open("底.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(bottom, "底にある文書です。".encode())
    os.close(bottom)
    os.close(here)
    with engine(tmp_path / "data") as opened:
        outcome = Outcome(deep, opened)
    (told,) = [one for key, one in outcome.files.items() if key not in GOOD]
    assert told.outcome == "indexed" or told.code == "path_too_long"
    assert outcome.found == QUESTIONS
