"""What the scripts of the desk call below ``/agents/api``, and the files it gives: in JSON, refused in French.

Every refusal is ``{"message": sentence}`` with a status; a conflict also gives the draft as it now is. What is logged
never holds the words of a message: the kind of an error and where it came from.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.drafting.formats.sniffing import Format, format_of
from assistant.drafting.reply import Risk
from assistant.drafting.sending import SendingError
from assistant.errors import AssistantError, InputError, StorageError
from assistant.storage.desk import Desk
from assistant.storage.errors import (
    AlreadySent,
    DeskError,
    EditConflict,
    InBin,
    PointsLeft,
    SendingConflict,
    UnknownPoint,
    UnknownRequest,
)
from assistant.storage.themes import LABELS
from assistant.storage.views import AccountView, Filter, Order, Status
from assistant.web.agents.access import ROOT, signed_in
from assistant.web.agents.service import DeskService, Received
from assistant.web.agents.wire import (
    account_json,
    draft_json,
    note_json,
    page_json,
    point_json,
    received_json,
    request_json,
    state_json,
)
from assistant.web.chat.history import well_formed
from assistant.web.posted import PostedError, answer_posted, is_json, said
from assistant.web.requests import TooLargeError
from assistant.web.site import linker

if TYPE_CHECKING:
    from fastapi import APIRouter

REQUESTS = f"{ROOT}/api/demandes"
MAX_FILES = 200
MAX_FILE_BYTES = 25_000_000
MAX_PASTED = 1_500_000  # bytes of JSON: a message pasted, or the longest draft whose letters are escaped
MAX_WORDS = 300  # characters of a search
PAGE_SIZE = 50

_log = logging.getLogger(__name__)
_NUMBER = re.compile(r"[0-9]{1,9}")
_NAME_PARTS = re.compile(r"[\\/]")
_STATUSES: Sequence[tuple[type[Exception], int]] = (
    (UnknownRequest, 404),
    (UnknownPoint, 404),
    (EditConflict, 409),
    (PointsLeft, 409),
    (SendingConflict, 409),
    (AlreadySent, 409),
    (InBin, 409),
    (DeskError, 422),
    (InputError, 422),
    (StorageError, 503),
    (SendingError, 502),
)
_FAILED = (
    "Veuillez nous excuser\u00a0: un incident technique a empêché de répondre. Réessayez dans un instant\u00a0; s’il se "
    "répète, prévenez la personne qui administre cet assistant."
)
# What a message received as this is saved as.
_ORIGINALS = {
    Format.OUTLOOK: "msg",
    Format.DOCX: "docx",
    Format.ODT: "odt",
    Format.PDF: "pdf",
    Format.TEXT: "txt",
}


def router(service: DeskService) -> APIRouter:
    """Return the routes."""
    from fastapi import APIRouter

    pages, api = APIRouter(), Api(service)
    for path, read in (
        (REQUESTS, api.inbox),
        (f"{REQUESTS}/{{identifier}}", api.show),
        (f"{ROOT}/demandes/{{identifier}}/reponse.{{form}}", api.export),
        (f"{ROOT}/demandes/{{identifier}}/message.eml", api.original),
    ):
        pages.add_api_route(path, read, methods=["GET"])
    pages.add_api_route(REQUESTS, api.receive, methods=["POST"])
    for name, change in _CHANGES.items():
        pages.add_api_route(f"{REQUESTS}/{{identifier}}/{name}", api.changing(change), methods=["POST"])
    pages.add_api_route(f"{REQUESTS}/{{identifier}}/points/{{key}}", api.tick, methods=["POST"])
    return pages


class Api:
    """The calls, each for whoever is signed in."""

    def __init__(self, service: DeskService) -> None:
        self._service = service

    def inbox(self, request: Request) -> Response:
        """Return a page of the requests."""

        def make(account: AccountView) -> object:
            shown, page = read_filter(request.query_params, account)
            return page_json(self._service.desk.inbox(shown, page, PAGE_SIZE))

        return _answer(request, make)

    def show(self, request: Request, identifier: str) -> Response:
        """Return a request whole."""

        def make(_: AccountView) -> object:
            view = self._service.desk.get(_id(identifier))
            return request_json(view, self._service.parts(view))

        return _answer(request, make)

    def export(self, request: Request, identifier: str, form: str) -> Response:
        """Return the letter as a file."""

        def make(_: AccountView) -> Response:
            made = self._service.export(_id(identifier), form)
            return _file(made.content, made.media_type, made.name)

        return _answer(request, make)

    def original(self, request: Request, identifier: str) -> Response:
        """Return a message as it was received, attachments included, in a file that nothing opens by itself."""

        def make(_: AccountView) -> Response:
            number = _id(identifier)
            raw = self._service.desk.raw(number)
            if not raw:
                raise PostedError(
                    404, "L’original de ce message n’a pas été conservé\u00a0: il était trop volumineux."
                )
            ending = _ORIGINALS.get(format_of(raw), "eml")
            return _file(raw, "application/octet-stream", f"demande-{number}.{ending}")

        return _answer(request, make)

    async def receive(self, request: Request) -> Response:
        """Take in a message pasted, or files."""
        if is_json(request):
            return await answer_posted(request, lambda data, _: self._paste(request, data), MAX_PASTED)
        try:
            account = signed_in(request)
            async with request.form(max_files=MAX_FILES, max_fields=10) as form:
                files = [item for _, item in form.multi_items() if isinstance(item, UploadFile)]
                return await run_in_threadpool(_receive_files, self._service, request, files, account)
        except TooLargeError as error:
            return said(f"{error} Déposez les fichiers en plusieurs fois.", 413)
        except PostedError as error:
            return said(str(error), error.status)
        except HTTPException as error:
            return said(_misread(str(error.detail)), 422)

    def _paste(self, request: Request, data: object) -> Response:
        def make(account: AccountView) -> Response:
            return _report(request, [self._service.paste(Fields(data).text("text"), account)])

        return _answer(request, make)

    def changing(self, change: Change) -> Callable[[Request, str], Awaitable[Response]]:
        """Return the route of a change of a request."""

        async def handle(request: Request, identifier: str) -> Response:
            return await self._change(request, identifier, change)

        return handle

    async def tick(self, request: Request, identifier: str, key: str) -> Response:
        """Tick a point to check, or untick it."""

        def change(desk: Desk, number: int, given: Fields, by: AccountView) -> object:
            return state_json(desk.tick(number, key, given.flag("checked"), by.id))

        return await self._change(request, identifier, change)

    async def _change(self, request: Request, identifier: str, change: Change) -> Response:
        def handle(data: object, _: str) -> Response:
            return _answer(request, lambda by: change(self._service.desk, _id(identifier), Fields(data), by))

        return await answer_posted(request, handle, MAX_PASTED)


class Fields:
    """The fields of the JSON that a script sent, each read as what is expected of it."""

    def __init__(self, data: object) -> None:
        if not isinstance(data, dict):
            raise PostedError(422, "La demande doit être un objet JSON.")
        self._data: dict[str, Any] = data

    def get(self, name: str) -> object:
        """Return a field as it was sent, ``None`` when it was not."""
        return self._data.get(name)

    def text(self, name: str) -> str:
        """Return a text, its half characters replaced.

        Raises:
            PostedError: It is none.
        """
        value = self._data.get(name)
        if not isinstance(value, str):
            raise PostedError(422, f"«\u00a0{name}\u00a0» doit être un texte.")
        return well_formed(value)

    def number(self, name: str, *, optional: bool = False, nullable: bool = False) -> Any:
        """Return a number from 0 up; ``None`` when it may be left out (``optional``), or said null (``nullable``).

        Raises:
            PostedError: It is none.
        """
        value = self._data.get(name)
        if value is None and (optional or (nullable and name in self._data)):
            return None
        if type(value) is not int or not 0 <= value < 2**31:
            more = ", ou null" if nullable else ""
            raise PostedError(422, f"«\u00a0{name}\u00a0» doit être un nombre entier{more}.")
        return value

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return true or false.

        Raises:
            PostedError: It is neither.
        """
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            raise PostedError(422, f"«\u00a0{name}\u00a0» doit être true ou false.")
        return value


