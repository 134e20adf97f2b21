"""Remove what has been kept long enough, down to the bytes of the files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, text

from assistant.errors import LockedError, SettingError
from assistant.storage.accounts import LIFETIME, WINDOW
from assistant.storage.clock import now
from assistant.storage.database import Database, translated
from assistant.storage.models import Base, Presence, Request, SignIn, SignInAttempt

VARIABLE = "ASSISTANT_RETENTION_DAYS"
DAYS = 365
BIN = timedelta(days=30)
_LONGEST = 36_500  # days


@dataclass(frozen=True)
class Purged:
    """How many requests were (or would be) removed, those of the bin apart.

    ``erased``: the bytes are gone from the files too; not yet while another program reads the database.
    """

    requests: int
    binned: int
    erased: bool = True


def retention_days() -> int:
    """Return how many days a request is kept after its last change.

    Raises:
        SettingError: The setting is no number of days.
    """
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        return DAYS
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= _LONGEST:
        raise SettingError(
            f"{VARIABLE} vaut «\u00a0{value}\u00a0»\u00a0: écrivez un nombre de jours, de 1 à {_LONGEST}."
        )
    return int(value)


def purge(
    database: Database,
    older_than: int | None = None,
    *,
    dry_run: bool = False,
    clock: Callable[[], datetime] = now,
) -> Purged:
    """Remove the requests not changed for ``older_than`` days (the setting's unless given), and the bin's after 30.

    Figures stay: they name nobody.

    Raises:
        SettingError: The setting is no number of days.
        StorageError: Nothing was removed.
    """
    instant = clock()
    old = Request.changed_at <= instant - timedelta(
        days=retention_days() if older_than is None else older_than
    )
    binned = Request.removed_at <= instant - BIN
    with database.writing() as session:
        requests = session.scalar(select(func.count()).select_from(Request).where(old)) or 0
        both = session.scalar(select(func.count()).select_from(Request).where(or_(old, binned))) or 0
        if not dry_run:
            session.execute(delete(Request).where(or_(old, binned)))
            for ended in _ended(instant):
                session.execute(delete(ended.table).where(ended.condition))
    return Purged(requests, both - requests, dry_run or erase(database))


@dataclass(frozen=True)
class _Ended:
    table: type[Base]
    condition: ColumnElement[bool]


def _ended(instant: datetime) -> tuple[_Ended, ...]:
    """Return what is of no more use, however young the requests."""
    return (
        _Ended(SignIn, SignIn.created_at <= instant - LIFETIME),
        _Ended(SignInAttempt, SignInAttempt.at <= instant - WINDOW),
        _Ended(Presence, Presence.seen_at <= instant - timedelta(days=1)),
    )


def erase(database: Database) -> bool:
    """Write the files again without what was removed; return whether that could be done.

    SQLite: the file, and its journal cut to nothing. PostgreSQL: the tables; its own journal (WAL) and the backups of
    the server follow the server's rules.

    Raises:
        StorageError: The disk is full or failing.
    """
    try:
        with translated(database.engine.url):
            return _rewrite_file(database) if database.is_sqlite else _rewrite_tables(database)
    except LockedError:
        return False


def _rewrite_file(database: Database) -> bool:
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
        return row is not None and row[0] == 0
    finally:
        connection.close()


def _rewrite_tables(database: Database) -> bool:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(
            text(f"VACUUM (FULL) {', '.join(table.name for table in Base.metadata.sorted_tables)}")
        )
        connection.execute(text("RESET lock_timeout"))
    return True
