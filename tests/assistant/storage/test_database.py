"""Opening a database: made, brought up to date, refused; what a disk that fails does."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from desk_samples import message, reply
from sqlalchemy import text

from assistant.errors import (
    DamagedError,
    DiskFullError,
    LockedError,
    NewerError,
    ReadOnlyError,
    SettingError,
    StorageError,
    UnreachableError,
)
from assistant.storage.database import open_database
from assistant.storage.desk import Desk
from assistant.storage.models import Base

ROOT = Path(__file__).parents[3]


@pytest.fixture
def database(url):
    """A database of its own for each test: some break it."""
    opened = open_database(url)
    yield opened
    opened.dispose()


def test_the_migrations_make_the_tables_of_the_models(database):
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert differences == []


def test_a_database_opened_again_keeps_what_it_holds(url, database, add):
    kept = add("Bonjour, une question ?")

    again = open_database(url)

    assert Desk(again).get(kept.id).message.text == "Bonjour, une question ?"
    again.dispose()


def test_several_programs_may_open_an_empty_database_at_once(url):
    opened, failed = [], []

    def open_one():
        try:
            opened.append(open_database(url))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert [Desk(one).inbox().total for one in opened] == [0] * 6
    for one in opened:
        one.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(url, database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'futur'"))

    with pytest.raises(NewerError, match=r"version plus récente.*futur.*Rien n’a été modifié"):
        open_database(url)

    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "futur"


def test_a_migration_that_fails_leaves_nothing_behind(url, monkeypatch):
    import alembic.command

    real = alembic.command.upgrade

    def upgrade_then_die(*arguments):
        real(*arguments)
        raise sqlite3.OperationalError("disque débranché")

    monkeypatch.setattr(alembic.command, "upgrade", upgrade_then_die)
    with pytest.raises(StorageError):
        open_database(url)
    monkeypatch.undo()

    opened = open_database(url)
    assert Desk(opened).inbox().total == 0
    opened.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "n’importe quoi",
        "mysql://desk:tres-secret@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+asyncpg://x/y",
        "://",
    ],
)
def test_an_address_that_means_nothing_is_refused_without_being_repeated(address, monkeypatch):
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", address)

    with pytest.raises(SettingError) as refused:
        open_database()

    assert "ASSISTANT_DATABASE_URL" in str(refused.value)
    assert "tres-secret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    with pytest.raises(UnreachableError) as refused:
        open_database(f"postgresql://desk:tres-secret@/base?host={tmp_path}")

    assert "tres-secret" not in str(refused.value)
    assert "base" in str(refused.value)


def test_the_default_is_a_file_of_var_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("ASSISTANT_DATABASE_URL", raising=False)
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))

    database = open_database()
    Desk(database).add(message(), b"", reply(), by=None, kind="texte")

    files = sorted((tmp_path / "var").iterdir())
    assert [path.name for path in files] == ["desk.sqlite3", "desk.sqlite3-shm", "desk.sqlite3-wal"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    with database.engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    assert settings == ["wal", 2, 1, 1]
    database.dispose()


@pytest.mark.parametrize(
    "content", [b"ceci n\xe2\x80\x99est pas une base" * 100, b"SQLite format 3\x00" + b"\x01" * 5_000]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "desk.sqlite3"
    path.write_bytes(content)

    with pytest.raises(DamagedError, match="abîmée"):
        open_database(f"sqlite:///{path}")

    assert path.read_bytes() == content


def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "fichier").write_text("")

    with pytest.raises(UnreachableError, match="ne peut être ouverte"):
        open_database(f"sqlite:///{tmp_path}/fichier/desk.sqlite3")


def test_a_full_database_says_so_and_loses_nothing(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    desk = Desk(database)
    view, _ = desk.add(message(), b"", reply(), by=None, kind="texte")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    database.dispose()

    def limited(connection, _):
        connection.execute(f"PRAGMA max_page_count={pages + 3}")

    from sqlalchemy import event

    event.listen(database.engine, "connect", limited)
    with pytest.raises(DiskFullError, match=r"n’a plus de place.*intact"):
        desk.save_draft(view.id, "mot " * 20_000, version=1, by=None)
    with pytest.raises(DiskFullError):
        desk.add(message("x" * 100_000), b"", reply(), by=None, kind="texte")

    assert desk.get(view.id) == view
    assert desk.inbox().total == 1
    assert desk.save_draft(view.id, "court", version=1, by=None).text == "court"
    database.dispose()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_really_full_says_so_and_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()}")
    database = open_database(f"sqlite:///{disk / 'desk.sqlite3'}")
    desk = Desk(database)
    try:
        view, _ = desk.add(message(), b"", reply(), by=None, kind="texte")
        saved = view.draft
        with pytest.raises(DiskFullError, match="n’a plus de place"):  # noqa: PT012 - how many saves fit is not known
            for number in range(100):
                text_of = f"{number} " * 15_000
                saved = desk.save_draft(view.id, text_of, version=saved.version, by=None)

        assert desk.get(view.id).draft == saved
        assert saved.version > 1
    finally:
        database.dispose()
        subprocess.run(["umount", disk], check=True)


# Root is stopped by no right on a file: it becomes somebody else, once all is imported.
_READ_ONLY = """
import os, sys
from assistant.errors import AssistantError
from assistant.storage.database import open_database
from assistant.storage.desk import Desk

