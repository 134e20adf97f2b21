"""What a member of staff does at the desk: receive, draft, change one part, export, send."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from assistant.chain import Assistant
from assistant.drafting.message import Address
from assistant.drafting.reply import Length, Tone
from assistant.drafting.sending import SmtpSettings
from assistant.errors import InputError
from assistant.settings import DeskSettings
from assistant.storage.database import open_database
from assistant.storage.errors import EditConflict, PointsLeft
from assistant.storage.views import AccountView, Status
from assistant.web.agents.commands import Commands
from assistant.web.agents.service import DeskService, highlight

NOW = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
MESSAGE = """De : Mme Exemple <direction@example.org>
Objet : Seuil et date

Bonjour,

Nous sommes 12 ESSMS en Bretagne. Pouvons-nous candidater seuls en 2025 ?
Quelle est la date limite de la voie régionale ?

Cordialement,
Mme Exemple
Directrice
"""


@pytest.fixture
def service(assistant: Assistant, tmp_path: Path) -> Iterator[DeskService]:
    database = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    settings = DeskSettings(signature="Le service", reply_from=Address("Service", "service@example.org"))
    yield DeskService(assistant, database, settings, clock=lambda: NOW)
    database.dispose()


@pytest.fixture
def agent(service: DeskService) -> AccountView:
    return service.accounts.create("agent.un", "Agent un", "une phrase de passe assez longue")


def test_a_message_pasted_becomes_a_request_with_its_draft_once(
    service: DeskService, agent: AccountView
) -> None:
    received = service.paste(MESSAGE, agent)
    assert received.new
    assert received.request is not None
    assert "15 ESSMS" in received.request.draft.text.replace("\u00a0", " ")
    assert received.request.draft.text.startswith("Madame la Directrice,")
    again = service.paste(MESSAGE, agent)
    assert (again.new, again.request and again.request.id) == (False, received.request.id)


def test_what_cannot_be_read_says_why_and_a_mailbox_gives_each_of_its_messages(
    service: DeskService, agent: AccountView
) -> None:
    assert "vide" in service.paste("  \n", agent).problem
    (image,) = service.receive(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "photo.png", agent)
    assert "image" in image.problem
    mailbox = "".join(
        f"From a@example.org Mon Jun  2 09:00:00 2025\nFrom: a{n}@example.org\nSubject: Question {n}\n\nQuel est le seuil en {place} ?\n\n"
        for n, place in enumerate(("Corse", "Bretagne"))
    )
    received = service.receive(mailbox.encode(), "boite.mbox", agent)
    assert [item.new for item in received] == [True, True]
    assert [item.request and item.request.message.subject for item in received] == [
        "Question 0",
        "Question 1",
    ]


def request_of(service: DeskService, agent: AccountView) -> int:
    received = service.paste(MESSAGE, agent)
    assert received.request is not None
    return received.request.id


def test_one_paragraph_is_made_again_and_the_others_stay_as_edited(
    service: DeskService, agent: AccountView
) -> None:
    number = request_of(service, agent)
    view = service.desk.get(number)
    edited = view.draft.text.replace("Madame la Directrice,", "Chère Madame,").replace(
        "15 ESSMS au moins", "XX"
    )
    saved = service.desk.save_draft(number, edited, version=view.draft.version, by=agent.id)
    made = service.regenerate(number, "answer-1", version=saved.version, by=agent)
    assert made.draft.text.startswith("Chère Madame,")
    assert "XX" not in made.draft.text
    assert "15 ESSMS au moins" in made.draft.text.replace("\u00a0", " ")
    gone = service.desk.save_draft(number, "Chère Madame,", version=made.draft.version, by=agent.id)
    with pytest.raises(InputError, match="ne figure plus"):
        service.regenerate(number, "answer-1", version=gone.version, by=agent)


def test_an_answer_is_put_in_with_its_sources_before_what_comes_next(
    service: DeskService, agent: AccountView
) -> None:
    number = request_of(service, agent)
    before = service.desk.get(number)
    edited = before.draft.text.replace("Madame la Directrice,", "Chère Madame,", 1)
    saved = service.desk.save_draft(number, edited, version=before.draft.version, by=agent.id)
    view = service.insert_answer(number, "Qu’est-ce que le DUI ?", version=saved.version, by=agent)
    text = view.draft.text
    assert text.startswith("Chère Madame,")
    assert text.index("DUI") < text.index("expression de notre considération")
    assert len(view.reply["citations"]) > len(before.reply["citations"])
    listed = text[text.index("Sources citées") :]
    assert all(f"[{citation['number']}]" in listed for citation in view.reply["citations"])
    assert view.reply["questions"][-1]["text"] == "Qu’est-ce que le DUI ?"


def test_a_letter_in_another_tone_replaces_the_text_and_the_former_one_can_come_back(
    service: DeskService, agent: AccountView
) -> None:
    number = request_of(service, agent)
    first = service.desk.get(number)
    view = service.redraft(
        number, version=first.draft.version, by=agent, tone=Tone.PLAIN, length=Length.SHORT
    )
    assert "Bien cordialement," in view.draft.text
    back = service.desk.restore(number, view.revisions[0].id, version=view.draft.version, by=agent.id)
    assert back.text == first.draft.text


def test_two_people_are_told_and_nothing_is_lost(service: DeskService, agent: AccountView) -> None:
    other = service.accounts.create("agent.deux", "Agent deux", "une autre phrase assez longue")
    number = request_of(service, agent)
    version = service.desk.get(number).draft.version
    service.desk.save_draft(number, "Texte du premier.", version=version, by=agent.id)
    with pytest.raises(EditConflict) as conflict:
        service.desk.save_draft(number, "Texte du second.", version=version, by=other.id)
    assert conflict.value.current.text == "Texte du premier."
    assert "Texte du second." in [revision.text for revision in service.desk.get(number).revisions]
    for change in (service.redraft, lambda *a, **k: service.insert_answer(*a, "Qu’est-ce que le DUI ?", **k)):
        with pytest.raises(EditConflict):
            change(number, version=version, by=other)


def test_the_assistant_is_asked_with_what_the_message_states(
    service: DeskService, agent: AccountView
) -> None:
    number = request_of(service, agent)
    assert "12" in service.ask(number, "Notre nombre d’ESSMS suffit-il ?").text
    for question in ("", " ", "x" * 3000):
        with pytest.raises(InputError):
            service.ask(number, question)


@pytest.mark.parametrize("form", ["eml", "docx", "odt"])
def test_a_letter_leaves_as_a_file(service: DeskService, agent: AccountView, form: str) -> None:
    exported = service.export(request_of(service, agent), form)
    assert exported.name.endswith(f".{form}")
    if form == "eml":
        mail = message_from_bytes(exported.content, policy=policy.default)
        assert (mail["To"], mail["Subject"]) == ("Mme Exemple <direction@example.org>", "Re: Seuil et date")
    else:
        assert exported.content.startswith(b"PK")


def test_an_unknown_format_and_a_sending_that_is_not_set_up_are_refused(
    service: DeskService, agent: AccountView
) -> None:
    number = request_of(service, agent)
    with pytest.raises(InputError, match="eml, docx ou odt"):
        service.export(number, "exe")
    with pytest.raises(InputError, match="configuré"):
        service.send(number, version=1, by=agent)


class Inbox:
    """What the local SMTP server received."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.received.append(envelope.content)
        return "250 reçu"


