"""Which rule a message calls for, and its outcome: above all, never a yes to what the message denies."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.judging import Judge
from assistant.understanding.reading import read_conversation

JUDGE = Judge.from_corpus()
SPRING, SUMMER, LATER = date(2025, 5, 5), date(2025, 7, 16), date(2026, 11, 22)


def outcome(day: date, *turns: str) -> tuple[str, str]:
    first = JUDGE.judge(read_conversation(turns, day), day).results[0]
    return first.rule, first.outcome.value


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Nous n'avons pas 15 ESSMS en Bretagne, est-ce assez ?", "no"),
        ("Nous ne sommes pas plus de 14 en Bretagne, est-ce assez ?", "no"),
        ("Nous avions 20 ESSMS en Bretagne mais 6 sont partis, est-ce assez ?", "no"),
        ("Nous avons perdu 3 ESSMS sur 17 en Bretagne, le seuil est-il atteint ?", "no"),
        ("8 ESSMS, pas en Corse mais en Bretagne : éligible ?", "no"),
        ("9 ESSMS hors Corse, est-ce assez ?", "undetermined"),
        ("Nos 9 ESSMS, à l'issue de la réunion d'hier, suffisent-ils ?", "undetermined"),
        ("16 ESSMS moins les 2 USLD, en Bretagne, est-ce assez ?", "no"),
        ("Nous n'avons pas de FINESS pour 3 de nos 16 ESSMS en Bretagne, est-ce assez ?", "no"),
        ("Nous ne sommes pas sûrs d'avoir 15 ESSMS en Bretagne, est-ce assez ?", "undetermined"),
        ("Nous pensons être entre quatorze et vingt en Bretagne, est-ce assez ?", "undetermined"),
        ("15±3 ESSMS en Bretagne, le seuil est-il atteint ?", "undetermined"),
        ("9 ESSMS à La Réunion, est-ce assez ?", "yes"),
        ("Trois gestionnaires de 5 ESSMS chacun en Bretagne, le seuil est-il atteint ?", "yes"),
    ],
)
def test_the_number_judged_is_the_one_stated(message: str, expected: str) -> None:
    assert outcome(LATER, message) == ("groupement.seuil", expected)


@pytest.mark.parametrize(
    ("day", "message", "rule", "expected"),
    [
        (SPRING, "Peut-on déposer après le 15 septembre 2025 en régional ?", "calendrier.recevabilite", "no"),
        (
            SPRING,
            "Un dépôt régional la veille du 16 septembre 2025 est-il recevable ?",
            "calendrier.recevabilite",
            "yes",
        ),
        (
            SPRING,
            "Un dossier régional 2025 déposé le 15 septembre 2024 est-il recevable ?",
            "calendrier.recevabilite",
            "no",
        ),
        (SUMMER, "Est-il encore temps de déposer un dossier multirégional ?", "calendrier.ouvert", "no"),
        (SUMMER, "Est-il encore temps de déposer un dossier régional ?", "calendrier.ouvert", "yes"),
        (
            LATER,
            "Nous sommes 12 ESSMS à Metz, les tablettes sont-elles financées ?",
            "financement.materiel",
            "yes",
        ),
    ],
)
def test_the_rule_judged_is_the_one_asked(day: date, message: str, rule: str, expected: str) -> None:
    assert outcome(day, message) == (rule, expected)


def test_what_joins_later_is_added_with_its_place() -> None:
    turns = ("Nous sommes 14 ESSMS en Bretagne, est-ce assez ?", "Et si on ajoute 2 ESSMS en Normandie ?")

    reading = read_conversation(turns, LATER)

    assert reading.facts.nombre_essms is not None
    assert reading.facts.nombre_essms.value.low == 16
    assert [place.value for place in reading.facts.territoires] == ["bretagne", "normandie"]


def test_a_missed_deadline_is_not_a_day_of_filing() -> None:
    message = "On a raté la date limite du 15 septembre 2024, peut-on déposer en 2025 ?"

    assert outcome(SPRING, message)[0] != "calendrier.recevabilite"


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        ("Quelle est la date ?", ["calendrier.cloture"]),
        ("C’est quoi la date limite ?", ["calendrier.cloture"]),
        ("À quelle date les dossiers devaient-ils arriver ?", ["calendrier.cloture"]),
        ("Quelle est la date de l’ARS Normandie ?", ["calendrier.cloture"]),
        ("À quelle date est prévu le séminaire des référents ?", []),
        ("Quelle est la date du prochain atelier de prise en main ?", []),
        ("Quand a lieu la visite de l’équipe d’appui ?", []),
    ],
)
def test_a_date_is_that_of_the_calls_unless_it_is_something_elses(message: str, rules: list[str]) -> None:
    day = date(2026, 11, 22)
    results = JUDGE.judge(read_conversation([message], day), day).results

    assert sorted({result.rule for result in results}) == rules


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("20 ESSMS dans l’Orne dont 8 financés en 2023 : les 12 autres peuvent-ils candidater ?", "no"),
        ("Nous gérons 18 ESSMS en Bretagne, dont 3 lauréats. Pouvons-nous présenter les 15 autres ?", "yes"),
        ("Nous avons 20 ESSMS à Nancy dont 5 USLD, les 15 autres suffisent-ils ?", "yes"),
        ("20 ESSMS en Bretagne dont 8 IME, les 12 autres sont des EHPAD, est-ce assez ?", "yes"),
    ],
)
def test_the_others_are_judged_when_they_are_those_that_would_apply(message: str, expected: str) -> None:
    assert outcome(date(2025, 6, 1), message)[1] == expected
