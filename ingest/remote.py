"""Ingesting through the process that owns the index."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from ingest.report import Listener, Progress, Report
from rag.collection import Collection
from rag.errors import StoreLocked, StoreUnavailable
from rag.settings import IngestSettings
from rag.stores.lock import owner_of

ROUTE = "/internal/ingest"


def ingest_remotely(
    target: Path,
    collection: Collection,
    *,
    rebuild: bool = False,
    how: IngestSettings | None = None,
    progress: Listener | None = None,
) -> Report:
    """As `ingest.pipeline.ingest`, done by the owner of the collection, who reads as ``how`` says.

    Raises:
        StoreLocked: the owner does not listen.
        StoreUnavailable: it left, or refused; the message is its own.
    """
    owner = owner_of(collection.path)
    if owner is None or owner.url is None:
        raise StoreLocked(str(collection.path), owner.pid if owner else None, None)
    return request_ingest(
        owner.url, owner.token, target, collection.name, rebuild=rebuild, how=how, progress=progress
    )


def request_ingest(
    url: str,
    token: str | None,
    target: Path,
    collection: str,
    *,
    rebuild: bool = False,
    how: IngestSettings | None = None,
    progress: Listener | None = None,
) -> Report:
    """Ask the service at ``url``; it replies with a line of JSON for each step, the report last."""
    body = {
        "path": os.path.abspath(target),
        "collection": collection,
        "rebuild": rebuild,
        "how": how.model_dump(mode="json") if how else None,
    }
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = httpx.Timeout(10.0, read=None)
    try:
        with httpx.stream("POST", url + ROUTE, json=body, headers=headers, timeout=timeout) as reply:
            if reply.status_code != httpx.codes.OK:
                raise StoreUnavailable(f"{url} refused to ingest: {_detail(reply.read())}")
            for line in reply.iter_lines():
                report = _event(json.loads(line), progress)
                if report is not None:
                    return report
    except httpx.HTTPError as error:
        raise StoreUnavailable(f"{url}: the process that owns the index does not answer: {error}") from error
    raise StoreUnavailable(f"{url}: the process that owns the index left while ingesting; run it again")


def _event(line: Mapping[str, Any], progress: Listener | None) -> Report | None:
    if "error" in line:
        raise StoreUnavailable(str(line["error"].get("message", line["error"])))
    if "progress" in line and progress:
        progress(Progress(**line["progress"]))
    return Report.from_json(line["report"]) if "report" in line else None


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body).get("detail", ""))
    except ValueError:
        return body[:200].decode("utf-8", "replace")
