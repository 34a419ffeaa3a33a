"""A text without a file: the document that is made of it, and where its parts stand in the text itself."""

from __future__ import annotations

import hashlib
import re
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from ingest.filling import CountTokens
from ingest.load import EXTENSIONS, NAMESPACE, markdown
from ingest.load import text as plain
from ingest.sections import Section
from ingest.strategies import STRATEGIES
from rag import assemble
from rag.errors import ConfigError
from rag.ports import Embedder
from rag.settings import Settings
from rag.text.clean import clean, removed
from rag.text.language import detect
from rag.types import Document, Source

Count: TypeAlias = Callable[[str], int]

_MARKDOWN: Final = frozenset(suffix for suffix, kind in EXTENSIONS.items() if kind == "markdown")
_VISIBLE = re.compile(r"\S")
_SURROGATE = re.compile("[\ud800-\udfff]")


def document_of(text: str, name: str) -> Document:
    """The document of a text as `rag.text.clean.clean` leaves it; Markdown where its name ends so."""
    name, cleaned = clean(name).replace("\n", " "), clean(text)
    is_markdown = PurePosixPath(name).suffix.lower() in _MARKDOWN
    return Document(
        id=str(uuid.uuid5(NAMESPACE, name)),
        text=cleaned,
        blocks=tuple(markdown.blocks(cleaned) if is_markdown else plain.blocks(cleaned)),
        source=_source(text, name, "text/markdown" if is_markdown else "text/plain"),
        lang=detect(cleaned),
    )


def _source(text: str, name: str, media_type: str) -> Source:
    data = text.encode("utf-8", "surrogatepass")
    return Source(name, "", media_type, hashlib.sha256(data).hexdigest(), len(data))


def check(tokens: int, overlap: int, strategy: str) -> None:
    """Raise ConfigError where one of them is none that there is."""
    if tokens < 1 or overlap < 0:
        raise ConfigError(f"tokens are 1 or more, overlap 0 or more; found {tokens} and {overlap}")
    if strategy not in STRATEGIES:
        raise ConfigError(f"strategy is one of {', '.join(STRATEGIES)}; found {strategy!r}")


def or_bundled(embedder: Embedder | None) -> Embedder:
    """The embedder, where none is given the bundled one."""
    return assemble.embedder(Settings()) if embedder is None else embedder


def counter(embedder: Embedder | None, count: Count | None) -> CountTokens:
    """Sizes of texts, by ``count`` or in tokens; lone surrogates, which no tokenizer takes, as U+FFFD."""
    sizes = (
        or_bundled(embedder).count_tokens if count is None else lambda texts: [count(one) for one in texts]
    )
    return lambda texts: sizes([_SURROGATE.sub("\ufffd", text) for text in texts])


def restore(sections: Sequence[Section], text: str) -> None:
    """Move the sections of a cleaned text to where they stand in the text that it was made of.

    What cleaning left out goes with what follows it, at the end with what it follows.
    """
    where = _offsets(text)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    done = 0
    atoms = [atom for section in sections for atom in section.atoms]
    for atom in atoms:
        last = len(text.rstrip()) if atom is atoms[-1] else where(atom.end - 1) + 1
        starts[atom.start] = min(_visible(text, done), where(atom.start))
        ends[atom.end] = done = last
        atom.start, atom.end = starts[atom.start], last
    for section in sections:
        section.units = [(starts[start], ends[end]) for start, end in section.units]
    _restore_parents(sections)


def _restore_parents(sections: Sequence[Section]) -> None:
    hulls: dict[tuple[int, int], tuple[int, int]] = {}
    for section in sections:
        if section.atoms:
            start, _ = hulls.get(section.parent, (section.atoms[0].start, 0))
            hulls[section.parent] = (start, section.atoms[-1].end)
    for section in sections:
        section.parent = hulls.get(section.parent, section.parent)


def _offsets(text: str) -> Callable[[int], int]:
    """From an offset in the cleaned text to that in the text."""
    places = [place - number for number, place in enumerate(removed(text))]
    return lambda offset: offset + bisect_right(places, offset)


def _visible(text: str, start: int) -> int:
    found = _VISIBLE.search(text, start)
    return found.start() if found else len(text)
