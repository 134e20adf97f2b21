"""Requests: received, drafted, checked, validated and sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from desk_samples import AMBER, SENDER, message, reply

from assistant.drafting.message import Address, Attachment
from assistant.drafting.reply import Point, Risk
from assistant.storage.desk import MAX_DRAFT, MAX_RAW, Desk
from assistant.storage.errors import (
    AccountRefused,
    AlreadySent,
    DeskError,
    EditConflict,
    InBin,
    PointsLeft,
    SendingConflict,
    TooLong,
    UnknownPoint,
    UnknownRequest,
)
from assistant.storage.views import Filter, Order, RevisionKind, Status


def statuses(view) -> list[str]:
    return [event.text for event in view.events]


# What comes in


def test_a_request_is_given_back_as_it_was_received(desk, team):
    received = message(
        "Bonjour,\r\n\tUne question\u00a0? 😀",
        sender=Address("Prénom NOM", "prenom.nom@example.org"),
        reply_to=Address("", "reponse@example.org"),
        to=(Address("ARS d’exemple", "ars@example.net"),),
        cc=(Address("", "copie@example.org"),),
        sent=datetime(2026, 3, 1, 18, 30, tzinfo=timezone(timedelta(hours=2))),
        message_id="<1@example.org>",
        references=("<0@example.org>",),
        attachments=(Attachment("projet.pdf", "application/pdf", 1234, "Texte lu", "Lu en partie."),),
        notices=("Lu en Windows-1252.",),
    )

    added, new = desk.add(received, b"octets bruts", reply(), by=team.first, kind="eml")
    view = desk.get(added.id)

    assert new
    assert view == added
    assert view.message == received
    assert desk.raw(view.id) == b"octets bruts"
    assert (view.status, view.risk, view.kind, view.theme) == (
        Status.TO_HANDLE,
        Risk.GREEN,
        "eml",
        "eligibilite",
    )
    assert view.added_by.login == "agent.un"
    assert (view.draft.text, view.draft.version, view.draft.by) == (reply().text, 1, None)
    assert [(one.kind, one.text) for one in view.revisions] == [(RevisionKind.GENERATED, reply().text)]
    assert view.received_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    [row] = desk.inbox().rows
    assert (row.subject, row.sender, row.sent_at) == (
        "Question sur le seuil", "Prénom NOM", datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
    )  # fmt: skip


def test_the_same_message_is_kept_once(desk, team):
    first, _ = desk.add(message(), b"a", reply(), by=None, kind="eml")
    desk.save_draft(first.id, "corrigé", version=1, by=team.first)

    again, new = desk.add(message(), b"b", reply(risk=Risk.RED), by=None, kind="texte")

    assert not new
    assert (again.id, again.draft.text, desk.raw(first.id)) == (first.id, "corrigé", b"a")
    assert desk.inbox().total == 1


def test_the_same_text_of_two_people_is_two_messages(desk):
    first, _ = desk.add(message(), b"", reply(), by=None, kind="texte")
    other = message(sender=Address("", "autre@example.net"))

    second, new = desk.add(other, b"", reply(), by=None, kind="texte")

    assert new
    assert second.id != first.id


def test_a_message_read_again_a_little_differently_is_known_by_its_id(desk):
    text = "Bonjour,\n\nNous avons une question sur le nombre minimal d’ESSMS d’un groupement.\n"
    first, _ = desk.add(message(text, message_id="<1@example.org>"), b"", reply(), by=None, kind="eml")

    again, new = desk.add(
        message(text + "-- \nSignature", message_id="<1@example.org>"), b"", reply(), by=None, kind="msg"
    )

    assert (again.id, new) == (first.id, False)


def test_another_message_under_the_same_id_is_not_lost(desk):
    desk.add(
        message("Première question, sur le seuil ?", message_id="<form@example.org>"),
        b"",
        reply(),
        by=None,
        kind="eml",
    )

    _, new = desk.add(
        message("Quelle est la date de clôture régionale cette année ?", message_id="<form@example.org>"),
        b"", reply(), by=None, kind="eml",
    )  # fmt: skip

    assert new
    assert desk.inbox().total == 2


@pytest.mark.parametrize(
    "hostile",
    [
        {"text": ""},
        {"text": "\x00\ud800'; DROP TABLE requests; --"},
        {"text": "x" * 3_000_000, "subject": "y" * 100_000},
        {"subject": "\x00", "message_id": "<" + "z" * 5_000 + ">"},
        {"message_id": "\x00\udfff"},
        {"sender": None},
        {"sent": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"sent": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))},
        {"sent": datetime(2026, 3, 1)},  # noqa: DTZ001 - a header without an offset
        {"cc": tuple(Address("é" * 300, f"{n}@example.org") for n in range(500))},
    ],
    ids=lambda hostile: "+".join(hostile),
)
def test_a_hostile_message_is_kept(desk, hostile):
    view, new = desk.add(message(**hostile), b"\x00\xff", reply(), by=None, kind="k" * 100)

    assert new
    assert desk.get(view.id) == view
    assert desk.inbox().total == 1
    assert desk.add(message(**hostile), b"", reply(), by=None, kind="eml")[1] is False


def test_what_a_message_weighs_has_a_limit_and_its_text_is_kept_beyond(desk):
    view, _ = desk.add(message(), b"x" * (MAX_RAW + 1), reply(), by=None, kind="eml")

    assert desk.raw(view.id) == b""
    assert view.message == message()


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 2**70])
def test_a_request_that_does_not_exist_is_said(desk, number):
    for call in (
        desk.get,
        desk.raw,
        lambda one: desk.open(one, None),
        lambda one: desk.save_draft(one, "x", version=1, by=None),
        lambda one: desk.set_status(one, Status.READY, by=None),
        lambda one: desk.remove(one, None),
        lambda one: desk.note(one, "x", None),
        lambda one: desk.claim_sending(one, None),
    ):
        with pytest.raises(UnknownRequest, match="n’existe pas"):
            call(number)


# The inbox


def test_the_inbox_is_paged_and_counts_each_status(desk, add, clock):
    views = []
    for _ in range(7):
        views.append(add())
        clock.move(minutes=1)
    desk.set_status(views[0].id, Status.READY, by=None)
    desk.set_status(views[1].id, Status.TO_CHECK, by=None)

    page = desk.inbox(page=2, size=3)

    assert [row.id for row in page.rows] == [view.id for view in (views[3], views[2], views[1])]
    assert (page.total, page.pages) == (7, 3)
    assert page.totals == {Status.TO_HANDLE: 5, Status.TO_CHECK: 1, Status.READY: 1, Status.SENT: 0}
    ready = desk.inbox(Filter(status=Status.READY))
    assert [row.id for row in ready.rows] == [views[0].id]
    assert ready.total == 1
    assert ready.totals == page.totals
    assert desk.inbox(page=99, size=3).page == 3
    assert len(desk.inbox(page=-5, size=10**9).rows) == 7


def test_an_empty_inbox_has_one_page(desk):
    page = desk.inbox(Filter(words="rien"))

    assert (page.rows, page.total, page.pages, page.page) == ((), 0, 1, 1)


def test_the_inbox_is_filtered_and_sorted(desk, add, team, clock):
    green = add()
    clock.move(minutes=1)
    red = add(risk=Risk.RED)
    clock.move(minutes=1)
    amber = add(risk=Risk.AMBER)
    desk.assign(red.id, team.first, by=team.second)

    def ids(**shown) -> list[int]:
        return [row.id for row in desk.inbox(Filter(**shown)).rows]

    assert ids(order=Order.RECENT) == [amber.id, red.id, green.id]
    assert ids(order=Order.OLDEST) == [green.id, red.id, amber.id]
    assert ids(order=Order.RISK) == [red.id, amber.id, green.id]
    assert ids(risk=Risk.RED) == [red.id]
    assert ids(assignee=team.first) == [red.id]
    assert ids(unassigned=True) == [amber.id, green.id]
    assert ids(theme="eligibilite") == [amber.id, red.id, green.id]
    assert ids(theme="x' OR 1=1") == []


# The draft


def test_a_save_is_the_draft_from_now_on(desk, add, team, clock):
    view = add()
    clock.move(minutes=5)

    draft = desk.save_draft(view.id, "Texte corrigé\r\nligne", version=1, by=team.first)

    assert (draft.text, draft.version, draft.by.login, draft.at) == (
        "Texte corrigé\nligne", 2, "agent.un", clock(),
    )  # fmt: skip
    assert desk.get(view.id).draft == draft
    assert desk.get(view.id).status is Status.TO_HANDLE


def test_small_changes_within_two_minutes_make_one_revision(desk, add, team, clock):
    view = add()
    generated = view.draft.text
    version = 1
    for words in ("un", "deux", "trois"):
        clock.move(seconds=30)
        version = desk.save_draft(view.id, f"{generated} {words}", version=version, by=team.first).version

    revisions = desk.get(view.id).revisions

    assert [(one.kind, one.text, one.version) for one in revisions] == [
        (RevisionKind.GENERATED, generated, 1),
        (RevisionKind.EDITED, f"{generated} trois", 4),
    ]
    clock.move(seconds=61)  # two minutes and one second after the first of them
    desk.save_draft(view.id, f"{generated} quatre", version=version, by=team.first)
    assert len(desk.get(view.id).revisions) == 3


def test_a_large_change_or_another_author_makes_a_revision(desk, add, team):
    view = add()
    desk.save_draft(view.id, "court", version=1, by=team.first)
    desk.save_draft(view.id, "mot " * 21, version=2, by=team.first)
    desk.save_draft(view.id, "mot " * 20, version=3, by=team.second)

    assert [one.text for one in desk.get(view.id).revisions] == [
        view.draft.text, "court", "mot " * 21, "mot " * 20,
    ]  # fmt: skip


def test_a_save_made_on_an_older_version_is_refused_and_nothing_is_lost(desk, add, team, clock):
    view = add()
    first = desk.save_draft(view.id, "texte de la première", version=1, by=team.first)
    clock.move(minutes=1)

    with pytest.raises(EditConflict, match="modifié entre-temps par Agente Première") as refused:
        desk.save_draft(view.id, "texte du second", version=1, by=team.second)

    assert refused.value.current == first
    after = desk.get(view.id)
    assert after.draft == first
    kept = next(one for one in after.revisions if one.id == refused.value.kept)
    assert (kept.kind, kept.text, kept.by.login, kept.kind.label) == (
        RevisionKind.SET_ASIDE, "texte du second", "agent.deux", "Brouillon écarté",
    )  # fmt: skip


def test_the_answer_to_a_conflict_can_be_to_save_again_on_the_new_version(desk, add, team):
    view = add()
    desk.save_draft(view.id, "premier", version=1, by=team.first)
    with pytest.raises(EditConflict) as refused:
        desk.save_draft(view.id, "second", version=1, by=team.second)

    draft = desk.save_draft(view.id, "second", version=refused.value.current.version, by=team.second)

    assert (draft.text, draft.version) == ("second", 3)
    assert {one.text for one in desk.get(view.id).revisions} == {view.draft.text, "premier", "second"}


def test_the_same_save_sent_again_is_no_conflict(desk, add, team):
    view = add()
    once = desk.save_draft(view.id, "une fois", version=1, by=team.first)

    assert desk.save_draft(view.id, "une fois", version=1, by=team.first) == once
    assert len(desk.get(view.id).revisions) == 2


@pytest.mark.parametrize("version", [0, 2, -1, 2**62])
def test_a_version_that_is_not_the_current_one_is_a_conflict(desk, add, version):
    view = add()

    with pytest.raises(EditConflict, match="l’assistant"):
        desk.save_draft(view.id, "texte", version=version, by=None)

    assert desk.get(view.id).draft == view.draft


def test_a_draft_that_is_too_long_is_refused_with_its_length(desk, add):
    view = add()

    with pytest.raises(TooLong, match=str(MAX_DRAFT + 1)):
        desk.save_draft(view.id, "x" * (MAX_DRAFT + 1), version=1, by=None)
    assert desk.save_draft(view.id, "x" * MAX_DRAFT, version=1, by=None).version == 2


@pytest.mark.parametrize(
    "text", ["", "'); DELETE FROM requests; --", "%s %(x)s {0} :name", "\\x00 \\' \"", "𝕏 é 😀\u202e"]
)
def test_any_text_comes_back_as_it_was_saved(desk, add, text):
    view = add()

    desk.save_draft(view.id, text, version=1, by=None)

    assert desk.get(view.id).draft.text == text


def test_what_no_database_keeps_is_replaced_by_a_sign(desk, add):
    view = add()

    draft = desk.save_draft(view.id, "a\x00b\ud800c", version=1, by=None)

    assert draft.text == "a\ufffdb\ufffdc"
    assert desk.get(view.id).draft == draft


def test_an_earlier_revision_can_be_taken_again(desk, add, team):
    view = add()
    desk.save_draft(view.id, "autre texte", version=1, by=team.first)

    draft = desk.restore(view.id, view.revisions[0].id, version=2, by=team.first)

    assert (draft.text, draft.version) == (view.draft.text, 3)
    assert desk.get(view.id).revisions[-1].kind is RevisionKind.RESTORED
    with pytest.raises(EditConflict):
        desk.restore(view.id, desk.get(view.id).revisions[1].id, version=2, by=team.second)


def test_a_revision_of_another_request_cannot_be_taken(desk, add):
    first, second = add(), add()

    with pytest.raises(UnknownRequest):
        desk.restore(first.id, second.revisions[0].id, version=1, by=None)


def test_a_draft_made_again_takes_its_place_with_its_points_and_risk(desk, add, team):
    view = add(**AMBER)
    desk.tick(view.id, "source", True, team.first)
    desk.tick(view.id, "annee", True, team.first)
    again = reply(
        risk=Risk.RED,
        answers=("Autre réponse.",),
        points=(Point("source", "Vérifier la source secondaire."), Point("annee", "Vérifier l’année 2024.")),
    )

    after = desk.replace_reply(view.id, again, version=1, by=team.second)

    assert (after.risk, after.draft.text, after.draft.version) == (Risk.RED, again.text, 2)
    assert [(point.key, point.ticked) for point in after.points] == [("source", True), ("annee", False)]
    assert [one.kind for one in after.revisions] == [RevisionKind.GENERATED] * 2


def test_a_draft_made_again_on_an_older_version_changes_nothing(desk, add, team):
    view = add()
    desk.save_draft(view.id, "texte d’une collègue", version=1, by=team.first)

    with pytest.raises(EditConflict):
        desk.replace_reply(view.id, reply(risk=Risk.RED), "nouveau", version=1, by=team.second)

    after = desk.get(view.id)
    assert (after.risk, after.reply, after.draft.text) == (Risk.GREEN, view.reply, "texte d’une collègue")
    assert after.revisions[-1].text == "nouveau"


def test_a_validated_draft_made_again_is_to_be_checked(desk, add):
    view = add()
    desk.set_status(view.id, Status.READY, by=None)

    after = desk.replace_reply(view.id, reply(answers=("Autre.",)), version=1, by=None)

    assert after.status is Status.TO_CHECK
    assert not after.can_undo


# Points and statuses


@pytest.mark.parametrize("risk", [Risk.AMBER, Risk.RED])
@pytest.mark.parametrize("status", [Status.READY, Status.SENT])
def test_a_draft_that_is_not_green_is_validated_once_every_point_is_ticked(desk, add, team, risk, status):
    view = add(**(AMBER | {"risk": risk}))
    with pytest.raises(PointsLeft, match="2 points restent") as refused:
        desk.set_status(view.id, status, by=team.first)
    assert [point.key for point in refused.value.points] == ["source", "annee"]
    desk.tick(view.id, "source", True, team.first)
    with pytest.raises(PointsLeft, match="1 point reste"):
        desk.set_status(view.id, status, by=team.first)
    with pytest.raises(PointsLeft):
        desk.claim_sending(view.id, team.first)
    with pytest.raises(PointsLeft):
        desk.mark_sent(view.id, by=team.first, how="copie")
    assert desk.get(view.id).status is Status.TO_HANDLE

    after = desk.tick(view.id, "annee", True, team.second)

    assert after.points_left == ()
    assert [(point.by.login, point.ticked) for point in after.points] == [
        ("agent.un", True),
        ("agent.deux", True),
    ]
    assert desk.set_status(view.id, status, by=team.first).status is status


def test_a_green_draft_is_validated_after_a_mere_reading(desk, add):
    view = add(points=(Point("lecture", "Relire."),))

    assert desk.set_status(view.id, Status.READY, by=None).status is Status.READY


def test_a_point_that_the_draft_has_not_cannot_be_ticked(desk, add):
    view = add(**AMBER)

    with pytest.raises(UnknownPoint):
        desk.tick(view.id, "autre' OR 1=1", True, None)


def test_unticking_a_point_of_a_validated_draft_has_it_checked_again(desk, add):
    view = add(**AMBER)
    for key in ("source", "annee"):
        desk.tick(view.id, key, True, None)
    desk.set_status(view.id, Status.READY, by=None)

    assert desk.tick(view.id, "annee", False, None).status is Status.TO_CHECK


@pytest.mark.parametrize(
    ("risk", "expected"),
    [(Risk.GREEN, Status.READY), (Risk.AMBER, Status.TO_CHECK), (Risk.RED, Status.TO_CHECK)],
)
def test_editing_a_validated_draft_has_it_checked_again_unless_green(desk, add, risk, expected):
    view = add(risk=risk)
    desk.set_status(view.id, Status.READY, by=None)

    desk.save_draft(view.id, "texte changé", version=1, by=None)

    assert desk.get(view.id).status is expected


def test_a_status_is_not_given_to_a_text_that_was_not_read(desk, add, team):
    view = add()
    desk.save_draft(view.id, "changé entre-temps", version=1, by=team.first)

    with pytest.raises(EditConflict, match="relisez-le"):
        desk.set_status(view.id, Status.READY, by=team.second, version=1)
    with pytest.raises(EditConflict):
        desk.claim_sending(view.id, team.second, version=1)

    assert desk.get(view.id).status is Status.TO_HANDLE


def test_a_status_can_be_undone_once(desk, add):
    view = add()
    assert not view.can_undo
    desk.set_status(view.id, Status.TO_CHECK, by=None)
    assert desk.set_status(view.id, Status.SENT, by=None).can_undo

    back = desk.undo_status(view.id, by=None)

    assert (back.status, back.answered_at, back.answered_how, back.can_undo) == (
        Status.TO_CHECK,
        None,
        "",
        False,
    )
    assert desk.undo_status(view.id, by=None).status is Status.TO_CHECK


def test_undoing_does_not_validate_what_has_a_point_left(desk, add):
    view = add(**AMBER)
    for key in ("source", "annee"):
        desk.tick(view.id, key, True, None)
    desk.set_status(view.id, Status.READY, by=None)
    desk.set_status(view.id, Status.TO_CHECK, by=None)
    desk.tick(view.id, "annee", False, None)

    with pytest.raises(PointsLeft):
        desk.undo_status(view.id, by=None)


# Sending


def test_a_sending_is_claimed_by_one_person_then_recorded(desk, add, team, clock):
    view = add()

    draft = desk.claim_sending(view.id, team.first, version=1)

    assert draft == view.draft
    with pytest.raises(SendingConflict, match="en cours d’envoi par Agente Première"):
        desk.claim_sending(view.id, team.second)
    with pytest.raises(SendingConflict):
        desk.mark_sent(view.id, by=team.second, how="smtp")
    with pytest.raises(SendingConflict):
        desk.release_sending(view.id, team.second)
    clock.move(seconds=2)
    after = desk.mark_sent(view.id, by=team.first, how="smtp")
    assert (after.status, after.answered_how, after.answered_at, after.really_sent, after.sending) == (
        Status.SENT, "smtp", clock(), True, None,
    )  # fmt: skip


def test_nothing_changes_any_more_after_a_real_sending(desk, add, team):
    view = add(**AMBER)
    for key in ("source", "annee"):
        desk.tick(view.id, key, True, team.first)
    desk.claim_sending(view.id, team.first)
    sent = desk.mark_sent(view.id, by=team.first, how="smtp")

    for change in (
        lambda: desk.save_draft(view.id, "trop tard", version=1, by=team.second),
        lambda: desk.replace_reply(view.id, reply(), version=1, by=team.second),
        lambda: desk.set_status(view.id, Status.TO_HANDLE, by=team.second),
        lambda: desk.undo_status(view.id, by=team.second),
        lambda: desk.claim_sending(view.id, team.second),
        lambda: desk.mark_sent(view.id, by=team.second, how="smtp"),
        lambda: desk.tick(view.id, "source", False, team.second),
    ):
        with pytest.raises(AlreadySent, match="déjà envoyée"):
            change()

    after = desk.get(view.id)
    assert (after.draft, after.status, after.can_undo) == (sent.draft, Status.SENT, False)
    assert "trop tard" in [one.text for one in after.revisions]


def test_a_sending_that_failed_can_be_tried_again(desk, add, team):
    view = add()
    desk.claim_sending(view.id, team.first)

    assert desk.release_sending(view.id, team.first).sending is None
    assert desk.claim_sending(view.id, team.second).text == view.draft.text


def test_a_sending_whose_end_is_unknown_is_shown_and_settled_by_anybody(desk, add, team, clock):
    view = add()
    desk.claim_sending(view.id, team.first)
    assert not desk.get(view.id).sending.uncertain

    clock.move(minutes=5, seconds=1)

    assert desk.get(view.id).sending.uncertain
    assert desk.inbox().rows[0].sending.uncertain
    for change in (
        lambda: desk.claim_sending(view.id, team.second),
        lambda: desk.save_draft(view.id, "autre", version=1, by=team.second),
        lambda: desk.set_status(view.id, Status.SENT, by=team.second),
        lambda: desk.remove(view.id, team.second),
    ):
        with pytest.raises(SendingConflict, match="issue n’est pas connue"):
            change()
    assert desk.mark_sent(view.id, by=team.second, how="smtp").really_sent


def test_a_reply_declared_sent_is_not_sent_again(desk, add, team):
    view = add()
    after = desk.mark_sent(view.id, by=team.first, how="copie")
    assert (after.status, after.answered_how, after.really_sent) == (Status.SENT, "copie", False)

    with pytest.raises(AlreadySent):
        desk.claim_sending(view.id, team.second)

    assert desk.undo_status(view.id, by=team.first).status is Status.TO_HANDLE
    assert desk.claim_sending(view.id, team.second)


# People


def test_a_request_is_given_and_taken_back(desk, add, team, accounts):
    view = add()

    assert desk.assign(view.id, team.second, by=team.first).assignee.login == "agent.deux"
    after = desk.assign(view.id, None, by=team.first)

    assert after.assignee is None
    assert statuses(after) == ["Demande reçue", "Attribuée à Agent Second", "N’est plus attribuée"]
    accounts.disable("agent.deux")
    for nobody in (team.second, 999):
        with pytest.raises(AccountRefused, match="désactivé"):
            desk.assign(view.id, nobody, by=team.first)


def test_notes_are_kept_apart_from_the_reply(desk, add, team):
    view = add()

    note = desk.note(view.id, " à voir avec la DNS ", team.first)

    after = desk.get(view.id)
    assert after.notes == (note,)
    assert (note.text, note.by.login) == ("à voir avec la DNS", "agent.un")
    assert after.draft == view.draft
    with pytest.raises(DeskError, match="vide"):
        desk.note(view.id, " \n", team.first)
    with pytest.raises(TooLong):
        desk.note(view.id, "x" * 10_001, team.first)


def test_only_the_first_opening_is_recorded(desk, add, team, clock):
    view = add()
    clock.move(minutes=3)
    desk.open(view.id, team.first)
    clock.move(minutes=3)

    after = desk.open(view.id, team.second)

    assert [(event.text, event.by.login) for event in after.events[1:]] == [("Première lecture", "agent.un")]


def test_who_else_has_a_request_on_screen_is_told_for_forty_seconds(desk, add, team, clock):
    view, other = add(), add()
    desk.present(view.id, team.first)
    clock.move(seconds=20)
    desk.present(view.id, team.second)

    assert [one.login for one in desk.others(view.id, team.second)] == ["agent.un"]
    assert [one.login for one in desk.others(view.id, team.first)] == ["agent.deux"]
    assert desk.others(other.id, team.first) == ()
    clock.move(seconds=20)
    assert desk.others(view.id, team.second) == ()
    desk.present(view.id, team.first)
    assert [one.login for one in desk.others(view.id, team.second)] == ["agent.un"]
    with pytest.raises(UnknownRequest):
        desk.present(999, team.first)


# The bin


def test_a_removed_request_is_in_the_bin_until_it_is_taken_back(desk, add, team):
    view, kept = add(), add()
    desk.remove(view.id, team.first)

    assert [row.id for row in desk.inbox().rows] == [kept.id]
    assert [row.id for row in desk.inbox(Filter(removed=True)).rows] == [view.id]
    for change in (
        lambda: desk.save_draft(view.id, "dans la corbeille", version=1, by=team.first),
        lambda: desk.set_status(view.id, Status.READY, by=team.first),
        lambda: desk.claim_sending(view.id, team.first),
        lambda: desk.assign(view.id, team.first, by=team.first),
        lambda: desk.mark_sent(view.id, by=team.first, how="copie"),
    ):
        with pytest.raises(InBin):
            change()
    after = desk.restore_removed(view.id, team.first)
    assert after.draft == view.draft
    assert "dans la corbeille" in [one.text for one in after.revisions]
    assert desk.inbox().total == 2


def test_a_message_already_in_the_bin_is_found_there(desk):
    first, _ = desk.add(message(), b"", reply(), by=None, kind="texte")
    desk.remove(first.id, None)

    again, new = desk.add(message(), b"", reply(), by=None, kind="texte")

    assert not new
    assert again.removed_at is not None


def test_the_desk_needs_no_clock(database):
    view, _ = Desk(database).add(replace(message(), sender=SENDER), b"", reply(), by=None, kind="texte")

    assert abs(view.received_at - datetime.now(UTC)) < timedelta(minutes=1)
