"""Answers without a language model: the best sentences found, quoted and cited, or an abstention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.answer.inert import inert
from rag.answer.phrases import phrase, quoted
from rag.answer.select import Selection, select
from rag.ports import Embedder
from rag.types import Answer, Citation, Delta, Outcome, Query, Ranking, Turn


class Extractive:
    """Quotes the sentences that answer best, each with its number; abstains where none does.

    Args:
        sentences: most quotations of one answer.
        embedder: compares meaning where question and passage share no words; words alone without it.
    """

    def __init__(self, sentences: int = 3, embedder: Embedder | None = None) -> None:
        self.sentences = sentences
        self.embedder = embedder

    def stream(
        self, query: Query, ranking: Ranking, history: Sequence[Turn] = ()
    ) -> Iterator[Delta | Answer]:
        """One piece per quotation, then the `Answer`: ``extracted``, or ``abstained`` without citations."""
        found = select(query, ranking, limit=self.sentences, embedder=self.embedder)
        citations = tuple(_cited(selection, number) for number, selection in enumerate(found, start=1))
        lines = [_line(citation, query) for citation in citations]
        for number, line in enumerate(lines):
            yield Delta(f"\n\n{line}" if number else line)
        if not lines:
            lines = [phrase("nothing_found", query.lang)]
            yield Delta(lines[0])
        outcome: Outcome = "extracted" if citations else "abstained"
        yield Answer("\n\n".join(lines), citations, ranking, "extractive", outcome, query.lang)

    def __repr__(self) -> str:
        return f"Extractive(sentences={self.sentences})"


def _cited(selection: Selection, number: int) -> Citation:
    chunk = selection.chunk
    quote = chunk.text[selection.start : selection.end]
    return Citation(chunk, chunk.start + selection.start, chunk.start + selection.end, quote, number)


def _line(citation: Citation, query: Query) -> str:
    return f"{inert(quoted(citation.quote, query.lang))}[{citation.number}]"
