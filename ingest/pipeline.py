"""A folder into a collection: scan, read, chunk, embed, write, make live. Resumable at any point."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest import roots
from ingest.folder_encoding import Votes
from ingest.freshness import (
    SKIPPED,
    encoding_of,
    outcome_of,
    pipeline_of,
    proven,
    rules_of,
    settled,
    skipping,
    torn,
    whole,
)
from ingest.load import shown
from ingest.manifest import Manifest, Row, document_id
from ingest.pieces import cut
from ingest.reading import Event, Reader, Task, events
from ingest.report import FileOutcome, FileReport, Listener, Progress, Report
from ingest.scan import LEFT_OUT, Found, scan
from ingest.sizes import read
from ingest.worker import Worker
from ingest.writing import Clock, Read, Writer, drain
from rag.engine import Engine
from rag.errors import DocumentError
from rag.settings import Settings
from rag.types import Document

NOTED = 500  # rows that leave the index as it is, written together


def ingest(
    target: Path,
    engine: Engine,
    *,
    rebuild: bool = False,
    progress: Listener | None = None,
    reader: Reader | None = None,
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
        reader: what reads the files; a child process that is started for this run otherwise.

    Returns:
        Every file with its outcome, ``indexed``, ``unchanged``, ``skipped`` or ``failed``.

    Raises:
        ConfigError: there is no such file or folder.
        StoreError: the store or the manifest cannot be written; what is live stays so.
    """
    targets = [Path(os.path.abspath(target)), *map(Path, engine.collection.pending())]
    with Manifest(engine.collection.manifest) as manifest, _reading(reader, engine.settings) as reading:
        reports = [
            _Run(one, engine, manifest, reading, rebuild, progress).run()
            for one in dict.fromkeys(targets)
            if one == targets[0] or one.exists()
        ]
    if len(targets) > 1:
        engine.collection.create(engine.collection.fingerprint())
    return Report.joined(reports)


def delete(engine: Engine, name: str) -> bool:
    """Remove the documents of that name, and what is inside them; False where there is none."""
    with Manifest(engine.collection.manifest) as manifest:
        rows = manifest.rows().values()
        named = {row.doc_id for row in rows if row.name == name}
        manifest.remove([row for row in rows if row.doc_id in named or row.container in named])
        drain(engine, manifest)
    return bool(named)


@contextmanager
def _reading(reader: Reader | None, settings: Settings) -> Iterator[Reader]:
    """The reader given, or a child process for this run."""
    if reader is not None:
        yield reader
        return
    wanted = settings.ingest
    with Worker(timeout=wanted.timeout, ocr=wanted.ocr, secrets=wanted.secrets) as worker:
        yield worker


