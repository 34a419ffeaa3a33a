"""The four figures we report, computed by ir-measures with pytrec_eval.

nDCG@10, hit@1 (Success@1), recall@10 and MRR@10 (RR@10), each the mean over the queries that have a
relevant passage; a query without a ranking counts 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import ir_measures
from ir_measures import RR, R, Success, nDCG

from rag.evaluate.qrels import Qrels

Run: TypeAlias = Mapping[str, Sequence[tuple[str, float]]]

_MEASURES = {"nDCG@10": nDCG @ 10, "hit@1": Success @ 1, "recall@10": R @ 10, "MRR@10": RR @ 10}


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over ``queries`` queries, each 0..1."""

    ndcg_at_10: float
    hit_at_1: float
    recall_at_10: float
    mrr_at_10: float
    queries: int

    def to_json(self) -> dict[str, float]:
        """The figures by the names they are reported under."""
        values = (self.ndcg_at_10, self.hit_at_1, self.recall_at_10, self.mrr_at_10)
        return dict(zip(_MEASURES, values, strict=True))


def measure(qrels: Qrels, run: Run) -> Figures:
    """The figures of a run.

    Args:
        qrels: query id to passage id to grade.
        run: query id to passage ids and scores, best first. Only the order counts, also among equal
            scores, which trec_eval alone would order by id.

    Example:
        >>> measure({"q": {"a": 1}}, {"q": [("b", 2.0), ("a", 1.0)]}).mrr_at_10
        0.5
    """
    if not qrels:
        return Figures(0.0, 0.0, 0.0, 0.0, 0)
    given = {query: _by_rank(run.get(query, ())) for query in qrels}
    means = ir_measures.calc_aggregate(list(_MEASURES.values()), _plain(qrels), given)
    ndcg, hit, recall, mrr = (float(means[one]) for one in _MEASURES.values())
    return Figures(ndcg, hit, recall, mrr, len(qrels))


def measure_by(qrels: Qrels, run: Run, group: Mapping[str, str]) -> dict[str, Figures]:
    """The figures of each group of queries, such as ``{"q1": "ja"}``, by the group's name."""
    names = sorted({group[query] for query in qrels})
    return {
        name: measure({query: grades for query, grades in qrels.items() if group[query] == name}, run)
        for name in names
    }


def _by_rank(ranking: Sequence[tuple[str, float]]) -> dict[str, float]:
    return {one: float(len(ranking) - place) for place, (one, _) in enumerate(ranking)}


def _plain(qrels: Qrels) -> dict[str, dict[str, int]]:
    return {query: dict(grades) for query, grades in qrels.items()}
