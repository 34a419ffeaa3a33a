"""Real questions over real encyclopaedia articles, where the data lies beside the repository."""

import json
import tarfile
from pathlib import Path

import pytest

from rag.answer.answerer import answer
from rag.answer.extract import Extractive
from rag.retrieve.pipeline import build
from rag.stores.memory import MemoryStore
from rag.text.analyse import Bm25
from rag.text.language import detect
from rag.text.query import as_query
from rag.text.sentences import sentences
from rag.types import Chunk, Point
from tests.retrieve.world import BigramEmbedder

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "eval-docs"
SETS = ("cmrc2018-zh", "drcd-dev-zh-hant", "jsquad-valid-ja", "korquad-dev-ko")
DOCUMENTS, QUESTIONS = 24, 30


def pieces(name, text, length=400):
    """Chunks of whole sentences, about ``length`` characters each."""
    lang = detect(text)
    start = 0
    spans = sentences(text, lang)
    for number, (_, end) in enumerate(spans):
        if end - start >= length or number == len(spans) - 1:
            yield Chunk(f"{name}-{start}", name, name, text[start:end], start, end, lang=lang)
            start = spans[number + 1][0] if number + 1 < len(spans) else end


@pytest.fixture(scope="module")
def asked():
    """Questions of all languages, each with its ranking."""
    missing = [name for name in SETS if not (DATA / f"{name}.tar.gz").is_file()]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not beside the repository")
    return [one for name in SETS for one in rankings(name)]


def rankings(name):
    with tarfile.open(DATA / f"{name}.tar.gz") as tar:
        lines = tar.extractfile(f"{name}/questions.jsonl").read().decode("utf-8").splitlines()
        questions = [json.loads(line) for line in lines]
        names = list(dict.fromkeys(question["doc"] for question in questions))[:DOCUMENTS]
        texts = {one: tar.extractfile(f"{name}/docs/{one}").read().decode("utf-8") for one in names}
    embedder, analyser = BigramEmbedder(), Bm25()
    kept = [piece for one, text in texts.items() for piece in pieces(one, text)]
    rows = embedder.encode_passages([one.text for one in kept])
    terms = analyser.passages([one.text for one in kept], [one.lang for one in kept])
    store = MemoryStore(embedder.dimension)
    store.upsert([Point(*parts) for parts in zip(kept, ["g"] * len(kept), rows, terms, strict=True)])
    chosen = [question for question in questions if question["doc"] in texts][:QUESTIONS]
    queries = [as_query(question["question"]) for question in chosen]
    found = build("lexical", store, embedder, analyser)(queries, top_k=100)
    return zip(chosen, queries, found, strict=True)


def squeezed(text):
    return "".join(text.split())


def test_most_questions_are_answered_by_the_first_quotation_and_more_by_any(asked):
    first = some = silent = 0
    for question, query, ranking in asked:
        found = answer(Extractive(), query, ranking[:8])
        quotes = [squeezed(one.quote) for one in found.citations]
        held = [squeezed(question["answer"]) in quote for quote in quotes]
        first, some, silent = first + any(held[:1]), some + any(held), silent + (not held)
    assert first >= 0.65 * len(asked) and some >= 0.75 * len(asked) and silent <= 0.08 * len(asked)


def test_most_questions_whose_document_is_missing_are_not_answered(asked):
    silent = 0
    for question, query, ranking in asked:
        without = tuple(hit for hit in ranking if hit.chunk.document != question["doc"])[:8]
        silent += answer(Extractive(), query, without).outcome == "abstained"
    assert silent >= 0.6 * len(asked)
