"""Say a fact in the words that are read back exactly: a page that edits a fact sends it as a turn of its own.

``LABELS`` names each fact, ``say_value`` writes its value, ``editors()`` says what an editor of it must offer, and
``say_fact`` makes the turn. ``labelled.py`` reads all of it: « label : value. » gives that fact, that value, and
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import get_args

from assistant.composing.french import NBSP, join, say_day, say_filing, say_number
from assistant.rules.deadline import VOIES, campagnes
from assistant.rules.facts import CategoryMention, Count, Facts, FromClosing, Period, Stated
from assistant.rules.reading import campagne_label
from assistant.understanding.holders import LARGEST_PROJECT
from corpus.categories import Domaine, load_categories
from corpus.glossary import load_glossary
from corpus.parameters import load_parameters
from corpus.territories import load_territories

LABELS: dict[str, str] = {
    "nombre_essms": "Nombre d’ESSMS",
    "sans_finess": "ESSMS sans numéro FINESS propre",
    "essms_du_gestionnaire": "Nombre d’ESSMS du gestionnaire",
    "territoires": "Région",
    "nombre_regions": "Nombre de régions",
    "categories": "Catégorie",
    "campagne": "Campagne",
    "voie": "Voie",
    "date_depot": "Date de dépôt",
    "date_citee": "Date citée",
    "finess_geo": "FINESS géographique propre",
    "l312_1": "Relève de l’article L.312-1 du CASF",
    "champ_sanitaire": "Relève du champ sanitaire",
    "domaine": "Domaine",
    "choix": "Choix du logiciel",
    "eligible_sons": "Éligible au SONS",
    "editeur_reference": "Éditeur référencé Ségur",
    "projet_mixte": "Projet mêlant AHI ou PJM à d’autres domaines",
    "heures_essentielles": "Heures d’activités essentielles",
    "heures_confort": "Heures de confort",
    "piece_repartition": "Répartition des heures jointe au dossier",
    "autre_aide_europeenne": "Autre aide européenne",
    "deja_finance": "Déjà financé par ESMS numérique",
    "prestation_segur": "Prestation Ségur commandée",
    "entite_nationale": "Rattachement à une entité nationale",
    "date_signature": "Date de signature de la convention",
    "date_enregistrement": "Date d’enregistrement de l’éditeur",
    "date_commande": "Date de commande de la Prestation Ségur",
    "date_deploiement": "Date de fin du déploiement",
}
# A label too short to stand in a sentence, or that takes a plural, is said otherwise in a turn.
_SAID = {"finess_geo": "Chaque ESSMS a son propre numéro FINESS géographique"}
PLURALS = {"territoires": "Régions", "categories": "Catégories"}
# Other names that results of rules give to a fact.
ALIASES = {"categorie": "categories"}

CHOIX = {
    "acquisition": "premier logiciel",
    "remplacement": "remplacement du logiciel",
    "maintien": "logiciel actuel conservé",
    "mixte": "choix différents selon les ESSMS",
}
AIDES = {
    "non": "non",
    "meme_logiciel": "oui, pour le même logiciel",
    "autre_logiciel": "oui, pour un autre logiciel",
}
YES_NO = {True: "oui", False: "non"}
WITHIN = "compris dans le total"


class Control(StrEnum):
    """What an editor of a fact offers."""

    NUMBER = "number"
    CHOICE = "choice"
    REGIONS = "regions"
    CATEGORIES = "categories"
    DAY = "day"
    YES_NO = "yes-no"


@dataclass(frozen=True)
class Editor:
    """The control that edits a fact.

    ``choices`` are (value, French label) of a CHOICE, of REGIONS and of CATEGORIES, the last two taking several;
    ``low`` and ``high`` the bounds of a NUMBER, ``whole`` whether it has no decimals.
    """

    control: Control
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = LARGEST_PROJECT
    whole: bool = True


@lru_cache(maxsize=1)
def domaines() -> dict[str, str]:
    """Return the name of each domain by its acronym, in the words of the glossary: « personnes âgées (PA) »."""
    terms = {form: term.term for term in load_glossary() for form in term.abbreviations}
    return {acronym: f"{terms[acronym]} ({acronym})" for acronym in get_args(Domaine)}


@lru_cache(maxsize=1)
def editors() -> dict[str, Editor]:
    """Return the editor of each fact of ``LABELS``."""
    yes_no, day, number = Editor(Control.YES_NO), Editor(Control.DAY), Editor(Control.NUMBER)
    hours = Editor(Control.NUMBER, high=10_000_000, whole=False)
    aids = Editor(Control.CHOICE, tuple(AIDES.items()))
    regions = load_territories().regions
    known = {
        "nombre_essms": number,
        "sans_finess": number,
        "essms_du_gestionnaire": number,
        "nombre_regions": Editor(Control.NUMBER, low=1, high=len(regions)),
        "territoires": Editor(Control.REGIONS, tuple((region.id, region.name) for region in regions)),
        "categories": Editor(
            Control.CATEGORIES, tuple((name, say_category(name)) for name in load_categories())
        ),
        "campagne": Editor(
            Control.CHOICE, tuple((code, campagne_label(code)) for code in campagnes(load_parameters()))
        ),
        "voie": Editor(Control.CHOICE, tuple(VOIES.items())),
        "domaine": Editor(Control.CHOICE, tuple(domaines().items())),
        "choix": Editor(Control.CHOICE, tuple(CHOIX.items())),
        "deja_finance": aids,
        "prestation_segur": aids,
        "heures_essentielles": hours,
        "heures_confort": hours,
    }
    return {name: known.get(name, day if name.startswith("date_") else yes_no) for name in LABELS}


def say_fact(name: str, value: object) -> str:
    """Return the French turn that states one fact, or corrects it: « Nombre d’ESSMS : 18. ».

    ``name`` is a fact of ``Facts`` (or the name a rule's result gives it), ``value`` what ``Stated`` holds or its JSON
    form in a rule's result; places are ids of regions, categories are mentions or ids.

    Raises:
        KeyError: ``name`` is no fact that can be said, or ``value`` is no choice, region or category known.
        TypeError: ``value`` has no type of this fact.

    Example:
        >>> say_fact("territoires", ["bretagne", "corse"]).replace(NBSP, " ")
        'Régions : Bretagne et Corse.'
    """
    name = ALIASES.get(name, name)
    label = _SAID.get(name, LABELS[name])
    if name in PLURALS and len(_several(value)) > 1:
        label = PLURALS[name]
    return f"{label}{NBSP}: {say_value(name, value)}."


def say_facts(facts: Facts) -> str:
    r"""Return the sentences that state every fact that can be said, one after the other; empty when there is none.

    Example:
        >>> say_facts(Facts(nombre_essms=Stated(Count.exactly(18), "18")))
        'Nombre d’ESSMS\xa0: 18.'
    """
    said = []
    for name in LABELS:
        stated = getattr(facts, name)
        if not stated:
            continue
        value = [item.value if isinstance(item, Stated) else item for item in stated] if isinstance(stated, tuple) else stated
        with suppress(KeyError):  # « plusieurs » domains follow from the categories, and have no words of their own
            said.append(say_fact(name, value))
    return " ".join(said)


def say_value(name: str, value: object) -> str:
    """Return the value of a fact in French: « 18 », « Bretagne et Corse », « oui », « 15 septembre 2025 ».

    Raises:
        KeyError: ``name`` is no fact that can be said, or ``value`` is no choice, region or category known.
        TypeError: ``value`` has no type of this fact.
    """
    name = ALIASES.get(name, name)
    say = _SAYERS.get(name)
    if say is None:
        say = _say_date if editors()[name].control is Control.DAY else _say_yes_no
    return say(value.value if isinstance(value, Stated) else value)


def say_category(name: str) -> str:
    """Return the name of a category without article nor gloss: « EHPAD », « foyer de l’enfance ».

    Raises:
        KeyError: No such category.
    """
    return _GLOSS.sub("", say_category_whole(name))


def say_category_whole(name: str) -> str:
    """Return the name of a category without article: « USLD (unité de soins de longue durée) ».

    Raises:
        KeyError: No such category.
    """
    return _bare(load_categories()[name].singulier)


def say_categories(name: str) -> str:
    """Return the plural of a category: « EHPAD », « foyers de l’enfance »."""
    return _GLOSS.sub("", _bare(load_categories()[name].pluriel))


_ARTICLE = re.compile(r"^(?:une? |des |les )|(?<=\bou )une? ")
_GLOSS = re.compile(r" \([^)]*\)$")


def _bare(name: str) -> str:
    return _ARTICLE.sub("", name)


def _several(value: object) -> tuple[object, ...]:
    if isinstance(value, str | CategoryMention | Stated):
        return (value,)
    if not isinstance(value, Iterable):
        raise TypeError(f"not a list: {value!r}")
    return tuple(value)


def _say_count(value: object) -> str:
    if isinstance(value, Count):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"not a number of structures: {value!r}")
    return str(value)


def _say_hours(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"not a number of hours: {value!r}")
    return say_number(value)


def _say_yes_no(value: object) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"neither yes nor no: {value!r}")
    return YES_NO[value]


def _say_date(value: object) -> str:
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if not isinstance(value, date):
        raise TypeError(f"not a day: {value!r}")
    return say_day(value)


_FROM_CLOSING = re.compile(r"clôture (?P<days>[+-]\d+) j")


def _say_filing(value: object) -> str:
    if isinstance(value, str):
        value = _filing(value)
    if isinstance(value, date):
        value = Period.day(value)
    return say_day(value.first) if isinstance(value, Period) and value.exact else say_filing(value)


def _filing(written: str) -> Period | FromClosing:
    """Return a day of filing from its form in the results of rules."""
    if match := _FROM_CLOSING.fullmatch(written):
        return FromClosing(int(match["days"]))
    first, _, last = written.partition("/")
    return Period(date.fromisoformat(first), date.fromisoformat(last or first))


def _say_campagne(value: object) -> str:
    return campagne_label(str(value))


def _say_regions(value: object) -> str:
    names = {region.id: region.name for region in load_territories().regions}
    places = [item.value if isinstance(item, Stated) else item for item in _several(value)]
    return join([names[str(place)] for place in places])


def _say_mentions(value: object) -> str:
    return join([_say_mention(item) for item in _several(value)])


def _say_mention(item: object) -> str:
    if not isinstance(item, CategoryMention):
        return say_category(str(item))
    name = say_category(item.categorie)
    if item.nombre is not None:
        one = item.nombre.high is not None and item.nombre.high <= 1
        name = f"{item.nombre} {name if one else say_categories(item.categorie)}"
    return f"{name} ({WITHIN})" if item.within_total else name


def _chosen(names: dict[str, str]) -> Callable[[object], str]:
    return lambda value: names[str(value)]


_SAYERS: dict[str, Callable[[object], str]] = {
    "nombre_essms": _say_count,
    "sans_finess": _say_count,
    "essms_du_gestionnaire": _say_count,
    "nombre_regions": _say_count,
    "heures_essentielles": _say_hours,
    "heures_confort": _say_hours,
    "date_depot": _say_filing,
    "campagne": _say_campagne,
    "voie": _chosen(VOIES),
    "domaine": lambda value: domaines()[str(value)],
    "choix": _chosen(CHOIX),
    "deja_finance": _chosen(AIDES),
    "prestation_segur": _chosen(AIDES),
    "territoires": _say_regions,
    "categories": _say_mentions,
}
