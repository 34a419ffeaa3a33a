"""Every quotation of an answer, whoever wrote it, found again in the passages or said not to be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rag.answer.claims import claims
from rag.answer.copied import negates
from rag.answer.passages import Passages
from rag.answer.quoted import Quotation
from rag.answer.torn import torn
from rag.types import Chunk, Citation, Hit

ENOUGH: Final = 6  # letters of a quotation; a shorter one is a word in quotation marks
_SENTENCE = re.compile(r"[。｡，,！？!?；;]|\w[.](?:\s|\Z)|\w{21}|(?:\w+\W+){10}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one quotation: ``answer[start:end]`` is it with its marks, ``quote`` its words.

    ``match`` is ``exact`` where they stand in the passages to the letter, ``folded`` where they stand there
    in another spelling (`rag.answer.cite.find`), ``title`` where they name a document or a heading and
    quote nothing, None where they are nowhere. ``citations`` say where they stand; there are several where
    several passages that the answer names hold them, or where they run over chunks or leave something out.
    """

    quote: str
    start: int
    end: int
    match: Literal["exact", "folded", "title"] | None
    citations: tuple[Citation, ...] = ()


def verify(answer: str, passages: Iterable[str | Chunk | Hit]) -> list[Verdict]:
    """Judge each quotation of an answer, in order; what the answer says in words of its own is not judged.

    Quotations are what stands between quotation marks of any kind or as a block quote, the outermost only.
    They are looked for in the passages that their marks (``[1]``, ``【1】``) name, then in the others.

    Args:
        answer: a reply of any language model.
        passages: what the model was shown, ``[1]`` being the first.

    Example:
        >>> passages = ["入职满一年的员工每年享有七天带薪年假。", "婚假为十天。"]
        >>> for one in verify("手册规定“每年享有七天带薪年假”[1]，“婚假为八天”[2]。", passages):
        ...     print(one.quote, one.match, [(c.number, c.start, c.end) for c in one.citations])
        每年享有七天带薪年假 exact [(1, 8, 18)]
        婚假为八天 None []
    """
    searched = Passages([_chunk(one, number) for number, one in enumerate(passages, start=1)])
    marked, unmarked = claims(answer)
    judged = {one: judge(one, searched) for one in unmarked}
    for claim in marked:
        for one in claim.quotations:
            judged[one] = judged.get(one) or judge(one, searched, claim.numbers, claim.statement)
    return sorted(judged.values(), key=lambda one: one.start)


def judge(
    quotation: Quotation, passages: Passages, numbers: Sequence[int] = (), statement: str = ""
) -> Verdict:
    """What became of that quotation, which the answer says to be from the passages of those numbers.

    A few letters that stand behind a "not" are a term where the ``statement`` they are quoted in has a "not"
    as well, or is not given; otherwise they say the contrary, and are not found.
    """
    text, start, end = quotation.text, quotation.start, quotation.end
    if quotation.kind == "title" and not _SENTENCE.search(text):
        return Verdict(text, start, end, "title")
    short = sum(map(str.isalnum, text)) < ENOUGH
    if short and passages.names(text):
        return Verdict(text, start, end, "title")
    found = passages.find(text, numbers)
    if text in statement and not negates(statement) and any(map(_negated, found)):
        return Verdict(text, start, end, None)
    if found:
        exact = all(one.match == "exact" for one in found)
        return Verdict(text, start, end, "exact" if exact else "folded", found)
    titled = quotation.kind != "block" and passages.names(text)
    return Verdict(text, start, end, "title" if titled else None)


def _negated(citation: Citation) -> bool:
    return torn(citation.chunk.text, *citation.span, term=False)


def _chunk(passage: str | Chunk | Hit, number: int) -> Chunk:
    if isinstance(passage, Hit):
        return passage.chunk
    if isinstance(passage, Chunk):
        return passage
    name = f"passage {number}"
    return Chunk(name, name, name, passage, 0, len(passage))
