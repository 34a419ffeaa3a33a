"""A face over a handful of passages held in memory, for tests of what lies above it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.collection import collection as place_of
from rag.errors import CjkRagError, GenerationError, IndexMissing, ModelError, StoreLocked
from rag.settings import Settings, load
from rag.text.query import as_query
from rag.types import Answer, Chunk, Citation, Delta, Hit, Ranking, Stage
from ui.face import CollectionInfo, Question, Upload

LEAVE = "有給休暇は年に二十日です。前の日までに申し込んでください。"
HOSTILE = '<img src="http://evil.example/a.png"><script>alert(1)</script> ![x](http://evil.example/b.png)'


def chunk(text: str, document: str, number: int = 0, **more: Any) -> Chunk:
    return Chunk(f"{document}#{number}", document, document, text, 0, len(text), **more)


CHUNKS = (
    chunk(LEAVE, "就業規則.md", headings=("休暇", "有給休暇"), lang="ja"),
    chunk("유급휴가는 연 15일이다.", "취업규칙.docx", page=3, lang="ko"),
    chunk(HOSTILE, "hostile.html", lang="en"),
)


def answer_of(ranking: Ranking, text: str = "二十日です。[1]") -> Answer:
    if not ranking:
        return Answer("見つかりません。", (), (), "extractive", "abstained", "ja")
    first = ranking[0].chunk
    cited = Citation(first, first.start, first.start + 6, first.text[:6], 1)
    return Answer(text, (cited,), ranking, "extractive", "extracted", "ja")


class SmallFace:
    """Finds every passage that shares a character with the question; collection names choose failures."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load(environ={})
        self.uploads: list[Upload] = []
        self.grown: list[tuple[str, int | None]] = []
        self.closed_streams = 0
        self.endless = False
        self.released = threading.Event()

    def collections(self) -> list[CollectionInfo]:
        return [CollectionInfo("default", 3, len(CHUNKS), None), CollectionInfo("mute", 1, 1, None)]

    def search(self, text, *, collection=None, top_k=None, mode=None, context="chunk", room=None) -> Ranking:
        query = as_query(text, self.settings.retrieve.max_query_chars)
        place_of(Path("nowhere"), collection or "default")
        if error := self._failure(collection):
            raise error
        found = [one for one in CHUNKS if set(one.text) & set(query.text)]
        hits = (
            Hit(one, 1.0 - 0.1 * place, (Stage("lexical", place + 1, 2.5),))
            for place, one in enumerate(found)
        )
        self.grown.append((context, room))
        return tuple(hits)[: top_k or 8]

    def neighbours(self, chunk_id, *, collection=None, before=1, after=1) -> tuple[Chunk, ...]:
        if error := self._failure(collection):
            raise error
        places = [place for place, one in enumerate(CHUNKS) if one.id == chunk_id]
        return CHUNKS[max(0, places[0] - before) : places[0] + after + 1] if places else ()

    def ask(self, question: Question) -> Answer:
        *_, last = self.stream(question)
        return last

    def stream(self, question: Question) -> Iterator[Delta | Answer]:
        ranking = self.search(question.text, collection=question.collection, top_k=question.top_k)
        try:
            yield Delta("二十日")
            while self.endless and not self.released.wait(0.02):
                yield Delta("…")
            if question.collection == "breaks":
                raise GenerationError("broken", "http://10.0.0.1:8000 hung up")
            yield Delta("です。[1]")
            yield answer_of(ranking)
        finally:
            self.closed_streams += 1

    def documents(self, *, collection=None) -> list[dict[str, Any]]:
        return [{"name": one.document, "state": "live"} for one in CHUNKS]

    def delete(self, name, *, collection=None) -> bool:
        return any(one.document == name for one in CHUNKS)

    def export(self, *, collection=None) -> Iterator[Chunk]:
        if error := self._failure(collection):
            raise error
        yield from CHUNKS

    def close(self) -> None:
        self.released.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _failure(self, collection: str | None) -> CjkRagError | None:
        return {
            "missing": IndexMissing("missing", ("default",)),
            "locked": StoreLocked("/secret/place", 4711, None),
            "mute": GenerationError("unreachable", "http://10.0.0.1:8000: connection refused"),
            "lost": ModelError("/secret/model: no such file"),
        }.get(collection or "")
