"""Measure what the assistant reads in a message: precision and recall for each kind of fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from assistant.rules.facts import Count, Facts, FromClosing
from assistant.understanding.intents import Intent
from assistant.understanding.reading import read_conversation, read_questions
from evals.errors import EvalError
from evals.scoring import Check, Score
from evals.suite import Bench, Measured

_SETS = Path(__file__).parents[1] / "tests/assistant/understanding"
UTTERANCES, TURNS, INTENTS = (_SETS / f"{name}.yaml" for name in ("utterances", "turns", "intents"))
ASKED_ON = date(2026, 11, 22)
PLAIN = ("campagne", "voie", "finess_geo", "l312_1", "heures_essentielles", "heures_confort")


def load_utterances(path: Path = UTTERANCES) -> list[dict[str, Any]]:
    """Return the messages with the facts expected of each.

    Raises:
        EvalError: The set is not there: it belongs to the repository, not to the installed package.
    """
    if not path.is_file():
        raise EvalError(f"{path} est absent : cette mesure se lance depuis une copie du dépôt.")
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rows


def _count(count: Count) -> str:
    return str(count.low) if count.exact else f"{count.low}-{'' if count.high is None else count.high}"


def _expected_count(value: Any) -> str:
    if isinstance(value, dict):
        low, high = value.get("min", 0), value.get("max")
        return str(low) if low == high else f"{low}-{'' if high is None else high}"
    return str(value)


def read_items(facts: Facts) -> set[tuple[str, str]]:
    """Return the facts read as (kind, value) pairs, one for each place and category."""
    items: set[tuple[str, str]] = set()
    for name in PLAIN:
        stated = getattr(facts, name)
        if stated is not None:
            # A round of 2021 is read more finely than the year the set states.
            items.add((name, str(stated.value)[:4] if name == "campagne" else str(stated.value)))
    for name in ("date_depot", "date_citee"):
        stated = getattr(facts, name)
        if stated is not None:
            items.add((name, str(stated.value)))
    for name in ("nombre_essms", "nombre_regions"):
        stated = getattr(facts, name)
        if stated is not None:
            items.add((name, _count(stated.value)))
    items |= {("territoires", stated.value) for stated in facts.territoires}
    for mention in facts.categories:
        items.add(("categories", mention.categorie))
        if mention.nombre is not None:
            items.add(("nombre_par_categorie", f"{mention.categorie} {_count(mention.nombre)}"))
    return items


def expected_items(facts: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the facts expected as the same pairs."""
    items: set[tuple[str, str]] = set()
    for name, value in facts.items():
        if name in ("nombre_essms", "nombre_regions"):
            items.add((name, _expected_count(value)))
        elif name == "territoires":
            items |= {(name, region) for region in value}
        elif name == "categories":
            for item in value:
                items.add((name, item["id"]))
                if "nombre" in item:
                    items.add(("nombre_par_categorie", f"{item['id']} {_expected_count(item['nombre'])}"))
        elif name == "date_depot" and isinstance(value, dict):
            items.add((name, f"{value['from']}/{value['to']}"))
        elif name == "depot_cloture":
            items.add(("date_depot", str(FromClosing(value))))
        elif name.startswith("heures"):
            items.add((name, str(float(value))))
        else:
            items.add((name, str(value)))
    return items


def compare(rows: list[dict[str, Any]]) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """Return true positives, false positives and misses by kind, and a line for each difference."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    lines = []
    for row in rows:
        turns = row.get("turns") or [row["text"]]
        found = read_items(read_conversation(turns, ASKED_ON).facts)
        wanted = expected_items(row.get("facts") or {})
        right.update(kind for kind, _ in found & wanted)
        wrong.update(kind for kind, _ in found - wanted)
        missed.update(kind for kind, _ in wanted - found)
        extra, lack = sorted(found - wanted), sorted(wanted - found)
        if extra or lack:
            lines.append(f"  {' || '.join(turns)[:110]!r}: read {extra}, missed {lack}")
    return right, wrong, missed, lines


def rates(
    right: Counter[str], wrong: Counter[str], missed: Counter[str], kinds: list[str]
) -> tuple[float, float]:
    """Return (precision, recall) over some kinds together; 1 when nothing was read or expected."""
    hits = sum(right[kind] for kind in kinds)
    read, wanted = hits + sum(wrong[kind] for kind in kinds), hits + sum(missed[kind] for kind in kinds)
    return (hits / read if read else 1.0), (hits / wanted if wanted else 1.0)


def compare_intents(
    rows: list[dict[str, Any]],
) -> tuple[Counter[str], Counter[str], Counter[str], tuple[int, int]]:
    """Return true positives, false positives and misses by intent, then a pair on messages of several questions.

    The pair: how many are parted as expected, and how many there are.
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    parted = several = 0
    for row in rows:
        readings = read_questions([row["text"]], ASKED_ON)
        found = {intent.value for reading in readings for intent in reading.intents}
        wanted = set(row["intents"]) & set(Intent)
        right.update(found & wanted)
        wrong.update(found - wanted)
        missed.update(wanted - found)
        if "questions" in row:
            several += 1
            parted += len(readings) == row["questions"]
    return right, wrong, missed, (parted, several)


