"""The text of a paragraph out of its lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from ingest.load.pdf.lines import HYPHEN, WIDE, Line
from ingest.load.pdf.spacing import Spacing
from rag.text.radicals import RADICALS

_COMPATIBLE = re.compile(
    "[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f\ufb00-\ufb06\ufe10-\ufe19\ufe30-\ufe44]"
)


def readable(text: str) -> str:
    """Radicals and compatibility forms as the characters they stand for, all else as it is.

    Example:
        >>> readable("⽂字⼊⼒（①㈱）")
        '文字入力（①㈱）'
    """
    return _COMPATIBLE.sub(lambda found: _standard(found[0]), text)


def _standard(ch: str) -> str:
    """What NFKC makes of it, except that upright punctuation becomes full-width, as the text around it."""
    plain = RADICALS.get(ch) or unicodedata.normalize("NFKC", ch)
    if ch < "\ufe10" or ch > "\ufe4f":
        return plain
    return {"...": "…", "..": "‥"}.get(plain) or "".join(
        chr(ord(one) + 0xFEE0) if one.isascii() else one for one in plain
    )


def joined(lines: Sequence[Line], spacing: Spacing) -> str:
    """One text: wide characters are joined without a space, words with one, a hyphen at the end goes."""
    text = readable(lines[0].text)
    told = not all(line.chars[-1][0] == " " for line in lines[:-1])  # some programs end every line so
    for last, line in pairwise(lines):
        piece = readable(line.text)
        if text.endswith(HYPHEN):
            divided = (
                text[-2:-1].isascii()
                and text[-2:-1].isalpha()
                and piece[:1].islower()
                and piece[:1].isascii()
            )
            text = text.removesuffix(HYPHEN) + ("" if divided else "-") + piece
        elif not (text and piece):
            text += piece
        elif (last.korean or line.korean) and not (WIDE.match(text[-1]) and WIDE.match(piece)):
            text += (" " if spacing.parted(last, line) else "") + piece
        elif WIDE.match(text[-1]) or WIDE.match(piece):
            text += (" " if told and last.chars[-1][0] == " " else "") + piece
        else:
            text += " " + piece
    return text.replace(HYPHEN, "-")
