"""How well documents were cut: what the chunks hold, where they end, and whether they are found.

Chunks of any origin are measured: ours, those of another library. The retriever is the one users get, over
exactly these chunks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, Final, TypeAlias

from rag.errors import QueryError
from rag.evaluate.documents import Answered
from rag.evaluate.ends import Ends
from rag.evaluate.retrieval import Parts
from rag.ports import Analyser, Retriever
from rag.retrieve.pipeline import build
from rag.settings import Mode, RetrieveSettings
from rag.text.clean import clean
from rag.text.query import as_query
from rag.types import Chunk, Point, Query, Ranking

CountTokens: TypeAlias = Callable[[Sequence[str]], list[int]]
Progress: TypeAlias = Callable[[str, int], None]

RANKS: Final = (1, 5)
WINDOWS: Final = (500, 1500)
_DEPTH: Final = 50
_SLICE: Final = 512
_QUERIES: Final = 64
_EXAMPLES: Final = 5
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Cutting:
    """What the chunks are like; shares are of the chunks, or of the questions.

    Attributes:
        characters: code points of the documents.
        tokens_min: of what is embedded of a chunk (its headings, then its text), by the embedder.
        questions: those whose answer stands where they say.
        spans_whole: answers that stand as a whole in at least one chunk.
        mid_sentence: chunks that end where `rag.evaluate.ends.Ends` finds no end of a sentence or line.
        mid_sentence_avoidable: those of them that end inside a sentence that has room in one chunk.
        over_budget: chunks of which more tokens are embedded than the budget has.
        lost_characters: characters in no chunk, white space, controls and byte order marks not counted.
        altered_chunks: chunks whose text is not what stands at their span, line ends aside.
        cuts: some of the cuts that were avoidable, ``document@offset: …before|behind…``.
    """

    documents: int
    characters: int
    chunks: int
    characters_per_chunk: float
    tokens_min: int
    tokens_mean: float
    tokens_max: int
    questions: int
    spans_whole: int
    mid_sentence: int
    mid_sentence_avoidable: int
    over_budget: int
    lost_characters: int
    altered_chunks: int
    cuts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figures, and the shares that the counts make."""
        shares = {
            "spans_whole_share": self.spans_whole / max(self.questions, 1),
            "mid_sentence_share": self.mid_sentence / max(self.chunks, 1),
            "mid_sentence_avoidable_share": self.mid_sentence_avoidable / max(self.chunks, 1),
        }
        figures = {**asdict(self), **{key: round(value, 5) for key, value in shares.items()}}
        return {**figures, "cuts": list(self.cuts)}


@dataclass(frozen=True, slots=True)
class Finding:
    """How often the answer was retrieved, as means over the questions.

    Attributes:
        in_top: share of questions with the whole answer in one of the first k chunks, by k.
        characters: mean characters of those chunks, by k.
        within: share with the whole answer in the first n characters retrieved, by n.
    """

    in_top: Mapping[int, float]
    characters: Mapping[int, float]
    within: Mapping[int, float]

    def to_json(self) -> dict[str, float]:
        """``answer_in_top_1``, ``characters_at_1``, ``answer_in_500_characters``, and so on."""
        return {
            **{f"answer_in_top_{k}": round(one, 4) for k, one in self.in_top.items()},
            **{f"characters_at_{k}": round(one, 1) for k, one in self.characters.items()},
            **{f"answer_in_{n}_characters": round(one, 4) for n, one in self.within.items()},
        }


def cutting(
    chunks: Sequence[Chunk],
    sources: Mapping[str, str],
    answers: Sequence[Answered],
    count_tokens: CountTokens,
    budget: int,
) -> Cutting:
    """The figures of chunks, whose spans are offsets in the sources.

    Args:
        chunks: in any order; they may overlap.
        sources: the documents by name, as they stand in their files.
        answers: see `rag.evaluate.documents.placed`.
        count_tokens: of the embedder.
        budget: most tokens that may be embedded of a chunk.
    """
    sizes = count_tokens([one.passage for one in chunks])
    by_document = _by_document(chunks)
    midway = [(one, ends) for one, ends in _with_ends(by_document, sources) if not ends.at(one.end)]
    avoidable = _avoidable(midway, count_tokens, budget)
    return Cutting(
        documents=len(sources),
        characters=sum(map(len, sources.values())),
        chunks=len(chunks),
        characters_per_chunk=round(sum(len(one.text) for one in chunks) / max(len(chunks), 1), 1),
        tokens_min=min(sizes, default=0),
        tokens_mean=round(sum(sizes) / max(len(sizes), 1), 1),
        tokens_max=max(sizes, default=0),
        questions=len(answers),
        spans_whole=_whole(answers, by_document),
        mid_sentence=len(midway),
        mid_sentence_avoidable=len(avoidable),
        over_budget=sum(size > budget for size in sizes),
        lost_characters=sum(_lost(text, by_document.get(name, ())) for name, text in sources.items()),
        altered_chunks=sum(_altered(one, sources[one.document]) for one in chunks),
        cuts=tuple(_shown(one, sources[one.document]) for one in avoidable[:_EXAMPLES]),
    )


