"""Who may enter the desk: the cookie of a session, what is refused without one, and the pages to sign in and out.

Nothing below ``/agents`` answers without a live session but the page to sign in: ``AgentsGuard`` refuses it before any
route is looked for, the routes and Gradio ask again for the account.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import InputError, StorageError
from assistant.storage.errors import TooManyTries, WrongCredentials
from assistant.storage.views import AccountView, Role
from assistant.web.mounts import GRADIO_API, local_path
from assistant.web.posted import Allowance, PostedError, refuse_elsewhere, said, sender
from assistant.web.site import Site, linker

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import APIRouter

    from assistant.storage.accounts import Accounts

ROOT = "/agents"
SIGN_IN, SIGN_OUT = f"{ROOT}/connexion", f"{ROOT}/deconnexion"
COOKIE = "agents"
CREATE_ACCOUNT = 'python -m assistant accounts add IDENTIFIANT --name "Prénom NOM"'
# A minute, of one address and of all together: a whole service may be behind one address.
SIGN_INS_A_MINUTE = 60, 600
LONGEST_FIELD = 2_000  # characters

_ACCOUNT = "account"  # in the state of a request
_SAFE = ("GET", "HEAD", "OPTIONS")
# A page of the desk to return to: no other site, no « .. », no second slash.
_BACK = re.compile(rf"{ROOT}(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9]+)?)*/?(?:\?[A-Za-z0-9_=&%.+-]*)?")
_MAX_BACK = 500
_ENDED = (
    "Votre session est terminée, ou n’a pas commencé\u00a0: connectez-vous à l’espace agents, puis réessayez."
)
_ASSETS = (f"{ROOT}/assets/", f"{ROOT}/static/")


def token_of(request: Request) -> str:
    """Return the token of the session that a request carries, empty when it carries none."""
    return request.cookies.get(COOKIE, "")


def account_of(request: Request) -> AccountView | None:
    """Return whose session a request is in, as ``AgentsGuard`` found it."""
    found = request.scope.get("state", {}).get(_ACCOUNT)
    return found if isinstance(found, AccountView) else None


def signed_in(request: Request) -> AccountView:
    """Return whose session a request is in.

    Raises:
        PostedError: It is in none.
    """
    account = account_of(request)
    if account is None:
        raise PostedError(401, _ENDED)
    return account


def login_of(request: Request) -> str | None:
    """Return the login for Gradio (its ``auth_dependency``), ``None`` when there is no session."""
    account = account_of(request)
    return account.login if account else None


def account_of_event(request: gr.Request) -> AccountView:
    """Return who triggered an event of the page of Gradio.

    Raises:
        InputError: Nobody whose session is open.
    """
    account = account_of(request.request) if request.request is not None else None
    if account is None:
        raise InputError(_ENDED)
    return account


class AgentsGuard:
    """An ASGI middleware: refuses everything below ``/agents`` without a session, and what another site posts there."""

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        path = local_path(scope) if scope["type"] in ("http", "websocket") else ""
        if path != ROOT and not path.startswith(f"{ROOT}/"):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        send = _private(path, send)
        request = Request(scope)
        try:
            if request.method not in _SAFE:
                refuse_elsewhere(request)
            account = await run_in_threadpool(self._accounts.session, token_of(request))
        except PostedError as error:
            await said(str(error), error.status)(scope, receive, send)
            return
        except StorageError as error:
            await said(str(error), 503)(scope, receive, send)
            return
        if account is None and path != SIGN_IN:
            await _refused(request, path)(scope, receive, send)
            return
        state = {**scope.get("state", {}), _ACCOUNT: account}
        await self._app({**scope, "state": state}, receive, send)


def _private(path: str, send: Send) -> Send:
    """Return a ``send`` that forbids anybody to keep what the desk answers, but its scripts and styles."""
    if path.startswith(_ASSETS):
        return send

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex"
        await send(message)

    return send_private


def _refused(request: Request, path: str) -> Response:
    """Return the way to sign in for a page, the reason for a script."""
    if "text/html" not in request.headers.get("accept", "") or path.startswith(f"{ROOT}{GRADIO_API}"):
        return said(_ENDED, 401, detail=_ENDED)  # ``detail`` is what the script of Gradio shows
    asked = path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?retour={quote(asked, safe='/')}" if request.method in _SAFE and back_to(asked) == asked else ""
    return RedirectResponse(linker(request)(SIGN_IN + back), 303)


def back_to(asked: str) -> str:
    """Return the path to go to once signed in: what was asked when it is a page of the desk, its first page otherwise."""
    if len(asked) <= _MAX_BACK and _BACK.fullmatch(asked) and not asked.startswith((SIGN_IN, SIGN_OUT)):
        return asked
    return f"{ROOT}/"


def router(site: Site, accounts: Accounts) -> APIRouter:
    """Return the pages to sign in and out."""
    from fastapi import APIRouter

    pages, doors = APIRouter(), _Doors(site, accounts)
    pages.add_api_route(SIGN_IN, doors.show, methods=["GET"])
    pages.add_api_route(SIGN_IN, doors.enter, methods=["POST"])
    pages.add_api_route(SIGN_OUT, doors.leave, methods=["POST"])
    return pages


class _Doors:
    """The pages to sign in and out."""

    def __init__(self, site: Site, accounts: Accounts) -> None:
        self._site = site
        self._accounts = accounts
        self._tries = Allowance(*SIGN_INS_A_MINUTE)

    def show(self, request: Request, retour: str = "") -> Response:
        back = back_to(retour)
        if account_of(request):
            return RedirectResponse(linker(request)(back), 303)
        return self._form(request, back)

    async def enter(self, request: Request) -> Response:
        try:
            async with request.form(max_files=0, max_fields=10) as fields:
                given = [fields.get(name) for name in ("identifiant", "mot_de_passe", "retour")]
        except HTTPException:  # a body that no form sends
            given = ["", "", ""]
        login, password, back = (_text(value) for value in given)
        return await run_in_threadpool(self._sign_in, request, login, password, back_to(back))

    def _sign_in(self, request: Request, login: str, password: str, back: str) -> Response:
        if not login.strip() or not password:
            return self._form(request, back, login, "Indiquez votre identifiant et votre mot de passe.", 422)
        try:
            self._tries.take(sender(request))
            token = self._accounts.sign_in(login, password, sender(request))
            self._accounts.sign_out(token_of(request))  # the session there was, if any
        except WrongCredentials as error:
            return self._form(request, back, login, str(error), 401)
        except TooManyTries as error:
            response = self._form(request, back, login, str(error), 429)
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except PostedError as error:
            return self._form(request, back, login, str(error), error.status)
        except StorageError as error:
            return _unavailable(self._site, request, error)
        response = RedirectResponse(linker(request)(back), 303)
        _give(response, request, token)
        return response

    def leave(self, request: Request) -> Response:
        try:
            self._accounts.sign_out(token_of(request))
        except StorageError as error:
            return _unavailable(self._site, request, error)
        response = RedirectResponse(linker(request)(f"{SIGN_IN}?sortie=1"), 303)
        _give(response, request, "")
        return response

    def _form(
        self, request: Request, back: str, login: str = "", problem: str = "", status: int = 200
    ) -> Response:
        from assistant.storage.accounts import IDLE

        try:
            create_account = "" if self._accounts.all() else CREATE_ACCOUNT
        except StorageError as error:
            return _unavailable(self._site, request, error)
        return self._site.page(
            request,
            "agents_sign_in.html",
            title="Connexion à l’espace agents",
            status=status,
            back=back,
            login=login,
            problem=problem,
            left=request.query_params.get("sortie") == "1",
            create_account=create_account,
            sign_in=SIGN_IN,
            idle_hours=int(IDLE.total_seconds()) // 3600,
        )


def _text(value: object) -> str:
    """Return a field of a form; one beyond what the page sends is as good as none."""
    return value if isinstance(value, str) and len(value) <= LONGEST_FIELD else ""


def _unavailable(site: Site, request: Request, error: StorageError) -> Response:
    return site.page(
        request,
        "agents_closed.html",
        title="Espace agents indisponible",
        status=503,
        text=str(error),
        command="",
    )


def _give(response: Response, request: Request, token: str) -> None:
    """Give a session to the browser, or take it back when ``token`` is empty."""
    from assistant.storage.accounts import LIFETIME

    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()) if token else 0,
        path=linker(request)(ROOT),
        secure="https" in (request.url.scheme, forwarded),
        httponly=True,
        samesite="lax",
    )


def bar(account: AccountView, here: str) -> dict[str, object]:
    """Return what the bar of the desk shows above its pages (``agents_bar.html``): who is there, and where to go."""
    places: Sequence[tuple[str, str]] = [(f"{ROOT}/", "Demandes")]
    if account.role is Role.MANAGER:
        places = [*places, (f"{ROOT}/chiffres", "Chiffres")]
    return {"account": account, "places": places, "place": here, "sign_out": SIGN_OUT}
