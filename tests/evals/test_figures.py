"""Figures are read whatever their form, and a support holds only what it gives."""

import pytest

from evals.figures import Figure, FigureKind, Support, find_figures
from evals.number_words import number_to_words, words_to_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le 1er juin 2025", [("date", "2025-06-01")]),
        ("Le 15\u00a0septembre", [("date", "09-15")]),
        ("en septembre 2025", [("date", "2025-09")]),
        ("15/09/2025 ou 2025-09-15", [("date", "2025-09-15")] * 2),
        ("76,5\u00a0M€", [("montant", "76500000")]),
        ("12,7 millions d’euros", [("montant", "12700000")]),
        ("de 2 000 à 21 200 €", [("montant", "21200"), ("nombre", "2000")]),
        ("30 %", [("pourcentage", "30")]),
        ("l’instruction DNS/CNSA/2025/40", [("référence", "dns/cnsa/2025/40")]),
        ("L. 312-1 et D.312-6", [("référence", "l312-1"), ("référence", "d312-6")]),
        ("https://www.cnsa.fr/aide, puis", [("adresse web", "cnsa.fr/aide")]),
        ("contact@ars.sante.fr", [("courriel", "contact@ars.sante.fr")]),
        ("01 53 91 28 00", [("téléphone", "0153912800")]),
        ("quinze ESSMS, deux voies", [("nombre", "15")]),
        ("de 2022 à 2025", [("nombre", "2022"), ("nombre", "2025")]),
        ("2021-2025", [("nombre", "2021"), ("nombre", "2025")]),
        ("le temps 1", [("référence", "t1")]),
    ],
)
def test_a_figure_is_read_in_its_form(text, expected):
    assert [(figure.kind.value, figure.value) for figure in find_figures(text)] == expected


def figure(text):
    (found,) = find_figures(text)
    return found


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("15 septembre", "le 15 septembre 2025"),
        ("septembre 2025", "le 15/09/2025"),
        ("15 septembre 2025", "En 2025, la clôture est le 15 septembre"),
        ("2025", "le 15 septembre 2025"),
        ("2 000", "2 000 €"),
        ("15", "au moins quinze ESSMS"),
        ("2025/40", "instruction DNS/CNSA/2025/40"),
        ("76,5 M€", "76 500 000 euros"),
    ],
)
def test_a_support_gives_a_figure_in_another_form(claim, support):
    assert Support.of("extrait", support).holds(figure(claim))


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("15 septembre 2024", "le 15 septembre 2025"),
        ("16 septembre", "le 15 septembre 2025"),
        ("76 M€", "76,5 M€"),
        ("15 %", "15 ESSMS"),
        ("15", "115 ESSMS et 1,5 M€"),
        ("2025/4", "2025/40"),
    ],
)
def test_a_support_does_not_give_a_near_figure(claim, support):
    assert not Support.of("extrait", support).holds(figure(claim))


def test_values_of_rules_have_no_unit():
    assert Support.of("règle", "76.5 | 0.3", bare=True).holds(figure("76,5 M€"))
    assert Support.of("règle", "0.3", bare=True).holds(Figure(FigureKind.PERCENT, "30", "30 %"))
    assert not Support.of("extrait", "76,5").holds(figure("76,5 M€"))


def test_numbers_go_to_words_and_back():
    assert all(words_to_number(number_to_words(number)) == number for number in range(2, 100))
    assert words_to_number("trois cent quatre-vingt-dix-neuf") == 399
    assert words_to_number("deux trois") is None
    with pytest.raises(ValueError, match="100"):
        number_to_words(100)
