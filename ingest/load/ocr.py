"""Text out of pictures, by the engines that are installed: RapidOCR for Chinese and Japanese, Tesseract.

Which language a picture is in, Tesseract tells by its script detection where it is installed; else both
engines are tried and the surer one is believed. Nothing is downloaded: RapidOCR's package holds its models.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL.Image import Image as Picture

from ingest.hints import OCR

HINT: Final = (
    "install pip install 'cjkrag[ocr]', and for Korean the programs tesseract-ocr and tesseract-ocr-kor"
)
_TESSERACT_TIMEOUT = 120
_LAYOUTS: Final = ("3", "4", "6")
_SURE = 0.8
_LEAST = 0.3
_SCRIPT = re.compile(r"^Script: (\w+)", re.MULTILINE)
_OF_SCRIPT: Final = {"Korean": "kor", "Hangul": "kor", "Japanese": "jpn", "Han": "chi", "Latin": "eng"}
_WANTED: Final = ("chi_sim", "chi_tra", "jpn", "kor", "eng")
_SPACED: Final = frozenset(("kor", "eng"))
_GAPS = re.compile(
    "(?<=[\u3000-\u30ff\u3400-\u9fff\uff01-\uff60]) | (?=[\u3000-\u30ff\u3400-\u9fff\uff01-\uff60])"
)
_WIDE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff01-\uff60]")


@dataclass(frozen=True)
class Line:
    """A recognised line, its box (left, top, right, bottom) in pixels, and how sure it is, 0 to 1."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True)
class Recognised:
    """The lines of a picture from top to bottom, and how sure they are on the whole."""

    lines: tuple[Line, ...]
    confidence: float

    @property
    def paragraphs(self) -> list[str]:
        """The lines joined where they stand close to one another and the first is as long as others."""
        return _paragraphs(self.lines)

    @property
    def score(self) -> float:
        """What tells the better of two readings: much text, surely read."""
        return self.confidence * self.confidence * sum(len(line.text) for line in self.lines)


NOTHING = Recognised((), 0.0)


def available() -> bool:
    """Whether an engine is installed, and wanted."""
    return OCR.get() and (_has_rapid() or bool(_languages()))


def recognise(picture: Picture) -> Recognised:
    """The text of a picture; `NOTHING` where it shows none.

    Example:
        >>> recognise(PIL.Image.open("scan.png")).paragraphs            # doctest: +SKIP
        ['就業規則', '第三条　従業員は年次有給休暇を取得することができる。']
    """
    picture = picture.convert("RGB")
    script = _script(picture)
    if script == "kor" and script in _languages():
        return _tesseract(picture, script)
    if not _has_rapid():
        return max((_tesseract(picture, one) for one in _candidates(script)), key=_score, default=NOTHING)
    found = _rapid(picture)
    if script is None and found.confidence < _SURE and "kor" in _languages():
        return max(found, _tesseract(picture, "kor"), key=_score)
    return found


def _score(found: Recognised) -> float:
    return found.score


def _candidates(script: str | None) -> list[str]:
    """The languages of Tesseract that a picture may be in: of its script, or all where that is not known."""
    installed = _languages()
    likely = [one for one in installed if script is not None and one.startswith(script)]
    return likely or [one for one in installed if one != "eng"] or list(installed)


@cache
def _has_rapid() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@cache
def _engine() -> Any:
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return import_module("rapidocr").RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": min(threads, 4),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _rapid(picture: Picture) -> Recognised:
    found = _engine()(import_module("numpy").asarray(picture)[:, :, ::-1])
    if found.txts is None or found.boxes is None:
        return NOTHING
    lines = []
    for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True):
        across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append(Line(text.strip(), (min(across), min(down), max(across), max(down)), float(score)))
    return _ordered(lines)


