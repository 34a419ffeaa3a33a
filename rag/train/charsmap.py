"""A character map in the form that tokenizers' ``Precompiled`` normaliser reads.

The form is SentencePiece's: the size of a double-array trie in bytes (little-endian ``uint32``), the trie
(darts-clone units), then the replacements as UTF-8, each closed by a zero byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_BLOCK = 256
_LOOK_BACK = 64  # places this far behind the last find are searched again


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """The map as bytes; keys are matched from their first character on.

    Args:
        replacements: what stands in the text, and what is read instead (may be empty).

    Example:
        >>> from tokenizers.normalizers import Precompiled
        >>> Precompiled(charsmap({"經": "经", "A": "a"})).normalize_str("經A")
        '经a'

    Source: darts-clone (double-array unit layout), SentencePiece's ``precompiled_charsmap``.
    """
    texts, position = bytearray(), {}
    for text in dict.fromkeys(replacements.values()):
        position[text] = len(texts)
        texts += text.encode() + b"\0"
    trie = _double_array({key.encode(): position[value] for key, value in replacements.items()})
    blob = trie.tobytes()
    return len(blob).to_bytes(4, "little") + blob + bytes(texts)


@dataclass(slots=True)
class _Node:
    children: dict[int, _Node] = field(default_factory=dict)
    value: int | None = None


def _trie(entries: Mapping[bytes, int]) -> _Node:
    root = _Node()
    for key, value in entries.items():
        node = root
        for byte in key:
            node = node.children.setdefault(byte, _Node())
        node.value = value
    return root


def _double_array(entries: Mapping[bytes, int]) -> NDArray[np.uint32]:
    """Units: a child stands at ``base ^ byte``; a node's base is its own place xor its offset field."""
    units: dict[int, int] = {0: 0}
    bases: set[int] = {0}
    waiting = deque([(0, _trie(entries))])
    start = 1
    while waiting:
        place, node = waiting.popleft()
        labels = ([0] if node.value is not None else []) + sorted(node.children)
        if not labels:
            continue
        base, found = _base(units, bases, labels, start)
        start = max(start, found - _LOOK_BACK)
        bases.add(base)
        units[place] |= ((place ^ base) << 10) | ((node.value is not None) << 8)
        if node.value is not None:
            units[base] = node.value | 1 << 31
        for byte, child in node.children.items():
            units[base ^ byte] = byte
            waiting.append((base ^ byte, child))
    array = np.zeros((max(units) // _BLOCK + 1) * _BLOCK, dtype="<u4")
    array[list(units)] = list(units.values())
    return array


def _base(units: Mapping[int, int], bases: set[int], labels: list[int], start: int) -> tuple[int, int]:
    """The first base that no other node has and whose places are all free, and where it was found."""
    place = start
    while True:
        base = place ^ labels[0]
        if base not in bases and not any((base ^ label) in units for label in labels):
            return base, place
        place += 1
