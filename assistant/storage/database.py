"""Open the database of the desk: SQLite under ``var``, or PostgreSQL by its address; brought up to date on opening."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Result,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

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
from corpus.paths import var_dir

VARIABLE = "ASSISTANT_DATABASE_URL"
MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT = 10  # seconds for another writer, or for the server, to answer
_LOCK = 0x45534D53  # the advisory locks of PostgreSQL are numbers: this one is for migrations
_WRITES = "desk_writes"
_MIGRATING = threading.Lock()  # Alembic keeps what it is doing in its modules


class Database:
    """A database at its latest revision; threads may share it. See :func:`open_database`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file, when it is one."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads.

        Raises:
            StorageError: The database cannot be read.
        """
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes, on the disk when this ends; SQLite lets one in at a time.

        Raises:
            StorageError: Nothing was written.
        """
        with self._session(self._writer) as session:
            yield session
            session.commit()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with translated(self.engine.url), Session(engine, expire_on_commit=False) as session:
            yield session

    def lock(self, session: Session, number: int) -> None:
        """Hold others who ask for the same number until this transaction ends; a writer of SQLite is alone already."""
        if not self.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})

    def dispose(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def rows_changed(result: Result[Any]) -> int:
    """Return how many rows an order changed."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def open_database(url: str | None = None) -> Database:
    """Open the database and bring it to the latest revision.

    ``url`` is ``ASSISTANT_DATABASE_URL`` unless given, else ``desk.sqlite3`` in the directory of built and added
    things; for PostgreSQL, ``postgresql://utilisateur@serveur/base``.

    Raises:
        SettingError: The address means nothing.
        NewerError: A newer version of the assistant made it.
        StorageError: It cannot be opened, or not be brought up to date.
    """
    address = _address(url or os.environ.get(VARIABLE, "").strip())
    with translated(address):
        database = Database(_engine(address))
        try:
            _bring_up_to_date(database)
        except BaseException:
            database.dispose()
            raise
    return database


def _address(url: str) -> URL:
    if not url:
        return URL.create("sqlite", database=str(var_dir() / "desk.sqlite3"))
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _no_address() from None
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    on_file = address.drivername == "sqlite" and address.database not in (None, "", ":memory:")
    if not on_file and address.drivername != "postgresql+psycopg":
        raise _no_address()
    return address


def _no_address() -> SettingError:
    # The value is not repeated: it may hold a password.
    return SettingError(
        f"L’adresse de la base de données ({VARIABLE}) n’est pas reconnue\u00a0: écrivez "
        "postgresql://utilisateur@serveur/base, ou sqlite:////chemin/desk.sqlite3, ou supprimez ce réglage pour employer "
        "un fichier du dossier var."
    )


def _engine(address: URL) -> Engine:
    if address.drivername == "sqlite":
        _create_file(Path(address.database or ""))
        engine = create_engine(address, connect_args={"timeout": _WAIT}, pool_timeout=_WAIT)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        return create_engine(
            address, connect_args={"connect_timeout": _WAIT}, pool_pre_ping=True, pool_timeout=_WAIT
        )
    except (ImportError, NoSuchModuleError):
        raise SettingError(
            "Le pilote de PostgreSQL n’est pas installé\u00a0: installez-le par pip install "
            '"assistant-esms-numerique[postgresql]".'
        ) from None


def _create_file(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its rights to the ones it puts beside."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))
    except OSError as error:
        raise UnreachableError(
            f"La base de données {path} ne peut être ouverte ({error.strerror})\u00a0: vérifiez le chemin et les droits "
            "du dossier."
        ) from error


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    """Prepare a connection: it begins transactions when told, and what is acknowledged or erased is on the disk."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Begin at once as a writer where something is to be written: what was read cannot change before."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(database: Database) -> None:
    """Apply the migrations that lack, in one transaction that only one program runs at a time."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with database.engine.connect() as connection:
        if _revision(MigrationContext.configure(connection), known) == scripts.get_current_head():
            return
    with _MIGRATING, database.engine.connect().execution_options(**{_WRITES: True}) as connection:
        if database.is_sqlite:
            # A migration may make a table again: its references must not go with the old one.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        with connection.begin():
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _revision(MigrationContext.configure(connection), known)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.invalidate()  # its settings are not those of the others


def _revision(context: Any, known: set[str]) -> str | None:
    """Return the revision of the database, ``None`` when it is empty.

    Raises:
        NewerError: It is none that this version knows.
    """
    revision: str | None = context.get_current_revision()
    if revision is not None and revision not in known:
        raise NewerError(
            f"La base de données a été créée par une version plus récente de l’assistant (révision {revision})\u00a0: "
            "installez cette version. Rien n’a été modifié."
        )
    return revision


@contextmanager
def translated(address: URL) -> Iterator[None]:
    """Turn what a driver raises into a :class:`StorageError` in French."""
    try:
        yield
    except IntegrityError:  # a rule of the tables, which whoever writes knows how to tell
        raise
    except PoolTimeoutError as error:
        raise _said(LockedError, address) from error
    except DBAPIError as error:
        known = isinstance(error.orig, sqlite3.Error)
        raise _said(_sqlite_reason(error.orig) if known else _postgresql_reason(error), address) from error
    except sqlite3.Error as error:  # while a connection is prepared
        raise _said(_sqlite_reason(error), address) from error


_AGAIN = (
    "Rien n’a été enregistré de cette dernière demande\u00a0: recommencez, puis prévenez l’administrateur."
)


def _said(reason: type[StorageError], address: URL) -> StorageError:
    name = (
        address.database if address.drivername == "sqlite" else address.render_as_string(hide_password=True)
    )
    return reason(f"La base de données {name} {_SAID[reason].format(wait=_WAIT)}")


def _sqlite_reason(error: BaseException | None) -> type[StorageError]:
    return _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, StorageError)


def _postgresql_reason(error: DBAPIError) -> type[StorageError]:
    state = getattr(error.orig, "sqlstate", None) or ("08000" if _is_connection(error) else "")
    return next((kind for start, kind in _OF_POSTGRESQL if state.startswith(start)), StorageError)


def _is_connection(error: DBAPIError) -> bool:
    """Say whether no server answered: the driver then has no state to tell."""
    return error.connection_invalidated or type(error.orig).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
    )


_OF_SQLITE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_BUSY: LockedError,
    sqlite3.SQLITE_LOCKED: LockedError,
    sqlite3.SQLITE_READONLY: ReadOnlyError,
    sqlite3.SQLITE_FULL: DiskFullError,
    sqlite3.SQLITE_IOERR: DiskFullError,
    sqlite3.SQLITE_CORRUPT: DamagedError,
    sqlite3.SQLITE_NOTADB: DamagedError,
    sqlite3.SQLITE_CANTOPEN: UnreachableError,
}
# The first that the state begins with.
_OF_POSTGRESQL: tuple[tuple[str, type[StorageError]], ...] = (
    ("08", UnreachableError),
    ("28", UnreachableError),
    ("3D", UnreachableError),
    ("57P", UnreachableError),
    ("53300", UnreachableError),
    ("53", DiskFullError),
    ("58030", DiskFullError),
    ("25006", ReadOnlyError),
    ("42501", ReadOnlyError),
    ("XX", DamagedError),
    ("40", LockedError),
    ("55P03", LockedError),
)
_SAID: dict[type[StorageError], str] = {
    LockedError: (
        "est occupée par un autre programme depuis plus de {wait}\u00a0secondes\u00a0: réessayez dans un instant. Rien n’a "
        "été enregistré de cette dernière demande."
    ),
    UnreachableError: (
        "ne peut être jointe\u00a0: vérifiez l’adresse, les droits, et que le serveur est démarré. Rien n’a été enregistré."
    ),
    DamagedError: (
        "est abîmée ou n’est pas une base de l’assistant\u00a0: n’y écrivez plus, gardez-en une copie et restaurez la "
        "dernière sauvegarde."
    ),
    DiskFullError: (
        "n’a plus de place, ou son disque est défaillant\u00a0: libérez de l’espace puis recommencez. Rien n’a été "
        "enregistré de cette dernière demande, ce qui l’était déjà est intact."
    ),
    ReadOnlyError: (
        "ne peut être modifiée\u00a0: rendez-lui (et à son dossier) le droit d’écriture. Rien n’a été enregistré de cette "
        "dernière demande."
    ),
    StorageError: f"a refusé l’opération. {_AGAIN}",
}
