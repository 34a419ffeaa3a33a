"""Files that were put together from UTF-8 and from an old encoding: each stretch of lines in its own."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from ingest.codepages import evidence
from ingest.legacy import Guess, guess, sample_of, text_in

_THREE_BYTES: Final = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_TELLING: Final = 3
_CREDIBLE: Final = 0.8


def mixed(data: bytes) -> Guess | None:
    """The text of a file some of whose lines are UTF-8 and the others of one code page, else None.

    Lines without characters of three bytes go with the line before. The codec is told as ``utf-8+cp932``.
    """
    sample = sample_of(data)
    if not any(_kind(line) == "utf-8" for line in sample.splitlines() if len(line) >= 3 * _TELLING):
        return None
    lines = data.splitlines(keepends=True)
    kinds = _settled([_kind(line) for line in lines])
    found = guess(b"".join(line for line, kind in zip(lines, kinds, strict=True) if kind == "legacy"))
    if found is None or evidence(found.text) <= _TELLING or found.confidence < _CREDIBLE:
        return None
    runs = groupby(zip(lines, kinds, strict=True), key=lambda pair: pair[1])
    text = "".join(
        text_in(b"".join(line for line, _ in run), "utf-8" if kind == "utf-8" else found.codec)
        for kind, run in runs
    )
    return found._replace(text=text, codec=f"utf-8+{found.codec}", damaged=text.count("\ufffd"))


def _kind(line: bytes) -> str:
    """``utf-8`` also where a few bytes are bad; empty where the line does not tell."""
    if line.isascii():
        return ""
    sound = len(_THREE_BYTES.findall(line))
    broken = line.decode("utf-8", "replace").count("\ufffd") - line.count(b"\xef\xbf\xbd")
    if broken:
        return "utf-8" if sound >= 8 * broken else "legacy"
    return "utf-8" if sound else ""


def _settled(kinds: list[str]) -> list[str]:
    """What does not tell goes with the line before, at the beginning with the first that tells."""
    last = next(filter(None, kinds), "utf-8")
    settled = []
    for kind in kinds:
        last = kind or last
        settled.append(last)
    return settled
