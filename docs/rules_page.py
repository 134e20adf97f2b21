"""Write ``docs/rules.md``: each rule, its question, its figures by date, their sources. Run by ``make docs``."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.rules.catalogue import CATALOGUE, Rule
from assistant.rules.history import said
from corpus.parameters import DatedValue, Parameter, Parameters, load_parameters

PAGE = Path(__file__).parent / "rules.md"
_HEADER = """# Les règles et leurs chiffres

Page produite par `make docs` à partir de `assistant/rules/catalogue.py` et de `corpus/parameters/` : ne pas la
modifier à la main. Chaque règle répond « oui », « non » ou « non déterminé » ; un chiffre inconnu est dit inconnu.
"""


_SWITCH = re.compile(r" \([01] : \w+\)$")  # how a condition is written in its file


def _when(entry: DatedValue) -> str:
    if entry.campagnes:
        return ", ".join(entry.campagnes)
    until = f"au {entry.valid_until}" if entry.valid_until else "sans terme connu"
    return f"du {entry.valid_from} {until}"


def _value(entry: DatedValue, parameter: Parameter) -> str:
    if entry.value is None:
        return f"inconnu : {entry.reason}"
    return said(parameter, entry)


def _figures(rule: Rule, parameters: Parameters) -> list[str]:
    lines = []
    for name in sorted(parameters):
        if not name.startswith(rule.parameters):
            continue
        parameter = parameters[name]
        description = _SWITCH.sub("", parameter.description)
        lines.append(f"- **{description}** (`{name}`, vérifié le {parameter.last_checked})")
        for entry in parameter.history:
            sources = ", ".join(f"`{source}`" for source in entry.sources)
            lines.append(
                f"  - {_when(entry)} : {_value(entry, parameter)} ; confiance {entry.confidence} ; {sources}"
            )
        for other in parameter.contradictions:
            sources = ", ".join(f"`{source}`" for source in other.sources)
            lines.append(
                f"  - écarté pour {', '.join(other.campagnes)} : {other.value} ({sources}) : {other.why}"
            )
    return lines


def render(parameters: Parameters | None = None) -> str:
    """Return the page; every rule reads at least one figure."""
    figures = parameters or load_parameters()
    parts = [_HEADER]
    for rule in CATALOGUE:
        lines = _figures(rule, figures)
        if not lines:
            raise ValueError(f"{rule.id} reads no parameter: its prefixes are {rule.parameters}")
        parts.append(f"\n## {rule.question}\n\nRègle `{rule.id}`.\n\n" + "\n".join(lines) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
