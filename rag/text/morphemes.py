"""The content words of a text, one analyser per language; each is loaded when it is first used."""

from __future__ import annotations

import re
import threading
from functools import cache
from importlib import import_module, metadata
from typing import Any

_local = threading.local()


def chinese(text: str) -> list[str]:
    """Words of simplified Chinese text, long words with the short ones inside them (jieba's search mode)."""
    words: list[str] = _jieba().cut_for_search(text)
    return words


def japanese(text: str) -> list[str]:
    """Normalised forms of the content words (SudachiPy, short units): no particles, auxiliaries, symbols."""
    tokenizer, content = _sudachi()
    words: list[str] = []
    for piece in pieces(text):
        words += [m.normalized_form() for m in tokenizer.tokenize(piece) if content(m)]
    return words


def korean(text: str) -> list[str]:
    """Nouns, stems, roots and adverbs; compounds whole and in parts (mecab-ko)."""
    words: list[str] = []
    for piece in pieces(text):
        for morpheme in _mecab().parse(piece):
            words += _korean_content(morpheme)
    return words


def versions() -> str:
    """Names and versions of the analysers and dictionaries: part of the fingerprint."""
    names = ("rjieba", "sudachipy", "sudachidict-small", "python-mecab-ko-dic", "opencc")
    return ",".join(f"{name}-{metadata.version(name)}" for name in names)


_PIECE = re.compile(r"(?s).{1,4000}(?=[\s。！？!?、，,.]|$)|.{1,4000}")


def pieces(text: str) -> list[str]:
    """The text in pieces that an analyser takes (SudachiPy refuses more than 49,149 bytes)."""
    return [text] if len(text) <= 4000 else _PIECE.findall(text)


_TAGS = ("NN", "NP", "NR", "VV", "VA", "XR", "MA")


def _korean_content(morpheme: Any) -> list[str]:
    feature = morpheme.feature
    if not feature.pos.startswith(_TAGS):
        return []
    if not feature.expression:
        return [morpheme.surface]
    parts = [part.split("/") for part in feature.expression.split("+")]
    words = [part[0] for part in parts if part[1].startswith(_TAGS)]
    return [morpheme.surface, *words] if feature.type == "Compound" else words


@cache
def _jieba() -> Any:
    return import_module("rjieba")


@cache
def _dictionary() -> Any:
    return import_module("sudachipy").Dictionary(dict="small")


def _sudachi() -> tuple[Any, Any]:
    """A tokenizer of this thread: SudachiPy's cannot be shared."""
    if not hasattr(_local, "sudachi"):
        dictionary = _dictionary()
        fields = {"pos", "normalized_form"}
        function = [("助詞",), ("助動詞",), ("補助記号",), ("空白",)]
        _local.sudachi = (dictionary.tokenizer("A", fields=fields), ~dictionary.pos_matcher(function))
    found: tuple[Any, Any] = _local.sudachi
    return found


def _mecab() -> Any:
    if not hasattr(_local, "mecab"):
        _local.mecab = import_module("mecab").MeCab()
    return _local.mecab
