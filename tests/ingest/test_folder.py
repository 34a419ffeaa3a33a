"""A folder as people keep it: what of it is read, how changes are found, what neighbours tell."""

import io
import os
import subprocess
import threading
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from ingest.documents import documents
from ingest.folder_encoding import Votes
from ingest.pipeline import delete, ingest
from ingest.reading import InProcess
from ingest.report import told
from ingest.scan import Rules, scan
from ingest.watch import changes
from rag.errors import ConfigError
from tests.helpers.folders import engine, write


@pytest.fixture
def opened(tmp_path):
    with engine(tmp_path / "data") as one:
        yield one


def run(folder, opened, **options):
    return ingest(folder, opened, reader=InProcess(), **options)


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name, data in members.items():
            zipped.writestr(name.replace("__", "/") + ".txt", data)
    return packed.getvalue()


def found(opened) -> dict[str, str]:
    return {chunk.document: chunk.text for chunk, _ in opened.store.scroll()}


# -- what is read ----------------------------------------------------------------------------------


def codes(root: Path, **rules) -> dict[str, str]:
    return {one.name: one.code for one in scan(root, root, Rules(**rules))}


def test_ignore_files_count_from_their_folder_on_and_the_deepest_is_heard_first(tmp_path):
    write(tmp_path, {"a.tmp": "x", "草稿/x.md": "x", "b/c.tmp": "x", "b/keep.tmp": "x", "b/草稿/y.md": "x"})
    write(tmp_path, {".cjkragignore": "# 下書き\n*.tmp\n/草稿/\n", "b/.cjkragignore": "!keep.tmp\n"})
    read = {name for name, code in codes(tmp_path).items() if not code}
    assert read == {"b/keep.tmp", "b/草稿/y.md"}
    assert codes(tmp_path)["a.tmp"] == "ignored"
    assert codes(tmp_path)["草稿/"] == "ignored"


def test_an_ignore_file_above_the_part_that_is_read_counts(tmp_path):
    write(tmp_path, {".cjkragignore": "*.tmp", "部/a.tmp": "x", "部/b.txt": "x"})
    assert [one.name for one in scan(tmp_path / "部", tmp_path) if not one.code] == ["部/b.txt"]


def test_gitignore_is_heard_where_it_is_asked_for(tmp_path):
    write(tmp_path, {".gitignore": "build/\n", "build/a.txt": "x", "b.txt": "x"})
    assert codes(tmp_path)["build/a.txt"] == ""
    assert codes(tmp_path, gitignore=True)["build/"] == "ignored"


def test_a_pattern_that_cannot_be_understood_is_said(tmp_path):
    write(tmp_path, {".cjkragignore": "!\n", "b.txt": "x"})
    with pytest.raises(ConfigError, match=r"\.cjkragignore"):
        scan(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "id_rsa", "server.key", "cert.PEM", "credentials.json"]
)
def test_keys_and_passwords_are_left_out_and_said(tmp_path, opened, name):
    folder = write(tmp_path / "root", {name: "TOKEN=甲乙丙", "a.txt": "本文。"})
    report = run(folder, opened)
    (left,) = report.of("skipped")
    assert (left.name, left.code) == (name, "secret")
    assert "ingest.secrets" in left.message
    assert set(found(opened)) == {"a.txt"}


def test_only_what_the_include_globs_name_is_read(tmp_path):
    write(tmp_path, {"a.md": "x", "部/b.md": "x", "c.txt": "x"})
    assert {name for name, code in codes(tmp_path, include=["*.md"]).items() if not code} == {
        "a.md",
        "部/b.md",
    }


def test_links_to_folders_are_not_followed_so_that_no_loop_is_walked(tmp_path):
    write(tmp_path, {"部/a.txt": "x"})
    (tmp_path / "部/loop").symlink_to(tmp_path)
    assert codes(tmp_path) == {"部/a.txt": "", "部/loop/": "link"}


