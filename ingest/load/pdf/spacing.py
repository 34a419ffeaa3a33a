"""Whether a Korean word goes on in the next line, or a new one begins there.

Some programs break Korean text between words only, some inside words too. Which it is, the document as a
whole tells; where it breaks words, each break is judged by a small network (rag/text/korean_spacing.py)
and by the words that stand whole elsewhere in the document.

Measured by benchmarks/korean_spacing.py on text cut to lines of 30 to 45 characters, 20 paragraphs a
document: between syllables 97.0 % of the breaks of an encyclopaedia (KorQuAD) and 95.1 % of those of
petitions are judged as they were written, beside other characters 93.5 % and 88.1 %. What remains is mostly
compound nouns, which people write either way. A document that never breaks words is told for certain.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.load.pdf.lines import Line
from rag.text.korean_spacing import space_odds
from rag.text.morphemes import korean_gap

_WORD = re.compile(r"\S+")
_SYLLABLE = re.compile("[\uac00-\ud7a3]")
_STOP = re.compile(r"[.,!?;:…]$")
_CLOSED = re.compile("[\"'”’」』》〉)\\]]+$")
_OPENED = re.compile("[(\\[「『《〈“‘]$|(?:^|\\s)[\"']$|[·ㆍ・/~∼-]$")
_CLOSING = re.compile(r"[)\]」』》〉”’.,]")
_PARTICLE = re.compile(
    "(?:은|는|이|가|을|를|의|에|와|과|로|도|만|나|인|란|라|며|고|께|으로|에서|에게|까지|부터|처럼|보다|마다|밖에|이다|입니다)"
    "(?![\uac00-\ud7a3]{2})|(?:이?라[는고며]|으로[서써]?|에[서는게도]|이[나며고라])"
)
_SURE = -1000
_SHARE = 0.3
_WRAPPED = 0.7  # a line ends at a space from either side of it: such breaks are twice as frequent there
_TOLD = 1.5
_UNSEEN = 0.2


@dataclass(frozen=True)
class Spacing:
    """The judge of a document's line breaks; ``words`` counts those that stand whole in its lines."""

    breaks_words: bool = False
    words: Counter[str] = field(default_factory=Counter)

    def parted(self, line: Line, following: Line) -> bool:
        """Whether a space belongs between the end of a line and the beginning of the next."""
        one, two = line.words, following.words
        if line.chars[-1][0] == " ":
            return True
        if not (one and two):
            return False
        if _SYLLABLE.match(one[-1]) and _SYLLABLE.match(two) and not self.breaks_words:
            return True
        said = _by_marks(one, two, self.words)
        if said is not None:
            return said
        return space_odds([(one, two)])[0] + _WRAPPED + self._told(one.split()[-1], two.split()[0]) > 0

    def _told(self, last: str, first: str) -> float:
        """How much the rest of the document speaks for two words, where it has them so or as one."""
        whole, apart = self.words[last + first], min(self.words[last], self.words[first])
        return _TOLD * math.log((apart + _UNSEEN) / (whole + _UNSEEN))


def spacing(paragraphs: Iterable[Sequence[Line]]) -> Spacing:
    """How the document breaks its Korean lines: inside words where enough of them fit together only so."""
    words: Counter[str] = Counter()
    breaks: list[tuple[str, str]] = []
    for paragraph in paragraphs:
        for line in paragraph:
            words.update(_WORD.findall(line.words)[1:-1])
        for line, following in pairwise(paragraph):
            if _SYLLABLE.match(line.words[-1:]) and _SYLLABLE.match(following.words):
                breaks.append((line.words, following.words))
    inside = sum(_gap(one, two) < _SURE for one, two in breaks)
    return Spacing(inside > _SHARE * len(breaks), words)


def _gap(one: str, two: str) -> int:
    return korean_gap(" ".join(one.split()[-3:]), " ".join(two.split()[:3]))


def _by_marks(one: str, two: str, words: Counter[str]) -> bool | None:
    """What marks, figures and Latin letters at the break say for certain: programs seldom cut such words."""
    if _STOP.search(one):
        return True
    if _OPENED.search(one) or _CLOSING.match(two) or (_CLOSED.search(one) and _PARTICLE.match(two)):
        return False
    if not (one[-1].isascii() and two[0].isascii() and two[0].isalnum()):
        return None
    if one[-1].isdigit():
        return not two[0].isdigit()
    return not words[one.split()[-1] + two.split()[0]]
