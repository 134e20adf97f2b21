"""What a long work shows of its progress, on a terminal and in a log."""

import io
from types import SimpleNamespace

import pytest

from corpus.progress import SHORT, ProgressBar


@pytest.fixture
def stream(monkeypatch):
    stream = io.StringIO()
    # Not sys.stderr itself, which pytest replaces between a fixture and its test.
    monkeypatch.setattr("corpus.progress.sys", SimpleNamespace(stderr=stream))
    return stream


def test_a_short_work_shows_nothing(stream):
    for done in range(SHORT + 1):
        ProgressBar("Lecture")(done, SHORT)

    assert stream.getvalue() == ""


def test_a_terminal_shows_a_bar_from_the_start_to_the_end(stream, monkeypatch):
    monkeypatch.setattr(stream, "isatty", lambda: True)
    progress = ProgressBar("Lecture")

    for done in (0, 50, 100):
        progress(done, 100)

    shown = stream.getvalue()
    assert "Lecture\u00a0:   0 % |" in shown
    assert "Lecture\u00a0: 100 % |" in shown
    assert "100 / 100" in shown
    assert shown.endswith("\n")


def test_a_log_gets_few_lines_whatever_the_number_of_steps(stream):
    progress = ProgressBar("Lecture")

    for done in range(1001):
        progress(done, 1000)

    lines = [line for line in stream.getvalue().splitlines() if line.strip()]
    assert 1 <= len(lines) <= 4
    assert "1000 / 1000" in lines[-1]


def test_a_bar_serves_again_after_its_end(stream):
    progress = ProgressBar("Lecture")

    for _ in range(2):
        progress(100, 100)

    assert stream.getvalue().count("100 / 100") >= 2
