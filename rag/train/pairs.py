"""Training data: files of pairs and of plain text become groups of pairs.

A group holds pairs of one kind and one language (or pair of languages): a batch is drawn from a single group,
so that its negatives are of the same kind and cannot be told apart by language alone.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import opencc

_QUESTION = {
    "jaquad-ja": "question-ja",
    "toyhom-med-zh": "question-zh",
    "petitions-ko": "title-ko",
    "songys-chatbot-ko": "question-ko",
}
_MIN_SCORE = 3.5  # of 5: "mostly equivalent" on the scale of the similarity sets
_LANGS = ("zh", "ja", "ko", "en")
_PASSAGE = 360  # characters, about what a chunk holds
_SENTENCE = re.compile(r"(?:[^.。．！？!?\n]|\.(?!\s|$))*(?:\.+|[。．！？!?]+|\n|$)")
_REPEAT = {"cloze-ko": 4, "cloze-en": 2, "title-ko": 2, "crossed": 3, "heading-zh": 2, "heading-ko": 3}
"""By the group's name or its kind: what is scarce is seen more often."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs of texts that belong together; ``repeat`` says how often an epoch sees each."""

    name: str
    pairs: list[tuple[str, str]] = field(default_factory=list)
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Cloze:
    """Passages as lists of sentences: one sentence is the question, the others are the answer."""

    name: str
    passages: list[tuple[str, ...]] = field(default_factory=list)
    repeat: int = 1


def read(data: Path, *, limit: int | None = None, seed: int = 0) -> tuple[list[Group], list[Cloze]]:
    """All groups under ``data/train`` and all passages under ``data/text``.

    Args:
        data: a folder with ``train/*.jsonl.gz`` and ``text/*.txt.gz``.
        limit: most pairs or passages of one group, chosen at random.
        seed: of that choice.

    Raises:
        FileNotFoundError: there is nothing to read under ``data``.
    """
    files = sorted((data / "train").glob("*.jsonl*"))
    texts = sorted((data / "text").glob("*.txt*"))
    if not files and not texts:
        raise FileNotFoundError(f"{data}: neither train/*.jsonl[.gz] nor text/*.txt[.gz] is there")
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, found in _labelled(files):
        groups.setdefault(name, []).extend(found)
    cloze: dict[str, list[tuple[str, ...]]] = {}
    for path in texts:
        cloze.setdefault(f"cloze-{_langs(_stem(path))[0]}", []).extend(passages(read_text(path)))
    for name, language in (("question-ja", "ja"), ("heading-en", "en")):
        sources = dict.fromkeys(positive for _, positive in groups.get(name, ()))
        cloze.setdefault(f"cloze-{language}", []).extend(p for text in sources for p in passages(text))
    rng = np.random.default_rng(seed)
    return (
        [Group(name, _chosen(found, limit, rng), _repeat(name)) for name, found in groups.items()],
        [Cloze(name, _chosen(found, limit, rng), _repeat(name)) for name, found in cloze.items()],
    )


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, gzipped or not."""
    for line in read_text(path).split("\n"):
        if line.strip():
            yield json.loads(line)


def read_text(path: Path) -> str:
    """A text file, gzipped or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def passages(text: str, *, size: int = _PASSAGE) -> Iterator[tuple[str, ...]]:
    """Consecutive sentences of at least two each, about ``size`` characters together.

    Example:
        >>> list(passages("一つ目の文です。二つ目の文です。三つ目の文です。", size=20))
        [('一つ目の文です。', '二つ目の文です。', '三つ目の文です。')]
    """
    held: list[str] = []
    length = 0
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if len(sentence) < 6:
            continue
        held.append(sentence[:size])
        length += len(sentence)
        if length >= size:
            if len(held) > 1:
                yield tuple(held)
            held, length = [], 0
    if len(held) > 1:
        yield tuple(held)


def _labelled(files: Sequence[Path]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    headings: dict[str, dict[str, str]] = {}
    for path in files:
        stem = _stem(path)
        pairs = [pair for row in rows(path) if (pair := _pair(row))]
        yield _group(stem), pairs
        if "-heading-" in stem:
            language = _langs(stem)[0]
            headings.setdefault(language, {}).update((positive, query) for query, positive in pairs)
            if language == "zh":
                yield "taiwan-zh", _taiwan(pairs)
    for path in files:
        if "-parallel-" in _stem(path):
            first, second = _langs(_stem(path))
            pairs = [pair for row in rows(path) if (pair := _pair(row))]
            yield from _crossed(first, second, pairs, headings)


def _crossed(
    first: str, second: str, pairs: Sequence[tuple[str, str]], headings: dict[str, dict[str, str]]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Headings of one language joined to the section in the other, and to the other's heading."""
    ours, theirs = headings.get(first, {}), headings.get(second, {})
    yield f"crossed-{first}-{second}", [(ours[a], b) for a, b in pairs if a in ours]
    yield f"crossed-{second}-{first}", [(theirs[b], a) for a, b in pairs if b in theirs]
    yield f"parallel-{first}-{second}", [(ours[a], theirs[b]) for a, b in pairs if a in ours and b in theirs]


def _pair(row: dict[str, Any]) -> tuple[str, str] | None:
    if str(row.get("label", "1")) == "0" or float(row.get("score", 5)) < _MIN_SCORE:
        return None
    first, second = (row["query"], row["positive"]) if "query" in row else (row["s1"], row["s2"])
    return (first, second) if first.strip() and second.strip() and first != second else None


def _taiwan(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs whose question is in Taiwan's wording (軟體 for 软件)."""
    convert = opencc.OpenCC("s2twp").convert
    return [(convert(query), positive) for query, positive in pairs]


def _group(stem: str) -> str:
    if stem in _QUESTION:
        return _QUESTION[stem]
    languages = "-".join(_langs(stem))
    if "-parallel-" in stem:
        return f"parallel-{languages}"
    if "-heading-" in stem or stem.startswith("jplaw"):
        return f"heading-{languages}"
    return f"paraphrase-{languages}"


def _langs(stem: str) -> list[str]:
    return [part for part in stem.split("-") if part in _LANGS]


def _repeat(name: str) -> int:
    return _REPEAT.get(name, _REPEAT.get(name.split("-")[0], 1))


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _chosen(items: list[Any], limit: int | None, rng: np.random.Generator) -> list[Any]:
    if limit is None or len(items) <= limit:
        return items
    return [items[index] for index in np.sort(rng.choice(len(items), limit, replace=False))]


def balanced(
    groups: Sequence[Group], clozes: Sequence[Cloze], *, characters: int, seed: int = 0
) -> dict[str, list[str]]:
    """For each language texts of about ``characters`` in all, taken from every source in turn."""
    pools: dict[str, list[str]] = {}
    for group in groups:
        for side, language in zip((0, 1), (group.name.split("-")[1:] * 2)[:2], strict=True):
            pools.setdefault(language, []).extend(dict.fromkeys(pair[side] for pair in group.pairs))
    for cloze in clozes:
        pools.setdefault(_langs(cloze.name)[0], []).extend(" ".join(item) for item in cloze.passages)
    rng = np.random.default_rng(seed)
    return {language: _up_to(pool, characters, rng) for language, pool in sorted(pools.items())}


def _up_to(pool: Sequence[str], characters: int, rng: np.random.Generator) -> list[str]:
    taken: list[str] = []
    for index in rng.permutation(len(pool)):
        taken.append(pool[index])
        characters -= len(pool[index])
        if characters <= 0:
            break
    return taken
