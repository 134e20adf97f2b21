"""What is sensitive is told from the contact details of every letter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.privacy.assessing import Concern, assess

SENDER = ("Claire Modelin <claire.modelin@example.org>", "instruction@ars.example.org")


def concerns(text, known=SENDER):
    return {finding.concern for finding in assess(text, known)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Son numéro est le 2 69 05 49 588 157 80.", {Concern.NIR}),
        ("Voici notre IBAN : FR14 2004 1010 0505 0001 3M02 606", {Concern.IBAN}),
        ("Mon fils Lucas attend une place en IME.", {Concern.SUPPORTED}),
        ("La résidente Yvonne n’a pas de DUI.", {Concern.SUPPORTED}),
        ("Le DUI de Paul Exemplin contient une erreur.", {Concern.SUPPORTED}),
        ("Le patient Exemplin est sorti.", {Concern.SUPPORTED}),
        ("M. Exemplin, 84 ans, veut lire son dossier.", {Concern.SUPPORTED}),
        ("Mme Exemplin, résidente de notre EHPAD, veut lire son dossier.", {Concern.SUPPORTED}),
        ("Je suis la tutrice de Mme Exemplin.", {Concern.SUPPORTED}),
        ("Ma mère, Simone Modelin, vit en EHPAD.", {Concern.SUPPORTED}),
        ("La résidente est née le 12/03/1941.", {Concern.BIRTH}),
        ("Mme Exemplin, née le 12/03/1941, veut lire son dossier.", {Concern.SUPPORTED, Concern.BIRTH}),
        ("Ma mère est atteinte de la maladie d’Alzheimer.", {Concern.HEALTH}),
        ("Mon fils est autiste.", {Concern.HEALTH}),
        ("Notre résident Paul Exemplin est diabétique.", {Concern.SUPPORTED, Concern.HEALTH}),
        ("M. Exemplin a fait un AVC.", {Concern.HEALTH}),
        ("Mme Exemplin est là. Elle souffre de troubles cognitifs.", {Concern.HEALTH}),
        ("Mme G. est en GIR 2.", {Concern.HEALTH}),
        ("M. Exemplin, domicilié 12 rue des Lilas, demande une aide.", {Concern.HOME}),
        ("L’usager Paul Exemplin, 12 rue des Lilas, demande une aide.", {Concern.SUPPORTED, Concern.HOME}),
        ("J’habite au 12 rue des Lilas, 35000 Rennes.", {Concern.HOME}),
    ],
)
def test_what_is_sensitive_is_found(text, expected):
    assert concerns(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bonjour,\nquelle est la date limite en 2025 ?\nCordialement,\nClaire Modelin\nDirectrice\n06 39 98 12 34\n"
        "claire.modelin@example.org\n12 rue des Lilas\n35000 Rennes",
        "Bonjour Madame Exemplin,\nmerci de votre réponse du 12 mars 2025.\nClaire Modelin",
        "M. Exemplin, de l’ARS, nous a dit que le seuil est de 15 ESSMS.",
        "Mme Exemplin, directrice, reprend le projet.",
        "Notre EHPAD a une unité Alzheimer de 14 lits. Claire Modelin",
        "Nos résidents souffrent de troubles cognitifs. Mme Exemplin suit le projet.",
        "Nous accueillons des enfants autistes. Contact : Paul Exemplin",
        "L’association Les Modèles, pour personnes atteintes de handicap psychique, dépose avec Mme Exemplin.",
        "Le DUI de nos résidents est-il finançable ?",
        "Mon fils est accueilli en IME, est-il financé ?",
        "Notre association, née le 12 mars 1998, dépose en 2025.",
        "SIRET 732 829 320 00074, FINESS 350012345, 35 000 euros.",
        "Le dossier de Mme Exemplin a été déposé le 15 septembre.",
        "Je suis Claire Modelin, résidente du Morbihan.",
    ],
)
def test_the_contact_details_of_a_letter_are_ordinary(text):
    assert concerns(text) == set()


def test_the_name_of_a_supported_person_is_found_each_time():
    text = "Notre résident Paul Exemplin a un DUI. M. Exemplin l’a demandé."

    assert [finding.words for finding in assess(text)] == ["Paul Exemplin", "Exemplin"]


def test_a_finding_says_in_french_what_it_is_about_and_not_what_it_is():
    [finding] = assess("Son numéro est le 2 69 05 49 588 157 80.")

    assert finding.label == "Le message contient un numéro de sécurité sociale."
    assert finding.words == "2 69 05 49 588 157 80"


PIECES = st.sampled_from(
    ["Mme Exemplin", " est ", "diabétique", ". ", "Elle ", "mon fils ", "Lucas", "né le 12/03/1941", " ", "\n", "\n\n", "GIR 2",
     "269054958815780", "domicilié ", "12 rue des Lilas", "résident ", "\u200b", "\u0301", "İ", "Claire Modelin", "unité ", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
def test_findings_are_in_order_within_the_text(text):
    found = assess(text, SENDER)

    assert all(text[finding.start : finding.end] == finding.words for finding in found)
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)


@pytest.mark.parametrize("piece", ["Mme Exemplin est diabétique ", "diabétique ", "mon fils ", "résident Paul Exemplin, ",
                                   "personnes ", "domicilié 12 rue des Lilas ", ".", "Elle ", "né le 12/03/1941 "])  # fmt: skip
def test_no_message_of_the_greatest_length_takes_long(piece):
    text = (piece * 30_000)[:30_000]
    start = time.process_time()

    assess(text, SENDER)

    assert time.process_time() - start < 2
