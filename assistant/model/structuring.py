"""An object of a typed schema, asked of a model in three ways and read from whatever it wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from assistant.model.thinking import without_thinking

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage
    from pydantic import BaseModel

_STARTS = 8  # places of a text where an object is looked for


class Method(StrEnum):
    """How a model is asked for an object."""

    SCHEMA = "json_schema"
    TOOL = "function_calling"
    TEXT = "text"


def response_format(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the form of answer, in OpenAI's terms, that a schema asks for; LangChain turns it into others'."""
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "schema": _plain_schema(schema), "strict": True},
    }


def ask_in_words(messages: Sequence[BaseMessage], schema: type[BaseModel]) -> list[BaseMessage]:
    """Return the messages with the schema told in words at the end of the last one."""
    from langchain_core.messages import HumanMessage

    asked = (
        "Réponds par un seul objet JSON, sans autre texte, conforme à ce schéma\u00a0:\n"
        f"{json.dumps(_plain_schema(schema), ensure_ascii=False)}"
    )
    last = messages[-1]
    if last.type == "human":
        return [*messages[:-1], HumanMessage(f"{last.text}\n\n{asked}")]
    return [*messages, HumanMessage(asked)]


def as_model(message: AIMessage, schema: type[BaseModel]) -> BaseModel | None:
    """Return the first object of ``schema`` in the calls or the text of a message, ``None`` when there is none."""
    for found in (*(call["args"] for call in message.tool_calls), *_objects(without_thinking(message.text))):
        try:
            return schema.model_validate(found)
        except (ValueError, RecursionError):
            continue
    return None


def _plain_schema(schema: type[BaseModel]) -> dict[str, Any]:
    from langchain_core.utils.function_calling import convert_to_openai_tool

    parameters: dict[str, Any] = convert_to_openai_tool(schema, strict=True)["function"]["parameters"]
    return parameters


def _objects(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_STARTS):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            found, at = decoder.raw_decode(text, at)
            yield found
        except (ValueError, RecursionError):
            at += 1
