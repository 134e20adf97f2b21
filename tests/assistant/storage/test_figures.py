"""The figures of the manager, counted by hand from what happened."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import date

import pytest
from desk_samples import AMBER

from assistant.answer import Kind, Status
from assistant.drafting.reply import Risk
from assistant.storage.figures import Figures, Week, as_csv, as_text, figures
from assistant.storage.views import Status as DeskStatus

WHEN = (("Quelle est la date limite de dépôt ?", Kind.ANSWER, Status.ANSWERED),)
LACK = (("Combien pouvons-nous toucher d’argent pour le câblage ?", Kind.ABSTENTION, Status.NOT_IN_CORPUS),)


@pytest.fixture
def counted(desk, add, team, clock, database) -> Figures:
    """Five requests over three weeks.

    1. Monday 2 March: green, dates; opened at once, ready 10 minutes later, sent unchanged.
    2. Monday 2 March: amber, dates; opened at once, two words added, ready 30 minutes later.
    3. Monday 2 March: green, amounts, unanswered; nobody opened it.
    4. Sunday 8 March: green, dates; opened at once, one word of it replaced, sent 20 minutes later.
    5. Tuesday 17 March: red, amounts, unanswered; ready then to be checked again.
    """
    first, second = add(questions=WHEN), add(questions=WHEN, **AMBER)
    add(questions=LACK)
    desk.open(first.id, team.first)
    desk.open(second.id, team.first)
    clock.move(minutes=10)
    desk.set_status(first.id, DeskStatus.READY, by=team.first)
    clock.move(minutes=20)
    for key in ("source", "annee"):
        desk.tick(second.id, key, True, team.second)
    desk.save_draft(second.id, second.draft.text + "\n\nDeux mots", version=1, by=team.second)
    desk.set_status(second.id, DeskStatus.READY, by=team.second)
    clock.move(hours=5)
    desk.claim_sending(first.id, team.first)
    desk.mark_sent(first.id, by=team.first, how="smtp")

    clock.move(days=5, hours=20)
    fourth = add(questions=WHEN)
    desk.open(fourth.id, team.second)
    clock.move(minutes=20)
    desk.save_draft(fourth.id, fourth.draft.text.replace("Madame,", "Docteure,"), version=1, by=team.second)
    desk.set_status(fourth.id, DeskStatus.SENT, by=team.second)

    clock.move(days=9)
    fifth = add(questions=LACK, risk=Risk.RED)
    desk.open(fifth.id, team.first)
    desk.set_status(fifth.id, DeskStatus.READY, by=team.first)
    desk.set_status(fifth.id, DeskStatus.TO_CHECK, by=team.first)
    return figures(database)


def test_requests_are_counted_by_theme_risk_and_status(counted):
    assert counted.requests == 5
    assert counted.by_theme == {"echeance": 3, "montant": 2}
    assert counted.by_risk == {"green": 3, "amber": 1, "red": 1}
    assert counted.by_status == {"a_traiter": 1, "a_verifier": 1, "pret": 1, "envoye": 2}


def test_corrections_are_counted_in_words_over_what_was_validated(counted):
    # 0, 2, 1 and 0 words; the draft has 2 + 7 + 7 words ("Madame, Monsieur," …): see desk_samples.
    assert counted.validated == 4
    assert counted.median_distance == 0.5
    assert counted.median_changed == pytest.approx((0 + 1 / 16) / 2)


def test_what_was_sent_unchanged_is_a_share_of_what_was_sent(counted):
    assert (counted.sent, counted.sent_unchanged, counted.share_sent_unchanged) == (2, 1, 0.5)


def test_delays_go_from_the_first_opening_to_the_validation_that_held(counted):
    # 10, 30 and 20 minutes; the fifth was not ready in the end, the third was never opened.
    assert (counted.timed, counted.median_seconds, counted.p90_seconds) == (3, 1_200, 1_800)


def test_unanswered_questions_are_counted_by_theme(counted):
    assert counted.unanswered == {"montant": 2}


def test_each_week_is_counted_even_without_a_request(counted):
    assert counted.weeks == (
        Week(date(2026, 3, 2), 4, 2),
        Week(date(2026, 3, 9), 0, 0),
        Week(date(2026, 3, 16), 1, 0),
    )


def test_the_period_has_both_its_days(counted, database):
    assert figures(database, date(2026, 3, 8), date(2026, 3, 8)).requests == 1
    assert figures(database, date(2026, 3, 3), None).requests == 2
    assert figures(database, None, date(2026, 3, 7)).requests == 3
    assert figures(database, date.min, date.max).requests == 5


def test_no_figure_is_of_a_person(counted, team):
    shown = as_csv(counted) + as_text(counted)

    assert not {field.name for field in fields(Figures)} & {"by_agent", "by_account", "agents", "assignee"}
    for name in ("agent.un", "Agente Première", "agent.deux", "Agent Second", "ehpad", "direction"):
        assert name not in shown


def test_the_table_says_what_was_counted(counted):
    table = list(csv.reader(io.StringIO(as_csv(counted)), delimiter=";"))

    assert table[0] == ["rubrique", "detail", "valeur"]
    for row in (
        ["Demandes", "Reçues", "5"],
        ["Demandes par thème", "Dates et échéances", "3"],
        ["Demandes par risque", "Orange", "1"],
        ["Demandes par statut", "Envoyé", "2"],
        ["Corrections", "Mots modifiés (médiane)", "0,5"],
        ["Envois", "Envoyées sans modification (%)", "50"],
        ["Délais", "De l’ouverture à la validation (médiane, minutes)", "20"],
        ["Délais", "De l’ouverture à la validation (9 sur 10, minutes)", "30"],
        ["Questions sans réponse par thème", "Montants", "2"],
        ["Reçues par semaine", "2026-03-09", "0"],
    ):
        assert row in table, row


def test_nothing_received_gives_zeros_and_no_median(database):
    empty = figures(database)

    assert (empty.requests, empty.sent, empty.weeks) == (0, 0, ())
    assert (empty.median_distance, empty.median_seconds, empty.p90_seconds, empty.share_sent_unchanged) == (
        None,
    ) * 4
    assert "aucune donnée" in as_text(empty)
