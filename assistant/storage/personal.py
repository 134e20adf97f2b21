"""Everything kept about one person: found by e-mail address or name, exported, removed."""

from __future__ import annotations

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
from assistant.storage.naming import Person
from assistant.storage.reading import request_of
from assistant.storage.retention import erase
from assistant.storage.searching import message_text, searchable
from assistant.storage.serial import message_from_json
from corpus.paths import var_dir

ERASED = "[personne effacée]"
_BATCH = 100  # requests read at once
_ROUNDS = 3


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
    person = _person(who)
    with database.reading() as session:
        return _find(session, who, person, proposals or var_dir() / "propositions")


def export(
    database: Database, who: str, *, proposals: Path | None = None, clock: Callable[[], datetime] = now
) -> dict[str, Any]:
    """Return all that is kept about somebody, as JSON.

    Raises:
        InputError: It says too little to tell people apart.
        StorageError: The database cannot be read.
    """
    person = _person(who)
    with database.reading() as session:
        found = _find(session, who, person, proposals or var_dir() / "propositions")
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
        StorageError: The database cannot be written; what was not removed yet is by the same call again.
    """
    person, directory = _person(who), proposals or var_dir() / "propositions"
    first = None
    for _ in range(_ROUNDS):  # a colleague may write the name again meanwhile
        with database.reading() as session:
            found = _find(session, who, person, directory)
        first = first or found
        if found.nothing:
            break
        _remove_found(database, found, person)
    with database.writing() as session:
        _redact_statistics(session, person)
    assert first is not None
    return replace(first, erased=erase(database))


def _remove_found(database: Database, found: Found, person: Person) -> None:
    """Remove somebody where they were found, a request at a time: colleagues do not wait."""
    for trace in found.traces:
        with database.writing() as session:
            request = session.get(Request, trace.request_id, with_for_update=True)
            if request is None:
                continue
            if trace.author:
                _remove_request(session, request)
            else:
                _redact_request(session, request, person)
    with database.writing() as session:
        for account in session.scalars(select(Account).where(Account.login.in_(found.accounts))):
            _close_account(session, account)
    for path in found.files:
        text = path.read_text(encoding="utf-8", errors="replace")
        path.write_text(person.replace(text, ERASED), encoding="utf-8")


def _person(who: str) -> Person:
    try:
        if not ("@" in who.strip("@ ") or len(who.split()) > 1):
            raise ValueError(who)  # a word alone, or a domain, would name many
        return Person(who)
    except ValueError:
        raise InputError(
            f"«\u00a0{who}\u00a0» ne suffit pas à désigner une personne\u00a0: indiquez son adresse électronique, ou ses "
            "prénom et nom."
        ) from None


def _find(session: Session, who: str, person: Person, proposals: Path) -> Found:
    traces: list[Trace] = []
    elsewhere = _elsewhere(session, person)
    names: dict[str, None] = {}
    requests = select(Request).order_by(Request.id).execution_options(yield_per=_BATCH)
    for request in session.scalars(requests):
        places = dict.fromkeys([*_places(request, person), *elsewhere.get(request.id, ())])
        if places:
            mine = [one for one in _authors(request) if _is_of(one, person)]
            traces.append(Trace(request.id, bool(mine), tuple(places)))
            names.update(
                {
                    one["name"]: None
                    for one in _correspondents(request)
                    if person.is_in(one["address"]) and one["name"]
                }
            )
        session.expunge(request)
    accounts = tuple(
        account.login
        for account in session.scalars(select(Account).order_by(Account.id))
        if person.is_in(account.display_name) or person.is_whole(account.login)
    )
    return Found(who, tuple(traces), accounts, _files(proposals, person), tuple(names))


def _files(directory: Path, person: Person) -> tuple[Path, ...]:
    return tuple(
        path
        for path in sorted(directory.glob("*.md"))
        if person.is_in(path.read_text(encoding="utf-8", errors="replace"))
    )


def _is_of(one: dict[str, str], person: Person) -> bool:
    return person.is_in(one["name"]) or person.is_in(one["address"])


def _authors(request: Request) -> list[dict[str, str]]:
    return [one for one in (request.message["sender"], request.message["reply_to"]) if one]


def _correspondents(request: Request) -> list[dict[str, str]]:
    return [*_authors(request), *request.message["to"], *request.message["cc"]]


def _places(request: Request, person: Person) -> Iterator[str]:
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
        if any(person.is_in(text) for text in _strings(value)):
            yield place


def _elsewhere(session: Session, person: Person) -> dict[int, list[str]]:
    """Return where somebody is found in what goes with the requests, by the id of each."""
    columns = {
        "révision": Revision.text,
        "note": Note.text,
        "évènement": Event.detail,
        "vérification": Tick.text,
    }
    places: dict[int, list[str]] = {}
    for place, column in columns.items():
        rows = select(column.class_.request_id, column).execution_options(yield_per=_BATCH)
        for request_id, text in session.execute(rows):
            if person.is_in(text):
                places.setdefault(request_id, []).append(place)
    raw = select(RawMessage.request_id, RawMessage.content).execution_options(yield_per=1)
    for request_id, content in session.execute(raw):
        if person.is_in(content.decode("utf-8", errors="replace")):
            places.setdefault(request_id, []).append("message tel que reçu")
    return places


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


def _redacted(value: Any, person: Person) -> Any:
    if isinstance(value, str):
        return person.replace(value, ERASED)
    if isinstance(value, dict):
        return {key: _redacted(item, person) for key, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item, person) for item in value]
    return value


def _remove_request(session: Session, request: Request) -> None:
    session.execute(update(AskedQuestion).where(AskedQuestion.request_id == request.id).values(masked=""))
    session.execute(update(Correction).where(Correction.request_id == request.id).values(paragraphs=[]))
    session.execute(delete(Request).where(Request.id == request.id))


def _redact_request(session: Session, request: Request, person: Person) -> None:
    """Replace somebody everywhere in a request that another person wrote."""
    request.message = _redacted(request.message, person)
    request.reply = _redacted(request.reply, person)
    for name in ("subject", "sender_name", "sender_address", "excerpt"):
        setattr(request, name, person.replace(getattr(request, name), ERASED))
    draft = person.replace(request.draft, ERASED)
    if draft != request.draft:
        request.draft = draft
        request.draft_version += 1  # whoever has it on screen must not write the name back
    session.execute(delete(RawMessage).where(RawMessage.request_id == request.id))
    for table, name in ((Revision, "text"), (Note, "text"), (Event, "detail"), (Tick, "text")):
        _redact_rows(session, table, name, table.request_id == request.id, person)
    found = session.get_one(SearchText, request.id)
    found.message = message_text(message_from_json(request.message))
    found.draft = searchable(request.draft)


def _redact_rows(session: Session, table: Any, name: str, condition: Any, person: Person) -> None:
    for row in session.scalars(select(table).where(condition)):
        before = getattr(row, name)
        after = _redacted(before, person)
        if after != before:
            setattr(row, name, after)


def _redact_statistics(session: Session, person: Person) -> None:
    """Look into what is masked too: no mask is certain."""
    _redact_rows(session, AskedQuestion, "masked", AskedQuestion.masked != "", person)
    _redact_rows(session, Correction, "paragraphs", Correction.id > 0, person)


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
