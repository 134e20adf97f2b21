"""Accounts and sessions: who may come in, for how long, and how hard it is to guess."""

from __future__ import annotations

import threading
import time
from statistics import median

import pytest
from argon2 import PasswordHasher
from desk_samples import PASSWORD
from sqlalchemy import text

from assistant.storage.accounts import Accounts
from assistant.storage.errors import AccountRefused, TooManyTries, WrongCredentials
from assistant.storage.views import Role


@pytest.fixture
def agent(accounts):
    return accounts.create("agent.un", "Agente Première", PASSWORD)


def test_there_is_no_account_at_first(accounts):
    assert accounts.all() == ()


def test_an_account_is_created_with_an_argon2_hash_only(accounts, agent, database):
    assert (agent.login, agent.display_name, agent.role, agent.active) == (
        "agent.un", "Agente Première", Role.AGENT, True,
    )  # fmt: skip
    with database.engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM accounts")).one())
    assert "$argon2id$" in row
    assert PASSWORD not in row


def test_the_hash_has_the_parameters_that_argon2_advises(database):
    accounts = Accounts(database)
    accounts.create("agent.un", "Agente Première", PASSWORD)

    with database.engine.connect() as connection:
        kept = connection.execute(text("SELECT password_hash FROM accounts")).scalar()

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_login_is_the_same_in_capitals(accounts, agent):
    assert accounts.session(accounts.sign_in(" Agent.UN ", PASSWORD, "poste")) == agent
    with pytest.raises(AccountRefused, match="déjà pris"):
        accounts.create("AGENT.UN", "Autre", PASSWORD)


@pytest.mark.parametrize(
    "login", ["", "a", "-x", "avec espace", "é.accent", "x" * 65, "a\x00b", "' OR 1=1 --"]
)
def test_a_login_out_of_the_rules_is_refused(accounts, login):
    with pytest.raises(AccountRefused, match="ne convient pas"):
        accounts.create(login, "Nom", PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["", "onze signes.", "x" * 1_025, "aaaaaaaaaaaa", "agent.un", "agent.un12345", "Motdepasse2026!", "123456789012",
     "AgentePremière", "passwordpassword"],
)  # fmt: skip
def test_a_password_that_would_be_guessed_is_refused(accounts, password):
    if password == "onze signes.":
        password = password[:11]
    with pytest.raises(AccountRefused, match="mot de passe"):
        accounts.create("agent.un", "Agente Première", password)
    assert accounts.all() == ()


def test_a_password_of_twelve_characters_will_do(accounts):
    accounts.create("agent.un", "Agente Première", "pluie-rouge7")

    assert accounts.sign_in("agent.un", "pluie-rouge7", "poste")


def test_a_password_typed_with_another_form_of_its_accents_is_the_same(accounts):
    accounts.create("agent.un", "Agente Première", "e\u0301te\u0301 bien dore\u0301")

    assert accounts.sign_in("agent.un", "été bien doré", "poste")


@pytest.mark.parametrize(
    "password", ["", "faux mot de passe", PASSWORD.upper(), PASSWORD + " ", "x" * 1_000_000, "\ud800\x00"]
)
def test_a_wrong_password_is_refused(accounts, agent, password):
    with pytest.raises(WrongCredentials, match="incorrect"):
        accounts.sign_in("agent.un", password, "poste")


@pytest.mark.parametrize(
    "login", ["inconnu", "", "' OR '1'='1", "agent.un'--", "x" * 1_000_000, "\ud800\x00", "%", "agent_un"]
)
def test_a_login_that_no_account_has_says_the_same_as_a_wrong_password(accounts, agent, login):
    with pytest.raises(WrongCredentials) as unknown:
        accounts.sign_in(login, PASSWORD, "poste")
    with pytest.raises(WrongCredentials) as wrong:
        accounts.sign_in("agent.un", "faux mot de passe", "poste")

    assert str(unknown.value) == str(wrong.value)


def test_an_unknown_login_takes_the_time_of_a_wrong_password(database, clock):
    accounts = Accounts(database, clock, PasswordHasher(time_cost=2, memory_cost=16_384, parallelism=1))
    accounts.create("agent.un", "Agente Première", PASSWORD)

    def spent(login: str) -> float:
        times = []
        for number in range(12):
            start = time.perf_counter()
            with pytest.raises(WrongCredentials):
                accounts.sign_in(login, "faux mot de passe", f"poste {number}")
            times.append(time.perf_counter() - start)
        return median(times)

    known, unknown = spent("agent.un"), spent("inconnu")

    assert 0.67 < unknown / known < 1.5, (known, unknown)


def test_the_sixth_failure_in_a_quarter_of_an_hour_is_not_even_tried(accounts, agent, clock):
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            accounts.sign_in("agent.un", "faux mot de passe", "poste")
        clock.move(minutes=1)

    with pytest.raises(TooManyTries, match="10\u00a0minutes") as refused:
        accounts.sign_in("agent.un", PASSWORD, "poste")
    assert refused.value.seconds == 600
    assert accounts.sign_in("agent.un", PASSWORD, "autre poste")
    clock.move(minutes=10)
    assert accounts.sign_in("agent.un", PASSWORD, "poste")


