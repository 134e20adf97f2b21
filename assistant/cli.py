"""The command line: ask one question, answer a file of them, serve the page, or read what visitors thought."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assistant.drafting.cli import add_commands as add_drafting_commands
from assistant.errors import AssistantError, InputError
from assistant.model.cli import add_commands as add_model_commands
from assistant.storage.cli import add_commands as add_storage_commands
from corpus.arguments import FrenchArgumentParser, drop_output, prepare_streams
from corpus.errors import CorpusError
from index.errors import RetrievalError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, or 2 after a French sentence on stderr."""
    prepare_streams()
    options = _build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        status = command(options)
        sys.stdout.flush()
        return status
    except (AssistantError, CorpusError, RetrievalError) as error:
        print(f"Erreur : {error}", file=sys.stderr)
    except BrokenPipeError:
        return drop_output()
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"Erreur : {error.strerror or 'erreur d’entrée-sortie'}{where}.", file=sys.stderr)
    return 2


def _build_parser() -> FrenchArgumentParser:
    parser = FrenchArgumentParser(
        prog="python -m assistant", description="Assistant sur le programme ESMS numérique."
    )
    commands = parser.add_subparsers(
        title="Commandes ",
        dest="commande",
        metavar="COMMANDE",
        required=True,
        parser_class=FrenchArgumentParser,
    )
    ask = commands.add_parser("ask", help="répondre à une question")
    ask.add_argument(
        "question",
        metavar="QUESTION",
        nargs="+",
        help="la question, en français ; plusieurs : les tours d’une conversation",
    )
    ask.add_argument("--json", action="store_true", help="écrire la réponse complète en JSON")
    ask.add_argument(
        "--date", type=_day, metavar="AAAA-MM-JJ", help="répondre comme à cette date (défaut : aujourd’hui)"
    )
    ask.set_defaults(run=_ask)
    batch = commands.add_parser("batch", help="répondre à un fichier de conversations (JSON Lines)")
    batch.add_argument("input", metavar="ENTRÉE", type=Path, help='lignes {"id", "turns": ["…"], "date"?}')
    batch.add_argument("output", metavar="SORTIE", type=Path, help="une réponse par ligne")
    batch.set_defaults(run=_batch)
    serve = commands.add_parser("serve", help="ouvrir la page de conversation")
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="HÔTE", help="adresse d’écoute (défaut : 127.0.0.1)"
    )
    serve.add_argument(
        "--port", type=_port, default=7860, metavar="PORT", help="port d’écoute (défaut : 7860)"
    )
    serve.set_defaults(run=_serve)
    feedback = commands.add_parser("feedback", help="lire les avis reçus sur les réponses")
    feedback.add_argument(
        "--csv", action="store_true", help="écrire un tableau CSV (séparateur : point-virgule)"
    )
    feedback.set_defaults(run=_feedback)
    add_drafting_commands(commands, _day)
    add_storage_commands(commands, _day)
    add_model_commands(commands)
    return parser


def _read_day(text: str) -> date:
    """Return a day written AAAA-MM-JJ; ``fromisoformat`` alone also takes « 20250101 » and weeks."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _day(text: str) -> date:
    try:
        return _read_day(text)
    except ValueError:
        message = f"« {text} » n’est pas une date AAAA-MM-JJ, par exemple 2025-09-15."
        raise argparse.ArgumentTypeError(message) from None


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un port (de 1 à 65535).")
    return int(text)


def _today() -> date:
    return datetime.now().astimezone().date()


def _ask(options: argparse.Namespace) -> int:
    from assistant.model.assisted import open_best

    question = _as_typed(" ".join(options.question))
    answer = open_best().ask([question], options.date or _today())
    status = 0 if question.strip() else 2
    if options.json:
        print(json.dumps({"id": None, **answer.as_json()}, ensure_ascii=False, indent=1))
        return status
    print(answer.text)
    if answer.details:
        print(f"\nPour aller plus loin :\n\n{answer.details}")
    if answer.citations:
        print("\nSources :")
    for citation in answer.citations:
        when = f", {citation.date}" if citation.date else ""
        print(f"[{citation.number}] {citation.publisher} — {citation.title}{when} ({citation.grade_label})")
        print(f"    {citation.location}{f' · {citation.url}' if citation.url else ''}")
    if answer.notice:
        print(f"\n{answer.notice}")
    return status


def _as_typed(argument: str) -> str:
    """Return an argument whose UTF-8 bytes the locale (« C ») did not decode."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def _batch(options: argparse.Namespace) -> int:
    from assistant.model.assisted import open_best

    source, target = options.input, _output_file(options.output)
    if not source.is_file():
        raise InputError(
            f"{source} n’est pas un fichier lisible : attendu, un fichier JSON Lines de conversations."
        )
    if target.exists() and target.samefile(source):
        raise InputError(
            f"{target} est aussi l’entrée : indiquez un autre fichier de sortie, rien n’a été écrit."
        )
    if not target.parent.is_dir():
        raise InputError(
            f"Le dossier {target.parent} n’existe pas : créez-le ou choisissez un autre fichier de sortie."
        )
    partial = target.with_name(f"{target.name}.partial")
    _refuse_special(partial)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    assistant = open_best()
    failed = total = 0
    try:
        # A lone surrogate is no UTF-8, but « \ud800 » is what JSON writes for it.
        with partial.open("w", encoding="utf-8", errors="backslashreplace") as lines:
            for number, raw in _lines(source):
                row = _answer_line(assistant, raw, number)
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                lines.flush()
                failed += row["kind"] == "error"
                total += 1
                if sys.stderr.isatty():
                    print(f"\r{total} réponses", end="", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"Interrompu : {total} réponses déjà écrites sont dans {partial}.", file=sys.stderr)
        return 2
    partial.replace(target)
    end = f", dont {failed} en erreur (voir « kind »: « error »)" if failed else ""
    print(f"{total} lignes traitées{end} : {target}", file=sys.stderr)
    return 0


