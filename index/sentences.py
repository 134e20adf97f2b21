"""Cut French prose into sentences without stumbling on abbreviations, references and figures."""

from __future__ import annotations

import re

# A full stop after these never ends a sentence by itself.
_ABBREVIATION_LIST = """
    M MM Mme Mlle Mmes Dr Drs Pr Prs Me St Ste art arts al ann p pp n no nos vol chap sect t
    cf ex env etc fig tab tél ref réf cad c-à-d i.e p.ex éd coll av bd janv févr avr juill sept oct nov déc
    R L D
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
_CLOSING_ABBREVIATIONS = frozenset({"etc"})

_CLOSERS = "»”\"')\\]\u00a0\u202f*_"
_BOUNDARY = re.compile(
    rf"(?P<mark>[.!?…]+)(?P<close>[{_CLOSERS} ]*?[»”\"')\]*_]|)(?P<gap>\s+)(?=(?P<next>\S))"
)
_BLOCK_END = re.compile(r"\n\s*\n|\n(?=\s*[-•*]\s)")
_OPENERS = "«“\"'([-–—•*_¿"
_LAST_WORD = re.compile(r"([^\s('’«“\"\[]+)$")


def _starts_sentence(text: str, position: int) -> bool:
    while position < len(text) and (text[position] in _OPENERS or text[position].isspace()):
        position += 1
    return position < len(text) and (text[position].isupper() or text[position].isdigit())


def _is_boundary(text: str, match: re.Match[str]) -> bool:
    if not _starts_sentence(text, match.end()):
        return False
    if match["mark"] != "." or match["close"]:
        return True
    word = _LAST_WORD.search(text, 0, match.start())
    if word is None:
        return True
    last = word[1]
    if last.lower() in _CLOSING_ABBREVIATIONS:
        return text[match.end()].isupper()
    if last in _ABBREVIATIONS or last.lower() in _ABBREVIATIONS:
        return False
    # A lone capital is an initial (« J. Dupont »); « A. » to « Z. » inside an enumeration read the same.
    return not (len(last) == 1 and last.isalpha() and last.isupper())


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return where each sentence of ``text`` starts and ends, blanks around it left out, in order.

    A full stop ends a sentence when what follows starts like one (capital or digit) and what precedes
    is not an abbreviation: « l’art. 3 », « p. 3 », « M. Dupont » and « n° 2025/40 » stay whole, while
    « en 2025. » and « une clé. » do end. Line breaks between blocks always separate.
    """
    spans = []
    start = 0
    for separator in [*_BLOCK_END.finditer(text), None]:
        end = len(text) if separator is None else separator.start()
        for match in _BOUNDARY.finditer(text, start, end):
            if _is_boundary(text, match):
                spans.append((start, match.start("gap")))
                start = match.end("gap")
        spans.append((start, end))
        start = end if separator is None else separator.end()
    return [stripped for span in spans if (stripped := strip_span(text, *span)) is not None]


def strip_span(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span without the blanks around it; ``None`` when nothing else is in it."""
    content = text[start:end]
    kept = content.strip()
    if not kept:
        return None
    start += len(content) - len(content.lstrip())
    return start, start + len(kept)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of ``text``, as :func:`sentence_spans` finds them.

    Example:
        >>> split_sentences("Le seuil est fixé à l’art. 3. En 2025. Voir p. 3 du guide.")
        ['Le seuil est fixé à l’art. 3.', 'En 2025.', 'Voir p. 3 du guide.']
    """
    return [text[start:end] for start, end in sentence_spans(text)]
