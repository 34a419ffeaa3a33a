"""A collection opened as a whole: found, owned, checked, answered from."""

import os
import subprocess
import sys

import pytest

import rag
from ingest.pipeline import ingest
from rag.assemble import open_engine
from rag.errors import ConfigError, IndexMismatch, IndexMissing, QueryError, StoreLocked, StoreUnavailable
from rag.settings import load
from rag.types import Answer, Delta
from tests.helpers.folders import content, engine, write


@pytest.fixture
def data(tmp_path):
    """A data directory in which ``docs`` holds a small folder."""
    with engine(tmp_path / "data") as opened:
        ingest(write(tmp_path / "folder"), opened)
    return tmp_path / "data"


def settings(data, **more):
    return load(overrides={"data_dir": str(data), "collection": "docs", **more}, environ={})


def test_one_line_opens_a_collection_and_finds_in_it(data):
    with rag.open_retriever("docs", data_dir=str(data)) as opened:
        assert opened.search("差旅费 报销")[0].chunk.document == "手册/报销.txt"
        assert opened.search("정기 점검", top_k=1)[0].chunk.document == "안내/점검.txt"


def test_the_answer_of_a_stream_is_the_answer_of_ask(data):
    with rag.open_retriever("docs", data_dir=str(data)) as opened:
        *deltas, last = opened.stream("How long are full backups kept?")
        assert isinstance(last, Answer) and all(isinstance(one, Delta) for one in deltas)
        assert "".join(one.text for one in deltas) == last.text
        assert last == opened.ask("How long are full backups kept?")


def test_every_quote_stands_in_the_document_where_it_says(data, tmp_path):
    with rag.open_retriever("docs", data_dir=str(data)) as opened:
        for question in ("有給休暇は最大で何日?", "差旅费几天内报销?", "정기 점검은 언제?"):
            answer = opened.ask(question)
            assert answer.citations
            for one in answer.citations:
                text = (tmp_path / "folder" / one.chunk.document).read_text("utf-8")
                assert text[one.start : one.end] == one.quote


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid"])
def test_each_mode_searches(data, mode):
    with rag.open_retriever("docs", data_dir=str(data)) as opened:
        assert opened.search("年次有給休暇は最大で何日", mode=mode)[0].chunk.document == "規程/休暇.md"


LONG = {
    "規程.md": "# 休暇\n\n"
    + "".join(f"{n}年目の社員は{n + 10}日の休暇。" for n in range(1, 21))
    + "\n\n# 退職\n\n退職を希望する社員は三十日前までに届け出る。\n",
    "安内.md": "# 휴가\n\n유급휴가는 일 년에 열다섯 날이다.\n",
}


@pytest.fixture(params=[0, 1], ids=["cut", "overlapping"])
def long(tmp_path, request):
    """A document of many chunks under two headings, beside another."""
    with engine(tmp_path / "data", chunk__tokens=48, chunk__overlap=request.param) as opened:
        ingest(write(tmp_path / "folder", LONG), opened)
        yield opened


def test_small_chunks_are_searched_and_their_section_is_seen(long):
    found, question = LONG["規程.md"], "7年目の社員の休暇は何日ですか"
    small = long.search(question)[0].chunk
    assert len(small.text) < 120 and not small.parts
    seen = long.search(question, context="parent")[0].chunk
    assert seen.text == found[seen.start : seen.end]
    assert all(f"{n + 10}日の休暇" in seen.text for n in range(1, 21)) and "退職" not in seen.text
    assert (seen.id, seen.headings) == (small.id, ("休暇",))


def test_a_section_larger_than_its_budget_is_seen_around_the_hit(long):
    answer = long.settings.answer.model_copy(update={"parent_tokens": 100})
    long.settings = long.settings.model_copy(update={"answer": answer})
    seen = long.search("7年目の社員の休暇は何日ですか", context="parent")[0].chunk
    assert seen.parts and seen.tokens <= 100 and "17日の休暇" in seen.text
    assert long.embedder.count_tokens([seen.text])[0] <= 100


def test_neighbours_are_seen_over_a_heading_and_not_beyond_the_document(long):
    seen = long.search("退職を希望する社員", context="neighbours")[0].chunk
    assert "退職を希望" in seen.text and "20年目" in seen.text and "휴가" not in seen.text
    assert seen.text == LONG["規程.md"][seen.start : seen.end]


def test_hits_of_one_section_are_seen_once(long):
    question = "社員の休暇は何日ですか"
    plain, seen = long.search(question, top_k=20), long.search(question, top_k=20, context="parent")
    assert len(plain) > len(seen) == 3
    assert [hit.score for hit in seen] == sorted((hit.score for hit in seen), reverse=True)
    assert seen[0].trace == plain[0].trace


@pytest.mark.parametrize("context", ["parent", "neighbours", "chunk"])
def test_an_answer_sees_what_is_set_of_each_hit(long, context):
    answer = long.settings.answer.model_copy(update={"context": context})
    long.settings = long.settings.model_copy(update={"answer": answer})
    found = long.ask("7年目の社員の休暇は何日ですか")
    assert found.ranking == long.search("7年目の社員の休暇は何日ですか", context=context, room=answer.room)
    cited = next(one for one in found.citations if "7年目" in one.quote)
    assert cited.quote == LONG["規程.md"][cited.start : cited.end] and cited.headings == ("休暇",)
    assert bool(found.ranking[0].chunk.parts) == (context != "chunk")


def test_sections_are_what_an_answer_sees_unless_it_is_set_otherwise(long):
    assert "1年目" in long.ask("20年目の社員の休暇は何日ですか").citations[0].chunk.text


