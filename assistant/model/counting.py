"""How many tokens a text takes, without the model's own vocabulary: never fewer than it really does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import BaseMessage

_PER_TOKEN = 3  # letters and spaces of a French text
_SCHEMA_PER_TOKEN = 2.5
_MESSAGE = 8  # tokens around a message: its role and its marks


def tokens_of(text: str) -> int:
    """Return about how many tokens a text takes, rounded up: a digit or a sign is one, a foreign letter its bytes.

    Example:
        >>> tokens_of("Le dossier"), tokens_of("2025"), tokens_of("")
        (4, 4, 0)
    """
    latin = sum(1 for letter in text if letter.isspace() or (letter.isalpha() and letter < "\u0250"))
    others = [letter for letter in text if not (letter.isspace() or (letter.isalpha() and letter < "\u0250"))]
    costly = sum(
        1 if letter < "\u0080" else len(letter.encode("utf-8", "surrogatepass")) for letter in others
    )
    return math.ceil(latin / _PER_TOKEN) + costly


def tokens_of_messages(messages: Iterable[BaseMessage]) -> int:
    """Return about how many tokens messages take, their tool calls included."""
    return sum(tokens_of(message.text) + tokens_of(_calls(message)) + _MESSAGE for message in messages)


def tokens_of_schema(text: str) -> int:
    """Return about how many tokens a schema written as JSON takes: its marks go by two or three in a token."""
    return math.ceil(len(text) / _SCHEMA_PER_TOKEN)


def room(context: int, *texts: str) -> int:
    """Return about how many tokens of a window of ``context`` are left after texts, each a message; never negative."""
    return max(0, context - sum(tokens_of(text) + _MESSAGE for text in texts))


def believable(told: Any, counted: int, least: int, most: int) -> int:
    """Return the tokens that a server says it counted, or ours when what it says is below ``least`` or above ``most``."""
    if isinstance(told, int) and not isinstance(told, bool) and least <= told <= most:
        return told
    return counted


def encodable(message: BaseMessage) -> BaseMessage:
    """Return a message that can be sent: half a surrogate pair, which a visitor may write, is no UTF-8."""
    if isinstance(message.content, str) and any("\ud800" <= letter <= "\udfff" for letter in message.content):
        return message.model_copy(update={"content": message.content.encode("utf-8", "replace").decode()})
    return message


def _calls(message: BaseMessage) -> str:
    calls = getattr(message, "tool_calls", None)
    return str(calls) if calls else ""
