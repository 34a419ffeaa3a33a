"""Chunks per CPU second of the runtime without torch beside SentenceTransformer, same weights, same texts.

python -m benchmarks.embedding FOLDER FILE... [--chunks 2000] [--tokens 256] [--rounds 5] [--json OUT]

FOLDER is a StaticEmbedding model (the bundled one), FILE a text, plain or .gz. The two take turns; a round's
ratio is of that round, and the median is told: CPU seconds on a busy machine drift, a ratio less so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from rag.embed.bundled import BundledEmbedder

COLD = """
import re, time
from pathlib import Path
started = time.process_time()
{load}
row = encode(["東京はどこの首都ですか"])
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(time.process_time() - started, int(peak[1]) / 1024)
"""
LIGHT = (
    "from rag.embed.bundled import BundledEmbedder\nencode = BundledEmbedder(Path({folder!r})).encode_queries"
)
TORCH = (
    "from sentence_transformers import SentenceTransformer\n"
    "encode = SentenceTransformer({folder!r}, device='cpu', local_files_only=True).encode"
)


def chunks(files: Sequence[Path], embedder: BundledEmbedder, count: int, tokens: int) -> list[str]:
    """Up to ``count`` stretches of about ``tokens`` tokens, in turn from each file."""
    texts = [(gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") for file in files]
    found: list[str] = []
    share = -(-count // len(files))
    for stream in texts:
        with stream:
            text = stream.read(share * tokens * 4)
        width = max(1, tokens * len(text) // max(1, embedder.count_tokens([text])[0]))
        found += [text[start : start + width] for start in range(0, len(text) - width, width)][:share]
    return found[:count]


def seconds(encode: Callable[[list[str]], object], texts: list[str]) -> float:
    started = time.process_time()
    encode(texts)
    return time.process_time() - started


def cold(code: str, folder: Path) -> dict[str, float]:
    """CPU seconds and peak megabytes of a fresh interpreter up to the first vector (Linux)."""
    source = COLD.format(load=code.format(folder=str(folder)))
    out = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    cpu, peak = (float(number) for number in out.stdout.split())
    return {"cpu_seconds": round(cpu, 3), "peak_megabytes": round(peak)}


def compare(folder: Path, texts: list[str], rounds: int) -> dict[str, object]:
    light = BundledEmbedder(folder)
    heavy = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    ours = light.encode_passages(texts)
    theirs = heavy.encode(texts, normalize_embeddings=True, batch_size=256, show_progress_bar=False)
    times = []
    for _ in range(rounds):
        mine = seconds(light.encode_passages, texts)
        other = seconds(lambda all_: heavy.encode(all_, batch_size=256, show_progress_bar=False), texts)
        times.append((mine, other, seconds(light.count_tokens, texts)))
    light_times, heavy_times, token_times = zip(*times, strict=True)
    return {
        "chunks": len(texts),
        "tokens_per_chunk": round(statistics.mean(light.count_tokens(texts)), 1),
        "largest_difference": float(np.abs(ours - theirs).max()),
        "chunks_per_cpu_second": {
            "bundled runtime": round(len(texts) / statistics.median(light_times)),
            "SentenceTransformer": round(len(texts) / statistics.median(heavy_times)),
            "tokenizing alone": round(len(texts) / statistics.median(token_times)),
        },
        "ratio": round(statistics.median(other / mine for mine, other, _ in times), 2),
        "first_vector": {"bundled runtime": cold(LIGHT, folder), "SentenceTransformer": cold(TORCH, folder)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--chunks", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    texts = chunks(options.files, BundledEmbedder(options.folder), options.chunks, options.tokens)
    result = compare(options.folder, texts, options.rounds)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