Change = Callable[[Desk, int, Fields, AccountView], object]


def _save(desk: Desk, number: int, given: Fields, by: AccountView) -> object:
    text, version = given.text("text"), given.number("version")
    return {"draft": draft_json(desk.save_draft(number, text, version=version, by=by.id))}


def _set_status(desk: Desk, number: int, given: Fields, by: AccountView) -> object:
    if given.flag("undo", default=False):
        return state_json(desk.undo_status(number, by=by.id))
    status = Status(_one_of("status", given.text("status"), tuple(Status)))
    return state_json(
        desk.set_status(number, status, by=by.id, version=given.number("version", optional=True))
    )


def _assign(desk: Desk, number: int, given: Fields, by: AccountView) -> object:
    to = by.id if given.get("assignee") == "moi" else given.number("assignee", nullable=True)
    return state_json(desk.assign(number, to, by=by.id))


def _note(desk: Desk, number: int, given: Fields, by: AccountView) -> object:
    return {"note": note_json(desk.note(number, given.text("text"), by.id))}


def _be_present(desk: Desk, number: int, _: Fields, by: AccountView) -> object:
    desk.present(number, by.id)
    others = [account_json(one) for one in desk.others(number, by.id)]
    return {"others": others, "version": desk.get(number).draft.version}


