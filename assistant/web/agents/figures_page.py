"""The figures of the desk over a period, for its manager: counts, delays and corrections, never by person."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.composing.french import say_day
from assistant.errors import StorageError
from assistant.storage.figures import Figures, as_csv, figures, rows_of
from assistant.storage.lacks import Lack, lacking
from assistant.storage.lacks import as_csv as lacks_as_csv
from assistant.storage.themes import label
from assistant.storage.views import AccountView, Role
from assistant.web.agents.access import ROOT, SIGN_IN, account_of, bar
from assistant.web.site import Site, linker

if TYPE_CHECKING:
    from fastapi import APIRouter

    from assistant.storage.database import Database

FIGURES = f"{ROOT}/chiffres"
DEFAULT_DAYS = 90
PRESETS = ((30, "30 derniers jours"), (90, "3 derniers mois"), (365, "12 derniers mois"))
SHOWN_LACKS = 20  # by theme; the file has them all

_FORBIDDEN = (
    "Les chiffres de l’espace agents sont réservés aux comptes de responsable. Si vous devez les consulter, demandez ce "
    "rôle à la personne qui administre cet assistant."
)
# Headings whose rows are parts of a whole, drawn as bars; the others are single figures.
_COUNTED = (
    "Demandes par thème",
    "Demandes par risque",
    "Demandes par statut",
    "Questions sans réponse par thème",
)
_BY_WEEK = ("Reçues par semaine", "Dont envoyées, par semaine de réception")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class PeriodError(Exception):
    """A period that means nothing; the message says why and what is expected."""


@dataclass(frozen=True)
class Period:
    """Both days are in it; ``None`` is without a limit."""

    since: date | None
    until: date | None

    @property
    def query(self) -> str:
        """The period as the parameters of an address."""
        return urlencode({"du": self.since or "", "au": self.until or ""})

    @property
    def words(self) -> str:
        """The period as it is said."""
        if self.since and self.until:
            return f"du {say_day(self.since)} au {say_day(self.until)}"
        if self.since:
            return f"depuis le {say_day(self.since)}"
        return f"jusqu’au {say_day(self.until)}" if self.until else "depuis l’ouverture de l’espace agents"


@dataclass(frozen=True)
class Bar:
    """A row of a table: ``share`` is the length of its bar, out of 100."""

    name: str
    value: int
    share: float


@dataclass(frozen=True)
class Table:
    """A table of counts, drawn as bars."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class WeekRow:
    """A week, with the lengths of its two bars out of 100."""

    monday: date
    requests: int
    sent: int
    requests_share: float
    sent_share: float


def router(site: Site, database: Database) -> APIRouter:
    """Return the page of the figures and its two files."""
    from fastapi import APIRouter

    pages, manager = APIRouter(), _Manager(site, database)
    pages.add_api_route(FIGURES, manager.show, methods=["GET"])
    pages.add_api_route(f"{FIGURES}.csv", manager.figures_file, methods=["GET"])
    pages.add_api_route(f"{FIGURES}/manques.csv", manager.lacks_file, methods=["GET"])
    return pages


class _Manager:
    """What the manager reads."""

    def __init__(self, site: Site, database: Database) -> None:
        self._site = site
        self._database = database

    def show(self, request: Request) -> Response:
        return self._for_manager(request, lambda account, period: self._page(request, account, period))

    def figures_file(self, request: Request) -> Response:
        def make(_: AccountView, period: Period) -> Response:
            return _table("chiffres.csv", as_csv(figures(self._database, period.since, period.until)))

        return self._for_manager(request, make)

    def lacks_file(self, request: Request) -> Response:
        def make(_: AccountView, period: Period) -> Response:
            return _table("manques.csv", lacks_as_csv(lacking(self._database, period.since, period.until)))

        return self._for_manager(request, make)

    def _for_manager(self, request: Request, make: Callable[[AccountView, Period], Response]) -> Response:
        """Return what is made of the period asked for; the page, with the reason, when it means nothing."""
        account = account_of(request)
        if account is None:
            return RedirectResponse(linker(request)(SIGN_IN), 303)
        if account.role is not Role.MANAGER:
            return self._closed(request, account, "Accès réservé aux responsables", _FORBIDDEN, 403)
        try:
            return make(account, _asked(request, self._site.clock()))
        except PeriodError as error:
            return self._page(request, account, _default(self._site.clock()), str(error), 422)
        except StorageError as error:
            return self._closed(request, account, "Chiffres indisponibles", str(error), 503)

    def _page(
        self, request: Request, account: AccountView, period: Period, problem: str = "", status: int = 200
    ) -> Response:
        found = figures(self._database, period.since, period.until)
        report = lacking(self._database, period.since, period.until)
        return self._site.page(
            request,
            "agents_figures.html",
            title="Chiffres de l’espace agents",
            status=status,
            period=period,
            problem=problem,
            presets=presets(self._site.clock()),
            found=found,
            singles=singles(found),
            tables=tables(found),
            weeks=week_rows(found),
            lacks=shown_lacks(report.themes),
            lacking=report.questions,
            shown_lacks=SHOWN_LACKS,
            figures_path=FIGURES,
            **bar(account, FIGURES),
        )

    def _closed(self, request: Request, account: AccountView, title: str, text: str, status: int) -> Response:
        more = bar(account, FIGURES)
        return self._site.page(
            request, "agents_closed.html", title=title, status=status, text=text, command="", **more
        )


