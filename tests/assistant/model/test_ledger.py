"""What is counted of a model: for a conversation, for a day, by several processes, and when the file does not serve."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from datetime import date
from decimal import Decimal

import pytest

from assistant.model import ledger as ledgers
from assistant.model.ledger import Ledger, LedgerError, Spent, read_lines
from assistant.model.settings import ModelSettings

DAY = date(2000, 3, 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sous" / "usage.sqlite3"


def ledger(path, day=DAY, **settings):
    return Ledger(ModelSettings("ollama:essai", **settings), path, lambda: day)


def use(one, read=10, written=5, conversation="c"):
    held = one.reserve(conversation, read, written)
    assert held is not None
    return one.settle(held, read, written)


def test_a_call_is_counted_at_its_most_then_corrected(path):
    one = ledger(path)
    held = one.reserve("c", 100, 50)
    assert read_lines(path)[0].spent == Spent(1, 100, 50)
    assert one.settle(held, 80, 7) == Spent(1, 80, 7)
    assert read_lines(path)[0].spent == Spent(1, 80, 7)


def test_a_call_that_gave_nothing_is_not_counted(path):
    one = ledger(path)
    assert one.settle(one.reserve("c", 100, 50), 0, 0) == Spent()
    assert read_lines(path)[0].spent == Spent()


def test_costs_are_exact(path):
    one = ledger(path, prices=(Decimal("0.1"), Decimal("0.000003")))
    for _ in range(10):
        use(one, 1, 1)
    assert read_lines(path)[0].spent.cost == Decimal("0.00000100003")


def test_a_cap_is_reached_and_not_passed(path):
    one = ledger(path, day_tokens=1000, conversation_tokens=1000)
    assert one.settle(one.reserve("c", 500, 500), 500, 490)
    assert one.reserve("c", 5, 6) is None
    assert one.reserve("c", 5, 5) is not None


def test_a_cost_cap_is_reached_and_not_passed(path):
    one = ledger(path, prices=(Decimal(1), Decimal(1)), conversation_cost=Decimal("0.001"))
    use(one, 900, 90)
    assert one.reserve("c", 11, 0) is None
    assert one.reserve("autre", 11, 0) is not None
    assert one.reserve("c", 10, 0) is not None


def test_calls_that_are_being_made_count(path):
    one = ledger(path, day_tokens=1000)
    assert one.reserve("a", 600, 0) is not None
    assert one.reserve("b", 600, 0) is None


def test_another_day_begins_at_nothing(path):
    days = [DAY]
    one = Ledger(ModelSettings("ollama:essai", day_tokens=1000), path, lambda: days[0])
    use(one, 900, 100)
    assert one.day_is_full()
    days[0] = date(2000, 3, 2)
    assert not one.day_is_full()
    use(one, 900, 100)
    assert [line.day for line in read_lines(path)] == [date(2000, 3, 2), DAY]


def test_a_call_that_ends_after_midnight_is_of_the_day_it_began(path):
    days = [DAY]
    one = Ledger(ModelSettings("ollama:essai"), path, lambda: days[0])
    held = one.reserve("c", 100, 50)
    days[0] = date(2000, 3, 2)
    one.settle(held, 10, 5)
    assert [(line.day, line.spent.tokens) for line in read_lines(path)] == [(DAY, 15)]


def test_what_was_used_before_a_restart_counts(path):
    use(ledger(path, day_tokens=1000), 900, 0)
    assert ledger(path, day_tokens=1000).reserve("c", 101, 0) is None


def test_models_share_the_cap_of_the_day(path):
    use(Ledger(ModelSettings("openai:autre"), path, lambda: DAY), 900, 0)
    assert ledger(path, day_tokens=1000).reserve("c", 101, 0) is None
    assert [line.model for line in read_lines(path)] == ["openai:autre"]


def test_conversations_kept_in_memory_are_bounded(path, monkeypatch):
    monkeypatch.setattr(ledgers, "_CONVERSATIONS", 10)
    one = ledger(path)
    for number in range(50):
        use(one, conversation=f"{number}" * 10_000)
    assert len(one._conversations) == 10
    assert all(len(key) == 32 for key in one._conversations)


def test_half_a_character_names_a_conversation(path):
    assert ledger(path).reserve("\ud800", 1, 1) is not None


def _spend(path, times):
    ledgers._BUSY = 20
    one = ledger(path)
    for _ in range(times):
        use(one)


def test_several_processes_count_together(path):
    processes = [
        multiprocessing.get_context("spawn").Process(target=_spend, args=(path, 20)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert read_lines(path)[0].spent == Spent(60, 600, 300)


def test_threads_cannot_both_pass_under_the_cap(path):
    one, got = ledger(path, day_tokens=1000), []
    threads = [threading.Thread(target=lambda: got.append(one.reserve("c", 300, 0))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(held is not None for held in got) == 3


def test_processes_cannot_both_pass_under_the_cap(path, monkeypatch):
    monkeypatch.setattr(ledgers, "_BUSY", 20)
    ones, got = (
        [ledger(path, day_tokens=500) for _ in range(4)],
        [],
    )  # each has its own lock, as in its own process

    def reserve(one):
        got.extend(one.reserve("c", 10, 0) for _ in range(25))

    threads = [threading.Thread(target=reserve, args=(one,)) for one in ones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(held is not None for held in got) == 50
    assert read_lines(path)[0].spent.tokens == 500


def damage(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"ceci n'est pas une base " * 100)


def make_a_directory(path):
    path.mkdir(parents=True)


def hold(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    base.execute("BEGIN EXCLUSIVE")
    return base


def another_shape(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE usage (rien TEXT)")


@pytest.mark.parametrize("harm", [damage, make_a_directory, hold, another_shape])
def test_a_file_that_does_not_serve_is_said_once_and_counting_goes_on(path, harm, caplog):
    kept = harm(path)
    one = ledger(path, day_tokens=1000, conversation_tokens=500)
    use(one, 300, 100, "a")
    assert one.reserve("a", 101, 0) is None
    use(one, 400, 100, "b")
    assert one.reserve("d", 101, 0) is None
    assert not one.day_is_full()
    use(one, 100, 0, "d")
    assert one.day_is_full()
    assert len(caplog.records) == 1
    assert "le décompte continue en mémoire" in caplog.text
    del kept


def test_what_was_counted_in_memory_is_written_once_the_file_serves(path, caplog):
    base = hold(path)
    one = ledger(path)
    use(one, 300, 100)
    base.execute("ROLLBACK")
    base.close()
    use(one, 1, 1)
    assert read_lines(path)[0].spent == Spent(2, 301, 101)
    damage(path)
    use(one, 1, 1)
    assert len(caplog.records) == 2


def test_a_directory_that_cannot_be_made(tmp_path, caplog):
    (tmp_path / "fichier").write_text("")
    use(ledger(tmp_path / "fichier" / "usage.sqlite3"))
    assert len(caplog.records) == 1


@pytest.mark.parametrize("harm", [damage, another_shape])
def test_reading_a_damaged_file_is_refused_in_french(path, harm):
    harm(path)
    with pytest.raises(LedgerError, match=r"ne peut être lu dans .*usage\.sqlite3"):
        read_lines(path)


def test_rows_that_another_program_wrote_are_refused(path):
    use(ledger(path))
    with sqlite3.connect(path) as base:
        base.execute("UPDATE usage SET calls = 'beaucoup', day = 'hier'")
    with pytest.raises(LedgerError):
        read_lines(path)
    use(ledger(path))


def test_reading_makes_no_file(path):
    assert read_lines(path) == []
    assert not path.exists()


def test_a_file_that_may_only_be_read_is_read(path):
    use(ledger(path))
    path.chmod(stat.S_IRUSR)
    assert read_lines(path)[0].spent == Spent(1, 10, 5)
    assert list(path.parent.iterdir()) == [path]
