"""Subtitles (SRT, WebVTT, SAMI): what is said as paragraphs, each caption with its time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.decode import decode
from ingest.load import text as plain_text
from ingest.load.parsed import Parsed, plain, ruby
from rag.text.clean import clean
from rag.types import Block, Place, Reading

_STAMP: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[,.:]\s?(\d{1,3}))?"
_TIMING = re.compile(rf"[ \t]*{_STAMP}[ \t]*--?>[ \t]*{_STAMP}[^\n]{{0,200}}$", re.MULTILINE)
_NUMBER_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)*\d+[ \t]*\n?\s*\Z|\A\s*\d+\s*\Z")
_BLOCK = re.compile(r"\n[ \t]*\n(?=(?:NOTE|STYLE|REGION)\b)|\n[ \t]*\n")
_SYNC = re.compile(r"(?i)<sync\b[^>]{0,100}?\bstart\s*=\s*[\"']?(\d{1,12})[^>]{0,100}>")
_CLASS = re.compile(r"(?i)<p\b[^>]{0,100}?\bclass\s*=\s*[\"']?([\w-]+)")
_SPEAKER = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>\n]{1,80})>")
_RUBY = re.compile(r"(?is)<ruby>(.{0,300}?)</ruby>")
_RUBY_PAIR = re.compile(r"(?is)(.*?)<rt>(.*?)(?:</rt>|(?=<rt>)|\Z)")
_TAG = re.compile(r"</?[A-Za-z!][^<>\n]{0,200}>|<[\d:.]{5,15}>|\{\\[^{}\n]{0,100}\}")
_LINE_BREAK = re.compile(r"(?i)<br\s*/?>|\\[Nn]")
_ENDS: Final = tuple('。．！？!?.…」』）)"”♪~～')
_TALKS: Final = tuple("-–—－‐")
_WIDE = re.compile("[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
_PAUSE: Final = 3.0
_SCROLL: Final = 0.5
_LONG: Final = 400
_PUNCTUATED: Final = 0.3


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str = ""


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """What is said, a paragraph up to each pause or change of speaker; the place of a caption its time.

    Captions that go on in the next one are joined to sentences, where the file has punctuation; others
    are a line each. Comments, styles and tags are left out. Raises DocumentError as `ingest.decode.decode`.
    """
    decoded = decode(data, override=encoding, name=name)
    source = clean(decoded.text)
    tracks = _sami(source) if _SYNC.search(source) else {"": list(_cues(source))}
    writer = _Writer()
    for track, cues in tracks.items():
        writer.write(list(_unrolled(cues)), track if len(tracks) > 1 else "")
    if not writer.blocks:
        return plain_text.load(data, name, encoding)
    return writer.parsed(
        "text/vtt" if source.lstrip().startswith("WEBVTT") else "application/x-subrip", **decoded.facts()
    )


# -- captions ------------------------------------------------------------------------------------------


def _cues(source: str) -> Iterator[_Cue]:
    """Captions of SRT and WebVTT, whatever blank lines and numbers lie between them."""
    web = source.lstrip().startswith("WEBVTT")
    timings = list(_TIMING.finditer(source))
    for number, timing in enumerate(timings):
        end = timings[number + 1].start() if number + 1 < len(timings) else len(source)
        body = source[timing.end() : end]
        if web:
            body = _BLOCK.split(body.lstrip("\n") if body.startswith("\n\n") else body[1:], maxsplit=1)[0]
        else:
            body = _NUMBER_LINE.sub("", body) if end < len(source) else body
        yield _cue(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), body)


def _sami(source: str) -> dict[str, list[_Cue]]:
    """Captions of each language of a SAMI file; one lasts until the next."""
    found = list(_SYNC.finditer(source))
    tracks: dict[str, list[_Cue]] = {}
    for number, sync in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(source)
        body = re.split(r"(?i)</body>", source[sync.end() : end], maxsplit=1)[0]
        named = _CLASS.search(body)
        until = int(found[number + 1][1]) if number + 1 < len(found) else int(sync[1])
        cue = _cue(int(sync[1]) / 1000, until / 1000, " ".join(body.split()))
        tracks.setdefault(named[1] if named else "", []).append(cue)
    return {track: cues for track, cues in tracks.items() if any(one.lines for one in cues)}


def _cue(start: float, end: float, body: str) -> _Cue:
    speaker = _SPEAKER.search(body)
    body = _LINE_BREAK.sub("\n", _RUBY.sub(_with_readings, body))
    body = html.unescape(_TAG.sub("", body)).replace("\xa0", " ")
    lines = tuple(filter(None, (" ".join(line.split()) for line in clean(body).split("\n"))))
    return _Cue(start, max(start, end), lines, speaker[1].strip() if speaker else "")


def _with_readings(found: re.Match[str]) -> str:
    inner = found[1]
    pairs = [ruby(_TAG.sub("", one[1]), _TAG.sub("", one[2])) for one in _RUBY_PAIR.finditer(inner)]
    return "".join(pairs) + inner[inner.lower().rfind("</rt>") + 5 :] if pairs else inner


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (one or "0" for one in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _unrolled(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Captions without the lines that scroll on from the one before."""
    last, end = "", -1.0
    for cue in cues:
        lines = cue.lines
        if lines and lines[0] == last and cue.start <= end + (_SCROLL if len(lines) > 1 else 0):
            lines = lines[1:]
        if cue.lines:
            last, end = cue.lines[-1], cue.end
        if lines:
            yield _Cue(cue.start, cue.end, lines, cue.speaker)