open_database(sys.argv[1]).dispose()
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Desk(open_database(sys.argv[2])).note(1, "x", None)
except AssistantError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def open_place():
    """A directory that anybody may enter, as those of pytest may not be."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    yield place
    place.chmod(0o755)
    shutil.rmtree(place)


@pytest.mark.parametrize(("file_mode", "place_mode"), [(0o444, 0o555), (0o444, 0o777), (0o644, 0o555)])
def test_a_read_only_file_or_place_says_so_and_stays_as_it_is(open_place, tmp_path, file_mode, place_mode):
    path = open_place / "desk.sqlite3"
    database = open_database(f"sqlite:///{path}")
    Desk(database).add(message(), b"", reply(), by=None, kind="texte")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    before = path.read_bytes()
    path.chmod(file_mode)
    open_place.chmod(place_mode)

    command = [sys.executable, "-c", _READ_ONLY, f"sqlite:///{tmp_path}/autre.sqlite3", f"sqlite:///{path}"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.stdout.split()[:1] in ([ReadOnlyError.__name__], [UnreachableError.__name__]), done
    assert "écriture" in done.stdout or "droits" in done.stdout
    assert path.read_bytes() == before


def test_a_server_that_only_reads_says_so(postgresql):
    postgresql.sql("CREATE DATABASE lecture")
    url = postgresql.url("lecture")
    open_database(url).dispose()
    postgresql.sql("ALTER DATABASE lecture SET default_transaction_read_only = on")
    database = open_database(url)

    with pytest.raises(ReadOnlyError, match="ne peut être modifiée"):
        Desk(database).add(message(), b"", reply(), by=None, kind="texte")

    assert Desk(database).inbox().total == 0
    database.dispose()


def test_a_database_held_by_another_program_is_said_to_be_busy(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.storage.database._WAIT", 0.2)
    path = tmp_path / "desk.sqlite3"
    database = open_database(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LockedError, match="occupée"):
        Desk(database).add(message(), b"", reply(), by=None, kind="texte")

    assert Desk(database).inbox().total == 0  # reading goes on
    other.execute("ROLLBACK")
    assert Desk(database).add(message(), b"", reply(), by=None, kind="texte")[1]
    other.close()
    database.dispose()


def test_a_server_that_crashes_and_returns_is_joined_again_and_has_lost_nothing(postgresql_alone):
    postgresql_alone.sql("CREATE DATABASE desk")
    database = open_database(postgresql_alone.url("desk"))
    desk = Desk(database)
    view, _ = desk.add(message(), b"brut", reply(), by=None, kind="texte")

    postgresql_alone.crash()
    with pytest.raises(UnreachableError, match="ne peut être jointe"):
        desk.get(view.id)
    postgresql_alone.start()

    assert desk.get(view.id) == view
    database.dispose()
