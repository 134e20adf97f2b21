"""The calls by campaign and track, as a timeline, a table and a file for a diary."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.rules.deadline import VOIES
from assistant.web.calendar.file import find_days, write_diary
from assistant.web.calendar.filters import FilterError, Filters, read_filters, years
from assistant.web.calendar.view import build_view
from assistant.web.site import Site

_NO_DAY = (
    "Aucune date de cette sélection n’est connue au jour près\u00a0: il n’y a rien à mettre dans un agenda. "
    "Consultez le calendrier, ou choisissez une autre campagne."
)


def router(site: Site) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/calendrier")
    def show(request: Request) -> Response:
        try:
            filters = _filters(request, site)
        except FilterError as error:
            return _page(request, site, error=str(error), status=error.status)
        view = build_view(filters, site.clock(), site.parameters, site.sources)
        return _page(request, site, filters=filters, view=view)

    @pages.get("/calendrier.ics")
    def download(request: Request) -> Response:
        try:
            filters = _filters(request, site)
            days = find_days(
                filters.codes(site.parameters), filters.voies, site.parameters, filters.echeances
            )
            if not days:
                raise FilterError(_NO_DAY, 404)
        except FilterError as error:
            return _page(request, site, error=str(error), status=error.status)
        name = " – ".join(part for part in ("ESMS numérique", filters.label) if part)
        diary = write_diary(days, name, site.clock(), site.parameters, site.sources)
        headers = {
            "Content-Disposition": f'attachment; filename="{filters.filename}"',
            "Cache-Control": "no-cache",
        }
        return Response(diary, media_type="text/calendar; charset=utf-8", headers=headers)

    return pages


def _filters(request: Request, site: Site) -> Filters:
    query = request.query_params
    return read_filters({name: query.getlist(name) for name in query}, site.parameters)


def _page(
    request: Request,
    site: Site,
    *,
    filters: Filters | None = None,
    view: object = None,
    error: str = "",
    status: int = 200,
) -> Response:
    """Return the page; a filter that means nothing leaves its message and the form alone."""
    return site.page(
        request,
        "calendar.html",
        title="Calendrier",
        status=status,
        filters=filters or Filters(),
        view=view,
        error=error,
        years=years(site.parameters),
        voies=VOIES,
    )
