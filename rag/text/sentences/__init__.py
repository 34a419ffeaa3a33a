"""Sentence ends in Chinese, Japanese, Korean and English.

A stop with the quotes and brackets that close after it ends a sentence; one inside a quotation does not,
nor does the dot of a number, an address or an abbreviation. Lines are read as wrapped where they look it.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from rag.text.sentences import kiwi, walk
from rag.types import Lang

Splitter: TypeAlias = Literal["rules", "kiwi"]
SPLITTERS: Final[tuple[Splitter, ...]] = get_args(Splitter)


def sentences(text: str, lang: Lang = "und", by: Splitter = "rules") -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without outer white space, covering all that is not space.

    Args:
        text: as it was loaded; offsets are code points of it.
        lang: the language of the text; decides only where a rule of one language would hurt another.
        by: ``rules``, or ``kiwi``: in Korean sentences Kiwi finds those that end without a mark too. Other
            languages are left to the rules.

    Raises:
        MissingExtra: ``kiwi`` is not installed.

    Example:
        >>> text = "彼は「もう行く。」と言った。3.14は円周率です！"
        >>> [text[start:end] for start, end in sentences(text, "ja")]
        ['彼は「もう行く。」と言った。', '3.14は円周率です！']
    """
    found = walk.spans(text, lang)
    return kiwi.parted(text, found) if by == "kiwi" else found
