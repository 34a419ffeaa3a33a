"""The sentence splitters that `benchmarks.sentences` compares: ours, and those of other libraries.

Each takes a text and its language and gives spans of sentences in code points.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise

from rag.text.sentences import sentences
from tests.helpers.golden import Cut

OURS = ("ours", "ours, Kiwi")
PACKAGES = ("pysbd", "kss", "kiwipiepy", "syntok", "PyICU", "blingfire", "llama-index-core")


def versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def available(language: str) -> tuple[dict[str, Cut], dict[str, str]]:
    """The splitters for a language by name, and why others are not among them."""
    made: dict[str, Cut] = {}
    missing: dict[str, str] = {}
    for name, make in MAKERS.items():
        if language not in READS.get(name, (language,)):
            continue
        try:
            made[name] = make(language)
        except (ImportError, OSError, LookupError) as error:
            missing[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return made, missing


def rules(language: str) -> Cut:
    return lambda text, lang: sentences(text, lang)


def with_kiwi(language: str) -> Cut:
    return lambda text, lang: sentences(text, lang, by="kiwi")


def pysbd(language: str) -> Cut:
    name = language if language in ("zh", "ja") else "en"
    segmenter = import_module("pysbd").Segmenter(language=name, clean=False, char_span=True)
    return lambda text, lang: [(one.start, one.end) for one in segmenter.segment(text)]


def kss(language: str) -> Cut:
    """With MeCab where that is installed, which it recommends; one process."""
    split = partial(import_module("kss").split_sentences, num_workers=1, strip=False)
    return lambda text, lang: placed(text, split(text))


@cache
def _kiwi():
    return import_module("kiwipiepy").Kiwi(num_workers=1)


def kiwi(language: str) -> Cut:
    split = _kiwi().split_into_sents
    return lambda text, lang: [(one.start, one.end) for one in split(text)]


def syntok(language: str) -> Cut:
    process = import_module("syntok.segmenter").analyze

    def cut(text: str, lang: str) -> Iterator[tuple[int, int]]:
        for paragraph in process(text):
            for found in paragraph:
                yield found[0].offset, found[-1].offset + len(found[-1].value)

    return cut


def icu(language: str) -> Cut:
    """Unicode's rules (UAX 29) as ICU has them for the language; it counts UTF-16 units."""
    package = import_module("icu")
    rule = package.BreakIterator.createSentenceInstance(package.Locale(language))

    def cut(text: str, lang: str) -> list[tuple[int, int]]:
        held = package.UnicodeString(text)
        rule.setText(held)
        return list(pairwise(code_points(text, [0, *rule])))

    return cut


def blingfire(language: str) -> Cut:
    split = import_module("blingfire").text_to_sentences_and_offsets
    return lambda text, lang: split(text)[1]


def llamaindex(language: str) -> Cut:
    """NLTK's Punkt for English, from the model that comes with LlamaIndex: its default for every language."""
    split = import_module("llama_index.core.node_parser.text.utils").split_by_sentence_tokenizer()
    return lambda text, lang: placed(text, split(text))


MAKERS: dict[str, Callable[[str], Cut]] = {
    "ours": rules,
    "ours, Kiwi": with_kiwi,
    "Kiwi": kiwi,
    "kss": kss,
    "pysbd": pysbd,
    "ICU": icu,
    "blingfire": blingfire,
    "syntok": syntok,
    "LlamaIndex (Punkt)": llamaindex,
}
READS = {"ours, Kiwi": ("ko",), "Kiwi": ("ko",), "kss": ("ko",)}
"""Languages of those that are made for some only; the others are asked all."""


def placed(text: str, pieces: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the strings stand in the text, one after another; of what was altered only the end is wrong."""
    place = 0
    for piece in pieces:
        bare = piece.strip()
        start = text.find(bare, place)
        if bare and start >= 0:
            place = start + len(bare)
            yield start, place


def code_points(text: str, places: Iterable[int]) -> list[int]:
    """Offsets in UTF-16 units as code points."""
    wide = [place for place, character in enumerate(text) if character > "\uffff"]
    if not wide:
        return list(places)
    units = [place + number for number, place in enumerate(wide)]
    return [place - bisect_left(units, place) for place in places]