def test_what_is_left_out_from_now_on_is_found_no_more(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。", "草稿/b.txt": "乙である。"})
    run(folder, opened)
    write(folder, {".cjkragignore": "草稿/"})
    assert run(folder, opened).removed == ("草稿/b.txt",)
    assert set(found(opened)) == {"a.txt"}


def test_a_thousand_folders_deep_is_read_or_said(tmp_path, opened):
    deep = tmp_path / "root"
    deep.mkdir()
    here = os.open(deep, os.O_RDONLY)
    try:
        for _ in range(1000):
            os.mkdir("深い階層", dir_fd=here)
            below = os.open("深い階層", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        with open(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here), "w") as file:
            file.write("底である。")
        write(deep, {"b.txt": "上である。"})
        report = run(deep, opened)
        assert "b.txt" in found(opened)
        assert [one.code for one in report.of("skipped")] == ["path_too_long"]
    finally:
        os.close(here)
        subprocess.run(["rm", "-rf", str(deep)], check=True)  # Python's own would recurse too deep


# -- how changes are found -------------------------------------------------------------------------


def opened_files(folder, opened, **options):
    """The files whose bytes a run looks at."""
    seen: list[str] = []
    reader = InProcess()
    read_all, real_open = reader.read_all, Path.open

    def reads(path, **more):
        seen.append(path.name)
        return read_all(path, **more)

    def opens(path, *arguments, **more):
        if path.suffix == ".txt":
            seen.append(path.name)
        return real_open(path, *arguments, **more)

    with patch.object(reader, "read_all", reads), patch.object(Path, "open", opens):
        report = ingest(folder, opened, reader=reader, **options)
    return seen, report


def test_files_that_the_file_system_says_are_the_same_are_not_opened(tmp_path, opened):
    folder = write(tmp_path / "root", {f"{number}.txt": f"{number}番。" for number in range(5)})
    with patch("ingest.scan._PROOF", 0):
        run(folder, opened)
        seen, report = opened_files(folder, opened)
    assert seen == []
    assert len(report.of("unchanged")) == 5


def test_a_change_that_hides_behind_the_old_time_is_found(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    with patch("ingest.scan._PROOF", 0):
        run(folder, opened)
        before = (folder / "a.txt").stat()
        write(folder, {"a.txt": "乙である。"})
        os.utime(folder / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert run(folder, opened).counts["indexed"] == 1
    assert found(opened) == {"a.txt": "乙である。"}


@pytest.mark.parametrize("when", [-11_644_473_600, 4_102_444_800], ids=["1601", "2100"])
def test_any_time_a_file_may_carry_is_taken(tmp_path, opened, when):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    os.utime(folder / "a.txt", (when, when))
    run(folder, opened)
    write(folder, {"a.txt": "乙である。"})
    os.utime(folder / "a.txt", (when, when))
    run(folder, opened)
    assert found(opened) == {"a.txt": "乙である。"}


def test_a_file_touched_or_copied_back_is_known_by_its_hash(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    run(folder, opened)
    os.utime(folder / "a.txt")
    assert run(folder, opened).counts["unchanged"] == 1


def test_a_moved_folder_costs_no_embedding(tmp_path, opened):
    folder = write(tmp_path / "root", {f"旧/{number}.txt": f"{number}番である。" for number in range(9)})
    run(folder, opened)
    vectors = {one.chunk.text: one.dense.tolist() for one in points(opened)}
    (folder / "旧").rename(folder / "新")
    with patch.object(type(opened.embedder), "encode_passages", side_effect=AssertionError("embedded")):
        report = run(folder, opened)
    assert report.moved == tuple((f"旧/{number}.txt", f"新/{number}.txt") for number in range(9))
    assert report.removed == ()
    assert {name.split("/")[0] for name in found(opened)} == {"新"}
    assert {one.chunk.text: one.dense.tolist() for one in points(opened)} == vectors
    assert opened.search("7番")[0].chunk.document == "新/7.txt"


def points(opened):
    live = {(chunk.doc_id, generation) for chunk, generation in opened.store.scroll()}
    return [one for doc_id, generation in live for one in opened.store.points(doc_id, generation)]


def test_the_same_bytes_under_two_names_are_two_documents_and_the_report_says_so(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。"})
    run(folder, opened)
    write(folder, {"b.txt": "甲である。"})
    (copied,) = run(folder, opened).indexed
    assert (copied.name, copied.twin) == ("b.txt", "a.txt")
    (folder / "a.txt").unlink()
    run(folder, opened)
    assert found(opened) == {"b.txt": "甲である。"}


@pytest.mark.parametrize("new", ["readme.MD", unicodedata.normalize("NFD", "ガイド.md")])
def test_renaming_only_the_case_or_the_composition_loses_nothing(tmp_path, opened, new):
    folder = write(tmp_path / "root", {"README.md": "# 甲\n\n甲である。", "ガイド.md": "乙である。"})
    run(folder, opened)
    old = "README.md" if new.isascii() else "ガイド.md"
    (folder / old).rename(folder / new)
    report = run(folder, opened)
    assert not report.removed and not report.failed
    assert len(found(opened)) == 2
    paths = {one.name: one.path for one in documents(opened.collection)}
    assert Path(paths[unicodedata.normalize("NFC", new)]).exists()


def test_a_file_that_changes_while_it_is_read_is_read_again_then_said(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。", "b.txt": "乙である。"})
    reader = InProcess()
    read_all, turns = reader.read_all, {"a.txt": 1, "b.txt": 9}

    def unsteady(path, **more):
        loaded = list(read_all(path, **more))
        turns[path.name] -= 1
        if turns[path.name] >= 0:
            path.write_text(path.read_text() + "続き。")
        return iter(loaded)

    with patch.object(reader, "read_all", unsteady):
        report = ingest(folder, opened, reader=reader)
    assert [(one.name, one.code) for one in report.failed] == [("b.txt", "changed")]
    assert found(opened) == {"a.txt": "甲である。続き。"}


def test_skipped_files_are_not_read_again_until_they_change(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "\n", "b.txt": "乙である。"})
    with patch("ingest.scan._PROOF", 0):
        run(folder, opened)
        seen, report = opened_files(folder, opened)
        assert seen == []
        assert [(one.name, one.code) for one in report.of("skipped")] == [("a.txt", "empty")]
        write(folder, {"a.txt": "甲である。"})
        assert run(folder, opened).counts["indexed"] == 1


# -- archives --------------------------------------------------------------------------------------


def test_what_is_inside_an_archive_is_found_changed_and_removed_with_it(tmp_path, opened):
    folder = write(
        tmp_path / "root", {"a.zip": archive(甲="甲である。".encode(), 部__乙="乙である。".encode())}
    )
    report = run(folder, opened)
    assert {one.name for one in report.indexed} == {"a.zip", "a.zip/甲.txt", "a.zip/部/乙.txt"}
    assert found(opened) == {"a.zip/甲.txt": "甲である。", "a.zip/部/乙.txt": "乙である。"}
    assert run(folder, opened).counts["unchanged"] == 3
    write(folder, {"a.zip": archive(甲="甲である。".encode(), 丙="丙である。".encode())})
    report = run(folder, opened)
    assert report.removed == ("a.zip/部/乙.txt",)
    assert {one.name for one in report.indexed} == {"a.zip", "a.zip/丙.txt"}
    (folder / "a.zip").unlink()
    assert set(run(folder, opened).removed) == {"a.zip", "a.zip/甲.txt", "a.zip/丙.txt"}
    assert found(opened) == {}


def test_of_an_archive_that_broke_the_documents_read_before_stay(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.zip": archive(甲="甲である。".encode())})
    run(folder, opened)
    write(folder, {"a.zip": b"PK\x03\x04 broken"})
    assert [one.name for one in run(folder, opened).failed] == ["a.zip"]
    assert found(opened) == {"a.zip/甲.txt": "甲である。"}


def test_deleting_an_archive_by_name_deletes_what_is_inside(tmp_path, opened):
    run(write(tmp_path / "root", {"a.zip": archive(甲="甲である。".encode())}), opened)
    assert delete(opened, "a.zip")
    assert found(opened) == {}


# -- encodings -------------------------------------------------------------------------------------


def test_the_encoding_of_the_nearest_folder_with_two_sure_files_counts():
    sure = [
        ("a/1", "cp932"),
        ("a/2", "cp932"),
        ("b/1", "cp949"),
        ("3", "cp949"),
        ("4", "cp949"),
        ("5", "utf-8"),
    ]
    assert Votes(sure).majority("a/x") == "cp932"
    assert (
        Votes(sure).majority("b/x") == "cp949"
    )  # one beside it is not enough, three of five are that in all
    assert Votes(sure[:4]).majority("b/x") is None
    assert Votes([]).majority("x") is None
    assert Votes([], [("a/y", "euc_jp"), ("a/z", "euc_jp")]).majority("a/x") == "euc_jp"


def test_files_are_read_in_the_encoding_that_their_glob_names(tmp_path):
    texts = {"旧/a.txt": "구".encode("johab"), "b.txt": "新しい。".encode("euc_jp")}
    folder = write(tmp_path / "root", texts)
    with engine(tmp_path / "data", ingest__encodings={"旧/*": "johab"}) as opened:
        run(folder, opened)
        assert found(opened) == {"旧/a.txt": "구", "b.txt": "新しい。"}


# -- following -------------------------------------------------------------------------------------


def test_watching_tells_at_once_and_after_every_change_that_counts(tmp_path):
    folder = write(tmp_path / "root", {"a.txt": "甲。"})
    stop = threading.Event()
    steps = [
        lambda: write(folder, {"b.txt": "乙。"}),
        lambda: (folder / "a.txt").unlink(),
        lambda: (write(folder, {".git/x": "1", "data/store": "2"}), write(folder, {"c.txt": "丙。"})),
        stop.set,
    ]
    told = []
    for changed in changes(folder, without=folder / "data", stop=stop):
        told.append(changed)
        steps.pop(0)()
    assert told[0] == 0
    assert told[1:] == [1, 1, 1]


# -- the report ------------------------------------------------------------------------------------


def test_the_report_says_what_was_left_out_moved_and_doubtful(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲である。", ".hidden": "x", "b.xyz": "?", ".git/c": "x"})
    run(folder, opened)
    (folder / "a.txt").rename(folder / "z.txt")
    report = run(folder, opened)
    lines = told(report)
    assert "moved  a.txt -> z.txt" in lines
    assert lines[-1] == "left out: 2 hidden"
    assert any(line.startswith("skipped (unsupported)  b.xyz") for line in lines)
    assert report.codes == {"hidden": 2, "unsupported": 1}
    assert report.chars == 5
    back = type(report).from_json(report.to_json())
    assert replace(back, seconds={}) == replace(report, seconds={})
