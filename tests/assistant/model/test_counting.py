"""Tokens are counted without the model's vocabulary, never fewer than it takes."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from assistant.model.counting import believable, room, tokens_of, tokens_of_messages
from assistant.model.thinking import Thinking, without_thinking


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("", 0),
        ("a", 1),
        ("2025", 4),
        ("…", 1),
        ("\u202f", 2),
        ("à é è", 3),
        ("ESSMS", 3),
        ("日本", 6),
        ("🙂", 4),
        ("!!!", 3),
        ("a" * 300, 100),
        ("é" * 300, 100),
    ],
)
def test_each_kind_of_text_has_its_least(text, least):
    assert tokens_of(text) >= least


def test_french_is_not_counted_twice_over():
    text = (
        "Les établissements et services sociaux et médico-sociaux déposent un dossier commun auprès de l’agence. "
        * 10
    )
    assert len(text) / 3 <= tokens_of(text) <= len(text) / 2.5


def test_calls_of_tools_count():
    calls = [{"name": "outil", "args": {"texte": "a" * 300}, "id": "1"}]
    assert tokens_of_messages([AIMessage("", tool_calls=calls)]) > 100 + tokens_of_messages(
        [HumanMessage("")]
    )


def test_room_is_never_negative():
    assert room(1000) == 1000
    assert room(1000, "a" * 300) < 900
    assert room(10, "a" * 300) == 0


@pytest.mark.parametrize("told", [None, True, "50", 50.0, 9, 101, -1])
def test_what_cannot_be_believed(told):
    assert believable(told, 42, 10, 100) == 42


def test_what_can_be_believed():
    assert [believable(told, 42, 10, 100) for told in (10, 50, 100)] == [10, 50, 100]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("bonjour", "bonjour"),
        ("<think>a\nb</think>\n\nOui", "Oui"),
        (" <think></think>Oui", "Oui"),
        ("<thi", "<thi"),
        ("<thin air>", "<thin air>"),
        ("<think>jamais", ""),
        ("<think>a</think>", ""),
        ("Oui <think>x</think>", "Oui <think>x</think>"),
        ("", ""),
    ],
)
def test_what_is_thought_aloud_at_the_start_is_left_out_however_it_is_cut(written, shown):
    assert without_thinking(written) == shown
    for size in (1, 2, 3, 5):
        thinking = Thinking()
        pieces = [thinking.feed(written[at : at + size]) for at in range(0, len(written), size)]
        assert "".join(pieces) + thinking.end() == shown
