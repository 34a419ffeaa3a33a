"""The figures against values worked out by hand, and run files."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ConfigError, DocumentError
from rag.evaluate.metrics import measure, measure_by
from rag.evaluate.runs import load_run, save_run

PASSAGES = [f"d{number}" for number in range(15)]


def ranked(*ids):
    return [(one, float(len(ids) - place)) for place, one in enumerate(ids)]


def figures(qrels, run):
    return measure(qrels, run).to_json()


def test_a_perfect_run_scores_one_everywhere():
    qrels = {"q1": {"d1": 1}, "q2": {"d2": 1, "d3": 1}}
    run = {"q1": ranked("d1", "d9"), "q2": ranked("d3", "d2")}
    assert figures(qrels, run) == {"nDCG@10": 1.0, "hit@1": 1.0, "recall@10": 1.0, "MRR@10": 1.0}


def test_figures_are_the_means_worked_out_by_hand():
    qrels = {"q1": {"d1": 1}, "q2": {"d2": 1, "d3": 1}, "q3": {"d4": 1}, "q4": {"d5": 1}}
    run = {
        "q1": ranked("x", "y", "d1"),  # found at 3
        "q2": ranked("d2", "x", "y", "d3"),  # found at 1 and 4 of two
        "q3": ranked(*(f"x{number}" for number in range(10)), "d4"),  # found at 11: too late
    }  # q4 has no ranking
    ideal = 1 + 1 / math.log2(3)
    ndcg = (1 / math.log2(4) + (1 + 1 / math.log2(5)) / ideal + 0 + 0) / 4
    expected = {"nDCG@10": ndcg, "hit@1": 1 / 4, "recall@10": 2 / 4, "MRR@10": (1 / 3 + 1) / 4}
    assert figures(qrels, run) == pytest.approx(expected)


def test_a_better_grade_counts_more_in_ndcg():
    qrels = {"q": {"good": 3, "fair": 1}}
    ideal = 3 + 1 / math.log2(3)
    turned = figures(qrels, {"q": ranked("fair", "good")})
    assert turned["nDCG@10"] == pytest.approx((1 + 3 / math.log2(3)) / ideal)


def test_hit_at_1_of_equal_scores_is_that_of_the_order_given():
    run = {"q": [("b", 1.0), ("a", 1.0), ("c", 1.0)]}
    hits = [figures({"q": {one: 1}}, run)["hit@1"] for one in "bac"]
    assert hits == [1.0, 0.0, 0.0]
    assert figures({"q": {"a": 1}}, run)["MRR@10"] == 0.5


@given(st.permutations(PASSAGES), st.integers(0, 14))
def test_one_relevant_passage_at_a_rank_gives_the_closed_forms(order, place):
    found = figures({"q": {order[place]: 1}}, {"q": ranked(*order)})
    rank, seen = place + 1, place < 10
    assert found == pytest.approx(
        {
            "nDCG@10": seen / math.log2(rank + 1),
            "hit@1": float(rank == 1),
            "recall@10": float(seen),
            "MRR@10": seen / rank,
        }
    )


def test_queries_without_qrels_do_not_count():
    found = measure({"q1": {"d1": 1}}, {"q1": ranked("d1"), "q2": ranked("d2")})
    assert (found.queries, found.ndcg_at_10) == (1, 1.0)


def test_figures_per_language_average_to_the_whole():
    qrels = {"q1": {"d1": 1}, "q2": {"d2": 1}, "q3": {"d3": 1}}
    run = {"q1": ranked("d1"), "q2": ranked("x", "d2"), "q3": ranked("d3")}
    groups = measure_by(qrels, run, {"q1": "ja", "q2": "ko", "q3": "ja"})
    assert {name: (one.queries, one.mrr_at_10) for name, one in groups.items()} == {
        "ja": (2, 1.0),
        "ko": (1, 0.5),
    }


@given(
    st.dictionaries(
        st.sampled_from(["q1", "q二", "q3"]),
        st.dictionaries(st.sampled_from(["文-1", "글", "d3"]), st.floats(0, 100), min_size=1),
    )
)
def test_a_saved_run_loads_as_it_was(tmp_path_factory, scores):
    run = {query: sorted(hits.items(), key=lambda pair: -pair[1]) for query, hits in scores.items()}
    path = tmp_path_factory.mktemp("runs") / "run.trec"
    save_run(path, run)
    assert load_run(path) == run


def test_a_run_file_has_the_six_columns_of_trec(tmp_path):
    save_run(tmp_path / "run", {"q1": [("d2", 1.5), ("d1", 0.25)]}, tag="hybrid")
    assert (tmp_path / "run").read_text("utf-8") == "q1 Q0 d2 1 1.5 hybrid\nq1 Q0 d1 2 0.25 hybrid\n"


def test_a_run_is_ordered_by_its_ranks_wherever_its_lines_stand(tmp_path):
    (tmp_path / "run").write_text("q Q0 b 2 0.5 t\nq Q0 a 1 0.5 t\n", "utf-8")
    assert load_run(tmp_path / "run") == {"q": [("a", 0.5), ("b", 0.5)]}


@pytest.mark.parametrize("one", ["two words", "", "全角　空白", "end\n"])
def test_an_id_that_the_format_cannot_say_is_refused(tmp_path, one):
    with pytest.raises(ConfigError, match="white space"):
        save_run(tmp_path / "run", {"q": [(one, 1.0)]})


@pytest.mark.parametrize("line", ["q Q0 d 1 0.5", "q Q0 d first 0.5 t", "q Q0 d 1 high t"])
def test_a_malformed_run_line_is_named(tmp_path, line):
    (tmp_path / "run").write_text(f"q Q0 a 1 0.5 t\n{line}\n", "utf-8")
    with pytest.raises(DocumentError, match="line 2: expected query Q0 passage rank score tag"):
        load_run(tmp_path / "run")


def test_a_passage_twice_under_a_query_is_refused(tmp_path):
    (tmp_path / "run").write_text("q Q0 a 1 0.5 t\nq Q0 a 2 0.4 t\n", "utf-8")
    with pytest.raises(DocumentError, match="line 2: 'a' stands there twice"):
        load_run(tmp_path / "run")
