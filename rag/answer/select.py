"""Which sentences of a ranking answer a question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rag.answer.likeness import above_usual
from rag.answer.question import named, shows, wanted
from rag.ports import Embedder
from rag.text.analyse import terms
from rag.text.normalise import fold
from rag.text.sentences import sentences
from rag.types import Chunk, Lang, Query, Ranking

# Weights of the parts of a score: a listwise logistic fit on 1,600 questions in zh-Hans, zh-Hant, ja and
# ko. Coverage of the question's terms by the sentence; by it and the one before; by it and the one after;
# by it and all of its chunk before it; by the whole chunk; then the likeness, 1 over the rank, how far it
# shows what is asked for, and whether it says more than the question.
_OWN, _BEFORE, _AFTER, _INHERITED, _CHUNK = 2.5, 3.0, 2.5, 1.8, 0.85
_LIKENESS, _RANK, _SHOWS, _SAYS = 1.25, 2.45, 1.8, 0.3

# Support of the best sentence (its coverage with a neighbour + its chunk's + its likeness) below which
# nothing is quoted: 2 % of the answers to 1,200 other questions lay below, 71-86 % of what was best once
# the document that answers was taken away (whole documents, sections of up to 768 tokens).
SUPPORT = 1.04
SUPPORT_WITHOUT_LIKENESS = 0.78
ACROSS = 0.35  # likeness of a sentence in another language than the question

_NEXT = 0.8  # of the best score, what a further quotation must reach
_LITTLE = 15  # terms that the question lacks: with fewer, the sentence after it is quoted with it
_EMBEDDED = 48  # sentences that are compared by meaning; the rest lie too low to matter
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """``chunk.text[start:end]`` answers; ``score`` orders the selections."""

    chunk: Chunk
    start: int
    end: int
    score: float


class _Sentence(NamedTuple):
    rank: int
    chunk: Chunk
    start: int
    end: int
    shared: frozenset[str]
    fresh: int

    @property
    def text(self) -> str:
        return self.chunk.text[self.start : self.end]


class _Cover(NamedTuple):
    own: float
    before: float
    after: float
    inherited: float
    chunk: float


def select(
    query: Query, ranking: Ranking, *, limit: int, embedder: Embedder | None = None
) -> list[Selection]:
    """The sentences that answer, best first, at most ``limit``; none where nothing supports an answer.

    A sentence is judged by the terms of the question that it holds, alone and with its neighbours, by its
    meaning, its hit's rank, and whether it shows the kind of thing asked for. Where no sentence shares
    enough, those in another language than the question are judged by meaning alone.
    """
    asked = wanted(query)
    rows = [_sentences(rank, hit.chunk, asked) for rank, hit in enumerate(ranking)]
    found = [one for row in rows for one in row]
    covers = _covers(rows, asked)
    plain = [_plain(query, one, cover) for one, cover in zip(found, covers, strict=True)]
    likeness = _likeness(query, found, plain, embedder)
    scores = [score + _LIKENESS * like for score, like in zip(plain, likeness, strict=True)]
    best = max(range(len(found)), key=scores.__getitem__, default=None)
    if best is None:
        return []
    if _supported(covers[best], likeness[best], embedder is not None):
        kept = [place for place, score in enumerate(scores) if score >= _NEXT * scores[best]]
    else:
        scores = _across(query, found, asked, likeness)
        kept = [place for place, score in enumerate(scores) if score >= max(ACROSS, _NEXT * max(scores))]
    kept.sort(key=lambda place: -scores[place])
    return _selections(found, kept, scores, limit)


def _sentences(rank: int, chunk: Chunk, asked: Mapping[str, float]) -> list[_Sentence]:
    """The sentences of a chunk; its headings count with all of them, and are not quoted by themselves."""
    found: list[_Sentence] = []
    titles = {_title(heading) for heading in chunk.headings}
    for start, end in sentences(chunk.text, chunk.lang):
        if _title(chunk.text[start:end]) in titles:
            continue
        held = frozenset(terms(chunk.text[start:end], chunk.lang))
        found.append(_Sentence(rank, chunk, start, end, held & asked.keys(), len(held - asked.keys())))
    return found


def _title(text: str) -> str:
    return fold(text).lstrip("# ").strip()


def _covers(rows: Sequence[Sequence[_Sentence]], asked: Mapping[str, float]) -> list[_Cover]:
    cover = _weighted([one for row in rows for one in row], asked)
    covers: list[_Cover] = []
    for row in rows:
        shared = [one.shared for one in row]
        past = _headings(row[0].chunk) & asked.keys() if row else frozenset()
        whole = past.union(*shared)
        for before, own, after in zip((past, *shared), shared, (*shared[1:], _NOTHING), strict=False):
            past |= own
            covers.append(_Cover(*map(cover, (own, own | before, own | after, past, whole))))
    return covers


def _weighted(found: Sequence[_Sentence], asked: Mapping[str, float]) -> Callable[[Iterable[str]], float]:
    """The share of the question's terms that a set holds, each by how rare it is among the sentences."""
    seen = Counter(term for one in found for term in one.shared)
    rarity = {term: math.log(1 + len(found) / (0.5 + seen[term])) for term in asked}
    weights = {term: weight * rarity[term] for term, weight in asked.items()}
    total = sum(weights.values()) or 1.0
    return lambda held: sum(weights[term] for term in held) / total


