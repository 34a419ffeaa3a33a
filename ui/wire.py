"""The shapes as JSON and back: what HTTP, ``--json`` and the client share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from rag import errors
from rag.errors import CjkRagError
from rag.types import Answer, Chunk, Citation, Delta, Document, Hit, Part, Place, Query, Ranking, Stage, Turn

Json: TypeAlias = dict[str, Any]


def chunk_to_json(chunk: Chunk) -> Json:
    """Every field of a chunk."""
    return {
        "id": chunk.id,
        "doc_id": chunk.doc_id,
        "document": chunk.document,
        "page": chunk.page,
        "place": chunk.place,
        "headings": list(chunk.headings),
        "start": chunk.start,
        "end": chunk.end,
        "lang": chunk.lang,
        "text": chunk.text,
        "meta": dict(chunk.meta),
        "places": [[one.start, one.part, one.at] for one in chunk.places],
        "readings": list(chunk.readings),
        "tokens": chunk.tokens,
        "ends": chunk.ends,
        "section": list(chunk.section) if chunk.section else None,
        "previous": chunk.previous,
        "next": chunk.next,
        "gap": chunk.gap,
        "parts": [
            {"id": one.id, "start": one.start, "page": one.page, "headings": list(one.headings)}
            for one in chunk.parts
        ],
    }


def chunk_from_json(data: Mapping[str, Any]) -> Chunk:
    """The inverse of `chunk_to_json`."""
    fields = {key: value for key, value in data.items() if key != "place"}
    fields |= {
        name: tuple(data[name]) for name in ("headings", "readings", "section") if data[name] is not None
    }
    places = tuple(Place(*one) for one in data["places"])
    parts = tuple(Part(**{**one, "headings": tuple(one["headings"])}) for one in data["parts"])
    return Chunk(**{**fields, "places": places, "parts": parts})


def hit_to_json(hit: Hit, rank: int) -> Json:
    """A hit at its place in a ranking, counted from 1."""
    trace = [{"name": one.name, "rank": one.rank, "score": float(one.score)} for one in hit.trace]
    return {"rank": rank, "score": float(hit.score), "chunk": chunk_to_json(hit.chunk), "trace": trace}


def ranking_to_json(ranking: Ranking) -> list[Json]:
    """Hits, best first."""
    return [hit_to_json(hit, rank) for rank, hit in enumerate(ranking, 1)]


def ranking_from_json(data: Sequence[Mapping[str, Any]]) -> Ranking:
    """The inverse of `ranking_to_json`."""
    return tuple(
        Hit(chunk_from_json(hit["chunk"]), hit["score"], tuple(Stage(**one) for one in hit["trace"]))
        for hit in data
    )


def search_to_json(query: Query, ranking: Ranking) -> Json:
    """What a search prints: the question as it was understood, and the hits."""
    return {"query": query.text, "lang": query.lang, "hits": ranking_to_json(ranking)}


def citation_to_json(citation: Citation) -> Json:
    """A citation with what a reader needs first, then its chunk.

    ``start`` and ``end`` are code points of the document; ``span`` is the same stretch of the chunk's text,
    in code points for Python and in UTF-16 units for JavaScript's ``slice``.
    """
    chunk = citation.chunk
    return {
        "number": citation.number,
        "document": chunk.document,
        "page": citation.page,
        "place": citation.place,
        "headings": list(citation.headings),
        "start": citation.start,
        "end": citation.end,
        "span": {"codepoints": list(citation.span), "utf16": list(citation.utf16)},
        "quote": citation.quote,
        "match": citation.match,
        "chunk": chunk_to_json(chunk),
    }


def citation_from_json(data: Mapping[str, Any]) -> Citation:
    """The inverse of `citation_to_json`."""
    chunk = chunk_from_json(data["chunk"])
    return Citation(chunk, data["start"], data["end"], data["quote"], data["number"], data["match"])


def answer_to_json(answer: Answer) -> Json:
    """Every field of an answer."""
    return {
        "text": answer.text,
        "outcome": answer.outcome,
        "model": answer.model,
        "lang": answer.lang,
        "notice": answer.notice,
        "citations": [citation_to_json(one) for one in answer.citations],
        "ranking": ranking_to_json(answer.ranking),
    }


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    """The inverse of `answer_to_json`."""
    return Answer(
        text=data["text"],
        citations=tuple(citation_from_json(one) for one in data["citations"]),
        ranking=ranking_from_json(data["ranking"]),
        model=data["model"],
        outcome=data["outcome"],
        lang=data["lang"],
        notice=data["notice"],
    )


def event_to_json(event: Delta | Answer) -> tuple[str, Json]:
    """The name of a streamed event and its data."""
    if isinstance(event, Delta):
        return "delta", {"text": event.text}
    return "answer", answer_to_json(event)


def event_from_json(name: str, data: Mapping[str, Any]) -> Delta | Answer:
    """The inverse of `event_to_json`. Raises the error that an ``error`` event carries."""
    if name == "error":
        raise error_from_problem(data)
    return Delta(data["text"]) if name == "delta" else answer_from_json(data)


def turns_to_json(history: Sequence[Turn]) -> list[Json]:
    """A conversation, oldest turn first."""
    return [{"question": one.question, "answer": one.answer} for one in history]


def turns_from_json(data: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    """The inverse of `turns_to_json`."""
    return tuple(Turn(one["question"], one["answer"]) for one in data)


def error_to_json(error: CjkRagError) -> Json:
    """Kind, message, exit code and facts of an error."""
    facts = {key: value for key, value in vars(error).items() if not key.startswith("_")}
    return {
        "type": type(error).__name__,
        "message": str(error),
        "exit_code": error.exit_code,
        "facts": facts,
    }


def error_from_json(data: Mapping[str, Any]) -> CjkRagError:
    """The same kind of error again, with its message and facts; CjkRagError for an unknown kind."""
    kind = getattr(errors, str(data.get("type")), CjkRagError)
    if not (isinstance(kind, type) and issubclass(kind, CjkRagError)):
        kind = CjkRagError
    message = str(data.get("message") or data.get("detail") or "the service failed without a word")
    error = kind.__new__(kind, message)
    error.args = (message,)
    vars(error).update(data.get("facts") or {})
    return error


def error_from_problem(document: Mapping[str, Any]) -> CjkRagError:
    """The error that a problem document tells of (RFC 9457, see `ui.api.problems`)."""
    kind = str(document.get("type", "")).removeprefix("urn:cjkrag:")
    message = document.get("detail") or document.get("title")
    return error_from_json({"type": kind, "message": message, "facts": document.get("facts")})


def document_to_json(document: Document, *, text: bool) -> Json:
    """How a file was read, and its text where it is wanted."""
    source = document.source
    return {
        "name": source.name,
        "media_type": source.media_type,
        "encoding": source.encoding,
        "confidence": source.confidence,
        "suspicious": source.suspicious,
        "warnings": list(source.warnings),
        "size": source.size,
        "sha256": source.sha256,
        "lang": document.lang,
        "title": document.title,
        "meta": dict(document.meta),
        "characters": len(document.text),
        "blocks": [
            {"kind": one.kind, "start": one.start, "end": one.end, "page": one.page, "level": one.level}
            for one in document.blocks
        ],
        "places": [[one.start, one.part, one.at] for one in document.places],
        "readings": [[one.start, one.end, one.text] for one in document.readings],
        **({"text": document.text} if text else {}),
    }
