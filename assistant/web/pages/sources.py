"""What the assistant reads: sources, fiches and added documents, found, listed and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from markupsafe import Markup

from assistant.composing.french import join
from assistant.web.site import Site, linker
from assistant.web.sources.fiches import anchor_of, statement_path
from assistant.web.sources.finding import KINDS, MAX_QUERY, Results, Search, browse, find_all, read_wanted
from assistant.web.sources.library import (
    GRADE_MEANINGS,
    NATURES,
    READ_LABELS,
    Library,
    Sheet,
    source_years,
)
from assistant.web.sources.marking import mark_span, quoted
from assistant.web.sources.reading import Group, Part, groups_of, part_with, parts_of
from assistant.web.sources.words import place_name, say_scope, say_years
from assistant.web.terms import link_terms
from corpus.documents import DocumentRecord, document_path, load_content
from corpus.errors import DocumentError
from corpus.fiches import Nature
from corpus.page_views import PageBusyError, PageView, has_page, is_viewable, page_image, page_view
from corpus.sources import GRADE_LABELS

MAX_EXCERPT = 400
MAX_DOCUMENTS = 200  # listed at once
LONG_FICHE = 4  # sections from which a table of contents helps

_HERE = "/sources"  # the entry of the navigation that all these pages belong to
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_ADDRESS = "Vérifiez l’adresse, ou cherchez parmi les sources."


def router(site: Site, search: Search) -> APIRouter:
    """Return the routes; ``search`` finds the passages nearest to some words."""
    pages = APIRouter()

    @pages.get("/sources")
    def show_list(request: Request) -> Response:
        return _list(site, request, search, site.shelf.library())

    @pages.get("/fiches")
    def show_fiches(request: Request) -> Response:
        return RedirectResponse(linker(request)("/sources?type=fiche"), 303)

    @pages.get("/fiches/{identifier:path}")
    def show_fiche(request: Request, identifier: str) -> Response:
        return _fiche(site, request, site.shelf.library(), identifier)

    @pages.get("/documents/{identifier}/pages/{page}.png")
    def show_page(identifier: str, page: str) -> Response:
        return _page_image(site.shelf.library(), identifier, page)

    @pages.get("/documents/{identifier:path}")
    def show_document(request: Request, identifier: str) -> Response:
        library = site.shelf.library()
        return _source(site, request, library, identifier if identifier in library.records else "")

    @pages.get("/sources/{identifier:path}")
    def show_source(request: Request, identifier: str) -> Response:
        return _source(site, request, site.shelf.library(), identifier)

    return pages


def _list(site: Site, request: Request, search: Search, library: Library) -> Response:
    wanted, problems = read_wanted(request.query_params, library)
    results = Results((), (), ())
    if not problems:
        results = find_all(wanted, library, search) if wanted.query else browse(wanted, library)
    documents = [source for source, _ in results.sources if source.id in library.records]
    documents.sort(key=lambda source: source.accessed, reverse=True)
    is_search = bool(wanted.query) and not problems
    title = f"Sources\u00a0: «\u00a0{_short(wanted.query)}\u00a0»" if is_search else "Sources"
    return site.page(
        request,
        "sources.html",
        title=title,
        status=422 if problems else 200,
        wanted=wanted,
        problems=problems,
        results=results,
        counts=_counts(results),
        documents=documents,
        max_documents=MAX_DOCUMENTS,
        by_grade=[
            (
                grade,
                [one for one, _ in results.sources if one.grade == grade and one.id not in library.records],
            )
            for grade in GRADE_LABELS
        ],
        library=library,
        kinds=KINDS,
        grades=GRADE_LABELS,
        meanings=GRADE_MEANINGS,
        max_query=MAX_QUERY,
        say_years=say_years,
        source_years=source_years,
    )


def _counts(results: Results) -> str:
    """Return « 25 passages, 3 sources et 1 fiche », without what there is none of."""
    counted = (
        (len(results.passages), "passage"),
        (len(results.sources), "source"),
        (len(results.fiches), "fiche"),
    )
    return join([f"{count} {noun}{'s' if count > 1 else ''}" for count, noun in counted if count])


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


def _missing(
    site: Site,
    request: Request,
    title: str,
    text: str,
    back: str = "/sources",
    label: str = "Voir les sources",
) -> Response:
    back = linker(request)(back)
    return site.page(
        request,
        "sources_missing.html",
        title=title,
        here=_HERE,
        text=text,
        back=back,
        back_label=label,
        status=404,
    )


# A source or a document


def _source(site: Site, request: Request, library: Library, identifier: str) -> Response:
    sheet = library.sheet(identifier)
    if sheet is None:
        return _missing(
            site, request, "Source introuvable", f"Aucune source lue n’est à cette adresse. {_ADDRESS}"
        )
    excerpt = " ".join(request.query_params.get("extrait", "")[:MAX_EXCERPT].split())
    text, trouble = None, ""
    if sheet.record is not None:
        try:
            text = _text(request, sheet.record, excerpt)
        except DocumentError as error:
            trouble = str(error)
        if text is None and not trouble:
            return _missing(
                site,
                request,
                "Page introuvable",
                f"Le document «\u00a0{sheet.source.title}\u00a0» n’a pas de page à ce numéro.",
                library.path(sheet.source),
                "Ouvrir le document",
            )
    statements, found = _statements(request, sheet, excerpt)
    return site.page(
        request,
        "source.html",
        title=sheet.source.title,
        here=_HERE,
        sheet=sheet,
        statements=statements,
        excerpt=excerpt,
        is_found=found or (text is not None and text.is_found),
        text=text,
        trouble=trouble,
        library=library,
        meanings=GRADE_MEANINGS,
        read_labels=READ_LABELS,
        place_name=place_name,
        say_years=say_years,
        statement_path=statement_path,
    )


def _statements(request: Request, sheet: Sheet, excerpt: str) -> tuple[dict[str, Markup], bool]:
    """Return the HTML of each statement and definition that cites a source, and whether one holds the excerpt."""
    link = linker(request)
    shown: dict[str, Markup] = {}
    anchor = "extrait"
    groups = [[(one.id, one.text) for one in group] for _, group in sheet.fiches]
    groups.append([(entry.slug, entry.term.definition) for entry in sheet.entries])
    for group in groups:
        seen: set[str] = set()
        render = partial(link_terms, link=link, seen=seen)
        for key, text in group:
            span = quoted(text, excerpt) if anchor else None
            shown[key] = mark_span(text, span, render, anchor)
            anchor = "" if span else anchor
    return shown, not anchor


@dataclass(frozen=True)
class Text:
    """What is shown of the text of a document: one page or part, the others to go to, the image of the page.

    ``unit`` names what the parts are; ``trouble`` says why there is no image of a page that should have one.
    """

    unit: str
    part: Part
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    is_found: bool
    view: PageView | None
    trouble: str


def _text(request: Request, record: DocumentRecord, excerpt: str) -> Text | None:
    """Return what is shown of the text of a document; ``None`` when it has no page of the number asked for.

    Raises:
        DocumentError: The file is missing, changed or unreadable.
    """
    parts = parts_of(load_content(record))
    asked = request.query_params.get("page", "")
    number = int(asked) if _NUMBER.fullmatch(asked) else 0
    if not asked:
        number = part_with(parts, excerpt) or 1
    if not 1 <= number <= len(parts):
        return None
    seen: set[str] = set()
    render = partial(link_terms, link=linker(request), seen=seen)
    groups, is_found = groups_of(parts[number - 1], excerpt, render)
    view, trouble = None, ""
    if has_page(record, number):
        try:
            view = page_view(record, number, excerpt)
        except DocumentError as error:
            trouble = str(error)
    unit = "Page" if is_viewable(record) else "Partie"
    return Text(unit, parts[number - 1], parts, groups, is_found, view, trouble)


def _page_image(library: Library, identifier: str, page: str) -> Response:
    record = library.records.get(identifier)
    if record is None:
        return _refused(404, "Aucun document ajouté ne porte cet identifiant.")
    if not is_viewable(record):
        return _refused(
            404,
            "Ce document n’est pas un PDF\u00a0: ses pages ne peuvent pas être montrées. Lisez son texte.",
        )
    if not _NUMBER.fullmatch(page) or not has_page(record, int(page)):
        return _refused(
            404, f"Ce document n’a pas de page à ce numéro\u00a0: ses pages vont de 1 à {record.pages}."
        )
    try:
        document_path(record)
    except DocumentError as error:
        return _refused(404, str(error))
    try:
        image = page_image(record, int(page))
    except PageBusyError as error:
        return _refused(503, str(error))
    except DocumentError as error:
        return _refused(422, str(error))
    return Response(image, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def _refused(status: int, text: str) -> Response:
    return PlainTextResponse(text, status)


# A fiche


def _fiche(site: Site, request: Request, library: Library, identifier: str) -> Response:
    fiche = library.fiches.get(identifier)
    if fiche is None:
        return _missing(site, request, "Fiche introuvable", f"Aucune fiche n’est à cette adresse. {_ADDRESS}")
    link = linker(request)
    shown = {}
    for section in fiche.sections:
        seen: set[str] = set()
        for statement in section.statements:
            shown[statement.id] = link_terms(statement.text, link, seen)
    return site.page(
        request,
        "fiche.html",
        title=fiche.title,
        here=_HERE,
        fiche=fiche,
        shown=shown,
        library=library,
        has_contents=len(fiche.sections) >= LONG_FICHE,
        natures=NATURES,
        fait=Nature.FAIT,
        anchor_of=anchor_of,
        say_scope=say_scope,
    )
