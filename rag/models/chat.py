"""Language models through LangChain: every provider it knows, and local Hugging Face folders."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage

from rag.errors import ConfigError, GenerationError, MissingExtra

_ALIASES = {"google": "google_genai", "gemini": "google_genai", "hf": "huggingface"}
_EXTRAS = {
    "openai": "openai",
    "ollama": "ollama",
    "anthropic": "anthropic",
    "google_genai": "google",
    "huggingface": "models",
}


class ChatGenerator:
    """A chat model named ``provider:model``, made when it is first asked.

    Keys come from the provider's own environment variables (``OPENAI_API_KEY``, ``ANTHROPIC_API_KEY``,
    ``GOOGLE_API_KEY``...); a server at ``base_url`` that wants none gets a placeholder.

    Args:
        model: ``openai:gpt-5-mini``, ``ollama:qwen3:8b``, ``anthropic:claude-sonnet-5``,
            ``google:gemini-3-flash``, ``huggingface:FOLDER``, or any other provider of
            `langchain.chat_models.init_chat_model`.
        base_url: address of the server, for OpenAI-compatible servers (vLLM, llama.cpp) and Ollama.
        temperature: of sampling; 0 takes the likeliest token.
        max_tokens: longest reply.
        timeout: seconds to wait for the first piece of the reply, and between two pieces.

    Raises:
        ConfigError: the name is not ``provider:model``, or nobody knows that provider.
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
        self._limits = (temperature, max_tokens, timeout)
        self._chat: BaseChatModel | None = None
        self._making = threading.Lock()

    @property
    def name(self) -> str:
        """``provider:model``, as configured."""
        return self._name

    def stream(self, system: str, prompt: str) -> Iterator[str]:
        """Pieces of the reply as they come, none empty.

        Raises:
            GenerationError: with its code; pieces may have come before.
            MissingExtra: the provider's package is not installed.
        """
        chat = self._made()
        messages = [SystemMessage(system), HumanMessage(prompt)]
        started = False
        try:
            for chunk in chat.stream(messages):
                if isinstance(chunk, AIMessageChunk) and chunk.text:
                    started = True
                    yield str(chunk.text)
        except Exception as error:
            raise _explained(error, self._name, started) from error

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
        except ValueError as error:
            raise ConfigError(f"answer.model {self._name!r} cannot be used: {error}") from error
        return chat

    def _options(self) -> dict[str, Any]:
        temperature, max_tokens, timeout = self._limits
        if self._provider == "huggingface":
            sampling = (
                {"temperature": temperature, "do_sample": True} if temperature else {"do_sample": False}
            )
            return {"pipeline_kwargs": {"max_new_tokens": max_tokens, **sampling}}
        options: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "timeout": timeout}
        if self._provider == "ollama":
            options = {"temperature": temperature, "num_predict": max_tokens}
            options["client_kwargs"] = {"timeout": timeout}
        if self._base_url:
            options["base_url"] = self._base_url
        if self._provider == "openai":
            options["max_retries"] = 1
            if self._base_url and not os.environ.get("OPENAI_API_KEY"):
                options["api_key"] = "none"
        return options


def _explained(error: Exception, name: str, started: bool) -> GenerationError:
    kind = type(error).__name__
    code = "broken" if started else "unreachable"
    if "Timeout" in kind:
        code = "timeout"
    elif isinstance(getattr(error, "status_code", None), int):
        code = "refused"
    return GenerationError(code, f"{name}: {kind}: {error}")
