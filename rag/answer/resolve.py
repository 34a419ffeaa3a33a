"""A language model's reply, each of its quotations and citation marks checked against the passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rag.answer.cite import Located, places
from rag.answer.claims import Claim, claims
from rag.answer.copied import miscopied
from rag.answer.figures import figures
from rag.answer.passages import Passages
from rag.answer.phrases import phrase
from rag.answer.quoted import Quotation
from rag.answer.verify import ENOUGH, Verdict, judge
from rag.text.analyse import terms
from rag.text.sentences import sentences
from rag.types import Chunk, Citation, Lang, Ranking

Similar: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]

SHARED = 0.4  # of a statement's terms, the part that its passage must hold
ALIKE = 0.4  # likeness of a statement and the sentence in another language that bears it out
_STRANGE = 0.3  # taken off for a figure that the whole passage does not hold


class Resolved(NamedTuple):
    """The reply with the marks that hold, and their citations.

    ``removed`` counts the marks that did not hold and the quotations that were not found, ``misquoted``
    the latter alone.
    """

    text: str
    citations: tuple[Citation, ...]
    removed: int
    misquoted: int = 0


def resolve(
    text: str, ranking: Ranking, lang: Lang = "und", similar: Similar | None = None, asked: str = ""
) -> Resolved:
    """Keep each quotation and each ``[n]`` that the passages bear out; sign or remove the others.

    A quotation (`rag.answer.quoted.quotations`) that stands in the passages word for word is cited where
    it stands: under the number its mark gives, under the right number where that is another, and under a
    number put behind it where a longer quotation has no mark. One that does not stand there keeps no mark
    and is signed ``(not verified)`` in the reply's language, unless it names a document or a heading,
    repeats the question, or is a word or two that no mark claims to come from a passage.

    Quotations of fewer than six letters must stand in the passage as well, but bear out a mark only
    together with the statement that holds them. A statement that quotes nothing is borne out by the
    passage's sentence that shares most terms with it, if it shares enough, or, with ``similar``, means the
    same; not by one that it copies but for a figure, a negation or a word. Emphasis is no quotation.

    No citation is made up: each is a stretch of its document. Several may carry one number.

    Args:
        text: the reply; the marks that `rag.answer.marks` tells of are known.
        ranking: the passages, ``[1]`` being the first.
        lang: the reply's language.
        similar: likeness of a statement to sentences, 0 to 1, for statements in another language.
        asked: the question; its words between quotation marks need no source.
    """
    marked, unmarked = claims(text, lang)
    check = _Check(ranking, lang, similar, asked)
    for claim in marked:
        check.claim(claim)
    for quotation in unmarked:
        check.unmarked(quotation)
    return Resolved(check.edited(text), tuple(check.citations.values()), check.removed, len(check.missing))


class _Check:
    """What was found so far: citations, the edits they make to the reply, and what was not found."""

    def __init__(self, ranking: Ranking, lang: Lang, similar: Similar | None, asked: str) -> None:
        self.citations: dict[tuple[int, int, int], Citation] = {}
        self.missing: set[int] = set()
        self.removed = 0
        self._ranking = ranking
        self._lang = lang
        self._similar = similar
        self._asked = asked
        self._passages = Passages([hit.chunk for hit in ranking])
        self._edits: list[tuple[int, int, str]] = []

    def claim(self, claim: Claim) -> None:
        """A group of marks with the statement and the quotations it stands for."""
        verdicts = [judge(one, self._passages, claim.numbers, claim.statement) for one in claim.quotations]
        verdicts = [one for one in verdicts if one.match != "title" and not self._repeats_question(one)]
        kept = self._kept(claim, verdicts)
        lost = [one for one in verdicts if one.match is None]
        self._cite(claim.start, claim.end, () if lost else kept)
        for one in lost:
            self._sign(one)
        for one in verdicts if lost else ():
            self._cite(one.end, one.end, [cited for cited in one.citations if cited in kept])
        self.removed += len(set(claim.numbers) - {citation.number for citation in kept})

    def unmarked(self, quotation: Quotation) -> None:
        """A quotation that no mark stands for: longer ones are located all the same."""
        if quotation.kind != "block" and _letters(quotation.text) < ENOUGH:
            return
        verdict = judge(quotation, self._passages)
        if verdict.citations and quotation.closed:
            self._cite(quotation.end, quotation.end, verdict.citations)
        elif verdict.match is None and not self._repeats_question(verdict):
            self._sign(verdict)

    def _repeats_question(self, verdict: Verdict) -> bool:
        return verdict.match is None and next(places(verdict.quote, self._asked), None) is not None

    def edited(self, text: str) -> str:
        """The reply with its marks checked and its lost quotations signed."""
        pieces: list[str] = []
        done = 0
        for start, end, put in sorted(self._edits, key=lambda edit: edit[:2]):
            pieces += [text[done:start], put]
            done = end
        return "".join((*pieces, text[done:]))

    def _cite(self, start: int, end: int, found: Iterable[Citation]) -> None:
        kept = list(found)
        for one in kept:
            self.citations.setdefault((one.number, one.start, one.end), one)
        shown = dict.fromkeys(one.number for one in kept)
        edit = start, end, "".join(f"[{number}]" for number in shown)
        if edit not in self._edits:
            self._edits.append(edit)

    def _sign(self, verdict: Verdict) -> None:
        if verdict.start not in self.missing:
            self.missing.add(verdict.start)
            self.removed += 1
            self._edits.append((verdict.end, verdict.end, phrase("not_verified", self._lang)))

    def _kept(self, claim: Claim, verdicts: Sequence[Verdict]) -> list[Citation]:
        """The citations that stay: of quotations; of the statement where nothing longer is quoted."""
        quoted = [one for one in verdicts if _letters(one.quote) >= ENOUGH]
        if any(one.citations for one in quoted):
            return [citation for one in quoted for citation in one.citations]
        if any(one.match is None for one in verdicts):
            return []
        cited = (one.number for verdict in verdicts for one in verdict.citations)
        numbers = list(dict.fromkeys(cited)) or claim.numbers
        supports = [one for number in numbers for one in self._supports(claim.statement, number)]
        if not verdicts:
            return supports
        if supports:
            return [one for verdict in verdicts for one in _placed(verdict, supports)]
        words = sum(_letters(one.quote) for one in verdicts)
        mostly = 2 * words >= _letters(claim.statement)
        return [one for verdict in verdicts for one in verdict.citations] if mostly else []

    def _supports(self, statement: str, number: int) -> list[Citation]:
        """The sentence of that passage that bears the statement out."""
        if not 0 < number <= len(self._ranking):
            return []
        chunk = self._ranking[number - 1].chunk
        spans = sentences(chunk.text, chunk.lang)
        texts = [chunk.text[start:end] for start, end in spans]
        best = self._best(statement, texts, chunk)
        if best is None:
            return []
        if any(miscopied(statement, text) for text in self._rivals(statement, texts, best, chunk)):
            return []
        start, end = spans[best]
        return [Citation(chunk, chunk.start + start, chunk.start + end, texts[best], number, "support")]

    def _rivals(self, statement: str, texts: Sequence[str], best: int, chunk: Chunk) -> Iterator[str]:
        """The best sentence and those, ruled out by their figures, that share as much with the statement."""
        said = set(terms(statement, self._lang))
        shared = [len(said.intersection(terms(text, chunk.lang))) for text in texts]
        return (text for text, common in zip(texts, shared, strict=True) if common >= shared[best])

    def _best(self, statement: str, texts: Sequence[str], chunk: Chunk) -> int | None:
        """Which of the chunk's sentences shares or means most, None where it is not enough."""
        shared = [_shared(statement, self._lang, text, chunk) for text in texts]
        best = max(range(len(texts)), key=shared.__getitem__, default=None)
        if best is None or shared[best] >= SHARED or self._similar is None:
            return best if best is not None and shared[best] >= SHARED else None
        alike = self._similar(statement, texts)
        best = max(range(len(texts)), key=alike.__getitem__)
        return best if alike[best] >= ALIKE and not _differ(statement, texts[best]) else None


def _shared(statement: str, lang: Lang, text: str, chunk: Chunk) -> float:
    """The part of the statement's terms that the sentence or its headings hold; less where figures differ."""
    if _differ(statement, text):
        return 0.0
    said = set(terms(statement, lang))
    held = {term for part in (*chunk.headings, text) for term in terms(part, chunk.lang)}
    strange = _STRANGE if figures(statement) - figures(chunk.passage) else 0.0
    return len(said & held) / max(1, len(said)) - strange


def _differ(statement: str, text: str) -> bool:
    """Whether both state figures, and none in common."""
    told, own = figures(statement), figures(text)
    return bool(told and own and not told & own)


def _placed(verdict: Verdict, supports: Sequence[Citation]) -> list[Citation]:
    """The quotation in the sentences that bear its statement out; else those, and where else it stands."""
    found = [(one, next(places(verdict.quote, one.quote, own_stop=True), None)) for one in supports]
    inside = [_part(one, place) for one, place in found if place]
    return inside or [*supports, *verdict.citations]


def _part(citation: Citation, place: Located) -> Citation:
    start, end = citation.start + place.start, citation.start + place.end
    quote = citation.quote[place.start : place.end]
    return Citation(citation.chunk, start, end, quote, citation.number, place.match)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
