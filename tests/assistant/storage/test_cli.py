"""The commands of the desk, as an administrator types them."""

from __future__ import annotations

import io
import json
import sys

import pytest
from desk_samples import PASSWORD, message, reply

from assistant.answer import Kind, Status
from assistant.cli import main
from assistant.drafting.message import Address
from assistant.storage.accounts import Accounts
from assistant.storage.database import open_database
from assistant.storage.desk import Desk

LINE = f"{PASSWORD}\n".encode()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("ASSISTANT_DATABASE_URL", raising=False)
    monkeypatch.delenv("ASSISTANT_RETENTION_DAYS", raising=False)
    return tmp_path / "var"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command; return its status, what it wrote and what it complained about."""

    def run_one(*arguments: str, given: bytes = b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        status = main(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_one


def add_account(run, login="agent.un", given=LINE, *options: str):
    return run(
        "accounts", "add", login, "--name", "Agente Première", "--password-stdin", *options, given=given
    )


def desk_of_var() -> Desk:
    return Desk(open_database())


def test_an_account_is_created_listed_disabled_and_enabled(run):
    assert run("accounts", "list")[1].startswith("Aucun compte")
    status, said, _ = add_account(run, "agent.un", f"{PASSWORD}\r\n".encode(), "--role", "responsable")
    assert (status, said) == (0, "Compte créé\u00a0: agent.un (Agente Première, responsable).\n")

    accounts = Accounts(open_database())
    token = accounts.sign_in("agent.un", PASSWORD, "poste")
    assert run("accounts", "disable", "agent.un")[0] == 0
    assert accounts.session(token) is None
    assert run("accounts", "list")[1] == "agent.un\u00a0: Agente Première (responsable, désactivé)\n"
    run("accounts", "enable", "agent.un")
    token = accounts.sign_in("agent.un", PASSWORD, "poste")
    assert run("accounts", "sign-out", "agent.un")[0] == 0
    assert accounts.session(token) is None


def test_a_password_is_changed(run):
    add_account(run)

    assert run("accounts", "password", "agent.un", "--password-stdin", given=b"cinq chevaux bleus")[0] == 0

    assert Accounts(open_database()).sign_in("agent.un", "cinq chevaux bleus", "poste")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", "0 caractères"),
        (b"court\n", "5 caractères"),
        (b"\xff\xfe\xfd" * 10, "UTF-8"),
        (b"motdepasse1234", "vite deviné"),
    ],
)
def test_a_bad_password_is_refused_and_no_account_is_made(run, given, expected):
    status, _, complaint = add_account(run, given=given)

    assert status == 2
    assert expected in complaint
    assert run("accounts", "list")[1].startswith("Aucun compte")


def test_a_password_is_not_read_from_a_pipe_unless_asked(run):
    status, _, complaint = run("accounts", "add", "agent.un", "--name", "Nom", given=PASSWORD.encode())

    assert status == 2
    assert "--password-stdin" in complaint


def test_a_password_typed_differently_twice_is_refused(run, monkeypatch):
    typed = iter([PASSWORD, PASSWORD + "x", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))

    statuses = []
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", _Terminal())
        statuses.append(main(["accounts", "add", "agent.un", "--name", "Nom"]))

    assert statuses == [2, 0]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("action", ["disable", "enable", "sign-out", "password"])
def test_an_unknown_account_is_said_without_a_traceback(run, action):
    options = ("--password-stdin",) if action == "password" else ()

    status, _, complaint = run("accounts", action, "inconnu", *options, given=PASSWORD.encode())

    assert status == 2
    assert complaint.startswith("Erreur\u00a0: Aucun compte n’a l’identifiant «\u00a0inconnu\u00a0»")


def test_the_reports_are_written_as_text_and_as_tables(run):
    asked = (("Quel est le quota de tablettes ?", Kind.ABSTENTION, Status.NOT_IN_CORPUS),)
    desk_of_var().add(message(), b"", reply(questions=asked), by=None, kind="texte")

    assert "«\u00a0Quel est le quota de tablettes ?\u00a0»" in run("lacks")[1]
    assert run("lacks", "--csv")[1].splitlines()[1].split(";")[1:3] == [
        "Quel est le quota de tablettes ?",
        "1",
    ]
    assert "Aucune question" in run("lacks", "--until", "2020-01-01")[1]
    assert "Reçues\u00a0: 1" in run("figures")[1]
    assert "Demandes;Reçues;1" in run("figures", "--csv")[1]
    assert "Demandes;Reçues;0" in run("figures", "--csv", "--since", "2020-01-01", "--until", "2020-12-31")[1]


@pytest.mark.parametrize("command", ["lacks", "figures"])
def test_a_period_the_wrong_way_round_is_refused(run, command):
    status, _, complaint = run(command, "--since", "2026-03-02", "--until", "2026-03-01")

    assert status == 2
    assert "doit précéder" in complaint


def test_a_person_is_exported_then_deleted_after_a_list_of_what_would_go(run, tmp_path):
    desk = desk_of_var()
    sender = Address("Prénom MODÈLE", "prenom.modele@example.org")
    view, _ = desk.add(message(sender=sender), b"", reply(), by=None, kind="texte")
    out = tmp_path / "export.json"

    assert run("personal", "export", sender.address, "--out", str(out))[0] == 0
    assert json.loads(out.read_text(encoding="utf-8"))["demandes"][0]["demande"] == view.id
    assert out.stat().st_mode & 0o077 == 0
    assert "existe déjà" in run("personal", "export", sender.address, "--out", str(out))[2]
    assert json.loads(run("personal", "export", sender.address)[1])["noms_associes"] == ["Prénom MODÈLE"]

    status, said, complaint = run("personal", "delete", sender.address)
    assert status == 2
    assert f"demande {view.id} (expéditeur" in said
    assert "cherchez également ce nom" in said
    assert "--yes" in complaint
    assert desk.inbox().total == 1
    assert run("personal", "delete", sender.address, "--yes")[1].endswith("Suppression faite.\n")
    assert desk.inbox().total == 0
    assert run("personal", "delete", sender.address)[1].startswith("Rien n’est conservé")


def test_purge_counts_then_removes(run):
    desk = desk_of_var()
    desk.add(message(), b"", reply(), by=None, kind="texte")

    assert run("purge")[1] == "Demandes supprimées\u00a0: 0 anciennes, 0 de la corbeille.\n"
    assert run("purge", "--older-than", "0", "--dry-run")[1].startswith(
        "Demandes seraient supprimées\u00a0: 1"
    )
    assert desk.inbox().total == 1
    assert run("purge", "--older-than", "0")[1].startswith("Demandes supprimées\u00a0: 1")
    assert desk.inbox().total == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("purge", "--older-than", "-1"),
        ("purge", "--older-than", "un"),
        ("figures", "--since", "hier"),
        ("accounts",),
        ("personal", "export"),
    ],
)
def test_a_wrong_command_line_is_said_in_french(run, arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)

    assert stopped.value.code == 2
    assert "Erreur\u00a0: " in capsys.readouterr().err


def test_a_broken_database_is_said_without_a_traceback(run, home):
    home.mkdir()
    (home / "desk.sqlite3").write_bytes(b"n'importe quoi" * 1000)

    status, _, complaint = run("figures")

    assert status == 2
    assert complaint.startswith("Erreur\u00a0: La base de données")


def test_the_commands_load_no_database_until_they_run():
    import subprocess

    code = "import sys, assistant.cli; assistant.cli._build_parser(); print([m for m in ('sqlalchemy', 'alembic', 'argon2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"
