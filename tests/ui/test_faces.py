from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import (
    ConfigError,
    DocumentError,
    IndexMismatch,
    IndexMissing,
    QueryError,
    StoreLocked,
    StoreUnavailable,
)
from rag.stores.lock import own, owner_of
from rag.types import Answer, Turn
from tests.ui.conftest import DOCUMENTS
from tests.ui.serving import running
from ui.api.app import create_app
from ui.client import HttpFace, sse
from ui.face import OwnerGone, Question, Reader, Upload, open_face
from ui.local import UPLOADS, LocalFace

LEAVE = "年次有給休暇は最大で何日ですか"


@pytest.fixture
def local(settings):
    with LocalFace(settings) as face:
        yield face


@pytest.fixture(params=["local", "http"])
def face(request, local, settings):
    """The same collection through both faces."""
    if request.param == "local":
        yield local
        return
    app = create_app(local, tokens=lambda: ["token"])
    with running(app) as url, HttpFace(url, settings, token="token") as remote:
        yield remote


def test_both_faces_find_the_same(face, local):
    assert face.search(LEAVE, top_k=2) == local.search(LEAVE, top_k=2)
    assert len(face.search(LEAVE, top_k=1)) == 1


def test_both_faces_grow_hits_the_same(face, local):
    found = face.search(LEAVE, top_k=1, context="neighbours")
    assert found == local.search(LEAVE, top_k=1, context="neighbours")
    assert found[0].chunk.parts and "退職は三十日前" in found[0].chunk.text
    assert face.search(LEAVE, top_k=1, context="neighbours", room=0) == face.search(LEAVE, top_k=1)


def test_both_faces_fetch_what_stands_beside_a_chunk(face):
    first = face.search(LEAVE, top_k=1)[0].chunk
    found = face.neighbours(first.id, before=5, after=5)
    assert {one.document for one in found} == {"規程/休暇.md"} and first in found
    assert [one.start for one in found] == sorted(one.start for one in found) and len(found) == 2
    assert face.neighbours(first.id, before=0, after=0) == (first,)
    assert face.neighbours("no such id") == ()


def test_both_faces_answer_the_same_whole_and_in_pieces(face, local):
    question = Question(LEAVE, history=(Turn("就業規則はありますか", "あります。"),))
    whole = face.ask(question)
    *pieces, last = face.stream(question)
    assert whole == last == local.ask(question)
    assert isinstance(last, Answer)
    assert "".join(piece.text for piece in pieces) == last.text


def test_both_faces_list_collections_documents_and_chunks(face, local):
    assert [(one.name, one.documents) for one in face.collections()] == [("docs", len(DOCUMENTS))]
    assert {one["name"] for one in face.documents()} == set(DOCUMENTS)
    assert list(face.export()) == list(local.export())


def test_both_faces_keep_what_is_uploaded_and_forget_what_is_deleted(face, settings):
    report = face.upload([Upload("../食堂.txt", "社員食堂のカレーは六百円です。".encode("cp932"))])
    assert [(one.name, one.outcome) for one in report.files] == [("食堂.txt", "indexed")]
    found = face.search("カレーはいくら", top_k=1)
    assert found[0].chunk.document == "食堂.txt"
    assert face.delete("食堂.txt")
    assert "食堂.txt" not in {hit.chunk.document for hit in face.search("カレーはいくら")}
    assert not face.delete("食堂.txt")
    assert {one["name"] for one in face.documents()} == set(DOCUMENTS)


def test_a_second_upload_of_a_name_replaces_the_first(face):
    face.upload([Upload("食堂.txt", "カレーは六百円です。".encode())])
    report = face.upload([Upload("食堂.txt", "カレーは七百円になりました。".encode())])
    assert len(report.files) == 1
    texts = [hit.chunk.text for hit in face.search("カレーはいくら") if hit.chunk.document == "食堂.txt"]
    assert texts == ["カレーは七百円になりました。"]