# -- text ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Writer:
    blocks: list[Block] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _readings: list[Reading] = field(default_factory=list)
    _length: int = 0
    _start: int = 0

    def write(self, cues: Sequence[_Cue], track: str) -> None:
        """Captions as paragraphs."""
        flowing = _is_punctuated(cues)
        before: _Cue | None = None
        for cue in cues:
            if before is None or self._pauses(before, cue):
                self._end_block()
                if cue.speaker:
                    self._add(f"{cue.speaker}: ")
            else:
                self._add(_between(before.lines[-1], cue.lines[0], flowing))
            self._places.append(Place(self._length, track, _clock(cue.start)))
            self._add(cue.lines[0])
            for line, after in zip(cue.lines, cue.lines[1:], strict=False):
                self._add(_between(line, after, flowing))
                self._add(after)
            before = cue
        self._end_block()

    def _pauses(self, before: _Cue, cue: _Cue) -> bool:
        ended = before.lines[-1].endswith(_ENDS) or self._length - self._start > 2 * _LONG
        long = ended and self._length - self._start > _LONG
        return (
            cue.start - before.end > _PAUSE
            or cue.start < before.start
            or cue.speaker != before.speaker
            or long
        )

    def _add(self, text: str) -> None:
        text, readings = plain(text)
        offset = self._length
        self._readings += (Reading(offset + one.start, offset + one.end, one.text) for one in readings)
        self._parts.append(text)
        self._length += len(text)

    def _end_block(self) -> None:
        if self._length > self._start:
            self.blocks.append(Block("paragraph", self._start, self._length))
            self._add("\n\n")
        self._start = self._length

    def parsed(self, media_type: str, **facts: object) -> Parsed:
        """All of it."""
        text = "".join(self._parts).rstrip("\n")
        return Parsed(
            text,
            tuple(self.blocks),
            media_type,
            places=tuple(self._places),
            readings=tuple(self._readings),
            **facts,  # type: ignore[arg-type]
        )


def _is_punctuated(cues: Sequence[_Cue]) -> bool:
    """Whether sentences end in marks, so that a caption without one goes on in the next."""
    ended = sum(one.lines[-1].endswith(_ENDS) for one in cues)
    return ended >= _PUNCTUATED * len(cues)


def _between(before: str, after: str, flowing: bool) -> str:
    """What stands between two lines: nothing or a space inside a sentence, else a line end."""
    if after.startswith(_TALKS) or not flowing:
        return "\n"
    wide = _WIDE.search(before[-2:]) and _WIDE.search(after[:2])
    return "" if wide else " "


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
