"""The commands of the desk: accounts, what the corpus lacks, figures, personal data, retention."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from corpus.arguments import FrenchArgumentParser

Day = Callable[[str], date]


def add_commands(commands: Any, day: Day) -> None:
    """Add the commands to those of ``python -m assistant``; ``day`` reads a date of the command line."""
    _add_accounts(commands.add_parser("accounts", help="gérer les comptes des agents"))
    lacks = commands.add_parser("lacks", help="lister les questions auxquelles le corpus ne répond pas")
    _add_period(lacks, day)
    lacks.set_defaults(run=_lacks)
    figures = commands.add_parser("figures", help="compter les demandes, les corrections et les délais")
    _add_period(figures, day)
    figures.set_defaults(run=_figures)
    personal = commands.add_parser("personal", help="exporter ou supprimer ce qui concerne une personne")
    _add_personal(personal)
    purge = commands.add_parser("purge", help="supprimer les demandes conservées assez longtemps")
    purge.add_argument(
        "--older-than", type=_days, metavar="JOURS",
        help="sans changement depuis ce nombre de jours (défaut\u00a0: ASSISTANT_RETENTION_DAYS, sinon 365)",
    )  # fmt: skip
    purge.add_argument("--dry-run", action="store_true", help="compter sans rien supprimer")
    purge.set_defaults(run=_purge)


def _add_period(parser: FrenchArgumentParser, day: Day) -> None:
    parser.add_argument("--since", type=day, metavar="AAAA-MM-JJ", help="premier jour compté")
    parser.add_argument("--until", type=day, metavar="AAAA-MM-JJ", help="dernier jour compté")
    parser.add_argument(
        "--csv", action="store_true", help="écrire un tableau CSV (séparateur\u00a0: point-virgule)"
    )


def _add_accounts(parser: FrenchArgumentParser) -> None:
    actions = _actions(parser)
    add = actions.add_parser("add", help="créer un compte")
    _add_login(add)
    add.add_argument(
        "--name", required=True, metavar="NOM", help="nom affiché, par exemple «\u00a0Prénom NOM\u00a0»"
    )
    add.add_argument(
        "--role", choices=["agent", "responsable"], default="agent", metavar="RÔLE",
        help="agent (défaut), ou responsable, qui voit aussi les chiffres",
    )  # fmt: skip
    _add_password(add)
    add.set_defaults(run=_add_account)
    actions.add_parser("list", help="lister les comptes").set_defaults(run=_list_accounts)
    password = actions.add_parser("password", help="changer un mot de passe et fermer les sessions du compte")
    _add_login(password)
    _add_password(password)
    password.set_defaults(run=_change_password)
    for name, run, told in (
        ("disable", _disable, "désactiver un compte et fermer ses sessions"),
        ("enable", _enable, "réactiver un compte"),
        ("sign-out", _sign_out, "fermer les sessions d’un compte"),
    ):
        action = actions.add_parser(name, help=told)
        _add_login(action)
        action.set_defaults(run=run)


def _add_personal(parser: FrenchArgumentParser) -> None:
    actions = _actions(parser)
    exported = actions.add_parser("export", help="écrire en JSON tout ce qui est conservé sur une personne")
    removed = actions.add_parser("delete", help="supprimer ce qui est conservé sur une personne")
    for action in (exported, removed):
        action.add_argument(
            "who",
            metavar="ADRESSE|NOM",
            help="son adresse électronique, ou ses prénom et nom entre guillemets",
        )
    exported.add_argument(
        "--out", type=Path, metavar="FICHIER", help="écrire dans ce fichier, qui ne doit pas exister"
    )
    exported.set_defaults(run=_export_person)
    removed.add_argument("--yes", action="store_true", help="supprimer sans demander de confirmation")
    removed.set_defaults(run=_remove_person)


def _actions(parser: FrenchArgumentParser) -> Any:
    return parser.add_subparsers(
        title="Actions ", dest="action", metavar="ACTION", required=True, parser_class=FrenchArgumentParser
    )


def _add_login(parser: FrenchArgumentParser) -> None:
    parser.add_argument("login", metavar="IDENTIFIANT", help="l’identifiant du compte")


def _add_password(parser: FrenchArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true",
        help="lire le mot de passe sur l’entrée standard (première ligne) au lieu de le demander",
    )  # fmt: skip


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise argparse.ArgumentTypeError(
            f"«\u00a0{text}\u00a0» n’est pas un nombre de jours, par exemple 365."
        )
    return int(text)


def _read_password(options: argparse.Namespace) -> str:
    """Return the password, typed twice without being shown, or the first line of stdin.

    Raises:
        InputError: None was given, or the two differ.
    """
    if options.password_stdin:
        return _line_of_stdin()
    if not sys.stdin.isatty():
        raise InputError(
            "Le mot de passe se tape au clavier\u00a0: lancez la commande dans un terminal, ou donnez-le sur l’entrée "
            "standard avec --password-stdin."
        )
    from getpass import getpass

    first = getpass("Mot de passe (12 caractères au moins)\u00a0: ")
    if getpass("Une seconde fois\u00a0: ") != first:
        raise InputError("Les deux mots de passe diffèrent\u00a0: rien n’a été enregistré, recommencez.")
    return first


def _line_of_stdin() -> str:
    line = sys.stdin.buffer.readline(10_000)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("Le mot de passe lu sur l’entrée standard n’est pas du texte en UTF-8.") from None


def _accounts() -> Any:
    from assistant.storage.accounts import Accounts
    from assistant.storage.database import open_database

    return Accounts(open_database())


def _add_account(options: argparse.Namespace) -> int:
    from assistant.storage.views import Role

    account = _accounts().create(options.login, options.name, _read_password(options), Role(options.role))
    print(f"Compte créé\u00a0: {account.login} ({account.display_name}, {account.role.value}).")
    return 0


def _list_accounts(options: argparse.Namespace) -> int:
    accounts = _accounts().all()
    if not accounts:
        print(
            'Aucun compte. Pour en créer un\u00a0: python -m assistant accounts add IDENTIFIANT --name "Prénom NOM"'
        )
    for account in accounts:
        state = "" if account.active else ", désactivé"
        print(f"{account.login}\u00a0: {account.display_name} ({account.role.value}{state})")
    return 0


def _change_password(options: argparse.Namespace) -> int:
    accounts = _accounts()
    account = accounts.find(options.login)
    accounts.set_password(account.login, _read_password(options))
    print(f"Mot de passe de {account.login} changé, ses sessions sont fermées.")
    return 0


def _disable(options: argparse.Namespace) -> int:
    _accounts().disable(options.login)
    print(f"Compte {options.login} désactivé, ses sessions sont fermées.")
    return 0


def _enable(options: argparse.Namespace) -> int:
    _accounts().enable(options.login)
    print(f"Compte {options.login} réactivé.")
    return 0


def _sign_out(options: argparse.Namespace) -> int:
    accounts = _accounts()
    accounts.sign_out_everywhere(accounts.find(options.login).id)
    print(f"Sessions de {options.login} fermées.")
    return 0


def _check_period(options: argparse.Namespace) -> None:
    if options.since and options.until and options.since > options.until:
        raise InputError(
            f"La période va du {options.since} au {options.until}\u00a0: le premier jour doit précéder le dernier."
        )


def _lacks(options: argparse.Namespace) -> int:
    from assistant.storage.database import open_database
    from assistant.storage.lacks import as_csv, as_markdown, lacking

    _check_period(options)
    report = lacking(open_database(), options.since, options.until)
    print(as_csv(report) if options.csv else as_markdown(report), end="" if options.csv else "\n")
    return 0


def _figures(options: argparse.Namespace) -> int:
    from assistant.storage.database import open_database
    from assistant.storage.figures import as_csv, as_text, figures

    _check_period(options)
    found = figures(open_database(), options.since, options.until)
    print(as_csv(found) if options.csv else as_text(found), end="" if options.csv else "\n")
    return 0


def _export_person(options: argparse.Namespace) -> int:
    from assistant.storage.database import open_database
    from assistant.storage.personal import export

    kept = export(open_database(), options.who)
    text = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    if options.out is None:
        print(text, end="")
        return 0
    try:
        with options.out.open("x", encoding="utf-8") as stream:
            options.out.chmod(0o600)
            stream.write(text)
    except FileExistsError:
        raise InputError(
            f"{options.out} existe déjà\u00a0: indiquez un autre fichier, rien n’a été écrit."
        ) from None
    print(f"{len(kept['demandes'])} demandes et {len(kept['comptes'])} comptes écrits dans {options.out}.")
    return 0


def _remove_person(options: argparse.Namespace) -> int:
    from assistant.storage.database import open_database
    from assistant.storage.personal import find, remove

    database = open_database()
    found = find(database, options.who)
    print(_told(found))
    if found.nothing:
        return 0
    if not options.yes and not _confirmed():
        print("Rien n’a été supprimé.")
        return 0
    done = remove(database, options.who)
    print("Suppression faite." if done.erased else _NOT_ERASED)
    return 0


_NOT_ERASED = (
    "Suppression faite, mais un autre programme emploie la base\u00a0: les octets supprimés restent dans ses fichiers "
    "jusqu’à la prochaine commande purge, à lancer l’assistant arrêté."
)


def _told(found: Any) -> str:
    if found.nothing:
        return f"Rien n’est conservé sur «\u00a0{found.who}\u00a0»."
    lines = [f"Conservé sur «\u00a0{found.who}\u00a0»\u00a0:"]
    for trace in found.traces:
        fate = "supprimée entière" if trace.author else "la personne y est effacée"
        lines.append(f"- demande {trace.request_id} ({', '.join(trace.places)})\u00a0: {fate}")
    lines += [f"- compte {login}\u00a0: fermé et rendu anonyme" for login in found.accounts]
    lines += [f"- proposition {path.name}\u00a0: la personne y est effacée" for path in found.files]
    if found.names:
        names = ", ".join(f"«\u00a0{name}\u00a0»" for name in found.names)
        lines.append(f"Cette adresse est aussi celle de {names}\u00a0: cherchez également ce nom.")
    return "\n".join(lines)


def _confirmed() -> bool:
    """Ask; without a terminal, nobody can answer."""
    if not sys.stdin.isatty():
        raise InputError("Rien n’a été supprimé\u00a0: relancez avec --yes pour confirmer.")
    return input("Supprimer définitivement\u00a0? (oui/non) ").strip().lower() == "oui"


def _purge(options: argparse.Namespace) -> int:
    from assistant.storage.database import open_database
    from assistant.storage.retention import purge

    done = purge(open_database(), options.older_than, dry_run=options.dry_run)
    verb = "seraient supprimées" if options.dry_run else "supprimées"
    print(f"Demandes {verb}\u00a0: {done.requests} anciennes, {done.binned} de la corbeille.")
    if not done.erased:
        print(_NOT_ERASED)
    return 0