@pytest.fixture
def smtp() -> Iterator[tuple[Inbox, SmtpSettings]]:
    from aiosmtpd.controller import Controller

    inbox = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            inbox,
            SmtpSettings(
                host="127.0.0.1", port=port, security="none", sender=Address("", "service@example.org")
            ),
        )
    finally:
        controller.stop()


def test_a_letter_is_sent_once_and_only_when_its_points_are_checked(
    service: DeskService, agent: AccountView, smtp: tuple[Inbox, SmtpSettings]
) -> None:
    inbox, service.smtp = smtp
    received = service.paste("De : a@example.org\nObjet : Dossier\n\nOù en est notre dossier ?", agent)
    assert received.request is not None
    view = received.request
    with pytest.raises(PointsLeft):
        service.send(view.id, version=view.draft.version, by=agent)
    assert inbox.received == []
    for point in view.points:
        service.desk.tick(view.id, point.key, True, by=agent.id)
    service.send(view.id, version=view.draft.version, by=agent)
    assert len(inbox.received) == 1
    assert service.desk.get(view.id).status is Status.SENT
    with pytest.raises(Exception, match="envoy"):
        service.send(view.id, version=view.draft.version, by=agent)
    assert len(inbox.received) == 1


@pytest.mark.parametrize(
    ("text", "questions", "found"),
    [
        ("Bonjour. Quel est le seuil ?", ["Quel est le seuil ?"], ["Quel est le seuil ?"]),
        ("Quel\nest  le seuil ? Merci", ["Quel est le seuil ?"], ["Quel\nest  le seuil ?"]),
        ("Rien ici", ["Quel est le seuil ?"], []),
        ("aa", ["a", "aa"], ["a"]),
        ("", ["x"], []),
    ],
)
def test_questions_are_shown_in_the_message(text: str, questions: list[str], found: list[str]) -> None:
    pieces = highlight(text, questions)
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, marked in pieces if marked] == found


def test_a_validated_answer_is_proposed_as_a_fiche_and_used_by_nobody(
    service: DeskService, agent: AccountView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    received = service.paste("De : Mme Exemple <a@example.org>\nObjet : DUI\n\nQu’est-ce que le DUI ?", agent)
    assert received.request is not None
    number = received.request.id
    commands = Commands(service, lambda: NOW.date())

    def propose() -> dict[str, object]:
        command = json.dumps(
            {"do": "propose", "id": number, "key": "answer-1", "version": 1, "filter": {}, "seq": 1}
        )
        return commands.run(command, lambda: agent).result

    refused = propose()
    assert (refused["ok"], "validée" in str(refused["message"])) == (False, True)
    for point in received.request.points:
        service.desk.tick(number, point.key, True, by=agent.id)
    service.desk.set_status(number, Status.READY, by=agent.id)
    assert propose()["ok"] is True
    (written,) = (tmp_path / "var" / "propositions").glob("*.md")
    text = written.read_text(encoding="utf-8")
    assert "[@" in text
    assert "Exemple" not in text
