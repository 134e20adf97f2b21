"""What identifies somebody is masked, however it is written; what the programme says never is."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.privacy.masking import Kind, find, mask
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
        "prenom.nom@\nexample.org",
        "prenom.nom\n@example.org",
        "prenom.nom@\r\n  example.org",
        "prenom.nom@@example.org",
        "prenom.nom_at_example.org",
        "prenom.nom-at-example.org",
        "prenom.nom-arobase-example.org",
        "prenom.nom(a)example.org",
        "prenom.nom [a] example.org",
        "prenom.nom (@) example.org",
        '"prenom nom"@example.org',
        '"prenom nom" (at) example.org',
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
        "06\t39\t98\t12\t34",
        "06\n39\n98\n12\n34",
        "06\r\n39\r\n98\r\n12\r\n34",
        "06 39 98\n12 34",
        "06  39  98  12  34",
        "06 - 39 - 98 - 12 - 34",
        "06·39·98·12·34",
        "06_39_98_12_34",
        "06,39,98,12,34",
        "06,12,34,56,78",  # in order, as the codes of departments would be: but none begins with a mobile
        "06\n12\n34\n56\n78",
        "06|39|98|12|34",
        "(06) 39 98 12 34",
        "(06)39981234",
        "06 399 812 34",
        "06 123 456 78",
        "06 39 981 234",
        "0 6 3 9 9 8 1 2 3 4",
        "0.6.1.2.3.4.5.6.7.8",
        "33639981234",
        "33 6 39 98 12 34",
        "33 (0)6 39 98 12 34",
        "(+33) 6 39 98 12 34",
        "(33) 6 39 98 12 34",
        "01 13 33\n59 75",  # in order, but on a line that was cut
        "+33\t6\t39\t98\t12\t34",
        "+33_6_39_98_12_34",
        "+33.(0)6.39.98.12.34",
        "+33\n6 39 98 12 34",
        "+33 639 981 234",
        "00 33 6 39 98 12 34",
        "+262 (0) 639 98 12 34",
        "+32\t2\t555\t12\t12",
        "+49·30·123456",
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
        "2/69/05/49/588/157/80",
        "2|69|05|49|588|157|80",
        "2,69,05,49,588,157,80",
        "2_69_05_49_588_157_80",
        "2\t69\t05\t49\t588\t157\t80",
        "2 69 05 49\n588 157 80",
        "2\r\n69\r\n05\r\n49\r\n588\r\n157\r\n80",
        "2  69  05  49  588  157  80",
        "2 69 05 49 588 157 clé 80",
        "2 69 05 49 588 157 (clé : 80)",
        "2 69 05 49 588 157, cle=80",
        "2690549588157 - Clé 80",
        "2 69 05 49 588 157 clé 81",  # mistyped
        "2 69 05 49\n588 157",  # announced
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
        "FR14\n2004 1010 0505\n0001 3M02 606",
        "FR14\r\n2004\r\n1010\r\n0505\r\n0001\r\n3M02\r\n606",
        "FR14  2004  1010  0505  0001  3M02  606",
        "FR14\t2004\t1010\t0505\t0001\t3M02\t606",
        "FR14_2004_1010_0505_0001_3M02_606",
        "FR14 / 2004 / 1010 / 0505 / 0001 / 3M02 / 606",
        "FR 14 2004 1010 0505 0001 3M02 606",
        "FR15\t2004\t1010\t0505\t0001\t3M02\t606",  # mistyped
        "DE89\t3704\t0044\t0532\t0130\t00",
    ],
)
def test_an_iban_is_masked_and_the_word_after_it_stays(written):
    assert mask(f"Virement sur {written} EHPAD compris.") == f"Virement sur {IBAN} EHPAD compris."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("IBANFR1420041010050500013M02606", f"IBAN{IBAN}"),
        ("iban:fr1420041010050500013m02606", f"iban:{IBAN}"),
        ("RIBFR14 2004 1010 0505 0001 3M02 606.", f"RIB{IBAN}."),
        ("NIR269054958815780", f"NIR{NIR}"),
        ("NSS2 69 05 49 588 157 80", f"NSS{NIR}"),
        ("sécu2690549588157", f"sécu{NIR}"),
        ("Tél.0639981234", f"Tél.{TELEPHONE}"),
    ],
)
def test_a_number_written_against_its_name_is_masked(text, masked):
    assert mask(text) == masked


def test_the_figure_after_a_social_security_number_stays():
    assert mask("NIR 2 69 05 49 588 157, 15 ESSMS") == f"NIR {NIR}, 15 ESSMS"
    assert mask("NIR 2 69 05 49 588 157\n15 ESSMS") == f"NIR {NIR}\n15 ESSMS"
    assert mask("2 69 05 49 588 157 80, 15 ESSMS") == f"{NIR}, 15 ESSMS"


def test_a_number_after_others_is_found():
    assert mask("les voies 01 02 03 04 et 06 39 98 12 34") == f"les voies 01 02 03 04 et {TELEPHONE}"
    assert mask("ESSMS : 15\n06\n39\n98\n12\n34\n15 ESSMS") == f"ESSMS : 15\n{TELEPHONE}\n15 ESSMS"
    assert mask("06,39,98,12,34\n15\n20") == f"{TELEPHONE}\n15\n20"
    assert mask("15\n06\t39\t98\t12\t34\t15") == f"15\n{TELEPHONE}\t15"


def test_a_siret_is_masked_by_its_check_digit_or_its_name():
    assert mask("732 829 320 00074") == SIRET
    assert mask("Notre no 73282932000074.") == f"Notre no {SIRET}."
    assert mask("SIRET : 732 829 320 00075") == f"SIRET : {SIRET}"
    assert mask("référence 73282932000075") == "référence 73282932000075"
    assert mask(f"{SIRET} 73282932000075") == f"{SIRET} 73282932000075", "a mask announces nothing"


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
        "+ 15 000 000 de plus que 2022",
        "à +20 000 000 €, +49 500 000 de plus, + 43 500 000 000 et + 33 612 345 678",
        "+49500000 € et +33 612 345 678 €",
        "0123456789 €, 01 23 45 67 89 euros, 0123456789,50 EUR et 06 12 34 56 78 M€",
        "33 612 345 678 habitants et 33612345678 €",
        "les voies 01 02 03 04 05 et 06",
        "les voies 01, 02, 03, 04, 05 ; 01-02-03-04-05 ; 01/03/05/07/09 ; 01\n02\n03\n04\n05\n06",
        "départements 01,13,33,59,75 et 01\n13\n33\n59\n75 et 01\t13\t33\t59\t75",
        "départements 06,13,83,84,05,04 et 02,06,13,83,84,05 et 06, 13, 83, 84, 05",
        "de 0 1 2 3 4 5 6 7 8 9 à 0,1,2,0,4,0,1,2,3,4 ou 0\t1\t0\t2\t3\t1\t0\t0\t2\t4",
        "0.6 1.2 3.4 5.6 7.8 et 0,6 1,2 3,4 5,6 7,8",
        "01/2024-2025 et 01 2024 2025",
        "2 10 10 10 100 100 euros et 2 10 10 10 100 100 k€",
        "2, 10, 10, 10, 100, 100 puis 2\t10\t10\t10\t100\t100",
        "732 829 320 00074 €",
        "| 100000 | 33.0 | 16.0 | 0.2 | 313.4 | 965.9 |",
        "Voir plus haut.\n\n@exemple.org le dit",
        "3 a 4 at ms.sante, 15 at example.org, les AT ms.sante",
        "critère (a) le point de vue, fichier compte_at_2024.pdf, plan (a) annexe.pdf",
        '« guichet » @ 14 h, "prenom nom" @ 14 h',
        "FR 12 mois, de 2022 2023 2024 2025 2026",
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

    found = [turn[span.start : span.end] for turn in turns for span in find(turn)]

    assert len(turns) > 500
    assert found == ["B."]  # somebody who lives in an EHPAD, named by a civility and an initial


def test_several_kinds_are_found_in_the_order_of_the_text():
    text = "06 39 98 12 34 ou prenom.nom@example.org, IBAN FR14 2004 1010 0505 0001 3M02 606, 15 ESSMS."

    assert [span.kind for span in find(text)] == [Kind.TELEPHONE, Kind.E_MAIL, Kind.IBAN]
    assert mask(text) == f"{TELEPHONE} ou {E_MAIL}, IBAN {IBAN}, 15 ESSMS."


PIECES = st.sampled_from(
    ["prenom@example.org", "06 39 98 12 34", "269054958815780", "73282932000074", "FR1420041010050500013M02606",
     "é", "\u0301", "\u200b", "@", " at ", ".", " ", "\n", "0", "01", "2025", "FR", "+33", "[", "(", "a", "💡", "\ud800",
     '"', "_at_", "(a)", "\t", ",", "33", "NIR", "IBAN", "clé", "€", "2 69 05 49 588 157", "12", ")", "06\n12\n34"]
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
     "732 829 320 00075 ", "SIRET 732 829 320 00074 ", "1/", "+33(0)", "06 39 98 12 34 ", "e\u0301",
     '"', '"a"@', '"a@b.fr', "_at_", "a_at_", "a-at-b.fr", "(a)", "a(a)b.", "@@", "\n", "\t", "@\n", "\n@",
     "FR76\n\n\n", "FR 76", "IBANFR76", "RIB", "AA11\n\n\nA ", "FR14\t2004\t1010\t0505\t0001\t3M02\t60", "FR11 A A A ",
     "1\t85\t05\t78\t006\t084 ", "NIR", "NIR : ", "NIR1 85 05 78 006 084", "2 69 05 49 588 157 clé ", "clé ",
     "2,69,05,49,588,157,", "1 10 10 10 100 100 € ", "0,", "0 ", "0 6 1 2 3 4 5 6 7 8 ", "01 02 03 04 05 ", "01,", "01\n",
     "06,12,34,56,78,", "01\t13\t33\t59\t75\t", "(", "(06) ", "33", "33 ", "+33 ", "+33\n", "00 33 ", "+33 (0) ", "+(",
     "+33 612 345 678 ", "+ 33 612 345 678 ", "+ 15 000 000 ", "+32 2 555 12 12 ", "+262", "0123456789 € ", "0_6_", "|", "€"],
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


def test_a_name_an_address_and_a_birth_are_masked_by_what_they_are():
    text = "Mme Exemple, née le 12/03/1941, vit 12 rue des Lilas, 35000 Rennes."

    assert (
        mask(text) == "Mme [nom masqué], née le [date de naissance masquée], vit [adresse postale masquée]."
    )


def test_the_names_of_correspondents_are_masked_where_they_stand():
    text = "Le dossier part demain. dupontel, votre référente, l’a vu."

    assert mask(text) == text
    assert mask(text, ["DUPONTEL, Claire (ARS-BRETAGNE)"]) == text.replace("dupontel", "[nom masqué]")


def test_an_address_written_after_another_leaves_nothing_of_a_name():
    assert mask("prenom%40example.org,nom%40example.org") == f"{E_MAIL},{E_MAIL}"
    assert mask("a%20prenom.nom%40example.org") == E_MAIL