def _table(
    name: str, right: Counter[str], wrong: Counter[str], missed: Counter[str], whole: str
) -> list[str]:
    kinds = sorted({*right, *wrong, *missed})
    lines = [f"{name:<22}{'expected':>9}{'precision':>11}{'recall':>8}"]
    for label, group in [*((kind, [kind]) for kind in kinds), (whole, kinds)]:
        precision, recall = rates(right, wrong, missed, group)
        expected = sum(right[kind] + missed[kind] for kind in group)
        lines.append(f"{label:<22}{expected:>9}{precision:>11.3f}{recall:>8.3f}")
    return lines


def run(_bench: Bench, _sets: Sequence[str] = ()) -> Measured:
    """Read every message: one passes when it is read as expected, no more and no less.

    Raises:
        EvalError: The messages are not there: they belong to the repository.
    """
    scores: list[Score] = []
    for name, path in (("messages", UTTERANCES), ("conversations", TURNS)):
        for row in load_utterances(path):
            turns = tuple(row.get("turns") or [row["text"]])
            found = read_items(read_conversation(turns, ASKED_ON).facts)
            wanted = expected_items(row.get("facts") or {})
            scores.append(_score(name, len(scores), turns, _as_text(wanted), _as_text(found)))
    for row in load_utterances(INTENTS):
        readings = read_questions([row["text"]], ASKED_ON)
        found_intents = {intent.value for reading in readings for intent in reading.intents}
        wanted_intents = set(row["intents"]) & set(Intent)
        scores.append(_score("intentions", len(scores), (row["text"],), wanted_intents, found_intents))
    return Measured(scores, sets=("messages", "conversations", "intentions"))


def _as_text(items: set[tuple[str, str]]) -> set[str]:
    return {f"{kind} {value}" for kind, value in items}


def _score(name: str, rank: int, turns: tuple[str, ...], wanted: set[str], found: set[str]) -> Score:
    checks = [
        Check("fact", item, item if item in found else "", item in found, f"non lu : {item}")
        for item in sorted(wanted)
    ]
    checks += [Check("fact", "", item, False, f"lu à tort : {item}") for item in sorted(found - wanted)]
    passed = all(check.held for check in checks)
    return Score(
        f"{name}/{rank:04d}", passed, tuple(checks), {"read": sorted(found)}, set=name, type=name, turns=turns,
        date=ASKED_ON.isoformat(), expected={"facts": sorted(wanted)},
    )  # fmt: skip


def beyond(_scores: Sequence[Score]) -> list[str]:
    """Return precision and recall by kind of fact and by intent."""
    return measure().splitlines()


def measure(path: Path = UTTERANCES, turns: Path = TURNS, intents: Path = INTENTS) -> str:
    """Return precision and recall by kind of fact (messages, conversations) and by intent."""
    rows, talks = load_utterances(path), load_utterances(turns)
    right, wrong, missed, _ = compare(rows)
    heard, misheard, unheard, _ = compare(talks)
    wants = load_utterances(intents)
    found, unwanted, unseen, (parted, several) = compare_intents(wants)
    return "\n".join(
        [
            f"{len(rows)} messages",
            *_table("fact", right, wrong, missed, "ALL FACTS"),
            "",
            f"{len(talks)} conversations",
            *_table("fact", heard, misheard, unheard, "ALL FACTS"),
            "",
            f"{len(wants)} messages; {parted} of the {several} that ask several questions are parted as expected",
            *_table("intent", found, unwanted, unseen, "ALL INTENTS"),
        ]
    )