def _output_file(path: Path) -> Path:
    """Return the file to write, links followed, so that a link stays one and a device is never replaced.

    « /dev/stdout » is refused even when it leads to a file: the shell holds that file open.
    """
    step = Path(os.path.normpath(path.absolute()))
    for _ in range(40):
        if step.parts[1:2] in (("dev",), ("proc",)):
            raise _no_ordinary_file(path)
        if not step.is_symlink():
            break
        step = Path(os.path.normpath(step.parent / step.readlink()))
    _refuse_special(path)
    return Path(os.path.realpath(path))


def _refuse_special(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise _no_ordinary_file(path)


def _no_ordinary_file(path: Path) -> InputError:
    return InputError(
        f"{path} n’est pas un fichier ordinaire : indiquez un autre fichier de sortie, rien n’a été écrit."
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if raw.strip():
                yield number, raw


def _answer_line(assistant: Any, raw: bytes, number: int) -> dict[str, Any]:
    """Answer one line; whatever is wrong with it becomes an ``error`` row and the batch goes on."""
    identifier: Any = None
    try:
        row = _read_line(raw, number)
        identifier = row.get("id")
        turns, day = _conversation(row, number)
        return {"id": identifier, **assistant.ask(turns, day).as_json()}
    except InputError as error:
        message = str(error)
    except Exception as error:
        message = (
            f"Ligne {number} : la réponse a échoué ({type(error).__name__}). Signalez la question à l’équipe."
        )
    return {
        "id": identifier, "kind": "error", "status": "failed", "answer": message, "message": message,
        "citations": [], "rules": [], "suggestions": [], "elapsed_ms": 0,
    }  # fmt: skip


def _read_line(raw: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8-sig"), parse_constant=_finite_number, parse_float=_finite_number)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(
            f"Ligne {number} : ce n’est pas du JSON en UTF-8 ({type(error).__name__})."
        ) from error
    if not isinstance(row, dict):
        raise InputError(f"Ligne {number} : attendu un objet avec « id » et « turns ».")
    return row


def _finite_number(text: str) -> float:
    """Read a JSON number; ``NaN``, ``Infinity`` and ``1e999`` could not be written back as JSON."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _conversation(row: dict[str, Any], number: int) -> tuple[list[str], date]:
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise InputError(f"Ligne {number} : « turns » doit être une liste non vide de textes.")
    stated = row.get("date")
    if stated is None:
        return turns, _today()
    try:
        return turns, _read_day(stated)
    except (TypeError, ValueError):
        raise InputError(f"Ligne {number} : « date » vaut {stated!r}, attendu AAAA-MM-JJ.") from None


def _serve(options: argparse.Namespace) -> int:
    from assistant.model.assisted import open_best
    from assistant.web.app import serve

    serve(open_best, options.host, options.port)
    return 0


def _feedback(options: argparse.Namespace) -> int:
    from assistant.feedback import FeedbackStore, as_csv, summarise

    opinions = FeedbackStore().read()
    print(as_csv(opinions) if options.csv else summarise(opinions), end="" if options.csv else "\n")
    return 0
