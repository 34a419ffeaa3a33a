from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import errors
from rag.errors import CjkRagError, DocumentError, GenerationError, IndexMismatch, IndexMissing, StoreLocked
from rag.types import Answer, Chunk, Citation, Delta, Hit, Part, Stage, Turn
from ui import wire
from ui.api.problems import problem

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
langs = st.sampled_from(["zh-Hans", "zh-Hant", "ja", "ko", "en", "und"])
numbers = st.integers(0, 10_000)
scores = st.floats(-1e6, 1e6)
chunks = st.builds(
    Chunk,
    id=texts,
    doc_id=texts,
    document=texts,
    text=texts,
    start=numbers,
    end=numbers,
    headings=st.lists(texts, max_size=3).map(tuple),
    page=st.none() | numbers,
    lang=langs,
    meta=st.dictionaries(texts, texts | numbers, max_size=2),
    section=st.none() | st.tuples(numbers, numbers),
    previous=texts,
    next=texts,
    gap=texts,
    parts=st.lists(
        st.builds(Part, texts, numbers, st.none() | numbers, st.lists(texts, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
)
stages = st.builds(Stage, texts, st.none() | numbers, scores)
rankings = st.lists(st.builds(Hit, chunks, scores, st.lists(stages, max_size=2).map(tuple)), max_size=3).map(
    tuple
)
matches = st.sampled_from(["exact", "folded", "support"])
citations = st.builds(Citation, chunks, numbers, numbers, texts, numbers, matches)
answers = st.builds(
    Answer,
    text=texts,
    citations=st.lists(citations, max_size=2).map(tuple),
    ranking=rankings,
    model=texts,
    outcome=st.sampled_from(["answered", "extracted", "abstained", "failed"]),
    lang=langs,
    notice=texts,
)


def travelled(data):
    return json.loads(json.dumps(data))


@given(rankings)
def test_a_ranking_comes_back_from_json_as_it_was(ranking):
    assert wire.ranking_from_json(travelled(wire.ranking_to_json(ranking))) == ranking


@given(answers)
def test_an_answer_comes_back_from_json_as_it_was(answer):
    assert wire.answer_from_json(travelled(wire.answer_to_json(answer))) == answer


@given(st.lists(st.builds(Turn, texts, texts), max_size=3))
def test_a_conversation_comes_back_from_json_as_it_was(history):
    assert wire.turns_from_json(travelled(wire.turns_to_json(history))) == tuple(history)


@given(answers | st.builds(Delta, texts))
def test_a_streamed_event_comes_back_as_it_was(event):
    name, data = wire.event_to_json(event)
    assert wire.event_from_json(name, travelled(data)) == event


def test_hits_are_ranked_from_one():
    ranking = tuple(Hit(Chunk(str(n), "d", "d", "", 0, 0), -n) for n in range(3))
    assert [one["rank"] for one in wire.ranking_to_json(ranking)] == [1, 2, 3]


ERRORS = [
    IndexMissing("社内規程", ("examples",)),
    IndexMismatch("docs", {"embedder": "a"}, {"embedder": "b"}),
    StoreLocked("somewhere", 12, "http://127.0.0.1:9"),
    GenerationError("timeout", "no word for 60 s"),
    DocumentError("資料.txt", "empty", "has no bytes"),
    errors.QueryError("empty"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_an_error_comes_back_as_its_kind_with_message_and_facts(error):
    back = wire.error_from_problem(travelled(problem(error, trusted=True)))
    assert type(back) is type(error)
    assert (str(back), back.exit_code) == (str(error), error.exit_code)
    assert travelled(vars(back)) == travelled(vars(error))


def test_a_kind_of_error_that_nobody_knows_comes_back_as_the_root():
    back = wire.error_from_problem({"type": "urn:cjkrag:os", "detail": "?"})
    assert type(back) is CjkRagError


def test_an_error_event_is_raised():
    with pytest.raises(GenerationError, match="60 s"):
        wire.event_from_json("error", problem(GenerationError("timeout", "no word for 60 s"), trusted=True))