_CHANGES: Mapping[str, Change] = {
    "brouillon": _save,
    "etat": _set_status,
    "attribution": _assign,
    "note": _note,
    "presence": _be_present,
}


def read_filter(query: Mapping[str, str], account: AccountView) -> tuple[Filter, int]:
    """Return what of the inbox is asked for, and its page; « moi » is the account.

    Raises:
        PostedError: A parameter means nothing; the sentence says which and what is expected.
    """
    known = {"status", "assignee", "risk", "theme", "q", "order", "page"}
    unknown = sorted(set(query) - known)
    if unknown:
        raise PostedError(
            422,
            f"Le filtre «\u00a0{unknown[0][:40]}\u00a0» n’existe pas. Les filtres sont {', '.join(sorted(known))}.",
        )
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    status, risk, theme = given.get("status"), given.get("risk"), given.get("theme")
    words, assignee = well_formed(given.get("q", "")), given.get("assignee")
    if len(words) > MAX_WORDS:
        raise PostedError(422, f"La recherche («\u00a0q\u00a0») est limitée à {MAX_WORDS} caractères.")
    if assignee not in (None, "moi", "aucune") and not _NUMBER.fullmatch(assignee):
        raise PostedError(422, "«\u00a0assignee\u00a0» doit être moi, aucune, ou le numéro d’un compte.")
    page = given.get("page", "1")
    if not _NUMBER.fullmatch(page) or int(page) < 1:
        raise PostedError(422, "«\u00a0page\u00a0» doit être un nombre entier à partir de 1.")
    mine = account.id if assignee == "moi" else int(assignee) if assignee and assignee != "aucune" else None
    return Filter(
        status=Status(_one_of("status", status, tuple(Status))) if status else None,
        assignee=mine,
        unassigned=assignee == "aucune",
        risk=Risk(_one_of("risk", risk, tuple(Risk))) if risk else None,
        theme=_one_of("theme", theme, tuple(LABELS)) if theme else "",
        words=words,
        order=Order(_one_of("order", given.get("order", Order.RECENT.value), tuple(Order))),
    ), int(page)


def base_name(name: str | None) -> str:
    r"""Return the name of a file that was sent, without folders nor signs that cannot be shown.

    Example:
        >>> base_name("..\\..\\etc/passwd\n.eml")
        'passwd.eml'
    """
    last = _NAME_PARTS.split(well_formed(name or ""))[-1]
    kept = "".join(char for char in last if char.isprintable()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:10]}" if dot else kept[:100]


