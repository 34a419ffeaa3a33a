"""Sentence ends in Chinese, Japanese, Korean and English.

A stop with the quotes and brackets that close after it ends a sentence; one inside a quotation does not,
nor does the dot of a number, an address or an abbreviation. Lines are read as wrapped where they look it.
"""

from __future__ import annotations

from rag.text.sentences import walk
from rag.types import Lang


def sentences(text: str, lang: Lang = "und") -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without outer white space, covering all that is not space.

    Args:
        text: as it was loaded; offsets are code points of it.
        lang: the language of the text; decides only where a rule of one language would hurt another.

    Example:
        >>> text = "彼は「もう行く。」と言った。3.14は円周率です！"
        >>> [text[start:end] for start, end in sentences(text, "ja")]
        ['彼は「もう行く。」と言った。', '3.14は円周率です！']
    """
    return walk.spans(text, lang)
