"""A folder into a collection: scan, read, chunk, embed, write, make live. Resumable at any point."""

from __future__ import annotations

import hashlib
import json
import os
import time
import unicodedata
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.chunk import chunks
from ingest.manifest import NAMESPACE, Manifest, Row, document_id
from ingest.report import FileOutcome, FileReport, Listener, Progress, Report
from ingest.scan import Found, scan
from ingest.worker import Worker
from rag.engine import Engine
from rag.errors import DocumentError
from rag.types import Chunk, Document, Point

VERSION = "1"
GROUP = 256  # chunks that are planned, written and made live together
AHEAD = 4  # documents that are read while others are embedded
SLICE = 512  # chunks that are embedded at once
SKIPPED = frozenset({"empty", "unsupported", "too_large", "not_a_file"})


def ingest(
    target: Path, engine: Engine, *, rebuild: bool = False, progress: Listener | None = None
) -> Report:
    """Bring a collection in step with a folder, or with one file.

    Files that did not change are left alone, changed ones replaced, and documents whose files are gone
    removed. A run that was killed is resumed by running it again. Where the index was just made anew, the
    other folders that were in it are read again too.

    Args:
        target: the folder or file.
        engine: the opened collection.
        rebuild: read and write every file again, changed or not.
        progress: told after each file.

    Returns:
        Every file with its outcome, ``indexed``, ``unchanged``, ``skipped`` or ``failed``.

    Raises:
        ConfigError: there is no such file or folder.
        StoreError: the store or the manifest cannot be written; what is live stays so.
    """
    targets = [Path(os.path.abspath(target)), *map(Path, engine.collection.pending())]
    with Manifest(engine.collection.manifest) as manifest:
        reports = [
            _Run(one, engine, manifest, rebuild, progress).run()
            for one in dict.fromkeys(targets)
            if one == targets[0] or one.is_dir()
        ]
    if len(targets) > 1:
        engine.collection.create(engine.collection.fingerprint())
    return Report.joined(reports)


def delete(engine: Engine, name: str) -> bool:
    """Remove the documents of that name from a collection; False where there is none."""
    with Manifest(engine.collection.manifest) as manifest:
        rows = [row for row in manifest.rows().values() if row.name == name]
        manifest.remove(rows)
        _drain(engine, manifest)
    return bool(rows)


@dataclass(slots=True)
class _Read:
    """A document that was read, its row, and its chunks."""

    row: Row
    document: Document
    pieces: list[Chunk]


