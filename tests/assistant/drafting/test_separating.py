"""What the sender wrote this time is told from the signature, the notices and the history, whatever the mail program."""

from __future__ import annotations

import time

import pytest
from mail_layouts import ALL, FORWARDS, QUESTION, SIGNATURE, Layout

from assistant.drafting.message import Address, Message
from assistant.drafting.separating import _LEVELS, MAXIMUM_HISTORY, separate

CLUB = "> Combien d’établissements comptez-vous ?\n>\n> Avez-vous déjà un logiciel ?\n"


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_each_layout_is_parted(layout: Layout) -> None:
    parted = separate(Message(layout.text, subject=layout.subject))
    assert parted.written == layout.written
    assert parted.signature == layout.signature
    assert parted.disclaimer == layout.disclaimer
    assert tuple(quoted.text.split("\n")[0] for quoted in parted.history) == layout.history
    assert parted.forwarded is layout.forwarded
    sender = parted.history[0].sender if parted.history else None
    assert layout.sender in ((sender.address, sender.name) if sender else ("",))


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_windows_line_ends_change_nothing(layout: Layout) -> None:
    windows = Message(layout.text.replace("\n", "\r\n"), subject=layout.subject)
    assert separate(windows) == separate(Message(layout.text, subject=layout.subject))


@pytest.mark.parametrize("layout", FORWARDS, ids=lambda layout: layout.name)
def test_the_header_of_what_is_passed_on_is_read(layout: Layout) -> None:
    (quoted, *_) = separate(Message(layout.text, subject=layout.subject)).history
    assert quoted.sender == Address("Direction", "direction@example.net")
    assert "10:12" in quoted.sent
    assert quoted.subject.startswith("Question sur le DUI")


def test_answers_between_quoted_lines_are_written_and_keep_what_they_answer() -> None:
    text = (
        "Bonjour,\nMes réponses ci-dessous.\n\nLe 02/06/2025 à 10:12, Service a écrit :\n"
        "> Combien d’établissements comptez-vous ?\n\nDix-sept.\n\n"
        "> Avez-vous déjà un logiciel ?\n\nNon. Est-ce gênant ?\n\nCordialement,\nMme Exemple\n"
    )
    parted = separate(Message(text))
    assert parted.written == "Bonjour,\nMes réponses ci-dessous.\n\nDix-sept.\n\nNon. Est-ce gênant ?"
    assert parted.signature == "Cordialement,\nMme Exemple"
    assert parted.exchanges == (
        ("Combien d’établissements comptez-vous ?", "Dix-sept."),
        ("Avez-vous déjà un logiciel ?", "Non. Est-ce gênant ?"),
    )
    assert len(parted.history) == 1
    assert not parted.forwarded


def test_a_mere_quotation_below_makes_no_exchange() -> None:
    parted = separate(Message(f"{QUESTION}\n\nLe 02/06/2025 à 10:12, Service a écrit :\n{CLUB}\n{SIGNATURE}"))
    assert parted.exchanges == ()


def test_the_name_of_the_sender_alone_signs() -> None:
    text = f"{QUESTION}\nexemple"
    assert separate(Message(text)).signature == ""
    assert separate(Message(text, sender=Address("Exemple", "x@example.org"))).signature == "exemple"


def test_every_line_is_kept_somewhere() -> None:
    """Nothing is lost but the headers and the marks of what is quoted."""
    for layout in ALL:
        parted = separate(Message(layout.text, subject=layout.subject))
        kept = "\n".join(
            [parted.written, parted.signature, parted.disclaimer, *(quoted.text for quoted in parted.history)]
        )
        for line in layout.written.split("\n") + layout.signature.split("\n"):
            assert line in kept


def test_quotations_deeper_than_the_limit_are_kept_as_they_are() -> None:
    text = "Oui.\n" + "\n".join(f"{'>' * depth} niveau {depth}" for depth in range(1, 3 * _LEVELS))
    parted = separate(Message(text))
    assert parted.written == "Oui."
    said = "\n".join(quoted.text for quoted in parted.history)
    assert all(f"niveau {depth}" in said for depth in range(1, 3 * _LEVELS))


def test_a_chain_longer_than_the_limit_ends_in_one_message() -> None:
    header = "De : X <x@example.org>\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : y\nObjet : Z\n\n"
    text = "Oui.\n\n" + "".join(f"{header}message {rank}\n\n" for rank in range(3 * MAXIMUM_HISTORY))
    history = separate(Message(text)).history
    assert len(history) == MAXIMUM_HISTORY + 1
    assert f"message {3 * MAXIMUM_HISTORY - 1}" in history[-1].text


HOSTILE = {
    "prose": "Nous sommes une association de dix établissements.\n" * 20_000,
    "one line": "a" * 1_000_000,
    "dashes": ("-" * 400 + "\n") * 2_500,
    "dashes and spaces": ("- " * 200 + "\n") * 2_500,
    "stars": ("*" * 300 + "\n") * 3_300,
    "headers": "De : x\nObjet : y\n" * 60_000,
    "attributions": "Le 1 juin 2025 à 10:12, x a écrit :\n" * 27_000,
    "attributions without end": "Le 1 juin 2025 à 10:12\n" * 40_000,
    "answers": "> a\nb\n" * 160_000,
    "marks": (">" * 300 + " a\n") * 3_300,
    "closings": "Cordialement\nX\n\n" * 60_000,
    "post-scripta": "Cordialement\nPS : a ?\n" * 40_000,
    "addresses": ("a@b." * 90 + "\n") * 2_700,
    "brackets": "De : " + "<" * 1_000_000 + "\nObjet : x\n",
    "empty lines": "\n" * 1_000_000,
    "figures": ("0" * 300 + "\n") * 3_300,
    "notices": "ce message " * 90_000,
    "labels on one line": ("De : a Envoyé : 1 à : " * 18 + "\n") * 2_400,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_anything_is_parted_in_time(name: str) -> None:
    text = HOSTILE[name]
    started = time.process_time()
    parted = separate(Message(text))
    assert time.process_time() - started < 4  # a second on an idle machine; what is quadratic takes minutes
    assert isinstance(parted.written, str)
