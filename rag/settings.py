"""One frozen, typed `Settings`; `load` merges flags, environment, a YAML file and the defaults.

Precedence, highest first: overrides (flags), ``CJKRAG_*`` variables (``CJKRAG_RETRIEVE__TOP_K=5``), the
file named by ``--config`` or ``CJKRAG_CONFIG``, the profile, the defaults below. Unknown names are refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import platformdirs
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import ConfigError

Mode: TypeAlias = Literal["lexical", "dense", "hybrid", "reranked"]
Context: TypeAlias = Literal["chunk", "neighbours", "parent"]

PREFIX = "CJKRAG_"
_NOT_SETTINGS = {"CJKRAG_CONFIG", "CJKRAG_DATA_DIR"}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class EmbedSettings(_Section):
    """Which embedder, and how it is run."""

    model: str = Field("bundled", description="bundled, or any sentence-transformers name or folder")
    device: str = Field("auto", description="auto, cpu, cuda, mps")
    batch_tokens: int = Field(16_384, ge=64, description="most tokens, padding counted, in one batch")
    dimension: int | None = Field(None, ge=8, description="cut Matryoshka vectors to this length")
    trust_remote_code: bool = Field(False, description="run code that comes with a model")
    allow_noncommercial: bool = Field(False, description="accept models licensed for non-commercial use")


class StoreSettings(_Section):
    """Which vector store."""

    kind: Literal["qdrant-edge", "chroma", "memory"] = Field(
        "qdrant-edge", description="qdrant-edge (in process), chroma (extra), memory (nothing kept)"
    )
    lock_timeout: float = Field(10.0, ge=0, description="seconds to wait for another owner of the index")


class ChunkSettings(_Section):
    """How documents are cut."""

    strategy: Literal["sentence", "structure", "fixed", "semantic", "page"] = Field(
        "sentence", description="sentence, structure, fixed, semantic (by vectors), page; see docs/chunks.md"
    )
    tokens: int = Field(256, ge=16, description="most tokens of a chunk, headings counted, by the embedder")
    overlap: int = Field(0, ge=0, le=8, description="sentences repeated from the chunk before")
    sentences: Literal["rules", "kiwi"] = Field(
        "rules", description="rules, or kiwi (extra): Korean sentences without a stop too; docs/sentences.md"
    )

    @property
    def fingerprint(self) -> str:
        """Changes whenever chunks would."""
        by = "" if self.sentences == "rules" else f"/{self.sentences}"
        return f"{self.strategy}-2/{self.tokens}/{self.overlap}{by}"


class LexicalSettings(_Section):
    """BM25."""

    k1: float = Field(0.6, gt=0, description="saturation of term frequency")
    b: float = Field(0.8, ge=0, le=1, description="weight of the chunk's length")
    average_length: float | None = Field(
        None, gt=0, description="terms of an average chunk; derived from chunk.tokens when not set"
    )


class FusionSettings(_Section):
    """How the dense and the lexical leg become one ranking."""

    method: Literal["score", "rrf"] = Field(
        "score", description="score: BM25 over its top score + alpha x cosine; rrf: reciprocal ranks"
    )
    alpha: float = Field(0.25, ge=0, description="weight of the cosine in score fusion")
    foreign_alpha: float = Field(
        4.0, ge=0, description="the same where words are found in other languages than the question's only"
    )
    rrf_k: int = Field(60, ge=1, description="rank offset of RRF")
    rrf_weights: tuple[float, float] = Field((0.3, 0.7), description="RRF weights of dense and lexical")


class RerankSettings(_Section):
    """The cross-encoder."""

    model: str = Field("none", description="none, bundled, or any CrossEncoder name or folder")
    depth: int = Field(20, ge=1, le=200, description="candidates that are scored")
    weight: float = Field(0.5, ge=0, description="weight of its score beside the first stage's")
    device: str = Field("auto", description="auto, cpu, cuda, mps")
    max_tokens: int = Field(512, ge=32, description="most tokens of a pair")
    batch_tokens: int = Field(16_384, ge=64, description="most tokens, padding counted, in one batch")
    trust_remote_code: bool = Field(False, description="run code that comes with a model")
    allow_noncommercial: bool = Field(False, description="accept models licensed for non-commercial use")


class RetrieveSettings(_Section):
    """The retriever."""

    mode: Mode = Field("hybrid", description="legs that are searched; reranked needs rerank.model")
    top_k: int = Field(8, ge=1, le=200, description="chunks returned")
    depth: int = Field(100, ge=1, le=1000, description="candidates of each leg")
    max_query_chars: int = Field(8_000, ge=1, description="longer questions are refused")
    fusion: FusionSettings = FusionSettings()
    rerank: RerankSettings = RerankSettings()


class AnswerSettings(_Section):
    """How answers are written."""

    model: str = Field(
        "extractive", description="extractive, provider:model (LangChain), or huggingface:FOLDER"
    )
    base_url: str | None = Field(None, description="address of an OpenAI-compatible server")
    temperature: float = Field(0.0, ge=0, le=2, description="sampling temperature")
    max_tokens: int = Field(800, ge=16, description="most tokens of a reply")
    timeout: float = Field(60.0, gt=0, description="seconds to wait for the next piece of a reply")
    context_tokens: int = Field(3_000, ge=200, description="most tokens of passages shown to the model")
    sentences: int = Field(3, ge=1, le=10, description="most sentences of an extracted answer")
    context: Context = Field(
        "parent",
        description="what an answer sees of a hit: chunk, neighbours, parent (the section it stands in)",
    )
    neighbours: int = Field(1, ge=0, le=20, description="chunks on each side of a hit that are neighbours")
    parent_tokens: int = Field(
        768, ge=16, description="most tokens of a parent: of a longer section what lies nearest"
    )

    @property
    def room(self) -> int:
        """Most tokens to which hits grow: the context but for the lines above passages and earlier turns."""
        return self.context_tokens * 5 // 6


class IngestSettings(_Section):
    """How folders are read."""

    encoding: str | None = Field(None, description="read text files in this encoding, detect when not set")
    encodings: dict[str, str] = Field({}, description="the same for some files only, by globs of their paths")
    include: tuple[str, ...] = Field((), description="globs of relative paths to read; all when empty")
    exclude: tuple[str, ...] = Field((), description="globs of relative paths to leave out")
    gitignore: bool = Field(False, description="leave out what .gitignore does, beside .cjkragignore")
    secrets: bool = Field(False, description="read keys and passwords too (.env, *.pem, id_rsa)")
    verify: bool = Field(
        False, description="compare files by their hash even where their times did not change"
    )
    ocr: bool = Field(True, description="recognise text in pictures and scans, where an engine is installed")
    max_megabytes: float = Field(100.0, gt=0, description="larger files are skipped, and said")
    timeout: float = Field(120.0, gt=0, description="seconds for one file; one that hangs is given up")


class ServeSettings(_Section):
    """Where the service and the chat listen."""

    host: str = Field("127.0.0.1", description="address of the service")
    port: int = Field(8400, ge=0, le=65535, description="port of the service, 0 for a free one")
    chat_port: int = Field(8501, ge=0, le=65535, description="port of the chat")
    url: str | None = Field(None, description="address of a running service that the commands should use")
    max_upload_megabytes: float = Field(50.0, gt=0, description="largest upload")


class Settings(_Section):
    """Everything that can be set."""

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("cjkrag")),
        description="where indexes and manifests live; CJKRAG_DATA_DIR",
    )
    collection: str = Field("default", min_length=1, max_length=100, description="the collection used")
    chain: Literal["langchain", "llamaindex"] = Field("langchain", description="what the chat answers by")
    embed: EmbedSettings = EmbedSettings()
    store: StoreSettings = StoreSettings()
    chunk: ChunkSettings = ChunkSettings()
    lexical: LexicalSettings = LexicalSettings()
    retrieve: RetrieveSettings = RetrieveSettings()
    answer: AnswerSettings = AnswerSettings()
    ingest: IngestSettings = IngestSettings()
    serve: ServeSettings = ServeSettings()


@dataclass(frozen=True, slots=True)
class Origin:
    """One effective setting: dotted key, value, and where the value came from."""

    key: str
    value: Any
    origin: str


def config_dir() -> Path:
    """The folder with ``models.yaml``, ``default.yaml`` and ``profiles/``, in a checkout or installed."""
    here = Path(__file__).resolve().parent
    packaged = here / "config"
    return packaged if packaged.is_dir() else here.parent / "config"


def load(
    path: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    profile: str | None = None,
) -> Settings:
    """The effective settings.

    Args:
        path: a YAML file; ``CJKRAG_CONFIG`` when not given.
        overrides: dotted keys and values, such as ``{"retrieve.top_k": 5}``; None values are ignored.
        environ: variables to read; the process's when not given.
        profile: a name in ``config/profiles`` whose values lie under the file's.

    Raises:
        ConfigError: the file is missing or unreadable, a key is unknown, or a value is out of range.

    Example:
        >>> load(overrides={"retrieve.top_k": 3}, environ={}).retrieve.top_k
        3
    """
    return load_with_origins(path, overrides=overrides, environ=environ, profile=profile)[0]


def load_with_origins(
    path: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    profile: str | None = None,
) -> tuple[Settings, list[Origin]]:
    """As `load`, with the origin of every value: ``default``, a file, a variable or ``flag``."""
    env = os.environ if environ is None else environ
    layers = list(_layers(path, overrides or {}, env, profile))
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, values in layers:
        for key, value in values.items():
            merged[key] = value
            origins[key] = origin.format(key=key)
    settings = _validated(_nested(merged), origins)
    return settings, [Origin(key, value, origins.get(key, "default")) for key, value in flatten(settings)]


def flatten(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting as a dotted key and its value."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def default_yaml() -> str:
    """The text of ``config/default.yaml``: every setting with its default and what it means."""
    head = (
        "# Every setting with its default; what is left out of your own file keeps it. Written by the code."
    )
    return "\n".join((head, *_described(Settings, ""))) + "\n"


def from_text(key: str, text: str) -> Any:
    """A setting's value written as text: itself where the setting is text, else read as YAML.

    Example:
        >>> from_text("collection", "2024"), from_text("retrieve.top_k", "5")
        ('2024', 5)
    """
    kind = _kind(key)
    if text not in ("", "null") and kind in (str, str | None):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _kind(key: str) -> Any:
    """The annotation of a dotted key, None where there is no such setting."""
    kind: Any = Settings
    for name in key.split("."):
        fields = getattr(kind, "model_fields", {})
        kind = fields[name].annotation if name in fields else None
    return kind


def _described(section: type[BaseModel], indent: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield f"{'' if indent else chr(10)}{indent}{name}: # {(kind.__doc__ or '').partition('.')[0]}"
            yield from _described(kind, f"{indent}  ")
        elif field.default_factory is not None:
            yield f"{indent}# {name}: FOLDER # {field.description}"
        else:
            yield f"{indent}{name}: {json.dumps(field.default, ensure_ascii=False)} # {field.description}"


def _layers(
    path: str | Path | None, overrides: Mapping[str, Any], env: Mapping[str, str], profile: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    if profile:
        file = config_dir() / "profiles" / f"{profile}.yaml"
        if not file.is_file():
            known = ", ".join(sorted(entry.stem for entry in file.parent.glob("*.yaml")))
            raise ConfigError(f'there is no profile "{profile}"; known: {known}')
        yield f"profile {profile}", _from_yaml(file)
    chosen = path or env.get("CJKRAG_CONFIG")
    if chosen:
        yield str(chosen), _from_yaml(Path(chosen))
    yield "environment", _from_environment(env)
    yield "flag", {key: value for key, value in overrides.items() if value is not None}


def _from_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such configuration file") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected sections such as 'retrieve:', found {type(content).__name__}")
    return dict(_dotted(content))


def _dotted(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    known = {key for key, _ in flatten(Settings())}
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in known:
            yield from _dotted(value, f"{key}.")
        elif not (value is None and any(other.startswith(f"{key}.") for other in known)):
            yield key, value


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in env.items():
        if not name.startswith(PREFIX) or name in _NOT_SETTINGS:
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        values[key] = from_text(key, text)
    if env.get("CJKRAG_DATA_DIR"):
        values["data_dir"] = env["CJKRAG_DATA_DIR"]
    return values


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        *sections, name = key.split(".")
        node = tree
        for section in sections:
            node = node.setdefault(section, {})
            if not isinstance(node, dict):
                raise ConfigError(f'"{key}": "{section}" is a value, not a section')
        node[name] = value
    return tree


def _validated(tree: dict[str, Any], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("; ".join(_problem(item, origins) for item in error.errors())) from None


def _problem(item: Any, origins: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    origin = origins.get(key, "")
    where = f" (from {origin})" if origin else ""
    if item["type"] == "extra_forbidden":
        return f'unknown setting "{key}"{where}; cjkrag config lists all'
    return f'setting "{key}"{where}: {item["msg"]}, found {item["input"]!r}'
