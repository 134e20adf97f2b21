"""A chat model opened from the settings, whose answers are bounded and which never follows a server elsewhere."""

from __future__ import annotations

import contextvars
import math
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from assistant.composing.french import NBSP
from assistant.errors import SettingError
from assistant.model.failures import Failure, UnacceptableBodyError
from assistant.model.settings import PROVIDERS, ModelSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

STREAMING = contextvars.ContextVar(
    "STREAMING", default=False
)  # whether the request being made is for a stream

_ANSWER_BYTES = 4_000_000
_ERROR_BYTES = 64_000
_EVENT_BYTES = 64_000  # between two blank lines of a stream, or two lines of Ollama's
_ENDINGS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_STREAMS, _WHOLE = ("text/event-stream", "application/x-ndjson"), ("application/json",)
_NO_KEY = "sans-cle"  # what OpenAI's client sends to a server that wants none


def open_chat_model(settings: ModelSettings) -> BaseChatModel:
    """Return the chat model that the settings name; nothing is sent.

    Raises:
        SettingError: The package of its provider is not installed.
    """
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(settings.name, **_OPENERS[settings.kind](settings))
    except ImportError as error:
        raise SettingError(
            f"ASSISTANT_MODEL vaut « {settings.name} » mais le paquet {settings.provider.package.replace('_', '-')} n’est "
            f'pas installé{NBSP}: installez-le par pip install -e ".[{settings.provider.extra}]".'
        ) from error
    return model


def options(settings: ModelSettings, max_tokens: int) -> dict[str, Any]:
    """Return what a call adds to a model so that it writes ``max_tokens`` tokens at most."""
    if settings.kind == "ollama":
        return {"options": {"temperature": 0, "num_ctx": settings.context, "num_predict": max_tokens}}
    if settings.kind == "openai" and settings.address != PROVIDERS["openai"].address:
        # OpenAI's new name for it is unknown to many of the servers that speak its protocol.
        return {"extra_body": {"max_tokens": max_tokens}}
    return {"max_tokens": max_tokens}


def _openai(settings: ModelSettings) -> dict[str, Any]:
    import openai

    return {
        "base_url": settings.address,
        "api_key": _secret(settings) or _NO_KEY,
        "temperature": 0,
        "timeout": settings.timeout,
        "max_retries": 0,
        "stream_usage": True,
        "stream_chunk_timeout": None,
        "use_responses_api": False,
        "output_version": "v0",
        "openai_proxy": None,
        "http_async_client": openai.DefaultAsyncHttpxClient(**_http(settings)),
    }


def _mistral(settings: ModelSettings) -> dict[str, Any]:
    import httpx
    import langchain_mistralai  # noqa: F401  (said missing before a client is made)

    headers = {"Authorization": f"Bearer {_secret(settings)}"} if settings.key else {}
    return {
        "base_url": settings.address,
        "api_key": _secret(settings) or _NO_KEY,
        "temperature": 0,
        "timeout": math.ceil(settings.timeout),
        "max_retries": 1,
        "async_client": httpx.AsyncClient(base_url=settings.address, headers=headers, **_http(settings)),
    }


def _ollama(settings: ModelSettings) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {_secret(settings)}"} if settings.key else {}
    return {
        "base_url": settings.address,
        "temperature": 0,
        "num_ctx": settings.context,
        "reasoning": False,
        "async_client_kwargs": {"headers": headers, **_http(settings)},
    }


_OPENERS: dict[str, Callable[[ModelSettings], dict[str, Any]]] = {
    "openai": _openai,
    "mistralai": _mistral,
    "ollama": _ollama,
}


def _secret(settings: ModelSettings) -> str:
    return settings.key.get_secret_value() if settings.key else ""


def _http(settings: ModelSettings) -> dict[str, Any]:
    """Return the options of the HTTP client: a proxy of the environment carries what is encrypted only."""
    return {
        "timeout": settings.timeout,
        "follow_redirects": False,
        "trust_env": not settings.in_clear,
        "event_hooks": {
            "request": [_ask_plain],
            "response": [_bound_lines if settings.kind == "ollama" else _bound],
        },
    }


async def _ask_plain(request: Any) -> None:
    request.headers["Accept-Encoding"] = "identity"  # a few compressed bytes could become gigabytes


async def _bound_lines(response: Any) -> None:
    await _bound(response, lines=True)


async def _bound(response: Any, lines: bool = False) -> None:
    """Refuse a response by its headers, or bound what is read of it; ``lines``: it is a stream in any case."""
    streams = lines or STREAMING.get()
    if 300 <= response.status_code < 400:
        raise UnacceptableBodyError(Failure.REFUSED)
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnacceptableBodyError(Failure.GARBAGE)
    failed = response.status_code >= 400
    if not failed and response.headers.get("content-type", "").partition(";")[0].strip().lower() not in (
        _STREAMS if streams else _WHOLE
    ):
        raise UnacceptableBodyError(Failure.GARBAGE)
    response.stream = _bounded(response.stream, failed, streams)


def _bounded(stream: Any, failed: bool, streams: bool) -> Any:
    """Return the stream of a response, bounded; of an error, what is beyond the bound is not read."""
    kind = next(base for base in type(stream).__mro__ if base.__name__ == "AsyncByteStream")

    class Bounded(kind):  # type: ignore[misc, valid-type]  # httpx and httpx2 each want their own kind
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in _read(stream, failed, streams):
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()


async def _read(stream: Any, failed: bool, streams: bool) -> AsyncIterator[bytes]:
    size, event = 0, b""
    async for chunk in stream:
        size += len(chunk)
        if failed and size > _ERROR_BYTES:
            return
        if size > _ANSWER_BYTES:
            raise UnacceptableBodyError(Failure.GARBAGE)
        if streams and not failed:
            event = _since_event(event + chunk)
            if len(event) > _EVENT_BYTES:  # readers of streams take a time that grows as its square
                raise UnacceptableBodyError(Failure.GARBAGE)
        yield chunk


def _since_event(text: bytes) -> bytes:
    """Return what follows the last blank line; a line of JSON is an event too."""
    cut = max(text.rfind(ending) + len(ending) if ending in text else 0 for ending in _ENDINGS)
    if text.startswith(b"{") and b"\n" in text:
        cut = max(cut, text.rfind(b"\n") + 1)
    return text[cut:]
