"""Floors of retrieval quality on public development sets; they live beside the checkout, not in it."""

from functools import cache
from pathlib import Path

import pytest

from rag.assemble import embedder
from rag.evaluate.qrels import read_beir
from rag.evaluate.retrieval import Parts, evaluate_index, index_corpus
from rag.settings import load
from rag.stores.memory import MemoryStore

SETS = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval"
LEXICAL = {
    "cmrc2018-chunk-zh": 0.845,
    "jsquad-valid-ja": 0.945,
    "korquad-chunk-ko-dev": 0.895,
    "techdocs-q_ko-p_ko": 0.42,
}
CROSS_LINGUAL = {"techdocs-q_ja-p_en": 0.25, "techdocs-q_en-p_ko": 0.25}

pytestmark = pytest.mark.skipif(not SETS.is_dir(), reason="needs the folder shared beside the checkout")


@cache
def figures(name: str) -> dict[str, float]:
    """nDCG@10 by mode."""
    settings = load(environ={})
    parts = Parts(embedder(settings), lambda: MemoryStore(embedder(settings).dimension))
    beir = read_beir(SETS / name)
    index = index_corpus(beir, parts, settings=settings)
    return {
        mode: evaluate_index(beir, index, parts, mode=mode, settings=settings).to_json()["nDCG@10"]
        for mode in ("lexical", "hybrid")
    }


@pytest.mark.parametrize("name", LEXICAL)
def test_the_lexical_leg_alone_stays_above_its_floor(name):
    assert figures(name)["lexical"] >= LEXICAL[name]


@pytest.mark.parametrize("name", LEXICAL)
def test_hybrid_is_not_below_lexical(name):
    assert figures(name)["hybrid"] >= figures(name)["lexical"] - 0.005


@pytest.mark.parametrize("name", CROSS_LINGUAL)
def test_a_question_in_another_language_finds_what_words_cannot(name):
    assert figures(name)["hybrid"] >= max(CROSS_LINGUAL[name], figures(name)["lexical"] + 0.05)
