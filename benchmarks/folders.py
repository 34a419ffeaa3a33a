"""What is read of real folders: files by outcome, encodings, languages, characters, time by stage.

python -m benchmarks.folders ARCHIVE_OR_FOLDER... [--markdown]

Each is ingested into an index of its own with the offline profile; an archive (.tar.gz) is unpacked first.
"""

from __future__ import annotations

import argparse
import json
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

from ingest.documents import documents
from ingest.pipeline import ingest
from rag.assemble import open_engine
from rag.settings import load

HEAD = (
    "folder",
    "files",
    "indexed",
    "skipped",
    "failed",
    "doubtful",
    "encodings",
    "characters",
    "chunks",
    "MB/s",
)


def unpacked(path: Path, into: Path) -> Path:
    if path.is_dir():
        return path
    with tarfile.open(path) as archive:
        archive.extractall(into, filter="data")
    return into


def measure(path: Path) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as place:
        folder = unpacked(path, Path(place, "folder"))
        settings = load(overrides={"data_dir": f"{place}/data", "collection": "folder"}, environ={})
        with open_engine(settings, create=True) as engine:
            report = ingest(folder, engine)
            again = ingest(folder, engine)
            known = [one for one in documents(engine.collection) if one.live]
    counts = report.counts
    size = sum(one.size for one in known) / 1e6
    return {
        "folder": path.name.removesuffix(".tar.gz"),
        "files": len(report.files),
        **{name: counts[name] for name in ("indexed", "skipped", "failed")},
        "doubtful": len(report.suspicious),
        "encodings": dict(Counter(str(one.encoding or "in the format") for one in known).most_common()),
        "languages": dict(Counter(one.lang for one in known).most_common()),
        "codes": report.codes,
        "characters": report.chars,
        "chunks": report.chunks,
        "MB/s": round(size / report.seconds["total"], 2),
        "seconds": {stage: round(value, 2) for stage, value in report.seconds.items()},
        "again": {**again.counts, "seconds": round(again.seconds["total"], 2)},
    }


def line(found: dict[str, object]) -> str:
    cells = [found[name] for name in HEAD]
    told = [
        ", ".join(f"{key} {count}" for key, count in one.items()) if isinstance(one, dict) else one
        for one in cells
    ]
    return "| " + " | ".join(f"{one:,}" if isinstance(one, int) else str(one) for one in told) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--markdown", action="store_true", help="a table instead of JSON")
    options = parser.parse_args()
    if options.markdown:
        print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD))
    for path in options.folders:
        found = measure(path)
        print(line(found) if options.markdown else json.dumps(found, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
