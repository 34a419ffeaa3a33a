"""A chunk as text, for stores that keep payloads.

One JSON string, so that every store keeps exactly the same and none of their type systems has a say.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from rag.errors import StoreError, StoreUnavailable
from rag.types import NOTHING, Chunk, Part, Place

_OPTIONAL = ("tokens", "ends", "section", "previous", "next", "gap")
_FIELDS = ("id", "doc_id", "document", "text", "start", "end", "headings", "page", "lang")
_DEFAULTS = {one.name: one.default for one in dataclasses.fields(Chunk)}


def encode(chunk: Chunk) -> str:
    """The chunk as JSON.

    Raises:
        StoreError: ``meta`` holds what JSON cannot, or a text holds a lone surrogate.
    """
    fields: dict[str, Any] = {name: getattr(chunk, name) for name in _FIELDS}
    if chunk.places:
        fields["places"] = [(one.start, one.part, one.at) for one in chunk.places]
    if chunk.readings:
        fields["readings"] = chunk.readings
    if chunk.parts:
        fields["parts"] = [(one.id, one.start, one.page, one.headings) for one in chunk.parts]
    fields |= {name: value for name in _OPTIONAL if (value := getattr(chunk, name)) != _DEFAULTS[name]}
    try:
        text = json.dumps({**fields, "meta": dict(chunk.meta)}, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError as error:
        raise StoreError(
            f"chunk {chunk.id} of {chunk.document!r} holds half a character at code point {error.start}; "
            "clean the text before it is stored"
        ) from error
    except (TypeError, ValueError) as error:
        raise StoreError(f"chunk {chunk.id} of {chunk.document!r}: meta must be JSON: {error}") from error
    return text


def decode(text: str) -> Chunk:
    """The chunk back; ``meta`` as JSON knows it (tuples come back as lists).

    Raises:
        StoreUnavailable: this is not what `encode` wrote.
    """
    try:
        fields = json.loads(text)
        fields["headings"] = tuple(fields["headings"])
        fields["meta"] = fields["meta"] or NOTHING
        fields["places"] = tuple(Place(*one) for one in fields.get("places", ()))
        fields["readings"] = tuple(fields.get("readings", ()))
        parts = fields.get("parts", ())
        fields["parts"] = tuple(Part(key, start, page, tuple(path)) for key, start, page, path in parts)
        if "section" in fields:
            start, end = fields["section"]
            fields["section"] = (start, end)
        return Chunk(**fields)
    except (TypeError, ValueError, KeyError) as error:
        raise StoreUnavailable(
            f"a stored chunk cannot be read ({error}); index again: cjkrag ingest FOLDER --rebuild"
        ) from error
