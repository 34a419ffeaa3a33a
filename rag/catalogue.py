"""Models as data: what ``config/models.yaml`` says of an embedder or a reranker.

A model that is not listed works too; its card says so, and carries no prefix.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import ConfigError
from rag.settings import config_dir

Kind: TypeAlias = Literal["embedder", "reranker"]
Pooling: TypeAlias = Literal["mean", "cls", "lasttoken", "static", "late-interaction"]

_CJK = {"zh", "ja", "ko"}
_SECTIONS: Mapping[Kind, str] = {"embedder": "embed", "reranker": "retrieve.rerank"}

log = logging.getLogger(__name__)


class Score(BaseModel):
    """One published number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    set: str
    metric: str
    value: float
    source: str
    note: str = ""


class ModelCard(BaseModel):
    """One model. None means: not known here, ask the model itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    dimension: int | None = Field(None, ge=1)
    matryoshka: tuple[int, ...] = ()
    max_tokens: int | None = Field(None, ge=1)
    pooling: Pooling | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    similarity: Literal["cosine", "dot"] | None = None
    licence: str | None = None
    noncommercial: bool = False
    parameters: int | None = Field(None, ge=1)
    active_parameters: int | None = Field(None, ge=1)
    megabytes: int | None = Field(None, ge=1)
    custom_code: bool = False
    loader: Literal["sentence-transformers", "bundled", "pylate", "api"] = "sentence-transformers"
    seen: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()
    listed: bool = True


@lru_cache(maxsize=1)
def cards() -> Mapping[str, ModelCard]:
    """Every model of ``config/models.yaml``, by name, in the file's order.

    Raises:
        ConfigError: the file is missing or one of its rows is wrong.
    """
    return read(config_dir() / "models.yaml")


def read(path: Path) -> dict[str, ModelCard]:
    """The models of a catalogue file. Raises ConfigError."""
    try:
        content = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        rows = [_card(row, content["sources"]) for row in content["models"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not a catalogue of models: {error!r}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    found = {row.name: row for row in rows}
    if len(found) != len(rows):
        raise ConfigError(f"{path}: a model is listed twice")
    return found


def card(name: str) -> ModelCard | None:
    """The card of a model by its name, its name without the organisation, or a folder called so.

    Example:
        >>> card("bge-m3").name
        'BAAI/bge-m3'
        >>> card("/models/bge-m3").name
        'BAAI/bge-m3'
        >>> card("no-such-model") is None
        True
    """
    return _index().get(name.lower()) or (_index().get(_folder(name)) if _is_path(name) else None)


def card_or_default(name: str, kind: Kind) -> ModelCard:
    """The card of a model; for one that is not listed a card that knows nothing, with a note in the log."""
    found = card(name)
    if found is None:
        log.info("%s is not in config/models.yaml: its own prompts are used, if it has any", name)
        return ModelCard(name=name, kind=kind, listed=False)
    return found


def admit(model: ModelCard, *, noncommercial: bool) -> None:
    """Refuse a model that cannot or may not be used here, and warn of one that will disappoint.

    Args:
        model: its card.
        noncommercial: whether licences for non-commercial use are accepted.

    Raises:
        ConfigError: its licence is non-commercial and that is not accepted, or it is not a
            sentence-transformers model.
    """
    section = _SECTIONS[model.kind]
    if model.loader == "bundled":
        raise ConfigError(f'{section}.model: {model.name} is built in; its name in settings is "bundled"')
    if model.loader != "sentence-transformers":
        raise ConfigError(f"{section}.model: {model.name} cannot be loaded here: it needs {model.loader}")
    if model.noncommercial and not noncommercial:
        raise ConfigError(
            f"{section}.model: {model.name} is licensed {model.licence}, not for commercial use. "
            f"If yours is not, set {section}.allow_noncommercial: true"
        )
    if model.languages and not _CJK.intersection(model.languages):
        log.warning("%s knows no Chinese, Japanese or Korean", model.name)
    for note in model.notes:
        log.info("%s: %s", model.name, note)


@lru_cache(maxsize=1)
def _index() -> dict[str, ModelCard]:
    index: dict[str, ModelCard] = {}
    for name, model in cards().items():
        for known in (name, *model.aliases):
            for alias in (known, known.replace("/", "_"), known.replace("/", "--"), known.rpartition("/")[2]):
                index.setdefault(alias.lower(), model)
    return index


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") != 1 or "\\" in name or Path(name).is_dir()


def _folder(path: str) -> str:
    """The folder's own name; in a Hugging Face cache (``models--ORG--NAME/snapshots/HASH``) the model's."""
    parts = path.lower().replace("\\", "/").rstrip("/").split("/")
    cached = len(parts) > 2 and parts[-2] == "snapshots"
    return parts[-3 if cached else -1].removeprefix("models--")


def _card(row: Mapping[str, Any], sources: Mapping[str, str]) -> ModelCard:
    scores = row.get("scores") or {}
    if unknown := sorted(set(scores) - set(sources)):
        raise KeyError(f"{row.get('name')}: unknown sources {unknown}")
    facts = tuple(
        _score(name, fact, sources[source])
        for source, facts in scores.items()
        for name, fact in facts.items()
    )
    return ModelCard.model_validate({**row, "scores": facts})


def _score(name: str, value: float, source: str) -> Score:
    benchmark, _, metric = name.rpartition(" ")
    return Score(set=benchmark, metric=metric, value=value, source=source)
