"""The words of the programme, with what they mean and who says it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from fastapi import APIRouter, Request, Response

from assistant.web.site import Site, linker
from assistant.web.sources.finding import MAX_QUERY, find_terms
from assistant.web.terms import Entry, entries, link_terms


def router(site: Site) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()

    @pages.get("/glossaire")
    def show(request: Request) -> Response:
        query = " ".join(request.query_params.get("q", "").split())
        too_long = len(query) > MAX_QUERY
        link = linker(request)
        found = () if too_long else find_terms(query) if query else entries()
        return site.page(
            request,
            "glossary.html",
            title="Glossaire",
            status=422 if too_long else 200,
            query=query[:MAX_QUERY],
            length=len(query),
            max_query=MAX_QUERY,
            too_long=too_long,
            found=found,
            shown={entry.slug: link_terms(entry.term.definition, link, {entry.slug}) for entry in found},
            library=site.shelf.library(),
            letters=[] if query else _by_letter(found),
        )

    return pages


def _by_letter(found: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    return [(letter, list(group)) for letter, group in groupby(found, key=lambda entry: entry.letter)]
