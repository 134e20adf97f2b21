"""The terms of the glossary: how each is written, where it is defined, and its first mention linked in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from assistant.composing.french import typeset
from corpus.documents import plain_words
from corpus.glossary import Term, load_glossary

_ACRONYM = re.compile(r"[A-ZÀ-Ý][\w’.-]*")
_END_OF_WORD = re.compile(r"(?<=[^\W\d_]{4})(?<![sx])(?![^\W\d_])")  # that may take the mark of the plural


@dataclass(frozen=True)
class Entry:
    """A term of the glossary: the name it is sorted by, its other written forms, and its anchor on the page."""

    slug: str
    name: str
    others: tuple[str, ...]
    term: Term

    @property
    def letter(self) -> str:
        """The letter it is listed under."""
        return plain_words(self.name)[:1].upper()


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Return every term of the glossary, in alphabetical order."""
    made: dict[str, Entry] = {}
    for term in load_glossary():
        first = term.abbreviations[0] if term.abbreviations else term.term
        slug = plain_words(first)
        if slug in made:
            slug = plain_words(term.term)
        name = first if _is_acronym(first) else term.term
        others = tuple(form for form in dict.fromkeys((term.term, *term.abbreviations)) if form != name)
        made[slug] = Entry(slug, name, others, term)
    return tuple(sorted(made.values(), key=lambda entry: plain_words(entry.name)))


@lru_cache(maxsize=1)
def terms() -> tuple[tuple[str, str, str], ...]:
    """Return (written form, anchor, definition) for each acronym and each term of several words, longest first."""
    forms = [
        (form, entry.slug, entry.term.definition)
        for entry in entries()
        for form in (entry.name, *entry.others)
        if len(form) > 1 and (_is_acronym(form) or " " in form) and "(" not in form
    ]
    return tuple(sorted(forms, key=lambda row: -len(row[0])))


def link_terms(
    text: str,
    link: Callable[[str], str],
    seen: set[str] | None = None,
    *,
    attribute: str = "data-definition",
) -> Markup:
    """Return a plain text as HTML, the first mention of each term linked to its definition.

    Args:
        text: Plain text; it is escaped.
        link: Makes the address of a path of the site.
        seen: Anchors of the terms that are not to be linked (any more); those linked here are added.
        attribute: The attribute of the link that holds the definition.
    """
    known = terms()
    seen = set() if seen is None else seen
    parts, end = [], 0
    for start, stop, rank in _mentions(text):
        _, slug, definition = known[rank]
        if slug in seen:
            continue
        seen.add(slug)
        parts += [
            escape(text[end:start]),
            Markup('<a class="term" href="{}" {}="{}">{}</a>').format(
                link(f"/glossaire#{slug}"), attribute, typeset(definition), text[start:stop]
            ),
        ]
        end = stop
    return Markup("").join((*parts, escape(text[end:])))


@lru_cache(maxsize=1024)
def _mentions(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return where terms stand in a text, first and last character (excluded), each with its rank in :func:`terms`."""
    return tuple(
        (match.start(), match.end(), (match.lastindex or 1) - 1) for match in _any_term().finditer(text)
    )


@lru_cache(maxsize=1)
def _any_term() -> re.Pattern[str]:
    forms = "|".join(f"({_form_pattern(form)})" for form, _, _ in terms())
    return re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])")


def _form_pattern(form: str) -> str:
    """Return the pattern of a form: an acronym or a name as it is, other words whatever their case and number."""
    pattern = re.escape(form).replace("’", "['’]").replace(r"\ ", r"\s+")
    if any(sign.isupper() for sign in form):
        return pattern
    return f"(?i:{_END_OF_WORD.sub('s?', pattern)})"


def _is_acronym(form: str) -> bool:
    strong = sum(sign.isupper() or sign.isdigit() for sign in form)
    return strong > 1 and _ACRONYM.fullmatch(form) is not None
