"""What identifies somebody is masked, however it is written; what the programme says never is."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.masking import Kind, find, mask
from corpus.fiches import load_statements
from corpus.glossary import load_glossary
from corpus.parameters import load_parameters
from corpus.sources import load_sources
from evals.scoring import load_samples

E_MAIL = "[adresse électronique masquée]"
TELEPHONE = "[numéro de téléphone masqué]"
NIR = "[numéro de sécurité sociale masqué]"
IBAN = "[IBAN masqué]"
SIRET = "[numéro SIRET masqué]"


@pytest.mark.parametrize(
    "written",
    [
        "prenom.nom@example.org",
        "prénom.nom+esms@siege.association-exemple.fr",
        "PRENOM_NOM@EXAMPLE.ORG",
        "o’nom@example.org",
        "prenom.nom @ example.org",
        "prenom.nom＠example.org",
        "prenom.nom[at]example.org",
        "prenom.nom (at) example (point) org",
        "prenom.nom [arobase] example [dot] org",
        "prenom.nom arobase example point org",
        "prenom.nom AT example.org",
        "prenom.nom%40example.org",
        "prenom.nom&#64;example.org",
        "prenom.\u200bnom@exam\u00adple.org",
        "a" * 200 + "@example.org",
    ],
)
def test_an_e_mail_address_is_masked_whole(written):
    assert mask(f"Écrire à {written}, merci.") == f"Écrire à {E_MAIL}, merci."


@pytest.mark.parametrize(
    "written",
    [
        "01 99 00 12 34",
        "0199001234",
        "01.99.00.12.34",
        "01-99-00-12-34",
        "01/99/00/12/34",
        "01\u00a099\u00a000\u00a012\u00a034",
        "01\u202f99\u202f00\u202f12\u202f34",
        "06 39981234",
        "0639 98 12 34",
        "0262 161 234",
        "+33 6 39 98 12 34",
        "+33 (0)6 39 98 12 34",
        "+33639981234",
        "0033 6 39 98 12 34",
        "+262 692 12 34 56",
        "+32 2 555 12 12",
        "0\u200b6 39 98 12 34",
        "０６ ３９ ９８ １２ ３４",
    ],
)
def test_a_telephone_number_is_masked_whole(written):
    assert mask(f"Rappelez au {written} avant midi.") == f"Rappelez au {TELEPHONE} avant midi."


@pytest.mark.parametrize(
    "written",
    [
        "2 69 05 49 588 157 80",
        "269054958815780",
        "2.69.05.49.588.157.80",
        "2 69 05 49 588 157",
        "2690549588157",
        "1 85 05 2A 006 084",
        "2 69 05 49 588 157 / 80",
    ],
)
def test_a_social_security_number_is_masked_with_its_key_or_without(written):
    assert mask(f"Le NIR {written} du résident.") == f"Le NIR {NIR} du résident."


@pytest.mark.parametrize(
    "written",
    [
        "FR14 2004 1010 0505 0001 3M02 606",
        "FR1420041010050500013M02606",
        "fr14 2004 1010 0505 0001 3m02 606",
        "FR14-2004-1010-0505-0001-3M02-606",
        "FR15 2004 1010 0505 0001 3M02 606",  # mistyped: the shape of a French one
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_an_iban_is_masked_and_the_word_after_it_stays(written):
    assert mask(f"Virement sur {written} EHPAD compris.") == f"Virement sur {IBAN} EHPAD compris."


def test_a_siret_is_masked_by_its_check_digit_or_its_name():
    assert mask("732 829 320 00074") == SIRET
    assert mask("Notre no 73282932000074.") == f"Notre no {SIRET}."
    assert mask("SIRET : 732 829 320 00075") == f"SIRET : {SIRET}"
    assert mask("référence 73282932000075") == "référence 73282932000075"


@pytest.mark.parametrize(
    "text",
    [
        "FINESS 750712184, 010003456 et 01 000 345 6",
        "FINESS 010003456 010003457 010003458",
        "SIREN 732 829 320",
        "12 000 000 € puis 1 200 000 000 € et 87 000 000 000 000 €",
        "du 01/09/2025 au 15/10/2025, le 2025-09-15, le 01 09 2025 15 h 30",
        "campagnes 2021 2022 2023 2024 2025, 2021-2022, 2022/34",
        "01000 01100, 33000 et 97400",
        "départements 01, 02, 03, 04, 05",
        "« prenom arobase » n’est pas une adresse, ni @cnsa_actu, ni rendez-vous @ 14 h",
        "80,5 %, 0,0612345678, 3.14159265358979",
        "empreinte 6e0996964962 et version 1.2.3.4",
        "L.312-1, D. 312-176-3, 2022/34, n° SGMCAS/DNS/2023/92",
    ],
)
def test_figures_dates_and_numbers_of_establishments_are_left(text):
    assert find(text) == []
    assert mask(text) == text


def test_nothing_that_the_corpus_says_is_masked():
    texts = [statement.text for statement in load_statements()]
    texts += [
        f"{source.title} {source.publisher} {source.url} {source.note}" for source in load_sources().values()
    ]
    for parameter in load_parameters().values():
        texts += [f"{entry.value} {entry.reason} {entry.reservation}" for entry in parameter.history]
        texts += [f"{entry.value} {entry.why}" for entry in parameter.contradictions]
    texts += [str(term) for term in load_glossary()]

    assert len(texts) > 500
    assert [(text, find(text)) for text in texts if find(text)] == []


def test_nothing_is_masked_in_the_questions_that_may_be_read():
    turns = [
        turn for name in ("answers", "second", "refusals") for one in load_samples(name) for turn in one.turns
    ]

    assert len(turns) > 500
    assert [turn for turn in turns if find(turn)] == []


def test_several_kinds_are_found_in_the_order_of_the_text():
    text = "06 39 98 12 34 ou prenom.nom@example.org, IBAN FR14 2004 1010 0505 0001 3M02 606, 15 ESSMS."

    assert [span.kind for span in find(text)] == [Kind.TELEPHONE, Kind.E_MAIL, Kind.IBAN]
    assert mask(text) == f"{TELEPHONE} ou {E_MAIL}, IBAN {IBAN}, 15 ESSMS."


PIECES = st.sampled_from(
    ["prenom@example.org", "06 39 98 12 34", "269054958815780", "73282932000074", "FR1420041010050500013M02606",
     "é", "\u0301", "\u200b", "@", " at ", ".", " ", "\n", "0", "01", "2025", "FR", "+33", "[", "(", "a", "💡", "\ud800"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_spans_are_in_order_within_the_text(text):
    spans = find(text)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_masking_twice_changes_nothing(text):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "piece",
    ["a", "@", "a@", "@ a.", "a at ", "(at)", "a.b.", "x@a.", "0", "01 ", "00", "+1 ", "+33 6 12 34 56 7 ", "FR76 ",
     "FR76", "A1", "1 85 05 78 006 08 ", "SIRET ", "123 ", " ", "\u200b", "💡",
     "a%40", "%40", "a.fr%40", "a%40b.", "a&#64;", "a@b.fr ", "a at b point c ", "@" + "a" * 63 + " point ",
     "a [at] b [dot] ", "FR14 ", "FR14 2004 1010 0505 0001 3M02 606 ", "AA11-", "2690549588157 80 ",
     "732 829 320 00075 ", "SIRET 732 829 320 00074 ", "1/", "+33(0)", "06 39 98 12 34 ", "e\u0301"],
)  # fmt: skip
def test_no_text_of_the_greatest_length_takes_long(piece):
    text = (piece * 20_000)[:20_000]
    start = time.process_time()

    find(text)

    assert time.process_time() - start < 1.5


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("06 39 98 12 34", TELEPHONE),
        ("+33 6 39 98 12 34", TELEPHONE),
        ("269054958815780", NIR),
        ("73282932000074", SIRET),
    ],
)
def test_a_number_written_against_an_address_is_masked_with_it(number, masked):
    assert mask(f"prenom@example.org{number}") == E_MAIL + masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("06 39 98 12 34.06 39 98 12 34", f"{TELEPHONE}.{TELEPHONE}"),
        ("06 39 98 12 34FR1420041010050500013M02606", TELEPHONE + IBAN),
        ("06 39 98 12 34FR1420041010050500013M02606 / 06 39 98 12 34", f"{TELEPHONE}{IBAN} / {TELEPHONE}"),
    ],
)
def test_a_number_written_against_another_is_masked_too(text, masked):
    assert mask(text) == masked


def test_an_address_written_after_another_leaves_nothing_of_a_name():
    assert mask("prenom%40example.org,nom%40example.org") == f"{E_MAIL},{E_MAIL}"
    assert mask("a%20prenom.nom%40example.org") == E_MAIL
