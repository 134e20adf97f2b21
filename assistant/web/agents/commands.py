"""What the page of the desk asks of the server: one command at a time, as JSON, each answered by what to show.

A command is ``{"do": name, "seq": number, …}``. Every one reads the database again: the page holds nothing that the
server would trust, but the version of the draft that was on the screen.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assistant.drafting.exporting import as_html, as_plain
from assistant.drafting.exporting.outgoing import say_address
from assistant.drafting.reply import Length, Risk, Tone
from assistant.errors import AssistantError, InputError
from assistant.storage.errors import EditConflict, PointsLeft
from assistant.storage.proposals import propose
from assistant.storage.themes import LABELS
from assistant.storage.views import AccountView, Filter, Order, RequestView, Role, Status
from assistant.web.agents import render
from assistant.web.agents.service import DeskService

PAGE_SIZE = 50
MAX_QUESTIONS = 40
MAX_WORDS = 200  # characters searched for
_LARGEST = 2**53  # what JavaScript counts exactly

_BROKEN = (
    "Un incident technique a empêché cette action. Votre texte est gardé dans ce navigateur\u00a0: réessayez dans un "
    "instant\u00a0; si cela persiste, prévenez la personne qui administre cet assistant."
)
_log = logging.getLogger(__name__)


@dataclass
class Shown:
    """What changes on the page: ``result`` for its script, and the regions that are not ``None``."""

    result: dict[str, Any] = field(default_factory=dict)
    inbox: str | None = None
    thread: str | None = None
    reply: str | None = None
    preview: str | None = None
    beside: str | None = None
    answer: str | None = None


class Given:
    """The fields of a command, each read with its type."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return a text."""
        return self._read(name, str)  # type: ignore[no-any-return]

    def number(self, name: str) -> int:
        """Return a positive whole number."""
        value = self._read(name, int)
        if not 0 <= value < _LARGEST:
            raise InputError(_misshapen(name))
        return value  # type: ignore[no-any-return]

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self._read(name, bool)  # type: ignore[no-any-return]

    def has(self, name: str) -> bool:
        """Whether a field is given."""
        return self._fields.get(name) is not None

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self._read(name, list)
        if not all(isinstance(item, str) for item in value):
            raise InputError(_misshapen(name))
        return value  # type: ignore[no-any-return]

    def choice(self, name: str, among: type[Any]) -> Any:
        """Return a member of an enumeration."""
        try:
            return among(self._read(name, str))
        except ValueError:
            raise InputError(_misshapen(name)) from None

    def filter(self) -> Mapping[str, Any]:
        """Return the filter of the inbox, empty when none is given."""
        value = self._fields.get("filter")
        return value if isinstance(value, dict) else {}

    def _read(self, name: str, kind: type[Any]) -> Any:
        value = self._fields.get(name)
        if type(value) is not kind:
            raise InputError(_misshapen(name))
        return value


def _misshapen(name: str) -> str:
    return f"La page a envoyé une demande que le serveur ne comprend pas ({name})\u00a0: rechargez-la et réessayez."


