from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag import errors
from rag.settings import flatten, load
from tests.ui.conftest import DOCUMENTS
from ui.cli import EPILOG, app
from ui.commands.common import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(data_dir, monkeypatch):
    monkeypatch.setenv("CJKRAG_DATA_DIR", str(data_dir))
    monkeypatch.setenv("CJKRAG_COLLECTION", "docs")

    def call(*arguments: str, code: int = 0, input: bytes | None = None):
        result = CliRunner().invoke(app, list(arguments), input=input)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


def test_an_answer_is_printed_with_its_citations(run):
    out = run("ask", "年次有給休暇は最大で何日ですか").stdout
    assert "二十日とする。」[1]" in out
    assert "[1] 規程/休暇.md  ·  就業規則 > 休暇" in out


def test_an_answer_as_json_quotes_what_stands_in_the_document(run):
    answer = json.loads(run("ask", "年次有給休暇は最大で何日ですか", "--json").stdout)
    cited = answer["citations"][0]
    assert DOCUMENTS[cited["document"]][cited["start"] : cited["end"]] == cited["quote"]
    assert answer["outcome"] == "extracted"


def test_words_of_a_question_need_no_quotation_marks(run):
    joined = run("search", "유급휴가는 며칠", "--json").stdout
    assert run("search", "유급휴가는", "며칠", "--json").stdout == joined
    assert json.loads(joined)["query"] == "유급휴가는 며칠"


def test_a_search_shows_more_of_the_document_around_each_hit_where_it_is_asked_to(run):
    question = ("search", "年次有給休暇は最大で何日", "--top-k", "1", "--json")
    plain = json.loads(run(*question).stdout)["hits"][0]["chunk"]
    grown = json.loads(run(*question, "--context", "neighbours").stdout)["hits"][0]["chunk"]
    text = DOCUMENTS["規程/休暇.md"]
    assert (grown["id"], plain["parts"]) == (plain["id"], [])
    assert plain["id"] in {one["id"] for one in grown["parts"]} and len(grown["parts"]) == 2
    assert text[plain["start"] : plain["end"]] in grown["text"] == text[grown["start"] : grown["end"]]


def test_a_question_is_read_from_standard_input(run):
    assert "十五天" in run("ask", "-", input="员工年假有几天?".encode()).stdout


def test_a_question_in_another_encoding_is_no_failure(run):
    run("search", "-", input="有給休暇は何日".encode("cp932"))


