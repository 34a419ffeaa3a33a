"""Where one character, as a reader sees it, ends and the next begins."""

from __future__ import annotations

import unicodedata
from typing import Final

_REGIONAL: Final = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_LONGEST_RUN: Final = 20_000


def between_characters(text: str, where: int) -> bool:
    r"""Whether ``where`` lies between two grapheme clusters; the ends of the text always do.

    Source: the extended grapheme clusters of UAX #29, without its rules for Indic conjuncts.

    Example:
        >>> text = "か\u3099く👨\u200d👩"
        >>> [where for where in range(len(text) + 1) if between_characters(text, where)]
        [0, 2, 3, 6]
    """
    if not 0 < where < len(text):
        return True
    before, after = text[where - 1], text[where]
    if before == "\u200d" or _extends(after):
        return False
    if _regional(after) and _regional(before):
        return _regional_run(text, where) % 2 == 0
    return not (_leading_jamo(before) and (_leading_jamo(after) or "가" <= after <= "힣"))


def _extends(ch: str) -> bool:
    if ch < "\u0300":
        return False
    return (
        unicodedata.category(ch) in ("Mn", "Me", "Mc")
        or ch in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= ch <= "\U0001f3ff"
        or "\U000e0020" <= ch <= "\U000e007f"
        or "\u1160" <= ch <= "\u11ff"
        or "\ud7b0" <= ch <= "\ud7fb"
    )


def _regional_run(text: str, where: int) -> int:
    """How many regional indicators, two of which make a flag, stand directly before ``where``."""
    before = text[max(0, where - _LONGEST_RUN) : where]
    return len(before) - len(before.rstrip(_REGIONAL))


def _leading_jamo(ch: str) -> bool:
    return "\u1100" <= ch <= "\u115f" or "\ua960" <= ch <= "\ua97c"


def _regional(ch: str) -> bool:
    return ch in _REGIONAL
