"""Which sentences of a ranking answer a question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from rag.answer.question import shows, wanted
from rag.ports import Embedder
from rag.text.analyse import terms
from rag.text.normalise import fold
from rag.text.sentences import sentences
from rag.types import Chunk, Lang, Query, Ranking

# Weights of the parts of a score: a listwise logistic fit on 1,600 questions in zh-Hans, zh-Hant, ja and
# ko. Coverage of the question's terms by the sentence; by it and the one before; by it and the one after;
# by it and all of its chunk before it; by the whole chunk; then the cosine, 1 over the rank, how far it
# shows what is asked for, and whether it says more than the question.
_OWN, _BEFORE, _AFTER, _INHERITED, _CHUNK = 2.5, 3.1, 2.9, 1.5, 1.4
_COSINE, _RANK, _SHOWS, _SAYS = 1.0, 2.4, 1.7, 0.5

# Support of the best sentence (its coverage with a neighbour + its chunk's + its cosine) below which
# nothing is quoted: 5 % of those questions' answers lay below, 80-95 % of the best sentences of other
# documents did.
SUPPORT = 1.05
SUPPORT_WITHOUT_COSINE = 0.80
ACROSS = 0.45  # cosine of a sentence in another language than the question

_NEXT = 0.75  # of the best score, what a further quotation must reach
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
    cosine, its hit's rank, and whether it shows the kind of thing asked for. Where no sentence shares
    enough, those in another language than the question are judged by cosine alone.
    """
    asked = wanted(query)
    rows = [_sentences(rank, hit.chunk, asked) for rank, hit in enumerate(ranking)]
    found = [one for row in rows for one in row]
    covers = _covers(rows, asked)
    plain = [_plain(query, one, cover) for one, cover in zip(found, covers, strict=True)]
    cosines = _cosines(query, found, plain, embedder)
    scores = [score + _COSINE * cosine for score, cosine in zip(plain, cosines, strict=True)]
    best = max(range(len(found)), key=scores.__getitem__, default=None)
    if best is None:
        return []
    if _supported(covers[best], cosines[best], embedder is not None):
        kept = [place for place, score in enumerate(scores) if score >= _NEXT * scores[best]]
    else:
        scores = cosines
        kept = _across(query, found, cosines)
    kept.sort(key=lambda place: -scores[place])
    return _selections(found, kept, scores, limit)


def _sentences(rank: int, chunk: Chunk, asked: AbstractSet[str]) -> list[_Sentence]:
    found: list[_Sentence] = []
    for start, end in sentences(chunk.text, chunk.lang):
        held = frozenset(terms(chunk.text[start:end], chunk.lang))
        found.append(_Sentence(rank, chunk, start, end, held & asked, len(held - asked)))
    return found


def _covers(rows: Sequence[Sequence[_Sentence]], asked: AbstractSet[str]) -> list[_Cover]:
    cover = _weighted([one for row in rows for one in row], asked)
    covers: list[_Cover] = []
    for row in rows:
        shared = [one.shared for one in row]
        past = _headings(row[0].chunk) & asked if row else frozenset()
        whole = past.union(*shared)
        for before, own, after in zip((_NOTHING, *shared), shared, (*shared[1:], _NOTHING), strict=False):
            past |= own
            covers.append(_Cover(*map(cover, (own, own | before, own | after, past, whole))))
    return covers


def _weighted(found: Sequence[_Sentence], asked: AbstractSet[str]) -> Callable[[Iterable[str]], float]:
    """The share of the question's terms that a set holds, each by how rare it is among the sentences."""
    seen = Counter(term for one in found for term in one.shared)
    weights = {term: math.log(1 + len(found) / (0.5 + seen[term])) for term in asked}
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


def _cosines(
    query: Query, found: Sequence[_Sentence], plain: Sequence[float], embedder: Embedder | None
) -> list[float]:
    """Cosine of question and sentence for the likeliest sentences, 0 for the others."""
    cosines = [0.0] * len(found)
    if embedder is None or not found:
        return cosines
    places = sorted(range(len(found)), key=lambda place: -plain[place])[:_EMBEDDED]
    rows = embedder.encode_passages([found[place].text for place in places])
    for place, cosine in zip(places, rows @ embedder.encode_queries([query.text])[0], strict=True):
        cosines[place] = float(cosine)
    return cosines


def _supported(cover: _Cover, cosine: float, compared: bool) -> bool:
    words = max(cover.before, cover.after) + cover.chunk
    return words + cosine >= SUPPORT if compared else words >= SUPPORT_WITHOUT_COSINE


def _across(query: Query, found: Sequence[_Sentence], cosines: Sequence[float]) -> list[int]:
    """The sentences in another language that mean what is asked."""
    best = max(cosines)
    return [
        place
        for place, one in enumerate(found)
        if _differ(query.lang, one.chunk.lang) and cosines[place] >= max(ACROSS, _NEXT * best)
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
