"""The tokens and euros that a model has cost: for a conversation in memory, for a day in a small file; and their caps.

A call is counted before it is made, as what it may cost at most, and corrected after: a process that dies in between
leaves the count too high rather than too low, and two that ask at once cannot both pass under the cap.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from assistant.answer import Usage
from assistant.composing.french import NBSP
from assistant.errors import AssistantError
from assistant.model.settings import ModelSettings
from corpus.paths import var_dir

_log = logging.getLogger(__name__)

_CONVERSATIONS = 5_000  # kept in memory, the last used
_BUSY = 0.2  # seconds that another process may hold the file
_SCALE = (
    10**12
)  # costs are kept as whole millionths of a millionth of a euro: a price has six decimals at most
_COUNTS = ("calls", "input_tokens", "output_tokens", "cost")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS usage (day TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL, "
    "input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (day, model))"
)
_ADD = "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE SET " + ", ".join(
    f"{count} = {count} + excluded.{count}" for count in _COUNTS
)


class LedgerError(AssistantError):
    """What was used cannot be read; the message, in French, says what to do."""


@dataclass(frozen=True)
class Spent:
    """What was used: calls, tokens read and written, and euros (an exact amount)."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost + other.cost,
        )

    def __neg__(self) -> Spent:
        return Spent(-self.calls, -self.input_tokens, -self.output_tokens, -self.cost)

    def as_row(self) -> tuple[int, int, int, int]:
        """Return the counts as the file keeps them."""
        return self.calls, self.input_tokens, self.output_tokens, int(self.cost * _SCALE)

    @classmethod
    def of_row(cls, calls: int, read: int, written: int, cost: int) -> Spent:
        """Return the counts that the file keeps."""
        return cls(int(calls), int(read), int(written), Decimal(int(cost)) / _SCALE)

    def as_usage(self, *, priced: bool) -> Usage:
        """Return them as an answer shows them; what is not ``priced`` has no cost."""
        return Usage(self.calls, self.input_tokens, self.output_tokens, float(self.cost) if priced else None)


@dataclass(frozen=True)
class Line:
    """What a model cost on a day."""

    day: date
    model: str
    spent: Spent


@dataclass(frozen=True)
class Held:
    """A call counted at its most, until it is corrected."""

    conversation: bytes
    day: date
    spent: Spent


def _today() -> date:
    return datetime.now().astimezone().date()


def ledger_file() -> Path:
    """Return where the counts of the days are kept; it may not exist yet."""
    return var_dir() / "model-usage.sqlite3"


