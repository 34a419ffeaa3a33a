"""cjkrag's engine: retrieval and cited answers over Chinese, Japanese and Korean documents.

Importing this loads nothing but the standard library; names come when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answer.verify import Verdict, verify
    from rag.engine import Engine
    from rag.errors import CjkRagError
    from rag.face import open_retriever
    from rag.settings import Settings, load
    from rag.types import Answer, Chunk, Citation, Document, Hit, Query, Ranking

__all__ = [
    "Answer",
    "Chunk",
    "Citation",
    "CjkRagError",
    "Document",
    "Engine",
    "Hit",
    "Query",
    "Ranking",
    "Settings",
    "Verdict",
    "load",
    "open_retriever",
    "verify",
]

_ROOMS = {
    "CjkRagError": "rag.errors",
    "Engine": "rag.engine",
    "Settings": "rag.settings",
    "Verdict": "rag.answer.verify",
    "load": "rag.settings",
    "open_retriever": "rag.face",
    "verify": "rag.answer.verify",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_ROOMS.get(name, "rag.types")), name)


def __dir__() -> list[str]:
    return __all__