def test_a_question_with_bytes_that_are_no_text_is_no_failure(data_dir):
    env = {**os.environ, "CJKRAG_DATA_DIR": str(data_dir), "CJKRAG_COLLECTION": "docs"}
    argv = [sys.executable, "-m", "ui", "search", b"\xff\xfe\xe4\xbc\x91\xe6\x9a\x87\x80", "--json"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["query"].count("\ufffd") == 3


@pytest.mark.parametrize("question", ["", "  ", "\u3000"])
def test_an_empty_question_is_refused(run, question):
    assert "empty" in run("ask", question, code=7).stderr


def test_a_question_of_a_megabyte_is_refused(run):
    assert "limit" in run("ask", "-", input=b"a" * 1_000_000, code=7).stderr


def test_asking_a_collection_that_is_not_there_says_what_to_do(run):
    result = run("ask", "x", "-c", "nothing", code=3)
    assert "cjkrag ingest FOLDER --collection nothing" in result.stderr
    assert "docs" in result.stderr
    assert result.stdout == ""


def test_an_error_under_json_is_an_object_on_stdout_and_a_line_on_stderr(run):
    result = run("search", "x", "-c", "nothing", "--json", code=3)
    error = json.loads(result.stdout)["error"]
    assert (error["type"], error["exit_code"], error["facts"]) == (
        "IndexMissing",
        3,
        {"collection": "nothing"},
    )
    assert result.stderr.startswith("cjkrag: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "x", "--set", "retrieve.nothing=1"], "retrieve.nothing"),
        (["ask", "x", "--set", "nonsense"], "KEY=VALUE"),
        (["ask", "x", "--mode", "magic"], "retrieve.mode"),
        (["ask", "x", "--top-k", "0"], "retrieve.top_k"),
        (["search", "x", "--context", "page"], "neighbours"),
        (["ask", "x", "--set", "answer.context=page"], "answer.context"),
        (["ask", "x", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["ask", "x", "--profile", "nothing"], "nothing"),
        (["ask", "x", "-c", "a\nb"], "collection"),
        (["ingest", "no/such/folder"], "no/such/folder"),
        (["serve", "--host", "0.0.0.0"], "--allow-public"),
        (["chat", "--host", "0.0.0.0"], "--allow-public"),
        (["nothing"], "nothing"),
    ],
)
def test_wrong_usage_and_wrong_configuration_exit_with_2_and_name_the_cause(run, arguments, told):
    assert told in run(*arguments, code=2).stderr


def test_an_index_of_other_models_exits_with_3_and_says_how_to_index_again(run):
    assert "--rebuild" in run("ask", "x", "--set", "embed.dimension=64", code=3).stderr


def test_a_collection_is_made_by_ingest_and_found_by_ask(run, folder):
    report = json.loads(run("ingest", str(folder), "-c", "新しい", "--json").stdout)
    assert report["counts"]["indexed"] == len(DOCUMENTS)
    again = json.loads(run("ingest", str(folder), "-c", "新しい", "--json").stdout)
    assert again["counts"]["unchanged"] == len(DOCUMENTS)
    assert "二十日" in run("ask", "有給休暇は最大で何日ですか", "-c", "新しい").stdout


def test_a_folder_that_is_not_there_makes_no_collection(run, data_dir):
    run("ingest", "no/such/folder", "-c", "never", code=2)
    assert [one["name"] for one in json.loads(run("collections", "--json").stdout)] == ["docs"]


def test_files_that_cannot_be_read_are_named_and_the_rest_is_indexed(run, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text("社員食堂は正午に開く。", "utf-8")
    (tmp_path / "in" / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    result = run("ingest", str(tmp_path / "in"), "-c", "mixed", code=6)
    assert "bad.pdf" in result.stdout
    assert "社員食堂" in run("ask", "社員食堂はいつ開く?", "-c", "mixed").stdout


def test_another_chunk_size_is_refused_until_the_index_is_built_anew(run, folder):
    run("ingest", str(folder), "--set", "chunk.tokens=64", code=3)
    run("ingest", str(folder), "--set", "chunk.tokens=64", "--rebuild")
    run("ask", "有給休暇", "--set", "chunk.tokens=64")


def test_documents_are_listed_and_forgotten(run):
    assert {one["name"] for one in json.loads(run("documents", "--json").stdout)} == set(DOCUMENTS)
    assert "制度.txt" in run("documents").stdout
    run("delete", "制度.txt")
    assert {one["name"] for one in json.loads(run("documents", "--json").stdout)} == set(DOCUMENTS) - {
        "制度.txt"
    }
    assert "制度.txt" not in run("search", "带薪年假").stdout
    run("delete", "制度.txt", code=6)


def test_what_is_exported_stands_in_the_documents_in_order(run):
    lines = [json.loads(line) for line in run("export", "docs", "--jsonl").stdout.splitlines()]
    assert {one["document"] for one in lines} == set(DOCUMENTS)
    assert lines == sorted(lines, key=lambda one: (one["document"], one["start"]))
    assert list(lines[0])[:5] == ["id", "document", "start", "end", "text"]
    for one in lines:
        assert DOCUMENTS[one["document"]][one["start"] : one["end"]] == one["text"]


def test_collections_are_listed_with_their_counts(run):
    (one,) = json.loads(run("collections", "--json").stdout)
    assert (one["name"], one["documents"], one["owner"]) == ("docs", len(DOCUMENTS), None)
    assert one["chunks"] >= len(DOCUMENTS)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", "年次有給休暇は、最大で二十日とする。届け出は前日までに行うものとする。\n"),
        ("cp949", "유급휴가는 일 년에 열다섯 날이며, 신청은 하루 전까지 한다.\n"),
        ("gb18030", "员工每年享有十五天带薪年假,报销须在十五个工作日内提交。\n"),
        ("cp950", "預約後超過十五分鐘未到者,系統會自動取消該次預約。\n"),
        ("utf-16", "年次有給休暇は、最大で二十日とする。\n"),
    ],
)
def test_a_file_is_shown_as_it_was_read(run, tmp_path, encoding, text):
    file = tmp_path / "file.txt"
    file.write_bytes(text.encode(encoding))
    assert run("show", str(file), "--text").stdout.strip() == text.strip()
    card = json.loads(run("show", str(file), "--text", "--json").stdout)
    assert (card["text"].strip(), card["outcome"]) == (text.strip(), "read")
    assert "text" not in json.loads(run("show", str(file), "--json").stdout)


def test_a_file_that_cannot_be_read_is_shown_with_its_cause(run, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    assert "empty.txt" in run("show", str(tmp_path / "empty.txt"), code=6).stderr
    card = json.loads(run("show", str(tmp_path / "empty.txt"), "--json", code=6).stdout)
    assert (card["outcome"], card["code"]) == ("failed", "empty")


def test_a_setting_of_a_flag_that_was_not_given_is_taken_from_set():
    given = Run(set=("serve.chat_port=8600", "collection=規程"))
    assert given.settings(serve__chat_port=None).serve.chat_port == 8600
    assert given.settings(serve__chat_port=9).serve.chat_port == 9
    assert given.settings().collection == "規程"


def test_config_shows_every_setting_with_its_origin(run, tmp_path):
    (tmp_path / "my.yaml").write_text("retrieve: {top_k: 5}\n", "utf-8")
    told = json.loads(
        run("config", "--config", str(tmp_path / "my.yaml"), "--set", "chunk.tokens=128", "--json").stdout
    )
    by_key = {one["key"]: one for one in told}
    assert by_key.keys() == dict(flatten(load(environ={}))).keys()
    assert (by_key["retrieve.top_k"]["value"], by_key["retrieve.top_k"]["origin"]) == (
        5,
        str(tmp_path / "my.yaml"),
    )
    assert (by_key["chunk.tokens"]["value"], by_key["chunk.tokens"]["origin"]) == (128, "flag")
    assert by_key["collection"]["value"] == "docs"
    assert by_key["answer.model"]["origin"] == "default"


def test_what_config_prints_as_yaml_is_the_same_configuration_again(run, tmp_path):
    text = run("config", "--yaml", "--set", "retrieve.top_k=5", "--set", "ingest.encoding=cp949").stdout
    (tmp_path / "again.yaml").write_text(text, "utf-8")
    again = load(tmp_path / "again.yaml", environ={})
    assert (again.retrieve.top_k, again.ingest.encoding, again.collection) == (5, "cp949", "docs")


def test_retrieval_is_measured_on_a_beir_folder(run, tmp_path):
    (tmp_path / "qrels").mkdir()
    lines = [json.dumps({"_id": name, "text": text}, ensure_ascii=False) for name, text in DOCUMENTS.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "带薪年假"}), "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t制度.txt\t1\n", "utf-8")
    found = json.loads(run("eval", "retrieval", str(tmp_path), "--mode", "lexical", "--json").stdout)
    assert found["nDCG@10"] == found["hit@1"] == found["recall@10"] == found["MRR@10"] == 1.0
    assert found["queries_per_second"] > 0
    assert found["mode"] == "lexical"


