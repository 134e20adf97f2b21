"""All that talks to a language model: one question at a time, under a deadline that nothing a server does can move.

A call runs on the background loop, where it can be cancelled and its connection closed; the thread that asked waits for
it no longer than the deadline. Each attempt is admitted by the breaker, held against the caps, traced, and counted.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from concurrent.futures import CancelledError as FutureCancelledError
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.answer import Usage
from assistant.model.background import submit
from assistant.model.counting import (
    believable,
    encodable,
    room,
    tokens_of,
    tokens_of_messages,
    tokens_of_schema,
)
from assistant.model.failures import SENTENCES, Failure, ModelError, failure_of
from assistant.model.ledger import Held, Ledger, Spent
from assistant.model.providers import STREAMING, open_chat_model, options
from assistant.model.resting import Breaker
from assistant.model.settings import ModelSettings, Task
from assistant.model.structuring import Method, as_model, ask_in_words, response_format
from assistant.model.thinking import Thinking, without_thinking
from assistant.model.tracing import CallTrace, Tracer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable, RunnableConfig
    from langchain_core.tools import BaseTool
    from pydantic import BaseModel
    from tenacity import RetryCallState

    from assistant.model.tooling import Called

__all__ = ["Failure", "LanguageModel", "ModelError", "Session", "Task"]

_log = logging.getLogger(__name__)
T = TypeVar("T")
_Once = Callable[["RunnableConfig"], Awaitable["AIMessage"]]

_ATTEMPTS = 3
_FIRST_WAIT, _LONGEST_WAIT = (
    0.25,
    4.0,
)  # seconds before another attempt, drawn at random between 0 and twice as much each time
_SPARE = 0.25  # seconds that the loop has, past the deadline, to tell how a call ended
_LEAST = 0.05  # seconds left below which nothing is asked
_CHARACTERS = 20  # of a token, at most: beyond, the server does not keep to the length asked
_GENEROUS = 4  # how many times more than really our counts may be
_CLOSING = 0.3  # seconds that a stream given up has to close its connection
_AGAIN = {Failure.UNREACHABLE, Failure.BUSY, Failure.SERVER}
_WITHOUT_TOOLS = 600.0  # seconds before a server that refused tools is asked again
_SICK = {
    Failure.TIMEOUT,
    Failure.UNREACHABLE,
    Failure.BUSY,
    Failure.SERVER,
    Failure.REFUSED,
    Failure.GARBAGE,
    Failure.CUT,
}
_READ = {Failure.TIMEOUT, Failure.GARBAGE, Failure.CUT}  # the server did read the messages
_FAIR = (
    0.25  # of the time of a question: a call given less than that and late says nothing of the model's health
)


@dataclass
class _Call:
    """One request of a session, with what is known of how it goes."""

    task: Task
    messages: Sequence[BaseMessage]
    max_tokens: int
    prompt: str
    extra: str = ""  # what is sent beside the messages, which a server may not support: a schema, tools
    optional: bool = False  # the same of an option
    text: list[str] = field(default_factory=list)  # what came so far, of this attempt
    begun: bool = False  # a piece was shown: it cannot be asked again


class LanguageModel:
    """A language model of the settings, shared by all threads; nothing is sent before a session asks.

    Raises:
        SettingError: The package of its provider is not installed.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        ledger: Ledger | None = None,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] | None = None,
    ) -> None:
        self.settings = settings
        self.name = settings.name
        self.label = settings.label
        self.clock = clock
        self.ledger = ledger or (Ledger(settings, today=today) if today else Ledger(settings))
        self.breaker = Breaker(clock=clock)
        self.tracer = Tracer(settings.trace, settings.key) if settings.trace else None
        self.chat: BaseChatModel = open_chat_model(settings)
        self.methods: list[Method] = list(Method)  # the one that worked last comes first
        self.tools_refused: float | None = None  # when

    def session(self, conversation: str = "") -> Session:
        """Return what one question may ask of the model; its time starts now.

        ``conversation`` tells whose caps count; empty: of this question alone.
        """
        return Session(self, conversation or secrets.token_hex(16))

    def closed(self) -> Failure | None:
        """Return why the model is not asked now: it rests after failures, or the day's cap is reached."""
        if self.breaker.resting:
            return Failure.PAUSED
        return Failure.CAPPED if self.ledger.day_is_full() else None

    def state(self) -> str:
        """Return why the model is not asked now, in one French line; empty when it is."""
        failure = self.closed()
        return SENTENCES[failure] if failure else ""


