"""A language model's reply, its citation marks checked one by one against the passages they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rag.answer.cite import locate
from rag.answer.figures import figures
from rag.text.analyse import terms
from rag.text.sentences import sentences
from rag.types import Chunk, Citation, Hit, Lang, Ranking

Similar: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]

SHARED = 0.4  # of a statement's terms, the part that its passage must hold
ALIKE = 0.4  # likeness of a statement and the sentence in another language that bears it out
_STRANGE = 0.3  # taken off for a figure that the whole passage does not hold
_ENOUGH = 6  # characters of a quotation; a shorter one is a word in quotation marks

_GROUP = re.compile(r"\s*(?:[\[［【]\s*\^?\d{1,3}(?:\s*[,，、;；]\s*\d{1,3})*\s*[\]］】]\s*)+(?<!\s)")
_NUMBER = re.compile(r"\d{1,3}")
_CODE = re.compile(r"(?s)^```.*?(?:^```|\Z)|`[^`\n]+`", re.MULTILINE)
_QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"\n]+)\"|«([^«»]+)»")


class Resolved(NamedTuple):
    """The reply with the marks that hold, their citations, and how many marks or quotations did not."""

    text: str
    citations: tuple[Citation, ...]
    removed: int


class _Statement(NamedTuple):
    text: str
    quotes: tuple[str, ...]
    lang: Lang


def resolve(text: str, ranking: Ranking, lang: Lang = "und", similar: Similar | None = None) -> Resolved:
    """Keep each ``[n]`` that passage ``n`` bears out, with the words of the passage; remove the others.

    A mark belongs to the statement before it. Where the statement quotes, the quotation must stand in
    the passage. Where it does not, the passage's sentence that shares most terms with it is cited, if
    it shares enough, or, with ``similar``, means the same. No citation is made up: each is a stretch of
    its document. Several citations may carry one number.

    Args:
        text: the reply; marks such as ``[1]``, ``[1, 2]``, ``［1］`` and ``【1】`` are known.
        ranking: the passages, ``[1]`` being the first.
        lang: the reply's language.
        similar: likeness of a statement to sentences, 0 to 1, for statements in another language.
    """
    citations: dict[tuple[int, int, int], Citation] = {}
    pieces: list[str] = []
    done = removed = 0
    for group in _groups(text):
        statement = _statement(text, done, group, lang)
        kept, lost = _checked(group[0], statement, ranking, similar)
        removed += lost
        for citation in kept:
            citations.setdefault((citation.number, citation.start, citation.end), citation)
        pieces += [text[done : group.start()], _marks(kept)]
        done = group.end()
    return Resolved("".join((*pieces, text[done:])), tuple(citations.values()), removed)


def unmarked(text: str) -> str:
    """The text without its citation marks."""
    pieces: list[str] = []
    done = 0
    for group in _groups(text):
        pieces.append(text[done : group.start()])
        done = group.end()
    return "".join((*pieces, text[done:]))


def _groups(text: str) -> Iterator[re.Match[str]]:
    code = [found.span() for found in _CODE.finditer(text)]
    for group in _GROUP.finditer(text):
        if not any(start < group.end() and group.start() < end for start, end in code):
            yield group


def _statement(text: str, done: int, group: re.Match[str], lang: Lang) -> _Statement:
    """What a mark stands for: the sentence before it, or after it where it opens a line."""
    before = text[done : group.start()].rpartition("\n\n")[2]
    if not _said(before):
        before = re.split(r"\n|[\[［【]\d", text[group.end() :], maxsplit=1)[0]
        spans = sentences(before, lang)[:1]
    else:
        spans = [span for span in sentences(before, lang) if _said(before[slice(*span)])][-1:]
    quotes = tuple(next(filter(None, found.groups())) for found in _QUOTED.finditer(before))
    said = before[slice(*spans[0])] if spans else before
    return _Statement(said, tuple(quote for quote in quotes if len("".join(quote.split())) >= _ENOUGH), lang)


def _said(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _checked(
    marks: str, statement: _Statement, ranking: Ranking, similar: Similar | None
) -> tuple[list[Citation], int]:
    """The citations of a group of marks, and how many of its marks or quotations nothing bears out."""
    numbers = list(dict.fromkeys(int(found) for found in _NUMBER.findall(marks)))
    known = [(number, ranking[number - 1]) for number in numbers if 0 < number <= len(ranking)]
    if statement.quotes:
        kept, missing = _quotations(statement.quotes, known)
    else:
        kept, missing = [c for number, hit in known for c in _supports(statement, number, hit, similar)], 0
    return kept, missing + len(set(numbers) - {citation.number for citation in kept})


def _quotations(quotes: Sequence[str], known: Sequence[tuple[int, Hit]]) -> tuple[list[Citation], int]:
    kept: list[Citation] = []
    missing = 0
    for quote in quotes:
        places = [(number, hit.chunk, locate(quote, hit.chunk)) for number, hit in known]
        found = [_citation(chunk, place, number) for number, chunk, place in places if place]
        kept += found
        missing += not found
    return kept, missing


def _supports(statement: _Statement, number: int, hit: Hit, similar: Similar | None) -> list[Citation]:
    chunk = hit.chunk
    spans = sentences(chunk.text, chunk.lang)
    texts = [chunk.text[start:end] for start, end in spans]
    shared = [_shared(statement, text, chunk) for text in texts]
    best = max(range(len(spans)), key=shared.__getitem__, default=None)
    if best is None:
        return []
    if shared[best] < SHARED:
        alike = similar(statement.text, texts) if similar else [0.0] * len(texts)
        best = max(range(len(spans)), key=alike.__getitem__)
        if alike[best] < ALIKE:
            return []
    start, end = spans[best]
    return [_citation(chunk, (chunk.start + start, chunk.start + end), number)]


def _shared(statement: _Statement, text: str, chunk: Chunk) -> float:
    """The part of the statement's terms that the sentence or its headings hold; less where figures differ."""
    said = set(terms(statement.text, statement.lang))
    held = {term for part in (*chunk.headings, text) for term in terms(part, chunk.lang)}
    told, own = figures(statement.text), figures(text)
    if told and own and not told & own:
        return 0.0
    strange = _STRANGE if told - figures(chunk.passage) else 0.0
    return len(said & held) / max(1, len(said)) - strange


def _citation(chunk: Chunk, place: tuple[int, int], number: int) -> Citation:
    start, end = place
    return Citation(chunk, start, end, chunk.text[start - chunk.start : end - chunk.start], number)


def _marks(kept: Sequence[Citation]) -> str:
    return "".join(f"[{number}]" for number in dict.fromkeys(citation.number for citation in kept))