def _headings(chunk: Chunk) -> frozenset[str]:
    return frozenset(term for heading in chunk.headings for term in terms(heading, chunk.lang))


def _plain(query: Query, one: _Sentence, cover: _Cover) -> float:
    """The score without the cosine."""
    words = _OWN * cover.own + _BEFORE * cover.before + _AFTER * cover.after
    words += _INHERITED * cover.inherited + _CHUNK * cover.chunk
    says = min(one.fresh, 10) / 10
    return words + _RANK / (1 + one.rank) + _SHOWS * shows(query, one.text) + _SAYS * says


def _likeness(
    query: Query, found: Sequence[_Sentence], plain: Sequence[float], embedder: Embedder | None
) -> list[float]:
    """How much closer to the question a sentence is than the usual one of these, 0 to 1.

    Only the likeliest sentences are compared; the others get 0.
    """
    likeness = [0.0] * len(found)
    if embedder is None or not found:
        return likeness
    places = sorted(range(len(found)), key=lambda place: -plain[place])[:_EMBEDDED]
    rows = embedder.encode_passages([found[place].text for place in places])
    cosines = rows @ embedder.encode_queries([query.text])[0]
    for place, like in zip(places, above_usual(cosines, float(np.median(cosines))), strict=True):
        likeness[place] = like
    return likeness


def _supported(cover: _Cover, like: float, compared: bool) -> bool:
    words = max(cover.before, cover.after) + cover.chunk
    return words + like >= SUPPORT if compared else words >= SUPPORT_WITHOUT_LIKENESS


def _across(
    query: Query, found: Sequence[_Sentence], asked: Mapping[str, float], likeness: Sequence[float]
) -> list[float]:
    """For sentences in another language: likeness, and the share of the names in the question; else 0."""
    names = named(asked, query.lang)
    return [
        like + len(one.shared & names) / max(1, len(names)) if _differ(query.lang, one.chunk.lang) else 0.0
        for one, like in zip(found, likeness, strict=True)
    ]


def _differ(one: Lang, other: Lang) -> bool:
    return "und" not in (one, other) and one[:2] != other[:2]


def _selections(
    found: Sequence[_Sentence], order: Sequence[int], scores: Sequence[float], limit: int
) -> list[Selection]:
    """The first ``limit`` of an order, none within another, none said twice."""
    taken: list[Selection] = []
    said: set[str] = set()
    for place in order:
        one = Selection(found[place].chunk, found[place].start, _end(found, place), scores[place])
        key = fold(found[place].text)
        if key not in said and not any(_overlap(one, other) for other in taken):
            taken.append(one)
            said.add(key)
    return taken[:limit]


def _overlap(one: Selection, other: Selection) -> bool:
    return one.chunk.id == other.chunk.id and one.start < other.end and other.start < one.end


def _end(found: Sequence[_Sentence], place: int) -> int:
    """Where a quotation ends: a sentence that says little, or that announces, takes the next one with it."""
    one = found[place]
    leads = one.fresh < _LITTLE or one.text.endswith((":", "："))
    if leads and place + 1 < len(found) and found[place + 1].rank == one.rank:
        return found[place + 1].end
    return one.end
