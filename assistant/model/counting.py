"""How many tokens a text takes, without the model's own vocabulary: never fewer than it really does."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import BaseMessage

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_FOREIGN = re.compile(r"[^\x00-\u024f\u2010-\u2027]")
_LETTERS, _CAPITALS = 3, 2  # of a word, that make a token at least
_SCHEMA_PER_TOKEN = 2.5
_MESSAGE = 8  # tokens around a message: its role and its marks


def tokens_of(text: str) -> int:
    """Return about how many tokens a text takes: a word by its letters, everything else one by one.

    A digit, a sign or an unusual space is one token; a letter or a sign of another script, as many as its bytes.

    Example:
        >>> tokens_of("Le dossier"), tokens_of("2025"), tokens_of("")
        (4, 4, 0)
    """
    words, others = 0, len(text) - text.count(" ")
    for word in _WORD.findall(text):
        capitals = sum(map(str.isupper, word))
        words += math.ceil((len(word) - capitals) / _LETTERS + capitals / _CAPITALS)
        others -= len(word)
    foreign = sum(len(letter.encode("utf-8", "surrogatepass")) - 1 for letter in _FOREIGN.findall(text))
    return words + others + foreign


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
