"""Trains and measures the judge of line breaks in Korean text (rag/text/korean_spacing.npz).

python -m benchmarks.korean_spacing train   [--data ../shared/data] [--out rag/text/korean_spacing.npz]
python -m benchmarks.korean_spacing measure [--data ../shared/data] [--wrong 20]

A break is a place where a program may end a line: between syllables, or where a space was. What a writer
did there is the truth. Petitions from the last 7 % of the file and KorQuAD (CC BY-ND) are never trained on.
`anywhere` takes such places at random; `lines` cuts each paragraph to lines of 30 to 45 characters.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.encodings import DATA
from ingest.load.pdf.lines import Line
from ingest.load.pdf.spacing import Spacing, spacing
from rag.text.korean_spacing import CHARS, LENGTHS, TAGS, packed, traits

OUT = Path(__file__).parents[1] / "rag/text/korean_spacing.npz"
PETITIONS = "text/petitions-ko.txt.gz"
KORQUAD = "eval/korquad-ko-dev/corpus.jsonl.gz"
SHARES = (
    ((PETITIONS,), 515_000),
    (("text/techdocs-ko.txt.gz",), 350_000),
    (tuple(f"train/pydocs-parallel-{one}-ko.jsonl.gz" for one in ("en", "ja", "zh")), 260_000),
    (
        tuple(
            f"train/{one}.jsonl.gz"
            for one in ("korsts-ko-scored", "parakqc-ko", "songys-chatbot-ko", "question-pair-ko")
        ),
        225_000,
    ),
)
HELD_OUT = 0.07
SYLLABLE = re.compile("[가-힣]")
CLOSING = frozenset(")]}>»」』】〉》〕”’.,!?:;%…·、。~/-'\"")
OPENING = frozenset("([{<«「『【〈《〔“‘·~/-'\"$#@")
SEED, EPOCHS, BATCH, RATE, WIDTHS = 7, 3, 1024, 2e-3, (24, 8, 128, 32)


class Break(NamedTuple):
    """Two pieces of text and whether a space stood between them."""

    before: str
    after: str
    space: bool

    @property
    def kind(self) -> str:
        both = SYLLABLE.match(self.before[-1]) and SYLLABLE.match(self.after)
        return "syllables" if both else "other"


def paragraphs(data: Path, files: Iterable[str]) -> list[str]:
    """The paragraphs of the files that are Korean, each once."""
    found: dict[str, None] = {}
    for file in files:
        with gzip.open(data / file, "rt", encoding="utf-8") as lines:
            for line in lines:
                found.update(dict.fromkeys(filter(_korean, map(_spaced, _texts(line, file)))))
    return list(found)


def _texts(line: str, file: str) -> Iterator[str]:
    if ".jsonl" not in file:
        yield from line.split("\t")
        return
    row = json.loads(line)
    for key in ("query", "positive", "s1", "s2", "text"):
        yield from row.get(key, "").split("\n")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _korean(text: str) -> bool:
    return len(text) >= 25 and len(SYLLABLE.findall(text)) > 0.5 * len(text.replace(" ", ""))


def may_end(one: str, two: str) -> bool:
    """Whether a line may end between two characters without a space between them."""
    latin = one.isascii() and one.isalnum() and two.isascii() and two.isalnum()
    return not (latin or two in CLOSING or one in OPENING)


def anywhere(text: str, rate: float, chance: random.Random) -> Iterator[Break]:
    """Breaks at random places of a text, each with up to 40 characters on either side."""
    for place in range(1, len(text)):
        if text[place] == " " or chance.random() >= rate:
            continue
        space = text[place - 1] == " "
        if not space and not may_end(text[place - 1], text[place]):
            continue
        start = place - 40 + chance.randrange(8) if place > 40 else 0
        before, after = text[start : place - space].strip(), text[place : place + 40].strip()
        if before and (SYLLABLE.search(before) or SYLLABLE.search(after)):
            yield Break(before, after, space)


def cut(text: str, chance: random.Random) -> list[tuple[str, bool]]:
    """A text cut to lines of 30 to 45 characters, each with whether a space followed it."""
    width, lines = chance.randint(30, 45), []
    while len(text) > width:
        end = width
        while end > 1 and " " not in text[end - 1 : end + 1] and not may_end(text[end - 1], text[end]):
            end -= 1
        line, rest = text[:end], text[end:]
        lines.append((line.rstrip(), line != line.rstrip() or rest != rest.lstrip()))
        text = rest.lstrip()
    return [*lines, (text, False)] if text else lines


def train(options: argparse.Namespace) -> None:
    """Write the network learnt from the breaks of the training texts."""
    chance = random.Random(SEED)
    breaks = [one for files, many in SHARES for one in _sample(options.data, files, many, chance)]
    print(f"{len(breaks)} breaks, {sum(one.space for one in breaks) / len(breaks):.1%} with a space")
    seen = [traits(one.before, one.after) for one in breaks]
    columns = (
        np.array([one.chars for one in seen], np.int32),
        np.array([one.tags for one in seen], np.int32),
        np.array([[one.cost] for one in seen], np.float32),
        np.array([one.lengths for one in seen], np.int32),
        np.array([one.space for one in breaks], np.float32),
    )
    options.out.write_bytes(packed(_learnt(columns)))


def _sample(data: Path, files: tuple[str, ...], many: int, chance: random.Random) -> list[Break]:
    texts = paragraphs(data, files)
    if files == (PETITIONS,):
        kept = texts[: int(len(texts) * (1 - HELD_OUT))]
        texts = [text for text in kept if text.count(" ") > 0.18 * len(text)]  # some write without spaces
    rate = many / (0.7 * sum(map(len, texts)))
    return [one for text in texts for one in anywhere(text, rate, chance)]


def _learnt(columns: tuple[np.ndarray, ...]) -> dict[str, np.ndarray]:
    torch = import_module("torch")
    torch.manual_seed(SEED)
    data = [torch.from_numpy(column) for column in columns]
    per_char, per_tag, first, second = WIDTHS
    chars, tags = torch.nn.Embedding(CHARS, per_char), torch.nn.Embedding(TAGS, per_tag)
    for table in (chars, tags):
        table.weight.data *= 0.3
    inputs = columns[0].shape[1] * per_char + columns[1].shape[1] * per_tag + 1 + 2 * LENGTHS
    layers = [torch.nn.Linear(*sizes) for sizes in ((inputs, first), (first, second), (second, 1))]
    weights = [one for part in (chars, tags, *layers) for one in part.parameters()]
    steps = EPOCHS * -(-len(columns[0]) // BATCH)
    adam = torch.optim.Adam(weights, lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(columns[0])).split(BATCH):
            char, tag, cost, lengths, space = (column[batch] for column in data)
            ones = torch.nn.functional.one_hot(lengths.long(), LENGTHS).float().flatten(1)
            layer = torch.cat([chars(char).flatten(1), tags(tag).flatten(1), cost, ones], 1)
            for linear in layers[:-1]:
                layer = torch.relu(linear(layer))
            odds = layers[-1](layer)[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, space)
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(columns[0]):.4f}", flush=True)
    named = {"chars": chars.weight, "tags": tags.weight}
    for number, linear in enumerate(layers, 1):
        named |= {f"weights{number}": linear.weight, f"bias{number}": linear.bias}
    return {name: weight.detach().numpy() for name, weight in named.items()}


def measure(options: argparse.Namespace) -> None:
    """Print the share of breaks and of paragraphs that come back as they were written."""
    petitions = paragraphs(options.data, [PETITIONS])
    korquad = paragraphs(options.data, [KORQUAD])
    sets = {"KorQuAD": korquad, "petitions": petitions[int(len(petitions) * (1 - HELD_OUT)) :]}
    for name, texts in sets.items():
        chance = random.Random(SEED)
        breaks = [one for text in texts for one in anywhere(text, 0.15, chance)]
        judge = _alone([])
        start = time.perf_counter()
        right = [judge.parted(_line(one.before), _line(one.after)) == one.space for one in breaks]
        spent = (time.perf_counter() - start) / len(breaks)
        print(f"{name} anywhere: {_shares(breaks, right)}; {1e6 * spent:.0f} us each")
        _print_wrong(breaks, right, options.wrong)
        print(f"{name} lines: {_by_lines(texts, random.Random(SEED), _alone)}")
        print(f"{name} lines, 20 paragraphs a document: {_by_lines(texts, random.Random(SEED), spacing)}")


def _alone(_: list[list[Line]]) -> Spacing:
    """A judge that knows nothing of the document but that it breaks words."""
    return Spacing(breaks_words=True)


def _by_lines(texts: list[str], chance: random.Random, judging: Callable[[list[list[Line]]], Spacing]) -> str:
    breaks, right, whole = [], [], 0
    for start in range(0, len(texts), 20):
        pieces = [cut(text, chance) for text in texts[start : start + 20]]
        judge = judging([[_line(line) for line, _ in piece] for piece in pieces])
        for piece in pieces:
            here = [Break(one, two, space) for (one, space), (two, _) in pairwise(piece)]
            said = [judge.parted(_line(one.before), _line(one.after)) == one.space for one in here]
            breaks += here
            right += said
            whole += all(said)
    return f"{_shares(breaks, right)}; {whole / len(texts):.1%} of paragraphs"


def _line(text: str) -> Line:
    return Line(tuple((ch, 10.0 * n, 0.0, 10.0 * n + 10, 10.0) for n, ch in enumerate(text)), 10.0)


def _shares(breaks: list[Break], right: list[bool]) -> str:
    shares = []
    for kind in ("syllables", "other"):
        here = [ok for one, ok in zip(breaks, right, strict=True) if one.kind == kind]
        shares.append(f"{kind} {sum(here) / len(here):.2%} of {len(here)}")
    return ", ".join(shares)


def _print_wrong(breaks: list[Break], right: list[bool], many: int) -> None:
    for one in [one for one, ok in zip(breaks, right, strict=True) if not ok][:many]:
        print(f"  {one.before[-16:]}{'_' if one.space else '+'}{one.after[:12]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("train", "measure"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--wrong", type=int, default=0, help="print so many wrong breaks of each set")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"skipped: no texts in {options.data}")
    (train if options.what == "train" else measure)(options)


if __name__ == "__main__":
    main()
