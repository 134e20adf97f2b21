"""A letter ready to leave: its text, whom it goes to, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assistant.composing.french import NBSP, say_day
from assistant.drafting.exporting.cleaning import clean_line
from assistant.drafting.message import Address, Message

SUBJECT_LENGTH = 250
NAME_LENGTH = 120
_TAGS = r"(?P<tags>(?:\[[^\[\]]{1,40}\]\s*)*)"  # « [EXTERNE] », which a mail server puts before
_ANSWERS = re.compile(
    rf"\s*{_TAGS}(?:(?:re|ré|tr|rv|fw|fwd|aw|wg|sv)\s*(?:[\[(]\d{{1,3}}[\])])?\s*[:：]\s*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Outgoing:
    """A letter in the desk's Markdown and what its headers are made of.

    ``now`` is when it is exported or sent, with its time zone. When ``to`` is empty the letter goes to whoever wrote
    ``original``, and so for ``in_reply_to`` and ``references``. ``original`` is what an e-mail quotes below the letter.
    """

    subject: str
    text: str
    now: datetime
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sender: Address | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    original: Message | None = None

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Whom the letter goes to."""
        answer_to = self.original.answer_to if self.original else None
        return self.to or ((answer_to,) if answer_to else ())

    @property
    def answers(self) -> str:
        """The identifier of the message that the letter answers, empty when it is not known."""
        return self.in_reply_to or (self.original.message_id if self.original else "")

    @property
    def thread(self) -> tuple[str, ...]:
        """The identifiers of the conversation so far, oldest first."""
        return self.references or (self.original.references if self.original else ())


def bare_subject(subject: str) -> str:
    """Return the subject on one line, without « Re », « TR », « Fwd » before it; a tag in brackets is kept.

    Example:
        >>> bare_subject("RE : TR: [EXTERNE] Re: Seuil")
        '[EXTERNE] Seuil'
    """
    line = clean_line(subject, SUBJECT_LENGTH)
    while match := _ANSWERS.match(line):
        line = match["tags"] + line[match.end() :]
    return line.strip()


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: « Re: » once, as mail programs write it."""
    return f"Re: {bare_subject(subject) or 'votre message'}"


def say_address(address: Address) -> str:
    """Return a correspondent on one line, the name cut to ``NAME_LENGTH`` characters."""
    return str(Address(clean_line(address.name, NAME_LENGTH), clean_line(address.address, 254)))


def say_headers(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    """Return what stands above a printed letter, label and value; the subject, which comes last, always is."""
    for label, addresses in (("À", outgoing.recipients), ("Copie", outgoing.cc)):
        if said := _say_addresses(addresses):
            yield f"{label}{NBSP}:", said
    yield f"Objet{NBSP}:", bare_subject(outgoing.subject) or "votre message"


def say_date(outgoing: Outgoing) -> str:
    """Return « Le 2 juin 2025 »."""
    return f"Le {say_day(outgoing.now.date())}"


def _say_addresses(addresses: Iterable[Address]) -> str:
    return ", ".join(filter(None, map(say_address, addresses)))