@cache
def _languages() -> tuple[str, ...]:
    """The languages of the installed Tesseract that are of use here."""
    program = shutil.which("tesseract")
    if program is None:
        return ()
    try:
        told = subprocess.run(
            [program, "--list-langs"], capture_output=True, timeout=_TESSERACT_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    installed = set(told.stdout.decode("utf-8", "replace").split())
    return tuple(one for one in (*_WANTED, "osd") if one in installed)


def _script(picture: Picture) -> str | None:
    """The script of a picture as Tesseract's language family, None where it cannot be told."""
    if "osd" not in _languages():
        return None
    found = _SCRIPT.search(_run(picture, "stdout", "-l", "osd", "--psm", "0"))
    return _OF_SCRIPT.get(found[1]) if found else None


def _tesseract(picture: Picture, language: str) -> Recognised:
    """The best of several ways to see a page: in Tesseract's own blocks, as one column, as one block.

    Its own view loses most of some clean pages; the others lose what stands beside one another.
    """
    return max((_seen(picture, language, layout) for layout in _LAYOUTS), key=_score)


def _seen(picture: Picture, language: str, layout: str) -> Recognised:
    with TemporaryDirectory(prefix="cjkrag-ocr-") as folder:
        _run(picture, f"{folder}/out", "-l", language, "--psm", layout, "tsv", "txt")
        table, text = (_content(Path(folder, f"out.{kind}")) for kind in ("tsv", "txt"))
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    words: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row.get("level") == "5" and (row.get("text") or "").strip() and float(row["conf"]) >= 0:
            words[row["block_num"], row["par_num"], row["line_num"]].append(row)
    spaced = {_bare(line): line.strip() for line in text.splitlines()}
    return _ordered([_line(found, language, spaced) for found in words.values()])


def _content(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _bare(text: str) -> str:
    return "".join(text.split())


def _line(words: Sequence[dict[str, str]], language: str, spaced: Mapping[str, str]) -> Line:
    """One line of the words that Tesseract saw; its plain text knows better where spaces are."""
    boxes = [tuple(float(word[name]) for name in ("left", "top", "width", "height")) for word in words]
    shown = "".join(word["text"] for word in words)
    text = spaced.get(_bare(shown), " ".join(word["text"] for word in words))
    box = (
        min(left for left, _, _, _ in boxes),
        min(top for _, top, _, _ in boxes),
        max(left + width for left, _, width, _ in boxes),
        max(top + height for _, top, _, height in boxes),
    )
    sure = sum(float(word["conf"]) * len(word["text"]) for word in words) / len(shown)
    return Line(text if language in _SPACED else _GAPS.sub("", text), box, sure / 100)


def _run(picture: Picture, *arguments: str) -> str:
    """What Tesseract prints about a picture, empty where it fails on it."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    command = [shutil.which("tesseract") or "tesseract", "stdin", *arguments]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        told = subprocess.run(
            command,
            input=data.getvalue(),
            capture_output=True,
            timeout=_TESSERACT_TIMEOUT,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.decode("utf-8", "replace")


def _ordered(lines: Sequence[Line]) -> Recognised:
    """Without what is hardly read; the confidence weighs each line by its length."""
    kept = tuple(line for line in lines if line.text and line.confidence >= _LEAST)
    total = sum(len(line.text) for line in kept)
    return Recognised(kept, sum(line.confidence * len(line.text) for line in kept) / total if total else 0.0)


def _paragraphs(lines: Sequence[Line]) -> list[str]:
    if not lines:
        return []
    height = median(line.box[3] - line.box[1] for line in lines)
    reach = max(line.box[2] for line in lines)
    texts = [lines[0].text]
    for last, line in pairwise(lines):
        gap = line.box[1] - last.box[3]
        alike = abs((line.box[3] - line.box[1]) - (last.box[3] - last.box[1])) < 0.35 * height
        full = last.box[2] > reach - 1.5 * height
        if full and alike and -0.5 * height < gap < height and abs(line.box[0] - last.box[0]) < 3 * height:
            wide = _WIDE.match(texts[-1][-1]) and _WIDE.match(line.text)
            texts[-1] += ("" if wide else " ") + line.text
        else:
            texts.append(line.text)
    return texts
