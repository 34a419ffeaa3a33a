"""``cjkrag doctor``: what is installed, where the data lies, and whether every collection is whole."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ingest.documents import counts, documents
from ingest.sizes import Sizes
from rag.assemble import BUNDLED, embedder, fingerprint
from rag.collection import Collection, existing
from rag.engine import Engine
from rag.errors import CjkRagError, IndexMismatch
from rag.settings import Settings
from ui.local import LocalFace
from ui.terminal import safe

Level = Literal["ok", "note", "ill"]

NEEDED = (
    "numpy", "pydantic", "tokenizers", "qdrant-edge-py", "rjieba", "sudachipy", "python-mecab-ko", "opencc",
    "chardet", "pypdfium2", "lxml", "pathspec",
    "watchfiles", "langchain", "streamlit", "fastapi", "uvicorn", "httpx",
)  # fmt: skip
EXTRAS = ("sentence-transformers", "torch", "chromadb", "llama-index-core", "onnxruntime", "rapidocr")
_PROGRAMS = {
    "soffice": "LibreOffice, for .doc and .ppt",
    "tesseract": "Tesseract, for pictures and scanned pages in Korean",
}
_LISTED = 20
_SIGNS = {"ok": "ok  ", "note": "note", "ill": "ILL "}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``ill`` is what keeps something from working."""

    about: str
    level: Level
    message: str
    facts: dict[str, Any] = field(default_factory=dict)


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a collection that another process has open is read from outside."""
    found = [_python(), *_packages(), *_programs(), _bundled(), _data_dir(settings.data_dir)]
    try:
        places = existing(settings.data_dir)
    except CjkRagError as error:
        return [*found, Finding("collections", "ill", str(error))]
    if not places:
        found.append(Finding("collections", "note", "there are none yet: cjkrag ingest FOLDER"))
    with LocalFace(settings) as face:
        for place in places:
            found += _collection(settings, face, place)
    return found


def report_text(found: Sequence[Finding]) -> str:
    """One line for each finding, then a verdict."""
    lines = [f"{_SIGNS[one.level]}  {one.about}: {one.message}" for one in found]
    ill = sum(one.level == "ill" for one in found)
    verdict = f"{ill} of {len(found)} findings need attention" if ill else "healthy"
    return safe("\n".join([*lines, verdict]))


def _python() -> Finding:
    old = sys.version_info < (3, 11)
    return Finding("python", "ill" if old else "ok", f"{platform.python_version()} on {platform.platform()}")


def _packages() -> Iterator[Finding]:
    missing = [name for name in NEEDED if _version(name) is None]
    versions = {name: _version(name) for name in ("cjkrag", *NEEDED, *EXTRAS)}
    if missing:
        advice = f"missing: {', '.join(missing)}. Install them: pip install cjkrag"
        yield Finding("packages", "ill", advice, versions)
    else:
        yield Finding("packages", "ok", "all that is needed is there", versions)
    optional = ", ".join(f"{name} {_version(name) or '(not installed)'}" for name in EXTRAS)
    yield Finding("extras", "ok", optional)


def _bundled() -> Finding:
    weights = list((BUNDLED / "embedder").glob("**/*.safetensors"))
    if not weights:
        return Finding("bundled model", "ill", "its weights are missing: install cjkrag again")
    size = sum(one.stat().st_size for one in weights) / 1e6
    return Finding("bundled model", "ok", f"{size:.1f} MB of weights")


def _data_dir(folder: Path) -> Finding:
    facts = {"path": str(folder)}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"cjkrag")
    except OSError as error:
        return Finding("data directory", "ill", f"{folder}: {error.strerror}. Set CJKRAG_DATA_DIR", facts)
    return Finding("data directory", "ok", f"{folder} is writable", facts)


def _collection(settings: Settings, face: LocalFace, place: Collection) -> Iterator[Finding]:
    about = f"collection {place.name}"
    try:
        yield _size(about, place)
        yield _made(about, settings, place)
        yield from _encodings(about, place)
        yield from _sizes(about, settings, place)
        with face.seat(place.name).reading() as there:
            yield _whole(about, place, there) if isinstance(there, Engine) else _elsewhere(about, there.url)
    except CjkRagError as error:
        if not isinstance(error, IndexMismatch):  # told already
            yield Finding(about, "ill", str(error))


def _size(about: str, place: Collection) -> Finding:
    live, chunks = counts(place)
    refused = [one for one in documents(place) if one.outcome in ("failed", "skipped")]
    codes = Counter(one.code for one in refused)
    why = ", ".join(f"{count} {code}" for code, count in codes.most_common())
    more = f"; {len(refused)} files are not in it ({why})" if refused else ""
    facts = {"documents": live, "chunks": chunks, "refused": [one.name for one in refused]}
    return Finding(about, "note" if refused else "ok", f"{live} documents, {chunks} chunks{more}", facts)


def _made(about: str, settings: Settings, place: Collection) -> Finding:
    try:
        place.check(fingerprint(settings))
    except IndexMismatch as error:
        return Finding(about, "ill", str(error), {"expected": error.expected, "found": error.found})
    return Finding(about, "ok", "made with the models that are configured")


def _encodings(about: str, place: Collection) -> Iterator[Finding]:
    known = documents(place)
    doubtful = {one.name: f"{one.encoding or 'OCR'}, {one.confidence:.0%}" for one in known if one.suspicious}
    if doubtful:
        advice = "If one is garbled, name it in ingest.encodings: 'GLOB: ENCODING'"
        yield Finding(about, "note", f"doubtful encodings: {_listed(doubtful)}. {advice}", doubtful)
    warned = {one.name: ", ".join(one.warnings) for one in known if one.warnings and one.live}
    if warned:
        yield Finding(about, "note", f"read with losses or oddities: {_listed(warned)}", warned)


def _sizes(about: str, settings: Settings, place: Collection) -> Iterator[Finding]:
    """How many tokens the chunks have, and whether all of them reach the model."""
    live = {one.name: one.sizes for one in documents(place) if one.live}
    sizes = Sizes(
        tuple(size for one in live.values() for size in one.tokens), sum(one.split for one in live.values())
    )
    if not sizes.tokens:
        return
    room = embedder(settings).passage_room
    cut_off = [name for name, one in live.items() if any(size > room for size in one.tokens)]
    facts = {
        "budget": settings.chunk.tokens,
        "room": room,
        "tokens": dict(sorted(Counter(sizes.tokens).items())),
    }
    if cut_off:
        told = f"chunks of {len(cut_off)} documents are longer than the {room} tokens that the model reads"
        yield Finding(about, "ill", f"{told}. Index again: cjkrag ingest FOLDER --rebuild", facts)
    else:
        yield Finding(about, "ok", f"chunks of {sizes}; chunk.tokens is {settings.chunk.tokens}", facts)


def _listed(found: Mapping[str, str]) -> str:
    lines = [f"{name} ({what})" for name, what in islice(found.items(), _LISTED)]
    more = len(found) - len(lines)
    return ", ".join(lines) + (f" and {more} more (--json lists all)" if more else "")


def _whole(about: str, place: Collection, engine: Engine) -> Finding:
    """Compare what the manifest calls searchable with what the store holds."""
    hidden = place.hidden()
    held = dict.fromkeys(("visible", "leftover"), 0)
    for _, generation in engine.store.scroll():
        held["leftover" if generation in hidden else "visible"] += 1
    expected = counts(place)[1]
    facts = {**held, "expected": expected, "count": engine.store.count()}
    if held["visible"] != expected or facts["count"] != sum(held.values()):
        told = f"the manifest says {expected} chunks, the store shows {held['visible']}"
        return Finding(about, "ill", f"{told}. Index again: cjkrag ingest FOLDER --rebuild", facts)
    if held["leftover"]:
        told = f"{held['leftover']} chunks of an interrupted run wait; the next ingest removes them"
        return Finding(about, "note", told, facts)
    return Finding(about, "ok", "manifest and store agree", facts)


def _elsewhere(about: str, url: str) -> Finding:
    return Finding(about, "note", f"open in a process that answers on {url}; its store was not looked into")


def _programs() -> Iterator[Finding]:
    for name, what in _PROGRAMS.items():
        found = shutil.which(name) or (shutil.which("libreoffice") if name == "soffice" else None)
        told = f"{what}: {found}" if found else f"not installed: {what}"
        yield Finding(name, "ok" if found else "note", told)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