def _table(name: str, content: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # The mark of UTF-8 is what a spreadsheet needs to read the accents.
    return Response("\ufeff" + content, media_type="text/csv; charset=utf-8", headers=headers)


def _default(today: date) -> Period:
    return Period(today - timedelta(days=DEFAULT_DAYS - 1), today)


def _asked(request: Request, today: date) -> Period:
    """Return the period of the parameters ``du`` and ``au``: the last months when none is given, all when both are empty.

    Raises:
        PeriodError: A day is none, or the period ends before it begins.
    """
    query = request.query_params
    if "du" not in query and "au" not in query:
        return _default(today)
    since, until = _day("Du", query.get("du", "")), _day("Au", query.get("au", ""))
    if since and until and since > until:
        raise PeriodError(
            f"La période commence le {say_day(since)} et finit le {say_day(until)}\u00a0: choisissez un début qui précède la "
            "fin."
        )
    return Period(since, until)


def _day(field: str, written: str) -> date | None:
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip() if _DAY.fullmatch(written.strip()) else "")
    except ValueError:
        raise PeriodError(
            f"La date du champ «\u00a0{field}\u00a0» ne se lit pas\u00a0: écrivez-la sous la forme AAAA-MM-JJ, ou laissez le "
            "champ vide."
        ) from None


def presets(today: date) -> list[tuple[str, str]]:
    """Return the usual periods, as (parameters, name)."""
    usual = [(Period(today - timedelta(days=days - 1), today).query, name) for days, name in PRESETS]
    return [*usual, (Period(None, None).query, "Depuis l’ouverture")]


def singles(found: Figures) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the figures that stand alone, by heading, as (name, value)."""
    rows = [row for row in rows_of(found) if row[0] not in (*_COUNTED, *_BY_WEEK)]
    return [
        (heading, [(name, value) for _, name, value in group])
        for heading, group in groupby(rows, lambda row: row[0])
    ]


def tables(found: Figures) -> list[Table]:
    """Return the counts that are parts of a whole, in order, those that count nothing left out."""
    rows = [row for row in rows_of(found) if row[0] in _COUNTED]
    made = []
    for heading, group in groupby(rows, lambda row: row[0]):
        counts = [(name, int(value)) for _, name, value in group]
        longest = max(count for _, count in counts)
        if longest:
            made.append(
                Table(heading, tuple(Bar(name, count, _share(count, longest)) for name, count in counts))
            )
    return made


def week_rows(found: Figures) -> list[WeekRow]:
    """Return the weeks, each with the lengths of its bars."""
    longest = max((week.requests for week in found.weeks), default=0)
    return [
        WeekRow(
            week.monday,
            week.requests,
            week.sent,
            _share(week.requests, longest),
            _share(week.sent, longest),
        )
        for week in found.weeks
    ]


def _share(count: int, longest: int) -> float:
    return round(100 * count / longest, 1) if longest else 0.0


def shown_lacks(themes: dict[str, tuple[Lack, ...]]) -> list[tuple[str, int, Sequence[Lack]]]:
    """Return (theme, how many questions, the most asked of them)."""
    return [
        (label(theme), sum(lack.count for lack in lacks), lacks[:SHOWN_LACKS])
        for theme, lacks in themes.items()
    ]