@dataclass(slots=True)
class _Open:
    """The file whose events are coming: its document, held until all that is inside it was taken.

    ``inner`` are documents inside it that are still open, each in the one before; None for what is
    unchanged. ``lost`` begins the names of what is in those that could not be read to their end.
    """

    held: Read | None = None
    inner: list[tuple[Row, Read | None]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    failed: bool = False
    put_off: bool = False


@dataclass(slots=True)
class _Run:
    target: Path
    engine: Engine
    manifest: Manifest
    reader: Reader
    rebuild: bool
    progress: Listener | None
    key: str = ""
    pipeline: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    inside: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    torn: frozenset[str] = frozenset()
    files: list[FileReport] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    late: list[tuple[list[Row], Read | None]] = field(default_factory=list)
    put_off: list[tuple[Task, str]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    total: int = 0
    finished: int = 0
    _writer: Writer | None = None

    def run(self) -> Report:
        with self.clock("total"):
            self.manifest.recover()
            drain(self.engine, self.manifest)
            self.key, root = roots.of(self.target, self.manifest)
            self.pipeline = pipeline_of(self.engine.collection, self.engine.settings)
            with self.clock("scan"):
                found = scan(self.target, root, rules_of(self.engine.settings))
            self._read_all([one for one in found if one.code not in LEFT_OUT])
            self.files += (
                FileReport(one.name, "skipped", one.code, one.message)
                for one in found
                if one.code in LEFT_OUT
            )
            self.removed += roots.remove_gone(self.target, self.key, root, found, self.manifest)
            drain(self.engine, self.manifest)
        return self._report()

    def _report(self) -> Report:
        self.files.sort(key=lambda one: one.name)
        new = {one.sha256: one.name for one in self.files if one.outcome == "indexed" and one.sha256}
        moved = [(row.name, new[row.sha256]) for row in self.removed if row.sha256 in new]
        olds = {old for old, _ in moved}
        return Report(
            self.engine.collection.name,
            tuple(self.files),
            tuple(sorted(row.name for row in self.removed if row.name not in olds)),
            dict(self.clock.seconds),
            tuple(sorted(moved)),
        )

    # -- reading -------------------------------------------------------------------------------------

    def _read_all(self, found: Sequence[Found]) -> None:
        self.rows = self.manifest.rows(self.key)
        for row in self.rows.values():
            if row.container:
                self.inside[row.container].append(row)
        self.torn = torn(self.rows.values(), self.pipeline, self.engine.settings)
        self.total = len(found)
        everything = self.manifest.rows().values()
        twins = {row.sha256: row for row in everything if row.state == "live" and row.sha256}
        self._writer = Writer(self.engine, self.manifest, self.clock, twins, self._live)
        tasks = [task for one in found if (task := self._task(one)) is not None]
        self._take(tasks)
        self._writer.flush()
        self._take(self._with_hints())
        self._writer.flush()
        self._note_down()
        for gone, held in self.late:
            self.manifest.remove(gone)
            self.removed += gone
            if held is not None:
                self._writer.add(held)
        self._writer.flush()

    def _task(self, one: Found) -> Task | None:
        """What is to be done with a file; None where nothing is, because it did not change."""
        doc_id = document_id(self.key, one.name)
        old = self.rows.get(doc_id)
        path = shown(one.path)
        row = replace(old, path=path, container="") if old else Row(doc_id, self.key, one.name, path)
        known = not self.rebuild and doc_id not in self.torn
        known = known and settled(row, one, self.pipeline, self.engine.settings)
        if known and proven(row, one) and not self.engine.settings.ingest.verify:
            if old != row:
                self._note(row)
            self._unchanged(row)
            return None
        return Task(one, row, known, encoding_of(one.name, self.engine.settings))

    def _take(self, tasks: Iterable[Task]) -> None:
        now = _Open()
        coming = events(tasks, self.reader)
        while True:
            with self.clock("read"):
                event = next(coming, None)
            if event is None:
                return
            if event.kind == "same":
                self._note(replace(event.task.row, stamp=event.stamp))
                self._unchanged(event.task.row)
            elif event.kind == "loaded":
                self._loaded(event, now)
            else:
                self._closed(event.task, now)
                now = _Open()

    def _loaded(self, event: Event, now: _Open) -> None:
        if now.put_off:
            return
        row = self._row(event)
        own = row.doc_id == event.task.row.doc_id
        loaded = event.loaded
        self._end(now, row.name)
        now.names.add(row.name)
        if isinstance(loaded, DocumentError):
            now.inner = [one for one in now.inner if one[0].doc_id != row.doc_id]
            self._refused(row, loaded)
            if own:
                now.failed = loaded.code not in SKIPPED or now.held is not None  # an end before its end
                now.held = None
            elif loaded.code not in SKIPPED:
                now.lost.add(f"{row.name}/")
        elif isinstance(loaded, Document) and own and self._doubtful(event.task, loaded):
            now.put_off = True
            self.put_off.append((event.task, str(loaded.source.encoding)))
        elif isinstance(loaded, Document):
            self._document(row, replace(loaded, id=row.doc_id), now, own=own)

    def _document(self, row: Row, document: Document, now: _Open, *, own: bool) -> None:
        if not own and self._same_content(row, document):
            now.inner.append((row, None))
            return
        try:
            with self.clock("chunk"):
                read = cut(row, document, self.engine)
        except DocumentError as error:
            self._refused(row, error)
            return
        if own:
            now.held = read
        else:
            now.inner.append((row, read))

    def _end(self, now: _Open, name: str) -> None:
        """What comes under this name now is not in those that end here: they can be written."""
        while (
            now.inner and name != now.inner[-1][0].name and not name.startswith(f"{now.inner[-1][0].name}/")
        ):
            row, read = now.inner.pop()
            if read is not None and self._writer is not None:
                self._writer.add(read)
                continue
            if row != self.rows.get(row.doc_id):
                self._note(row)
            self._unchanged(row)

    def _closed(self, task: Task, now: _Open) -> None:
        """All of a file was taken: it goes after what is inside it, so that a kill in between is seen."""
        if now.put_off:
            return
        self._end(now, "")
        if len(now.names) > 1:
            self._note_down()
        members = [] if now.failed else self._members(task.row)
        gone = [
            row for row in members if row.name not in now.names and not row.name.startswith(tuple(now.lost))
        ]
        if gone:
            self.late.append((gone, now.held))
        elif now.held is not None and self._writer is not None:
            self._writer.add(now.held)
        self._step(task.row.name, "indexed")

    def _row(self, event: Event) -> Row:
        """The row that an event is about: of the file, or of one inside it."""
        task = event.task
        if event.name == task.found.name:
            seen = replace(task.row, size=task.found.size, mtime_ns=task.found.mtime_ns, stamp=event.stamp)
            return replace(seen, pipeline=self.pipeline)
        doc_id = document_id(self.key, event.name)
        known = self.rows.get(doc_id) or Row(doc_id, self.key, event.name, task.row.path)
        return replace(known, path=task.row.path, pipeline=self.pipeline, container=task.row.doc_id)

    # -- encodings that the neighbours decide ----------------------------------------------------------

    def _doubtful(self, task: Task, document: Document) -> bool:
        source = document.source
        text = source.encoding is not None and source.media_type.startswith("text/")
        return source.suspicious and text and task.hint is None and task.encoding is None

    def _with_hints(self) -> list[Task]:
        """The files put off, each with the encoding that most files around it have."""
        put_off, self.put_off = self.put_off, []
        if not put_off:
            return []
        rows = self.manifest.rows(self.key).values()
        votes = Votes(
            ((row.name, row.encoding) for row in rows if not row.suspicious),
            ((task.found.name, encoding) for task, encoding in put_off),
        )
        return [replace(task, known=False, hint=votes.majority(task.found.name) or "") for task, _ in put_off]

    # -- outcomes ------------------------------------------------------------------------------------

    def _members(self, row: Row) -> list[Row]:
        return self.inside.get(row.doc_id, [])

    def _same_content(self, row: Row, document: Document) -> bool:
        old = self.rows.get(row.doc_id)
        if old is None or self.rebuild or old.outcome != "indexed" or not whole(old):
            return False
        return (old.sha256, old.pipeline) == (document.source.sha256, self.pipeline)

    def _unchanged(self, row: Row) -> None:
        """The file, and all that is inside it, are as they were."""
        for one in (row, *self._members(row)):
            outcome: FileOutcome = "unchanged" if one.outcome == "indexed" else outcome_of(one.code)
            self._done(one, outcome)
            if one.path != row.path:
                self._note(replace(one, path=row.path))
        if not row.container:
            self._step(row.name, "unchanged")

    def _refused(self, row: Row, error: DocumentError) -> None:
        """Skipped files hold nothing searchable; of a failed one the version read before stays."""
        outcome = outcome_of(error.code)
        refused = replace(row, outcome=outcome, code=error.code, message=error.message, sha256="")
        if outcome == "skipped":
            pipeline = skipping(self.pipeline, self.engine.settings)
            refused = replace(refused, generation=None, state="", chunks=0, chars=0, tokens="")
            refused = replace(refused, pipeline=pipeline)
            self.manifest.retire(refused) if row.generation else self._note(refused)
        elif not row.name.endswith("/"):
            self._note(replace(refused, stamp=""))
        self._done(refused, outcome)

    def _live(self, row: Row, twin: str) -> None:
        self._done(row, "indexed", twin)

    # -- telling -------------------------------------------------------------------------------------

    def _note(self, row: Row) -> None:
        self.notes.append(row)
        if len(self.notes) >= NOTED:
            self._note_down()

    def _note_down(self) -> None:
        notes, self.notes = self.notes, []
        if notes:
            self.manifest.note(notes)

    def _done(self, row: Row, outcome: FileOutcome, twin: str = "") -> None:
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
                warnings=tuple(row.warnings.split()),
                twin=twin,
                sha256=row.sha256,
                sizes=read(row.tokens),
            )
        )

    def _step(self, name: str, stage: str) -> None:
        self.finished += 1
        if self.progress:
            self.progress(Progress(stage, self.finished, self.total, name))
