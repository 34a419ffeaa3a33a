"""Pictures: the text they show, where an engine of character recognition is installed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.hints import still_alive
from ingest.load import ocr
from ingest.load.parsed import Builder, Parsed
from rag.errors import DocumentError

PIXELS: Final = 100_000_000
FRAMES: Final = 500
FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
DOUBTFUL: Final = 0.7
_SMALLEST = 12


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a picture, a block per paragraph; pages of a TIFF are pages.

    The warnings say ``ocr`` and ``ocr_pages=N``, ``meta`` that it was recognised, and ``suspicious`` that
    the engine was not sure.

    Raises:
        DocumentError: ``no_ocr`` (no engine is installed, or wanted), ``empty``, ``too_large`` or ``broken``.
    """
    del encoding
    if not ocr.available():
        raise DocumentError(name, "no_ocr", f"is a picture; to read the text in it, {ocr.HINT}")
    media_type = _media_type(data, name)
    builder = Builder()
    sure: list[float] = []
    for number, frame in enumerate(_frames(data, name), 1):
        found = ocr.recognise(frame)
        for paragraph in found.paragraphs:
            builder.add("paragraph", paragraph, page=number)
        if found.lines:
            sure.append(found.confidence)
        still_alive()
    if not builder.blocks:
        raise DocumentError(name, "empty", "is a picture in which no text was found")
    return builder.parsed(
        media_type,
        meta={"ocr": True},
        warnings=("ocr", f"ocr_pages={len(sure)}"),
        confidence=round(min(sure), 3),
        suspicious=min(sure) < DOUBTFUL,
    )


def _media_type(data: bytes, name: str) -> str:
    with _told(name), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        return Image.MIME.get(str(picture.format), "image/unknown")


def _frames(data: bytes, name: str) -> Iterator[Image.Image]:
    """The pages of a picture, upright; of an animation only the first."""
    with _told(name), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
        for number in islice(range(count), FRAMES):
            picture.seek(number)
            if picture.width * picture.height > PIXELS:
                raise Image.DecompressionBombError
            if min(picture.size) >= _SMALLEST:
                yield _upright(picture)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What Pillow says of a picture that it cannot read, as a DocumentError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise DocumentError(name, "too_large", f"has more than {PIXELS:,} pixels; make it smaller") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, ArithmeticError) as error:
        raise DocumentError(name, "broken", f"is a damaged picture: {error}") from error


def _upright(picture: Image.Image) -> Image.Image:
    """As it is meant to be seen: turned as its camera says, on white where it is transparent."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(ground, clear).convert("RGB")
    return turned.convert("RGB")
