"""LangChain's agent over rule tools, bounded: so many calls, whatever the model asks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool

Ask = Callable[[RunnableConfig], Awaitable[AIMessage]]
Attempt = Callable[[Sequence[BaseMessage], str, Ask], Awaitable[AIMessage]]


@dataclass(frozen=True)
class Called:
    """A tool that the model called, with which arguments, and what the tool answered (read back from its JSON)."""

    name: str
    args: dict[str, Any]
    result: Any


async def run_agent(
    chat: BaseChatModel,
    messages: Sequence[BaseMessage],
    tools: Sequence[BaseTool],
    bounds: Bounds,
) -> None:
    """Let the model call tools until it has enough; ``bounds`` keeps what was called and holds each request."""
    agent = create_agent(chat, list(tools), middleware=[bounds])
    # A call of the model and one of its tools are a step each, and the last word is one more.
    await agent.ainvoke({"messages": list(messages)}, {"recursion_limit": 4 * bounds.max_calls + 8})  # type: ignore[call-overload]


class Bounds(AgentMiddleware):
    """Passes each request through ``attempt`` and ends the agent once ``max_calls`` tools were called.

    A tool that refuses its arguments says why to the model, which may try again; it counts as called, and is not kept.
    """

    def __init__(self, attempt: Attempt, max_calls: int, options: dict[str, Any]) -> None:
        super().__init__()
        self.max_calls = max_calls
        self.called: list[Called] = []
        self._attempt = attempt
        self._options = options
        self._asked = 0
        self._bound: Any = None  # the model with its tools, described once
        self._described = ""

    async def awrap_model_call(self, request: Any, handler: Any) -> Any:
        """Ask the model, or end the agent when no call is left."""
        if self._asked >= self.max_calls:
            return AIMessage("")
        if self._bound is None:
            self._bound = request.model.bind_tools(request.tools)
            self._described = json.dumps(self._bound.kwargs.get("tools", []), ensure_ascii=False, default=str)
        bound = self._bound
        return await self._attempt(
            request.messages,
            self._described,
            lambda config: bound.ainvoke(request.messages, config, **self._options),
        )

    async def awrap_tool_call(self, request: Any, handler: Any) -> Any:
        """Call a tool, or say that no call is left."""
        self._asked += 1
        call = request.tool_call
        if self._asked > self.max_calls:
            return _refusal(call, "Trop d’appels.")
        try:
            message = await handler(request)
        except Exception as error:
            return _refusal(call, f"L’outil a échoué ({type(error).__name__}).")
        if message.status != "error":
            self.called.append(Called(call["name"], dict(call["args"]), _read(message.text)))
        return message


def _refusal(call: Any, why: str) -> ToolMessage:
    return ToolMessage(why, tool_call_id=call["id"] or "", name=call["name"], status="error")


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
