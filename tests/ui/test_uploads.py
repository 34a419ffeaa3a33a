from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError, StoreUnavailable
from ui.face import Upload
from ui.uploads import keep, safe_name

ODD = st.text(
    st.sampled_from([*"./\\:~$ ab\x00\n%", *"．／＼：‥…∕⁄︰", "规", "\u202e", "\u200b", "\ud800", "é"])
)


@given(ODD | st.text())
def test_a_safe_name_stays_in_its_folder_and_is_visible(claimed):
    name = safe_name(claimed)
    assert name
    assert not name.startswith((".", "~$"))
    assert not set(name) & set("/\\:／＼：\x00\n")
    assert name == name.strip()
    assert len(name.encode("utf-8")) <= 180


@given(ODD | st.text())
def test_a_safe_name_is_its_own_safe_name(claimed):
    assert safe_name(safe_name(claimed)) == safe_name(claimed)


@given(st.lists(ODD, max_size=4, unique_by=safe_name))
def test_whatever_the_names_all_files_land_in_the_folder(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("uploads") / "here"
    kept = keep([Upload(name, name.encode("utf-8", "replace")) for name in names], folder)
    assert sorted(one.name for one in folder.iterdir()) == sorted(kept)
    assert [one.name for one in folder.parent.iterdir()] == ["here"]


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("社内規程.pdf", "社内規程.pdf"),
        ("규정 (최종).docx", "규정 (최종).docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\資料.txt", "資料.txt"),
        ("..／..／資料.txt", "資料.txt"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("か\u3099.txt", "が.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("", "document"),
        ("..", "document"),
    ],
)
def test_names_are_kept_where_they_are_harmless(claimed, name):
    assert safe_name(claimed) == name


def test_a_very_long_name_keeps_its_ending():
    name = safe_name("長" * 300 + ".docx")
    assert name.endswith("長.docx")


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be kept"):
        keep([Upload("a.txt", b"1")], tmp_path / "file" / "uploads")


def test_two_files_of_one_name_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(DocumentError) as told:
        keep([Upload("a.txt", b"1"), Upload("x/a.txt", b"2")], tmp_path)
    assert told.value.code == "double"
    assert list(tmp_path.iterdir()) == []