class Ledger:
    """Counts what a model costs and refuses what would pass a cap; several threads and processes may share the file.

    When the file cannot be read or written, it says so once in the log and counts in memory until it can.
    """

    def __init__(
        self, settings: ModelSettings, path: Path | None = None, today: Callable[[], date] = _today
    ) -> None:
        self._settings = settings
        self._path = path
        self._today = today
        self._lock = threading.Lock()
        self._conversations: OrderedDict[bytes, Spent] = OrderedDict()
        self._known: dict[date, Spent] = {}  # what the file said of the day, when last read
        self._pending: dict[date, Spent] = {}  # what could not be written yet
        self._silent = False

    @property
    def path(self) -> Path:
        """The file of the days."""
        return self._path or ledger_file()

    def reserve(self, conversation: str, read: int, written: int) -> Held | None:
        """Count a call that reads and writes so many tokens at most; ``None`` when a cap forbids it."""
        spent = Spent(1, read, written, self.cost(read, written))
        key = hashlib.sha256(conversation.encode("utf-8", "surrogatepass")).digest()
        day = self._today()
        with self._lock:
            kept = self._conversations.get(key, Spent())
            settings = self._settings
            if _passes(kept + spent, settings.conversation_tokens, settings.conversation_cost):
                return None
            if not self._add(day, spent, capped=True):
                return None
            self._keep(key, kept + spent)
        return Held(key, day, spent)

    def settle(self, held: Held, read: int, written: int) -> Spent:
        """Correct a call to what it really read and wrote, which is returned; nothing at all when both are 0."""
        spent = Spent(1, read, written, self.cost(read, written)) if read or written else Spent()
        change = spent + -held.spent
        with self._lock:
            self._add(held.day, change, capped=False)
            if held.conversation in self._conversations:
                self._keep(held.conversation, self._conversations[held.conversation] + change)
        return spent

    def cost(self, read: int, written: int) -> Decimal:
        """Return the euros of so many tokens, 0 when no price is set."""
        if self._settings.prices is None:
            return Decimal(0)
        price_read, price_written = self._settings.prices
        return (price_read * read + price_written * written) / 1_000_000

    def day_is_full(self) -> bool:
        """Tell whether the cap of the day leaves no room for a call; what other processes used is as of the last call."""
        settings, day = self._settings, self._today()
        with self._lock:
            spent = self._known.get(day, Spent()) + self._pending.get(day, Spent())
        return _passes(spent + Spent(0, 1, 0), settings.day_tokens, settings.day_cost)

    def _keep(self, key: bytes, spent: Spent) -> None:
        self._conversations[key] = spent
        self._conversations.move_to_end(key)
        while len(self._conversations) > _CONVERSATIONS:
            self._conversations.popitem(last=False)

    def _add(self, day: date, spent: Spent, capped: bool) -> bool:
        """Add to the counts of a day, in the file or failing that in memory; false when the cap forbids it."""
        settings = self._settings
        changes = {**self._pending, day: self._pending.get(day, Spent()) + spent}
        try:
            with _writing(self.path) as base:
                total = _of_day(base, day) + changes[day]
                if capped and _passes(total, settings.day_tokens, settings.day_cost):
                    return False
                for of, change in changes.items():
                    base.execute(_ADD, (of.isoformat(), settings.name, *change.as_row()))
            self._known[day] = total
            self._pending = {}
            self._silent = False
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            self._say(error)
            if capped and _passes(
                self._known.get(day, Spent()) + changes[day], settings.day_tokens, settings.day_cost
            ):
                return False
            self._pending = changes
        return True

    def _say(self, error: Exception) -> None:
        if not self._silent:
            _log.warning(
                "Le fichier %s du décompte du modèle ne peut être lu ou écrit (%s)%s: le décompte continue en mémoire.",
                self.path,
                type(error).__name__,
                NBSP,
            )
        self._silent = True


def read_lines(path: Path | None = None) -> list[Line]:
    """Return what each model cost on each day, the last day first; nothing when no call was ever made.

    Raises:
        LedgerError: The file cannot be read.
    """
    path = path or ledger_file()
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)) as base:
            rows = base.execute(
                f"SELECT day, model, {', '.join(_COUNTS)} FROM usage ORDER BY day DESC, model"
            ).fetchall()
        return [
            Line(date.fromisoformat(day), str(model), Spent.of_row(*counts)) for day, model, *counts in rows
        ]
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        raise LedgerError(
            f"Le décompte du modèle ne peut être lu dans {path} ({type(error).__name__}){NBSP}: vérifiez les droits du "
            "fichier, ou supprimez-le pour repartir de zéro."
        ) from error


def _passes(total: Spent, tokens: int, cost: Decimal | None) -> bool:
    return total.tokens > tokens or (cost is not None and total.cost > cost)


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for one change that no other process sees by halves."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=_BUSY, isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        base.execute(_TABLE)
        yield base
        base.execute("COMMIT")  # closed without it, nothing is changed


def _of_day(base: sqlite3.Connection, day: date) -> Spent:
    sums = ", ".join(f"COALESCE(SUM({count}), 0)" for count in _COUNTS)
    return Spent.of_row(
        *base.execute(f"SELECT {sums} FROM usage WHERE day = ?", (day.isoformat(),)).fetchone()
    )
