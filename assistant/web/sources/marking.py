"""Where an excerpt stands in a text, and the text as HTML with the excerpt marked."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from corpus.loaders.rasterise import find


def quoted(text: str, excerpt: str) -> tuple[int, int] | None:
    """Return where an excerpt stands in a text, whatever its spaces and case; a short text must be it whole."""
    if not excerpt:
        return None
    if " ".join(text.split()) == " ".join(excerpt.split()):
        return 0, len(text)
    return find(text, excerpt)


def mark_span(
    text: str, span: tuple[int, int] | None, render: Callable[[str], Markup], anchor: str = ""
) -> Markup:
    """Return a text as HTML by ``render``, the characters of the span marked (and not passed to it), with an anchor."""
    if span is None:
        return render(text)
    opening = Markup('<mark id="{}">').format(anchor) if anchor else Markup("<mark>")
    held = opening + text[slice(*span)] + Markup("</mark>")
    return render(text[: span[0]]) + held + render(text[span[1] :])
