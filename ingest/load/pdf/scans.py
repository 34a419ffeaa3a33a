"""Pages that show no text: recognised from their picture, where an engine for that is installed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Final

import pypdfium2
from PIL.Image import Image as Picture

from ingest.hints import still_alive
from ingest.load import ocr

_INCH: Final = 72
_RESOLUTION: Final = 200
_LONGEST: Final = 2400


def recognised(document: pypdfium2.PdfDocument, numbers: Iterable[int]) -> dict[int, ocr.Recognised]:
    """What these pages (counted from 1) show; those without any text are left out."""
    if not ocr.available():
        return {}
    found: dict[int, ocr.Recognised] = {}
    for number in numbers:
        one = ocr.recognise(_picture(document, number - 1))
        if one.lines:
            found[number] = one
        still_alive()
    return found


def _picture(document: pypdfium2.PdfDocument, index: int) -> Picture:
    """The page at 200 dots an inch, large pages coarser."""
    with closing(document[index]) as page:
        scale = min(_RESOLUTION / _INCH, _LONGEST / max(*page.get_size(), 1.0))
        with closing(page.render(scale=scale)) as bitmap:
            picture: Picture = bitmap.to_pil().copy()
            return picture
