"""What a PDF would do if it were opened by a viewer: nothing of it is run or extracted here, it is only told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.loaders.pdf_limits import MAX_ANNOTATIONS

_SCRIPT, _FILE, _ACTION = "du JavaScript", "des fichiers joints", "une action automatique"
_KINDS = (_SCRIPT, _FILE, _ACTION)  # in the order they are told
_WARY_ACTIONS = {
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/GoToR",
    "/Rendition",
    "/Movie",
    "/Sound",
}
_STEPS = 20  # actions that follow one another


def active_content(reader: Any) -> tuple[str, ...]:
    """Return the notice on the scripts, files and actions that a document holds, if it holds any."""
    found: set[str] = set()
    for part in _parts(reader, found):
        try:
            found.update(part)
        except Exception:  # what is broken is not run either
            continue
        if len(found) == len(_KINDS):
            break
    told = [kind for kind in _KINDS if kind in found]
    if not told:
        return ()
    listed = " et ".join(part for part in (", ".join(told[:-1]), told[-1]) if part)
    return (f"Ce PDF contient {listed} : rien n’en a été exécuté ni lu.",)


def _parts(reader: Any, found: set[str]) -> Iterator[Iterator[str]]:
    yield _in_catalog(reader)
    left = MAX_ANNOTATIONS
    for page in reader.pages:
        annotations = page.get("/Annots")
        if annotations is not None:
            annotations = annotations.get_object()
        annotations = annotations if isinstance(annotations, list) else []
        left -= len(annotations)
        if left < 0 or len(found) == len(_KINDS):
            return
        yield _in_page(page, annotations)


def _in_catalog(reader: Any) -> Iterator[str]:
    catalog = reader.trailer["/Root"].get_object()
    if "/OpenAction" in catalog:
        yield from _in_action(catalog["/OpenAction"], automatic=True)
    if "/AA" in catalog:
        yield from _in_actions(catalog["/AA"])
    names = catalog.get("/Names")
    names = names.get_object() if names is not None else {}
    if "/EmbeddedFiles" in names or "/AF" in catalog or "/Collection" in catalog:
        yield _FILE
    if "/JavaScript" in names:
        yield _SCRIPT
    form = catalog.get("/AcroForm")
    form = form.get_object() if form is not None else {}
    if form.get("/CO"):
        yield _SCRIPT


def _in_page(page: Any, annotations: list[Any]) -> Iterator[str]:
    if "/AA" in page:
        yield from _in_actions(page["/AA"])
    for reference in annotations:
        annotation = reference.get_object()
        if not isinstance(annotation, dict):
            continue
        if annotation.get("/Subtype") == "/FileAttachment":
            yield _FILE
        if "/A" in annotation:
            yield from _in_action(annotation["/A"], automatic=False)
        if "/AA" in annotation:
            yield from _in_actions(annotation["/AA"])


def _in_actions(actions: Any) -> Iterator[str]:
    for key in actions:
        yield from _in_action(actions[key], automatic=True)


def _in_action(action: Any, *, automatic: bool) -> Iterator[str]:
    """Yield what an action and those that follow it would do; to open a page is no harm."""
    for _ in range(_STEPS):
        if not isinstance(action, dict):
            return
        kind = action.get("/S")
        if kind == "/JavaScript":
            yield _SCRIPT
        if kind in _WARY_ACTIONS or (automatic and kind not in ("/GoTo", "/Named", "/JavaScript", None)):
            yield _ACTION
        if automatic and kind == "/JavaScript":
            yield _ACTION
        action = action.get("/Next")
        action = action.get_object() if action is not None else None
        action = action[0].get_object() if isinstance(action, list) and action else action
