"""The content words of a text, one analyser per language; each is loaded when it is first used."""

from __future__ import annotations

import re
import threading
from functools import cache
from importlib import import_module, metadata
from itertools import count, takewhile
from typing import Any, NamedTuple

_local = threading.local()


def chinese(text: str) -> list[str]:
    """Words of simplified Chinese text, long words with the short ones inside them (jieba's search mode)."""
    words: list[str] = _jieba().cut_for_search(text)
    return words


def japanese(text: str) -> list[str]:
    """Normalised forms of the content words (SudachiPy, short units): no particles, auxiliaries, symbols."""
    tokenizer, function = _sudachi()
    return [
        morpheme.normalized_form()
        for piece in pieces(text)
        for morpheme in tokenizer.tokenize(piece)
        if morpheme.part_of_speech_id() not in function
    ]


def korean(text: str) -> list[str]:
    """Nouns, stems, roots and adverbs; compounds whole and in parts (mecab-ko)."""
    tagger, lattice = _mecab()
    words: list[str] = []
    for piece in pieces(text):
        lattice.set_sentence(piece)
        tagger.parse(lattice)
        for surface, kind, parts in _CONTENT.findall(lattice.to_string()):
            if kind != "Inflect":
                words.append(surface)
            words += _STEM.findall(parts)
    return words


class Juncture(NamedTuple):
    """What mecab-ko makes of a place in a text; inside a morpheme both sides are that morpheme."""

    cost: int
    inside: bool
    tags: tuple[str, str]
    contexts: tuple[str, str]


def korean_juncture(before: str, after: str, between: str = "") -> Juncture:
    """The best analysis of two pieces of text put together, as it is where they meet."""
    tagger, lattice = _mecab()
    lattice.set_sentence(before + between + after)
    tagger.parse(lattice)
    cut, reached = len(before.encode()), 0
    last, node = None, lattice.bos_node().next
    while node.next is not None and reached + node.rlength <= cut:
        reached += node.rlength
        last, node = node, node.next
    cost, tag = int(lattice.eos_node().cost), _tag(node)
    if reached < cut:
        return Juncture(cost, True, (tag, tag), (f"in{node.lc_attr}",) * 2)
    contexts = (str(last.rc_attr if last else 0), str(node.lc_attr))
    return Juncture(cost, False, (_tag(last) if last else "^", tag), contexts)


def _tag(node: Any) -> str:
    feature: str = node.feature
    return feature.split(",", 1)[0]


def korean_gap(before: str, after: str) -> int:
    """How much dearer mecab-ko finds the two pieces of text joined than with a space between them."""
    return _korean_cost(before + after) - _korean_cost(f"{before} {after}")


def _korean_cost(text: str) -> int:
    tagger, lattice = _mecab()
    lattice.set_sentence(text)
    tagger.parse(lattice)
    return int(lattice.eos_node().cost)


def versions() -> str:
    """Names and versions of the analysers and dictionaries: part of the fingerprint."""
    names = ("rjieba", "sudachipy", "sudachidict-small", "python-mecab-ko-dic", "opencc")
    return ",".join(f"{name}-{metadata.version(name)}" for name in names)


_PIECE = re.compile(r"(?s).{1,4000}(?=[\s。！？!?、，,.]|$)|.{1,4000}")


def pieces(text: str) -> list[str]:
    """The text in pieces that an analyser takes (SudachiPy refuses more than 49,149 bytes)."""
    return [text] if len(text) <= 4000 else _PIECE.findall(text)


# A line of MeCab's output: surface, tag, four fields, kind, two fields, parts as 태어나/VV/*+았/EP/*
_TAG = "(?:NN|NP|NR|VV|VA|XR|MA)"
_CONTENT = re.compile(rf"(?m)^(\S+)\t{_TAG}[^,\n]*,(?:[^,\n]*,){{3}}([^,\n]*),(?:[^,\n]*,){{2}}(.*)$")
_STEM = re.compile(rf"([^/+]+)/{_TAG}[A-Z]*/")


@cache
def _jieba() -> Any:
    return import_module("rjieba")


@cache
def _dictionary() -> Any:
    return import_module("sudachipy").Dictionary(dict="small")


def _sudachi() -> tuple[Any, frozenset[int]]:
    """A tokenizer of this thread (SudachiPy's cannot be shared) and the tags of words without content."""
    if not hasattr(_local, "sudachi"):
        _local.sudachi = _dictionary().tokenizer("A", fields={"pos", "normalized_form"})
    return _local.sudachi, _function_tags()


@cache
def _function_tags() -> frozenset[int]:
    tags = takewhile(lambda tag: tag[1], ((number, _dictionary().pos_of(number)) for number in count()))
    return frozenset(number for number, tag in tags if tag[0] in ("助詞", "助動詞", "補助記号", "空白"))


def _mecab() -> tuple[Any, Any]:
    """A tagger and a lattice of this thread."""
    if not hasattr(_local, "mecab"):
        library = import_module("mecab.mecab")
        _local.mecab = library.MeCab()._tagger, library.create_lattice("")
    found: tuple[Any, Any] = _local.mecab
    return found