def test_an_upload_leaves_earlier_uploads_and_folders_alone(face):
    face.upload([Upload("一.txt", "一つ目の文書です。".encode())])
    face.upload([Upload("二.txt", "二つ目の文書です。".encode())])
    assert {one["name"] for one in face.documents()} == {*DOCUMENTS, "一.txt", "二.txt"}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda face: face.search(" "), QueryError),
        (lambda face: face.ask(Question("あ" * 9_000)), QueryError),
        (lambda face: list(face.stream(Question(""))), QueryError),
        (lambda face: face.search("x", collection="nothing"), IndexMissing),
        (lambda face: face.documents(collection="nothing"), IndexMissing),
        (lambda face: face.neighbours("x", collection="nothing"), IndexMissing),
        (lambda face: face.delete("x", collection="nothing"), IndexMissing),
        (lambda face: list(face.export(collection="nothing")), IndexMissing),
        (lambda face: face.search("x", mode="reranked"), ConfigError),
        (lambda face: face.upload([Upload("a.txt", b"x"), Upload("b/a.txt", b"y")]), DocumentError),
    ],
)
def test_both_faces_fail_alike(face, call, error):
    with pytest.raises(error) as told:
        call(face)
    assert type(told.value) is error


def test_reading_a_collection_that_is_not_there_does_not_make_it(local, data_dir):
    with pytest.raises(IndexMissing):
        local.search("x", collection="nothing")
    assert [one.name for one in local.collections()] == ["docs"]


def test_a_second_face_goes_through_the_process_that_listens(local, settings, folder):
    local.search(LEAVE)
    local.listen()
    with LocalFace(settings) as second:
        assert second.search(LEAVE) == local.search(LEAVE)
        assert second.ask(Question(LEAVE)).citations == local.ask(Question(LEAVE)).citations
        key = local.search(LEAVE)[0].chunk.id
        assert second.neighbours(key) == local.neighbours(key)
        assert second.search(LEAVE, context="neighbours") == local.search(LEAVE, context="neighbours")
        assert second.upload([Upload("食堂.txt", "カレーは六百円です。".encode())]).indexed
        assert "食堂.txt" in {hit.chunk.document for hit in local.search("カレー")}
        assert second.delete("食堂.txt")
        steps = []
        report = second.ingest(folder, progress=steps.append)
        assert len(report.of("unchanged")) == len(DOCUMENTS)
        assert [one.done for one in steps] == [1, 2, 3]
        assert list(second.export()) == list(local.export())


def test_the_owner_answers_nobody_without_its_token(local, settings):
    local.search(LEAVE)
    with (
        HttpFace(local.listen(), settings, token="wrong") as stranger,
        pytest.raises(Exception, match="token"),
    ):
        stranger.search(LEAVE)


def test_the_second_face_answers_with_its_own_settings(local, settings):
    local.search(LEAVE)
    local.listen()
    one_sentence = settings.answer.model_copy(update={"sentences": 1})
    with LocalFace(settings.model_copy(update={"answer": one_sentence})) as second:
        assert len(second.ask(Question(LEAVE)).citations) == 1


def test_files_are_read_as_the_second_face_asks(local, settings, tmp_path):
    text = "預約後超過十五分鐘未到者,系統會自動取消該次預約。"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "預約.txt").write_bytes(text.encode("utf-16-le"))
    local.search(LEAVE)
    local.listen()
    how = settings.ingest.model_copy(update={"encoding": "utf-16-le"})
    with LocalFace(settings.model_copy(update={"ingest": how})) as second:
        (read,) = second.ingest(tmp_path / "more").files
    assert (read.encoding, read.outcome) == ("utf-16-le", "indexed")
    assert local.search("預約取消")[0].chunk.text == text


def test_an_owner_that_does_not_listen_is_named(local, settings, data_dir):
    with own(data_dir / "collections" / "docs", timeout=0), pytest.raises(StoreLocked) as told:
        local.search(LEAVE)
    assert told.value.pid


def test_a_second_face_cannot_write_chunks_of_another_kind_through_the_owner(local, settings, folder):
    local.search(LEAVE)
    local.listen()
    other = settings.model_copy(update={"chunk": settings.chunk.model_copy(update={"tokens": 64})})
    with LocalFace(other) as second:
        with pytest.raises(IndexMismatch):
            second.ingest(folder)
        with pytest.raises(StoreLocked):
            second.ingest(folder, rebuild=True)


