"""Folders of whole documents with questions on them: ``docs/*.txt`` and ``questions.jsonl``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ConfigError, DocumentError
from rag.evaluate.qrels import lines, malformed

_LINE_ENDS = "\r\n\x0b\x0c\x85"


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer stands in a document.

    ``start`` counts code points of the file's text as it is: a byte order mark is one, CR LF are two.
    ``line`` is its line in ``questions.jsonl``.
    """

    id: str
    text: str
    document: str
    answer: str
    start: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the span of its answer in the source."""

    question: Question
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of ``docs`` by name, and the questions in the order of their lines."""

    path: Path
    files: Mapping[str, Path]
    questions: Sequence[Question]


def read_folder(folder: str | Path) -> Folder:
    """The documents and questions of a folder; documents nobody asks about belong to it.

    A line of ``questions.jsonl`` (plain or ``.gz``) is an object with ``question``, ``doc`` (a name in
    ``docs``), ``answer``, ``start``, and optionally ``id``; what else it holds is not looked at.

    Raises:
        ConfigError: the folder, ``docs/*.txt`` or ``questions.jsonl`` is missing, or there is no question.
        DocumentError: a line is malformed, or its document is not there; the message names the line.
    """
    folder = Path(folder)
    files = {unicodedata.normalize("NFC", one.name): one for one in sorted(folder.glob("docs/*.txt"))}
    paths = [folder / name for name in ("questions.jsonl", "questions.jsonl.gz")]
    path = next((one for one in paths if one.is_file()), None)
    if not files or path is None:
        raise ConfigError(f"{folder}: needs {'questions.jsonl' if files else 'docs/*.txt'}")
    questions = [_question(path, number, line, files) for number, line in lines(path)]
    if not questions:
        raise ConfigError(f"{path}: there is no question in it")
    _unique(path, questions)
    return Folder(folder, files, questions)


def _question(path: Path, number: int, line: str, files: Mapping[str, Path]) -> Question:
    record = _record(path, number, line)
    for key in ("question", "doc", "answer"):
        if not isinstance(record.get(key), str) or not record[key].strip():
            raise malformed(path, number, f'"{key}" is a text that is not empty, found {record.get(key)!r}')
    start = record.get("start")
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        raise malformed(path, number, f'"start" is a whole number from 0 on, found {start!r}')
    name = unicodedata.normalize("NFC", record["doc"])
    if name not in files:
        raise malformed(path, number, f'the document {record["doc"]!r} is not in "docs"')
    return Question(_id(path, number, record), record["question"], name, record["answer"], start, number)


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise malformed(path, number, f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise malformed(path, number, f"expected an object, found {line[:80]}")
    return record


def _id(path: Path, number: int, record: Mapping[str, Any]) -> str:
    value = record.get("id", f"line {number}")
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise malformed(path, number, f'"id" is a text or a number, found {value!r}')
    return str(value)


def _unique(path: Path, questions: Sequence[Question]) -> None:
    seen: set[str] = set()
    for one in questions:
        if one.id in seen:
            raise malformed(path, one.line, f'"id" {one.id!r} stands there twice')
        seen.add(one.id)


def placed(questions: Sequence[Question], sources: Mapping[str, str]) -> list[Answered]:
    """The spans of the answers, of those questions whose answer stands where they say.

    Where it does not stand at ``start`` of the text as it is, ``start`` may count line ends as one, or leave
    out the byte order mark, as programs do that read the file so.

    Raises:
        ConfigError: not one answer stands where it should.
    """
    found = [one for one in (_placed(one, sources[one.document]) for one in questions) if one]
    if not found:
        raise ConfigError(
            'no answer stands at its "start": it counts the code points of the document, from 0 on'
        )
    return found


def _placed(question: Question, source: str) -> Answered | None:
    start, end = question.start, question.start + len(question.answer)
    if source[start:end] == question.answer:
        return Answered(question, start, end)
    unmarked = source.removeprefix("\ufeff")
    for reading in (unmarked, *(re.sub("\r\n?", "\n", one) for one in (source, unmarked))):
        if reading[start:end] == question.answer:
            offsets = aligned(source, reading)
            return Answered(question, offsets[start], offsets[end - 1] + 1)
    return None


def aligned(source: str, text: str, name: str = "text") -> Sequence[int]:
    r"""For each character of ``text`` its offset in the source that it was read from.

    Reading leaves characters out, and makes line feeds of other line ends; it adds nothing.

    Raises:
        DocumentError: ``altered`` where the text holds what the source does not.

    Example:
        >>> aligned("\ufeff一\r\n二", "一\n二")
        [1, 2, 4]
    """
    if source == text:
        return range(len(text))
    offsets: list[int] = []
    place = 0
    for ch in text:
        ends = _LINE_ENDS if ch == "\n" else ch
        while place < len(source) and source[place] not in ends:
            place += 1
        if place == len(source):
            raise DocumentError(name, "altered", f"reading it changed {text[len(offsets) :][:20]!r}")
        offsets.append(place)
        place += 2 if ch == "\n" and source.startswith("\r\n", place) else 1
    return offsets