def test_neighbours_of_a_chunk_are_fetched_by_it_or_by_its_id(long):
    middle = long.search("7年目の社員の休暇は何日ですか")[0].chunk
    before, same, after = long.neighbours(middle.id)
    assert same == middle and long.neighbours(middle) == (before, middle, after)
    assert (before.id, after.id) == (middle.previous, middle.next)
    everything = long.neighbours(middle, before=99, after=99)
    assert [one.start for one in everything] == sorted(one.start for one in everything)
    assert not everything[0].previous and not everything[-1].next
    assert {one.document for one in everything} == {"規程.md"}
    assert long.neighbours("no such chunk") == ()


def test_a_chunk_that_must_not_be_seen_has_no_neighbours(long, monkeypatch):
    chunk = long.search("退職を希望する社員")[0].chunk
    generations = {one.id: generation for one, generation in long.store.scroll()}
    monkeypatch.setattr(type(long.collection), "hidden", lambda self: frozenset({generations[chunk.id]}))
    assert long.neighbours(chunk.id) == ()
    monkeypatch.setattr(type(long.collection), "hidden", lambda self: frozenset({"another"}))
    assert chunk in long.neighbours(chunk.id)


def test_another_context_is_refused(long):
    with pytest.raises(ConfigError, match="chunk, neighbours, parent"):
        long.search("休暇", context="page")


@pytest.mark.parametrize("question", ["", "  \n", "あ" * 8001])
def test_a_question_that_is_empty_or_too_long_is_refused(data, question):
    with rag.open_retriever("docs", data_dir=str(data)) as opened, pytest.raises(QueryError):
        opened.search(question)


def test_a_lone_surrogate_in_a_question_does_no_harm(data):
    with rag.open_retriever("docs", data_dir=str(data)) as opened:
        assert opened.ask("有給\ud800休暇").text.encode("utf-8")


def test_a_missing_collection_is_not_made_by_looking(tmp_path):
    with pytest.raises(IndexMissing):
        open_engine(settings(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_open_collection_is_refused_to_a_second_owner_by_its_process_number(data):
    with open_engine(settings(data)), pytest.raises(StoreLocked) as caught:
        open_engine(settings(data, **{"store.lock_timeout": 0.1}))
    assert caught.value.pid == os.getpid()


def test_closing_gives_the_collection_free(data):
    open_engine(settings(data)).close()
    open_engine(settings(data)).close()


def test_other_bm25_settings_are_refused_and_named(data):
    with pytest.raises(IndexMismatch) as caught:
        open_engine(settings(data, **{"lexical.k1": 2.0}))
    assert caught.value.expected["analyser"] != caught.value.found["analyser"]
    open_engine(settings(data)).close()


def test_a_shorter_embedding_is_refused_until_the_index_is_rebuilt(data, tmp_path):
    shorter = settings(data, **{"embed.dimension": 64})
    with pytest.raises(IndexMismatch):
        open_engine(shorter)
    with open_engine(shorter, create=True, rebuild=True) as opened:
        assert content(opened) == []
        ingest(tmp_path / "folder", opened)
        assert opened.embedder.dimension == 64
        assert opened.search("有給休暇は何日", mode="dense")


def test_rebuilding_with_another_model_reads_every_folder_that_was_in_the_index(data, tmp_path):
    other = write(tmp_path / "other", {"食堂.txt": "食堂の営業時間は午前11時から午後2時までです。"})
    with open_engine(settings(data)) as opened:
        ingest(other, opened)
    with open_engine(settings(data, **{"embed.dimension": 64}), create=True, rebuild=True) as opened:
        assert len(ingest(tmp_path / "folder", opened, rebuild=True).indexed) == 5
        assert opened.search("食堂の営業時間")[0].chunk.document == "食堂.txt"
        assert opened.collection.pending() == ()


def test_a_damaged_store_is_said_and_rebuilding_mends_it(data, tmp_path):
    with open_engine(settings(data)) as opened:
        before = content(opened)
    for file in (data / "collections/docs/store").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    with pytest.raises(StoreUnavailable, match="--rebuild"):
        open_engine(settings(data))
    with open_engine(settings(data), create=True, rebuild=True) as opened:
        ingest(tmp_path / "folder", opened)
        assert content(opened) == before


def test_a_store_in_memory_is_filled_again_by_each_run(tmp_path):
    folder = write(tmp_path / "folder")
    for _ in range(2):
        with engine(tmp_path / "data", store__kind="memory") as opened:
            assert len(ingest(folder, opened).indexed) == 4
            assert opened.search("정기 점검")


def test_another_store_is_refused_and_named(data):
    pytest.importorskip("chromadb")
    with pytest.raises(IndexMismatch, match="store"):
        open_engine(settings(data, **{"store.kind": "chroma"}))


def test_an_unknown_provider_of_language_models_is_said_with_what_is_known(data):
    unknown = settings(data, **{"answer.model": "no-such-provider:x"})
    with open_engine(unknown) as opened, pytest.raises(ConfigError, match="no-such-provider"):
        opened.ask("정기 점검은 언제?")


WITHOUT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {library!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
from rag.assemble import open_engine
from rag.errors import MissingExtra
from rag.settings import load
try:
    open_engine(load(overrides={{"data_dir": {data!r}, {key!r}: {value!r}}}, environ={{}}), create=True)
except MissingExtra as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("library", "key", "value", "extra"),
    [
        ("chromadb", "store.kind", "chroma", "chroma"),
        ("sentence_transformers", "embed.model", "intfloat/multilingual-e5-small", "models"),
    ],
)
def test_a_missing_extra_is_named_with_its_pip_line(tmp_path, library, key, value, extra):
    code = WITHOUT.format(library=library, data=str(tmp_path), key=key, value=value)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f'pip install "cjkrag[{extra}]"' in done.stdout, done.stderr
