"""Test collections in BEIR layout, plain or gzip: a corpus, queries, and which passages answer them.

Source: Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information
Retrieval Models", NeurIPS 2021; its layout is corpus.jsonl, queries.jsonl, qrels/test.tsv.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from rag.errors import ConfigError, DocumentError

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
Line: TypeAlias = tuple[int, str]

_QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv")


@dataclass(frozen=True, slots=True)
class Passage:
    """One entry of a corpus; ``title`` may be empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Beir:
    """A test collection; the corpus is read anew each time, the rest is kept.

    Attributes:
        queries: text by query id, only those with a relevant passage.
        qrels: query id to passage id to grade, above 0.
    """

    folder: Path
    queries: Mapping[str, str]
    qrels: Qrels

    def corpus(self) -> Iterator[Passage]:
        """Every passage in file order. Raises DocumentError naming the line that is malformed."""
        return _corpus(_file(self.folder, "corpus.jsonl"))


def read_beir(folder: str | Path) -> Beir:
    """The test collection in ``folder``.

    The files are ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` or ``qrels/test.tsv`` or
    ``qrels/dev.tsv``, each plain or with ``.gz``. Qrels have three columns (query, passage, grade) or the
    four of TREC; a header line is optional. Grades of 0 and less say nothing and are left out.

    Raises:
        ConfigError: the folder or a file is missing, or no query has a relevant passage.
        DocumentError: a file is damaged or a line is malformed; the message names the line.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder; expected one in BEIR layout")
    _file(folder, "corpus.jsonl")
    texts = _queries(_file(folder, "queries.jsonl"))
    path = _file(folder, *_QRELS)
    qrels = _qrels(path)
    unknown = sorted(qrels.keys() - texts.keys())
    if unknown:
        raise DocumentError(str(path), "malformed", f"query {unknown[0]!r} is not in queries.jsonl")
    if not qrels:
        raise ConfigError(f"{path}: no query has a relevant passage")
    return Beir(folder, {one: text for one, text in texts.items() if one in qrels}, qrels)


def lines(path: Path) -> Iterator[Line]:
    """Numbered lines of a UTF-8 file, plain or gzip, blank ones left out. Raises DocumentError."""
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        message = f"cannot be read after line {number}: {error}"
        raise DocumentError(str(path), "unreadable", message) from error


def malformed(path: Path, number: int, message: str) -> DocumentError:
    """The error of a line that is not as it should be."""
    return DocumentError(str(path), "malformed", f"line {number}: {message}")


def _file(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise ConfigError(f"{folder}: needs {' or '.join(names)}, plain or with .gz")


def _corpus(path: Path) -> Iterator[Passage]:
    seen: set[str] = set()
    for number, line in lines(path):
        record = _record(path, number, line)
        title = record.get("title") or ""
        if not isinstance(title, str):
            raise malformed(path, number, f'"title" is a text, found {title!r}')
        yield Passage(_new_id(path, number, record, seen), title, record["text"])


def _queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    seen: set[str] = set()
    for number, line in lines(path):
        record = _record(path, number, line)
        queries[_new_id(path, number, record, seen)] = record["text"]
    return queries


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise malformed(path, number, f"not JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise malformed(path, number, f'expected an object with "_id" and "text", found {line[:80]}')
    return record


def _new_id(path: Path, number: int, record: Mapping[str, Any], seen: set[str]) -> str:
    value = record.get("_id")
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise malformed(path, number, f'"_id" is a text or a number, found {value!r}')
    if str(value) in seen:
        raise malformed(path, number, f'"_id" {value!r} stands there twice')
    seen.add(str(value))
    return str(value)


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for place, (number, line) in enumerate(lines(path)):
        fields = line.split("\t") if "\t" in line else line.split()
        if len(fields) not in (3, 4):
            raise malformed(path, number, f"expected 3 or 4 columns, found {len(fields)}: {line[:80]}")
        query, passage, grade = fields[0].strip(), fields[-2].strip(), _grade(fields[-1])
        if grade is None:
            if place == 0:
                continue  # the header
            raise malformed(path, number, f"the last column is a whole number, found {fields[-1]!r}")
        if grade > 0:
            qrels.setdefault(query, {})[passage] = grade
    return qrels


def _grade(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
