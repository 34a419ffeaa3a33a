"""The whole measurement on a tiny collection in five languages."""

import json

import pytest

from rag.errors import ConfigError, DocumentError, QueryError
from rag.evaluate.qrels import read_beir
from rag.evaluate.retrieval import (
    Parts,
    bm25_for,
    evaluate_index,
    evaluate_retrieval,
    index_corpus,
)
from rag.settings import LexicalSettings, RetrieveSettings, Settings
from rag.stores.memory import MemoryStore
from rag.stores.qdrant_edge import QdrantEdgeStore
from rag.text.analyse import terms
from tests.evaluate.test_qrels import jsonl, make
from tests.retrieve.world import PASSAGES, BigramEmbedder, WordReranker

QUERIES = {
    "q-hans": ("年假共有几天？", "c1"),
    "q-hant": ("特休假共有幾天？", "t1"),
    "q-ja": ("有給休暇は何日ですか", "j1"),
    "q-ko": ("유급휴가는 며칠인가요?", "k1"),
    "q-en": ("How many days is paid leave?", "e1"),
}
KEYS = {"nDCG@10", "hit@1", "recall@10", "MRR@10", "seconds", "queries_per_second"}


@pytest.fixture
def folder(tmp_path):
    passages = [pair for group in PASSAGES.values() for pair in group.items()]
    corpus = jsonl([{"_id": key, "title": "", "text": text} for key, text in passages])
    queries = jsonl([{"_id": key, "text": text} for key, (text, _) in QUERIES.items()])
    qrels = "".join(f"{key}\t{gold}\t1\n" for key, (_, gold) in QUERIES.items())
    return make(tmp_path / "tiny", corpus=corpus, queries=queries, qrels=qrels)


def parts(**changes):
    return Parts(**{"embedder": BigramEmbedder(), "store": lambda: MemoryStore(256), **changes})


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid", "reranked"])
def test_every_mode_finds_every_passage_and_says_so_in_its_keys(folder, mode):
    found = evaluate_retrieval(folder, parts(reranker=WordReranker("休")), mode=mode)
    report = found.to_json()
    assert report.keys() >= KEYS
    assert json.loads(json.dumps(report)) == report
    assert (report["folder"], report["mode"], report["queries"], report["corpus"]) == ("tiny", mode, 5, 12)
    assert report["recall@10"] == 1.0
    assert report["missing"] == 0
    assert report["reranker"] == ("word" if mode == "reranked" else None)


def test_a_run_that_is_right_scores_one(folder):
    found = evaluate_retrieval(folder, parts(), mode="lexical")
    assert [hits[0][0] for hits in found.run.values()] == [gold for _, gold in QUERIES.values()]
    assert found.figures.to_json() == {"nDCG@10": 1.0, "hit@1": 1.0, "recall@10": 1.0, "MRR@10": 1.0}


def test_figures_are_given_per_language_of_the_query(folder):
    languages = evaluate_retrieval(folder, parts(), mode="hybrid").to_json()["languages"]
    assert sum(one["queries"] for one in languages.values()) == 5
    assert {"ja", "ko", "en"} <= languages.keys()


def test_lexical_mode_embeds_nothing(folder):
    class Unwilling(BigramEmbedder):
        def encode_passages(self, texts):
            raise AssertionError("a passage was embedded")

    assert evaluate_retrieval(folder, parts(embedder=Unwilling()), mode="lexical").figures.ndcg_at_10 == 1.0


def test_queries_are_encoded_once_each(folder):
    embedder = BigramEmbedder()
    evaluate_retrieval(folder, parts(embedder=embedder), mode="hybrid")
    assert embedder.asked == [text for text, _ in QUERIES.values()]


def test_the_embedded_store_measures_what_the_memory_store_does(folder, tmp_path):
    memory = evaluate_retrieval(folder, parts(), mode="hybrid")
    edge = evaluate_retrieval(
        folder, parts(store=lambda: QdrantEdgeStore(tmp_path / "store", 256)), mode="hybrid"
    )
    assert edge.figures == memory.figures
    assert {key: [one for one, _ in hits] for key, hits in edge.run.items()} == {
        key: [one for one, _ in hits] for key, hits in memory.run.items()
    }


def test_one_index_serves_all_modes_and_gives_what_each_gives_alone(folder):
    beir, settings = read_beir(folder), Settings()
    index = index_corpus(beir, parts(), settings=settings)
    for mode in ("lexical", "dense", "hybrid"):
        shared = evaluate_index(beir, index, parts(), mode=mode, settings=settings)
        assert shared.run == evaluate_retrieval(folder, parts(), mode=mode).run


def test_titles_are_searched_as_headings(tmp_path):
    corpus = jsonl(
        [
            {"_id": "a", "title": "有給休暇", "text": "年に二十日。"},
            {"_id": "b", "title": "", "text": "経費の精算。"},
        ]
    )
    queries = jsonl([{"_id": "q", "text": "有給休暇"}])
    folder = make(tmp_path, corpus=corpus, queries=queries, qrels="q\ta\t1\n")
    assert evaluate_retrieval(folder, parts(), mode="lexical").figures.hit_at_1 == 1.0


def test_the_average_length_is_measured_on_the_corpus_unless_it_is_set(folder):
    lengths = [len(terms(text, lang)) for lang, group in PASSAGES.items() for text in group.values()]
    beir = read_beir(folder)
    measured = bm25_for(beir, LexicalSettings()).average_length
    assert measured == pytest.approx(sum(lengths) / len(lengths), rel=0.1)
    assert bm25_for(beir, LexicalSettings(average_length=77)).average_length == 77


def test_settings_reach_the_retriever(folder):
    settings = Settings(retrieve=RetrieveSettings(depth=7))
    assert "depth=7" in evaluate_retrieval(folder, parts(), mode="hybrid", settings=settings).retriever


def test_passages_that_the_corpus_does_not_hold_are_counted(folder):
    with (folder / "qrels.tsv").open("a", encoding="utf-8") as file:
        file.write("q-ja\tnowhere\t1\n")
    found = evaluate_retrieval(folder, parts(), mode="lexical")
    assert found.missing == 1
    assert found.figures.recall_at_10 == pytest.approx((4 + 0.5) / 5)


def test_progress_counts_every_passage_and_query(folder):
    told = []
    evaluate_retrieval(folder, parts(), mode="lexical", progress=lambda what, more: told.append((what, more)))
    assert sum(more for what, more in told if what == "passages") == 12
    assert sum(more for what, more in told if what == "queries") == 5


def test_an_empty_corpus_is_refused_and_the_store_closed(folder):
    (folder / "corpus.jsonl").write_text("", "utf-8")
    closed = []

    class Store(MemoryStore):
        def close(self):
            closed.append(True)

    with pytest.raises(DocumentError, match="no passage"):
        evaluate_retrieval(folder, parts(store=lambda: Store(256)), mode="lexical")
    assert closed


def test_an_empty_query_is_named(folder):
    (folder / "queries.jsonl").write_text(jsonl([{"_id": key, "text": " "} for key in QUERIES]), "utf-8")
    with pytest.raises(QueryError, match="query 'q-hans'"):
        evaluate_retrieval(folder, parts(), mode="lexical")


def test_reranked_without_a_cross_encoder_says_what_to_set(folder):
    with pytest.raises(ConfigError, match=r"retrieve\.rerank\.model"):
        evaluate_retrieval(folder, parts(), mode="reranked")
