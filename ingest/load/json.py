"""JSON, JSON Lines, GeoJSON, notebooks: records as lines of key and value, nested keys as headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from ingest.decode import Decoded, decode
from ingest.load import markdown
from ingest.load.jsontree import Array, Literal, Object, Value, read
from ingest.load.parsed import Builder, Parsed
from rag.text.clean import clean

_LONG: Final = 300
"""Characters of a string that is a text of its own, not a field."""

_PATH: Final = 6
_DEEPEST: Final = 6
_NUMBERS: Final = 50
_OUTPUT: Final = 4000
_LINES: Final = frozenset({".jsonl", ".ndjson"})

Pair: TypeAlias = tuple[str, str]


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """Each record of an array a block of ``key: value`` lines; objects around them as headings.

    Long strings are paragraphs of their own; every string is kept as it is, numbers digit by digit, of
    long arrays of numbers the first. Raises DocumentError as `ingest.decode.decode`. Warns of
    ``bad_lines`` (JSON Lines), ``source_damaged`` (read as far as it is JSON, else as text) and
    ``numbers_cut``.
    """
    decoded = decode(data, override=encoding, name=name)
    text = clean(decoded.text)
    if Path(name).suffix.lower() in _LINES:
        return _of_lines(text, decoded)
    values, sound = read(text)
    notebook = _cells(values) if sound else None
    if notebook is not None:
        return _notebook(notebook, decoded)
    if (len(values) > 1 or not sound) and _is_lines(text):
        return _of_lines(text, decoded)
    writer = _Writer()
    for value in values if sound or any(isinstance(one, (Object, Array)) for one in values) else ():
        writer.document(value)
    if not writer.builder.blocks:
        writer.builder.add("code", text)
    return _finished(writer, decoded, "application/json", () if sound else ("source_damaged",))


def _finished(writer: _Writer, decoded: Decoded, media_type: str, warnings: tuple[str, ...]) -> Parsed:
    facts = decoded.facts()
    cut = (f"numbers_cut={writer.numbers_cut}",) if writer.numbers_cut else ()
    facts["warnings"] += (*warnings, *cut)
    return writer.builder.parsed(media_type, **facts)


# -- JSON Lines ----------------------------------------------------------------------------------------


def _is_lines(text: str) -> bool:
    """Whether the first lines are objects, each by itself."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()]
    whole = [read(line) for line in (lines[:-1] or lines)[:20]]
    sound = sum(fine and len(values) == 1 and isinstance(values[0], Object) for values, fine in whole)
    return len(lines) > 1 and sound >= max(1, len(whole) // 2)


def _of_lines(text: str, decoded: Decoded) -> Parsed:
    writer, bad = _Writer(), 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        values, sound = read(line)
        bad += not sound
        for value in values if sound else ():
            writer.record(value, "line", str(number))
    if not writer.builder.blocks:
        writer.builder.add("code", text)
    return _finished(writer, decoded, "application/jsonl", (f"bad_lines={bad}",) if bad else ())


# -- documents and records -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Writer:
    builder: Builder = field(default_factory=Builder)
    numbers_cut: int = 0
    _lines: list[str] = field(default_factory=list)

    def document(self, root: Value) -> None:
        """Objects member by member, what is nested under its key; arrays record by record."""
        if isinstance(root, Array) or not isinstance(root, Object):
            self._array(root if isinstance(root, Array) else Array([root]), "record")
            return
        path: list[str] = []
        stack = [iter(root)]
        while stack:
            key, value = next(stack[-1], (None, ""))
            if key is None:
                self._flush(path)
                stack.pop()
                path[-1:] = []
            elif isinstance(value, str) or _is_simple(value):
                self._field(key, value, path)
            else:
                self._flush(path)
                where = _dotted([*path[-_PATH:], key])
                self.builder.add("heading", key, level=min(len(path) + 1, _DEEPEST), part=where)
                if isinstance(value, Object):
                    path.append(key)
                    stack.append(iter(value))
                else:
                    self._array(value, where)

    def _array(self, values: Array, part: str) -> None:
        if _is_simple(values):
            self._field("", values, [part])
            self._flush([part])
            return
        for number, value in enumerate(values, 1):
            self.record(value, part, str(number))

    def record(self, value: Value, part: str, at: str) -> None:
        """One block of lines, with a paragraph for each long string in it."""
        lines: list[str] = []
        for key, text in self._flat(value):
            if len(text) <= _LONG and "\n" not in text:
                lines.append(f"{key}: {text}" if key else text)
                continue
            lines += [f"{key}:"] if key else []
            self.builder.add("list", "\n".join(lines), part=part, at=at)
            self.builder.add("paragraph", text, part=part, at=at)
            lines = []
        self.builder.add("list", "\n".join(lines), part=part, at=at)

    def _field(self, key: str, value: Value, path: list[str]) -> None:
        for name, text in self._flat(value):
            label = _dotted([one for one in (key, name) if one])
            if len(text) <= _LONG and "\n" not in text:
                self._lines.append(f"{label}: {text}" if label else text)
                continue
            self._lines += [f"{label}:"] if label else []
            self._flush(path)
            self.builder.add("paragraph", text, part=_dotted(path[-_PATH:]))

    def _flush(self, path: list[str]) -> None:
        self.builder.add("list", "\n".join(self._lines), part=_dotted(path[-_PATH:]))
        self._lines.clear()

    def _flat(self, root: Value) -> Iterator[Pair]:
        """All values below, each with the keys that lead to it; depth costs no recursion."""
        path: list[str] = []
        stack: list[Iterator[tuple[str, Value]]] = [iter([("", root)])]
        while stack:
            key, value = next(stack[-1], (None, ""))
            if key is None:
                stack.pop()
                path[-1:] = []
            elif isinstance(value, str):
                yield _dotted([*path[-_PATH:], key]), value
            elif isinstance(value, Array) and _is_simple(value):
                for text in self._joined(value):
                    yield _dotted([*path[-_PATH:], key]), text
            else:
                path.append(key)
                stack.append(iter(value) if isinstance(value, Object) else iter([("", one) for one in value]))

    def _joined(self, values: Array) -> Iterator[str]:
        """Plain values of an array in one line, where they are short."""
        texts = [one for one in values if isinstance(one, str)]
        if len(texts) > _NUMBERS and all(isinstance(one, Literal) for one in texts):
            self.numbers_cut += len(texts) - _NUMBERS
            texts = [*texts[:_NUMBERS], "…"]
        if sum(map(len, texts)) <= _LONG and not any("\n" in one for one in texts):
            yield ", ".join(texts)
        else:
            yield from texts


def _is_simple(value: Value) -> bool:
    """A plain value or an array of nothing else."""
    return isinstance(value, str) or (isinstance(value, Array) and all(isinstance(one, str) for one in value))


def _dotted(keys: list[str]) -> str:
    return ".".join(filter(None, (" ".join(one.split()) for one in keys)))


# -- notebooks -----------------------------------------------------------------------------------------


def _cells(values: Array) -> list[Object] | None:
    """The cells of a Jupyter notebook; None where it is none."""
    root = values[0] if len(values) == 1 else None
    if not isinstance(root, Object) or root.first("nbformat") is None:
        return None
    cells = root.first("cells")
    return [one for one in cells if isinstance(one, Object)] if isinstance(cells, Array) else None


def _notebook(cells: list[Object], decoded: Decoded) -> Parsed:
    builder = Builder()
    for number, cell in enumerate(cells, 1):
        source, at = clean(_text(cell.first("source"))), str(number)
        if cell.first("cell_type") == "markdown":
            for block in markdown.blocks(source):
                text = source[block.start : block.end]
                text = markdown.heading_title(text) if block.kind == "heading" else text
                builder.add(block.kind, text, level=block.level, part="cell", at=at)
        else:
            builder.add("code", source, part="cell", at=at)
            builder.add("code", "\n".join(_outputs(cell))[:_OUTPUT], part="cell", at=at)
    return builder.parsed("application/x-ipynb+json", **decoded.facts())


def _text(value: Value | None) -> str:
    if isinstance(value, Array):
        return "".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def _outputs(cell: Object) -> Iterator[str]:
    """What a cell of code wrote, where it is text."""
    outputs = cell.first("outputs")
    for output in outputs if isinstance(outputs, Array) else ():
        if isinstance(output, Object):
            data = output.first("data")
            plain = data.first("text/plain") if isinstance(data, Object) else output.first("text")
            yield _text(plain).strip("\n")
