"""What the assistant is and is not, how it was measured, what is kept, and how accessible it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from fastapi import APIRouter, Request, Response

from assistant.composing.french import say_day
from assistant.feedback import KEPT_MONTHS, REASONS
from assistant.web.measures import Measure, Share, load_measures
from assistant.web.pages.embed import SCRIPT
from assistant.web.site import Site, linker, origin
from corpus.fiches import load_statements
from corpus.parameters import Parameters
from corpus.sources import Source, load_sources

STATED_ON = date(2026, 11, 26)  # the statement of accessibility
# Who answers what the assistant cannot: statements of the fiches, by id.
WHOM_TO_ASK = (
    "acteurs#pilotage-regional-et-appui-aux-porteurs-2",
    "acteurs#pilotage-regional-et-appui-aux-porteurs-3",
    "acteurs#contacts-et-pages-non-disponibles-1",
)
OFFICIAL_PAGES = ("depot-et-decision#depot-de-la-demande-6", "depot-et-decision#depot-de-la-demande-7")
WEAKEST = 4

_ADDRESS = re.compile(r"(https?://[^\s«»<>]+)")


@dataclass(frozen=True)
class Said:
    """A statement of the fiches: its words, each web address among them apart, and its sources."""

    pieces: tuple[str, ...]
    sources: tuple[Source, ...]


def router(site: Site) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/a-propos")
    def show(request: Request) -> Response:
        measures = load_measures()
        return site.page(
            request,
            "about.html",
            title="À propos",
            checked=say_checked(site.parameters),
            how_many_sources=len(load_sources()),
            measures=measures,
            weakest=weakest(measures.answers_by_type),
            percent=percent,
            between=between,
            reasons=REASONS,
            kept_months=KEPT_MONTHS,
            whom_to_ask=statements(WHOM_TO_ASK),
            official_pages=statements(OFFICIAL_PAGES),
            snippets=snippets(request),
        )

    @pages.get("/accessibilite")
    def declare(request: Request) -> Response:
        return site.page(
            request,
            "accessibility.html",
            title="Déclaration d’accessibilité",
            stated_on=STATED_ON,
        )

    return pages


def say_checked(parameters: Parameters) -> str:
    """Return when the figures of the rules were last checked against their sources, as « le 3 juin 2025 »."""
    days = sorted({parameter.last_checked for parameter in parameters.values()})
    if len(days) == 1:
        return f"le {say_day(days[0])}"
    return f"entre le {say_day(days[0])} et le {say_day(days[-1])}"


def weakest(measures: Sequence[Measure]) -> list[Measure]:
    """Return the kinds of questions answered worst, the worst first."""
    judged = [one for one in measures if one.share.percent is not None]
    return sorted(judged, key=lambda one: one.share.percent or 0)[:WEAKEST]


def percent(share: Share | None) -> str:
    """Return « 72,5 % », or « non mesuré »."""
    if share is None or share.percent is None:
        return "non mesuré"
    return f"{_decimal(share.percent)}\u00a0%"


def between(share: Share | None) -> str:
    """Return « de 63,9 à 79,7 », empty when nothing was judged."""
    if share is None or share.low is None or share.high is None:
        return ""
    return f"de {_decimal(share.low)} à {_decimal(share.high)}"


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


@lru_cache(maxsize=4)
def statements(ids: tuple[str, ...]) -> tuple[Said, ...]:
    """Return statements of the fiches in the order asked.

    An id is the place of a statement in its section: a fiche that is reordered gives it to another statement, which
    the tests of this page notice.

    Raises:
        KeyError: No statement has this id.
    """
    known = {statement.id: statement for statement in load_statements()}
    sources = load_sources()
    return tuple(
        Said(tuple(_ADDRESS.split(known[name].text)), tuple(sources[one] for one in known[name].sources))
        for name in ids
    )


def snippets(request: Request) -> dict[str, str]:
    """Return the lines that put the chat in another page, with the address by which this one was reached."""
    root = origin(request) + linker(request)("")
    return {
        "script": f'<script src="{root}{SCRIPT}" data-height="640" async></script>',
        "frame": f'<iframe src="{root}/?embed=1" title="Assistant ESMS numérique" width="100%" height="640" '
        'style="border: 0" loading="lazy" allow="clipboard-write"></iframe>',
        "origin": origin(request),
        "setting": "ASSISTANT_FRAME_ANCESTORS=https://intranet.example.org",
    }
