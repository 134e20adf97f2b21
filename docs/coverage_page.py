"""Write ``docs/corpus-coverage.md``: each fact, contradiction and gap, and the statements that say it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from corpus.fiches import Statement, load_statements
from corpus.sources import Source, load_sources

PAGE = Path(__file__).parent / "corpus-coverage.md"
# The ids of the table of facts the fiches were written from: kind, last number, width. F-017 was never given.
KINDS = (
    ("F", 154, 3, "Faits"),
    ("C", 42, 2, "Contradictions"),
    ("N", 12, 2, "Ce que les sources ne disent pas"),
)
NEVER_GIVEN = frozenset({"F-017"})
_HEADER = """# Couverture du corpus

Page produite par `make docs` à partir des fiches : ne pas la modifier à la main. Les fiches ont été écrites d’après
une table de faits (F), de contradictions entre sources (C) et de lacunes connues (N) ; chaque ligne dit où l’un d’eux
est énoncé, pour quelle campagne, quelle voie et quel territoire, et par quelles sources, avec leur date.
"""


def identifiers(kind: str, last: int, width: int) -> list[str]:
    """Return the ids of a kind, in order: ``F-001`` to ``F-154``."""
    names = [f"{kind}-{number:0{width}}" for number in range(1, last + 1)]
    return [name for name in names if name not in NEVER_GIVEN]


def by_reference(statements: tuple[Statement, ...]) -> dict[str, list[Statement]]:
    """Return the statements that say each id."""
    found: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        for reference in statement.refs:
            found[reference].append(statement)
    return found


def _scope(statement: Statement) -> str:
    scope = statement.scope
    parts = (", ".join(map(str, scope.annees)), ", ".join(scope.voies), ", ".join(scope.territoires))
    return " ; ".join(part for part in parts if part) or "général"


def _dated(statement: Statement, sources: dict[str, Source]) -> str:
    return ", ".join(f"`{name}` ({sources[name].issued or 's. d.'})" for name in statement.sources)


def render() -> str:
    """Return the page; every id has at least one statement."""
    found, sources = by_reference(tuple(load_statements())), load_sources()
    parts = [_HEADER]
    for kind, last, width, title in KINDS:
        parts.append(
            f"\n## {title}\n\n| Id | Énoncé | Portée | Sources et dates | Fiche |\n|---|---|---|---|---|\n"
        )
        for name in identifiers(kind, last, width):
            if name not in found:
                raise ValueError(f"{name} is said by no statement of the fiches")
            for statement in found[name]:
                place = f"`{statement.path.name}`, l. {statement.line}"
                text = statement.text.replace("|", "\\|")
                row = f"| {name} | {text} | {_scope(statement)} | {_dated(statement, sources)} | {place} |\n"
                parts.append(row)
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
