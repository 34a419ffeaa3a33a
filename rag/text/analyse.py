"""Texts to BM25 terms and sparse vectors: words, character bigrams, identifiers whole and in parts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np

from rag.text import morphemes
from rag.text.han import simplify
from rag.text.normalise import fold
from rag.types import Lang, Sparse

_H = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_K = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff"
_G = "\u1100-\u11ff\uac00-\ud7a3"
_CJK_RUN = re.compile(f"[{_H}{_K}{_G}]+")
_HAN_RUN = re.compile(f"[{_H}]+")
_KANA_RUN = re.compile(f"[{_H}]*[{_K}][{_H}{_K}]*")
_KANA = re.compile(f"[{_K}]")
_HANGUL = re.compile(f"[{_G}]")
_WORD = re.compile(r"[^\W_]+(?:[._\-/+#@:'&]+[^\W_]+)*[+#]*")
_PART = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_TERMS_OF_A_QUERY = 512


def terms(text: str, lang: Lang = "und") -> list[str]:
    """The terms of a text, repeated as often as they occur; passages and queries have the same."""
    folded = fold(text)
    simple = simplify(folded)
    found = _words(folded, simple, lang)
    for run in _CJK_RUN.findall(simple):
        found += map("".join, zip(run, run[1:], strict=False)) if len(run) > 1 else [run]
    if lang.startswith("zh"):
        found += [character for run in _HAN_RUN.findall(simple) for character in run]
    for word in _WORD.findall(_CJK_RUN.sub(" ", simple)):
        found.append(word)
        parts = _PART.findall(word)
        if len(parts) > 1:
            found += parts
    return found


def _words(folded: str, simple: str, lang: Lang) -> list[str]:
    words: list[str] = []
    if lang == "ja" and _CJK_RUN.search(folded):
        words += morphemes.japanese(folded)
    elif _KANA.search(folded):
        words += morphemes.japanese("\n".join(_KANA_RUN.findall(folded)))
    if lang == "ko" or _HANGUL.search(folded):
        words += morphemes.korean(folded)
    if lang.startswith("zh"):
        words += morphemes.chinese("\n".join(_HAN_RUN.findall(_KANA_RUN.sub(" ", simple))))
    return [simplify(word) for word in words if _CJK_RUN.search(word)]


def average_length(tokens: int) -> float:
    """Terms of an average chunk cut to that many tokens."""
    return 2.0 * tokens


class Bm25:
    """BM25 as sparse vectors: the document's part of the weight here, the IDF in the store.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
    """

    def __init__(self, k1: float = 0.9, b: float = 0.4, average_length: float = 400.0) -> None:
        self.k1 = k1
        self.b = b
        self.average_length = average_length

    @property
    def fingerprint(self) -> str:
        """Changes whenever terms or weights would."""
        return f"bm25-1/{self.k1:g}/{self.b:g}/{self.average_length:g}/{morphemes.versions()}"

    def passages(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """Document weights tf (k1 + 1) / (tf + k1 (1 - b + b length / average length)), without the IDF."""
        return [self._passage(text, lang) for text, lang in zip(texts, langs, strict=True)]

    def queries(self, texts: Sequence[str], langs: Sequence[Lang]) -> list[Sparse]:
        """Query weights: how often each term occurs; of a very long query the most frequent terms."""
        return [self._query(text, lang) for text, lang in zip(texts, langs, strict=True)]

    def _passage(self, text: str, lang: Lang) -> Sparse:
        indices, counts = _counted(Counter(terms(text, lang)).items())
        length = float(counts.sum())
        norm = self.k1 * (1 - self.b + self.b * length / self.average_length)
        return Sparse(indices, (counts * (self.k1 + 1) / (counts + norm)).astype(np.float32))

    def _query(self, text: str, lang: Lang) -> Sparse:
        indices, counts = _counted(Counter(terms(text, lang)).most_common(_TERMS_OF_A_QUERY))
        return Sparse(indices, counts.astype(np.float32))


def _counted(counts: Iterable[tuple[str, int]]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    pairs = list(counts)
    hashes = np.fromiter((crc32(term.encode()) for term, _ in pairs), np.uint32, len(pairs))
    values = np.fromiter((count for _, count in pairs), np.float64, len(pairs))
    indices, inverse = np.unique(hashes, return_inverse=True)
    return indices, np.bincount(inverse, values, len(indices)) if len(pairs) else values
