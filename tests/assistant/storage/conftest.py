"""A desk on each engine: SQLite in a file, PostgreSQL on a server of these tests, reached by a socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from desk_samples import PASSWORD, Clock, message, reply
from sqlalchemy import text

from assistant.storage.accounts import Accounts
from assistant.storage.database import Database, open_database
from assistant.storage.desk import Desk
from assistant.storage.models import Base

ENGINES = ("sqlite", "postgresql")
_numbers = count(1)


def _binaries() -> Path | None:
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    return installed[-1].parent if installed else None


def _user() -> str | None:
    """Return who runs the server when the tests are run by root, whom PostgreSQL refuses."""
    return "nobody" if os.geteuid() == 0 else None


@dataclass
class Server:
    """A PostgreSQL server with its data in ``directory``, reached by the socket in it."""

    binaries: Path
    directory: Path
    durable: bool = (
        False  # whether what it acknowledges outlives the machine: slower, for the tests that kill
    )
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def url(self, name: str) -> str:
        return f"postgresql://desk@/{name}?host={self.directory}"

    def run(self, program: str, *arguments: str) -> str:
        command = [str(self.binaries / program), *arguments]
        done = subprocess.run(
            command, user=_user(), cwd=self.directory, check=True, capture_output=True, text=True
        )
        return done.stdout

    def start(self) -> None:
        log = (self.directory / "log").open("ab")
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.directory)]
        self.process = subprocess.Popen(
            [*command, "-c", "listen_addresses=", "-c", "max_connections=60", "-c", f"fsync={'on' if self.durable else 'off'}"],
            user=_user(), cwd=self.directory, stdout=log, stderr=log,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ready = subprocess.run(
                [self.binaries / "pg_isready", "-q", "-h", self.directory], check=False, cwd=self.directory
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        pytest.fail(f"PostgreSQL does not start: {(self.directory / 'log').read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop it without tidying up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=60)

    def crash(self) -> None:
        """Kill it with its children, who would else serve their clients a little longer, and wait for their end."""
        assert self.process is not None
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        self.process.kill()
        self.process.wait(timeout=60)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        deadline = time.monotonic() + 60
        while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def sql(self, order: str, name: str = "postgres") -> str:
        return self.run("psql", "-h", str(self.directory), "-U", "desk", "-At", "-c", order, name)


@contextmanager
def _served(*, durable: bool) -> Iterator[Server]:
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    directory = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket is short
    try:
        if user := _user():
            shutil.chown(directory, user)
        server = Server(binaries, directory, durable)
        server.run(
            "initdb", "-D", str(server.data), "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with _served(durable=False) as server:
        yield server


@pytest.fixture
def postgresql_alone() -> Iterator[Server]:
    """A server that a test may stop."""
    with _served(durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def shared(postgresql: Server) -> Iterator[Database]:
    """A database made once: making one takes longer than most tests."""
    postgresql.sql("CREATE DATABASE shared TEMPLATE template0")
    opened = open_database(postgresql.url("shared"))
    yield opened
    opened.dispose()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of which nothing is made yet."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    server: Server = request.getfixturevalue("postgresql")
    name = f"desk_{next(_numbers)}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
    return server.url(name)


@pytest.fixture
def database(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database that holds nothing."""
    if engine_name == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
        yield opened
        opened.dispose()
        return
    shared: Database = request.getfixturevalue("shared")
    with shared.engine.begin() as connection:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield shared


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hasher() -> Any:
    """argon2 with its least cost, so that the tests are quick."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def accounts(database: Database, clock: Clock, hasher: Any) -> Accounts:
    return Accounts(database, clock, hasher)


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    return Desk(database, clock)


@dataclass(frozen=True)
class Team:
    first: int
    second: int


@pytest.fixture
def team(accounts: Accounts) -> Team:
    first = accounts.create("agent.un", "Agente Première", PASSWORD)
    second = accounts.create("agent.deux", "Agent Second", PASSWORD)
    return Team(first.id, second.id)


Adder = Callable[..., Any]


@pytest.fixture
def add(desk: Desk) -> Adder:
    """Add a request and return how it is shown; each call is another message."""

    def add_one(words: str | None = None, *, fields: dict[str, Any] | None = None, **drafting: Any) -> Any:
        said = f"Bonjour, message d’exemple {next(_numbers)}. Quel est le seuil ?" if words is None else words
        view, new = desk.add(message(said, **(fields or {})), b"", reply(**drafting), by=None, kind="texte")
        assert new
        return view

    return add_one
