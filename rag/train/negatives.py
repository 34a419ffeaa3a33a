"""Questions with their passage and with passages that look like it: what a cross-encoder learns from.

Candidates are what a first stage would hand over: BM25 over pieces and the cosine of the bundled embedder,
added after each is divided by the question's best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from rag.train.pairs import Cloze, Group
from rag.types import Matrix

# the chatbot's replies answer nothing, so its group is left out
_KINDS = ("question-ja", "question-zh", "heading", "title", "crossed")
_READ = 600  # characters of a passage
_K1, _B = 0.9, 0.4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the passage that answers it, and passages that do not, hardest first."""

    query: str
    positive: str
    negatives: tuple[str, ...]


def questions(
    groups: Sequence[Group],
    clozes: Sequence[Cloze],
    embedder: Path,
    *,
    per_group: int,
    depth: int = 16,
    seed: int = 0,
) -> list[Asked]:
    """Questions of every group that has questions and passages, with negatives from the same group.

    Args:
        groups: pairs; those that are translations or paraphrases are left out.
        clozes: a sentence asks for the passage it was taken from.
        embedder: folder of the static embedder.
        per_group: most questions of one group.
        depth: negatives of one question.
        seed: of the choice.
    """
    model = SentenceTransformer(str(embedder), device="cpu")
    rng = np.random.default_rng(seed)
    asked: list[Asked] = []
    for pairs in (*_asking(groups, per_group, rng), *_torn(clozes, per_group, rng)):
        asked += mine(pairs, model, depth=depth)
    return [asked[index] for index in rng.permutation(len(asked))]


def mine(
    pairs: Sequence[tuple[str, str]], model: SentenceTransformer, *, depth: int, skip: int = 0
) -> list[Asked]:
    """For each pair the ``depth`` best other passages of all pairs, after the first ``skip``."""
    passages = list(dict.fromkeys(positive for _, positive in pairs))
    if len(passages) < 2:
        return []
    place = {passage: index for index, passage in enumerate(passages)}
    queries = [query for query, _ in pairs]
    dense = _encoded(model, queries) @ _encoded(model, passages).T
    static: Any = model[0]
    lexical = Lexical(static.tokenizer, passages)
    asked = []
    for row, (query, positive) in enumerate(pairs):
        scores = lexical.scores(query)
        scores = scores / max(float(scores.max()), 1e-9) + 0.5 * dense[row]
        scores[place[positive]] = -np.inf
        best = np.argsort(-scores)[skip : min(skip + depth, len(passages) - 1)]
        asked.append(Asked(query, positive, tuple(passages[index] for index in best)))
    return asked


class Lexical:
    """BM25 over the pieces of a tokenizer.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
    """

    def __init__(self, tokenizer: Tokenizer, passages: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._size = len(passages)
        encodings = tokenizer.encode_batch_fast([passage[:_READ] for passage in passages])
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        norms = _K1 * (1 - _B + _B * lengths / max(1.0, float(lengths.mean())))
        found: dict[int, tuple[list[int], list[float]]] = {}
        for number, encoding in enumerate(encodings):
            pieces, counts = np.unique(encoding.ids, return_counts=True)
            weights = counts * (_K1 + 1) / (counts + norms[number])
            for piece, weight in zip(pieces.tolist(), weights.tolist(), strict=True):
                numbers, values = found.setdefault(piece, ([], []))
                numbers.append(number)
                values.append(weight)
        self._postings = {
            piece: (np.array(n), np.array(v) * self._idf(len(n))) for piece, (n, v) in found.items()
        }

    def scores(self, query: str) -> NDArray[np.float64]:
        """One score per passage."""
        scores = np.zeros(self._size)
        for piece in self._tokenizer.encode(query).ids:
            if piece in self._postings:
                numbers, weights = self._postings[piece]
                scores[numbers] += weights
        return scores

    def _idf(self, found: int) -> float:
        return float(np.log(1 + (self._size - found + 0.5) / (found + 0.5)))


def _asking(
    groups: Sequence[Group], count: int, rng: np.random.Generator
) -> Iterator[Sequence[tuple[str, str]]]:
    """Questions and passages of each group; those across languages are many, and each gives fewer."""
    for group in groups:
        if group.name.startswith(_KINDS):
            most = count // 4 if group.name.startswith("crossed") else count
            chosen = rng.permutation(len(group.pairs))[:most]
            yield [(group.pairs[index][0], group.pairs[index][1][:_READ]) for index in chosen]


def _torn(
    clozes: Sequence[Cloze], count: int, rng: np.random.Generator
) -> Iterator[Sequence[tuple[str, str]]]:
    """Sentences and the passages without them."""
    for cloze in clozes:
        pairs = []
        for index in rng.permutation(len(cloze.passages))[:count]:
            sentences = cloze.passages[index]
            taken = int(rng.integers(len(sentences)))
            rest = [sentence for number, sentence in enumerate(sentences) if number != taken]
            pairs.append((sentences[taken], " ".join(rest)[:_READ]))
        yield pairs


def _encoded(model: SentenceTransformer, texts: Sequence[str]) -> Matrix:
    return np.asarray(model.encode(list(texts), batch_size=256, show_progress_bar=False), dtype=np.float32)
