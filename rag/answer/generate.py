"""Answers written by a language model, every citation of theirs checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from rag.answer.inert import inert, inert_pieces, without_thoughts
from rag.answer.likeness import Likeness
from rag.answer.phrases import Key, phrase
from rag.answer.prompt import CountTokens, Prompt, build
from rag.answer.resolve import Resolved, resolve
from rag.errors import GenerationError
from rag.ports import Embedder, Generator
from rag.settings import AnswerSettings
from rag.text.language import detect
from rag.text.normalise import fold
from rag.types import Answer, Delta, Lang, Outcome, Query, Ranking, Turn

_CHARS_PER_TOKEN = 16  # a reply longer than this many times max_tokens is not going to end
_FAILURES: Mapping[str, Key] = {
    "unreachable": "unreachable",
    "timeout": "timeout",
    "refused": "refused",
    "empty": "empty",
    "broken": "broken",
    "too_long": "too_long",
}


class Generated:
    """Asks a language model, streams its reply, then checks each citation.

    The text of the `Answer` can differ from the pieces that were streamed: marks that the passages do
    not bear out are gone from it, quotations that do not stand in them are signed as such, and the notice
    says how many of each.

    A language model that cannot be reached, refuses, is silent or breaks off gives an answer whose
    outcome is ``failed``: with the text that came, the passages found, and a notice that says why.

    Args:
        generator: the language model.
        count_tokens: tokens of each text; the embedder's will do.
        settings: how much context, and how long a reply.
        embedder: compares statements with passages in another language; without it such citations are
            kept only where they share words.
    """

    def __init__(
        self,
        generator: Generator,
        count_tokens: CountTokens,
        settings: AnswerSettings,
        embedder: Embedder | None = None,
    ) -> None:
        self.generator = generator
        self.count_tokens = count_tokens
        self.settings = settings
        self.embedder = embedder

    def stream(
        self, query: Query, ranking: Ranking, history: Sequence[Turn] = ()
    ) -> Iterator[Delta | Answer]:
        """Pieces as they come, then the `Answer`: answered, abstained or failed. Raises MissingExtra."""
        if not ranking:
            text = phrase("nothing_found", query.lang)
            yield Delta(text)
            yield Answer(text, (), (), self.generator.name, "abstained", query.lang)
            return
        came: list[str] = []
        failure: GenerationError | None = None
        shown = 0
        for divisor in (1, 2):  # once more with half the passages where they were too long
            prompt = self._prompt(query, ranking, history, divisor)
            shown = prompt.shown
            try:
                failure = None
                for piece in self._asked(prompt):
                    came.append(piece)
                    yield Delta(piece)
            except GenerationError as error:
                failure = error
            if came or failure is None or failure.code != "too_long":
                break
        yield self._answer("".join(came), query, ranking, shown, failure)

    def _prompt(self, query: Query, ranking: Ranking, history: Sequence[Turn], divisor: int) -> Prompt:
        budget = self.settings.context_tokens // divisor
        return build(query, ranking, history, count_tokens=self.count_tokens, budget=budget)

    def _asked(self, prompt: Prompt) -> Iterator[str]:
        pieces = self.generator.stream(prompt.system, prompt.user)
        return inert_pieces(without_thoughts(_bounded(pieces, self.settings.max_tokens)))

    def _answer(
        self, text: str, query: Query, ranking: Ranking, shown: int, failure: GenerationError | None
    ) -> Answer:
        name = self.generator.name
        if not text.strip() and failure is None:
            failure = GenerationError("empty", f"{name}: the reply is empty")
        similar = Likeness(self.embedder, ranking[:shown]) if self.embedder else None
        resolved = resolve(text, ranking[:shown], detect(text, query.lang), similar, query.text)
        outcome, notice = _outcome(resolved, query.lang, failure)
        kept = inert(resolved.text).strip()
        return Answer(kept, resolved.citations, ranking, name, outcome, query.lang, notice)


def _outcome(resolved: Resolved, lang: Lang, failure: GenerationError | None) -> tuple[Outcome, str]:
    text, citations, removed, misquoted = resolved
    if failure is not None and not text.strip():
        return "failed", f"{phrase(_FAILURES[failure.code], lang)} ({failure})"
    if not citations and _says_nothing_found(text):
        return "abstained", ""
    notices = [phrase("misquoted", lang, count=misquoted)] if misquoted else []
    if removed > misquoted:
        notices.append(phrase("unverified", lang, count=removed - misquoted))
    if not citations:
        notices.append(phrase("uncited", lang))
    if failure is None:
        return "answered", " ".join(notices)
    if failure.code == "too_long":
        return "answered", " ".join((phrase("cut", lang), *notices))
    return "failed", " ".join((f"{phrase('stopped', lang)} ({failure})", *notices))


def _says_nothing_found(text: str) -> bool:
    """Whether the reply holds the sentence it was told to give, in any of the languages."""
    folded = fold(text)
    return any(fold(phrase("nothing_found", lang)).strip(".。") in folded for lang in get_args(Lang))


def _bounded(pieces: Iterator[str], max_tokens: int) -> Iterator[str]:
    room = max_tokens * _CHARS_PER_TOKEN
    for piece in pieces:
        yield piece[:room]
        room -= len(piece)
        if room <= 0:
            raise GenerationError("too_long", "the reply does not end; it was stopped")
