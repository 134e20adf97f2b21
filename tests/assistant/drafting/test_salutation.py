"""How to address whoever wrote: by what they say of themselves, and nothing else."""

from __future__ import annotations

import pytest

from assistant.drafting.message import Address
from assistant.drafting.salutation import NEUTRAL, salutation


@pytest.mark.parametrize(
    ("name", "signature", "expected"),
    [
        ("", "Mme Exemple\nDirectrice\nEHPAD d’exemple", "Madame la Directrice"),
        ("", "M. Exemple, directeur général", "Monsieur le Directeur général"),
        ("", "Madame Exemple", "Madame"),
        ("Mme Exemple", "", "Madame"),
        ("Monsieur Exemple", "Responsable informatique", "Monsieur"),
        ("", "Prénom NOM\nPrésidente", "Madame la Présidente"),
        ("", "Prénom NOM\nDirecteur adjoint", "Monsieur le Directeur adjoint"),
        ("", "Prénom NOM\nChargée de mission", "Madame"),
        ("Dr NOM", "Médecin coordonnateur", "Docteur"),
        ("Claire NOM", "Claire NOM\nResponsable qualité", NEUTRAL),
        ("Direction", "La direction de l’EHPAD d’exemple", NEUTRAL),
        ("", "", NEUTRAL),
        ("", "Mme Exemple et M. Modèle", NEUTRAL),
        ("M. Exemple", "Assistant de la directrice", "Monsieur"),
    ],
)
def test_the_salutation_fits_the_title_and_the_civility_given(
    name: str, signature: str, expected: str
) -> None:
    sender = Address(name, "contact@example.org") if name else None
    assert salutation(sender, signature) == expected


def test_what_comes_far_under_a_signature_is_no_title() -> None:
    far = "\n".join(
        [
            "Prénom NOM",
            "Accueil",
            "1 rue d’Exemple",
            "Tél. 01 99 00 12 34",
            "Directrice de la publication : X",
        ]
    )
    assert salutation(None, far) == NEUTRAL
