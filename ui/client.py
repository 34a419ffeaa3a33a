"""The face over HTTP: a service, or the process on this machine that owns an index."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from rag.errors import CjkRagError, DocumentError, StoreUnavailable
from rag.settings import Context, IngestSettings, Mode, Settings
from rag.types import Answer, Chunk, Delta, Ranking
from ui import wire
from ui.face import CollectionInfo, OwnerGone, Question, Upload

if TYPE_CHECKING:
    from ingest.report import Listener, Report

_CONNECT = 5.0
_WHILE_WORKING = httpx.Timeout(10.0, read=None)


class HttpFace:
    """See `ui.face.Face`; errors are those of the other side.

    Args:
        url: address of the service.
        settings: of this side; they name the collection and the time to wait for an answer.
        token: lets in where the service asks for one.
    """

    def __init__(self, url: str, settings: Settings, *, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.settings = settings
        headers = {"authorization": f"Bearer {token}"} if token else {}
        patience = httpx.Timeout(settings.answer.timeout * 2, connect=_CONNECT)
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=patience, trust_env=False)

    def collections(self) -> list[CollectionInfo]:
        """See `ui.face.Face.collections`."""
        return [CollectionInfo(**one) for one in self._json("GET", "/collections")["collections"]]

    def search(
        self,
        text: str,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        mode: Mode | None = None,
        context: Context = "chunk",
        room: int | None = None,
    ) -> Ranking:
        """See `ui.face.Face.search`."""
        how = {"top_k": top_k, "mode": mode, "context": context, "room": room}
        body = {"query": text, "collection": self._name(collection), **how}
        return wire.ranking_from_json(self._json("POST", "/search", json=body)["hits"])

    def neighbours(
        self, chunk_id: str, *, collection: str | None = None, before: int = 1, after: int = 1
    ) -> tuple[Chunk, ...]:
        """See `ui.face.Face.neighbours`."""
        beside = {"id": chunk_id, "before": before, "after": after}
        params = {**beside, "collection": self._name(collection)}
        try:
            found = self._json("GET", "/chunks", params=params)["chunks"]
        except DocumentError as error:
            if error.code == "unknown":
                return ()
            raise
        return tuple(map(wire.chunk_from_json, found))

    def ask(self, question: Question) -> Answer:
        """See `ui.face.Face.ask`."""
        *_, last = self.stream(question)
        if not isinstance(last, Answer):
            raise StoreUnavailable(f"{self.url}: the answer broke off")
        return last

    def stream(self, question: Question) -> Iterator[Delta | Answer]:
        """See `ui.face.Face.stream`."""
        body = {**self._question(question), "stream": True}
        with self._open("POST", "/ask", json=body) as response:
            for name, data in sse(response.iter_lines()):
                yield wire.event_from_json(name, data)

    def ingest(
        self,
        folder: Path,
        *,
        collection: str | None = None,
        rebuild: bool = False,
        how: IngestSettings | None = None,
        progress: Listener | None = None,
    ) -> Report:
        """See `ui.face.Face.ingest`; the folder is one of the other side. Needs the owner's token."""
        from ingest.report import Progress, Report

        body = {
            "path": os.path.abspath(folder),
            "collection": self._name(collection),
            "rebuild": rebuild,
            "how": how.model_dump(mode="json") if how else None,
        }
        with self._open("POST", "/internal/ingest", json=body, timeout=_WHILE_WORKING) as response:
            for line in response.iter_lines():
                event = json.loads(line)
                if "error" in event:
                    raise wire.error_from_json(event["error"])
                if "report" in event:
                    return Report.from_json(event["report"])
                if progress:
                    progress(Progress(**event["progress"]))
        raise StoreUnavailable(f"{self.url}: the owner of the index left while ingesting; run it again")

    def upload(
        self, files: Iterable[Upload], *, collection: str | None = None, progress: Listener | None = None
    ) -> Report:
        """See `ui.face.Face.upload`; the other side does not tell how far it is."""
        from ingest.report import Report

        parts = [("files", (one.name, one.content)) for one in files]
        data = {"collection": self._name(collection)}
        return Report.from_json(
            self._json("POST", "/documents", files=parts, data=data, timeout=_WHILE_WORKING)
        )

    def documents(self, *, collection: str | None = None) -> list[wire.Json]:
        """See `ui.face.Face.documents`."""
        found: list[wire.Json] = self._json(
            "GET", "/documents", params={"collection": self._name(collection)}
        )["documents"]
        return found

    def delete(self, name: str, *, collection: str | None = None) -> bool:
        """See `ui.face.Face.delete`."""
        params = {"name": name, "collection": self._name(collection)}
        try:
            return bool(self._json("DELETE", "/documents", params=params)["deleted"])
        except DocumentError as error:
            if error.code == "unknown":
                return False
            raise

    def export(self, *, collection: str | None = None) -> Iterator[Chunk]:
        """See `ui.face.Face.export`. Needs the owner's token."""
        params = {"collection": self._name(collection)}
        with self._open("GET", "/internal/export", params=params) as response:
            for line in response.iter_lines():
                yield wire.chunk_from_json(json.loads(line))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> HttpFace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _question(self, question: Question) -> wire.Json:
        retrieve = self.settings.retrieve
        return {
            "question": question.text,
            "history": wire.turns_to_json(question.history),
            "collection": self._name(question.collection),
            "top_k": question.top_k or retrieve.top_k,
            "mode": question.mode or retrieve.mode,
        }

    def _name(self, collection: str | None) -> str:
        return collection or self.settings.collection

    def _json(self, method: str, path: str, **request: Any) -> Any:
        with self._open(method, path, **request) as response:
            try:
                return json.loads(response.read())
            except ValueError as error:
                raise StoreUnavailable(f"{self.url}{path}: the reply is not JSON") from error

    @contextmanager
    def _open(self, method: str, path: str, **request: Any) -> Iterator[httpx.Response]:
        """A reply whose body is still to be read; its problem raised as the error it was."""
        try:
            with self._http.stream(method, path, **request) as response:
                if response.is_error:
                    raise _problem(self.url, response)
                yield response
        except httpx.ConnectError as error:
            raise OwnerGone(f"{self.url}: nobody listens there. Start it, or unset serve.url.") from error
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"{self.url}{path}: {error or type(error).__name__}") from error


def sse(lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Name and JSON data of each event of a ``text/event-stream``.

    Source: WHATWG HTML, server-sent events, section 9.2.6.

    Example:
        >>> list(sse(["event: delta", 'data: {"text": "はい"}', ""]))
        [('delta', {'text': 'はい'})]
    """
    name, data = "message", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            yield name, json.loads("\n".join(data))
        if not line:
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _problem(url: str, response: httpx.Response) -> CjkRagError:
    """The error that a problem document tells of."""
    try:
        data = json.loads(response.read())
    except ValueError:
        return StoreUnavailable(f"{url}: status {response.status_code} and no explanation")
    return wire.error_from_problem(data)
