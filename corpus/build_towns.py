"""Derive ``towns.tsv`` from the communes of the npm package ``@etalab/decoupage-administratif``.

Run once a new edition of the package is out::

    npm pack @etalab/decoupage-administratif@6.0.0
    tar xzf etalab-decoupage-administratif-6.0.0.tgz
    python -m corpus.build_towns package/data/communes.json > corpus/towns.tsv

A town name leads to a region, hence to a threshold: a name that does not tell its region alone, or that
is an ordinary word of a question, is left out, so that the region is asked instead of guessed.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

MINIMUM_POPULATION = 5_000

# A homonym at least a third as populous makes the name ambiguous: Saint-Denis (La Réunion, 156 000
# inhabitants; Seine-Saint-Denis, 149 000), Saint-Louis (La Réunion; Haut-Rhin). Otherwise the most
# populous wins: Saint-Pierre (La Réunion, 85 000; Saint-Pierre-et-Miquelon, 5 000).
AMBIGUOUS_SHARE = 1 / 3

# Words of the questions themselves (outre-mer, la Croix-Rouge, au sens de, le port, le tampon ...), first
# names and brands (Albert, Orange), names of a larger place (Vienne), short names (Clermont-Ferrand).
# fmt: off
ORDINARY_WORDS = frozenset({
    "Albert", "Changé", "Clermont", "Contes", "Croix", "Drap", "Eu", "Fosses", "Gorges", "Isle",
    "L’Hôpital", "L’Union", "La Crèche", "La Garde", "La Montagne", "La Possession", "La Riche", "Le Blanc",
    "Le Lorrain", "Le Mené", "Le Passage", "Le Port", "Le Tampon", "Melle", "Mer", "Orange", "Plaisir",
    "Publier", "Rives", "Roussillon", "Saint-Barthélemy", "Saint-Martin", "Salles", "Sens", "Vienne", "Vif",
})
# fmt: on

HEADER = """\
# French communes of at least 5 000 inhabitants: name, then département (or collectivity) code.
# Origin: npm package @etalab/decoupage-administratif 6.0.0, data/communes.json, drawn from Insee's
# code officiel géographique and populations légales. Licences: MIT (package), Licence Ouverte 2.0 (data).
# Derived by corpus/build_towns.py: current communes only; of homonyms the most populous, unless another
# region's is at least a third as populous; ordinary words left out. Do not edit by hand.
"""


class Town(NamedTuple):
    """A commune large enough to be named alone."""

    name: str
    code: str
    region: str
    population: int


def read_towns(communes: list[dict[str, Any]]) -> list[Town]:
    """Return the current communes above the minimum, with the French apostrophe."""
    return [
        Town(entry["nom"].replace("'", "’"), entry["departement"], entry["region"], entry["population"])
        for entry in communes
        if entry["type"] == "commune-actuelle" and entry.get("population", 0) >= MINIMUM_POPULATION
    ]


def select_towns(towns: list[Town]) -> list[Town]:
    """Keep the towns whose name alone tells the region, sorted by name."""
    homonyms: dict[str, list[Town]] = defaultdict(list)
    for town in towns:
        homonyms[town.name].append(town)
    kept = []
    for name, group in sorted(homonyms.items()):
        largest = max(group, key=lambda town: town.population)
        rivals = (town.population for town in group if town.region != largest.region)
        if name not in ORDINARY_WORDS and max(rivals, default=0) < largest.population * AMBIGUOUS_SHARE:
            kept.append(largest)
    return kept


def render_towns(towns: list[Town]) -> str:
    """Return the text of ``towns.tsv``."""
    return HEADER + "".join(f"{town.name}\t{town.code}\n" for town in towns)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m corpus.build_towns COMMUNES.json > corpus/towns.tsv")
    communes_file = Path(sys.argv[1])
    communes = json.loads(communes_file.read_text(encoding="utf-8"))
    sys.stdout.write(render_towns(select_towns(read_towns(communes))))
