"""The tables.

What a request holds goes with it; ``statistics``, ``asked_questions`` and ``corrections`` hold figures and masked words
only, and stay.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from assistant.storage.columns import Instant, Json, Words

# Names that both engines give alike, so that a migration can name what it changes.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        str: Words,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def _to(target: str, ondelete: str | None = "CASCADE") -> ForeignKey:
    return ForeignKey(target, ondelete=ondelete)


class Account(Base):
    """A member of staff; never removed, so that the history keeps its names."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)  # lower case
    display_name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    password_at: Mapped[datetime]


class SignIn(Base):
    """An open session: the digest of its token, never the token."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(_to("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInAttempt(Base):
    """A try at a password that did not succeed; ``key`` is a digest of who tried and from where."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Request(Base):
    """A message received and the state of its reply."""

    __tablename__ = "requests"
    __table_args__ = (
        Index(None, "removed_at", "status", "received_at"),
        Index(None, "removed_at", "received_at"),
        {"sqlite_autoincrement": True},  # an id is never given twice: addresses of pages hold them
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))  # how it came in
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str] = mapped_column(String(998), index=True)
    received_at: Mapped[datetime]  # by the desk
    added_by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    subject: Mapped[str]
    sender_name: Mapped[str]
    sender_address: Mapped[str]
    excerpt: Mapped[str]
    sent_at: Mapped[datetime | None]  # by the applicant
    message: Mapped[dict[str, Any]]
    reply: Mapped[dict[str, Any]]
    risk: Mapped[str] = mapped_column(String(16))
    theme: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    status_before: Mapped[str | None] = mapped_column(String(16))  # what undoing returns to
    assignee_id: Mapped[int | None] = mapped_column(_to("accounts.id", None), index=True)
    draft: Mapped[str]
    draft_version: Mapped[int]
    draft_by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    draft_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    sending_by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    sending_at: Mapped[datetime | None]  # a sending began and nobody knows yet how it ended
    answered_at: Mapped[datetime | None]
    answered_how: Mapped[str | None] = mapped_column(String(16))
    removed_at: Mapped[datetime | None]


class RawMessage(Base):
    """The bytes received, apart: no list reads them."""

    __tablename__ = "raw_messages"

    request_id: Mapped[int] = mapped_column(_to("requests.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SearchText(Base):
    """What a search reads, without accents or capitals."""

    __tablename__ = "search_texts"

    request_id: Mapped[int] = mapped_column(_to("requests.id"), primary_key=True)
    message: Mapped[str]
    draft: Mapped[str]


class Revision(Base):
    """A text the draft had, or that somebody wanted it to have."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(_to("requests.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    text: Mapped[str]
    by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    begun_at: Mapped[datetime]
    at: Mapped[datetime]


class Tick(Base):
    """A point somebody has checked, in the words it had then: a point reworded is to be checked again."""

    __tablename__ = "ticks"

    request_id: Mapped[int] = mapped_column(_to("requests.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    text: Mapped[str]
    by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    at: Mapped[datetime]


class Event(Base):
    """Something that happened to a request."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(_to("requests.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str]
    by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    at: Mapped[datetime]


class Note(Base):
    """A word between colleagues, that no reply holds."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(_to("requests.id"), index=True)
    text: Mapped[str]
    by: Mapped[int | None] = mapped_column(_to("accounts.id", None))
    at: Mapped[datetime]


class Presence(Base):
    """Who has a request on screen, and when that was last known."""

    __tablename__ = "presences"

    request_id: Mapped[int] = mapped_column(_to("requests.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(_to("accounts.id"), primary_key=True)
    seen_at: Mapped[datetime]


class Statistic(Base):
    """The figures of a request, without its words nor who handled it; they outlive it."""

    __tablename__ = "statistics"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(_to("requests.id", "SET NULL"), unique=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    theme: Mapped[str] = mapped_column(String(32))
    risk: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    distance: Mapped[
        int | None
    ]  # words inserted, deleted or replaced, from the draft made to the text validated
    changed: Mapped[float | None]  # the same out of the longer text, from 0 to 1


class AskedQuestion(Base):
    """A question of a request and its outcome; its words, masked, when the corpus had no answer to it."""

    __tablename__ = "asked_questions"
    __table_args__ = (UniqueConstraint("request_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(_to("requests.id", "SET NULL"))
    position: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(index=True)
    theme: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(32))
    lacking: Mapped[bool]
    masked: Mapped[str]


class Correction(Base):
    """What staff changed in a draft before validating it, masked, paragraph by paragraph."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(_to("requests.id", "SET NULL"), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    theme: Mapped[str] = mapped_column(String(32))
    distance: Mapped[int]
    changed: Mapped[float]
    paragraphs: Mapped[list[Any]]