@dataclass(slots=True)
class _Run:
    target: Path
    engine: Engine
    manifest: Manifest
    rebuild: bool
    progress: Listener | None
    files: list[FileReport] = field(default_factory=list)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    total: int = 0

    def run(self) -> Report:
        with self._timed("total"):
            self.manifest.recover()
            _drain(self.engine, self.manifest)
            key, root = self._root()
            with self._timed("scan"):
                found = self._scan(root)
            self.total = len(found)
            self._read_all(key, found)
            removed = self._remove_gone(key, root, found)
        self.files.sort(key=lambda one: one.name)
        return Report(self.engine.collection.name, tuple(self.files), removed, dict(self.seconds))

    # -- which files ---------------------------------------------------------------------------------

    def _root(self) -> tuple[str, Path]:
        """The root the target belongs to: a known one that holds it, else the target (a file's folder)."""
        folder = self.target if self.target.is_dir() else self.target.parent
        known = self.manifest.roots()
        for key, path in known.items():
            if folder.is_relative_to(path) and path.is_dir():
                return key, path
        key = _key(folder, known)
        if self.target.exists():
            self.manifest.set_root(key, folder)
        return key, folder

    def _scan(self, root: Path) -> list[Found]:
        settings = self.engine.settings.ingest
        return scan(
            self.target, root, exclude=settings.exclude, max_bytes=int(settings.max_megabytes * 1_000_000)
        )

    def _remove_gone(self, key: str, root: Path, found: list[Found]) -> tuple[str, ...]:
        """Remove what lay in the target and is gone, and what is now read from a root above it."""
        seen = {one.name for one in found}
        unlisted = tuple(one.name for one in found if one.name.endswith("/"))
        inside = self._inside(root)
        gone = [
            row
            for row in self.manifest.rows(key).values()
            if row.name not in seen and inside(row.name) and not row.name.startswith(unlisted)
        ]
        swallowed = [
            other
            for other, path in self.manifest.roots().items()
            if other != key and path.is_relative_to(root)
        ]
        double = [row for other in swallowed for row in self.manifest.rows(other).values()]
        self.manifest.remove([*gone, *double])
        for other in swallowed:
            self.manifest.drop_root(other)
        _drain(self.engine, self.manifest)
        return tuple(sorted(row.name for row in gone))

    def _inside(self, root: Path) -> Callable[[str], bool]:
        """Whether a name lies in the folder of this run; a single file says nothing of others."""
        if not self.target.is_dir():
            return lambda name: False
        below = self.target.relative_to(root).as_posix()
        prefix = "" if below == "." else unicodedata.normalize("NFC", f"{below}/")
        return lambda name: name.startswith(prefix)

    # -- reading -------------------------------------------------------------------------------------

    def _read_all(self, key: str, found: list[Found]) -> None:
        rows = self.manifest.rows(key)
        todo: list[tuple[Found, Row]] = []
        for one in found:
            row = self._row(key, one, rows)
            if self._unchanged(row, one):
                self._done(row, "unchanged")
            else:
                todo.append((one, row))
        group: list[_Read] = []
        for one, row, pending in self._ahead(todo):
            read = self._taken(one, row, pending)
            if read is not None:
                group.append(read)
            if sum(len(done.pieces) for done in group) >= GROUP:
                self._write(group)
                group = []
        self._write(group)

    def _ahead(self, todo: list[tuple[Found, Row]]) -> Iterator[tuple[Found, Row, Future[Document]]]:
        """Each file with its document, which the child reads while those before it are embedded."""
        settings = self.engine.settings.ingest
        pool = ThreadPoolExecutor(1)
        with Worker(timeout=settings.timeout, encoding=settings.encoding) as worker:
            waiting: deque[tuple[Found, Row, Future[Document]]] = deque()
            try:
                for one, row in todo:
                    waiting.append((one, row, pool.submit(_document, worker, one)))
                    if len(waiting) > AHEAD:
                        yield waiting.popleft()
                yield from waiting
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _row(self, key: str, one: Found, rows: dict[str, Row]) -> Row:
        doc_id = document_id(key, one.name)
        known = rows.get(doc_id)
        return replace(known, path=str(one.path)) if known else Row(doc_id, key, one.name, str(one.path))

    def _unchanged(self, row: Row, one: Found) -> bool:
        same = (row.size, row.mtime_ns, row.pipeline) == (one.size, one.mtime_ns, self._pipeline())
        return same and not one.code and not self.rebuild and row.outcome == "indexed"

    def _taken(self, one: Found, row: Row, pending: Future[Document]) -> _Read | None:
        seen = replace(row, size=one.size, mtime_ns=one.mtime_ns, pipeline=self._pipeline())
        try:
            with self._timed("read"):
                document = replace(pending.result(), id=row.doc_id)
            if self._same_content(row, document):
                self._touched(seen)
                return None
            with self._timed("chunk"):
                pieces = self._chunks(document)
        except DocumentError as error:
            self._refused(seen, error)
            return None
        return _Read(self._known(seen, document, pieces), document, pieces)

    def _same_content(self, row: Row, document: Document) -> bool:
        same = row.sha256 == document.source.sha256 and row.pipeline == self._pipeline()
        return same and row.outcome == "indexed" and not self.rebuild

    def _touched(self, row: Row) -> None:
        self.manifest.note(row)
        self._done(row, "unchanged")

    def _refused(self, row: Row, error: DocumentError) -> None:
        """Skipped files hold nothing searchable; of a failed one the version read before stays."""
        outcome: FileOutcome = "skipped" if error.code in SKIPPED else "failed"
        message = str(error).removeprefix(f"{error.path}: ")
        refused = replace(row, outcome=outcome, code=error.code, message=message, sha256="", mtime_ns=0)
        if outcome == "failed":
            self.manifest.note(refused)
        else:
            self.manifest.retire(replace(refused, generation=None, state="", chunks=0, chars=0))
            _drain(self.engine, self.manifest)
        self._done(refused, outcome)

    def _chunks(self, document: Document) -> list[Chunk]:
        settings, embedder = self.engine.settings.chunk, self.engine.embedder
        tokens = min(settings.tokens, embedder.passage_room)  # nothing is cut off in silence
        pieces = chunks(document, embedder.count_tokens, tokens=tokens, overlap=settings.overlap)
        if not pieces:
            raise DocumentError(document.source.name, "empty", "holds no text")
        generation = self._generation(document)
        return [replace(one, id=_chunk_id(generation, one)) for one in pieces]

    def _known(self, row: Row, document: Document, pieces: list[Chunk]) -> Row:
        source = document.source
        return replace(
            row,
            sha256=source.sha256,
            state="planned",
            next_generation=self._generation(document),
            outcome="indexed",
            code="",
            message="",
            encoding=source.encoding,
            confidence=source.confidence,
            suspicious=source.suspicious,
            lang=document.lang,
            title=document.title,
            chars=len(document.text),
            chunks=len(pieces),
        )

    # -- writing -------------------------------------------------------------------------------------

    def _write(self, group: list[_Read]) -> None:
        """Plan, write and make live a group of documents."""
        if not group:
            return
        again = [one.row for one in group if one.row.generation == one.row.next_generation]
        for row in again:
            self.manifest.retire(replace(row, generation=None, next_generation=None, state="", mtime_ns=0))
        _drain(self.engine, self.manifest)
        rows = [replace(one.row, generation=None) if one.row in again else one.row for one in group]
        self.manifest.plan(rows)
        self._upsert(group)
        self.manifest.written(rows)
        live = [
            replace(row, state="live", generation=row.next_generation, next_generation=None) for row in rows
        ]
        self.manifest.flip(live)
        _drain(self.engine, self.manifest)
        for row in live:
            self._done(row, "indexed")

    def _upsert(self, group: list[_Read]) -> None:
        todo = [(piece, str(one.row.next_generation)) for one in group for piece in one.pieces]
        for start in range(0, len(todo), SLICE):
            self._upsert_slice(todo[start : start + SLICE])

    def _upsert_slice(self, todo: list[tuple[Chunk, str]]) -> None:
        passages = [piece.passage for piece, _ in todo]
        with self._timed("embed"):
            dense = self.engine.embedder.encode_passages(passages)
            sparse = self.engine.analyser.passages(passages, [piece.lang for piece, _ in todo])
        with self._timed("write"):
            self.engine.store.upsert(
                [
                    Point(piece, generation, vector, terms)
                    for (piece, generation), vector, terms in zip(todo, dense, sparse, strict=True)
                ]
            )

    # -- small things --------------------------------------------------------------------------------

    def _pipeline(self) -> str:
        """Changes whenever the same bytes would be indexed differently."""
        parts = [VERSION, self.engine.settings.ingest.encoding or "", self.engine.collection.fingerprint()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def _generation(self, document: Document) -> str:
        key = f"{document.id}\n{document.source.sha256}\n{self._pipeline()}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]

    def _done(self, row: Row, outcome: FileOutcome) -> None:
        self.files.append(
            FileReport(
                name=row.name,
                outcome=outcome,
                code=row.code,
                message=row.message,
                encoding=row.encoding,
                confidence=row.confidence,
                suspicious=row.suspicious,
                chars=row.chars,
                chunks=row.chunks if outcome in ("indexed", "unchanged") else 0,
            )
        )
        if self.progress:
            self.progress(Progress(outcome, len(self.files), self.total, row.name))

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - start


def _document(worker: Worker, one: Found) -> Document:
    if one.code:
        raise DocumentError(one.name, one.code, one.message)
    return worker.read(one.path, name=one.name)


def _drain(engine: Engine, manifest: Manifest) -> None:
    """Delete the queued generations from the store."""
    waiting = manifest.deletions()
    for generation, doc_id in waiting:
        engine.store.delete(doc_id, generation=generation)
    if waiting:
        manifest.deleted(generation for generation, _ in waiting)


def _live(row: Row) -> Row:
    return replace(row, state="live", generation=row.next_generation, next_generation=None)


def _key(folder: Path, known: dict[str, Path]) -> str:
    """The folder's own name, numbered where another existing folder of that name was ingested."""
    base = unicodedata.normalize("NFC", os.fsencode(folder.name).decode("utf-8", "replace")) or "root"
    for number in range(1, len(known) + 2):
        key = base if number == 1 else f"{base}~{number}"
        if key not in known or known[key] == folder or not known[key].exists():
            return key
    raise AssertionError("one of the numbers is free")


def _chunk_id(generation: str, chunk: Chunk) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{generation}\n{chunk.start}\n{chunk.end}"))
