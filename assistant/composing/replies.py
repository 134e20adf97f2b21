"""The replies that say nothing about the programme's content: greetings, refusals, errors."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence
from assistant.understanding.intents import Speech

_FILE = Path(__file__).parent / "messages.yaml"

_OUTCOMES = {
    Speech.GREETING: (Kind.ANSWER, Status.ANSWERED),
    Speech.THANKS: (Kind.ANSWER, Status.ANSWERED),
    Speech.RESTART: (Kind.ANSWER, Status.ANSWERED),
    Speech.ABOUT: (Kind.ANSWER, Status.ANSWERED),
    Speech.INJECTION: (Kind.REFUSAL, Status.NOT_ALLOWED),
    Speech.FRAUD: (Kind.REFUSAL, Status.NOT_ALLOWED),
    Speech.VENDOR: (Kind.REFUSAL, Status.NOT_ALLOWED),
    Speech.PREDICTION: (Kind.REFUSAL, Status.NOT_ALLOWED),
    Speech.PERSONAL: (Kind.REFUSAL, Status.NOT_ALLOWED),
    Speech.LONG_WRITING: (Kind.REFUSAL, Status.OUT_OF_SCOPE),
    Speech.UNSURE: (Kind.CLARIFICATION, Status.NEEDS_FACTS),
    Speech.COMPLAINT: (Kind.ANSWER, Status.ANSWERED),
    Speech.CONTACT: (Kind.ABSTENTION, Status.NOT_IN_CORPUS),
}


@lru_cache(maxsize=1)
def _messages() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


def say(key: str, **values: object) -> str:
    """Return a message by key, its placeholders filled.

    Raises:
        KeyError: No message has this key.
    """
    return _messages()[key].format(**values)


def worded(key: str, **values: object) -> Sentence:
    """Return a message by key as a sentence that keeps its key.

    Raises:
        KeyError: No message has this key.
    """
    return Sentence(say(key, **values), key=key)


def reply_to(speech: Speech) -> Draft | None:
    """Return the reply to a message that asks nothing of the documents; ``None`` for a draft request."""
    if speech not in _OUTCOMES:
        return None
    kind, status = _OUTCOMES[speech]
    return Draft(kind, status, [worded(speech.value)])


def out_of_scope() -> Draft:
    """Return the refusal of a question about something else."""
    return Draft(Kind.REFUSAL, Status.OUT_OF_SCOPE, [worded("out_of_scope")])
