"""What the desk gives to read: plain values, good after the transaction they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from assistant.drafting.message import Message
from assistant.drafting.reply import Risk

T = TypeVar("T")


class Role(StrEnum):
    """What a member of staff may do: handle requests, or also read the figures."""

    AGENT = "agent"
    MANAGER = "responsable"


class Status(StrEnum):
    """Where the reply to a request stands."""

    TO_HANDLE = "a_traiter"
    TO_CHECK = "a_verifier"
    READY = "pret"
    SENT = "envoye"

    @property
    def label(self) -> str:
        """The status as it is shown."""
        return _LABELS[self]

    @property
    def validated(self) -> bool:
        """Whether somebody has answered for the text."""
        return self in (Status.READY, Status.SENT)


_LABELS = {
    Status.TO_HANDLE: "À traiter",
    Status.TO_CHECK: "À vérifier",
    Status.READY: "Prêt",
    Status.SENT: "Envoyé",
}


class RevisionKind(StrEnum):
    """How a revision came to be."""

    GENERATED = "genere"
    EDITED = "modifie"
    SET_ASIDE = "ecarte"
    RESTORED = "restaure"

    @property
    def label(self) -> str:
        """The kind as it is shown."""
        return _REVISIONS[self]


_REVISIONS = {
    RevisionKind.GENERATED: "Brouillon proposé",
    RevisionKind.EDITED: "Brouillon modifié",
    RevisionKind.SET_ASIDE: "Brouillon écarté",
    RevisionKind.RESTORED: "Version reprise",
}


class Order(StrEnum):
    """How the inbox is sorted."""

    RECENT = "recent"
    OLDEST = "ancien"
    RISK = "risque"  # the riskiest first, then the oldest


@dataclass(frozen=True)
class AccountView:
    """A member of staff."""

    id: int
    login: str
    display_name: str
    role: Role
    active: bool = True


@dataclass(frozen=True)
class DraftView:
    """The text of a reply; ``by`` is ``None`` while nobody has changed it."""

    text: str
    version: int
    by: AccountView | None
    at: datetime


@dataclass(frozen=True)
class RevisionView:
    """A text the draft had, or that was set aside; ``version`` is the draft's once it was written."""

    id: int
    kind: RevisionKind
    version: int
    text: str
    by: AccountView | None
    at: datetime


@dataclass(frozen=True)
class PointView:
    """Something to check before sending, and who has."""

    key: str
    text: str
    ticked: bool = False
    by: AccountView | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class EventView:
    """Something that happened: ``kind`` names it, ``text`` says it in French."""

    kind: str
    text: str
    by: AccountView | None
    at: datetime


@dataclass(frozen=True)
class NoteView:
    """An internal note."""

    id: int
    text: str
    by: AccountView | None
    at: datetime


@dataclass(frozen=True)
class SendingView:
    """A sending that has begun; ``uncertain``: too long ago for somebody to be still at it."""

    by: AccountView | None
    at: datetime
    uncertain: bool


@dataclass(frozen=True)
class RequestRow:
    """A request as the inbox lists it."""

    id: int
    subject: str
    sender: str
    excerpt: str
    kind: str
    received_at: datetime
    sent_at: datetime | None  # by the applicant
    status: Status
    risk: Risk
    theme: str
    assignee: AccountView | None
    draft_at: datetime
    sending: SendingView | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True)
class RequestView:
    """A request whole.

    ``reply`` is the JSON of the reply as it was made (see :func:`assistant.storage.serial.reply_to_json`);
    ``answered_how`` says how the reply left, empty when it has not; ``really_sent``: by this program, so that nothing
    can be undone.
    """

    id: int
    kind: str
    message: Message
    reply: dict[str, Any]
    draft: DraftView
    status: Status
    risk: Risk
    theme: str
    received_at: datetime
    added_by: AccountView | None
    assignee: AccountView | None
    points: tuple[PointView, ...] = ()
    events: tuple[EventView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    revisions: tuple[RevisionView, ...] = ()
    sending: SendingView | None = None
    answered_at: datetime | None = None
    answered_how: str = ""
    really_sent: bool = False
    can_undo: bool = False
    removed_at: datetime | None = None

    @property
    def points_left(self) -> tuple[PointView, ...]:
        """What remains to be checked; nothing when the draft is green."""
        if self.risk is Risk.GREEN:
            return ()
        return tuple(point for point in self.points if not point.ticked)


@dataclass(frozen=True)
class Filter:
    """What the inbox shows; ``None`` and empty mean all. ``removed``: the bin instead of the rest."""

    status: Status | None = None
    assignee: int | None = None
    unassigned: bool = False
    risk: Risk | None = None
    theme: str = ""
    words: str = ""
    order: Order = Order.RECENT
    removed: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list: ``page`` counts from 1; ``totals`` are those of each status, whatever status is shown."""

    rows: tuple[T, ...]
    page: int
    size: int
    total: int
    totals: dict[Status, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))
