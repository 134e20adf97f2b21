"""``python -m assistant reply``: draft a reply to one message on the terminal, or to many into a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from assistant.drafting.batch import (
    FORMATS,
    SUMMARY,
    Settings,
    Tally,
    as_file,
    draft_all,
    knowledge,
    say_reply,
)
from assistant.drafting.reply import Length, Options, Tone
from assistant.errors import InputError

MAXIMUM_STDIN = 30_000_000  # bytes


def add_commands(commands: Any, day: Callable[[str], date]) -> None:
    """Add ``reply`` to the commands of the assistant; ``day`` reads a day written AAAA-MM-JJ."""
    reply = commands.add_parser(
        "reply", help="préparer la réponse à un courriel, ou à un ensemble de courriels"
    )
    reply.add_argument(
        "source",
        metavar="FICHIER|DOSSIER|-",
        help="un courriel (.eml, .msg, .txt, .docx…), un dossier, une boîte .mbox, un tableau .csv ; « - » lit l’entrée standard",
    )
    reply.add_argument(
        "--json", action="store_true", help="écrire la réponse complète en JSON (un seul courriel)"
    )
    reply.add_argument(
        "--date", type=day, metavar="AAAA-MM-JJ", help="répondre comme à cette date (défaut : aujourd’hui)"
    )
    reply.add_argument(
        "--out", type=Path, metavar="DOSSIER", help="où écrire les brouillons et leur sommaire"
    )
    reply.add_argument(
        "--format", choices=FORMATS, default="md", help="format des brouillons écrits (défaut : md)"
    )
    reply.add_argument(
        "--ton",
        choices=[tone.value for tone in Tone],
        default=Tone.ADMINISTRATIVE.value,
        help="ton de la lettre",
    )
    reply.add_argument(
        "--longueur",
        choices=[length.value for length in Length],
        default=Length.FULL.value,
        help="longueur des réponses",
    )
    reply.set_defaults(run=_reply)


def _reply(options: argparse.Namespace) -> int:
    from assistant.settings import DeskSettings

    letter = Options(Tone(options.ton), Length(options.longueur), DeskSettings.from_environment().signature)
    source = Path(options.source)
    several = options.source != "-" and _holds_several(source)
    if several and options.json:
        raise InputError(
            f"--json vaut pour un seul courriel : {source} en contient plusieurs, leur JSON est écrit dans --out."
        )
    if several or (options.out and options.source != "-"):
        return _batch(source, options, letter)
    return _one(options, letter)


def _holds_several(source: Path) -> bool:
    from assistant.drafting.formats import holds_several

    return source.is_dir() or holds_several(source)


def _one(options: argparse.Namespace, letter: Options) -> int:
    from assistant.drafting.drafter import Drafter
    from assistant.drafting.formats import read_file, read_message
    from assistant.model.assisted import open_best

    if options.source == "-":
        raw = sys.stdin.buffer.read(MAXIMUM_STDIN + 1)
        if len(raw) > MAXIMUM_STDIN:
            raise InputError(
                f"Le message dépasse {MAXIMUM_STDIN // 1_000_000} Mo : enregistrez-le sans ses pièces jointes."
            )
        message = read_message(raw)
    else:
        message = read_file(Path(options.source))
    day = options.date or datetime.now().astimezone().date()
    reply = Drafter(open_best()).draft(message, day, letter)
    if options.json:
        print(json.dumps(reply.as_json(), ensure_ascii=False, indent=1))
    elif options.format == "md":
        print(say_reply(reply, day))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(as_file(reply, message, options.format, datetime.now(UTC)))
    return 0


def _batch(source: Path, options: argparse.Namespace, letter: Options) -> int:
    from assistant.drafting.drafter import Drafter
    from assistant.drafting.formats import iterate
    from assistant.model.assisted import open_best
    from corpus.progress import ProgressBar

    if not source.exists():
        raise InputError(
            f"{source} n’existe pas : indiquez un courriel, un dossier, une boîte .mbox ou un tableau .csv."
        )
    whole = source.resolve()
    target = options.out or whole.with_name(f"{whole.name if whole.is_dir() else whole.stem}-reponses")
    items = list(iterate(source, [target]))
    if not items:
        raise InputError(f"{source} ne contient aucun courriel (.eml, .msg, .txt, .docx, .mbox, .csv).")
    settings = Settings(options.date, letter, options.format, knowledge())
    tally = draft_all(items, Drafter(open_best()), target, settings, progress=ProgressBar("Réponses"))
    print(_say(tally, target), file=sys.stderr)
    return 0


def _say(tally: Tally, target: Path) -> str:
    told = [f"{tally.drafted} réponses rédigées"]
    if tally.kept:
        told.append(f"{tally.kept} déjà prêtes")
    if tally.failed:
        told.append(f"{tally.failed} en erreur (colonne « erreur » du sommaire)")
    return f"{', '.join(told)} : {target / SUMMARY}"
