"""Laws and worked cases of the pure fusion functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ConfigError
from rag.retrieve.fusion import ScoreFusion, foreignness, over_top, rrf, score_sum
from rag.types import Chunk, Query

IDS = [f"c{number}" for number in range(12)]
ranking = st.lists(st.sampled_from(IDS), unique=True, max_size=12)
rankings = st.lists(ranking, min_size=1, max_size=4)
cosines = st.dictionaries(st.sampled_from(IDS), st.floats(-1, 1, width=32), max_size=12)
bm25s = st.dictionaries(st.sampled_from(IDS), st.floats(0, 50, width=32), max_size=12)
alphas = st.floats(0, 2)


def ids(fused):
    return [one for one, _ in fused]


@given(ranking, st.integers(1, 100))
def test_rrf_of_one_ranking_keeps_its_order(one, k):
    assert ids(rrf([one], k=k)) == one


@given(st.data(), rankings)
def test_rrf_does_not_care_which_leg_comes_first(data, legs):
    order = data.draw(st.permutations(range(len(legs))))
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(legs), max_size=len(legs)))
    permuted = rrf([legs[i] for i in order], weights=[weights[i] for i in order])
    assert permuted == rrf(legs, weights=weights)


@given(rankings)
def test_rrf_holds_every_id_once_and_best_first(legs):
    fused = rrf(legs)
    assert sorted(ids(fused)) == sorted({one for leg in legs for one in leg})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(rankings, st.sampled_from(IDS), st.data())
def test_rrf_never_punishes_an_id_for_rising_in_a_leg(legs, one, data):
    leg = data.draw(st.integers(0, len(legs) - 1))
    if one not in legs[leg]:
        return
    place = legs[leg].index(one)
    risen = list(legs[leg])
    risen.insert(data.draw(st.integers(0, place)), risen.pop(place))
    after = [*legs[:leg], risen, *legs[leg + 1 :]]
    assert ids(rrf(after)).index(one) <= ids(rrf(legs)).index(one)


@given(rankings, st.integers(1, 12), st.integers(1, 12))
def test_cutting_twice_is_cutting_once_at_the_lower_place(legs, first, second):
    fused = rrf(legs)
    assert fused[:first][:second] == fused[: min(first, second)]


def test_rrf_adds_weight_over_k_plus_rank():
    assert rrf([["甲", "乙"], ["乙"]], k=60, weights=(0.3, 0.7)) == [
        ("乙", pytest.approx(0.3 / 62 + 0.7 / 61)),
        ("甲", pytest.approx(0.3 / 61)),
    ]


def test_rrf_breaks_ties_by_id():
    assert ids(rrf([["b"], ["a"]])) == ["a", "b"]


def test_a_leg_of_weight_zero_brings_no_candidate():
    assert ids(rrf([["a"], ["b"]], weights=(0.0, 1.0))) == ["b"]


def test_rrf_refuses_another_number_of_weights():
    with pytest.raises(ConfigError, match="2 rankings needs as many weights"):
        rrf([["a"], ["b"]], weights=(1.0,))


@given(bm25s)
def test_over_top_makes_the_best_score_one_and_keeps_the_order(scores):
    scaled = over_top(scores)
    assert scaled.keys() == scores.keys()
    assert all(0 <= score <= 1 for score in scaled.values())
    if any(scores.values()):
        assert max(scaled.values()) == 1
    order = sorted(scores, key=scores.__getitem__)
    assert [scaled[one] for one in order] == sorted(scaled.values())


@given(cosines, bm25s, alphas)
def test_score_sum_is_positive_at_most_one_best_first_and_without_doubles(cosine, lexical, alpha):
    fused = score_sum(cosine, lexical, alpha=alpha)
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)
    assert len(set(ids(fused))) == len(fused)


@given(st.data(), cosines, bm25s, alphas)
def test_score_sum_does_not_care_in_which_order_candidates_come(data, cosine, lexical, alpha):
    shuffled = {one: cosine[one] for one in data.draw(st.permutations(list(cosine)))}
    assert score_sum(shuffled, lexical, alpha=alpha) == score_sum(cosine, lexical, alpha=alpha)


@given(cosines, bm25s, alphas, st.floats(0, 1, width=32), st.data())
def test_score_sum_never_punishes_a_higher_cosine(cosine, lexical, alpha, gain, data):
    if not cosine:
        return
    one = data.draw(st.sampled_from(sorted(cosine)))
    before = ids(score_sum(cosine, lexical, alpha=alpha))
    after = ids(score_sum({**cosine, one: cosine[one] + gain}, lexical, alpha=alpha))
    if one in before:
        assert after.index(one) <= before.index(one)


@given(cosines, bm25s)
def test_without_alpha_bm25_alone_decides(cosine, lexical):
    fused = score_sum(cosine, lexical, alpha=0.0)
    if any(lexical.values()):
        assert ids(fused) == ids(score_sum({}, lexical, alpha=0.0))


@given(cosines, alphas)
def test_where_bm25_is_silent_the_score_is_the_cosine(cosine, alpha):
    silent = dict.fromkeys(cosine, 0.0)
    kept = {one: score for one, score in cosine.items() if score > 0}
    assert dict(score_sum(cosine, silent, alpha=alpha)) == kept


def test_score_sum_of_a_worked_case():
    fused = score_sum({"한": 0.8, "글": 0.2}, {"한": 0.0, "글": 12.0}, alpha=0.25)
    assert fused == [("글", pytest.approx((1 + 0.05) / 1.25)), ("한", pytest.approx(0.2 / 1.25))]


def chunk(lang):
    return Chunk(lang, "doc", "doc", "text", 0, 4, lang=lang)


LIBRARY = {lang: chunk(lang) for lang in ("zh-Hans", "zh-Hant", "ja", "ko", "en", "und")}


@pytest.mark.parametrize(
    ("lang", "lexical", "foreign"),
    [
        ("ja", {"ja": 1.0, "en": 3.0}, 0.5),
        ("ja", {"ja": 2.0, "en": 2.0}, 0.0),
        ("ja", {"zh-Hans": 2.0, "ko": 2.0}, 1.0),
        ("zh-Hant", {"zh-Hans": 1.0, "en": 1.0}, 0.0),
        ("zh-Hans", {"zh-Hant": 1.0, "ja": 3.0}, 0.5),
        ("ko", {"und": 1.0, "en": 1.0}, 0.0),
        ("und", {"en": 1.0, "ko": 1.0}, 0.0),
        ("en", {"ko": 0.0}, 0.0),
        ("en", {}, 0.0),
    ],
)
def test_foreignness_begins_where_most_of_the_words_are_found_in_other_languages(lang, lexical, foreign):
    assert foreignness(lang, LIBRARY, lexical) == foreign


def test_foreignness_looks_at_the_ten_best_alone():
    chunks = {f"k{n:02}": chunk("ko") for n in range(10)} | {f"z{n:02}": chunk("zh-Hans") for n in range(90)}
    lexical = {one: 2.0 if one.startswith("k") else 1.9 for one in chunks}
    assert foreignness("ko", chunks, lexical) == 0.0
    assert foreignness("zh-Hant", chunks, lexical) == 1.0


@given(
    st.sampled_from(sorted(LIBRARY)),
    st.dictionaries(st.sampled_from(sorted(LIBRARY)), st.floats(0, 1e3, width=32)),
)
def test_foreignness_lies_between_nothing_and_all(lang, lexical):
    assert 0 <= foreignness(lang, LIBRARY, lexical) <= 1


def test_the_cosine_weighs_more_where_the_words_are_foreign():
    fusion = ScoreFusion(alpha=0.25, foreign_alpha=1.0)
    cosine, lexical = {"ko": 0.8, "en": 0.2}, {"ko": 0.0, "en": 4.0}
    own = dict(fusion(Query("leave", "en"), LIBRARY, (cosine, lexical)))
    foreign = dict(fusion(Query("휴가", "ko"), LIBRARY, (cosine, lexical)))
    assert own == pytest.approx({"en": 1.05 / 1.25, "ko": 0.2 / 1.25})
    assert foreign == pytest.approx({"en": 1.2 / 2.0, "ko": 0.8 / 2.0})
