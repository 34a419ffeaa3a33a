"""Reading test collections: layouts, and what is said of damaged ones."""

import gzip
import json

import pytest

from rag.errors import ConfigError, DocumentError
from rag.evaluate.qrels import Passage, read_beir

CORPUS = [
    {"_id": "d1", "title": "有給休暇", "text": "年に二十日です。"},
    {"_id": "d2", "title": "", "text": "유급휴가는 열다섯 일이다."},
    {"_id": 3, "text": "年假共有十五天。"},
]
QUERIES = [
    {"_id": "q1", "text": "有給休暇は何日？"},
    {"_id": "q2", "text": "年假"},
    {"_id": "q3", "text": "無関係"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\t3\t2\nq3\td2\t0\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def jsonl(records):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def make(folder, *, corpus=None, queries=None, qrels=QRELS, ending="", qrels_name="qrels.tsv"):
    write(folder / f"corpus.jsonl{ending}", jsonl(CORPUS) if corpus is None else corpus)
    write(folder / f"queries.jsonl{ending}", jsonl(QUERIES) if queries is None else queries)
    write(folder / f"{qrels_name}{ending}", qrels)
    return folder


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("qrels_name", ["qrels.tsv", "qrels/test.tsv"])
def test_plain_and_gzip_files_and_both_places_of_qrels_read_the_same(tmp_path, ending, qrels_name):
    beir = read_beir(make(tmp_path, ending=ending, qrels_name=qrels_name))
    assert list(beir.corpus()) == [
        Passage("d1", "有給休暇", "年に二十日です。"),
        Passage("d2", "", "유급휴가는 열다섯 일이다."),
        Passage("3", "", "年假共有十五天。"),
    ]
    assert beir.queries == {"q1": "有給休暇は何日？", "q2": "年假"}
    assert beir.qrels == {"q1": {"d1": 1}, "q2": {"3": 2}}


def test_the_corpus_can_be_read_twice(tmp_path):
    beir = read_beir(make(tmp_path))
    assert list(beir.corpus()) == list(beir.corpus())


@pytest.mark.parametrize(
    "qrels",
    [
        "q1\td1\t1\nq2\t3\t2\n",
        "q1 0 d1 1\nq2 0 3 2\n",
        "q1\tQ0\td1\t1\r\nq2\tQ0\t3\t2\r\n",
        "\ufeffquery-id\tcorpus-id\tscore\n\nq1\td1\t1\nq2\t3\t2",
    ],
)
def test_qrels_have_three_or_four_columns_with_or_without_a_header(tmp_path, qrels):
    assert read_beir(make(tmp_path, qrels=qrels)).qrels == {"q1": {"d1": 1}, "q2": {"3": 2}}


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nowhere: there is no such folder"):
        read_beir(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("gone", "named"),
    [("corpus.jsonl", "corpus.jsonl"), ("queries.jsonl", "queries.jsonl"), ("qrels.tsv", "qrels/test.tsv")],
)
def test_a_missing_file_is_named(tmp_path, gone, named):
    make(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(ConfigError, match=named):
        read_beir(tmp_path)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"queries": '{"_id": "q1", "text": "あ"}\n{"_id": "q2",\n'}, r"queries\.jsonl: line 2: not JSON"),
        ({"queries": '{"_id": "q1"}\n'}, r'line 1: expected an object with "_id" and "text"'),
        ({"queries": '["q1", "text"]\n'}, r'line 1: expected an object with "_id" and "text"'),
        ({"queries": '{"text": "あ"}\n'}, r'line 1: "_id" is a text or a number, found None'),
        ({"queries": jsonl([QUERIES[0], *QUERIES])}, r"line 2: \"_id\" 'q1' stands there twice"),
        ({"qrels": "q1\td1\t1\nq2\t3\tyes\n"}, r"qrels\.tsv: line 2: the last column is a whole number"),
        ({"qrels": "query\n"}, "line 1: expected 3 or 4 columns, found 1"),
        ({"qrels": "q9\td1\t1\n"}, r"query 'q9' is not in queries\.jsonl"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path, broken, message):
    with pytest.raises(DocumentError, match=message) as caught:
        read_beir(make(tmp_path, **broken))
    assert caught.value.code == "malformed"


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ('{"_id": "d1", "text": "あ"}\n\nnothing\n', r"corpus\.jsonl: line 3: not JSON"),
        ('{"_id": "d1", "text": "あ", "title": 7}\n', r'line 1: "title" is a text, found 7'),
        ('{"_id": "d1", "text": "あ"}\n{"_id": "d1", "text": "い"}\n', "line 2: .* stands there twice"),
    ],
)
def test_a_malformed_corpus_is_said_when_it_is_read(tmp_path, corpus, message):
    with pytest.raises(DocumentError, match=message):
        list(read_beir(make(tmp_path, corpus=corpus)).corpus())


def test_a_damaged_gzip_file_is_said(tmp_path):
    make(tmp_path, ending=".gz")
    path = tmp_path / "queries.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DocumentError, match="cannot be read") as caught:
        read_beir(tmp_path)
    assert caught.value.code == "unreadable"


def test_a_file_that_is_not_utf8_is_said(tmp_path):
    make(tmp_path)
    (tmp_path / "queries.jsonl").write_bytes('{"_id": "q1", "text": "年"}'.encode("shift_jis"))
    with pytest.raises(DocumentError, match="cannot be read"):
        read_beir(tmp_path)


def test_qrels_without_a_relevant_passage_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no query has a relevant passage"):
        read_beir(make(tmp_path, qrels="q1\td1\t0\n"))
