"""Programs killed in the middle of what they write, and people who write at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from desk_samples import message, reply

from assistant.storage.database import open_database
from assistant.storage.desk import Desk
from assistant.storage.errors import EditConflict, SendingConflict
from assistant.storage.models import SearchText
from assistant.storage.searching import searchable
from assistant.storage.views import RevisionKind

ROOT = Path(__file__).parents[3]
KILLS = 20

# One program that imports once, then forks those that are to be killed: each says what was acknowledged on a pipe.
_FORKING = """
import json, os, random, signal, sys, time
from assistant.storage.database import open_database
from assistant.storage.desk import Desk
from assistant.storage.errors import EditConflict
from assistant.storage import recording
import alembic.command, alembic.config, psycopg

url, what, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
chance = random.Random(20260302)

def words(version):
    return f"texte numéro {version} " * 400

def save(pipe):
    desk = Desk(open_database(url))
    version = desk.get(1).draft.version
    while True:
        version = desk.save_draft(1, words(version + 1), version=version, by=None).version
        os.write(pipe, f"{version}\\n".encode())

def make(pipe):
    os.write(pipe, b"0\\n")
    open_database(url).dispose()
    time.sleep(60)

def killed(child, longest):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        child(writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        first = said.readline()
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        lines = (first + said.read()).split(b"\\n")
    return [int(line) for line in lines[:-1]]

def race(number):
    go, start = os.pipe()
    pids = []
    said, tell = os.pipe()
    for name in range(4):
        pid = os.fork()
        if pid == 0:
            os.close(start)
            desk = Desk(open_database(url))
            version = desk.get(1).draft.version
            os.write(tell, b"ready\\n")
            os.read(go, 1)
            try:
                desk.save_draft(1, f"tour {number} programme {name} " * 50, version=version, by=None)
                outcome = "won"
            except EditConflict:
                outcome = "refused"
            os.write(tell, f"{outcome}\\n".encode())
            os._exit(0)
        pids.append(pid)
    os.close(tell)
    os.close(go)
    with os.fdopen(said, "rb") as lines:
        for _ in pids:
            lines.readline()
        os.close(start)
        outcomes = sorted(line.decode().strip() for line in lines)
    for pid in pids:
        os.waitpid(pid, 0)
    return outcomes

if what == "save":
    print(json.dumps([killed(save, 0.08) for _ in range(rounds)]))
elif what == "make":
    print(json.dumps([killed(make, 0.12) for _ in range(rounds)]))
else:
    print(json.dumps([race(number) for number in range(rounds)]))
"""


def run(url: str, what: str, rounds: int) -> list:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FORKING, url, what, str(rounds)],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    return json.loads(done.stdout)


def words(version: int) -> str:
    return f"texte numéro {version} " * 400


@pytest.fixture
def durable_url(engine_name, tmp_path, request):
    """A database that keeps what it acknowledges."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    server = request.getfixturevalue("postgresql_alone")
    server.sql("CREATE DATABASE desk")
    return server.url("desk")


def test_what_is_acknowledged_outlives_twenty_kills_in_the_middle_of_saves(durable_url):
    database = open_database(durable_url)
    Desk(database).add(message(), b"", reply(), by=None, kind="texte")
    database.dispose()

    acknowledged = run(durable_url, "save", KILLS)

    database = open_database(durable_url)
    view = Desk(database).get(1)
    versions = [version for killed in acknowledged for version in killed]
    kept = {one.version: one.text for one in view.revisions}
    assert len(acknowledged) == KILLS
    assert len(versions) >= KILLS  # each wrote before it died
    assert set(versions) <= set(kept)
    # At most one save of each is on the disk without its author having known; none is there by half.
    assert view.draft.version - 1 - len(versions) <= KILLS
    assert sorted(kept) == list(range(1, view.draft.version + 1)) == [one.version for one in view.revisions]
    assert all(text == words(version) for version, text in kept.items() if version > 1)
    assert view.draft.text == words(view.draft.version)
    with database.reading() as session:
        assert session.get(SearchText, 1).draft == searchable(view.draft.text)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    database.dispose()


def test_a_program_killed_while_it_makes_the_tables_does_not_stop_the_next(durable_url):
    run(durable_url, "make", 5)

    database = open_database(durable_url)
    assert Desk(database).add(message(), b"", reply(), by=None, kind="texte")[1]
    database.dispose()


def test_of_several_programs_that_save_at_once_one_wins_and_no_text_is_lost(durable_url):
    database = open_database(durable_url)
    Desk(database).add(message(), b"", reply(), by=None, kind="texte")
    database.dispose()

    outcomes = run(durable_url, "race", 5)

    assert outcomes == [["refused", "refused", "refused", "won"]] * 5
    database = open_database(durable_url)
    view = Desk(database).get(1)
    assert view.draft.version == 6
    assert {one.text for one in view.revisions[1:]} == {
        f"tour {number} programme {name} " * 50 for number in range(5) for name in range(4)
    }
    assert sum(one.kind is RevisionKind.SET_ASIDE for one in view.revisions) == 15
    database.dispose()


def at_once(count: int, act) -> list:
    """Call ``act(number)`` in as many threads, started together; return what each gave or raised."""
    gate = threading.Barrier(count)
    outcomes: list = [None] * count

    def one(number: int) -> None:
        gate.wait()
        try:
            outcomes[number] = act(number)
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_several_threads_that_save_at_once_one_wins_and_no_text_is_lost(desk, add, team):
    for _ in range(5):
        view = add()
        texts = [f"texte du fil {number}" for number in range(8)]

        outcomes = at_once(
            8,
            lambda number, view=view, texts=texts: desk.save_draft(
                view.id, texts[number], version=1, by=None
            ),
        )

        refused = [one for one in outcomes if isinstance(one, EditConflict)]
        [won] = [one for one in outcomes if not isinstance(one, Exception)]
        assert len(refused) == 7
        assert all(one.current == won for one in refused)
        after = desk.get(view.id)
        assert after.draft == won
        assert {one.text for one in after.revisions} == {view.draft.text, *texts}


def test_of_several_people_who_send_at_once_one_does(desk, add, team):
    view = add()

    outcomes = at_once(8, lambda number: desk.claim_sending(view.id, (team.first, team.second)[number % 2]))

    assert sum(isinstance(one, SendingConflict) for one in outcomes) == 7
    assert [one for one in outcomes if not isinstance(one, Exception)] == [view.draft]


def test_a_message_imported_by_several_people_at_once_is_kept_once(desk):
    outcomes = at_once(8, lambda _: desk.add(message(), b"", reply(), by=None, kind="eml"))

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert sorted(new for _, new in outcomes) == [False] * 7 + [True]
    assert len({view.id for view, _ in outcomes}) == 1
    assert desk.inbox().total == 1


def test_everything_at_once_ends_in_order(desk, add, team):
    view = add()

    def act(number: int) -> None:
        desk.present(view.id, team.first)
        desk.note(view.id, f"note {number}", team.first)
        desk.open(view.id, team.second)
        desk.assign(view.id, team.first if number % 2 else None, by=team.second)
        desk.inbox()

    outcomes = at_once(10, act)

    assert outcomes == [None] * 10
    after = desk.get(view.id)
    assert {note.text for note in after.notes} == {f"note {number}" for number in range(10)}
    assert sum(event.kind == "ouvert" for event in after.events) == 1