class Commands:
    """Answers the commands of the page over a desk; threads may share it."""

    def __init__(self, service: DeskService, day: Callable[[], date]) -> None:
        self._service = service
        self._day = day
        self._desk = service.desk
        self._known: dict[str, Callable[[Given, AccountView], Shown]] = {
            "list": self._list,
            "open": self._open,
            "paste": self._paste,
            "save": self._save,
            "redraft": self._redraft,
            "regenerate": self._regenerate,
            "restore": self._restore,
            "compare": self._compare,
            "tick": self._tick,
            "status": self._status,
            "undo_status": self._undo_status,
            "assign": self._assign,
            "note": self._note,
            "propose": self._propose,
            "ask": self._ask,
            "insert": self._insert,
            "remove": self._remove,
            "take_back": self._take_back,
            "present": self._present,
            "clipboard": self._clipboard,
            "send": self._send,
            "settle": self._settle,
        }

    def run(self, command: object, who: Callable[[], AccountView]) -> Shown:
        """Answer a command; what is refused, or breaks, is said in French in ``result["message"]``."""
        fields = _fields_of(command)
        seq = fields.get("seq")
        shown = Shown()
        try:
            account = who()
            asked = self._known.get(str(fields.get("do")))
            if asked is None:
                raise InputError(_misshapen("do"))
            shown = asked(Given(fields), account)
            shown.result["account"] = {
                "id": account.id,
                "name": account.display_name,
                "manager": account.role is Role.MANAGER,
            }
        except EditConflict as error:
            shown = self._conflict(error, fields)
        except PointsLeft as error:
            left = [point.key for point in error.points]
            shown = Shown({"refused": "points", "message": str(error), "points": left})
        except AssistantError as error:
            shown = Shown({"refused": type(error).__name__, "message": str(error)})
        except Exception:
            _log.exception("a command of the desk failed")
            shown = Shown({"refused": "broken", "message": _BROKEN})
        shown.result["seq"] = seq if type(seq) is int else 0
        shown.result["ok"] = "refused" not in shown.result
        return shown

    # What is shown

    def _whole(self, view: RequestView, account: AccountView, given: Given | None = None) -> Shown:
        """Show a request; the inbox too when its filter is given."""
        people = [one for one in self._service.accounts.all() if one.active]
        shown = Shown(
            result=_state(view) | {"text": view.draft.text},
            thread=render.render_thread(view, self._service.parts(view), self._service.highlighted(view)),
            reply=render.render_reply(view, people, account, can_send=self._service.smtp is not None),
            preview=render.render_preview(view.draft.text, view),
            beside=self._beside(view),
        )
        if given is not None:
            shown.inbox = self._inbox(given, account, view.id)
        return shown

    def _changed(self, view: RequestView, account: AccountView, given: Given, message: str = "") -> Shown:
        shown = self._whole(view, account, given)
        shown.result["message"] = message
        return shown

    def _beside(self, view: RequestView) -> str:
        outgoing = self._service.outgoing(view)
        recipients = [say_address(one) for one in (*outgoing.recipients, *outgoing.cc)]
        return render.render_beside(view, recipients, can_send=self._service.smtp is not None)

    def _inbox(self, given: Given, account: AccountView, current: int | None = None) -> str:
        asked, page = read_filter(given.filter(), account)
        return render.render_inbox(
            self._desk.inbox(asked, page, PAGE_SIZE),
            asked,
            account,
            self._day(),
            current=current,
        )

    def _conflict(self, error: EditConflict, fields: Mapping[str, Any]) -> Shown:
        """Show both texts; the one refused is the page's own, or what the history keeps of it."""
        mine = fields.get("text") if isinstance(fields.get("text"), str) else ""
        return Shown(
            {
                "refused": "conflict",
                "message": str(error),
                "mine": mine,
                "theirs": error.current.text,
                "version": error.current.version,
                "by": error.current.by.display_name if error.current.by else "l’assistant",
                "at": error.current.at.isoformat(),
            }
        )

    # The commands

    def _list(self, given: Given, account: AccountView) -> Shown:
        current = given.number("id") if given.has("id") else None
        return Shown(inbox=self._inbox(given, account, current))

    def _open(self, given: Given, account: AccountView) -> Shown:
        view = self._desk.open(given.number("id"), account.id)
        self._desk.present(view.id, account.id)
        shown = self._whole(view, account, given)
        shown.result["others"] = self._others(view.id, account)
        return shown

    def _paste(self, given: Given, account: AccountView) -> Shown:
        text = given.text("text")
        if not text.strip():
            raise InputError("Le message est vide\u00a0: collez son texte, puis réessayez.")
        received = self._service.paste(text, account)
        if received.request is None:
            raise InputError(received.problem)
        message = (
            "Demande ajoutée."
            if received.new
            else "Ce message a déjà été reçu\u00a0: la demande existante est ouverte."
        )
        return self._changed(self._desk.open(received.request.id, account.id), account, given, message)

    def _save(self, given: Given, account: AccountView) -> Shown:
        request_id, text = given.number("id"), given.text("text")
        before = self._desk.get(request_id)
        draft = self._desk.save_draft(request_id, text, version=given.number("version"), by=account.id)
        view = self._desk.get(request_id)
        shown = Shown(
            _state(view) | {"version": draft.version},
            preview=render.render_preview(draft.text, view),
            beside=self._beside(view),
        )
        if before.status is not view.status:
            shown.result["message"] = (
                f"Le texte a changé après sa validation\u00a0: la réponse revient à «\u00a0{view.status.label}\u00a0»."
            )
            people = [one for one in self._service.accounts.all() if one.active]
            shown.reply = render.render_reply(view, people, account, can_send=self._service.smtp is not None)
        return shown

    def _redraft(self, given: Given, account: AccountView) -> Shown:
        questions = None
        if given.has("questions"):
            questions = [" ".join(one.split()) for one in given.texts("questions")]
            questions = [one for one in questions if one]
            if len(questions) > MAX_QUESTIONS:
                raise InputError(
                    f"Une réponse porte sur {MAX_QUESTIONS} questions au plus\u00a0: retirez-en."
                )
        view = self._service.redraft(
            given.number("id"),
            version=given.number("version"),
            by=account,
            tone=given.choice("tone", Tone),
            length=given.choice("length", Length),
            questions=questions,
        )
        return self._changed(
            view, account, given, "La lettre a été refaite. Le texte précédent reste dans l’historique."
        )

    def _regenerate(self, given: Given, account: AccountView) -> Shown:
        view = self._service.regenerate(
            given.number("id"), given.text("key"), version=given.number("version"), by=account
        )
        return self._changed(
            view, account, given, "Le paragraphe a été refait\u00a0; le reste de la lettre est inchangé."
        )

    def _restore(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        self._desk.restore(
            request_id, given.number("revision"), version=given.number("version"), by=account.id
        )
        return self._changed(self._desk.get(request_id), account, given, "La version choisie est reprise.")

    def _compare(self, given: Given, account: AccountView) -> Shown:
        view = self._desk.get(given.number("id"))
        number = given.number("revision")
        revision = next((one for one in view.revisions if one.id == number), None)
        if revision is None:
            raise InputError("Cette version n’existe plus\u00a0: rechargez la demande.")
        return Shown({"difference": render.render_difference(revision.text, view.draft.text)})

    def _tick(self, given: Given, account: AccountView) -> Shown:
        view = self._desk.tick(given.number("id"), given.text("key"), given.flag("checked"), account.id)
        return self._changed(view, account, given)

    def _status(self, given: Given, account: AccountView) -> Shown:
        status = given.choice("status", Status)
        view = self._desk.set_status(
            given.number("id"), status, by=account.id, version=given.number("version")
        )
        return self._changed(view, account, given, f"Réponse classée «\u00a0{status.label}\u00a0».")

    def _undo_status(self, given: Given, account: AccountView) -> Shown:
        view = self._desk.undo_status(given.number("id"), by=account.id)
        return self._changed(view, account, given, f"Retour à «\u00a0{view.status.label}\u00a0».")

    def _assign(self, given: Given, account: AccountView) -> Shown:
        chosen = given.number("account") or None
        view = self._desk.assign(given.number("id"), chosen, by=account.id)
        message = (
            f"Demande attribuée à {view.assignee.display_name}."
            if view.assignee
            else "Demande sans responsable."
        )
        return self._changed(view, account, given, message)

    def _note(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        self._desk.note(request_id, given.text("text"), account.id)
        return self._changed(self._desk.get(request_id), account, given, "Note ajoutée.")

    def _propose(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        path = propose(self._service.database, request_id, given.text("key"), account.id)
        return self._changed(
            self._desk.get(request_id),
            account,
            given,
            f"Proposition de fiche écrite pour relecture\u00a0: {path.name}. L’assistant ne s’en sert pas.",
        )

    def _ask(self, given: Given, account: AccountView) -> Shown:
        answer = self._service.ask(given.number("id"), given.text("question"))
        return Shown(answer=render.render_asked(answer))

    def _insert(self, given: Given, account: AccountView) -> Shown:
        view = self._service.insert_answer(
            given.number("id"), given.text("question"), version=given.number("version"), by=account
        )
        return self._changed(view, account, given, "La réponse de l’assistant est insérée dans la lettre.")

    def _remove(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        self._desk.remove(request_id, account.id)
        return Shown(
            {"message": "Demande mise à la corbeille.", "removed": request_id},
            inbox=self._inbox(given, account),
        )

    def _take_back(self, given: Given, account: AccountView) -> Shown:
        view = self._desk.restore_removed(given.number("id"), account.id)
        return self._changed(view, account, given, "Demande reprise de la corbeille.")

    def _present(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        self._desk.present(request_id, account.id)
        draft = self._desk.get(request_id).draft
        by = draft.by.display_name if draft.by else ""
        others = self._others(request_id, account)
        return Shown({"others": others, "version": draft.version, "by": by, "id": request_id})

    def _others(self, request_id: int, account: AccountView) -> list[str]:
        return [one.display_name for one in self._desk.others(request_id, account.id)]

    def _clipboard(self, given: Given, account: AccountView) -> Shown:
        text = self._desk.get(given.number("id")).draft.text
        return Shown({"html": as_html(text), "plain": as_plain(text)})

    def _send(self, given: Given, account: AccountView) -> Shown:
        request_id = given.number("id")
        self._service.send(request_id, version=given.number("version"), by=account)
        return self._changed(self._desk.get(request_id), account, given, "La réponse est envoyée.")

    def _settle(self, given: Given, account: AccountView) -> Shown:
        """Say how a sending ended when the server could not tell."""
        request_id = given.number("id")
        if given.flag("sent"):
            view = self._desk.mark_sent(request_id, by=account.id, how="manuel")
            return self._changed(view, account, given, "Réponse classée «\u00a0Envoyé\u00a0».")
        view = self._desk.release_sending(request_id, account.id)
        return self._changed(view, account, given, "L’envoi est noté comme n’ayant pas eu lieu.")


def read_filter(fields: Mapping[str, Any], account: AccountView) -> tuple[Filter, int]:
    """Return the filter of the inbox and the page of it, from the address of the page: what is not known is ignored."""
    who = fields.get("qui")
    asked = Filter(
        status=_member(Status, fields.get("statut")),
        assignee=account.id if who == "moi" else None,
        unassigned=who == "personne",
        risk=_member(Risk, fields.get("risque")),
        theme=theme if isinstance(theme := fields.get("theme"), str) and theme in LABELS else "",
        words=words[:MAX_WORDS] if isinstance(words := fields.get("mots"), str) else "",
        order=_member(Order, fields.get("ordre")) or Order.RECENT,
        removed=fields.get("statut") == "corbeille",
    )
    page = fields.get("page")
    return asked, int(page) if isinstance(page, str) and page.isdecimal() and len(page) < 7 else 1


def _member(among: type[Any], value: object) -> Any:
    try:
        return among(value)
    except ValueError:
        return None


def _state(view: RequestView) -> dict[str, Any]:
    """Return what the script of the page keeps of a request."""
    options = view.reply["options"]
    return {
        "id": view.id,
        "version": view.draft.version,
        "at": view.draft.at.isoformat(),
        "by": view.draft.by.display_name if view.draft.by else "",
        "generated": view.draft.by is None or view.draft.text == view.reply["draft"],
        "tone": options["tone"],
        "length": options["length"],
        "subject": view.message.subject,
        "editable": not render.is_frozen(view),
        "removed_at": view.removed_at.isoformat() if view.removed_at else "",
    }


def _fields_of(command: object) -> dict[str, Any]:
    try:
        fields = json.loads(command) if isinstance(command, str) else None
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
