"""The requests of the desk: what is received, drafted, checked, validated and sent, by several people at once.

Each method is one transaction: all of it is on the disk when it returns, nothing when it raises, but for the text of a
refused save, which is kept among the revisions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.drafting.message import Message
from assistant.drafting.reply import Reply, Risk
from assistant.storage.clock import now
from assistant.storage.columns import storable, storable_json
from assistant.storage.database import Database, rows_changed
from assistant.storage.errors import (
    AccountRefused,
    AlreadySent,
    DeskError,
    EditConflict,
    InBin,
    PointsLeft,
    SendingConflict,
    TooLong,
    UnknownPoint,
    UnknownRequest,
)
from assistant.storage.inbox import is_id, page_of
from assistant.storage.learning import is_small
from assistant.storage.models import (
    Account,
    Event,
    Note,
    Presence,
    RawMessage,
    Request,
    Revision,
    SearchText,
    Statistic,
    Tick,
)
from assistant.storage.reading import (
    SMTP,
    draft_of,
    note_of,
    people,
    points_of,
    request_of,
    sending_of,
)
from assistant.storage.recording import record_correction, record_questions, theme_of_reply
from assistant.storage.searching import message_text, searchable
from assistant.storage.serial import message_to_json, reply_to_json
from assistant.storage.views import (
    AccountView,
    DraftView,
    Filter,
    NoteView,
    Page,
    RequestRow,
    RequestView,
    RevisionKind,
    Status,
)

MAX_RAW = 25_000_000  # bytes of a message as received; beyond, only what was read of it is kept
MAX_DRAFT = 200_000  # characters
MAX_NOTE = 10_000
SAME_REVISION = timedelta(minutes=2)
PRESENT = timedelta(seconds=40)
BY_HAND = "manuel"
_EXCERPT = 200
_MUCH_THE_SAME = 80  # out of 100, for two texts under one Message-ID
_COMPARED = 20_000  # characters
_LOCK = 0x414444  # PostgreSQL: requests are added one at a time


class Desk:
    """The requests kept in a database; threads and processes may share them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    # What comes in

    def add(
        self, message: Message, raw: bytes, reply: Reply, *, by: int | None, kind: str
    ) -> tuple[RequestView, bool]:
        """Keep a message and the draft made for it; ``kind`` says how it came in (at most 32 characters).

        Returns:
            The request, and ``False`` when the same message was already there: nothing is then written.

        Raises:
            StorageError: Nothing was written.
        """
        instant = self._clock()
        digest, kept = _digest(message), storable_json(reply_to_json(reply))
        with self._database.writing() as session:
            self._database.lock(session, _LOCK)
            known = _same_message(session, message, digest)
            if known is not None:
                return request_of(session, known, instant), False
            request = _new_request(message, kept, digest, instant)
            request.kind, request.added_by = kind[:32], by
            session.add(request)
            session.flush()
            session.add(SearchText(request_id=request.id, message=message_text(message), draft=""))
            if 0 < len(raw) <= MAX_RAW:
                session.add(RawMessage(request_id=request.id, content=raw))
            session.add(
                Statistic(
                    request_id=request.id,
                    received_at=instant,
                    theme=request.theme,
                    risk=request.risk,
                    status=request.status,
                )
            )
            self._revise(session, request, RevisionKind.GENERATED, None)
            record_questions(session, request)
            self._say(session, request, "recu", by)
            session.flush()
            return request_of(session, request, instant), True

    def raw(self, request_id: int) -> bytes:
        """Return the bytes received, empty when none were kept.

        Raises:
            UnknownRequest: No request has this id.
        """
        with self._database.reading() as session:
            _get(session, request_id)
            kept = session.get(RawMessage, request_id)
            return kept.content if kept else b""

    # What is shown

    def inbox(self, shown: Filter | None = None, page: int = 1, size: int = 50) -> Page[RequestRow]:
        """Return a page of the requests; beyond the last page, the last one."""
        with self._database.reading() as session:
            return page_of(session, shown or Filter(), page, size, self._clock())

    def get(self, request_id: int) -> RequestView:
        """Return a request whole.

        Raises:
            UnknownRequest: No request has this id.
        """
        with self._database.reading() as session:
            return request_of(session, _get(session, request_id), self._clock())

    def open(self, request_id: int, by: int | None) -> RequestView:
        """Return a request whole; the first opening is recorded.

        Raises:
            UnknownRequest: No request has this id.
        """
        with self._database.reading() as session:
            opened = _statistic(session, _get(session, request_id)).opened_at
        if opened is None:
            with self._database.writing() as session:
                request = _locked(session, request_id)
                figures = _statistic(session, request)
                if figures.opened_at is None:
                    figures.opened_at = self._clock()
                    self._say(session, request, "ouvert", by)
        return self.get(request_id)

    # The draft

    def save_draft(self, request_id: int, text: str, *, version: int, by: int | None) -> DraftView:
        """Replace the text of a draft that was read at ``version``.

        The text it already has is accepted whatever the version, and nothing is written. Small changes by the same
        person within two minutes make one revision.

        Raises:
            EditConflict: Somebody changed the draft since; the text refused is kept as a revision.
            AlreadySent, SendingConflict, InBin: The draft cannot change; the text is kept as a revision too.
            TooLong: The text is beyond ``MAX_DRAFT``.
            UnknownRequest: No request has this id.
        """
        return self._replace(request_id, text, RevisionKind.EDITED, version, by)

    def restore(self, request_id: int, revision_id: int, *, version: int, by: int | None) -> DraftView:
        """Take an earlier text again; raises as :meth:`save_draft` does.

        Raises:
            UnknownRequest: No request has this id, or it has no such revision.
        """
        with self._database.reading() as session:
            revision = session.get(Revision, revision_id) if is_id(revision_id) else None
            if revision is None or revision.request_id != request_id:
                raise UnknownRequest(request_id)
        return self._replace(request_id, revision.text, RevisionKind.RESTORED, version, by)

    def replace_reply(
        self, request_id: int, reply: Reply, text: str | None = None, *, version: int, by: int | None
    ) -> RequestView:
        """Put another draft in place of the one read at ``version``; points that are not worded alike are unticked.

        ``text`` is the reply's unless given; raises as :meth:`save_draft` does.
        """
        kept = storable_json(reply_to_json(reply))
        self._replace(
            request_id, reply.text if text is None else text, RevisionKind.GENERATED, version, by, kept
        )
        return self.get(request_id)

    def _replace(
        self,
        request_id: int,
        text: str,
        kind: RevisionKind,
        version: int,
        by: int | None,
        reply: dict[str, Any] | None = None,
    ) -> DraftView:
        text = storable(text.replace("\r\n", "\n"))
        if len(text) > MAX_DRAFT:
            raise TooLong("Ce brouillon", len(text), MAX_DRAFT)
        instant = self._clock()
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if text == request.draft and reply is None:
                return draft_of(request, people(session))
            refused = self._unchangeable(session, request)
            if refused is None and not _swap(session, request, text, version, by, instant):
                refused = EditConflict(draft_of(request, people(session)))
            if refused is None:
                if reply is not None:
                    self._take_reply(session, request, reply)
                    self._say(session, request, "refait", by)
                self._revise(session, request, kind, by)
                self._step_back(session, request, by, unread=reply is not None)
                return draft_of(request, people(session))
            kept = self._set_aside(session, request, text, by)
        if isinstance(refused, EditConflict):
            raise EditConflict(refused.current, kept)
        raise refused

    def _take_reply(self, session: Session, request: Request, reply: dict[str, Any]) -> None:
        request.reply = reply
        request.risk, request.theme = reply["risk"], theme_of_reply(reply, request.received_at)
        figures = _statistic(session, request)
        figures.risk, figures.theme = request.risk, request.theme
        points = {point["key"]: point["text"] for point in reply["points"]}
        for tick in session.scalars(select(Tick).where(Tick.request_id == request.id)):
            if points.get(tick.key) != tick.text:
                session.delete(tick)
        record_questions(session, request)

    def _revise(self, session: Session, request: Request, kind: RevisionKind, by: int | None) -> None:
        """Add the draft to the revisions, or let it follow the last one; search finds it from now on."""
        instant = request.draft_at
        session.execute(
            update(SearchText)
            .where(SearchText.request_id == request.id)
            .values(draft=searchable(request.draft))
        )
        last = session.scalar(
            select(Revision)
            .where(Revision.request_id == request.id, Revision.kind != RevisionKind.SET_ASIDE.value)
            .order_by(Revision.id.desc())
            .limit(1)
        )
        if kind is RevisionKind.EDITED and last and _continues(last, kind, request.draft, by, instant):
            last.text, last.version, last.at = request.draft, request.draft_version, instant
            return
        session.add(_revision(request, kind, request.draft, request.draft_version, by, instant))

    def _set_aside(self, session: Session, request: Request, text: str, by: int | None) -> int:
        """Keep a refused text; the same person's next one within two minutes, much the same, takes its place."""
        instant, kind = self._clock(), RevisionKind.SET_ASIDE
        last = session.scalar(
            select(Revision)
            .where(Revision.request_id == request.id, Revision.kind == kind.value, Revision.by == by)
            .order_by(Revision.id.desc())
            .limit(1)
        )
        if last and (last.text == text or _continues(last, kind, text, by, instant)):
            last.text, last.at = text, instant
            return last.id
        last = _revision(request, kind, text, request.draft_version, by, instant)
        session.add(last)
        self._say(session, request, "ecarte", by)
        session.flush()
        return last.id

    # What is checked, validated and sent

    def tick(self, request_id: int, key: str, checked: bool, by: int | None) -> RequestView:
        """Tick or untick a point; a validated draft with a point left is to be checked again.

        Raises:
            UnknownPoint: The draft has no such point.
            AlreadySent, SendingConflict, InBin, UnknownRequest: The request cannot change.
        """
        with self._changing(request_id) as (session, request):
            point = next((point for point in points_of(session, request) if point.key == key), None)
            if point is None:
                raise UnknownPoint
            if point.ticked != checked:
                session.execute(delete(Tick).where(Tick.request_id == request.id, Tick.key == key))
                if checked:
                    session.add(
                        Tick(request_id=request.id, key=key, text=point.text, by=by, at=self._clock())
                    )
                else:
                    self._step_back(session, request, by)
                self._say(session, request, "coche" if checked else "decoche", by, point.text)
        return self.get(request_id)

    def set_status(
        self, request_id: int, status: Status, *, by: int | None, version: int | None = None
    ) -> RequestView:
        """Change the status; ``version`` is the draft's that was read, and must then still be the current one.

        « Envoyé » declares that the reply left by other means.

        Raises:
            PointsLeft: It would be validated while points of an amber or red draft are not ticked.
            EditConflict: The draft has changed since ``version``.
            AlreadySent, SendingConflict, InBin, UnknownRequest: The request cannot change.
        """
        with self._changing(request_id) as (session, request):
            _same_version(session, request, version)
            if status.value != request.status:
                if status.validated:
                    _nothing_left(session, request)
                self._move(session, request, status)
                request.answered_how = BY_HAND if status is Status.SENT else None
                request.answered_at = self._clock() if status is Status.SENT else None
                self._say(session, request, "statut", by, status.value)
        return self.get(request_id)

    def undo_status(self, request_id: int, *, by: int | None) -> RequestView:
        """Return to the status before the last change; nothing when there is none to undo.

        Raises:
            PointsLeft: The status before was a validated one, and points have been unticked since.
            AlreadySent, SendingConflict, InBin, UnknownRequest: The request cannot change.
        """
        with self._changing(request_id) as (session, request):
            if request.status_before is not None:
                before = Status(request.status_before)
                if before.validated:
                    _nothing_left(session, request)
                self._move(session, request, before)
                request.status_before = None
                sent = before is Status.SENT
                request.answered_how = BY_HAND if sent else None
                request.answered_at = self._clock() if sent else None
                self._say(session, request, "annule", by, before.value)
        return self.get(request_id)

    def claim_sending(self, request_id: int, by: int | None, *, version: int | None = None) -> DraftView:
        """Begin a sending that nobody else can begin, and return the text to send.

        :meth:`mark_sent` or :meth:`release_sending` must follow. Should the program die in between, the sending is
        shown as uncertain, and a person says how it ended by one of them.

        Raises:
            SendingConflict: Another one has begun.
            AlreadySent: The reply has left.
            PointsLeft: Points of an amber or red draft are not ticked.
            EditConflict: The draft has changed since ``version``.
            InBin, UnknownRequest: The request cannot change.
        """
        with self._changing(request_id) as (session, request):
            if request.status == Status.SENT.value:
                raise AlreadySent
            _same_version(session, request, version)
            _nothing_left(session, request)
            request.sending_by, request.sending_at = by, self._clock()
            self._say(session, request, "envoi", by)
            return draft_of(request, people(session))

    def release_sending(self, request_id: int, by: int | None) -> RequestView:
        """Say that a sending did not take place; nothing when none had begun.

        Raises:
            SendingConflict: It is somebody else's, and may still be under way.
            UnknownRequest: No request has this id.
        """
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if request.sending_at is not None:
                self._own_sending(session, request, by)
                request.sending_by = request.sending_at = None
                self._say(session, request, "echec", by)
        return self.get(request_id)

    def mark_sent(self, request_id: int, *, by: int | None, how: str) -> RequestView:
        """Record that the reply has left: ``how`` is « smtp » when this program sent it, which nothing undoes.

        Other words (at most 16 characters) declare it by hand: points are then asked for as in :meth:`set_status`.

        Raises:
            SendingConflict: Somebody else is sending it.
            AlreadySent: It had already left.
            PointsLeft, InBin, UnknownRequest: It cannot be declared sent.
        """
        how = how[:16] or BY_HAND
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if request.sending_at is not None:
                self._own_sending(session, request, by)
            if request.answered_how == SMTP:
                raise AlreadySent
            if how != SMTP:
                if request.removed_at is not None:
                    raise InBin
                _nothing_left(session, request)
            request.sending_by = request.sending_at = None
            self._move(session, request, Status.SENT)
            request.answered_how, request.answered_at = how, self._clock()
            self._say(
                session, request, "envoye" if how == SMTP else "declare", by, "" if how == SMTP else how
            )
        return self.get(request_id)

    def _own_sending(self, session: Session, request: Request, by: int | None) -> None:
        sending = sending_of(request, people(session), self._clock())
        if sending and not sending.uncertain and request.sending_by != by:
            raise SendingConflict(sending)

    def _move(self, session: Session, request: Request, status: Status) -> None:
        """Change the status, the figures of the request, and what was learnt from its corrections."""
        figures = _statistic(session, request)
        was = Status(request.status)
        if status is not was:
            request.status_before, request.status = was.value, status.value
        figures.status = status.value
        if status.validated:
            if figures.ready_at is None:
                figures.ready_at = self._clock()
            record_correction(session, request, figures, self._clock())
        else:
            figures.ready_at = None
        request.changed_at = self._clock()

    def _step_back(self, session: Session, request: Request, by: int | None, *, unread: bool = False) -> None:
        """Have a validated draft checked again after a change; a green one that somebody edited stays ready."""
        if not Status(request.status).validated:
            return
        keeps = request.risk == Risk.GREEN.value and not unread
        status = Status.READY if keeps else Status.TO_CHECK
        changed = status.value != request.status
        self._move(session, request, status)
        request.status_before = None  # what was validated is another text
        request.answered_how = request.answered_at = None
        if changed:
            self._say(session, request, "statut", by, status.value)

    # Who does what

    def assign(self, request_id: int, account_id: int | None, *, by: int | None) -> RequestView:
        """Give a request to somebody, or to nobody.

        Raises:
            AccountRefused: There is no such account, or it is disabled.
            InBin, UnknownRequest: The request cannot change.
        """
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if request.removed_at is not None:
                raise InBin
            if account_id is not None:
                account = session.get(Account, account_id) if is_id(account_id) else None
                if account is None or not account.active:
                    raise AccountRefused(
                        "Ce compte n’existe pas ou est désactivé\u00a0: choisissez une autre personne."
                    )
            if request.assignee_id != account_id:
                request.assignee_id = account_id
                request.changed_at = self._clock()
                kind = "libere" if account_id is None else "attribue"
                self._say(session, request, kind, by, "" if account_id is None else str(account_id))
        return self.get(request_id)

    def note(self, request_id: int, text: str, by: int | None) -> NoteView:
        """Add an internal note.

        Raises:
            TooLong: It is beyond ``MAX_NOTE``.
            DeskError: It is empty.
            UnknownRequest: No request has this id.
        """
        text = storable(text).strip()
        if len(text) > MAX_NOTE:
            raise TooLong("Cette note", len(text), MAX_NOTE)
        if not text:
            raise DeskError("Cette note est vide\u00a0: écrivez-la avant de l’enregistrer.")
        with self._database.writing() as session:
            request = _locked(session, request_id)
            note = Note(request_id=request.id, text=text, by=by, at=self._clock())
            request.changed_at = note.at
            session.add(note)
            session.flush()
            return note_of(note, people(session))

    def present(self, request_id: int, account_id: int) -> None:
        """Say that somebody has a request on screen; to be said again every few seconds.

        Raises:
            UnknownRequest: No request has this id.
        """
        if not is_id(request_id):
            raise UnknownRequest(request_id)
        mine = (Presence.request_id == request_id, Presence.account_id == account_id)
        try:
            with self._database.writing() as session:
                seen = session.execute(update(Presence).where(*mine).values(seen_at=self._clock()))
                if rows_changed(seen) == 0:
                    _locked(session, request_id)
                    session.add(Presence(request_id=request_id, account_id=account_id, seen_at=self._clock()))
        except IntegrityError:  # said at the same moment by another page of the same person
            return

    def others(self, request_id: int, account_id: int | None) -> tuple[AccountView, ...]:
        """Return who else has had the request on screen in the last 40 seconds."""
        if not is_id(request_id):
            return ()
        with self._database.reading() as session:
            seen = session.scalars(
                select(Presence.account_id)
                .where(Presence.request_id == request_id, Presence.seen_at > self._clock() - PRESENT)
                .order_by(Presence.account_id)
            ).all()
            who = people(session)
        return tuple(account for one in seen if one != account_id and (account := who(one)))

    # The bin

    def remove(self, request_id: int, by: int | None) -> None:
        """Put a request in the bin, where it stays 30 days.

        Raises:
            SendingConflict: Its reply is being sent.
            UnknownRequest: No request has this id.
        """
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if sending := sending_of(request, people(session), self._clock()):
                raise SendingConflict(sending)
            if request.removed_at is None:
                request.removed_at = request.changed_at = self._clock()
                self._say(session, request, "corbeille", by)

    def restore_removed(self, request_id: int, by: int | None) -> RequestView:
        """Take a request back from the bin.

        Raises:
            UnknownRequest: No request has this id.
        """
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if request.removed_at is not None:
                request.removed_at, request.changed_at = None, self._clock()
                self._say(session, request, "repris", by)
        return self.get(request_id)

    @contextmanager
    def _changing(self, request_id: int) -> Iterator[tuple[Session, Request]]:
        """Open a transaction on a request that can change."""
        with self._database.writing() as session:
            request = _locked(session, request_id)
            if refused := self._unchangeable(session, request):
                raise refused
            yield session, request
            request.changed_at = self._clock()

    def _unchangeable(self, session: Session, request: Request) -> DeskError | None:
        """Return why nothing of a request may change, if so."""
        if request.removed_at is not None:
            return InBin()
        if request.answered_how == SMTP:
            return AlreadySent()
        sending = sending_of(request, people(session), self._clock())
        return SendingConflict(sending) if sending else None

    def _say(self, session: Session, request: Request, kind: str, by: int | None, detail: str = "") -> None:
        session.add(Event(request_id=request.id, kind=kind, detail=detail, by=by, at=self._clock()))


