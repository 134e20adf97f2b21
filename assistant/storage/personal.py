"""Everything kept about one person: found by e-mail address or name, exported, removed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assistant.errors import InputError
from assistant.storage.clock import now
from assistant.storage.database import Database
from assistant.storage.models import (
    Account,
    AskedQuestion,
    Correction,
    Event,
    Note,
    RawMessage,
    Request,
    Revision,
    SearchText,
    SignIn,
    Tick,
)
from assistant.storage.naming import pattern_of
from assistant.storage.reading import request_of
from assistant.storage.retention import erase
from assistant.storage.searching import message_text, searchable
from assistant.storage.serial import message_from_json
from corpus.paths import var_dir

ERASED = "[personne effacée]"
_BATCH = 100  # requests read at once


@dataclass(frozen=True)
class Trace:
    """A request where somebody is found; ``author``: they wrote it, so that it is removed whole."""

    request_id: int
    author: bool
    places: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What is kept about somebody: requests, the account they have here, proposed fiches.

    ``names`` are those their address goes with: to be looked for too, for a name may be written without it.
    """

    who: str
    traces: tuple[Trace, ...]
    accounts: tuple[str, ...]
    files: tuple[Path, ...]
    names: tuple[str, ...]
    erased: bool = True  # once deleted: gone from the files of the database too

    @property
    def nothing(self) -> bool:
        """Whether nothing is kept."""
        return not (self.traces or self.accounts or self.files)


def find(database: Database, who: str, *, proposals: Path | None = None) -> Found:
    """Find an address or a name in all that is kept.

    Raises:
        InputError: It says too little to tell people apart.
        StorageError: The database cannot be read.
    """
    pattern = _pattern(who)
    with database.reading() as session:
        return _find(session, who, pattern, proposals or var_dir() / "propositions")


def export(
    database: Database, who: str, *, proposals: Path | None = None, clock: Callable[[], datetime] = now
) -> dict[str, Any]:
    """Return all that is kept about somebody, as JSON.

    Raises:
        InputError: It says too little to tell people apart.
        StorageError: The database cannot be read.
    """
    pattern = _pattern(who)
    with database.reading() as session:
        found = _find(session, who, pattern, proposals or var_dir() / "propositions")
        accounts = session.scalars(select(Account).where(Account.login.in_(found.accounts)))
        return {
            "recherche": who,
            "noms_associes": list(found.names),
            "demandes": [_exported(session, trace, clock()) for trace in found.traces],
            "comptes": [
                {
                    "identifiant": account.login,
                    "nom": account.display_name,
                    "role": account.role,
                    "actif": account.active,
                    "cree": account.created_at.isoformat(),
                }
                for account in accounts
            ],
            "propositions": [
                {"fichier": path.name, "texte": path.read_text(encoding="utf-8", errors="replace")}
                for path in found.files
            ],
        }


def remove(database: Database, who: str, *, proposals: Path | None = None) -> Found:
    """Remove somebody: the requests they wrote whole; their name or address wherever others wrote it.

    An account of theirs is closed and renamed, for the history of requests stays. The bytes as received of every
    request concerned are removed, and so are the masked words that statistics hold of those they wrote.

    Raises:
        InputError: It says too little to tell people apart.
        StorageError: Nothing was removed.
    """
    pattern = _pattern(who)
    with database.writing() as session:
        found = _find(session, who, pattern, proposals or var_dir() / "propositions")
        for trace in found.traces:
            request = session.get_one(Request, trace.request_id)
            if trace.author:
                _remove_request(session, request)
            else:
                _redact_request(session, request, pattern)
            session.flush()
            session.expunge_all()
        _redact_statistics(session, pattern)
        for login in found.accounts:
            _close_account(session, session.scalars(select(Account).where(Account.login == login)).one())
    for path in found.files:
        text = path.read_text(encoding="utf-8", errors="replace")
        path.write_text(pattern.sub(ERASED, text), encoding="utf-8")
    return replace(found, erased=erase(database))


def _pattern(who: str) -> re.Pattern[str]:
    pattern = pattern_of(who)
    if pattern is None:
        raise InputError(
            f"«\u00a0{who}\u00a0» est trop court pour désigner une personne\u00a0: indiquez son adresse électronique, ou ses "
            "prénom et nom."
        )
    return pattern


def _find(session: Session, who: str, pattern: re.Pattern[str], proposals: Path) -> Found:
    traces: list[Trace] = []
    names: dict[str, None] = {}
    requests = select(Request).order_by(Request.id).execution_options(yield_per=_BATCH)
    for request in session.scalars(requests):
        places = dict.fromkeys(_places(session, request, pattern))
        if places:
            mine = [one for one in _authors(request) if _is_of(one, pattern)]
            traces.append(Trace(request.id, bool(mine), tuple(places)))
            names.update(
                {
                    one["name"]: None
                    for one in _correspondents(request)
                    if pattern.search(one["address"]) and one["name"]
                }
            )
        session.expunge(request)
    accounts = tuple(
        account.login
        for account in session.scalars(select(Account).order_by(Account.id))
        if pattern.search(account.display_name) or pattern.fullmatch(account.login)
    )
    return Found(who, tuple(traces), accounts, _files(proposals, pattern), tuple(names))


