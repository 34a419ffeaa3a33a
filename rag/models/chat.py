"""Language models through LangChain: every provider it knows, and local Hugging Face folders."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping
from queue import Empty
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage

from rag.errors import ConfigError, GenerationError, MissingExtra, ModelError

_ALIASES = {"google": "google_genai", "gemini": "google_genai", "hf": "huggingface"}
_EXTRAS = {
    "openai": "openai",
    "ollama": "ollama",
    "anthropic": "anthropic",
    "google_genai": "google",
    "huggingface": "models",
}
_SAY_HOW_THEY_END = ("openai", "ollama", "anthropic")
_ENDS = ("finish_reason", "done_reason", "stop_reason")
_TOO_LONG = re.compile(r"context|too long|too many tokens|maximum.{0,40}(?:token|length)", re.IGNORECASE)
_KEY = re.compile(r"\b(?:sk|pk|api|key|gsk|xai|AIza)[-_][\w*.-]{6,}", re.IGNORECASE)


class ChatGenerator:
    """A chat model named ``provider:model``, made when it is first asked.

    Keys come from the provider's own environment variables (``OPENAI_API_KEY``, ``ANTHROPIC_API_KEY``,
    ``GOOGLE_API_KEY``...); an OpenAI-compatible server at ``base_url`` that wants none gets a placeholder.
    They are never part of a message.

    Args:
        model: ``openai:NAME``, ``ollama:NAME``, ``anthropic:NAME``, ``google:NAME``,
            ``huggingface:FOLDER``, or any other provider of `langchain.chat_models.init_chat_model`.
        base_url: address of the server, for OpenAI-compatible servers (vLLM, llama.cpp) and Ollama.
        temperature: of sampling; 0 takes the likeliest token. Left out for models that refuse it.
        max_tokens: longest reply.
        timeout: seconds to wait for the first piece of the reply, and between two pieces.

    Raises:
        ConfigError: the name is not ``provider:model``.

    Example:
        >>> ChatGenerator("ollama:qwen3:8b").name
        'ollama:qwen3:8b'
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        temperature: float = 0.0,
        max_tokens: int = 800,
        timeout: float = 60.0,
    ) -> None:
        provider, _, self._model = model.partition(":")
        if not provider or not self._model:
            raise ConfigError(f'answer.model is "extractive" or "provider:model", found {model!r}')
        self._provider = _ALIASES.get(provider, provider)
        self._name = model
        self._base_url = base_url
        self._temperature: float | None = temperature
        self._max_tokens = max_tokens
        self._timeout = timeout
        self._chat: BaseChatModel | None = None
        self._making = threading.Lock()

    @property
    def name(self) -> str:
        """``provider:model``, as configured."""
        return self._name

    def stream(self, system: str, prompt: str) -> Iterator[str]:
        """Pieces of the reply as they come, none empty.

        Raises:
            GenerationError: with its code; pieces may have come before. ``too_long`` before the first
                piece means the prompt, after it the reply, which reached ``max_tokens``.
            MissingExtra: the provider's package is not installed.
            ConfigError: the provider does not exist, or lacks its key.
            ModelError: a local model cannot be loaded.
        """
        try:
            yield from self._streamed(system, prompt)
        except GenerationError as error:
            if error.code != "refused" or "temperature" not in str(error) or self._temperature is None:
                raise
            with self._making:
                self._temperature, self._chat = None, None
            yield from self._streamed(system, prompt)

    @property
    def _where(self) -> str:
        return f"{self._name} at {self._base_url}" if self._base_url else self._name

    def __repr__(self) -> str:
        return f"ChatGenerator({self._name!r})"

    def _streamed(self, system: str, prompt: str) -> Iterator[str]:
        chat = self._made()
        started = False
        ending = ""
        try:
            for chunk in chat.stream([SystemMessage(system), HumanMessage(prompt)]):
                ending = next(filter(None, map(chunk.response_metadata.get, _ENDS)), ending)
                if isinstance(chunk, AIMessageChunk) and chunk.text:
                    started = True
                    yield str(chunk.text)
        except Exception as error:  # each provider has errors of its own; all of them leave as ours
            raise _explained(error, self._where, started) from error
        self._check(ending, started)

    def _check(self, ending: str, started: bool) -> None:
        if ending in ("length", "max_tokens"):
            raise GenerationError("too_long", f"{self._name}: the reply reached {self._max_tokens} tokens")
        if ending in ("content_filter", "refusal"):
            raise GenerationError("refused", f"{self._name}: the reply was stopped ({ending})")
        if started and not ending and self._provider in _SAY_HOW_THEY_END:
            raise GenerationError("broken", f"{self._name}: the connection closed before the reply ended")

    def _made(self) -> BaseChatModel:
        with self._making:
            if self._chat is None:
                self._chat = self._make()
            return self._chat

    def _make(self) -> BaseChatModel:
        try:
            chat: BaseChatModel = init_chat_model(
                self._model, model_provider=self._provider, **self._options()
            )
        except ImportError as error:
            extra = _EXTRAS.get(self._provider, self._provider)
            raise MissingExtra(f'the language model "{self._name}"', extra) from error
        except OSError as error:
            raise ModelError(f'the language model "{self._name}" cannot be loaded: {error}') from error
        except Exception as error:  # a missing key is an error of the provider's own kind
            raise ConfigError(
                f'answer.model "{self._name}" cannot be used: {_without_keys(error)}'
            ) from error
        return chat

    def _options(self) -> dict[str, Any]:
        sampling = {} if self._temperature is None else {"temperature": self._temperature}
        address = {"base_url": self._base_url} if self._base_url else {}
        if self._provider == "huggingface":
            drawn = {**sampling, "do_sample": True} if self._temperature else {"do_sample": False}
            return {"pipeline_kwargs": {"max_new_tokens": self._max_tokens, **drawn}}
        if self._provider == "ollama":
            limits = {"num_predict": self._max_tokens, "client_kwargs": {"timeout": self._timeout}}
            return {**sampling, **address, **limits}
        options = {**sampling, **address, "max_tokens": self._max_tokens, "timeout": self._timeout}
        if self._provider in ("openai", "anthropic"):
            options["max_retries"] = 1
        if self._provider == "openai" and self._base_url and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = "none"
        return options


