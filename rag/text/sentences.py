"""Sentence ends in Chinese, Japanese, Korean and English, by rules."""

from __future__ import annotations

import re

from rag.types import Lang

_END = re.compile(
    "[。！？!?｡．…‼⁇⁈⁉]+[」』）)”’\"'】〉》〕］\\]}]*|\\.+[」』）)”’\"'】〉》〕］\\]}]*(?=\\s|$)|\n\\s*\n"
)


def sentences(text: str, lang: Lang = "und") -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without outer white space, covering all that is not space."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for found in _END.finditer(text):
        _add(spans, text, begin, found.end())
        begin = found.end()
    _add(spans, text, begin, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, begin: int, end: int) -> None:
    piece = text[begin:end]
    start = begin + len(piece) - len(piece.lstrip())
    stop = begin + len(piece.rstrip())
    if start < stop:
        spans.append((start, stop))
