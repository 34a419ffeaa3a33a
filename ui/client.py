"""The face over HTTP: a service, or the process on this machine that owns an index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from rag.errors import CjkRagError, StoreUnavailable
from rag.settings import Mode, Settings
from rag.types import Answer, Delta, Ranking
from ui import wire
from ui.face import CollectionInfo, OwnerGone, Progress, Question

if TYPE_CHECKING:
    from ingest.report import Report

_CONNECT = 5.0


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
        self, text: str, *, collection: str | None = None, top_k: int | None = None, mode: Mode | None = None
    ) -> Ranking:
        """See `ui.face.Face.search`."""
        body = {"query": text, "collection": self._name(collection), "top_k": top_k, "mode": mode}
        return wire.ranking_from_json(self._json("POST", "/search", json=body)["hits"])

    def ask(self, question: Question) -> Answer:
        """See `ui.face.Face.ask`."""
        return wire.answer_from_json(self._json("POST", "/ask", json=self._question(question)))

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
        progress: Progress | None = None,
    ) -> Report:
        """See `ui.face.Face.ingest`; the folder is one of the other side. Needs the owner's token."""
        raise NotImplementedError

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
