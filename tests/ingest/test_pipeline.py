import os
import shutil

import pytest

from ingest.documents import counts, documents
from ingest.pipeline import delete, ingest
from ingest.report import Report
from rag.errors import ConfigError, IndexMismatch
from tests.helpers.folders import TEXTS, content, engine, write


@pytest.fixture
def opened(tmp_path):
    with engine(tmp_path / "data") as one:
        yield one


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "文書")


def outcomes(report):
    return {one.name: one.outcome for one in report.files}


def test_a_folder_becomes_searchable_with_its_places(opened, folder):
    report = ingest(folder, opened)
    assert outcomes(report) == dict.fromkeys(sorted(TEXTS), "indexed")
    hit = opened.search("有給休暇は何日")[0]
    assert hit.chunk.document == "規程/休暇.md"
    assert "休暇" in hit.chunk.headings
    assert TEXTS["規程/休暇.md"][hit.chunk.start : hit.chunk.end] == hit.chunk.text


def test_ingesting_twice_is_ingesting_once(opened, folder):
    ingest(folder, opened)
    before = content(opened)
    report = ingest(folder, opened)
    assert set(outcomes(report).values()) == {"unchanged"}
    assert content(opened) == before


def test_a_touched_file_is_read_but_not_written_again(opened, folder):
    ingest(folder, opened)
    before = content(opened)
    os.utime(folder / "en/backup.md", ns=(1, 1))
    assert set(outcomes(ingest(folder, opened)).values()) == {"unchanged"}
    assert content(opened) == before


def test_a_changed_file_replaces_what_it_said(opened, folder):
    ingest(folder, opened)
    write(folder, {"en/backup.md": "# Backups\n\nFull backups are kept for 365 days.\n"})
    report = ingest(folder, opened)
    assert outcomes(report)["en/backup.md"] == "indexed"
    assert [one.outcome for one in report.files].count("unchanged") == 3
    texts = "".join(str(row[5]) for row in content(opened))
    assert "365" in texts and "90 days" not in texts


def test_a_deleted_file_is_no_longer_found(opened, folder):
    ingest(folder, opened)
    (folder / "안내/점검.txt").unlink()
    report = ingest(folder, opened)
    assert report.removed == ("안내/점검.txt",)
    assert all(row[0] != "안내/점검.txt" for row in content(opened))


def test_a_renamed_file_is_found_under_its_new_name_only(opened, folder):
    ingest(folder, opened)
    (folder / "en/backup.md").rename(folder / "en/保存.md")
    ingest(folder, opened)
    assert {row[0] for row in content(opened)} == {*TEXTS, "en/保存.md"} - {"en/backup.md"}


def test_a_moved_folder_keeps_its_identities(opened, folder, tmp_path):
    ingest(folder, opened)
    before = content(opened)
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    shutil.move(folder, moved)
    ingest(moved, opened)
    assert content(opened) == before


def test_two_folders_of_the_same_name_do_not_mix(opened, tmp_path):
    one = write(tmp_path / "a" / "docs", {"x.txt": "第一个文件夹里的内容。"})
    two = write(tmp_path / "b" / "docs", {"x.txt": "第二个文件夹里的内容。"})
    ingest(one, opened)
    ingest(two, opened)
    assert len({row[4] for row in content(opened)}) == 2
    assert set(outcomes(ingest(one, opened)).values()) == {"unchanged"}


def test_a_single_file_can_be_ingested_and_leaves_the_others(opened, folder):
    ingest(folder, opened)
    write(folder, {"en/new.txt": "Laptops must be encrypted."})
    report = ingest(folder / "en/new.txt", opened)
    assert outcomes(report) == {"en/new.txt": "indexed"}
    assert {row[0] for row in content(opened)} == {*TEXTS, "en/new.txt"}


def test_a_folder_inside_a_known_one_is_brought_in_step_without_doubling(opened, folder):
    ingest(folder, opened)
    before = content(opened)
    assert outcomes(ingest(folder / "規程", opened)) == {"規程/休暇.md": "unchanged"}
    assert content(opened) == before