def _explained(error: Exception, name: str, started: bool) -> GenerationError:
    kind = type(error).__name__
    status = next(filter(None, map(_status, _chain(error))), None)
    names = " ".join(type(one).__name__ for one in _chain(error))
    text = _without_keys(error)
    if status is not None:
        return GenerationError(_code(status, text), f"{name}: HTTP {status}: {text}")
    if isinstance(error, (Empty, TimeoutError)) or "Timeout" in names:
        return GenerationError("timeout", f"{name}: no answer in time ({kind}: {text})")
    if not started and (isinstance(error, OSError) or "Connect" in names):
        return GenerationError("unreachable", f"{name}: no connection ({kind}: {text})")
    return GenerationError("broken", f"{name}: {kind}: {text}")


def _code(status: int, text: str) -> str:
    if status in (400, 413, 422) and _TOO_LONG.search(text):
        return "too_long"
    if status in (408, 504):
        return "timeout"
    return "unreachable" if status in (502, 503) else "refused"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those it came from."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__


def _status(error: BaseException) -> int | None:
    """The HTTP status that an error carries, under the names that the providers' packages give it."""
    response = getattr(error, "response", None)
    for owner, attribute in ((error, "status_code"), (response, "status_code"), (error, "code")):
        found = getattr(owner, attribute, None)
        if isinstance(found, int) and 400 <= found < 600:
            return found
    return None


def _without_keys(error: Exception, environ: Mapping[str, str] = os.environ) -> str:
    """What the error says, one line, without a key that was sent."""
    text = " ".join(str(error).split())[:500] or type(error).__name__
    for name, value in environ.items():
        if name.endswith(("_KEY", "_TOKEN")) and len(value) >= 8:
            text = text.replace(value, "***")
    return _KEY.sub("***", text)
