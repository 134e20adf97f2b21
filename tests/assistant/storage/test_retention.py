"""Purge, export and deletion: what is removed is no more in the files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from desk_samples import message, reply
from sqlalchemy import text

from assistant.answer import Kind, Status
from assistant.drafting.message import Address, Attachment
from assistant.errors import InputError, SettingError
from assistant.storage.database import open_database
from assistant.storage.desk import Desk
from assistant.storage.errors import UnknownRequest
from assistant.storage.figures import figures
from assistant.storage.lacks import lacking
from assistant.storage.personal import ERASED, export, find, remove
from assistant.storage.proposals import propose
from assistant.storage.retention import purge, retention_days
from assistant.storage.views import Filter
from assistant.storage.views import Status as DeskStatus

TABLES = (
    "requests", "raw_messages", "search_texts", "revisions", "ticks", "events", "notes", "presences", "statistics",
    "asked_questions", "corrections", "accounts",
)  # fmt: skip


def everything(database) -> str:
    with database.engine.connect() as connection:
        return "\n".join(
            f"{table}: {tuple(bytes(one).decode(errors='replace') if isinstance(one, bytes) else one for one in row)}"
            for table in TABLES
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


# Retention


def test_what_has_not_changed_for_a_year_is_removed_with_all_it_holds(desk, add, team, database, clock):
    old = add(
        "Vieille demande",
        **{"questions": (("Question sans réponse ?", Kind.ABSTENTION, Status.NOT_IN_CORPUS),)},
    )
    desk.note(old.id, "note ancienne", team.first)
    desk.present(old.id, team.first)
    desk.set_status(old.id, DeskStatus.SENT, by=team.first)
    clock.move(days=300)
    recent = add("Demande récente")
    clock.move(days=65)

    counted = purge(database, dry_run=True, clock=clock)
    assert (counted.requests, counted.binned) == (1, 0)
    assert desk.inbox().total == 2
    done = purge(database, clock=clock)

    assert (done.requests, done.erased) == (1, True)
    assert [row.id for row in desk.inbox().rows] == [recent.id]
    with pytest.raises(UnknownRequest):
        desk.get(old.id)
    for words in ("Vieille", "note ancienne"):
        assert words not in everything(database)
    after = figures(database)
    assert (after.requests, after.sent, after.unanswered) == (2, 1, {"autre": 1})
    assert lacking(database).questions == 1


def test_a_day_less_than_a_year_is_kept(desk, add, database, clock):
    add()
    clock.move(days=364, hours=23)
    assert purge(database, clock=clock).requests == 0
    clock.move(hours=1)
    assert purge(database, clock=clock).requests == 1


def test_a_request_that_changed_is_kept_from_its_last_change(desk, add, team, database, clock):
    view = add()
    clock.move(days=300)
    desk.save_draft(view.id, "texte", version=1, by=team.first)
    clock.move(days=300)

    assert purge(database, clock=clock).requests == 0


def test_the_bin_is_emptied_after_thirty_days(desk, add, database, clock):
    view = add()
    desk.remove(view.id, None)
    clock.move(days=29, hours=23)
    assert purge(database, clock=clock).binned == 0
    assert desk.inbox(Filter(removed=True)).total == 1
    clock.move(hours=1)
    assert purge(database, clock=clock).binned == 1
    assert desk.inbox(Filter(removed=True)).total == 0


def test_an_id_is_never_given_twice(desk, add, database, clock):
    last = add()
    purge(database, 0, clock=clock)

    assert add().id > last.id


@pytest.mark.parametrize("value", ["0", "-1", "un an", "36501", "1.5", "٣"])
def test_a_retention_that_means_nothing_is_refused(monkeypatch, value):
    monkeypatch.setenv("ASSISTANT_RETENTION_DAYS", value)

    with pytest.raises(SettingError, match="ASSISTANT_RETENTION_DAYS"):
        retention_days()


def test_the_retention_of_the_setting_is_used(monkeypatch, add, database, clock):
    monkeypatch.setenv("ASSISTANT_RETENTION_DAYS", "10")
    add()
    clock.move(days=10)

    assert purge(database, clock=clock).requests == 1


def test_ended_sessions_are_removed_too(accounts, team, database, clock):
    from desk_samples import PASSWORD

    token = accounts.sign_in("agent.un", PASSWORD, "poste")
    clock.move(hours=1)
    purge(database, clock=clock)
    assert accounts.session(token) is not None
    clock.move(hours=12)
    purge(database, clock=clock)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar() == 0


MARKER = "MARQUEUR-7b1f"


def marked() -> dict:
    return {"text": f"{MARKER} " * 3_000, "subject": f"Objet {MARKER}"}


def test_no_byte_of_what_is_purged_is_left_in_the_files_of_sqlite(tmp_path, clock):
    database = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    desk = Desk(database, clock)
    kept, _ = desk.add(message("À garder"), b"", reply(), by=None, kind="texte")
    view, _ = desk.add(message(**marked()), MARKER.encode() * 5_000, reply(), by=None, kind="texte")
    desk.save_draft(view.id, f"{MARKER} brouillon", version=1, by=None)
    desk.note(view.id, f"{MARKER} note", None)

    def holding() -> list[str]:
        return [
            path.name for path in tmp_path.iterdir() if MARKER.lower().encode() in path.read_bytes().lower()
        ]

    assert holding() != []
    clock.move(days=400)
    desk.note(kept.id, "vu", None)
    assert purge(database, clock=clock).erased

    assert holding() == []
    assert desk.inbox().total == 1
    database.dispose()
    assert holding() == []


def test_a_reader_that_holds_the_file_is_told_and_the_next_purge_erases(tmp_path, clock, monkeypatch):
    monkeypatch.setattr("assistant.storage.database._WAIT", 0.2)
    database = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    desk = Desk(database, clock)
    desk.add(message(**marked()), b"", reply(), by=None, kind="texte")
    with database.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM requests").scalar()
        done = purge(database, 0, clock=clock)
        assert (done.requests, done.erased) == (1, False)

    assert purge(database, 0, clock=clock).erased
    assert not any(MARKER.encode() in path.read_bytes() for path in tmp_path.iterdir())
    database.dispose()


def test_no_byte_of_what_is_purged_is_left_in_the_tables_of_postgresql(postgresql_alone, clock):
    postgresql_alone.sql("CREATE DATABASE desk")
    database = open_database(postgresql_alone.url("desk"))
    desk = Desk(database, clock)
    view, _ = desk.add(message(**marked()), MARKER.encode() * 50, reply(), by=None, kind="texte")
    desk.note(view.id, f"{MARKER} note", None)

    def holding() -> bool:
        postgresql_alone.sql("CHECKPOINT")
        found = subprocess.run(
            ["grep", "-rqi", MARKER, str(postgresql_alone.data / "base")], check=False, capture_output=True
        )
        return found.returncode == 0

    assert holding()
    assert purge(database, 0, clock=clock).erased

    assert not holding()
    database.dispose()


# One person


PERSON = Address("Prénom MODÈLE", "prenom.modele@example.org")


@pytest.fixture
def traces(desk, add, team, tmp_path, database) -> dict[str, int]:
    """Requests where a person is: writer, copied, cited, in a draft, in a note, attached; and one without them."""
    written = add("Ma demande", fields={"sender": PERSON})
    copied = add("Autre demande", fields={"cc": (PERSON,)})
    history = add("Voir dessous\n\n> De : Modele Prenom <Prenom.Modele@Example.org>\n> Mon numéro est 12.")
    drafted = add("Demande sans nom")
    desk.save_draft(drafted.id, "Monsieur Prénom\nModèle,", version=1, by=team.first)
    noted = add("Demande à noter")
    desk.note(noted.id, "Rappeler PRENOM MODELE", team.first)
    attached = add(
        "Avec un fichier",
        fields={"attachments": (Attachment("a.pdf", "application/pdf", 1, "Signé : Prénom Modèle"),)},
    )
    raw, _ = desk.add(
        message("Par liste"),
        b"Delivered-To: prenom.modele@example.org\r\n\r\nPar liste",
        reply(),
        by=None,
        kind="eml",
    )
    near = add("Écrire à prenom.modele@example.org.fr")
    other = add("Demande de Prénom MODÈLERIE, xprenom.modele@example.org")
    return {
        "written": written.id, "copied": copied.id, "history": history.id, "drafted": drafted.id,
        "noted": noted.id, "attached": attached.id, "raw": raw.id, "near": near.id, "other": other.id,
    }  # fmt: skip


def found_in(found, traces: dict[str, int]) -> set[str]:
    names = {number: name for name, number in traces.items()}
    return {names[trace.request_id] for trace in found.traces}


def test_a_person_is_found_wherever_they_are(database, traces, tmp_path):
    by_name = find(database, "Prénom Modèle", proposals=tmp_path)
    by_address = find(database, "PRENOM.MODELE@example.org", proposals=tmp_path)

    # An address made of the name is that person's, most likely; another name or address is not.
    assert found_in(by_name, traces) == set(traces) - {"other"}
    assert found_in(by_address, traces) == {"written", "copied", "history", "raw"}
    assert by_address.names == ("Prénom MODÈLE",)
    places = {trace.request_id: trace.places for trace in by_name.traces}
    assert "expéditeur" in places[traces["written"]]
    assert places[traces["copied"]] == ("copie",)
    assert places[traces["history"]] == ("message et historique cité",)
    assert places[traces["drafted"]] == ("brouillon", "révision")
    assert places[traces["noted"]] == ("note",)
    assert [trace.request_id for trace in by_name.traces if trace.author] == [traces["written"]]


def test_all_that_is_kept_about_a_person_is_exported(database, traces, tmp_path, clock):
    kept = export(database, "Prénom Modèle", proposals=tmp_path, clock=clock)

    assert {one["demande"] for one in kept["demandes"]} == {
        number for name, number in traces.items() if name != "other"
    }
    written = next(one for one in kept["demandes"] if one["demande"] == traces["written"])
    assert written["message"]["text"] == "Ma demande"
    assert written["message"]["sender"]["address"] == "prenom.modele@example.org"
    noted = next(one for one in kept["demandes"] if one["demande"] == traces["noted"])
    assert noted["notes"][0]["texte"] == "Rappeler PRENOM MODELE"


@pytest.mark.parametrize("who", ["Prénom Modèle", "MODELE prenom", "prenom.modele@example.org"])
def test_a_person_is_removed_and_the_requests_of_others_stay(desk, database, traces, tmp_path, who):
    before = desk.get(traces["other"])

    done = remove(database, who, proposals=tmp_path)

    assert done.erased
    assert find(database, who, proposals=tmp_path).nothing
    with pytest.raises(UnknownRequest):
        desk.get(traces["written"])
    assert desk.inbox().total == 8
    history = desk.get(traces["history"]).message.text
    assert history.startswith("Voir dessous")
    assert ERASED in history
    assert "Mon numéro est 12." in history
    assert desk.get(traces["other"]) == before


def test_both_name_and_address_removed_leave_nothing(desk, database, traces, tmp_path):
    remove(database, "prenom.modele@example.org", proposals=tmp_path)
    remove(database, "Prénom Modèle", proposals=tmp_path)

    left = everything(database).replace("MODÈLERIE", "").replace("modelerie", "")
    left = left.replace("xprenom.modele@example.org", "")
    for secret in ("modele", "modèle"):
        assert secret not in left.lower()
    assert desk.inbox(Filter(words="modele@example.org")).total == 1  # the other one
    assert desk.get(traces["drafted"]).draft.version == 3  # who has the old one on screen will be told


def test_the_figures_of_a_removed_person_stay_without_their_words(desk, add, database, tmp_path):
    add(
        "Une question ?", fields={"sender": PERSON},
        questions=(("Question rare sur les câbles ?", Kind.ABSTENTION, Status.NOT_IN_CORPUS),),
    )  # fmt: skip

    remove(database, PERSON.address, proposals=tmp_path)

    assert figures(database).requests == 1
    assert "câbles" not in everything(database)
    assert lacking(database).questions == 1


def test_a_person_is_removed_from_proposed_fiches_too(desk, add, database, tmp_path, clock):
    view = add(answers=("Réponse à Exemple Autre, qui dirige.",))
    desk.set_status(view.id, DeskStatus.READY, by=None)
    path = propose(database, view.id, "answer-1", None, directory=tmp_path, clock=clock)
    assert "Exemple Autre" in path.read_text(encoding="utf-8")

    found = remove(database, "Autre Exemple", proposals=tmp_path)

    assert found.files == (path,)
    assert "Exemple" not in path.read_text(encoding="utf-8")


def test_an_account_is_closed_and_renamed_and_history_stays(desk, add, database, team, accounts, tmp_path):
    from desk_samples import PASSWORD

    view = add()
    desk.assign(view.id, team.second, by=team.first)
    token = accounts.sign_in("agent.deux", PASSWORD, "poste")

    found = remove(database, "Agent Second", proposals=tmp_path)

    assert found.accounts == ("agent.deux",)
    assert accounts.session(token) is None
    assert {account.display_name for account in accounts.all()} == {"Agente Première", "Compte supprimé"}
    after = desk.get(view.id)
    assert after.assignee.display_name == "Compte supprimé"
    assert after.events[-1].text == "Attribuée à Compte supprimé"


@pytest.mark.parametrize("who", ["", " ", "a", "M.", "%", "..", "\x00"])
def test_a_word_that_tells_nobody_apart_is_refused(database, who, tmp_path):
    for act in (find, export, remove):
        with pytest.raises(InputError, match="ne suffit pas"):
            act(database, who, proposals=tmp_path)


@pytest.mark.parametrize(
    "who", ["Nom' OR '1'='1", "(aaa+)+$ [xxx", "\\ddd+ .*", "x " + "x" * 100_000, "é" * 5_000 + " " + "à" * 5_000]
)
def test_a_hostile_name_finds_nobody_in_a_bounded_time(database, traces, tmp_path, who):
    import time

    start = time.perf_counter()
    assert find(database, who, proposals=tmp_path).nothing
    assert time.perf_counter() - start < 5


def test_the_files_of_sqlite_hold_no_byte_of_a_removed_person(tmp_path, clock):
    database = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    desk = Desk(database, clock)
    desk.add(
        message("Ma demande", sender=PERSON), b"From: prenom.modele@example.org", reply(), by=None, kind="eml"
    )
    desk.add(message("Autre", cc=(PERSON,)), b"Cc: prenom.modele@example.org", reply(), by=None, kind="eml")

    remove(database, PERSON.address, proposals=Path(tmp_path / "p"))

    for path in tmp_path.iterdir():
        assert b"prenom.modele" not in path.read_bytes().lower(), path
    database.dispose()
