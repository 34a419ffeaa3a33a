"""Corners of a folder: names that collide, files that change their kind, runs that end anywhere."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pytest

from ingest import watch
from ingest.__main__ import main
from ingest.documents import documents
from ingest.manifest import Manifest
from ingest.pipeline import ingest
from ingest.plan import plan
from ingest.reading import InProcess
from rag.collection import collection
from rag.errors import IndexMismatch
from rag.settings import load
from tests.helpers.folders import engine, write
from ui.local import LocalFace

ROOT = Path(__file__).resolve().parents[2]
INNER = {f"{number}.txt": f"{number}番である。" * 50 for number in range(5)}


@pytest.fixture
def opened(tmp_path):
    with engine(tmp_path / "data") as one:
        yield one


def run(folder, opened, **options):
    return ingest(folder, opened, reader=InProcess(), **options)


def archive(members) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name, data in members.items() if isinstance(members, dict) else members:
            zipped.writestr(name, data)
    return packed.getvalue()


def found(opened) -> dict[str, str]:
    chunks = [chunk for chunk, _ in opened.store.scroll()]
    assert max(Counter(one.id for one in chunks).values(), default=1) == 1
    assert len({(one.document, one.start) for one in chunks}) == len(chunks), "nothing is found twice"
    return {one.document: one.text for one in chunks}


def outcomes(report) -> dict[str, str]:
    names = [one.name for one in report.files]
    assert len(set(names)) == len(names), "each file once"
    return {one.name: one.outcome for one in report.files}


# -- roots -----------------------------------------------------------------------------------------


def test_a_single_file_above_an_ingested_folder_takes_nothing_from_it(tmp_path, opened):
    write(tmp_path / "home", {"docs/a.txt": "甲である。", "b.txt": "乙である。"})
    run(tmp_path / "home/docs", opened)
    run(tmp_path / "home/b.txt", opened)
    assert set(found(opened)) == {"a.txt", "b.txt"}
    assert outcomes(run(tmp_path / "home/docs", opened)) == {"a.txt": "unchanged"}
    run(tmp_path / "home", opened)
    assert set(found(opened)) == {"docs/a.txt", "b.txt"}


def test_a_hidden_folder_that_was_named_stays_when_the_one_above_it_is_read(tmp_path, opened):
    folder = write(tmp_path / "home", {".notes/a.txt": "甲である。", "b.txt": "乙である。"})
    run(folder / ".notes", opened)
    run(folder, opened)
    assert set(found(opened)) == {"a.txt", "b.txt"}


def test_the_index_itself_is_not_read(tmp_path):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    with engine(folder / "index") as one:
        assert outcomes(run(folder, one)) == {"a.txt": "indexed", "index/": "skipped"}
        assert set(found(one)) == {"a.txt"}


# -- files inside files ----------------------------------------------------------------------------


def test_an_archive_that_becomes_a_folder_of_the_same_files_and_back_loses_none(tmp_path, opened):
    texts = {"x.txt": "甲である。", "y.txt": "乙である。"}
    folder = write(tmp_path / "root", {"a.zip": archive(texts)})
    run(folder, opened)
    (folder / "a.zip").unlink()
    write(folder / "a.zip", texts)
    assert run(folder, opened).removed == ("a.zip",)
    assert set(found(opened)) == {"a.zip/x.txt", "a.zip/y.txt"}
    shutil.rmtree(folder / "a.zip")
    write(folder, {"a.zip": archive(texts)})
    run(folder, opened)
    assert set(outcomes(run(folder, opened)).values()) == {"unchanged"}
    assert set(found(opened)) == {"a.zip/x.txt", "a.zip/y.txt"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_whose_names_collide_are_all_found_and_go_with_their_archive(tmp_path, opened):
    names = [("x.txt", "一である。"), ("x.txt", "二である。"), ("x (2).txt", "三である。")]
    nested = [("i.zip/q.txt", "外である。"), ("i.zip", archive({"q.txt": "内である。"}))]
    folder = write(tmp_path / "root", {"a.zip": archive([*names, *nested])})
    assert len(outcomes(run(folder, opened))) == 7
    assert sorted(found(opened).values()) == sorted(
        text for _, text in (*names, nested[0], ("", "内である。"))
    )
    (folder / "a.zip").unlink()
    run(folder, opened)
    assert found(opened) == {}


def test_of_an_archive_in_an_archive_that_is_damaged_now_what_was_read_before_stays(tmp_path, opened):
    folder = write(tmp_path / "root", {"o.zip": archive({"i.zip": archive(INNER), "k.txt": "外である。"})})
    run(folder, opened)
    before = found(opened)
    write(folder, {"o.zip": archive({"i.zip": archive(INNER)[:700], "k.txt": "外である。"})})
    report = run(folder, opened)
    assert outcomes(report)["o.zip/i.zip"] == "failed"
    assert report.removed == ()
    assert found(opened) == before
    assert outcomes(run(folder, opened))["o.zip/i.zip"] == "failed"


def test_what_was_skipped_inside_an_archive_is_read_once_it_can_be(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.zip": archive({"x.txt": "甲である。", "b.xyz": "?"})})
    os.utime(folder / "a.zip", (1e9, 1e9))
    with patch("ingest.freshness.abilities", return_value=""):
        run(folder, opened)
        again = read_by(folder, opened)
    assert again == []
    with patch("ingest.freshness.abilities", return_value="soffice"):
        assert plan(folder, opened.collection, opened.settings).counts == {"changed": 1}
        assert read_by(folder, opened) == ["a.zip"]
    assert set(found(opened)) == {"a.zip/x.txt"}


def read_by(folder, opened) -> list[str]:
    """The files that a run reads."""
    reader = InProcess()
    with patch.object(reader, "read_all", wraps=reader.read_all) as reads:
        ingest(folder, opened, reader=reader)
    return [call.kwargs["name"] for call in reads.call_args_list]


def test_what_is_in_a_folder_that_was_moved_lies_where_it_is_now(tmp_path, opened):
    folder = write(tmp_path / "old/root", {"a.zip": archive({"x.txt": "甲である。"})})
    run(folder, opened)
    shutil.copytree(folder, tmp_path / "new/root")
    shutil.rmtree(folder)
    run(tmp_path / "new/root", opened)
    assert {one.path for one in documents(opened.collection)} == {str(tmp_path / "new/root/a.zip")}


# -- the plan --------------------------------------------------------------------------------------


def test_a_dry_run_by_a_roundabout_path_or_after_a_move_says_what_the_run_does(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.zip": archive({"x.txt": "甲である。"}), "部/b.txt": "乙である。"})
    run(folder, opened)
    roundabout = folder / "部" / ".."
    assert plan(roundabout, opened.collection, opened.settings).counts == {"unchanged": 2}
    (folder / "a.zip").rename(folder / "b.zip")
    assert plan(folder, opened.collection, opened.settings).counts == {"moved": 1, "unchanged": 1}
    report = run(folder, opened)
    assert (report.removed, dict(report.moved)["a.zip"]) == ((), "b.zip")


def test_a_dry_run_over_an_index_of_other_models_says_so_as_the_run_does(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    run(folder, opened)
    opened.collection.create({**opened.collection.fingerprint(), "analyser": "bm25-0"})
    with pytest.raises(IndexMismatch):
        plan(folder, opened.collection, opened.settings)
    assert plan(folder, opened.collection, opened.settings, rebuild=True).counts == {"changed": 1}


# -- names of old systems --------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode there")
def test_a_folder_whose_name_is_no_utf_8_is_followed(tmp_path, opened):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/root/" + "旧資料".encode("cp932")))
    write(folder, {"a.txt": "甲である。", "b.txt": "乙である。"})
    run(folder, opened)
    assert opened.collection.folders() == (str(folder),)
    assert plan(folder, opened.collection, opened.settings).counts == {"unchanged": 2}
    opened.collection.create(opened.collection.fingerprint(), pending=opened.collection.folders())
    assert opened.collection.pending() == (str(folder),)
    run(folder.parent, opened)
    (folder / "a.txt").unlink()
    assert run(folder, opened).removed == ("旧資料/a.txt",)
    assert set(found(opened).values()) == {"乙である。"}


# -- other processes -------------------------------------------------------------------------------


def test_the_reader_ends_with_the_process_that_started_it_whatever_it_is_doing(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    wanted = {"encoding": None, "hint": None, "ocr": False, "secrets": False, "seconds": 60}
    request = {"path": str(tmp_path / "pipe.txt"), "name": "pipe.txt", **wanted}
    command = [sys.executable, "-m", "ingest.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.close()
        assert child.wait(timeout=60) == -signal.SIGKILL


def test_the_owner_of_an_index_reads_as_the_other_process_was_asked_to(tmp_path, capsys):
    folder = write(tmp_path / "root", {"a.txt": "점검은 토요일이다.".encode("cp949"), "b.md": "# Notes"})
    (tmp_path / "link").symlink_to(folder)
    settings = load(overrides={"data_dir": str(tmp_path / "data"), "collection": "docs"}, environ={})
    with LocalFace(settings) as owner:
        owner.ingest(tmp_path / "link")
        owner.listen()
        options = ["--data-dir", str(tmp_path / "data"), "--collection", "docs", "--json"]
        assert main([str(tmp_path / "link"), "--encoding", "cp932", *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["name"]: one["encoding"] for one in report["files"]}["a.txt"] == "cp932"
    assert len(documents(collection(tmp_path / "data", "docs"))) == 2


def test_writes_to_the_index_do_not_wake_the_watch_through_a_link_either(tmp_path):
    folder = write(tmp_path / "root", {"a.txt": "甲", "index/x": "1", "部/b.txt": "乙"})
    (tmp_path / "link").symlink_to(folder)
    assert woken(tmp_path / "link", folder / "index", folder / "index/x", folder / "a.txt") == {"a.txt"}
    assert woken(folder / "a.txt", None, folder / "部/b.txt", folder / "b.txt", folder / "a.txt") == {"a.txt"}


def woken(target: Path, index: Path | None, *changed: Path) -> set[str]:
    """The names of what counts among files that are written one after another."""
    stop = threading.Event()
    real = watch._counts
    seen: set[str] = set()

    def counts(path: Path, *more: Path) -> bool:
        counted = real(path, *more)
        seen.update([path.name] if counted else [])
        return counted

    with patch("ingest.watch._counts", counts), patch("ingest.watch._WAIT", 50):
        following = watch.changes(target, without=index, stop=stop)
        next(following)
        for path in changed:
            path.write_text("変わった。", "utf-8")
        assert next(following) == 1
        stop.set()
    return seen & {target.name} if target.is_file() else seen


def test_an_interrupted_run_says_so_without_a_traceback(tmp_path, capsys):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    with patch("ingest.__main__.ingest", side_effect=KeyboardInterrupt):
        assert main([str(folder), "--data-dir", str(tmp_path / "data")]) == 130
    assert "interrupted" in capsys.readouterr().err


# -- ended anywhere --------------------------------------------------------------------------------


class Killed(BaseException):
    """In the place of a signal."""


@pytest.mark.parametrize("rebuild", [False, True])
@pytest.mark.parametrize("step", ["retire", "plan", "written", "flip", "note", "deleted", "remove"])
def test_a_run_that_ends_at_any_step_is_made_good_by_the_next(tmp_path, step, rebuild):
    texts = {"a.zip/x.txt": "甲である。", "a.zip/y.txt": "乙である。", "b.txt": "丙である。"}
    old = {"a.zip": archive({"x.txt": "甲である。", "y.txt": "乙である。"}), "b.txt": "丙である。"}
    new = {
        "a.zip": archive({"x.txt": "甲である。", "y.txt": "新である。", "e.txt": ""}),
        "c.txt": "丙である。",
    }
    for after in (False, True):
        folder = settled(write(tmp_path / f"{after}/root", old))
        with engine(tmp_path / f"{after}/data") as one:
            run(folder, one)
            if step in ("note", "remove"):
                (folder / "b.txt").unlink()
                settled(write(folder, new))
                texts = {"a.zip/x.txt": "甲である。", "a.zip/y.txt": "新である。", "c.txt": "丙である。"}
            with patch.object(Manifest, step, killing(getattr(Manifest, step), after=after)):
                try_run(folder, one, rebuild=rebuild)
            run(folder, one)
            assert found(one) == texts
            skipped = {"a.zip/e.txt"} if "c.txt" in texts else set()
            assert {name for name, live in known(one).items() if live} == set(texts)
            assert {name for name, live in known(one).items() if not live} == {"a.zip", *skipped}


def settled(folder: Path) -> Path:
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))
    return folder


@pytest.fixture(autouse=True)
def _times_prove(monkeypatch):
    monkeypatch.setattr("ingest.scan._PROOF", -(10**18))


def killing(real, *, after: bool):
    def step(self, *arguments):
        if after:
            real(self, *arguments)
        raise Killed

    return step


def try_run(folder, opened, **options) -> None:
    try:
        run(folder, opened, **options)
    except Killed:
        return


def known(opened) -> dict[str, bool]:
    return {one.name: one.live for one in documents(opened.collection)}


def test_of_a_file_read_alone_nothing_beside_it_is_ever_read(tmp_path):
    folder = write(tmp_path / "home", {"notes.txt": "甲である。", "diary.txt": "乙である。"})
    with engine(tmp_path / "data") as opened:
        run(folder / "notes.txt", opened)
        assert opened.collection.folders() == (str(folder / "notes.txt"),)
        opened.collection.create(opened.collection.fingerprint(), pending=opened.collection.folders())
        other = write(tmp_path / "other", {"x.txt": "丙である。"})
        run(other, opened)
        assert {chunk.document for chunk, _ in opened.store.scroll()} == {"notes.txt", "x.txt"}
        assert run(folder / "notes.txt", opened).counts["unchanged"] == 1
        run(folder, opened)
        documents = sorted(chunk.document for chunk, _ in opened.store.scroll())
        assert documents == ["diary.txt", "notes.txt", "x.txt"]