def _get(session: Session, request_id: int) -> Request:
    request = session.get(Request, request_id) if is_id(request_id) else None
    if request is None:
        raise UnknownRequest(request_id)
    return request


def _locked(session: Session, request_id: int) -> Request:
    """Return a request that no other transaction changes before this one ends."""
    request = session.get(Request, request_id, with_for_update=True) if is_id(request_id) else None
    if request is None:
        raise UnknownRequest(request_id)
    return request


def _statistic(session: Session, request: Request) -> Statistic:
    return session.scalars(select(Statistic).where(Statistic.request_id == request.id)).one()


def _swap(
    session: Session, request: Request, text: str, version: int, by: int | None, instant: datetime
) -> bool:
    """Change the text if the draft is still at ``version``, in one order; say whether it was."""
    if version != request.draft_version:
        return False
    changed = session.execute(
        update(Request)
        .where(Request.id == request.id, Request.draft_version == version)
        .values(
            draft=text,
            draft_version=Request.draft_version + 1,
            draft_by=by,
            draft_at=instant,
            changed_at=instant,
        )
    )
    session.refresh(request)
    return rows_changed(changed) == 1


def _same_version(session: Session, request: Request, version: int | None) -> None:
    if version is not None and version != request.draft_version:
        raise EditConflict(draft_of(request, people(session)))


