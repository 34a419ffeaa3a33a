"""Archives: what is in them is read under its right name, what is hostile in them costs itself only."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import stat
import tarfile
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.load import archive, read_all, sniff
from rag.errors import DocumentError
from tests.helpers.archives import (
    link,
    overlapping,
    patched,
    tarred,
    zipped,
    zipped_raw,
    zipped_with_unicode_path,
)

TEXTS = {
    "規程/休暇.txt": "年次有給休暇は最大で20日とする。",
    "手册/报销.txt": "差旅费应在十五个工作日内提交报销。",
    "안내/점검.txt": "정기 점검은 매월 둘째 주 토요일입니다.",
    "文件/說明.txt": "請於會議結束後三天內繳交紀錄。",
}


def members(data: bytes, name: str = "a.zip", encoding: str | None = None) -> dict[str, str]:
    """The names of all members, each with its text or the code of its error."""
    found = {}
    for one in archive.load(data, name, encoding).members:
        found[one.name] = one.error.code if one.error else one.data.decode()
    return found


def ending(data: bytes, name: str = "a.zip") -> tuple[list[str], str]:
    """The names before the archive itself fails, and the code."""
    names: list[str] = []
    with pytest.raises(DocumentError) as caught:
        names += (one.name for one in archive.load(data, name).members)
    return names, caught.value.code


PACKED = {
    "a.zip": zipped(TEXTS),
    "a.tar": tarred(TEXTS),
    "a.tar.gz": tarred(TEXTS, "w:gz"),
    "a.tgz": tarred(TEXTS, "w:gz"),
    "a.tar.bz2": tarred(TEXTS, "w:bz2"),
    "a.tar.xz": tarred(TEXTS, "w:xz"),
    "pax.tar": tarred(TEXTS, format=tarfile.PAX_FORMAT),
    "stored.zip": zipped(TEXTS, zipfile.ZIP_STORED),
    "lzma.zip": zipped(TEXTS, zipfile.ZIP_LZMA),
    "bzip2.zip": zipped(TEXTS, zipfile.ZIP_BZIP2),
}


@pytest.mark.parametrize("name", PACKED)
def test_every_file_is_a_member_with_its_path_and_bytes(name):
    assert sniff(PACKED[name], name) == "archive"
    assert members(PACKED[name], name) == TEXTS


@pytest.mark.parametrize(
    ("name", "pack"),
    [("休暇.txt.gz", gzip.compress), ("休暇.txt.bz2", bz2.compress), ("休暇.txt.xz", lzma.compress)],
)
def test_a_single_packed_file_is_named_without_the_suffix(name, pack):
    assert members(pack("有給休暇".encode()), name) == {"休暇.txt": "有給休暇"}


def test_an_archive_in_an_archive_becomes_documents_with_the_whole_path(tmp_path):
    (tmp_path / "年度.zip").write_bytes(
        zipped({"四月/a.tar.gz": tarred(TEXTS, "w:gz"), "readme.txt": "年度の書類"})
    )
    found = {name: getattr(one, "text", "") for name, one in read_all(tmp_path / "年度.zip", name="年度.zip")}
    assert found["年度.zip/readme.txt"] == "年度の書類"
    assert found["年度.zip/四月/a.tar.gz/規程/休暇.txt"] == TEXTS["規程/休暇.txt"]


def test_what_lies_deeper_than_is_opened_is_said(tmp_path):
    data = zipped({"d.txt": "深"})
    for name in ("c.zip", "b.zip", "a.zip"):
        data = zipped({name: data})
    (tmp_path / "x.zip").write_bytes(data)
    *_, (name, error) = read_all(tmp_path / "x.zip", name="x.zip")
    assert (name, error.code) == ("x.zip/a.zip/b.zip/c.zip", "nested")


# -- names -------------------------------------------------------------------------------------------

NAMES = {
    "cp932": ["議事録/第三回会議資料.txt", "議事録/出席者名簿.csv", "ﾃﾞｰﾀ一覧.txt"],
    "gb18030": ["会议纪要/第三季度销售报告.docx", "会议纪要/员工手册（修订版）.txt"],
    "cp949": ["회의록/제3차 회의 자료.hwp", "회의록/출장 보고서.txt"],
    "cp950": ["會議紀錄/第三季銷售報告.docx", "會議紀錄/員工手冊（修訂版）.txt"],
    "utf-8": ["議事録/第三回会議資料.txt", "회의록/출장.txt"],
    "cp437": ["Übersicht/Größe.txt", "résumé.txt"],
}


@pytest.mark.parametrize("codec", NAMES)
def test_names_of_old_tools_are_read_in_their_code_page(codec):
    raw = [name.encode(codec) for name in NAMES[codec]]
    assert list(members(zipped_raw(dict.fromkeys(raw, "x")))) == NAMES[codec]
    assert list(members(tarred(dict.fromkeys(raw, "x")), "a.tar")) == NAMES[codec]


def test_one_short_name_is_settled_by_the_others_in_the_archive():
    names = ["資料.txt", *NAMES["cp932"]]
    assert list(members(zipped_raw({name.encode("cp932"): b"x" for name in names}))) == names


def test_a_known_encoding_settles_names_that_say_too_little():
    assert list(members(zipped_raw({"報告.txt".encode("cp950"): b"x"}), encoding="big5")) == ["報告.txt"]


def test_the_unicode_path_field_wins_over_the_name():
    assert members(zipped_with_unicode_path("説明".encode("cp932"), "説明書.txt", b"x")) == {
        "説明書.txt": "x"
    }


def test_names_of_macos_are_composed():
    name = unicodedata.normalize("NFD", "ガイド/パスポート.txt")
    assert list(members(zipped_raw({name.encode(): b"x"}))) == ["ガイド/パスポート.txt"]


def test_names_that_climb_are_harmless_and_names_that_come_twice_are_numbered():
    data = zipped(
        {"../../etc/規程.txt": "a", "/etc/規程.txt": "b", "etc\\規程.txt": "c", "etc/./規程.txt": "d"}
    )
    assert list(members(data)) == ["etc/規程.txt", "etc/規程 (2).txt", "etc/規程 (3).txt", "etc/規程 (4).txt"]


def test_junk_hidden_files_and_secrets_are_left_out():
    junk = ["__MACOSX/._a.txt", ".DS_Store", "資料/Thumbs.db", ".git/config", "a/.env", "id_rsa", "~$a.docx"]
    assert list(members(zipped(dict.fromkeys([*junk, "a.txt", "folder/"], "x")))) == ["a.txt"]


# -- what is hostile ---------------------------------------------------------------------------------


def test_an_encrypted_member_says_so_and_the_rest_goes_on():
    data = patched(zipped({"密.txt": "x", "公開.txt": "公開"}), "密.txt", flags=0x801)
    assert members(data) == {"密.txt": "encrypted", "公開.txt": "公開"}


def test_a_method_that_is_unknown_costs_the_member():
    assert members(patched(zipped({"a.txt": "x"}), method=97)) == {"a.txt": "broken"}


def test_a_damaged_member_costs_itself():
    data = zipped(TEXTS, zipfile.ZIP_STORED).replace(TEXTS["手册/报销.txt"].encode(), b"?" * 51)
    assert members(data) == {**TEXTS, "手册/报销.txt": "broken"}


def test_links_and_devices_are_not_followed():
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert members(zipped({info: "/etc/passwd"})) == {"link.txt": "not_a_file"}  # type: ignore[dict-item]
    kinds = {
        "sym": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "dev": tarfile.CHRTYPE,
        "fifo": tarfile.FIFOTYPE,
    }
    data = tarred({"a.txt": "文", **{name: link(kind) for name, kind in kinds.items()}})
    assert members(data, "a.tar") == {"a.txt": "文", **dict.fromkeys(kinds, "not_a_file")}


def test_a_bomb_is_refused_by_its_headers():
    with pytest.raises(DocumentError) as caught:
        archive.load(zipped({"bomb": bytes(60_000_000)}), "a.zip")
    assert caught.value.code == "too_large"


def test_a_header_that_lies_about_the_size_gains_nothing(monkeypatch):
    monkeypatch.setattr(archive, "MEMBER", 100_000)
    data = patched(zipped({"a.txt": bytes(200_000)}), size=5)
    assert set(members(data).values()) <= {"broken", "too_large"}
    assert members(tarred({"a.txt": bytes(200_000), "b.txt": "b"}, "w:gz"), "a.tgz") == {
        "a.txt": "too_large",
        "b.txt": "b",
    }


def test_a_member_that_is_too_large_costs_itself(monkeypatch):
    monkeypatch.setattr(archive, "MEMBER", 100)
    assert members(zipped({"a": "x" * 101, "b": "x"})) == {"a": "too_large", "b": "x"}
    assert members(gzip.compress(b"x" * 101), "a.gz") == {"a": "too_large"}


def test_all_members_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(archive, "INFLATED", 1000)
    noise = random.Random(1).randbytes
    assert ending(zipped({f"{n}.bin": noise(400) for n in range(9)})) == (["0.bin", "1.bin"], "too_large")
    assert ending(tarred({f"{n}.bin": noise(400) for n in range(9)}), "a.tar")[1] == "too_large"


def test_what_inflates_out_of_proportion_is_stopped_while_it_does():
    with pytest.raises(DocumentError) as caught:
        list(archive.load(gzip.compress(bytes(60_000_000)), "a.gz").members)
    assert caught.value.code == "too_large"
    with pytest.raises(DocumentError) as caught:
        list(archive.load(tarred({"a": bytes(60_000_000)}, "w:xz"), "a.tar.xz").members)
    assert caught.value.code == "too_large"


def test_more_entries_than_are_read_are_said_after_those_that_are(monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 2)
    many = {f"{n}.txt": "x" for n in range(3)}
    assert ending(zipped(many)) == (["0.txt", "1.txt"], "too_large")
    assert ending(tarred(many), "a.tar") == (["0.txt", "1.txt"], "too_large")
    assert len(members(zipped(dict(list(many.items())[:2])))) == 2


def test_entries_that_share_their_bytes_are_refused():
    with pytest.raises(DocumentError) as caught:
        archive.load(overlapping(50, 100_000), "a.zip")
    assert caught.value.code == "broken"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz"])
def test_a_tar_that_ends_too_early_gives_what_comes_before(name):
    noise = random.Random(7).randbytes(300_000)
    many = {**TEXTS, "a.bin": noise, "z.bin": noise[::-1]}
    data = tarred(many, {"a.tar": "w"}.get(name, f"w:{name[6:]}"))
    names, code = ending(data[: len(data) * 3 // 4], name)
    assert code == "broken" and "z.bin" not in names
    assert names[:4] == list(TEXTS) or name == "a.tar.bz2"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_zip_that_ends_too_early_gives_what_comes_before(streamed, tmp_path):
    noise = random.Random(7).randbytes(3000)
    data = zipped({**TEXTS, "z.bin": noise})
    if streamed:  # sizes behind the data, as programs write that cannot go back
        with open(tmp_path / "out", "wb") as target, zipfile.ZipFile(_OneWay(target), "w", 8) as archived:
            for name, text in {**TEXTS, "z.bin": noise}.items():
                archived.writestr(name, text)
        data = (tmp_path / "out").read_bytes()
    cut = data[: data.rindex(noise[2000:2020]) if noise[2000:2020] in data else len(data) - 1500]
    assert sniff(cut, "a.zip") == "archive"
    assert ending(cut) == (list(TEXTS), "broken")


class _OneWay:
    def __init__(self, target):
        self._target = target

    def write(self, data):
        return self._target.write(data)

    def flush(self):
        self._target.flush()


def test_a_damaged_header_in_a_tar_is_not_taken_for_its_end():
    data = bytearray(tarred({"a.txt": "a", "b.txt": "b", "c.txt": "c"}))
    data[1024 + 150] ^= 0xFF
    assert ending(bytes(data), "a.tar") == (["a.txt"], "broken")


def test_text_that_calls_itself_an_archive_is_broken():
    with pytest.raises(DocumentError) as caught:
        archive.load("これは書庫ではありません。".encode() * 40, "a.tar")
    assert caught.value.code == "broken"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(PACKED)),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6),
)
def test_damage_is_told_and_never_raises_anything_else(name, changes):
    data = bytearray(PACKED[name])
    for position, value in changes:
        data[position % len(data)] = value
    try:
        sniff(bytes(data), name)
        members_of = list(archive.load(bytes(data), name).members)
    except DocumentError:
        return
    assert all(one.error or isinstance(one.data, bytes) for one in members_of)