def _by_document(chunks: Iterable[Chunk]) -> dict[str, list[Chunk]]:
    found: dict[str, list[Chunk]] = {}
    for one in sorted(chunks, key=lambda one: one.start):
        found.setdefault(one.document, []).append(one)
    return found


def _with_ends(
    by_document: Mapping[str, Sequence[Chunk]], sources: Mapping[str, str]
) -> list[tuple[Chunk, Ends]]:
    pairs = []
    for name, chunks in by_document.items():
        ends = Ends(sources[name])
        pairs += [(one, ends) for one in chunks]
    return pairs


def _avoidable(midway: Sequence[tuple[Chunk, Ends]], count: CountTokens, budget: int) -> list[Chunk]:
    """The chunks that end inside a sentence which has room, under the same headings, in one chunk."""
    sizes = count([replace(one, text=ends.around(one.end)).passage for one, ends in midway])
    return [one for (one, _), size in zip(midway, sizes, strict=True) if size <= budget]


def _whole(answers: Iterable[Answered], by_document: Mapping[str, Sequence[Chunk]]) -> int:
    starts = {name: [one.start for one in chunks] for name, chunks in by_document.items()}
    found = 0
    for one in answers:
        name = one.question.document
        before = by_document.get(name, ())[: bisect_right(starts.get(name, []), one.start)]
        found += any(chunk.end >= one.end for chunk in reversed(before))
    return found


def _lost(text: str, chunks: Iterable[Chunk]) -> int:
    """Visible characters that no chunk covers."""
    lost, done = 0, 0
    for start, end in [*((one.start, one.end) for one in chunks), (len(text), len(text))]:
        if start > done:
            lost += len("".join(clean(text[done:start]).split()))
        done = max(done, end)
    return lost


def _altered(chunk: Chunk, source: str) -> bool:
    return clean(chunk.text) != clean(source[chunk.start : chunk.end])


def _shown(chunk: Chunk, source: str) -> str:
    before = source[max(0, chunk.end - _SHOWN) : chunk.end]
    return f"{chunk.document}@{chunk.end}: …{before}|{source[chunk.end : chunk.end + _SHOWN]}…"


def retriever(
    chunks: Sequence[Chunk],
    parts: Parts,
    analyser: Analyser,
    *,
    mode: Mode = "hybrid",
    settings: RetrieveSettings | None = None,
    progress: Progress | None = None,
) -> Retriever:
    """The retriever of that mode over these chunks and nothing else, in a new store.

    Raises:
        ConfigError: the mode needs a part that is not there.
    """
    store = parts.store()
    for start in range(0, len(chunks), _SLICE):
        some = chunks[start : start + _SLICE]
        dense = parts.embedder.encode_passages([one.passage for one in some])
        sparse = analyser.passages([one.terms for one in some], [one.lang for one in some])
        store.upsert([Point(*one) for one in zip(some, [""] * len(some), dense, sparse, strict=True)])
        if progress:
            progress("chunks", len(some))
    store.flush()
    return build(mode, store, parts.embedder, analyser, parts.reranker, settings)


def finding(
    ask: Retriever,
    answers: Sequence[Answered],
    *,
    max_query_chars: int = 8_000,
    progress: Progress | None = None,
) -> Finding:
    """Ask every question, and look for its answer in what is retrieved.

    Raises:
        QueryError: a question is too long.
    """
    rankings: list[Ranking] = []
    asked = iter(answers)
    while batch := list(islice(asked, _QUERIES)):
        rankings += ask([_query(one, max_query_chars) for one in batch], top_k=_DEPTH)
        if progress:
            progress("questions", len(batch))
    pairs = list(zip(answers, rankings, strict=True))
    many = max(len(pairs), 1)
    return Finding(
        {k: sum(in_top(ranking, answer, k) for answer, ranking in pairs) / many for k in RANKS},
        {k: sum(len(hit.chunk.text) for _, one in pairs for hit in one[:k]) / many for k in RANKS},
        {n: sum(within(ranking, answer, n) for answer, ranking in pairs) / many for n in WINDOWS},
    )


def in_top(ranking: Ranking, answer: Answered, k: int) -> bool:
    """Whether one of the first k chunks holds the whole answer, at its place."""
    return any(_holds(hit.chunk, answer, hit.chunk.end) for hit in ranking[:k])


def within(ranking: Ranking, answer: Answered, characters: int) -> bool:
    """Whether the whole answer stands in the first so many characters retrieved, the last chunk cut."""
    left = characters
    for hit in ranking:
        if left <= 0:
            return False
        if _holds(hit.chunk, answer, hit.chunk.start + left):
            return True
        left -= len(hit.chunk.text)
    return False


def _holds(chunk: Chunk, answer: Answered, end: int) -> bool:
    same = chunk.document == answer.question.document
    return same and chunk.start <= answer.start and answer.end <= min(chunk.end, end)


def _query(answer: Answered, max_chars: int) -> Query:
    try:
        return as_query(answer.question.text, max_chars)
    except QueryError as error:
        raise QueryError(f"question {answer.question.id!r}: {error}") from error