def test_a_folder_around_a_known_one_takes_it_over(opened, folder):
    ingest(folder / "規程", opened)
    ingest(folder, opened)
    assert sorted({row[0] for row in content(opened)}) == sorted(TEXTS)
    assert len(content(opened)) == counts(opened.collection)[1]


def test_the_same_folder_gives_the_same_index_elsewhere(folder, tmp_path):
    with engine(tmp_path / "one") as one, engine(tmp_path / "two") as two:
        ingest(folder, one)
        ingest(folder, two)
        assert content(one) == content(two)


def test_rebuilding_writes_everything_again_and_changes_nothing(opened, folder):
    ingest(folder, opened)
    before = content(opened)
    report = ingest(folder, opened, rebuild=True)
    assert set(outcomes(report).values()) == {"indexed"}
    assert content(opened) == before
    assert opened.collection.hidden() == frozenset()


BAD = {
    "empty.txt": (b"", "skipped", "empty"),
    "blank.md": (b" \n\n", "skipped", "empty"),
    "program.txt": (b"\x7fELF" + bytes(range(256)) * 20, None, "binary"),
    "broken.pdf": (b"%PDF-1.7\nnothing more", "failed", "broken"),
    "photo.txt": (b"\x89PNG\r\n\x1a\n" + bytes(200), "failed", "binary"),
    "broken.docx": (b"PK\x03\x04" + b"x" * 200, "failed", "broken"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_cause_and_its_neighbours_stay_findable(opened, folder, name):
    data, outcome, code = BAD[name]
    write(folder, {name: data})
    report = ingest(folder, opened)
    (bad,) = [one for one in report.files if one.name == name]
    assert bad.code == code and bad.message
    assert outcome is None or bad.outcome == outcome
    assert len(report.indexed) == len(TEXTS)
    assert opened.search("정기 점검")[0].chunk.document == "안내/점검.txt"


def test_a_file_that_breaks_keeps_the_version_read_before(opened, folder):
    write(folder, {"a.md": "# 会議\n\n会議室の定員は十二名です。"})
    ingest(folder, opened)
    write(folder, {"a.md": b"\x7fELF" + bytes(range(256)) * 20})
    report = ingest(folder, opened)
    assert [one.name for one in report.failed] == ["a.md"]
    assert opened.search("会議室の定員")[0].chunk.document == "a.md"


def test_a_file_that_was_emptied_is_no_longer_found(opened, folder):
    ingest(folder, opened)
    write(folder, {"en/backup.md": b""})
    ingest(folder, opened)
    assert all(row[0] != "en/backup.md" for row in content(opened))


def test_a_repaired_file_is_read_again(opened, folder):
    write(folder, {"a.pdf": b"%PDF-1.7\nnothing"})
    ingest(folder, opened)
    write(folder, {"a.pdf": b""})
    assert outcomes(ingest(folder, opened))["a.pdf"] == "skipped"


def test_an_empty_folder_gives_an_empty_report_that_says_so(opened, tmp_path):
    (tmp_path / "空").mkdir()
    report = ingest(tmp_path / "空", opened)
    assert report.files == ()
    assert "no files" in report.summary()


def test_a_missing_folder_is_named_and_nothing_is_removed(opened, folder, tmp_path):
    ingest(folder, opened)
    before = content(opened)
    with pytest.raises(ConfigError, match="nowhere"):
        ingest(tmp_path / "nowhere", opened)
    assert content(opened) == before


def test_an_unreadable_folder_does_not_remove_what_was_read_of_it(opened, folder):
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    ingest(folder, opened)
    (folder / "規程").chmod(0)
    try:
        report = ingest(folder, opened)
    finally:
        (folder / "規程").chmod(0o755)
    assert [one.code for one in report.failed] == ["unreadable"]
    assert report.removed == ()


def test_a_reader_that_hangs_costs_one_file(folder, tmp_path):
    write(folder, {"slow.html": "<p>" + "<div>" * 10})
    with engine(tmp_path / "data", ingest__timeout=0.000001) as opened:
        report = ingest(folder, opened)
    assert {one.code for one in report.failed} == {"timeout"}


def test_a_document_can_be_forgotten_by_name(opened, folder):
    ingest(folder, opened)
    assert delete(opened, "en/backup.md")
    assert not delete(opened, "en/backup.md")
    assert all(row[0] != "en/backup.md" for row in content(opened))


def test_the_manifest_tells_what_became_of_each_file(opened, folder):
    write(
        folder,
        {
            "sjis.txt": "これはシフトJISで書かれた文書です。経費は月末までに申請します。".encode("cp932"),
            "e.txt": b"",
        },
    )
    ingest(folder, opened)
    by_name = {one.name: one for one in documents(opened.collection)}
    assert by_name["sjis.txt"].encoding.lower().replace("_", "").startswith(("cp932", "shiftjis"))
    assert by_name["sjis.txt"].live
    assert (by_name["e.txt"].live, by_name["e.txt"].code) == (False, "empty")
    assert counts(opened.collection)[0] == len(TEXTS) + 1


def test_progress_is_told_after_each_file_up_to_the_total(opened, folder):
    steps = []
    ingest(folder, opened, progress=steps.append)
    assert [(one.done, one.total) for one in steps] == [(n, len(TEXTS)) for n in range(1, len(TEXTS) + 1)]


def test_a_report_tells_the_tokens_of_every_chunk(opened, folder):
    report = ingest(folder, opened)
    kept = [chunk.tokens for chunk, _ in opened.store.scroll()]
    assert sorted(report.sizes.tokens) == sorted(kept) and len(kept) == report.chunks > 0
    assert all(len(one.sizes.tokens) == one.chunks for one in report.indexed)
    assert f"of {report.sizes}" in report.summary()
    assert [one.sizes for one in ingest(folder, opened).files] == [one.sizes for one in report.files]


def test_a_report_survives_json(opened, folder):
    report = ingest(folder, opened)
    again = Report.from_json(report.to_json())
    assert again.files == report.files and again.counts == report.counts


def test_another_chunk_size_is_refused_with_the_way_out(folder, tmp_path):
    with engine(tmp_path / "data") as one:
        ingest(folder, one)
    with pytest.raises(IndexMismatch, match="--rebuild"):
        engine(tmp_path / "data", chunk__tokens=64)


def test_half_written_documents_are_hidden_and_cleared_away(opened, folder, monkeypatch):
    ingest(folder, opened)
    before = content(opened)
    write(folder, {"en/backup.md": "# Backups\n\nNothing is kept.\n"})
    flipped = type(opened.store).upsert

    def dies(store, points):
        flipped(store, points)
        raise KeyboardInterrupt

    monkeypatch.setattr(type(opened.store), "upsert", dies)
    with pytest.raises(KeyboardInterrupt):
        ingest(folder, opened)
    monkeypatch.undo()
    assert len(opened.collection.hidden()) == 1
    assert not [hit for hit in opened.search("Nothing is kept") if "Nothing" in hit.chunk.text]
    assert any("90 days" in hit.chunk.text for hit in opened.search("full backups days"))
    write(folder)
    ingest(folder, opened)
    assert content(opened) == before
    assert opened.collection.hidden() == frozenset()


def test_no_chunk_is_longer_than_a_small_model_reads(folder, tmp_path):
    pytest.importorskip("sentence_transformers", reason='needs the extra "models"')
    from tests.helpers import tiny

    write(
        folder,
        {"long.txt": "会議室の予約は一営業日前までに登録し、終了後は机と椅子を元の位置に戻すこと。" * 30},
    )
    with engine(tmp_path / "data", embed__model=str(tiny.bert(tmp_path / "bert"))) as opened:
        assert opened.embedder.passage_room < opened.settings.chunk.tokens
        assert not ingest(folder, opened).failed
        passages = [chunk.passage for chunk, _ in opened.store.scroll()]
        assert max(opened.embedder.count_tokens(passages)) <= opened.embedder.passage_room
