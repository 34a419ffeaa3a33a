import io
import os
import zipfile

import pytest

from ingest.pipeline import ingest
from ingest.plan import named, plan
from ingest.reading import InProcess
from rag.collection import collection
from rag.errors import ConfigError
from rag.settings import load
from tests.helpers.folders import TEXTS, content, engine, write


@pytest.fixture
def opened(tmp_path):
    with engine(tmp_path / "data") as one:
        yield one


def planned(folder, opened, **options):
    return {one.name: one for one in plan(folder, opened.collection, opened.settings, **options).files}


def test_without_a_collection_everything_is_new_and_nothing_is_made(tmp_path):
    folder = write(tmp_path / "root")
    settings = load(overrides={"data_dir": str(tmp_path / "data")}, environ={})
    found = plan(folder, collection(settings.data_dir, "docs"), settings)
    assert found.counts == {"new": len(TEXTS)}
    assert not (tmp_path / "data").exists()


def test_it_foresees_what_a_run_then_does_and_writes_nothing(tmp_path, opened):
    folder = write(tmp_path / "root", {**TEXTS, "b.txt": "旧い規程。", "key.pem": "x", "pic.xyz": "?"})
    ingest(folder, opened, reader=InProcess())
    (folder / "en/backup.md").rename(folder / "en/moved.md")
    (folder / "手册/报销.txt").unlink()
    write(folder, {"b.txt": "新しい規程。", "new.txt": "新規。"})
    os.utime(folder / "規程/休暇.md")
    before = content(opened)
    found = planned(folder, opened)
    assert content(opened) == before
    assert {name: one.action for name, one in found.items()} == {
        "b.txt": "changed",
        "en/moved.md": "moved",
        "key.pem": "skipped",
        "new.txt": "new",
        "pic.xyz": "skipped",
        "手册/报销.txt": "removed",
        "規程/休暇.md": "unchanged",
        "안내/점검.txt": "unchanged",
    }
    assert found["en/moved.md"].was == "en/backup.md"
    report = ingest(folder, opened, reader=InProcess())
    assert report.moved == (("en/backup.md", "en/moved.md"),)
    assert report.removed == ("手册/报销.txt",)
    assert [one.name for one in report.indexed] == ["b.txt", "en/moved.md", "new.txt"]
    assert {one.name for one in report.of("unchanged")} == {"規程/休暇.md", "안내/점검.txt"}


def test_a_rebuild_is_foreseen_as_such(tmp_path, opened):
    folder = write(tmp_path / "root")
    ingest(folder, opened, reader=InProcess())
    assert {one.action for one in planned(folder, opened, rebuild=True).values()} == {"changed"}


def test_an_archive_counts_as_one_file(tmp_path, opened):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("内/甲.txt", "甲である。")
    folder = write(tmp_path / "root", {"a.zip": packed.getvalue()})
    ingest(folder, opened, reader=InProcess())
    assert {one.name: one.action for one in planned(folder, opened).values()} == {"a.zip": "unchanged"}


def test_a_failed_file_would_be_tried_again(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.pdf": b"no pdf"})
    ingest(folder, opened, reader=InProcess())
    assert planned(folder, opened)["a.pdf"].action == "retried"


def test_lines_name_only_what_would_change(tmp_path, opened):
    folder = write(tmp_path / "root", {"a.txt": "甲。", "b.txt": "乙。"})
    ingest(folder, opened, reader=InProcess())
    (folder / "a.txt").rename(folder / "c.txt")
    found = plan(folder, opened.collection, opened.settings)
    assert named(found.files) == ["> c.txt (was a.txt)"]
    assert "dry run" in found.summary()


def test_a_missing_folder_is_named(tmp_path, opened):
    with pytest.raises(ConfigError, match="nowhere"):
        plan(tmp_path / "nowhere", opened.collection, opened.settings)
