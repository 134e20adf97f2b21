"""Spaces as French prints them."""

from __future__ import annotations

import pytest

from assistant.composing.french import cap, low, typeset

WIDE = "\u00a0"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Réserve : à confirmer ; voir l’ARS", "Réserve~: à confirmer~; voir l’ARS"),
        ("Combien ? Oui !", "Combien~? Oui~!"),
        ("la fiche « Dates » dit", "la fiche «~Dates~» dit"),
        ("déjà\u00a0: fait", "déjà~: fait"),
        # An address, a time and a ratio without spaces hold none.
        ("https://example.org/a?b=1&c=2;d!e", "https://example.org/a?b=1&c=2;d!e"),
        ("à 10:30, soit 23 h 59", "à 10:30, soit 23 h 59"),
        # Spaces that open a text belong to what comes before it.
        (" : suite", " : suite"),
        ("", ""),
    ],
)
def test_only_loose_spaces_become_no_break_ones(written, printed):
    assert typeset(written) == printed.replace("~", WIDE)
    assert typeset(typeset(written)) == typeset(written)


def test_initials():
    assert (cap("établi le"), cap("")) == ("Établi le", "")
    assert (low("Voie régionale"), low("ESMS numérique"), low("")) == ("voie régionale", "ESMS numérique", "")
