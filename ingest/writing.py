"""Documents into the index: planned, written, made live, in groups."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.manifest import Manifest, Row
from rag.engine import Engine
from rag.types import Chunk, Point

GROUP: Final = 256  # chunks that are planned, written and made live together
SLICE: Final = 512  # chunks that are embedded at once


@dataclass(slots=True)
class Clock:
    """Seconds by stage."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what is done inside to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Read:
    """A document that was read: its row as it will be, and its chunks (none for a mere container)."""

    row: Row
    pieces: Sequence[Chunk]


@dataclass(slots=True)
class Writer:
    """Collects documents and writes them, whole groups at a time; ``told`` hears of each that is live.

    Of a document whose bytes are those of one in the index (``twins``, by SHA-256), nothing is computed
    again: moved and copied files cost a read and a write.
    """

    engine: Engine
    manifest: Manifest
    clock: Clock
    twins: dict[str, Row]
    told: Callable[[Row, str], None]
    _group: list[Read] = field(default_factory=list)

    def add(self, read: Read) -> None:
        """Take a document; it is live at the next `flush` at the latest."""
        self._group.append(read)
        if sum(len(one.pieces) for one in self._group) >= GROUP:
            self.flush()

    def flush(self) -> None:
        """Plan, write and make live what was taken."""
        group, self._group = self._group, []
        if not group:
            return
        group = self._apart(group)
        planned = [one.row for one in group if one.pieces]
        self.manifest.plan(planned)
        twins = self._upsert(group)
        self.manifest.written(planned)
        live = [_live(one) for one in group]
        self.manifest.flip(live)
        drain(self.engine, self.manifest)
        for row in live:
            self.told(row, twins.get(row.doc_id, ""))
            if row.generation:
                self.twins.setdefault(row.sha256, row)

    def _apart(self, group: list[Read]) -> list[Read]:
        """What is to be written over itself, in a rebuild, is taken out of the index first."""
        over = [one.row for one in group if one.pieces and one.row.generation == one.row.next_generation]
        for row in over:
            self.manifest.retire(replace(row, generation=None, next_generation=None, state="", stamp=""))
        drain(self.engine, self.manifest)
        again = {row.doc_id for row in over}
        return [
            replace(one, row=replace(one.row, generation=None)) if one.row.doc_id in again else one
            for one in group
        ]

    def _upsert(self, group: Sequence[Read]) -> dict[str, str]:
        """Write all points; returns the name of the twin of each document that has one."""
        twins: dict[str, str] = {}
        todo: list[tuple[Chunk, str]] = []
        for one in group:
            generation = str(one.row.next_generation)
            with self.clock("write"):
                known = self._known(one.row)
                points = [_moved(piece, generation, known) for piece in one.pieces]
                kept = [point for point in points if point is not None]
                if kept and len(kept) == len(points):
                    self.engine.store.upsert(kept)
                    twins[one.row.doc_id] = self.twins[one.row.sha256].name
                    continue
            todo += ((piece, generation) for piece in one.pieces)
        for start in range(0, len(todo), SLICE):
            self._embed(todo[start : start + SLICE])
        return twins

    def _known(self, row: Row) -> Mapping[tuple[int, int], Point]:
        """The points of a document with the same bytes that was indexed in the same way, by their spans."""
        twin = self.twins.get(row.sha256)
        if (
            twin is None
            or twin.generation is None
            or twin.pipeline != row.pipeline
            or twin.doc_id == row.doc_id
        ):
            return {}
        points = self.engine.store.points(twin.doc_id, twin.generation)
        return {(one.chunk.start, one.chunk.end): one for one in points}

    def _embed(self, todo: Sequence[tuple[Chunk, str]]) -> None:
        pieces = [piece for piece, _ in todo]
        with self.clock("embed"):
            dense = self.engine.embedder.encode_passages([piece.passage for piece in pieces])
        with self.clock("analyse"):
            terms = [piece.terms for piece in pieces]
            sparse = self.engine.analyser.passages(terms, [piece.lang for piece in pieces])
        with self.clock("write"):
            self.engine.store.upsert(
                [
                    Point(piece, generation, vector, weights)
                    for (piece, generation), vector, weights in zip(todo, dense, sparse, strict=True)
                ]
            )


def _moved(piece: Chunk, generation: str, known: Mapping[tuple[int, int], Point]) -> Point | None:
    """The chunk with what is known of its like, if that has the same text under the same headings."""
    found = known.get((piece.start, piece.end))
    if found is None or (found.chunk.terms, found.chunk.lang) != (piece.terms, piece.lang):
        return None
    return replace(found, chunk=piece, generation=generation)


def _live(read: Read) -> Row:
    if not read.pieces:
        return replace(read.row, state="", generation=None, next_generation=None)
    return replace(read.row, state="live", generation=read.row.next_generation, next_generation=None)


def drain(engine: Engine, manifest: Manifest) -> None:
    """Delete the queued generations from the store."""
    waiting = manifest.deletions()
    for generation, doc_id in waiting:
        engine.store.delete(doc_id, generation=generation)
    if waiting:
        manifest.deleted(generation for generation, _ in waiting)