def test_when_the_owner_leaves_the_second_face_takes_over(settings):
    first = LocalFace(settings)
    first.search(LEAVE)
    first.listen()
    with LocalFace(settings) as second:
        through = second.search(LEAVE)
        first.close()
        assert second.search(LEAVE) == through
        assert owner_of(second.seat("docs").engine.collection.path)


def test_a_rebuild_brings_back_what_was_uploaded(settings, folder):
    with LocalFace(settings) as face:
        face.upload([Upload("食堂.txt", "カレーは六百円です。".encode())])
    smaller = settings.model_copy(update={"chunk": settings.chunk.model_copy(update={"tokens": 32})})
    with LocalFace(smaller) as face:
        with pytest.raises(IndexMismatch):
            face.ingest(folder)
        report = face.ingest(folder, rebuild=True)
        assert {one.name for one in report.indexed} == {*DOCUMENTS, "食堂.txt"}
        assert face.search("カレーはいくら")[0].chunk.document == "食堂.txt"


def test_many_readers_and_a_writer_do_not_disturb_one_another(local, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(20):
        (tmp_path / "many" / f"{number}.txt").write_text(
            f"文書{number}番。棚卸しは{number}日に行う。", "utf-8"
        )
    done = threading.Event()

    def read() -> int:
        rounds = 0
        while not done.is_set() or not rounds:
            assert local.search(LEAVE)[0].chunk.document == "規程/休暇.md"
            rounds += 1
        return rounds

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        report = pool.submit(local.ingest, tmp_path / "many").result()
        done.set()
        assert all(reader.result() for reader in readers)
    assert len(report.indexed) == 20


def test_a_face_that_was_closed_frees_the_index(settings):
    face = LocalFace(settings)
    face.search(LEAVE)
    place = face.seat("docs").engine.collection.path
    face.close()
    face.close()
    assert owner_of(place) is None


def test_a_service_that_nobody_runs_is_said_to_be_gone(settings):
    with HttpFace("http://127.0.0.1:9", settings) as face, pytest.raises(OwnerGone, match="nobody listens"):
        face.search("x")


def test_a_configured_service_is_used(settings, local):
    with running(create_app(local)) as url:
        there = settings.model_copy(update={"serve": settings.serve.model_copy(update={"url": url})})
        with open_face(there) as face:
            assert isinstance(face, HttpFace)
            assert face.search(LEAVE) == local.search(LEAVE)
            with pytest.raises(Exception, match="token"):
                list(face.export())


def test_a_reader_finds_there_and_answers_here(face, local):
    reader = Reader(face, "docs")
    *_, answer = reader.stream(LEAVE)
    assert answer.citations == local.ask(Question(LEAVE)).citations


@pytest.mark.parametrize("context", ["chunk", "neighbours", "parent"])
def test_an_answer_is_made_from_what_the_settings_say_whoever_answers(face, local, context):
    answer = face.settings.answer.model_copy(update={"context": context})
    face.settings = face.settings.model_copy(update={"answer": answer})
    *_, last = Reader(face, "docs").stream(LEAVE)
    assert last.ranking == local.search(LEAVE, context=context, room=answer.room)
    assert last.citations


def test_events_may_be_split_over_lines_and_carry_comments():
    lines = [": hello", "event:delta", 'data: {"text":', 'data:"は い"}', "", "", 'data: {"a": 1}', ""]
    assert list(sse(lines)) == [("delta", {"text": "は い"}), ("message", {"a": 1})]


def test_a_reply_that_is_not_ours_is_told(settings):
    from fastapi import FastAPI

    with (
        running(FastAPI()) as url,
        HttpFace(url, settings) as face,
        pytest.raises(Exception, match="Not Found"),
    ):
        face.search("x")
    other = FastAPI()

    @other.post("/search")
    def search():
        from fastapi.responses import PlainTextResponse

        return PlainTextResponse("<html>")

    with (
        running(other) as url,
        HttpFace(url, settings) as face,
        pytest.raises(StoreUnavailable, match="JSON"),
    ):
        face.search("x")


def test_uploads_lie_with_their_collection_for_the_owner_alone(local, data_dir):
    local.upload([Upload("規程.txt", "第1条 目的".encode())])
    kept = data_dir / "collections" / "docs" / UPLOADS / "規程.txt"
    assert kept.read_text("utf-8") == "第1条 目的"
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0
