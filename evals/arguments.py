"""What may be asked of ``python -m evals``."""

from __future__ import annotations

from pathlib import Path

from corpus.arguments import FrenchArgumentParser

SCORED = (
    "answers",
    "refusals",
    "dev",
    "rules",
    "understanding",
    "noise",
    "retrieval",
    "grounding",
    "metamorphic",
    "emails",
    "emails_held_out",
)
OTHERS = ("benchmark", "relevance", "scale")
WITH_MODEL = ("answers", "dev", "refusals", "grounding")  # what a language model may be measured on
ALL = "all"


def build_parser() -> FrenchArgumentParser:
    """Return the parser of ``python -m evals``; ``command`` is the name of the command."""
    parser = FrenchArgumentParser(prog="python -m evals", description="Les mesures de l’assistant.")
    commands = parser.add_subparsers(
        title="Commandes ",
        dest="command",
        required=True,
        metavar="COMMANDE",
        parser_class=FrenchArgumentParser,
    )
    names = ", ".join((*SCORED, *OTHERS, ALL))
    suite = commands.add_parser("run", help=f"mesurer une suite : {names}")
    suite.add_argument("suite", choices=(*SCORED, *OTHERS, ALL), metavar="SUITE", help=f"une de {names}")
    suite.add_argument(
        "--sets", nargs="+", metavar="JEU", help="ces jeux seulement (evals/sets, ou de benchmark)"
    )
    suite.add_argument(
        "--system", default="product", metavar="SYSTÈME", help="answers : product ou quickstart"
    )
    suite.add_argument(
        "--out", type=Path, metavar="FICHIER.jsonl", help="garder la mesure ici plutôt que dans var/runs"
    )
    suite.add_argument("--systems", nargs="+", metavar="SYSTÈME", help="benchmark : ces systèmes seulement")
    suite.add_argument(
        "--sizes", nargs="+", type=int, metavar="N", help="scale : ces nombres de passages seulement"
    )
    suite.add_argument(
        "--model",
        metavar="NOM",
        help=f"{', '.join(WITH_MODEL)} : sans puis avec ce modèle de langue (local, ou un nom d’ASSISTANT_MODEL)",
    )
    suite.add_argument(
        "--limit", type=int, metavar="N", help="--model : N questions seulement, bien réparties"
    )
    suite.add_argument("--resume", action="store_true", help="--model : reprendre la mesure interrompue")
    compare = commands.add_parser("compare", help="dire ce qui a bougé entre deux mesures gardées")
    what = "un fichier de var/runs, last, previous ou SUITE:last"
    compare.add_argument(
        "before", metavar="AVANT", nargs="?", default="previous", help=f"{what} (défaut : previous)"
    )
    compare.add_argument("after", metavar="APRÈS", nargs="?", default="last", help=f"{what} (défaut : last)")
    compare.add_argument(
        "--suite", default="answers", metavar="SUITE", help="celle de last et previous (défaut : answers)"
    )
    gate = commands.add_parser("gate", help="refuser un recul sur une partie rapide des mesures")
    gate.add_argument("--accept", action="store_true", help="accepter ce qui est mesuré maintenant")
    for command in (suite, gate):
        command.add_argument(
            "--jobs",
            type=int,
            default=1,
            metavar="N",
            help="processus qui interrogent l’assistant (défaut : 1)",
        )
    report = commands.add_parser(
        "report", help="écrire la page des dernières mesures (var/reports/evals.html)"
    )
    report.add_argument("--out", type=Path, metavar="FICHIER.html", help="l’écrire ici")
    report.add_argument(
        "--held-out", action="store_true", help="montrer aussi les questions des jeux réservés"
    )
    commands.add_parser("card", help="écrire les chiffres des dernières mesures dans docs/system-card.md")
    local = commands.add_parser(
        "local-model", help="réunir et vérifier le fichier d’un modèle de langue local"
    )
    local.add_argument("--serve", action="store_true", help="le servir sur cette machine, jusqu’à Ctrl-C")
    local.add_argument(
        "--port", type=int, default=0, metavar="PORT", help="--serve : ce port (défaut : un port libre)"
    )
    retrieval = commands.add_parser("retrieval", help="écrire des runs TREC sur un corpus au format BEIR")
    retrieval.add_argument(
        "corpus", type=Path, metavar="CORPUS.jsonl[.gz]", help="documents : _id, title, text"
    )
    retrieval.add_argument("queries", type=Path, metavar="QUERIES.jsonl", help="questions : _id, text")
    retrieval.add_argument("--out", type=Path, required=True, metavar="DOSSIER", help="où écrire les runs")
    return parser
