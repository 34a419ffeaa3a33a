"""What requests carry. Lone surrogates are cleaned before anything looks at the text."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.settings import Context, IngestSettings, Mode
from rag.text.clean import clean

TopK = Annotated[int | None, Field(ge=1, le=200)]
Room = Annotated[int | None, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=20)]


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_cleaned)]
Name = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_cleaned)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchBody(_Body):
    """A search; ``context`` asks for grown hits, ``room`` bounds the tokens of all together."""

    query: Text
    collection: Name = None
    top_k: TopK = None
    mode: Mode | None = None
    context: Context = "chunk"
    room: Room = None


class TurnBody(_Body):
    """One earlier question and its answer."""

    question: Text
    answer: Text


class AskBody(_Body):
    """A question; ``stream`` asks for events instead of one reply."""

    question: Text
    collection: Name = None
    history: Annotated[list[TurnBody], Field(max_length=50)] = []
    top_k: TopK = None
    mode: Mode | None = None
    stream: bool = False


class IngestBody(_Body):
    """A folder of this machine to be read into a collection."""

    path: str
    collection: Name = None
    rebuild: bool = False
    how: IngestSettings | None = None