def _nothing_left(session: Session, request: Request) -> None:
    """Refuse to validate an amber or red draft while a point is not ticked."""
    if request.risk == Risk.GREEN.value:
        return
    left = [point for point in points_of(session, request) if not point.ticked]
    if left:
        raise PointsLeft(left)


def _continues(last: Revision, kind: RevisionKind, text: str, by: int | None, instant: datetime) -> bool:
    """Say whether a text is but a later state of what somebody was writing."""
    return (
        last.kind == kind.value
        and by is not None
        and last.by == by
        and instant - last.begun_at <= SAME_REVISION
        and is_small(last.text, text)
    )


def _revision(
    request: Request, kind: RevisionKind, text: str, version: int, by: int | None, instant: datetime
) -> Revision:
    return Revision(
        request_id=request.id,
        kind=kind.value,
        version=version,
        text=text,
        by=by,
        begun_at=instant,
        at=instant,
    )


def _digest(message: Message) -> str:
    """Return what two copies of one message share: who wrote what, when."""
    parts = (
        message.subject,
        message.sender.address or message.sender.name if message.sender else "",
        message.sent.isoformat() if message.sent else "",
        message.text,
    )
    plain = "\n".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _same_message(session: Session, message: Message, digest: str) -> Request | None:
    """Return the request of the same message; a Message-ID is not enough, some programs give one to all they send."""
    from rapidfuzz.fuzz import ratio

    known = session.scalar(select(Request).where(Request.digest == digest))
    if known is not None or not message.message_id:
        return known
    text = storable(message.text)[:_COMPARED]
    same = select(Request).where(Request.message_id == _message_id(message)).order_by(Request.id).limit(20)
    for request in session.scalars(same):
        if ratio(request.message["text"][:_COMPARED], text) >= _MUCH_THE_SAME:
            return request
    return None


def _message_id(message: Message) -> str:
    return storable(message.message_id)[:998]


def _new_request(message: Message, reply: dict[str, Any], digest: str, instant: datetime) -> Request:
    sender = message.sender
    return Request(
        digest=digest,
        message_id=_message_id(message),
        received_at=instant,
        subject=storable(message.subject),
        sender_name=sender.name if sender else "",
        sender_address=sender.address if sender else "",
        excerpt=" ".join(message.text[: 2 * _EXCERPT].split())[:_EXCERPT],
        sent_at=_in_utc(message.sent),
        message=storable_json(message_to_json(message)),
        reply=reply,
        risk=reply["risk"],
        theme=theme_of_reply(reply, instant),
        status=Status.TO_HANDLE.value,
        draft=reply["draft"],
        draft_version=1,
        draft_at=instant,
        changed_at=instant,
    )


def _in_utc(sent: datetime | None) -> datetime | None:
    """Return when a message says it was sent; nothing when its year has no instant in UTC."""
    try:
        return sent.astimezone(UTC) if sent else None
    except (OverflowError, ValueError, OSError):
        return None