def _receive_files(
    service: DeskService, request: Request, files: Sequence[UploadFile], account: AccountView
) -> Response:
    if not files:
        return said("Aucun fichier n’a été reçu\u00a0: choisissez ou déposez au moins un message.", 422)
    found: list[Received] = []
    for file in files:
        found += _receive_file(service, file, account)
    return _report(request, found)


def _receive_file(service: DeskService, file: UploadFile, account: AccountView) -> list[Received]:
    """Take in one file; whatever is wrong with it is said of it, and does not stop the others."""
    name = base_name(file.filename) or "Fichier sans nom"
    if (file.size or 0) > MAX_FILE_BYTES:
        told = f"Ce fichier dépasse {MAX_FILE_BYTES // 1_000_000}\u00a0Mo\u00a0: enregistrez le message sans ses pièces jointes."
        return [Received(name, problem=told)]
    try:
        return service.receive(file.file.read(MAX_FILE_BYTES + 1), name, account)
    except AssistantError as error:
        return [Received(name, problem=str(error))]
    except Exception as error:  # of this file only
        _log_failure(error)
        return [
            Received(
                name, problem="Ce fichier n’a pas pu être lu\u00a0: ouvrez-le et collez le texte du message."
            )
        ]


def _report(request: Request, found: Sequence[Received]) -> Response:
    """Return what became of each message, 201 when one at least is new, 422 when none could be taken in."""
    link = linker(request)
    received = [
        received_json(one, link(f"{ROOT}/?demande={one.request.id}") if one.request else "") for one in found
    ]
    counts = {
        outcome: sum(one["outcome"] == outcome for one in received)
        for outcome in ("nouvelle", "deja_recue", "probleme")
    }
    status = 201 if counts["nouvelle"] else 200 if counts["deja_recue"] else 422
    return said(_sum_up(counts, found), status, received=received)


def _sum_up(counts: Mapping[str, int], found: Sequence[Received]) -> str:
    if len(found) == 1 and found[0].problem:
        return found[0].problem
    said_of = (
        ("nouvelle", "nouvelle demande", "nouvelles demandes"),
        ("deja_recue", "déjà reçue", "déjà reçues"),
        ("probleme", "message non repris", "messages non repris"),
    )
    parts = [
        f"{counts[name]} {one if counts[name] == 1 else more}" for name, one, more in said_of if counts[name]
    ]
    return f"{', '.join(parts)}."


def _misread(detail: str) -> str:
    if "files" in detail:
        return f"Trop de fichiers à la fois\u00a0: {MAX_FILES} au plus. Déposez-les en plusieurs fois."
    return "Cet envoi ne se lit pas\u00a0: rechargez la page et déposez les fichiers à nouveau."


def _id(written: str) -> int:
    if not _NUMBER.fullmatch(written):
        raise PostedError(404, "Cette demande n’existe pas, ou plus\u00a0: revenez à la liste des demandes.")
    return int(written)


def _one_of(name: str, value: str, expected: Sequence[str]) -> str:
    if value not in expected:
        raise PostedError(
            422, f"«\u00a0{name}\u00a0» doit être l’une de ces valeurs\u00a0: {', '.join(expected)}."
        )
    return value


def _answer(request: Request, make: Callable[[AccountView], object]) -> Response:
    """Return what ``make`` makes for who is signed in, as JSON when it is no response, or what kept it from it."""
    try:
        made = make(signed_in(request))
        return made if isinstance(made, Response) else JSONResponse(made)
    except PostedError as error:
        return said(str(error), error.status)
    except AssistantError as error:
        status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 422)
        return said(str(error), status, **_details(error))
    except Exception as error:
        _log_failure(error)
        return said(_FAILED, 500)


def _details(error: AssistantError) -> dict[str, object]:
    if isinstance(error, EditConflict):
        return {"draft": draft_json(error.current), "kept": error.kept}
    if isinstance(error, PointsLeft):
        return {"points": [point_json(point) for point in error.points]}
    return {}


def _log_failure(error: Exception) -> None:
    """Log what broke and where; the words of the error may be those of a message, and are left out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    _log.error("The desk failed: %s at %s", type(error).__name__, places)


def _file(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to save, never to be shown in the page."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
