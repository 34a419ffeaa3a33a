"""A question as every stage sees it."""

from __future__ import annotations

from rag.errors import QueryError
from rag.text.clean import clean
from rag.text.language import detect
from rag.text.normalise import fold
from rag.types import Lang, Query


def as_query(text: str, max_chars: int = 8000, *, default: Lang = "und") -> Query:
    """The question, cleaned and stripped, with its language.

    Args:
        text: what the user wrote.
        max_chars: longest question in code points that is let through.
        default: the language to assume where the text does not decide it.

    Raises:
        QueryError: nothing visible is left of it, or it is longer than ``max_chars``.

    Example:
        >>> as_query("  연차는 며칠입니까? ")
        Query(text='연차는 며칠입니까?', lang='ko')
    """
    if len(text) > max_chars:
        raise QueryError(
            f"the question has {len(text):,} characters, the limit is {max_chars:,}. Shorten it."
        )
    question = clean(text).strip()
    if not fold(question).strip():
        raise QueryError("the question is empty. Type a few words to search for.")
    return Query(question, detect(question, default))
