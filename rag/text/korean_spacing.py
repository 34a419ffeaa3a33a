"""Whether a space belongs between two pieces of Korean text, which people write in more ways than one.

A small network weighs eight characters before the break and six after it, and what mecab-ko makes of both
sides joined and parted. Its weights (korean_spacing.npz, 8 bits each) were learnt as
benchmarks/korean_spacing.py does it, from petitions (CC0), Python's documentation (PSF, CC0), technical
documentation (CC BY 4.0, MIT, Apache-2.0), KorSTS and ParaKQC (CC BY-SA 4.0), chat sentences and question
pairs (MIT); they hold no text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.text.morphemes import Juncture, korean_juncture

BEFORE: Final = 8
AFTER: Final = 6
LENGTHS: Final = 9
CHARS: Final = 4096
TAGS: Final = 1024
_WEIGHTS = Path(__file__).with_suffix(".npz")
_DIGIT = re.compile("[0-9]")
_LETTER = re.compile("[A-Za-z]")
Floats = NDArray[np.float32]


class Traits(NamedTuple):
    """What the network sees of a break: numbers of characters and of tags, a cost, and two word lengths."""

    chars: tuple[int, ...]
    tags: tuple[int, ...]
    cost: float
    lengths: tuple[int, int]


def traits(before: str, after: str) -> Traits:
    """The traits of the break between two pieces of text."""
    words, following = before.split()[-3:], after.split()[:3]
    one, two = " ".join(words), " ".join(following)
    joined, parted = korean_juncture(one, two), korean_juncture(one, two, " ")
    window = ("^" * BEFORE + _plain(one))[-BEFORE:] + (_plain(two) + "$" * AFTER)[:AFTER]
    lengths = [min(len(word), LENGTHS - 1) for word in ((words or [""])[-1], (following or [""])[0])]
    return Traits(
        tuple(zlib.crc32(ch.encode()) % CHARS for ch in window),
        tuple(zlib.crc32(tag.encode()) % TAGS for tag in _tags(joined, parted)),
        max(-6000, min(6000, joined.cost - parted.cost)) / 2000,
        (lengths[0], lengths[1]),
    )


def space_odds(breaks: Iterable[tuple[str, str]]) -> list[float]:
    """For each pair of texts, how much speaks for a space between them (natural logarithm of the odds).

    Example:
        >>> [odds > 0 for odds in space_odds([("도서관은 화요일부", "터 문을 엽니다"), ("도서관은", "문을")])]
        [False, True]
    """
    seen = [traits(before, after) for before, after in breaks]
    if not seen:
        return []
    net = _network()
    places = np.eye(LENGTHS, dtype=np.float32)
    count = len(seen)
    layer = np.concatenate(
        (
            net["chars"][np.array([one.chars for one in seen])].reshape(count, -1),
            net["tags"][np.array([one.tags for one in seen])].reshape(count, -1),
            np.array([[one.cost] for one in seen], dtype=np.float32),
            places[np.array([one.lengths for one in seen])].reshape(count, -1),
        ),
        axis=1,
    )
    for number in (1, 2):
        layer = np.maximum(layer @ net[f"weights{number}"].T + net[f"bias{number}"], 0)
    odds: list[float] = (layer @ net["weights3"].T + net["bias3"])[:, 0].tolist()
    return odds


def packed(net: dict[str, Floats]) -> bytes:
    """The network as a file: matrices in 8 bits, one scale for each row."""
    arrays: dict[str, Any] = {}
    for name, array in net.items():
        if array.ndim == 1:
            arrays[name] = array.astype(np.float32)
            continue
        scale = np.maximum(np.abs(array).max(axis=1), 1e-8) / 127
        arrays[name] = np.round(array / scale[:, None]).astype(np.int8)
        arrays[f"{name}.scale"] = scale.astype(np.float16 if name == "chars" else np.float32)
    target = BytesIO()
    np.savez_compressed(target, **arrays)
    return target.getvalue()


def _plain(text: str) -> str:
    return _LETTER.sub("a", _DIGIT.sub("0", text))


def _tags(joined: Juncture, parted: Juncture) -> tuple[str, ...]:
    """The tags on both sides, whether the joined text has a boundary at all, and the contexts of mecab-ko."""
    left = "in" if joined.inside else joined.tags[0][:2]
    return (*joined.tags, *parted.tags, left, *joined.contexts, *parted.contexts)


@cache
def _network() -> dict[str, Floats]:
    with np.load(_WEIGHTS, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return {
        name: array * arrays[f"{name}.scale"].astype(np.float32)[:, None]
        if f"{name}.scale" in arrays
        else array
        for name, array in arrays.items()
        if not name.endswith(".scale")
    }
