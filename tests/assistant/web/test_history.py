"""The hidden field that holds the conversation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import Answer, Citation, Kind, Status
from assistant.rules.facts import Count, Period
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.web.chat.history import MAX_BYTES, MAX_TURNS, Exchange, questions, read_history, write_history
from assistant.web.requests import MAX_BODY_BYTES

DAY = date(2026, 3, 1)
ANSWER = Answer(
    Kind.ANSWER,
    Status.ANSWERED,
    "Quinze [1].",
    (Citation(1, "exemple-2025", "Titre", "ARS", "2025", "https://exemple.fr/", "p. 3", "Quinze.", 2, "page"),),
    (RuleResult("groupement.seuil", Outcome.NO, (Step("Au moins 15", StepStatus.NOT_MET, ("a",), "14"),)),),
    ("Et en Corse ?",),
    12,
    "La suite.",
)
EXCHANGE = Exchange(1, "Combien d’ESSMS ?", DAY, ANSWER)
ROW = {"number": 1, "question": "Q", "day": "2026-03-01", "answer": None}


def test_what_is_written_is_read_again():
    exchanges = [EXCHANGE, Exchange(2, "Et 😀 ?", DAY, None), Exchange(3, "Encore ?", DAY, ANSWER)]

    assert read_history(write_history(exchanges)) == exchanges
    assert questions(exchanges) == ["Combien d’ESSMS ?", "Encore ?"]


def test_the_values_of_a_ruling_are_kept_in_their_json_form():
    facts = {"nombre_essms": Count(8, 12), "date_depot": Period.day(date(2025, 6, 3)), "territoires": ["corse"]}
    ruling = RuleResult("groupement.seuil", Outcome.NO, (), facts, ("voie",), ("Réserve.",), {"date": DAY})
    (read,) = read_history(write_history([replace(EXCHANGE, answer=replace(ANSWER, rules=(ruling,)))]))

    assert read.answer is not None
    assert read.answer.rules[0].as_json() == ruling.as_json()
    assert read.answer.rules[0].outcome is Outcome.NO


@pytest.mark.parametrize(
    "stored",
    [
        None,
        3,
        ["[]"],
        "",
        "nope",
        "{}",
        "3",
        "[" * 100_000,
        '[1, null, "a", [], {"a": 2}]',
        json.dumps([ROW | {"question": 1}]),
        json.dumps([ROW | {"day": "hier"}]),
        json.dumps([ROW | {"day": None}]),
        json.dumps([ROW | {"answer": "Oui"}]),
        json.dumps([ROW | {"answer": {"path": "/etc/hostname"}}]),
        json.dumps([ROW | {"answer": ANSWER.as_json() | {"kind": "certitude"}}]),
        json.dumps([ROW | {"answer": ANSWER.as_json() | {"rules": [{"rule": "x"}]}}]),
    ],
)
def test_what_is_not_a_conversation_is_ignored(stored):
    assert read_history(stored) == []


@pytest.mark.parametrize("number", [None, "2", True, -1, 10**9, [1]])
def test_an_exchange_without_a_usable_number_takes_its_place(number):
    assert read_history(json.dumps([ROW | {"number": number}])) == [Exchange(1, "Q", DAY, None)]


def test_half_a_character_is_replaced():
    stored = json.dumps([ROW | {"question": "a\ud800"}])

    assert read_history(stored) == [Exchange(1, "a?", DAY, None)]


def test_a_long_conversation_keeps_its_last_exchanges():
    many = [Exchange(number, str(number), DAY, None) for number in range(1, MAX_TURNS + 6)]

    assert read_history(write_history(many))[0].number == 6
    assert len(read_history(json.dumps([exchange.as_json() for exchange in many]))) == MAX_TURNS


def test_a_large_conversation_fits_in_a_request_with_the_longest_question():
    long = replace(ANSWER, text="é" * 30_000)
    many = [Exchange(number, '"' * 30_000, DAY, long) for number in range(1, 40)]
    text = write_history(many)

    kept = [exchange.number for exchange in read_history(text)]
    assert kept
    assert kept == list(range(kept[0], 40))
    longest = "\x01" * 100_000
    assert len(json.dumps([longest, text], ensure_ascii=False).encode()) < MAX_BODY_BYTES
    assert write_history([Exchange(1, "a" * MAX_BYTES, DAY, None)]) == "[]"
