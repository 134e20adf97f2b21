"""The settings of the desk are read, or refused by name with what to write."""

from __future__ import annotations

import pytest

from assistant.drafting.message import Address
from assistant.errors import SettingError
from assistant.settings import DeskSettings


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in ("SIGNATURE", "SIGNATURE_FILE", "REPLY_FROM", "RETENTION_DAYS"):
        monkeypatch.delenv(f"ASSISTANT_{name}", raising=False)


def test_defaults():
    assert DeskSettings.from_environment() == DeskSettings("", None, 365)


def test_lines_of_the_signature_are_parted_by_a_backslash_and_n(monkeypatch):
    monkeypatch.setenv("ASSISTANT_SIGNATURE", "Service d’exemple\\nAgence\nVille ")
    assert DeskSettings.from_environment().signature == "Service d’exemple\nAgence\nVille"


def test_the_signature_may_be_a_file(monkeypatch, tmp_path):
    path = tmp_path / "signature.txt"
    path.write_text("\ufeffService\r\nAgence d’été\n", encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_SIGNATURE_FILE", str(path))
    assert DeskSettings.from_environment().signature == "Service\nAgence d’été"


@pytest.mark.parametrize("text", ["a\\n" * 16 + "a", "a" * 201, "a\\n" * 100_000])
def test_a_long_signature_is_refused(monkeypatch, tmp_path, text):
    monkeypatch.setenv("ASSISTANT_SIGNATURE", text[:30_000])
    with pytest.raises(SettingError, match=r"ASSISTANT_SIGNATURE est trop longue.*15 lignes de 200"):
        DeskSettings.from_environment()
    monkeypatch.delenv("ASSISTANT_SIGNATURE")
    path = tmp_path / "signature.txt"
    path.write_text(text)
    monkeypatch.setenv("ASSISTANT_SIGNATURE_FILE", str(path))
    with pytest.raises(SettingError, match="ASSISTANT_SIGNATURE_FILE est trop longue"):
        DeskSettings.from_environment()


def test_the_longest_signature_is_kept_whole(monkeypatch):
    signature = "\n".join(["a" * 200] * 15)
    monkeypatch.setenv("ASSISTANT_SIGNATURE", signature)
    assert DeskSettings.from_environment().signature == signature


def test_two_signatures_are_one_too_many(monkeypatch):
    monkeypatch.setenv("ASSISTANT_SIGNATURE", "a")
    monkeypatch.setenv("ASSISTANT_SIGNATURE_FILE", "b")
    with pytest.raises(SettingError, match="gardez-en un"):
        DeskSettings.from_environment()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_signature_that_cannot_be_read_is_refused(monkeypatch, tmp_path, content):
    path = tmp_path / "signature.txt"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("ASSISTANT_SIGNATURE_FILE", str(path))
    with pytest.raises(SettingError, match="ne se lit pas"):
        DeskSettings.from_environment()


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Service d’exemple <service@example.org>", Address("Service d’exemple", "service@example.org")),
        ('"Exemple, service" <service@example.org>', Address("Exemple, service", "service@example.org")),
        ("service@example.org", Address("", "service@example.org")),
        ("<service@example.org>", Address("", "service@example.org")),
    ],
)
def test_who_writes_is_a_name_and_an_address(monkeypatch, written, address):
    monkeypatch.setenv("ASSISTANT_REPLY_FROM", written)
    assert DeskSettings.from_environment().reply_from == address


@pytest.mark.parametrize(
    "written",
    [
        "Service",
        "Service <service>",
        "a@b@c",
        "a@b.c d",
        "A <a@b.c>\r\nBcc: x@y.z",
        "A <a@b.c> <d@e.f>",
        "<>",
    ],
)
def test_who_writes_is_refused_otherwise(monkeypatch, written):
    monkeypatch.setenv("ASSISTANT_REPLY_FROM", written)
    with pytest.raises(SettingError, match="ASSISTANT_REPLY_FROM"):
        DeskSettings.from_environment()


@pytest.mark.parametrize("days", [30, 365, 3650])
def test_requests_are_kept_for_a_bounded_time(monkeypatch, days):
    monkeypatch.setenv("ASSISTANT_RETENTION_DAYS", f" {days} ")
    assert DeskSettings.from_environment().retention_days == days


@pytest.mark.parametrize("days", ["29", "3651", "-30", "un an", "30.5", "9" * 5000, "²00"])
def test_other_times_are_refused(monkeypatch, days):
    monkeypatch.setenv("ASSISTANT_RETENTION_DAYS", days)
    with pytest.raises(SettingError, match=r"ASSISTANT_RETENTION_DAYS.*de 30 à 3650"):
        DeskSettings.from_environment()
