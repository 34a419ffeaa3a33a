import os
import unicodedata

import pytest

from ingest.scan import Rules, scan
from rag.errors import ConfigError
from tests.helpers.folders import TEXTS, write


def names(root, **options):
    return [one.name for one in scan(root, root, Rules(**options)) if not one.code]


def test_every_file_is_found_in_order_with_its_size(tmp_path):
    write(tmp_path)
    found = scan(tmp_path, tmp_path)
    assert [one.name for one in found] == sorted(TEXTS)
    assert all(one.size == one.path.stat().st_size and one.mtime_ns for one in found)


def test_hidden_files_office_locks_and_tool_folders_are_left_out(tmp_path):
    write(tmp_path, {"a.txt": "x", ".env": "KEY", ".git/config": "x", "~$b.docx": "x", "Thumbs.db": "x"})
    write(tmp_path, {"node_modules/x.md": "x", "__MACOSX/a.txt": "x"})
    assert names(tmp_path) == ["a.txt"]


def test_globs_leave_out_what_they_name(tmp_path):
    write(tmp_path)
    assert names(tmp_path, exclude=["en/*", "*.md"]) == ["手册/报销.txt", "안내/점검.txt"]


def test_a_decomposed_name_is_shown_composed_and_still_opened(tmp_path):
    decomposed = unicodedata.normalize("NFD", "점검.txt")
    write(tmp_path, {decomposed: "내용"})
    (found,) = scan(tmp_path, tmp_path)
    assert found.name == "점검.txt"
    assert found.path.read_text("utf-8") == "내용"


def test_a_name_in_a_legacy_encoding_is_shown_as_it_was_meant_and_still_opened(tmp_path):
    raw = os.fsencode(tmp_path) + b"/" + "規程.txt".encode("cp932")
    try:
        with open(raw, "wb") as file:
            file.write("本文".encode())
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (found,) = scan(tmp_path, tmp_path)
    assert found.name == "規程.txt"
    assert found.path.read_bytes() == "本文".encode()


def test_two_names_that_are_the_same_after_composing_are_both_kept(tmp_path):
    write(tmp_path, {unicodedata.normalize("NFD", "가.txt"): "1", "가.txt": "2"})
    assert len(set(names(tmp_path))) == len(list(tmp_path.iterdir()))


def test_a_link_is_followed_only_inside_the_root(tmp_path):
    root = write(tmp_path / "root", {"a.txt": "x"})
    write(tmp_path, {"outside.txt": "secret"})
    (root / "in.txt").symlink_to(root / "a.txt")
    (root / "out.txt").symlink_to(tmp_path / "outside.txt")
    assert names(root) == ["a.txt", "in.txt"]


def test_a_dangling_link_and_a_pipe_are_said_not_opened(tmp_path):
    write(tmp_path, {"a.txt": "x"})
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.txt")
    codes = {one.name: one.code for one in scan(tmp_path, tmp_path)}
    assert codes == {"a.txt": "", "gone.txt": "unreadable", "pipe.txt": "not_a_file"}


def test_a_file_that_is_too_large_says_so_and_how_to_allow_it(tmp_path):
    write(tmp_path, {"big.txt": "x" * 2000})
    (found,) = scan(tmp_path, tmp_path, Rules(max_bytes=1000))
    assert found.code == "too_large"
    assert "ingest.max_megabytes" in found.message


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nowhere"):
        scan(tmp_path / "nowhere", tmp_path)
