"""Paragraphs of public sets, joined, and where their sentences end by a vote: nobody has cut these by hand.

Where a paragraph ends is known: ten whose last character is a stop are joined, with nothing between them (in
Korean: a space). Inside of a paragraph a sentence ends where two of three voters end one, each reading that
paragraph alone: the plain rule below, ICU, and pysbd (in Korean: Kiwi).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.segmenters import icu, kiwi, pysbd
from tests.helpers.golden import Cut, Passage

SETS = {
    "cmrc2018-zh": "zh-Hans",
    "drcd-dev-zh-hant": "zh-Hant",
    "jsquad-valid-ja": "ja",
    "korquad-ko-dev": "ko",
}
TOGETHER = 10
_STOPS = "。！？!?｡．"
_STOP = re.compile(rf"(?:[{_STOPS}]|(?<=[가-힣])\.(?!\S)|[“‘「『（(《〈【\[”’」』）)》〉】\]\"])")
_PAIRS = dict(["“”", "‘’", "「」", "『』", "（）", "()", "《》", "〈〉", "【】", "[]"])
_OPENING = "「『“‘《〈【（("


def joined(data: Path, name: str, most: int) -> list[Passage]:
    """The first paragraphs of a set, ten to a passage; its sentences are those that the vote makes."""
    lang = SETS[name]
    with gzip.open(data / "eval" / name / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].strip() for line in lines]
    ended = [one for one in texts if one.endswith(("。", "." if lang == "ko" else "。"))][:most]
    voters = voting(lang.partition("-")[0])
    cut = [list(voted(one, lang, voters)) for one in ended]
    space = " " if lang == "ko" else ""
    return [
        Passage(
            lang,
            space.join(ended[first : first + TOGETHER]),
            tuple(piece for some in cut[first : first + TOGETHER] for piece in some),
            hard=False,
        )
        for first in range(0, len(ended), TOGETHER)
    ]


def voting(language: str) -> dict[str, Cut]:
    """The voters, by name. Raises ImportError where one is not installed."""
    third = {"Kiwi": kiwi(language)} if language == "ko" else {"pysbd": pysbd(language)}
    return {"plain rule": plain, "ICU": icu(language), **third}


def voted(text: str, lang: str, voters: dict[str, Cut]) -> Iterator[str]:
    """The sentences of a paragraph by the vote."""
    votes = Counter(end for cut in voters.values() for end in {_end(text, end) for _, end in cut(text, lang)})
    ends = sorted({0, len(text)} | {end for end, many in votes.items() if many > 1})
    for start, end in pairwise(ends):
        if text[start:end].strip():
            yield text[start:end].strip()


def _end(text: str, end: int) -> int:
    """Without white space, and without the quotation mark of the next sentence, which ICU takes along."""
    return len(text[:end].rstrip().rstrip(_OPENING).rstrip())


def plain(text: str, lang: str) -> Iterator[tuple[int, int]]:
    """A sentence ends at a stop, with what closes after it, where no quotation or bracket is open."""
    start, end, waiting = 0, 0, ""
    for found in _STOP.finditer(text):
        mark, place = found[0], found.start()
        if mark in _PAIRS:
            waiting += _PAIRS[mark]
        elif mark == '"' and '"' not in waiting:
            waiting += mark
        elif waiting.endswith(mark):
            waiting = waiting[:-1]
        elif mark in _STOPS + "." and not waiting and text[place + 1 : place + 2] not in [*_STOPS, "”", "」"]:
            start, end = end, found.end()
            yield start, end
    if end < len(text):
        yield end, len(text)
