"""The retrievers on real parts: memory store and analysers, five languages."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from rag.errors import ConfigError, ModelError, QueryError
from rag.retrieve.dense import Dense
from rag.retrieve.fusion import Fused, RankFusion, ScoreFusion
from rag.retrieve.lexical import Lexical
from rag.retrieve.pipeline import build
from rag.retrieve.rerank import Reranked, squash
from rag.settings import FusionSettings, RetrieveSettings
from rag.types import Point, Sparse
from tests.retrieve.world import PASSAGES, WordReranker, World, ids, queries

QUESTIONS = {
    "年假有多少天？": "c1",
    "特休假可以請幾天？": "t1",
    "有給休暇は何日ありますか": "j1",
    "유급휴가는 며칠인가요?": "k1",
    "How many days of paid leave?": "e1",
}
MODES = ("lexical", "dense", "hybrid", "reranked")


@pytest.fixture
def world():
    return World()


def made(world, mode, **settings):
    reranker = WordReranker("休")
    return build(mode, world.store, world.embedder, world.analyser, reranker, RetrieveSettings(**settings))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("question", "gold"), QUESTIONS.items())
def test_every_mode_finds_the_passage_of_a_question_in_each_language(world, mode, question, gold):
    assert gold in ids(made(world, mode)(queries(question), top_k=2)[0])


@pytest.mark.parametrize("mode", MODES)
def test_a_batch_ranks_as_its_queries_do_one_by_one(world, mode):
    retriever = made(world, mode)
    together = retriever(queries(*QUESTIONS), top_k=5)
    assert together == [retriever(queries(one), top_k=5)[0] for one in QUESTIONS]


@pytest.mark.parametrize("mode", MODES)
def test_no_queries_bring_no_rankings(world, mode):
    assert made(world, mode)([], top_k=3) == []


@pytest.mark.parametrize("mode", MODES)
def test_rankings_are_best_first_without_doubles_and_no_longer_than_asked(world, mode):
    for ranking in made(world, mode)(queries(*QUESTIONS), top_k=4):
        assert 0 < len(ranking) <= 4
        assert len(set(ids(ranking))) == len(ranking)
        assert all(one.score >= two.score > 0 for one, two in pairwise(ranking))


@pytest.mark.parametrize("mode", MODES)
def test_a_shorter_ranking_begins_the_longer_one(world, mode):
    retriever = made(world, mode, depth=3)
    long, short = (retriever(queries("会議室の予約"), top_k=top_k)[0] for top_k in (3, 1))
    assert long[:1] == short


@pytest.mark.parametrize("mode", MODES)
def test_a_top_k_of_nothing_is_refused(world, mode):
    with pytest.raises(QueryError, match="at least 1, found 0"):
        made(world, mode)(queries("年假"), top_k=0)


@pytest.mark.parametrize("mode", MODES)
def test_hidden_generations_are_not_found_from_the_moment_they_are_hidden(world, mode):
    world.add("c1-new", "年假共有二十天，入职满一年后可以申请。", "zh-Hans", generation="g2")
    hidden = {"g2"}
    retriever = build(
        mode,
        world.store,
        world.embedder,
        world.analyser,
        WordReranker("年"),
        hidden=lambda: frozenset(hidden),
    )
    before = ids(retriever(queries("年假有多少天"), top_k=20)[0])
    hidden.remove("g2")
    after = ids(retriever(queries("年假有多少天"), top_k=20)[0])
    assert "c1" in before and "c1-new" not in before
    assert {"c1", "c1-new"} <= set(after)


def test_a_retriever_prints_itself_as_it_is_nested(world):
    legs = "(Dense('bigrams'), Lexical(" + repr(world.analyser.fingerprint) + "))"
    fused = f"Fused({legs}, by=ScoreFusion(alpha=0.25, foreign_alpha=1.0), depth=50)"
    settings = RetrieveSettings(depth=50, fusion=FusionSettings(alpha=0.25, foreign_alpha=1.0))
    printed = repr(
        build("reranked", world.store, world.embedder, world.analyser, WordReranker("年"), settings)
    )
    assert printed == f"Reranked({fused}, by='word', depth=20, weight=0.5)"


def test_a_retriever_cannot_be_changed(world):
    with pytest.raises(dataclasses.FrozenInstanceError):
        made(world, "hybrid").depth = 3


def test_a_query_is_encoded_once_for_both_legs(world):
    made(world, "reranked")(queries(*QUESTIONS), top_k=3)
    assert world.embedder.asked == [query.text for query in queries(*QUESTIONS)]


def test_lexical_hits_share_a_term_with_the_question(world):
    assert made(world, "lexical")(queries("zzzqqq"), top_k=10) == [()]


def test_an_identifier_is_found_by_its_letters(world):
    assert ids(made(world, "lexical")(queries("PPR-9087"), top_k=3)[0])[0] == "e2"


def test_where_no_term_is_shared_the_hybrid_is_the_dense_ranking(world):
    text = "zq"  # a bigram of no passage, but perhaps of a passage's bucket
    world.add("z1", "zqzq", "und")
    world.store.upsert([_without_terms(world, "z1")])
    hybrid, dense = (made(world, mode)(queries(text), top_k=10)[0] for mode in ("hybrid", "dense"))
    assert ids(dense)[0] == "z1"
    assert [(hit.chunk.id, hit.score) for hit in hybrid] == [(hit.chunk.id, hit.score) for hit in dense]


def _without_terms(world, key):
    chunk = world.store.get([key])[key]
    dense = world.embedder.encode_passages([chunk.passage])[0]
    nothing = Sparse(np.empty(0, np.uint32), np.empty(0, np.float32))
    return Point(chunk, "g1", dense, nothing)


def test_a_fused_score_is_bm25_over_its_top_and_the_cosine_of_every_candidate(world):
    fusion = FusionSettings(alpha=0.25, foreign_alpha=0.25)
    [ranking] = made(world, "hybrid", fusion=fusion)(queries("会议室预约"), top_k=20)
    [lexical] = made(world, "lexical")(queries("会议室预约"), top_k=1)
    assert len(ranking) > 3
    for hit in ranking:
        stages = {stage.name: stage for stage in hit.trace}
        words = stages["lexical"].score / lexical[0].score
        assert hit.score == pytest.approx((words + 0.25 * stages["dense"].score) / 1.25)
        assert hit.score == stages["fused"].score


def test_a_trace_says_the_rank_on_each_leg_and_none_where_it_was_not_ranked(world):
    retriever = made(world, "hybrid", depth=1)
    hits = retriever(queries("会議室はどこで予約できますか"), top_k=1)[0]
    deep = made(world, "hybrid", depth=100)(queries("会議室はどこで予約できますか"), top_k=20)[0]
    assert [stage.name for stage in hits[0].trace] == ["dense", "lexical", "fused"]
    assert [stage.rank for stage in hits[0].trace] == [1, 1, 1]
    unranked = [hit for hit in deep if _stage(hit, "lexical").rank is None]
    assert unranked
    assert all(_stage(hit, "lexical").score == 0.0 for hit in unranked)
    assert [_stage(hit, "fused").rank for hit in deep] == list(range(1, len(deep) + 1))


def _stage(hit, name):
    return next(stage for stage in hit.trace if stage.name == name)


def test_rank_fusion_ranks_by_the_legs_ranks_alone(world):
    fusion = FusionSettings(method="rrf", rrf_k=10, rrf_weights=(0.25, 0.75))
    for hit in made(world, "hybrid", fusion=fusion)(queries("会议室预约"), top_k=20)[0]:
        weights = {"dense": 0.25, "lexical": 0.75}
        terms = [weights[one.name] / (10 + one.rank) for one in hit.trace if one.name in weights]
        assert hit.score == pytest.approx(sum(terms))


def test_score_fusion_refuses_a_third_leg(world):
    dense = Dense(world.store, world.embedder)
    lexical = Lexical(world.store, world.analyser)
    fused = Fused((dense, dense, lexical), by=ScoreFusion())
    with pytest.raises(ConfigError, match="found 3 legs"):
        fused(queries("年假"), top_k=1)
    assert Fused((dense, dense, lexical), by=RankFusion())(queries("年假"), top_k=1)[0]


def test_a_reranker_lifts_what_it_likes_and_its_logit_is_in_the_trace(world):
    first = made(world, "hybrid")
    reranked = Reranked(first, by=WordReranker("经费"), depth=20, weight=0.5)
    loving = Reranked(first, by=WordReranker("报销"), depth=20, weight=5.0)
    question = queries("每月的会议室预约")
    assert ids(reranked(question, top_k=1)[0]) == ids(first(question, top_k=1)[0])
    hit = loving(question, top_k=1)[0][0]
    assert hit.chunk.id == "c2"
    assert (_stage(hit, "rerank").rank, _stage(hit, "rerank").score) == (1, 4.0)
    before = next(one for one in first(question, top_k=20)[0] if one.chunk.id == "c2")
    top = first(question, top_k=1)[0][0].score
    assert hit.score == pytest.approx(before.score / top + 5.0 * squash(4.0))


def test_only_the_head_is_reranked_and_the_tail_follows_in_its_order(world):
    first = made(world, "hybrid")
    reader = WordReranker("会")
    question = queries("会议室预约")
    plain = first(question, top_k=20)[0]
    ranked = Reranked(first, by=reader, depth=3, weight=0.5)(question, top_k=20)[0]
    assert len(reader.read) == 3
    assert ids(ranked[3:]) == ids(plain[3:])
    assert sorted(ids(ranked[:3])) == sorted(ids(plain[:3]))
    assert all(one.score >= two.score for one, two in pairwise(ranked))


def test_a_reranker_sees_the_headings_and_the_text(world):
    chunk = world.store.get(["c1"])["c1"]
    titled = dataclasses.replace(chunk, id="c9", headings=("员工手册", "休假"))
    dense = world.embedder.encode_passages([titled.passage])[0]
    sparse = world.analyser.passages([titled.passage], ["zh-Hans"])[0]
    world.store.upsert([Point(titled, "g1", dense, sparse)])
    reader = WordReranker("年")
    Reranked(made(world, "lexical"), by=reader)(queries("员工手册"), top_k=1)
    assert f"员工手册 > 休假\n{chunk.text}" in reader.read


@pytest.mark.parametrize("logits", [[], [float("nan")] * 3])
def test_scores_that_are_missing_or_not_numbers_are_an_error(world, logits):
    class Broken(WordReranker):
        def score(self, query, passages):
            return logits

    retriever = Reranked(made(world, "hybrid"), by=Broken("x"), depth=3)
    with pytest.raises(ModelError, match="expected 3 finite scores"):
        retriever(queries("会议室预约"), top_k=3)


def test_reranked_without_a_cross_encoder_says_what_to_set(world):
    with pytest.raises(ConfigError, match=r"retrieve\.rerank\.model"):
        build("reranked", world.store, world.embedder, world.analyser)


def test_an_unknown_mode_is_refused_by_name(world):
    with pytest.raises(ConfigError, match="found 'bm25'"):
        build("bm25", world.store, world.embedder, world.analyser)


def test_the_library_holds_what_the_questions_ask_for():
    assert set(QUESTIONS.values()) <= {key for passages in PASSAGES.values() for key in passages}
