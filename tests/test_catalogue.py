"""The catalogue of models: rows that are right, names that are found, licences that are kept."""

import logging
from pathlib import Path

import pytest

from rag import catalogue
from rag.catalogue import ModelCard
from rag.errors import ConfigError

ASKED_FOR = (
    "m3e-base",
    "m3e-small",
    "text2vec-base-chinese",
    "Dmeta-embedding-zh",
    "multilingual-e5-small",
    "multilingual-e5-base",
    "multilingual-e5-large",
    "LaBSE",
    "paraphrase-multilingual-mpnet-base-v2",
    "paraphrase-multilingual-MiniLM-L12-v2",
    "distiluse-base-multilingual-cased-v2",
    "ms-marco-MiniLM-L-12-v2",
    "bge-m3",
    "bge-small-zh-v1.5",
    "bge-base-zh-v1.5",
    "bge-large-zh-v1.5",
    "gte-small-zh",
    "gte-base-zh",
    "gte-large-zh",
    "Dmeta-embedding-zh-small",
    "ritrieve_zh_v1",
    "Conan-embedding-v1",
    "Youtu-Embedding",
    "ruri-v3-30m",
    "ruri-v3-70m",
    "ruri-v3-130m",
    "ruri-v3-310m",
    "sarashina-embedding-v2-1b",
    "comsat-embed-ja-0.3b-preview",
    "text-embedding-3-large",
    "dragonkue-KoEn-E5-Tiny",
    "multilingual-e5-small-ko",
    "multilingual-e5-small-ko-v2",
    "KoE5",
    "KURE-v1",
    "BGE-m3-ko",
    "snowflake-arctic-embed-l-v2.0-ko",
    "PIXIE-Rune-v1.5",
    "bekko-embedding-v1-a8m",
    "bekko-embedding-v1-a25m",
    "granite-embedding-97m-multilingual-r2",
    "embeddinggemma-300m",
    "gte-multilingual-base",
    "snowflake-arctic-embed-l-v2.0",
    "Qwen3-Embedding-0.6B",
    "Qwen3-Embedding-4B",
    "Qwen3-Embedding-8B",
    "pplx-embed-v1-0.6b",
    "harrier-oss-v1-0.6b",
    "Nemotron-3-Embed-1B-BF16",
    "mLateOn",
    "jina-embeddings-v3",
    "jina-embeddings-v5-text-nano",
    "jina-embeddings-v5-text-small",
    "text2vec-base-multilingual",
    "potion-multilingual-128M",
    "static-similarity-mrl-multilingual-v1",
    "japanese-reranker-xsmall-v2",
    "ruri-reranker-small",
    "ruri-reranker-base",
    "ruri-reranker-large",
    "bge-reranker-v2-m3",
    "bge-reranker-base",
    "gte-multilingual-reranker-base",
    "Qwen3-Reranker-0.6B",
    "Qwen3-Reranker-4B",
    "Qwen3-Reranker-8B",
    "jina-reranker-v2-base-multilingual",
    "jina-reranker-v3",
    "bge-reranker-v2-m3-ko",
)

ROWS = list(catalogue.cards().values())


def write(folder: Path, rows: str, sources: str = "{}") -> Path:
    path = folder / "models.yaml"
    path.write_text(f"sources: {sources}\nmodels:\n{rows}", "utf-8")
    return path


@pytest.mark.parametrize("name", ASKED_FOR)
def test_a_model_is_listed_under_its_short_name(name):
    card = catalogue.card(name)
    assert card is not None
    assert card.name.endswith(f"/{name}")


def test_the_bundled_embedder_is_listed():
    card = catalogue.card("bundled")
    assert card is not None
    assert (card.kind, card.noncommercial) == ("embedder", False)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_consistent(row):
    assert row.name.count("/") == 1
    assert row.languages
    assert set(row.languages) <= {"zh", "ja", "ko", "en"}
    assert row.licence
    assert all(cut < (row.dimension or cut + 1) for cut in row.matryoshka)
    assert list(row.matryoshka) == sorted(row.matryoshka)
    assert (row.active_parameters or 0) <= (row.parameters or 10**12)
    assert row.kind == "embedder" or (row.pooling is None and row.query_prefix is None)
    assert row.listed


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_prefix_ends_where_the_text_may_begin(row):
    for prefix in (row.query_prefix, row.passage_prefix):
        assert prefix is None or prefix == "" or prefix[-1] in " :：", prefix


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_score_is_of_this_world_and_names_its_source(row):
    seen = [(score.source, score.set, score.metric) for score in row.scores]
    assert len(seen) == len(set(seen))
    for score in row.scores:
        assert -100 <= score.value <= 100
        assert score.set
        assert score.metric
        assert len(score.source) > 5