class Session:
    """What one question asks of the model, all its calls under one deadline. Every method raises ``ModelError`` alone."""

    def __init__(self, model: LanguageModel, conversation: str) -> None:
        self._model = model
        self._conversation = conversation
        self._deadline = model.clock() + model.settings.timeout
        self._spent = Spent()

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._deadline - self._model.clock())

    @property
    def usage(self) -> Usage:
        """What the calls of this question have cost so far."""
        return self._spent.as_usage(priced=self._model.settings.prices is not None)

    def room(self, *texts: str) -> int:
        """Return about how many tokens are left in the model's window after texts, never more than really are."""
        return room(self._model.settings.context, *texts)

    def complete(
        self,
        task: Task,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        prompt: str = "",
    ) -> str:
        """Return what the model writes, at most ``max_tokens`` tokens, before the deadline.

        ``prompt`` is the version of the prompt, for the trace.
        """
        call = self._call(task, messages, max_tokens, prompt)
        message = self._run(call, self._asked(call, self._model.chat))
        return _written(message)

    def structured(
        self,
        task: Task,
        messages: Sequence[BaseMessage],
        schema: type[BaseModel],
        *,
        max_tokens: int,
        prompt: str = "",
    ) -> BaseModel:
        """Return an object of ``schema`` that the model fills: by its form of answer, by a tool, or in plain text."""
        error = ModelError(Failure.UNSUPPORTED)
        call = self._call(task, messages, max_tokens, prompt)
        for method in tuple(self._model.methods):
            runnable, call.messages, call.extra = self._shaped(method, schema, messages)
            try:
                read = as_model(self._run(call, self._asked(call, runnable)), schema)
            except ModelError as failure:
                if failure.failure is not Failure.UNSUPPORTED:
                    raise
                error = failure
                continue
            if read is not None:
                self._model.methods.sort(key=lambda other: other is not method)
                return read
            error = ModelError(Failure.GARBAGE)
        raise error

    def stream(
        self,
        task: Task,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        prompt: str = "",
    ) -> Generator[str, None, None]:
        """Yield pieces of what the model writes, as they come; closing the generator stops the request."""
        call = self._call(task, messages, max_tokens, prompt)
        pieces: queue.SimpleQueue[str | ModelError | None] = queue.SimpleQueue()
        over = threading.Event()
        future = submit(_untold(self._streamed(call, pieces.put, over)))
        try:
            while True:
                piece = self._next(pieces, call)
                if piece is None:
                    return
                yield piece
        finally:
            if not over.is_set():
                future.cancel()
                over.wait(_CLOSING)

    def call_tools(
        self,
        task: Task,
        messages: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        *,
        max_calls: int,
        max_tokens: int = 512,
        prompt: str = "",
    ) -> list[Called]:
        """Return the tools that the model called, at most ``max_calls``, with what they answered.

        A failure after the first call returns those made: a tool's answer does not depend on the model.
        """
        from assistant.model.tooling import Bounds, run_agent

        refused = self._model.tools_refused
        if refused is not None and self._model.clock() < refused + _WITHOUT_TOOLS:
            raise ModelError(Failure.UNSUPPORTED)
        call = self._call(task, messages, max_tokens, prompt)

        async def attempt(sent: Sequence[BaseMessage], extra: str, once: _Once) -> AIMessage:
            call.messages, call.extra = sent, extra
            return await self._attempts(call, once)

        bounds = Bounds(attempt, max_calls, self._options(max_tokens))
        try:
            self._run(call, run_agent(self._model.chat, messages, tools, bounds))
        except ModelError as error:
            if error.failure is Failure.UNSUPPORTED:
                self._model.tools_refused = self._model.clock()
            if not bounds.called:
                raise
        return list(bounds.called)

    def _call(self, task: Task, messages: Sequence[BaseMessage], max_tokens: int, prompt: str) -> _Call:
        return _Call(task, [encodable(message) for message in messages], max_tokens, prompt)

    def _options(self, max_tokens: int) -> dict[str, Any]:
        return options(self._model.settings, max_tokens)

    def _run(self, call: _Call, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine on the loop, no longer than its call may last, whatever the loop is doing."""
        future = submit(_untold(coroutine))
        try:
            return future.result(max(0.0, self.remaining) + _SPARE)
        except ModelError:
            raise
        except (TimeoutError, FutureCancelledError):
            raise ModelError(Failure.TIMEOUT) from None
        except Exception as error:
            raise self._unexpected(error) from None
        finally:
            future.cancel()

    def _next(self, pieces: queue.SimpleQueue[str | ModelError | None], call: _Call) -> str | None:
        try:
            piece = pieces.get(timeout=max(0.0, self.remaining) + _SPARE)
        except queue.Empty:
            raise ModelError(Failure.TIMEOUT) from None
        if isinstance(piece, ModelError):
            raise piece
        return piece

    def _unexpected(self, error: Exception) -> ModelError:
        known = failure_of(error)
        _log.warning("%s (%s)", known, type(error).__name__)
        return known

    def _shaped(
        self, method: Method, schema: type[BaseModel], messages: Sequence[BaseMessage]
    ) -> tuple[Runnable[Any, AIMessage], Sequence[BaseMessage], str]:
        """Return how a method asks for an object: the model, the messages, and what is sent beside them."""
        chat = self._model.chat
        if method is Method.SCHEMA:
            form = response_format(schema)
            return chat.bind(response_format=form), messages, str(form)
        if method is Method.TOOL:
            bound = chat.bind_tools([schema], tool_choice="any")
            return bound, messages, str(response_format(schema))
        return chat, ask_in_words(messages, schema), ""

    async def _asked(self, call: _Call, runnable: Runnable[Any, AIMessage]) -> AIMessage:
        more = self._options(call.max_tokens)

        async def once(config: RunnableConfig) -> AIMessage:
            message = await runnable.ainvoke(list(call.messages), config, **more)
            if len(message.text) > _CHARACTERS * call.max_tokens:
                raise ModelError(Failure.GARBAGE)
            return message

        return await self._attempts(call, once)

    async def _streamed(
        self, call: _Call, put: Callable[[str | ModelError | None], None], over: threading.Event
    ) -> None:
        """Put the pieces of an answer as they come, then ``None`` or what went wrong."""

        async def once(config: RunnableConfig) -> AIMessage:
            STREAMING.set(True)
            thinking = Thinking()

            def show(piece: str) -> None:
                call.begun = call.begun or bool(piece.strip())
                if piece:
                    put(piece)

            message = await self._gathered(call, config, lambda piece: show(thinking.feed(piece)))
            show(thinking.end())
            return message

        try:
            await self._with_or_without_usage(call, once)
            put(None if call.begun else ModelError(Failure.GARBAGE))
        except ModelError as error:
            put(error)
        except Exception as error:
            put(self._unexpected(error))
        finally:
            over.set()

    async def _with_or_without_usage(self, call: _Call, once: _Once) -> None:
        """Make a request for a stream that tells its tokens; a server that cannot is asked without, from then on."""
        call.optional = bool(getattr(self._model.chat, "stream_usage", False))
        try:
            await self._attempts(call, once)
        except ModelError as error:
            if error.failure is not Failure.UNSUPPORTED:
                raise
            self._model.chat.stream_usage = False  # type: ignore[attr-defined]
            call.optional = False
            await self._attempts(call, once)

    async def _gathered(self, call: _Call, config: RunnableConfig, feed: Callable[[str], None]) -> AIMessage:
        """Read a stream to its end, which it must tell; one that goes on beyond the length asked is garbage."""
        from langchain_core.messages import AIMessage

        size, usage, told = 0, None, {}
        chunks = self._model.chat.astream(list(call.messages), config, **self._options(call.max_tokens))
        async with aclosing(chunks):  # type: ignore[type-var]
            async for chunk in chunks:
                usage = chunk.usage_metadata or usage
                told.update(chunk.response_metadata)
                size += len(chunk.text)
                if size > _CHARACTERS * call.max_tokens:
                    raise ModelError(Failure.GARBAGE)
                call.text.append(chunk.text)
                feed(chunk.text)
        if not (told.get("finish_reason") or told.get("done_reason") or told.get("done")):
            raise ModelError(Failure.CUT)
        return AIMessage("".join(call.text), usage_metadata=usage, response_metadata=told)

    async def _attempts(self, call: _Call, once: _Once) -> AIMessage:
        """Make a request, again when its failure may pass and time is left."""
        from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

        random_wait = wait_random_exponential(_FIRST_WAIT, _LONGEST_WAIT)

        def wait(state: RetryCallState) -> float:
            return max(random_wait(state), getattr(_error(state), "retry_after", 0.0))

        def stop(state: RetryCallState) -> bool:
            return state.attempt_number >= _ATTEMPTS or state.upcoming_sleep + _LEAST > self.remaining

        def passes(error: BaseException) -> bool:
            return isinstance(error, ModelError) and error.failure in _AGAIN and not call.begun

        retrying = AsyncRetrying(retry=retry_if_exception(passes), wait=wait, stop=stop, reraise=True)
        return await retrying(self._attempt, call, once)

    async def _attempt(self, call: _Call, once: _Once) -> AIMessage:
        """Make one request: admitted, held against the caps, under the deadline, counted and traced."""
        model = self._model
        given = self.remaining
        if given < _LEAST:
            raise ModelError(Failure.TIMEOUT)
        read = tokens_of_messages(call.messages) + tokens_of_schema(call.extra)
        if read + call.max_tokens > model.settings.context:
            raise ModelError(Failure.TOO_LONG)
        model.breaker.enter(given)
        held = await asyncio.to_thread(model.ledger.reserve, self._conversation, read, call.max_tokens)
        if held is None:
            model.breaker.leave(None)
            raise ModelError(Failure.CAPPED)
        trace = CallTrace(model.tracer, call.task, call.prompt, model.name) if model.tracer else None
        call.text = []
        message: AIMessage | None = None
        failure: Failure | None = None
        sick: bool | None = None
        try:
            message = await self._within(call, once, trace)
            sick = False
            return message
        except asyncio.CancelledError:
            failure = Failure.CUT
            raise
        except Exception as error:
            known = failure_of(error, bool(call.text), call.optional or bool(call.extra))
            failure, sick = known.failure, self._says_sick(known.failure, given)
            _log.warning("%s (%s, %s)", known, call.task, type(error).__name__)
            raise known from None
        finally:
            model.breaker.leave(sick)
            await asyncio.shield(asyncio.to_thread(self._account, call, held, read, message, failure, trace))

    async def _within(self, call: _Call, once: _Once, trace: CallTrace | None) -> AIMessage:
        config: RunnableConfig = {"callbacks": [trace] if trace else []}
        async with asyncio.timeout(self.remaining):
            return await once(config)

    def _says_sick(self, failure: Failure, given: float) -> bool | None:
        """Tell whether a failure counts against the model's health; ``None``: it says nothing of it."""
        if failure is Failure.TIMEOUT and given < _FAIR * self._model.settings.timeout:
            return None
        return True if failure in _SICK else None

    def _account(
        self,
        call: _Call,
        held: Held,
        counted: int,
        message: AIMessage | None,
        failure: Failure | None,
        trace: CallTrace | None,
    ) -> None:
        """Correct what was held to what was used, and write the trace."""
        text = message.text if message else "".join(call.text)
        calls = message.tool_calls if message else []
        read = written = 0
        if failure is None or failure in _READ:
            told: Any = (message.usage_metadata if message else None) or {}
            wrote = tokens_of(text) + tokens_of_schema(str(calls) if calls else "")
            # A true count is well below ours, which are generous, and a schema may not be shown to the model.
            least = max(1, tokens_of_messages(call.messages) // _GENEROUS)
            most = min(2 * counted + 100, self._model.settings.context)
            read = believable(told.get("input_tokens"), counted, least, most)
            written = believable(
                told.get("output_tokens"), wrote, max(1, wrote // _GENEROUS), max(call.max_tokens, wrote)
            )
        self._spent += self._model.ledger.settle(held, read, written)
        if trace:
            trace.close(text, read, written, failure or "", calls)


async def _untold(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what calls LangChain without LangSmith being told, whatever the environment says."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        return await coroutine


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _written(message: AIMessage) -> str:
    text = without_thinking(message.text).strip()
    if not text:
        raise ModelError(Failure.GARBAGE)
    return text
