"""Read the facts told by their labels: « Région : Bretagne. Nombre d’ESSMS : 18. ».

A label tells which fact is meant, so that its value is read by itself and never takes another sense. A value that
is not one of its fact is left to the readers of free text. ``saying.py`` writes what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from assistant.rules.deadline import VOIES
from assistant.rules.facts import CategoryMention, Count, Filing, Period, Stated
from assistant.understanding.dates import find_days, find_spans, find_years
from assistant.understanding.holders import LARGEST_PROJECT
from assistant.understanding.numbers import NUMBER_WORDS, find_numbers
from assistant.understanding.places import find_places
from assistant.understanding.saying import (
    AIDES,
    CHOIX,
    WITHIN,
    YES_NO,
    domaines,
    say_categories,
    say_category,
)
from assistant.understanding.spelling import mend
from assistant.understanding.text import Folded, clean, fold
from corpus.categories import load_categories

_ESSMS = r"(?:essms|esms|etablissements|structures|services)"
_OF = r"(?:d'|de |des |de la |de l'|du )"
# The label of each fact, folded; a longer one comes before the one it begins with.
_PATTERNS = {
    "essms_du_gestionnaire": rf"nombre {_OF}{_ESSMS} du gestionnaire",
    "nombre_essms": rf"nombre (?:total )?{_OF}{_ESSMS}(?: du (?:projet|groupement))?",
    "sans_finess": rf"(?:nombre d')?{_ESSMS} sans numero finess(?: geographique)?(?: propre)?",
    "nombre_regions": r"nombre de regions",
    "territoires": r"(?:regions?|territoires?|departements?)(?: du projet| concernee?s?)?",
    "categories": rf"categories?(?: {_OF}{_ESSMS})?|types? {_OF}(?:structures?|etablissements?)",
    "campagne": r"campagne|annee de candidature",
    "voie": r"voie(?: de depot)?|appel a projets",
    "date_signature": r"date de signature(?: de la convention)?",
    "date_enregistrement": r"date d'enregistrement(?: de l'editeur)?(?: au guichet)?",
    "date_commande": r"date de (?:la )?commande(?: de la prestation segur)?",
    "date_deploiement": r"date de fin d[ue] deploiement|deploiement acheve le",
    "date_depot": r"(?:date|jour) (?:de |du )depot(?: du dossier)?|depot du dossier",
    "date_citee": r"(?:date|jour) citee?",
    "finess_geo": r"(?:chaque (?:essms|esms|structure|etablissement) a son propre )?(?:numero (?:de )?)?finess geographique(?: propre)?",
    "l312_1": r"(?:releve de |vise(?:e|s|es)? (?:a |par ))?l'article l\.? ?312-1(?: du casf)?",
    "champ_sanitaire": r"(?:releve du )?champ sanitaire",
    "domaine": r"domaine",
    "choix": r"choix (?:du|de) logiciel",
    "eligible_sons": r"eligibles? au sons",
    "editeur_reference": r"editeur reference(?: segur)?",
    "projet_mixte": r"projet (?:mixte|melant ahi ou pjm a d'autres (?:domaines|champs))",
    "heures_essentielles": r"heures (?:d'activites )?essentielles",
    "heures_confort": r"heures de confort",
    "piece_repartition": r"repartition des heures(?: jointe(?: au dossier)?)?",
    "autre_aide_europeenne": r"autre (?:aide|financement) europeen(?:ne)?",
    "deja_finance": r"deja financee?s?(?: par esms numerique)?",
    "prestation_segur": r"prestation segur(?: deja)?(?: commandee)?",
    "entite_nationale": r"(?:rattachement|rattachee?s?) a une entite nationale",
}
_LABEL = re.compile(
    rf"(?<![\w-])(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in _PATTERNS.items())})(?: ?[:=] ?| (?=(?:oui|non)\b))"
)
_ENOUGH = 40  # labels: beyond, a text is a form and not a message
_SENTENCE_END = re.compile(r"[.;?!](?=\s|$)")
# « deux régions : Bretagne et Corse » counts regions.
_COUNTED_BEFORE = re.compile(rf"(?:\d|\b(?:{'|'.join(NUMBER_WORDS)}|plusieurs|autres?|quelques)) \Z")
_ENDS = re.compile(r"[ ,;.:-]*(?:\bet)?[ ,;.:-]*$")


@dataclass(frozen=True)
class Labelled:
    """The facts told by their labels, with the places of what tells them in the folded text."""

    facts: dict[str, Any] = field(default_factory=dict)
    spans: tuple[tuple[int, int], ...] = ()

    def without(self, folded: Folded) -> Folded:
        """Return the text with what tells these facts blanked: the places of the rest do not move."""
        plain = folded.plain
        for start, end in self.spans:
            plain = plain[:start] + " " * (end - start) + plain[end:]
        return Folded(folded.original, plain, folded.at)


@dataclass(frozen=True)
class _Value:
    """What follows a label: its place in the text, and the words of label and value."""

    folded: Folded
    start: int
    end: int
    words: str
    today: date
    year: int  # of a day told without one

    @property
    def plain(self) -> str:
        return self.folded.plain[self.start : self.end]

    @property
    def own_words(self) -> str:
        """The words of the value without its label."""
        return self.folded.words(self.start, self.end)


def read_labelled(folded: Folded, today: date, year: int) -> Labelled:
    """Return the facts of a message told by their labels; ``year`` completes a day when the message names none."""
    facts: dict[str, Any] = {}
    spans: list[tuple[int, int]] = []
    matches = list(islice(_LABEL.finditer(folded.plain), _ENOUGH))
    if matches and (years := find_years(folded.plain, find_days(folded.plain, today, year))):
        year = years[-1][0]
    for place, match in enumerate(matches):
        name = next(key for key in _PATTERNS if match[key] is not None)
        stop = matches[place + 1].start() if place + 1 < len(matches) else len(folded.plain)
        ending = _SENTENCE_END.search(folded.plain, match.end(), stop)
        end = ending.start() if ending else stop
        end = match.end() + len(_ENDS.sub("", folded.plain[match.end() : end]))
        counted = _COUNTED_BEFORE.search(folded.plain, max(0, match.start() - 24), match.start())
        if end == match.end() or (counted and not (spans and spans[-1][1] > counted.start())):
            continue
        value = _Value(folded, match.end(), end, folded.words(match.start(), end), today, year)
        if (read := _READERS[name](value)) is not None:
            facts[name] = read
            spans.append((match.start(), end))
    return Labelled(facts, tuple(spans))


def _count(value: _Value) -> Stated[Count] | None:
    """Read a number, exact or bounded: « 18 », « 18 ESSMS », « entre 12 et 16 », « au moins 50 »."""
    found = find_numbers(value.plain)
    if len(found) != 1 or value.plain[: found[0].start].strip():
        return None
    rest = value.plain[found[0].end :].strip()
    if found[0].value > LARGEST_PROJECT or (rest and not re.fullmatch(rf"{_ESSMS}|regions?", rest)):
        return None
    return Stated(found[0].count, value.words)


def _number(value: _Value) -> Stated[int] | None:
    counted = _count(value)
    return Stated(counted.value.low, counted.words) if counted and counted.value.exact else None


def _hours(value: _Value) -> Stated[float] | None:
    match = re.fullmatch(r"(?P<n>\d[\d ]*(?:,\d+)?) ?(?:h|heures?)?(?: par an)?", value.plain)
    if match is None:
        return None
    return Stated(float(match["n"].replace(" ", "").replace(",", ".")), value.words)


def _yes_no(value: _Value) -> Stated[bool] | None:
    found = next((key for key, said in YES_NO.items() if said == value.plain), None)
    return None if found is None else Stated(found, value.words)


def _choice(names: dict[str, str]) -> Callable[[_Value], Stated[str] | None]:
    """Return the reader of one of several values, told by its French name or its code."""
    table = {code.replace("_", " ").lower(): code for code in names}
    table |= {fold(said).plain: code for code, said in names.items()}

    def read(value: _Value) -> Stated[str] | None:
        code = table.get(value.plain)
        return Stated(code, value.words) if code else None

    return read


def _domaine(value: _Value) -> Stated[str] | None:
    return _choice(domaines())(value)


_VOIE = re.compile(r"(?P<kind>multi-? ?region|region|nation)al(?:e|es)?")


def _voie(value: _Value) -> Stated[str] | None:
    match = _VOIE.fullmatch(value.plain)
    if match is None:
        return None
    kind = match["kind"].replace("-", "").replace(" ", "")
    return Stated(next(voie for voie in VOIES if voie.startswith(kind)), value.own_words)


def _campagne(value: _Value) -> Stated[str] | None:
    match = re.fullmatch(r"(?P<year>20[1-3]\d)(?:-t|,? \(?temps )?(?P<temps>[12])?\)?", value.plain)
    if match is None:
        return None
    return Stated(match["year"] + (f"-T{match['temps']}" if match["temps"] else ""), value.own_words)


def _day(value: _Value) -> Stated[date] | None:
    found = find_days(value.plain, value.today, value.year)
    if len(found) != 1 or value.plain[: found[0].start] not in ("", "le ") or value.plain[found[0].end :]:
        return None
    return Stated(found[0].day, value.own_words)


_PERIOD = re.compile(r"(?:entre le|du|de) (?P<first>.+?) (?:et|au|et le) (?P<last>.+)")


def _filing(value: _Value) -> Stated[Filing] | None:
    """Read when a file was or would be submitted: a day, two days it lies between, or days told from the closing."""
    if day := _day(value):
        return Stated(Period.day(day.value), day.words)
    spans = find_spans(value.plain, value.today, value.year)
    if len(spans) == 1 and (spans[0].start, spans[0].end) == (0, len(value.plain)):
        return Stated(spans[0].when, value.own_words)
    found = find_days(value.plain, value.today, value.year)
    if len(found) != 2 or not _PERIOD.fullmatch(value.plain) or found[0].day > found[1].day:
        return None
    return Stated(Period(found[0].day, found[1].day), value.own_words)


_BETWEEN_PLACES = re.compile(r"(?:[ ,/+&]|\b(?:et|en|a|au|aux|dans|de|du|des|la|le|les)\b|\b[ld]')*")


def _territoires(value: _Value) -> tuple[Stated[str], ...] | None:
    """Read places and nothing else; each region once."""
    alone = Folded(value.folded.original, " " * value.start + value.plain, value.folded.at)
    places = find_places(alone)
    rest = alone.plain
    for place in places:
        rest = f"{rest[: place.start]}{' ' * (place.end - place.start)}{rest[place.end :]}"
    if not places or not _BETWEEN_PLACES.fullmatch(rest):
        return None
    regions: dict[str, Stated[str]] = {}
    for place in places:
        regions.setdefault(place.region, Stated(place.region, place.words))
    return tuple(regions.values())


@lru_cache(maxsize=1)
def _category_names() -> dict[str, str]:
    """Return the category of each name, folded and mended as messages are."""
    names = {}
    for item in load_categories().values():
        for written in (*item.formes, item.id, say_category(item.id), say_categories(item.id)):
            names[mend(fold(clean(written))).plain] = item.id
    return names


@lru_cache(maxsize=1)
def _mention() -> re.Pattern[str]:
    listed = "|".join(re.escape(name) for name in sorted(_category_names(), key=len, reverse=True))
    within = re.escape(f"({fold(WITHIN).plain})")
    return re.compile(
        rf"(?:(?P<count>[^,():]{{1,24}}?) )??(?:(?:une?|des|les?|la|nos|notre) |l')?(?P<name>{listed})s?(?P<within> {within})?(?:, | et |$)"
    )


def _categories(value: _Value) -> tuple[CategoryMention, ...] | None:
    """Read categories and nothing else, each with its number when told: « 2 USLD (compris dans le total) et IME »."""
    mentions: list[CategoryMention] = []
    at, plain = 0, value.plain
    while at < len(plain):
        match = _mention().match(plain, at)
        if match is None:
            return None
        count = None
        if match["count"]:
            found = find_numbers(match["count"])
            if len(found) != 1 or match["count"] != match["count"][found[0].start : found[0].end]:
                return None
            count = found[0].count
        words = value.folded.words(value.start + match.start(), value.start + match.end("name"))
        categorie = _category_names()[match["name"]]
        mentions.append(CategoryMention(categorie, count, bool(match["within"]), words))
        at = match.end()
    return tuple(mentions) or None


_READERS: dict[str, Callable[[_Value], Any]] = {
    **dict.fromkeys(_PATTERNS, _yes_no),
    **dict.fromkeys(("nombre_essms", "nombre_regions", "essms_du_gestionnaire"), _count),
    **dict.fromkeys(("heures_essentielles", "heures_confort"), _hours),
    **dict.fromkeys(
        ("date_signature", "date_enregistrement", "date_commande", "date_deploiement", "date_citee"), _day
    ),
    **dict.fromkeys(("deja_finance", "prestation_segur"), _choice(AIDES)),
    "sans_finess": _number,
    "territoires": _territoires,
    "categories": _categories,
    "campagne": _campagne,
    "voie": _voie,
    "date_depot": _filing,
    "domaine": _domaine,
    "choix": _choice(CHOIX),
}