def test_licences_that_forbid_commerce_are_marked():
    for row in ROWS:
        assert row.noncommercial == any(sign in row.licence.lower() for sign in ("-nc", "non-commercial"))


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("cl-nagoya/ruri-v3-30m", "検索クエリ: ", "検索文書: "),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("BAAI/bge-m3", "", ""),
        ("google/embeddinggemma-300m", "task: search result | query: ", "title: none | text: "),
        ("microsoft/harrier-oss-v1-0.6b", None, ""),
    ],
)
def test_prefixes_are_those_of_the_model_cards(name, query, passage):
    card = catalogue.card(name)
    assert (card.query_prefix, card.passage_prefix) == (query, passage)


def test_an_instruction_keeps_its_line_break():
    assert "\nQuery:" in catalogue.card("Qwen3-Embedding-0.6B").query_prefix


@pytest.mark.parametrize(
    "name",
    [
        "BAAI/bge-m3",
        "baai/BGE-M3",
        "bge-m3",
        "/models/bge-m3",
        "/models/bge-m3/",
        "./bge-m3",
        "~/models/BAAI_bge-m3",
        "C:\\models\\bge-m3",
        "/home/me/.cache/huggingface/hub/models--BAAI--bge-m3/snapshots/5617a9f61b028005",
    ],
)
def test_a_card_is_found_by_name_short_name_and_folder(name):
    assert catalogue.card(name).name == "BAAI/bge-m3"


@pytest.mark.parametrize("name", ["someone/bge-m3", "bge-m4", "", "/", "/models/bge-m3/other", "法令/模型"])
def test_a_model_of_another_maker_has_no_card(name):
    assert catalogue.card(name) is None


def test_a_relative_folder_is_found_by_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "mine" / "bge-m3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert catalogue.card("mine/bge-m3").name == "BAAI/bge-m3"


def test_a_model_that_is_not_listed_gets_an_empty_card_and_a_note(caplog):
    with caplog.at_level(logging.INFO, "rag.catalogue"):
        card = catalogue.card_or_default("someone/new-model", "embedder")
    assert card == ModelCard(name="someone/new-model", kind="embedder", listed=False)
    assert "someone/new-model" in caplog.text


@pytest.mark.parametrize("name", ["jina-embeddings-v3", "m3e-base", "sarashina-embedding-v2-1b"])
def test_a_non_commercial_model_is_refused_unless_allowed(name):
    card = catalogue.card(name)
    with pytest.raises(ConfigError, match=r"embed\.allow_noncommercial"):
        catalogue.admit(card, noncommercial=False)
    catalogue.admit(card, noncommercial=True)


def test_a_non_commercial_reranker_names_its_own_setting():
    with pytest.raises(ConfigError, match=r"retrieve\.rerank\.allow_noncommercial"):
        catalogue.admit(catalogue.card("jina-reranker-v3"), noncommercial=False)


@pytest.mark.parametrize("name", ["text-embedding-3-large", "mLateOn"])
def test_a_model_that_another_library_loads_is_refused(name):
    with pytest.raises(ConfigError, match="cannot be loaded here"):
        catalogue.admit(catalogue.card(name), noncommercial=True)


@pytest.mark.parametrize("name", ["cjkrag/bundled-embedder", "cjkrag/bundled-reranker"])
def test_what_is_built_in_is_not_looked_for_elsewhere(name):
    with pytest.raises(ConfigError, match='its name in settings is "bundled"'):
        catalogue.admit(catalogue.card(name), noncommercial=False)


def test_a_model_for_english_alone_is_warned_of(caplog):
    catalogue.admit(catalogue.card("ms-marco-MiniLM-L-12-v2"), noncommercial=False)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "no Chinese, Japanese or Korean" in caplog.text


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("- {name: a/b}", "kind"),
        ("- {name: a/b, kind: embedder, prefix: x}", "prefix"),
        ("- {name: a/b, kind: embedder, dimension: 0}", "dimension"),
        ("- {name: a/b, kind: embedder, scores: {X: {A nDCG@10: 3}}}", "unknown sources"),
        ("- {name: a/b, kind: embedder}\n- {name: a/b, kind: embedder}", "twice"),
        ("- [", "not a catalogue"),
    ],
)
def test_a_wrong_row_is_refused_by_name(tmp_path, rows, told):
    with pytest.raises(ConfigError, match=told):
        catalogue.read(write(tmp_path, rows))


def test_a_score_takes_its_set_metric_and_source_from_the_file(tmp_path):
    rows = "- {name: a/b, kind: embedder, scores: {X: {MIRACL ja nDCG@10: 52.5}}}"
    (score,) = catalogue.read(write(tmp_path, rows, "{X: a paper}"))["a/b"].scores
    assert (score.set, score.metric, score.value, score.source) == ("MIRACL ja", "nDCG@10", 52.5, "a paper")