def _files(directory: Path, pattern: re.Pattern[str]) -> tuple[Path, ...]:
    return tuple(
        path
        for path in sorted(directory.glob("*.md"))
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    )


def _is_of(person: dict[str, str], pattern: re.Pattern[str]) -> bool:
    return bool(pattern.search(person["name"]) or pattern.search(person["address"]))


def _authors(request: Request) -> list[dict[str, str]]:
    return [one for one in (request.message["sender"], request.message["reply_to"]) if one]


def _correspondents(request: Request) -> list[dict[str, str]]:
    return [*_authors(request), *request.message["to"], *request.message["cc"]]


def _places(session: Session, request: Request, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield where in a request somebody is found."""
    message = request.message
    parts: dict[str, Any] = {
        "expéditeur": _authors(request),
        "destinataire": message["to"],
        "copie": message["cc"],
        "objet": message["subject"],
        "message et historique cité": message["text"],
        "pièces jointes": message["attachments"],
        "réponse proposée": request.reply,
        "brouillon": request.draft,
    }
    for place, value in parts.items():
        if any(pattern.search(text) for text in _strings(value)):
            yield place
    texts = {
        "révision": Revision.text,
        "note": Note.text,
        "évènement": Event.detail,
        "vérification": Tick.text,
    }
    for place, column in texts.items():
        rows = session.scalars(select(column).where(column.class_.request_id == request.id))
        if any(pattern.search(text) for text in rows):
            yield place
    raw = session.scalar(select(RawMessage.content).where(RawMessage.request_id == request.id))
    if raw and pattern.search(raw.decode("utf-8", errors="replace")):
        yield "message tel que reçu"


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts of a value of JSON, but for the names of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _redacted(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, dict):
        return {key: _redacted(item, pattern) for key, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item, pattern) for item in value]
    return value


def _remove_request(session: Session, request: Request) -> None:
    session.execute(update(AskedQuestion).where(AskedQuestion.request_id == request.id).values(masked=""))
    session.execute(update(Correction).where(Correction.request_id == request.id).values(paragraphs=[]))
    session.execute(delete(Request).where(Request.id == request.id))


def _redact_request(session: Session, request: Request, pattern: re.Pattern[str]) -> None:
    """Replace somebody everywhere in a request that another person wrote."""
    request.message = _redacted(request.message, pattern)
    request.reply = _redacted(request.reply, pattern)
    for name in ("subject", "sender_name", "sender_address", "excerpt"):
        setattr(request, name, pattern.sub(ERASED, getattr(request, name)))
    draft = pattern.sub(ERASED, request.draft)
    if draft != request.draft:
        request.draft = draft
        request.draft_version += 1  # whoever has it on screen must not write the name back
    session.execute(delete(RawMessage).where(RawMessage.request_id == request.id))
    for table, name in ((Revision, "text"), (Note, "text"), (Event, "detail"), (Tick, "text")):
        _redact_rows(session, table, name, table.request_id == request.id, pattern)
    found = session.get_one(SearchText, request.id)
    found.message = message_text(message_from_json(request.message))
    found.draft = searchable(request.draft)


def _redact_rows(session: Session, table: Any, name: str, condition: Any, pattern: re.Pattern[str]) -> None:
    for row in session.scalars(select(table).where(condition)):
        before = getattr(row, name)
        after = _redacted(before, pattern)
        if after != before:
            setattr(row, name, after)


def _redact_statistics(session: Session, pattern: re.Pattern[str]) -> None:
    """Look into what is masked too: no mask is certain."""
    _redact_rows(session, AskedQuestion, "masked", AskedQuestion.masked != "", pattern)
    _redact_rows(session, Correction, "paragraphs", Correction.id > 0, pattern)


def _close_account(session: Session, account: Account) -> None:
    account.login, account.display_name = f"supprime-{account.id}", "Compte supprimé"
    account.active, account.password_hash = False, f"!{secrets.token_hex(8)}"
    session.execute(delete(SignIn).where(SignIn.account_id == account.id))


def _exported(session: Session, trace: Trace, instant: datetime) -> dict[str, Any]:
    request = session.get_one(Request, trace.request_id)
    shown = request_of(session, request, instant)
    return {
        "demande": trace.request_id,
        "trouve_dans": list(trace.places),
        "recue": shown.received_at.isoformat(),
        "statut": shown.status.label,
        "message": request.message,
        "reponse_proposee": request.reply,
        "brouillon": shown.draft.text,
        "revisions": [{"le": one.at.isoformat(), "texte": one.text} for one in shown.revisions],
        "notes": [{"le": one.at.isoformat(), "texte": one.text} for one in shown.notes],
        "evenements": [{"le": one.at.isoformat(), "texte": one.text} for one in shown.events],
    }
