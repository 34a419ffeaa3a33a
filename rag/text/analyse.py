"""Texts to BM25 terms and sparse vectors.

A text is told by words (one analyser per language), by pairs of neighbouring CJK characters, which no
dictionary can get wrong and which every language shares, by single characters, and by Latin words,
identifiers and numbers, whole and in parts. Each kind has its weight.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.text import morphemes
from rag.text.clean import clean
from rag.text.han import simplify
from rag.text.normalise import fold
from rag.types import Lang, Sparse

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
_HANGUL = "\u1100-\u11ff\uac00-\ud7a3"
_CJK = f"{_HAN}{_KANA}{_HANGUL}"

_FIRST_CJK = "\u1100"  # what an analyser returns below it is Latin or a number, told as a token

_CJK_RUN = re.compile(f"[{_CJK}]+")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_HANGUL_CHARACTER = re.compile(f"[{_HANGUL}]")
_HAS_KANA = re.compile(f"[{_KANA}]")
_JAPANESE_RUN = re.compile(f"[{_HAN}]*[{_KANA}][{_HAN}{_KANA}]*")
_TOKEN = re.compile(r"[^\W_]+(?:[-._/+#@:'&]+[^\W_]+)*[+#]*")
_PART = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_NUMBER = re.compile(rf"([{_CJK}]?)(\d+(?:\.\d+)*)(?=([{_CJK}]?))")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one text by kind, each as often as it occurs; equal strings are equal terms.

    A pair carries a mark, so that the word 大学 and the pair _大学 count apart.
    """

    words: Sequence[str] = ()
    pairs: Sequence[str] = ()
    han: Sequence[str] = ()
    syllables: Sequence[str] = ()
    tokens: Sequence[str] = ()
    parts: Sequence[str] = ()
    numbers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """How much one occurrence counts, by kind of term."""

    words: float = 1.0
    pairs: float = 1.0
    han: float = 1.0
    syllables: float = 1.0
    tokens: float = 1.0
    parts: float = 1.0
    numbers: float = 1.0


# Chosen on nine development sets together by coordinate descent (benchmarks/lexical.py), not one by one.
# A CJK word scores by its pairs and characters too, a Latin one only by itself: hence its weight.
PASSAGE = Weights(words=1.0, pairs=0.7, han=0.5, syllables=0.35, tokens=1.0, parts=0.5, numbers=0.5)
QUERY = Weights(words=1.0, pairs=0.2, han=0.1, syllables=0.2, tokens=3.0, parts=0.5, numbers=0.5)
_QUERY_TERMS = 256


def terms(text: str, lang: Lang = "und") -> list[str]:
    """All terms of a text, repeated as often as they occur; passages and queries are told alike.

    Args:
        text: as it was loaded or typed; it is folded here.
        lang: whose analyser reads the Chinese characters. Kana go to the Japanese one and Hangul to the
            Korean one in any text.

    Example:
        >>> terms("RAG如何配置", "zh-Hans")
        ['如何', '配置', '_如何', '_何配', '_配置', '如', '何', '配', '置', 'rag']
    """
    found = kinds(text, lang)
    return [*chain.from_iterable(getattr(found, name) for name in Terms.__slots__)]


def kinds(text: str, lang: Lang = "und") -> Terms:
    """The terms of a text by kind; arguments as of `terms`."""
    folded = fold(clean(text))
    simple = simplify(folded)
    runs = _CJK_RUN.findall(simple)
    tokens = _TOKEN.findall(_CJK_RUN.sub(" ", simple) if runs else simple)
    return Terms(
        words=_words(folded, simple, lang) if runs else (),
        pairs=["_" + run[i : i + 2] for run in runs for i in range(len(run) - 1)],
        han=_HAN_CHARACTER.findall(simple) if runs else (),
        syllables=_HANGUL_CHARACTER.findall(simple) if runs else (),
        tokens=tokens,
        parts=[part for token in tokens for part in _parts(token)],
        numbers=list(_numbers(simple)) if runs else (),
    )


def average_length(tokens: int) -> float:
    """How many terms an average chunk has that was cut to at most that many tokens.

    Between prose (measured: 2.0 terms per token of the budget with the bundled tokenizer) and technical
    documentation, whose sections often end early (0.9); twice or half of it costs under .02 nDCG@10.
    """
    return 1.6 * tokens


