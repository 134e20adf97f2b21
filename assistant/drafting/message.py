"""An applicant's message as received: who writes to whom, what it says, and what comes with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Address:
    """A correspondent; ``name`` or ``address`` may be empty, never both."""

    name: str
    address: str

    def __str__(self) -> str:
        """Return the form of a header: ``Nom <adresse>``, or what is known of it."""
        if self.name and self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address


@dataclass(frozen=True)
class Attachment:
    """A file that came with a message.

    ``text`` is what was read of it (cut to a bounded length), empty when nothing was; ``problem`` then says why, in
    one French sentence.
    """

    name: str
    media_type: str
    size: int  # bytes
    text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Message:
    """A message in plain text, its headers decoded; what is not known is empty or ``None``.

    ``text`` is the whole body, quoted history and signature included. ``notices`` are French sentences on how it was
    read (« L’encodage annoncé était faux ; le texte a été lu en Windows-1252. »).
    """

    text: str
    subject: str = ""
    sender: Address | None = None
    reply_to: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sent: datetime | None = None
    message_id: str = ""  # with its angle brackets
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def answer_to(self) -> Address | None:
        """Whom a reply goes to."""
        return self.reply_to or self.sender


@dataclass(frozen=True)
class Quoted:
    """An earlier message found under or inside another one: what its header says, and its text, without marks."""

    text: str
    sender: Address | None = None
    sent: str = ""  # as written
    subject: str = ""


@dataclass(frozen=True)
class Separated:
    """The parts of a body. ``written`` is what the sender wrote this time, without salutation's quoted matter.

    ``history`` is what was said before, latest first; ``forwarded``: the sender passes on the first message of the
    history rather than answers it. ``signature`` and ``disclaimer`` are kept as written, empty when there is none.
    ``exchanges``: what is written under quoted lines, each preceded by the last paragraph of these lines.
    """

    written: str
    signature: str = ""
    disclaimer: str = ""
    history: tuple[Quoted, ...] = ()
    forwarded: bool = False
    exchanges: tuple[tuple[str, str], ...] = ()
