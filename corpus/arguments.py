"""A command line that speaks French: usage, help and errors, shared by every command of the house."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

# What argparse says (Python 3.11 to 3.14), and how we say it.
_MESSAGES = (
    (r"the following arguments are required: (.+)", r"il manque : \1."),
    (r"unrecognized arguments: (.+)", r"option ou argument inconnu : \1."),
    (r"argument (\S+): expected one argument", r"l’option \1 attend une valeur."),
    (r"argument (\S+): expected at least one argument", r"\1 attend au moins une valeur."),
    (r"argument (\S+): ignored explicit argument (.+)", r"l’option \1 n’accepte pas de valeur (reçu : \2)."),
    (
        r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.+)\)",
        r"« \2 » n’est pas accepté pour \1. Choix possibles : \3.",
    ),
    (r"argument (\S+): invalid int value: '(.*)'", r"l’option \1 attend un nombre entier (reçu : « \2 »)."),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 ne s’emploie pas avec \2."),
    (r"one of the arguments (.+) is required", r"il manque l’un de : \1."),
    (r"ambiguous option: (\S+) could match (.+)", r"l’option \1 est ambiguë : \2."),
    (r"argument (\S+): (.+)", r"\1 : \2"),
)


class FrenchFormatter(argparse.RawDescriptionHelpFormatter):
    """Help whose usage line begins in French."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Write the usage line with its French prefix."""
        super().add_usage(usage, actions, groups, "Usage : " if prefix is None else prefix)


class FrenchArgumentParser(argparse.ArgumentParser):
    """A parser whose help and errors are in French; a wrong command line exits with status 2."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", FrenchFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options, add_help=False)
        self._positionals.title = "Arguments "
        self._optionals.title = "Options "
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def error(self, message: str) -> NoReturn:
        """Print the usage and one French sentence, then exit 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"Erreur : {translate(message)} Voir {self.prog} --help.\n")


def prepare_streams() -> None:
    """Make stdout and stderr able to write French, whatever the locale; ASCII gives way to UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if ascii_only else stream.encoding, errors="backslashreplace")


def drop_output() -> int:
    """Return 0 once the reader has closed the pipe (``| head``): nothing was wrong, nothing more is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def translate(message: str) -> str:
    """Return an argparse message in French; a message of our own comes back as it is.

    Example:
        >>> translate("argument --title: expected one argument")
        'l’option --title attend une valeur.'
    """
    for pattern, french in _MESSAGES:
        if re.fullmatch(pattern, message, re.DOTALL):
            return re.sub(pattern, french, message, flags=re.DOTALL)
    return message
