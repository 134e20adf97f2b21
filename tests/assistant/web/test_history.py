"""The hidden field that holds the conversation."""

from __future__ import annotations

import json

import pytest

from assistant.web.history import MAX_BYTES, MAX_TURNS, Exchange, questions, read_history, write_history
from assistant.web.requests import MAX_BODY_BYTES

EXCHANGE = Exchange(1, "Combien d’ESSMS ?", '<div class="answer">Quinze.</div>')


def test_what_is_written_is_read_again():
    exchanges = [EXCHANGE, Exchange(2, "Et 😀 ?", "Désolé", failed=True), Exchange(3, "Encore ?", "Oui")]

    assert read_history(write_history(exchanges)) == exchanges
    assert questions(exchanges) == ["Combien d’ESSMS ?", "Encore ?"]


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
        '[{"question": 1, "answer": "Oui"}]',
        '[{"question": "Oui ?", "answer": {"path": "/etc/hostname"}}]',
    ],
)
def test_what_is_not_a_conversation_is_ignored(stored):
    assert read_history(stored) == []


@pytest.mark.parametrize("number", [None, "2", True, -1, 10**9, [1]])
def test_an_exchange_without_a_usable_number_takes_its_place(number):
    row = {"number": number, "question": "Q", "answer": "A", "failed": 1}

    assert read_history(json.dumps([row])) == [Exchange(1, "Q", "A")]


def test_half_a_character_is_replaced():
    assert read_history('[{"question": "a\\ud800", "answer": "b"}]') == [Exchange(1, "a?", "b")]


def test_a_long_conversation_keeps_its_last_exchanges():
    many = [Exchange(number, str(number), "") for number in range(1, MAX_TURNS + 6)]

    assert read_history(write_history(many))[0].number == 6
    assert len(read_history(json.dumps([vars(exchange) for exchange in many]))) == MAX_TURNS


def test_a_large_conversation_fits_in_a_request_with_the_longest_question():
    many = [Exchange(number, '"' * 30_000, "é" * 30_000) for number in range(1, 40)]
    text = write_history(many)

    kept = [exchange.number for exchange in read_history(text)]
    assert kept
    assert kept == list(range(kept[0], 40))
    longest = "\x01" * 100_000
    assert len(json.dumps([longest, text], ensure_ascii=False).encode()) < MAX_BODY_BYTES
    assert write_history([Exchange(1, "a" * MAX_BYTES, "")]) == "[]"
