"""How often the text of short stretches in old encodings comes back exactly, ours against the libraries.

python -m benchmarks.encodings [--split dev|test] [--windows 60] [--lengths 4 8 16 32 128] [--only ours]
                               [--data ../shared/data] [--json FILE]

A stretch is right when its decoded text is the text it was made from; the name of the encoding does not
count. Stretches start anywhere in a text, hold at least one character outside ASCII, and are the same for
all. `dev` is what the tables were made with, `test` are other sources.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import chardet
import charset_normalizer
import opencc

from ingest.decode import codec_of, decode
from rag.errors import DocumentError

DATA = Path(__file__).parents[2] / "shared" / "data"
LINES = 8_000
ZH, HANT, HK, JA, KO = ("gb18030",), ("cp950",), ("big5hkscs",), ("cp932", "euc_jp"), ("cp949", "johab")
CANTONESE = (
    ("他們", "佢哋"), ("我們", "我哋"), ("你們", "你哋"), ("這個", "呢個"), ("那個", "嗰個"), ("沒有", "冇"),
    ("東西", "嘢"), ("什麼", "乜嘢"), ("的", "嘅"), ("了", "咗"), ("是", "係"), ("不", "唔"), ("在", "喺"),
    ("他", "佢"),
)  # fmt: skip
KANA = re.compile("[^ぁ-ゖァ-ヺー、。！？\n]+")
MARKS = re.compile("[^\u3001-\u3003\u3008-\u301f\uff01-\uff20\uff3b-\uff40\u2026\u2014\u30fb\uff5e\n]+")


class Source(NamedTuple):
    """A file below the data folder, how its texts become ours, and the encodings they are written in."""

    path: str
    codecs: tuple[str, ...]
    made: str = ""

    @property
    def name(self) -> str:
        stem = re.sub(r"(/corpus)?\.(txt|jsonl|tsv).*", "", self.path).rpartition("/")[2]
        return f"{stem}/{self.made}" if self.made else stem


SPLITS = {
    "dev": (
        Source("text/cn-law-zh.txt.gz", ZH),
        Source("text/techdocs-zh.txt.gz", ZH),
        Source("eval/cmrc2018-zh/corpus.jsonl.gz", ZH),
        Source("train/jaquad-ja.jsonl.gz", JA),
        Source("text/aozora-ja.txt.gz", JA),
        Source("text/aozora-ja.txt.gz", JA, "kana"),
        Source("text/aozora-ja.txt.gz", JA, "marks"),
        Source("eval/cmrc2018-zh/corpus.jsonl.gz", ZH, "marks"),
        Source("text/techdocs-ja.txt.gz", JA),
        Source("eval/cmrc2018-zh/corpus.jsonl.gz", HANT, "traditional"),
        Source("text/techdocs-zh.txt.gz", HANT, "traditional"),
        Source("eval/cmrc2018-zh/corpus.jsonl.gz", HK, "cantonese"),
        Source("text/petitions-ko.txt.gz", KO),
        Source("text/techdocs-ko.txt.gz", KO),
        Source("train/korsts-ko-scored.jsonl.gz", KO),
    ),
    "test": (
        Source("train/toyhom-med-zh.jsonl.gz", ZH),
        Source("text/tidb-docs-zh.txt.gz", ZH),
        Source("text/oi-wiki-zh.txt.gz", ZH),
        Source("sts/stsb-valid-zh.tsv", ZH),
        Source("eval/drcd-dev-zh-hant/corpus.jsonl.gz", HANT),
        Source("train/toyhom-med-zh.jsonl.gz", HANT, "traditional"),
        Source("train/toyhom-med-zh.jsonl.gz", HK, "cantonese"),
        Source("text/jp-law-ja.txt.gz", JA),
        Source("train/tanaka-parallel-en-ja.jsonl.gz", JA),
        Source("sts/jsts-valid-ja.tsv", JA),
        Source("eval/jsquad-valid-ja/corpus.jsonl.gz", JA),
        Source("train/jaquad-ja.jsonl.gz", JA, "kana"),
        Source("text/jp-law-ja.txt.gz", JA, "marks"),
        Source("train/toyhom-med-zh.jsonl.gz", ZH, "marks"),
        Source("eval/drcd-dev-zh-hant/corpus.jsonl.gz", HANT, "marks"),
        Source("train/songys-chatbot-ko.jsonl.gz", KO),
        Source("sts/klue-sts-dev-ko.tsv", KO),
        Source("eval/korquad-ko-dev/corpus.jsonl.gz", KO),
        Source("train/pydocs-parallel-ja-ko.jsonl.gz", KO),
    ),
}  # fmt: skip
BAR = ("gb18030", "cp950", "cp932", "euc_jp", "cp949")


def ours(data: bytes) -> str | None:
    try:
        return decode(data).text
    except DocumentError:
        return None


def theirs_chardet(data: bytes) -> str | None:
    codec = codec_of(chardet.detect(data, prefer_superset=True, compat_names=False)["encoding"])
    return data.decode(codec, "replace") if codec else None


def theirs_normalizer(data: bytes) -> str | None:
    best = charset_normalizer.from_bytes(data).best()
    codec = codec_of(best.encoding) if best else None
    return data.decode(codec, "replace") if codec else None


READERS: dict[str, Callable[[bytes], str | None]] = {
    "ours": ours,
    "chardet": theirs_chardet,
    "charset-normalizer": theirs_normalizer,
}


@cache
def text_of(source: Source, data: Path) -> str:
    """The first lines of a source as one text."""
    file = data / source.path
    packed = file.suffix == ".gz"
    with gzip.open(file, "rt", encoding="utf-8") if packed else file.open(encoding="utf-8") as lines:
        text = "\n".join(_words(line, file) for line in islice(lines, LINES))
    if source.made in ("traditional", "cantonese"):
        text = opencc.OpenCC("s2tw").convert(text)
    for plain, spoken in CANTONESE if source.made == "cantonese" else ():
        text = text.replace(plain, spoken)
    kept = {"kana": KANA, "marks": MARKS}.get(source.made)
    return kept.sub("", text) if kept else text


def _words(line: str, file: Path) -> str:
    if ".jsonl" not in file.name:
        return line.rstrip("\n").replace("\t", "\n")
    row = json.loads(line)
    languages = {"parallel-en-ja": ("s2",), "pydocs-parallel-ja-ko": ("s2",)}
    keys = next((keys for part, keys in languages.items() if part in file.name), ())
    keys = keys or ("query", "positive", "s1", "s2", "text")
    return "\n".join(row[key] for key in keys if row.get(key))


def windows(text: str, characters: int, codec: str, seed: str) -> Iterator[tuple[str, bytes]]:
    """Random stretches of that many characters that the code page has."""
    generator = random.Random(seed)
    text = text.encode(codec, "ignore").decode(codec, "ignore")
    while True:
        start = generator.randrange(max(1, len(text) - characters))
        window = text[start : start + characters]
        data = window.encode(codec)
        if not window.isascii() and data.decode(codec) == window:
            yield window, data


def measure(options: argparse.Namespace) -> list[dict]:
    rows: list[dict] = []
    for source in SPLITS[options.split]:
        for codec in source.codecs:
            for length in options.lengths:
                rows += _cell(source, codec, length, options)
    return rows


def _cell(source: Source, codec: str, length: int, options: argparse.Namespace) -> Iterator[dict]:
    seed = f"{source.name}/{codec}/{length}"
    found = windows(text_of(source, options.data), length, codec, seed)
    samples = list(islice(found, options.windows))
    for reader in options.readers:
        start = time.process_time()
        wrong = [text for text, data in samples if READERS[reader](data) != text]
        yield {
            "reader": reader,
            "encoding": codec,
            "source": source.name,
            "characters": length,
            "windows": len(samples),
            "right": len(samples) - len(wrong),
            "ms": round(1000 * (time.process_time() - start) / len(samples), 3),
        }
        if options.wrong:
            print(*map(repr, wrong[: options.wrong]), seed, sep="\n  ", file=sys.stderr)


def table(rows: list[dict], by: str) -> str:
    """Percent right in Markdown: a row for each reader and encoding (or source), a column for each length."""
    lengths = sorted({row["characters"] for row in rows})
    cells: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in rows:
        share = 100 * row["right"] / row["windows"]
        key = f"{row['source']} {row['encoding']}" if by == "source" else _group(row)
        cells[key, row["reader"], row["characters"]].append(share)
    names = list(dict.fromkeys((key, reader) for key, reader, _ in cells))
    for reader in dict.fromkeys(reader for _, reader in names) if by == "encoding" else ():
        names.append(("five on average", reader))
        for length in lengths:
            each = [
                statistics.mean(cells[one, reader, length]) for one in BAR if (one, reader, length) in cells
            ]
            cells["five on average", reader, length] = each
    lines = [
        f"| {by} | reader | " + " | ".join(map(str, lengths)) + " |",
        "|---|---|" + "--:|" * len(lengths),
    ]
    for key, reader in names:
        figures = (f"{statistics.mean(cells[key, reader, n]):.2f}" for n in lengths)
        lines.append(f"| {key} | {reader} | " + " | ".join(figures) + " |")
    return "\n".join(lines)


def _group(row: dict) -> str:
    """The encoding; stretches of nothing but kana or punctuation are no running text and count apart."""
    special = row["source"].rpartition("/")[2] in ("kana", "marks")
    return f"{row['encoding']}, kana or marks alone" if special else row["encoding"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--windows", type=int, default=60)
    parser.add_argument("--lengths", type=int, nargs="+", default=[4, 8, 16, 32, 128])
    parser.add_argument("--only", dest="readers", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument("--wrong", type=int, default=0, help="print so many wrong stretches of each cell")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"skipped: no texts in {options.data}")
    rows = measure(options)
    print(table(rows, "source"), table(rows, "encoding"), sep="\n\n")
    if options.json:
        report = {"commit": commit(), "split": options.split, "results": rows}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    main()
