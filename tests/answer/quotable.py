"""Passages to quote from: the example documents, and texts written for what those lack."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.chunk import chunks
from ingest.load import parse
from rag.text.han import simplify
from rag.text.sentences import sentences
from rag.types import Hit, Lang, Ranking

EXAMPLES = Path(__file__).parents[2] / "examples"
# Names, negations, quotations and dashes in the text, line wraps, squared and astral characters, iteration
# marks, decomposed letters, Markdown.
WRITTEN = Path(__file__).parents[1] / "fixtures" / "quoted"


@dataclass(frozen=True, eq=False)
class Passage:
    """What replies of one language are made from: hits of one document, or texts of one language."""

    lang: Lang
    ranking: Ranking

    def holds(self, words: str) -> bool:
        """Whether the words stand here, letters alone compared; of what is left out, the parts in order."""
        parts = re.split(r"…+|\.{3}|（中略）", words)
        wanted = re.compile(".*".join(re.escape(loose(one)) for one in parts))
        return wanted.search("".join(loose(hit.chunk.text) for hit in self.ranking)) is not None


def loose(text: str) -> str:
    folded = simplify(unicodedata.normalize("NFKC", text).casefold())
    return "".join(one for one in folded if one.isalnum())


@cache
def passages() -> tuple[Passage, ...]:
    """Each document cut into chunks; each written text is whole, those of one language together."""
    files = sorted(path for path in EXAMPLES.rglob("*") if path.is_file())
    found = [_passage([file], tokens=160) for file in files]
    written = sorted(WRITTEN.glob("*.txt"))
    for lang in sorted({file.stem[:-2] for file in written}):
        found.append(_passage([file for file in written if file.stem[:-2] == lang], tokens=2_000))
    return tuple(found)


def _passage(files: list[Path], tokens: int) -> Passage:
    documents = [parse(file.read_bytes(), name=file.name) for file in files]
    cut = [one for document in documents for one in chunks(document, _characters, tokens=tokens)]
    return Passage(documents[0].lang, tuple(Hit(one, 1.0) for one in cut))


def _characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def quotable(passage: Passage) -> list[tuple[str, int]]:
    """Sentences and clauses of the passages with the number of the passage they stand in."""
    found = []
    for number, hit in enumerate(passage.ranking, start=1):
        text = hit.chunk.text
        for start, end in sentences(text, passage.lang):
            sentence = text[start:end]
            clauses = re.split(r"(?<=[，、；;])|(?<=,)(?!\d)", sentence)
            found += [
                (one, number) for one in dict.fromkeys((sentence, *map(str.strip, clauses))) if _fits(one)
            ]
    return found


def _fits(text: str) -> bool:
    letters = sum(map(str.isalnum, text))
    return letters >= 7 and len(text) <= 120 and not text.startswith(("#", "|", "-")) and "\n\n" not in text