def test_known_models_are_listed_by_kind_and_language(run):
    found = json.loads(run("models", "list", "--kind", "reranker", "--lang", "ja", "--json").stdout)
    assert found
    assert all(one["kind"] == "reranker" and "ja" in one["languages"] for one in found)
    assert "intfloat/multilingual-e5-small" in run("models", "list").stdout
    run("models", "list", "--lang", "xx", code=2)


def test_a_healthy_collection_is_found_healthy(run):
    findings = json.loads(run("doctor", "--json").stdout)
    assert not [one for one in findings if one["level"] == "ill"]
    assert "healthy" in run("doctor").stdout
    (sizes,) = [one["facts"] for one in findings if "tokens" in one["facts"]]
    assert sum(sizes["tokens"].values()) > 0
    assert max(map(int, sizes["tokens"])) <= sizes["budget"] <= sizes["room"]


def test_a_collection_that_lost_points_is_found_ill(run, settings):
    from rag.assemble import open_engine

    with open_engine(settings) as engine:
        chunk, _ = next(iter(engine.store.scroll()))
        engine.store.delete(chunk.doc_id)
    assert "--rebuild" in run("doctor", code=4).stdout


def test_every_error_has_an_exit_code_that_the_help_explains():
    kinds = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.CjkRagError)
    ]
    explained = {int(line.split()[0]) for line in EPILOG.splitlines() if line[:3].strip().isdigit()}
    assert {one.exit_code for one in kinds} <= explained
    assert explained == set(range(8))


HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "langchain",
    "langchain_core",
    "streamlit",
    "fastapi",
    "chromadb",
)


def imported(*arguments: str, **env: str) -> set[str]:
    code = f"""
import sys
sys.argv = ["cjkrag", *{list(arguments)!r}]
from ui.cli import main
try:
    main()
except SystemExit as left:
    assert not left.code, left.code
finally:
    sys.stderr.write(" ".join(name for name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(done.stderr.split())


def test_help_imports_nothing_heavy():
    assert imported("--help").isdisjoint({*HEAVY, "numpy", "pydantic", "rich", "httpx"})


def test_asking_offline_imports_no_model_library_and_no_chain(data_dir):
    seen = imported("ask", "年次有給休暇は?", CJKRAG_DATA_DIR=str(data_dir), CJKRAG_COLLECTION="docs")
    assert "rag.engine" in seen
    assert seen.isdisjoint({*HEAVY, "httpx"})


def test_output_into_a_pipe_that_closes_is_quiet(data_dir):
    env = {**os.environ, "CJKRAG_DATA_DIR": str(data_dir), "CJKRAG_COLLECTION": "docs"}
    line = f"{sys.executable} -m ui config | head -n 1"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    assert "key" in done.stdout


def test_output_is_utf_8_whatever_the_locale(data_dir):
    env = {**os.environ, "CJKRAG_DATA_DIR": str(data_dir), "CJKRAG_COLLECTION": "docs"}
    env |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    argv = [sys.executable, "-m", "ui", "documents"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, check=True)
    assert "規程/休暇.md" in done.stdout.decode("utf-8")