class Bm25:
    """BM25 as sparse vectors: the document's part of the weight here, the IDF in the store.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.

    Example:
        >>> bm25 = Bm25(k1=0.6, b=0.8, average_length=400)
        >>> passage, = bm25.passages(["東京駅"], ["ja"])
        >>> query, = bm25.queries(["東京"], ["zh-Hant"])
        >>> len(set(passage.indices) & set(query.indices))
        4
    """

    def __init__(self, k1: float = 0.6, b: float = 0.8, average_length: float = 600.0) -> None:
        self.k1 = k1
        self.b = b
        self.average_length = average_length

    @property
    def fingerprint(self) -> str:
        """Changes whenever terms or weights would."""
        weights = ",".join(f"{value:g}" for value in (*astuple(PASSAGE), *astuple(QUERY)))
        return f"bm25-2/{self.k1:g}/{self.b:g}/{self.average_length:g}/{weights}/{morphemes.versions()}"

    def passages(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """Document weights tf (k1 + 1) / (tf + k1 (1 - b + b length / average length)), without the IDF.

        ``tf`` counts an occurrence by the weight of its kind, ``length`` all terms alike.
        """
        return [self._passage(text, lang) for text, lang in zip(texts, langs, strict=True)]

    def queries(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """Query weights: the root of each term's weighted count; the heaviest 256 terms of a long query."""
        return [_query(text, lang) for text, lang in zip(texts, langs, strict=True)]

    def _passage(self, text: str, lang: Lang) -> Sparse:
        found = kinds(text, lang)
        length = sum(len(getattr(found, name)) for name in Terms.__slots__)
        indices, counts = _weighed(found, PASSAGE)
        norm = self.k1 * (1 - self.b + self.b * length / self.average_length)
        return Sparse(indices, (counts * (self.k1 + 1) / (counts + norm)).astype(np.float32))


def _query(text: str, lang: Lang) -> Sparse:
    indices, counts = _weighed(kinds(text, lang), QUERY)
    if len(indices) > _QUERY_TERMS:
        heaviest = np.sort(np.argsort(-counts, kind="stable")[:_QUERY_TERMS])
        indices, counts = indices[heaviest], counts[heaviest]
    return Sparse(indices, np.sqrt(counts).astype(np.float32))


def _weighed(found: Terms, weights: Weights) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Hashed terms, ascending, and their weighted counts."""
    counters = [(Counter(getattr(found, name)), getattr(weights, name)) for name in Terms.__slots__]
    size = sum(len(counter) for counter, _ in counters)
    told = chain.from_iterable(counter for counter, _ in counters)
    hashes = np.fromiter(map(crc32, map(str.encode, told)), np.uint32, size)
    counts = np.fromiter((n * weight for counter, weight in counters for n in counter.values()), float, size)
    indices, places = np.unique(hashes, return_inverse=True)
    return indices, np.bincount(places, counts, len(indices)).astype(np.float64)


def _words(folded: str, simple: str, lang: Lang) -> list[str]:
    """Words by the analyser of the passage's language, of kana and Hangul by theirs."""
    words: list[str] = []
    if lang == "ja":
        words += morphemes.japanese(folded)
    elif _HAS_KANA.search(folded):
        words += morphemes.japanese("\n".join(_JAPANESE_RUN.findall(folded)))
    if lang == "ko" or _HANGUL_CHARACTER.search(folded):
        words += morphemes.korean(folded)
    if lang in ("zh-Hans", "zh-Hant"):
        words += morphemes.chinese("\n".join(_HAN_RUN.findall(_JAPANESE_RUN.sub(" ", simple))))
    kept = [word for word in words if word >= _FIRST_CJK]
    return simplify("\n".join(kept)).split("\n") if kept else []


def _parts(token: str) -> list[str]:
    if token.isalpha():
        return []
    parts = _PART.findall(token)
    return parts if parts != [token] else []


def _numbers(text: str) -> Iterator[str]:
    """Numbers with the character before and the one after: 第12 and 12条 of 第12条."""
    for before, number, after in _NUMBER.findall(text):
        if before:
            yield before + number
        if after:
            yield number + after