def test_a_success_forgets_the_failures_before_it(accounts, agent):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongCredentials):
                accounts.sign_in("agent.un", "faux mot de passe", "poste")
        assert accounts.sign_in("agent.un", PASSWORD, "poste")


def test_many_tries_at_once_are_as_few_as_one_after_the_other(accounts, agent):
    outcomes = []

    def attempt():
        try:
            accounts.sign_in("agent.un", "faux mot de passe", "poste")
        except (WrongCredentials, TooManyTries) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(WrongCredentials) == 5
    assert outcomes.count(TooManyTries) == 15


def test_the_base_holds_no_token_that_opens_a_session(accounts, agent, database):
    token = accounts.sign_in("agent.un", PASSWORD, "10.0.0.1")

    with database.engine.connect() as connection:
        rows = [
            str(row)
            for table in ("sessions", "sign_in_attempts")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    assert rows
    assert not any(token in row or "10.0.0.1" in row for row in rows)


@pytest.mark.parametrize("token", [None, "", "x", "' OR 1=1 --", "x" * 1_000_000, "\ud800", "a" * 43])
def test_a_token_that_is_none_opens_nothing(accounts, agent, token):
    accounts.sign_in("agent.un", PASSWORD, "poste")

    assert accounts.session(token) is None


def test_a_session_ends_after_two_hours_without_use(accounts, agent, clock):
    token = accounts.sign_in("agent.un", PASSWORD, "poste")
    clock.move(hours=1, minutes=59)
    assert accounts.session(token) == agent
    clock.move(hours=1, minutes=59)
    assert accounts.session(token) == agent
    clock.move(hours=2)
    assert accounts.session(token) is None


def test_a_session_ends_after_twelve_hours_even_in_use(accounts, agent, clock):
    token = accounts.sign_in("agent.un", PASSWORD, "poste")
    for _ in range(11):
        clock.move(hours=1)
        assert accounts.session(token) == agent
    clock.move(minutes=59)
    assert accounts.session(token) == agent
    clock.move(minutes=1)
    assert accounts.session(token) is None


def test_signing_out_ends_one_session_only(accounts, agent):
    first, second = (accounts.sign_in("agent.un", PASSWORD, "poste") for _ in range(2))

    accounts.sign_out(first)

    assert accounts.session(first) is None
    assert accounts.session(second) == agent


@pytest.mark.parametrize(
    "ending",
    [
        lambda accounts, agent: accounts.disable("agent.un"),
        lambda accounts, agent: accounts.set_password("agent.un", "cinq chevaux bleus"),
        lambda accounts, agent: accounts.sign_out_everywhere(agent.id),
    ],
    ids=["disabled", "password changed", "signed out everywhere"],
)
def test_every_session_ends_at_once_and_of_that_account_only(accounts, agent, ending):
    other = accounts.create("agent.deux", "Agent Second", PASSWORD)
    tokens = [accounts.sign_in("agent.un", PASSWORD, "poste") for _ in range(3)]
    kept = accounts.sign_in("agent.deux", PASSWORD, "poste")

    ending(accounts, agent)

    assert [accounts.session(token) for token in tokens] == [None] * 3
    assert accounts.session(kept) == other


def test_a_disabled_account_cannot_come_in_until_it_is_enabled(accounts, agent):
    accounts.disable("agent.un")
    with pytest.raises(WrongCredentials):
        accounts.sign_in("agent.un", PASSWORD, "poste")
    assert [account.active for account in accounts.all()] == [False]

    accounts.enable("agent.un")

    assert accounts.session(accounts.sign_in("agent.un", PASSWORD, "poste")) == agent


def test_a_new_password_replaces_the_old_one(accounts, agent):
    accounts.set_password("agent.un", "cinq chevaux bleus")

    with pytest.raises(WrongCredentials):
        accounts.sign_in("agent.un", PASSWORD, "poste")
    assert accounts.sign_in("agent.un", "cinq chevaux bleus", "poste")


def test_an_account_disabled_while_its_password_is_verified_does_not_come_in(accounts, agent, monkeypatch):
    real = accounts._verify

    def slow(*arguments):
        right = real(*arguments)
        accounts.disable("agent.un")
        return right

    monkeypatch.setattr(accounts, "_verify", slow)

    with pytest.raises(WrongCredentials):
        accounts.sign_in("agent.un", PASSWORD, "poste")


def test_a_hash_of_other_parameters_is_renewed_at_the_next_sign_in(accounts, agent, database, clock):
    stronger = Accounts(database, clock, PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))

    assert stronger.sign_in("agent.un", PASSWORD, "poste")

    with database.engine.connect() as connection:
        kept = connection.execute(text("SELECT password_hash FROM accounts")).scalar()
    assert "m=64,t=2,p=1" in kept
    assert stronger.sign_in("agent.un", PASSWORD, "poste")


@pytest.mark.parametrize("change", ["set_password", "disable", "enable", "find"])
def test_an_account_that_does_not_exist_is_named(accounts, change):
    arguments = ("inconnu", PASSWORD) if change == "set_password" else ("inconnu",)

    with pytest.raises(AccountRefused, match="inconnu"):
        getattr(accounts, change)(*arguments)
