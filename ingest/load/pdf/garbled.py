"""Pages whose fonts do not say which characters they show: told by the text, read again another way."""

from __future__ import annotations

import io
import logging
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LAParams, LTChar, LTContainer, LTPage, LTTextLine, LTTextLineVertical
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.psexceptions import PSException

from ingest.load.pdf.lines import Char, Line

_INVALID = 0.1
_LATIN = 0.4
_RARE = 0.3
_LEAST_RARE = 3
_NOTHING: Final = frozenset({"Co", "Cn", "Cc", "Cs"})
_CID = re.compile(r"\(cid:\d+\)")
_STANDARDS: Final = ("gb2312", "cp932", "big5", "euc_kr")
_FAILURES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    PSException,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def garbled(text: str) -> bool:
    """Whether the characters of a page cannot be what it shows.

    Told by characters that stand for none (private use, controls, U+FFFD, ``(cid:12)``), by text that is
    mostly Latin-1 marks, as bytes of another encoding look, and by Han that no one national standard holds
    (those of one language are nearly all in its own).

    Example:
        >>> garbled("ÀÏº»¾î ¹®¼"), garbled("東京都の人口は年々増えている。")
        (True, False)
    """
    text, cids = _CID.subn("", "".join(text.split()))
    total = len(text) + cids
    if total < 4:
        return False
    counts = Counter(text)
    invalid = cids + sum(
        count for ch, count in counts.items() if unicodedata.category(ch) in _NOTHING or ch == "\ufffd"
    )
    marks = sum(count for ch, count in counts.items() if "\x80" <= ch <= "\xff")
    han = {ch: count for ch, count in counts.items() if "\u3400" <= ch <= "\u9fff"}
    rare = min(sum(n for ch, n in han.items() if not _held(ch, standard)) for standard in _STANDARDS)
    return (
        invalid > _INVALID * total
        or marks > _LATIN * total
        or (rare >= _LEAST_RARE and rare > _RARE * sum(han.values()))
    )


@cache
def _held(ch: str, standard: str) -> bool:
    """Whether a national standard of before Unicode holds the character."""
    try:
        ch.encode(standard)
    except UnicodeEncodeError:
        return False
    return True


def read_again(data: bytes, numbers: Iterable[int]) -> dict[int, list[Line]]:
    """The lines of these pages (counted from 1) as pdfminer.six reads them, which knows other code tables."""
    wanted = sorted(number - 1 for number in numbers)
    found: dict[int, list[Line]] = {}
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        manager = PDFResourceManager()
        device = PDFPageAggregator(manager, laparams=LAParams(detect_vertical=True))
        interpreter = PDFPageInterpreter(manager, device)
        for index, page in zip(
            wanted, PDFPage.get_pages(io.BytesIO(data), pagenos=set(wanted)), strict=False
        ):
            interpreter.process_page(page)
            found[index + 1] = list(_lines(device.get_result()))
    except _FAILURES:
        return found
    return found


def _lines(page: LTPage) -> Iterator[Line]:
    waiting: list[Any] = [page]
    while waiting:
        item = waiting.pop()
        if isinstance(item, LTTextLine):
            chars = [one for one in item if isinstance(one, LTChar)]
            if any(one.get_text().strip() for one in chars):
                vertical = isinstance(item, LTTextLineVertical)
                boxes = tuple(_char(one, page.height) for one in chars)
                yield Line(boxes, float(chars[0].size), vertical)
        elif isinstance(item, LTContainer):
            waiting += reversed(list(item))


def _char(one: LTChar, height: float) -> Char:
    return one.get_text(), one.x0, height - one.y1, one.x1, height - one.y0
