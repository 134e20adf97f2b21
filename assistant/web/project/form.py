"""From the address of the project page to facts, and to the next question worth asking: no HTML here.

The address is all that is known of a project: it is read whole each time, each value checked, and what is wrong
is said rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlencode

from assistant.composing.french import join, say_day, say_number
from assistant.rules.facts import CategoryMention, Count, Facts, Period, Stated
from assistant.rules.project import ProjectRuling
from assistant.rules.result import Outcome
from assistant.web.project.questions import (
    COUNTS,
    FIRST_DAY,
    LAST_DAY,
    MIXED,
    MIXED_WITH,
    MOST_ESSMS,
    ORDER,
    UNKNOWN,
    Control,
    FormData,
    Question,
    category_name,
)

LONGEST = 8_000  # characters of an address: all the regions and categories, counted, make half of it
BY_CATEGORY = "nombre_par_categorie"  # a question of the form only: how many structures of each category

_SHOWN = 40  # characters of a wrong value that are repeated
_DIGITS = re.compile(r"[0-9]{1,4}")
_PLENTY = re.compile(r"[0-9]{5,}")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOTES = 5  # unknown parameters that are named

# The question that a fact asked by the rules is put as; the first that is not settled yet is asked.
_ASKED_AS: dict[str, tuple[str, ...]] = {
    "nombre_essms": ("nombre_essms", BY_CATEGORY),
    "nombre_regions": ("territoires", "nombre_regions"),
    "l312_1": ("categories", "l312_1"),
    "categorie": ("categories", "l312_1"),
    "finess_geo": ("finess_geo", "sans_finess"),
}


@dataclass(frozen=True)
class Situation:
    """What an address states of a project.

    ``values`` are the valid answers by question, as the address writes them; ``counts`` the number of structures by
    category; ``unknown`` the questions answered « Je ne sais pas ». ``errors`` are French sentences by field and
    ``typed`` what was written there; ``notes`` say what was left out without being wrong; nothing is read of an
    address that is ``too_long``.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    too_long: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is said of the project."""
        return not (self.values.keys() - {"jour"} or self.unknown or self.errors)

    def value(self, name: str) -> str | None:
        """Return the single answer to a question."""
        return self.values[name][0] if name in self.values else None

    def is_settled(self, name: str) -> bool:
        """Whether a question was answered, were it by « Je ne sais pas »."""
        return name in self.values or name in self.unknown

    def day(self, today: date) -> date:
        """Return the day as of which to judge."""
        stated = self.value("jour")
        return date.fromisoformat(stated) if stated else today

    def has_error(self, name: str) -> bool:
        """Whether a field of the question is wrong."""
        return any(question_of(place) == name for place in self.errors)


def question_of(place: str) -> str:
    """Return the question that a field belongs to."""
    if place.startswith(COUNTS) or place == BY_CATEGORY:
        return "categories"
    return "finess_geo" if place == "sans_finess" else place


@dataclass
class _Draft:
    """A situation being read."""

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def refuse(self, name: str, typed: str, message: str) -> None:
        self.errors[name] = message
        self.typed[name] = typed[:_SHOWN]


def read_query(query: str, questions: Mapping[str, Question]) -> Situation:
    """Read the query string of an address; what is wrong goes to ``errors`` and states nothing."""
    if len(query) > LONGEST:
        text = (
            f"Cette adresse est trop longue ({say_number(len(query))} caractères, {say_number(LONGEST)} au plus)\u00a0: "
            "elle n’a pas été lue. Répondez aux questions ci-dessous."
        )
        return Situation(notes=(text,), too_long=True)
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if value.strip() and value not in given.setdefault(name, []):
            given[name].append(value)
    given.pop("embed", None)  # how the page is shown: see site.py
    draft = _Draft()
    for name, question in questions.items():
        if values := given.pop(name, []):
            _READERS[question.control](draft, question, values)
    _read_unknown(draft, given.pop(UNKNOWN, []), questions)
    _read_counts(draft, given, questions["categories"])
    _report_strangers(draft, [name for name, values in given.items() if values])
    _confront(draft)
    return Situation(
        draft.values, draft.counts, frozenset(draft.unknown), draft.errors, draft.typed, tuple(draft.notes)
    )


def _single(draft: _Draft, name: str, values: list[str]) -> str | None:
    """Return the only value given, else report that there are several."""
    if len(values) == 1:
        return values[0].strip()
    shown = join([f"«\u00a0{_short(value)}\u00a0»" for value in values[:3]])
    draft.refuse(name, values[0], f"Plusieurs réponses ont été données ({shown})\u00a0: n’en gardez qu’une.")
    return None


def _short(value: str) -> str:
    value = value.strip()
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def _read_number(draft: _Draft, question: Question, values: list[str]) -> None:
    given = _single(draft, question.name, values)
    number = None if given is None else _number(draft, question.name, given)
    if number is not None:
        draft.values[question.name] = (str(number),)


def _number(draft: _Draft, name: str, given: str) -> int | None:
    plain = _SPACES.sub("", given)
    if _DIGITS.fullmatch(plain) and int(plain) >= 1:
        return int(plain)
    bounds = f"un nombre entier de 1 à {say_number(MOST_ESSMS)}"
    if plain.startswith("-") or not plain.strip("0"):
        why = f"«\u00a0{_short(given)}\u00a0» est trop petit"
    elif _PLENTY.fullmatch(plain):
        why = f"«\u00a0{_short(given)}\u00a0» est trop grand"
    else:
        why = f"«\u00a0{_short(given)}\u00a0» n’est pas un nombre entier"
    draft.refuse(name, given, f"{why}\u00a0: écrivez {bounds}, en chiffres.")
    return None


def _read_choice(draft: _Draft, question: Question, values: list[str]) -> None:
    given = _single(draft, question.name, values)
    if given is None:
        return
    if given == UNKNOWN and question.control is Control.RADIO:
        draft.unknown.add(question.name)
    elif any(choice.value == given for choice in question.choices):
        draft.values[question.name] = (given,)
    else:
        message = f"«\u00a0{_short(given)}\u00a0» n’est pas une réponse possible\u00a0: choisissez-en une dans la liste."
        draft.refuse(question.name, given, message)


def _read_several(draft: _Draft, question: Question, values: list[str]) -> None:
    known = [choice.value for choice in question.choices]
    wrong = [value for value in values if value.strip() not in known]
    if wrong:
        noun = "une région connue" if question.control is Control.REGIONS else "une catégorie connue"
        message = (
            f"«\u00a0{_short(wrong[0])}\u00a0» n’est pas {noun}\u00a0: cochez vos réponses dans la liste."
        )
        draft.refuse(question.name, wrong[0], message)
    stated = tuple(name for name in known if name in {value.strip() for value in values})
    if stated:
        draft.values[question.name] = stated


def _read_day(draft: _Draft, question: Question, values: list[str]) -> None:
    given = _single(draft, question.name, values)
    if given is None:
        return
    try:
        day = date.fromisoformat(given) if _DAY.fullmatch(given) else None
    except ValueError:
        day = None
    if day is None:
        message = f"«\u00a0{_short(given)}\u00a0» n’est pas une date du calendrier\u00a0: écrivez-la sous la forme AAAA-MM-JJ."
        draft.refuse(question.name, given, message)
    elif not FIRST_DAY <= day <= LAST_DAY:
        bounds = f"du {say_day(FIRST_DAY)} au {say_day(LAST_DAY)}"
        message = f"Le {say_day(day)} est hors des dates acceptées\u00a0: choisissez un jour {bounds}."
        draft.refuse(question.name, given, message)
    else:
        draft.values[question.name] = (given,)


_READERS: dict[Control, Callable[[_Draft, Question, list[str]], None]] = {
    Control.NUMBER: _read_number,
    Control.SELECT: _read_choice,
    Control.RADIO: _read_choice,
    Control.REGIONS: _read_several,
    Control.CATEGORIES: _read_several,
    Control.DATE: _read_day,
}


def _read_unknown(draft: _Draft, names: list[str], questions: Mapping[str, Question]) -> None:
    """Keep « Je ne sais pas » of the questions that have no answer: an answer prevails."""
    for name in names:
        if name not in questions and name != BY_CATEGORY:
            draft.notes.append(f"«\u00a0{_short(name)}\u00a0» n’est pas une question de cette page.")
        elif name not in draft.values and name not in draft.errors:
            draft.unknown.add(name)


def _read_counts(draft: _Draft, given: dict[str, list[str]], question: Question) -> None:
    """Read the number of structures of each category ticked."""
    for choice in question.choices:
        name = f"{COUNTS}{choice.value}"
        values = given.pop(name, [])
        if not values:
            continue
        if choice.value not in draft.values.get("categories", ()):
            draft.notes.append(
                f"Le nombre donné pour «\u00a0{choice.label}\u00a0» n’est pas pris en compte\u00a0: cette catégorie n’est pas cochée."
            )
            continue
        value = _single(draft, name, values)
        number = None if value is None else _number(draft, name, value)
        if number is not None:
            draft.counts[choice.value] = number


def _report_strangers(draft: _Draft, names: list[str]) -> None:
    if names:
        shown = join([f"«\u00a0{_short(name)}\u00a0»" for name in names[:_NOTES]])
        draft.notes.append(
            f"L’adresse contient ce que cette page ne connaît pas, et n’a pas lu\u00a0: {shown}."
        )


def _confront(draft: _Draft) -> None:
    """Report answers that cannot hold together."""
    if draft.values.get("finess_geo") != ("partie",):
        if (
            "finess_geo" not in draft.values
            and "finess_geo" not in draft.unknown
            and "sans_finess" in draft.values
        ):
            draft.values["finess_geo"] = ("partie",)  # an address made by hand
        else:
            for found in (draft.values, draft.errors, draft.typed):
                found.pop("sans_finess", None)
    total = int(draft.values["nombre_essms"][0]) if "nombre_essms" in draft.values else None
    counted = sum(draft.counts.values())
    if total is not None and counted > total:
        draft.errors["categories"] = (
            f"Les nombres par catégorie font {say_number(counted)} structures, plus que les {say_number(total)} ESSMS "
            "du projet\u00a0: corrigez l’un ou l’autre."
        )
    without = draft.values.get("sans_finess")
    if total is not None and without and int(without[0]) > total:
        draft.refuse(
            "sans_finess", without[0], f"C’est plus que les {say_number(total)} ESSMS du projet\u00a0: corrigez l’un ou l’autre."
        )  # fmt: skip
    named = draft.values.get("territoires", ())
    if draft.values.get("nombre_regions") == ("une",) and len(named) > 1:
        draft.errors["nombre_regions"] = (
            f"Vous avez coché {len(named)} régions et répondu «\u00a0une seule région\u00a0»\u00a0: corrigez l’un ou l’autre."
        )


def write_query(situation: Situation, without: Collection[str] = ()) -> str:
    """Return the address' query for a situation, in one order whatever that of the answers.

    ``without``: questions to leave out, with the fields that belong to them.
    """
    pairs: list[tuple[str, str]] = []
    for name in (name for name in ORDER if name not in without):
        pairs += [(name, value) for value in situation.values.get(name, ())]
        if name == "categories":
            pairs += [(f"{COUNTS}{key}", str(number)) for key, number in situation.counts.items()]
        if name == "finess_geo":
            pairs += [("sans_finess", value) for value in situation.values.get("sans_finess", ())]
    pairs += [(UNKNOWN, name) for name in sorted(situation.unknown) if question_of(name) not in without]
    return urlencode(pairs)


def facts_of(situation: Situation, data: FormData, questions: Mapping[str, Question]) -> Facts:
    """Return the facts that a situation without error states, each with the words it is shown by."""

    def told(name: str, convert: Callable[[str], Any]) -> Stated[Any] | None:
        value = situation.value(name)
        return None if value is None else Stated(convert(value), say_answer(situation, questions[name]))

    finess = situation.value("finess_geo")
    without = told("sans_finess", int) if finess == "partie" else None
    # The ESSMS without a number are left out; those that remain have one.
    has_finess = {"oui": True, "aucun": False, "partie": True if without else None}.get(finess or "")
    domain, mixed = _domain_of(situation, data, questions)
    return Facts(
        campagne=told("campagne", str),
        voie=told("voie", str),
        nombre_essms=told("nombre_essms", lambda value: Count.exactly(int(value))),
        sans_finess=without,
        nombre_regions=told("nombre_regions", lambda value: Count(1, 1) if value == "une" else Count(2, None)),
        territoires=tuple(
            Stated(name, questions["territoires"].label_of(name)) for name in situation.values.get("territoires", ())
        ),
        categories=tuple(_mentions(situation, data)),
        date_depot=told("date_depot", lambda value: Period.day(date.fromisoformat(value))),
        finess_geo=None if has_finess is None else Stated(has_finess, say_answer(situation, questions["finess_geo"])),
        l312_1=told("l312_1", _is_yes),
        champ_sanitaire=told("champ_sanitaire", _is_yes),
        choix=told("choix", str),
        domaine=domain,
        projet_mixte=mixed,
        eligible_sons=told("eligible_sons", _is_yes),
        date_signature=told("date_signature", date.fromisoformat),
        autre_aide_europeenne=told("autre_aide_europeenne", _is_yes),
        deja_finance=told("deja_finance", str),
        prestation_segur=told("prestation_segur", str),
        entite_nationale=told("entite_nationale", _is_yes),
    )  # fmt: skip


def _is_yes(value: str) -> bool:
    return value == "oui"


def _mentions(situation: Situation, data: FormData) -> Iterator[CategoryMention]:
    for name in situation.values.get("categories", ()):
        number = situation.counts.get(name)
        words = category_name(name)
        count = None if number is None else Count.exactly(number)
        yield CategoryMention(
            name, count, True, words if number is None else f"{words} ({say_number(number)})"
        )


def _domain_of(
    situation: Situation, data: FormData, questions: Mapping[str, Question]
) -> tuple[Stated[str] | None, Stated[bool] | None]:
    """Return the field to judge by, and whether a field with rules of its own is mixed with others.

    The categories tell it as the answer would.
    """
    answer = situation.value("domaine")
    if answer is None and "domaine" not in situation.unknown:
        answer = _domain_of_categories(situation, data)
    if answer is None:
        return None, None
    words = questions["domaine"].label_of(answer)
    if answer in MIXED_WITH:
        return Stated(MIXED_WITH[answer], words), Stated(True, words)
    return Stated(answer, words), None


def _domain_of_categories(situation: Situation, data: FormData) -> str | None:
    """Return the answer that the categories of the project amount to; those out of the programme do not count."""
    named = [data.categories[name] for name in situation.values.get("categories", ())]
    fields = {categorie.domaine for categorie in named if categorie.outcome != "no"}
    if None in fields or not fields:
        return None
    if len(fields) == 1:
        return next(iter(fields))
    return next((answer for answer, special in MIXED_WITH.items() if special in fields), MIXED)


def say_answer(situation: Situation, question: Question) -> str:
    """Return in French what is answered to a question."""
    if question.name in situation.unknown or question.name not in situation.values:
        return "Je ne sais pas"
    values = situation.values[question.name]
    if question.control is Control.NUMBER:
        return f"{say_number(int(values[0]))} ESSMS"
    if question.control is Control.DATE:
        return say_day(date.fromisoformat(values[0]))
    if question.name == "finess_geo" and "sans_finess" in situation.values:
        return f"{question.label_of(values[0])}\u00a0: {situation.value('sans_finess')} sans numéro"
    labels = [question.label_of(value) for value in values]
    if question.control is Control.CATEGORIES:
        numbers = [situation.counts.get(value) for value in values]
        labels = [
            label if number is None else f"{label} ({say_number(number)})"
            for label, number in zip(labels, numbers, strict=True)
        ]
    return ", ".join(labels)


def open_facts(ruling: ProjectRuling) -> list[str]:
    """Return the facts that would still settle something, the most decisive first.

    The order is that of ``assistant.rules.project``, whose ``question`` is the first of them.
    """
    if ruling.question is None:
        return []
    decisive = [
        result
        for result in (ruling.groupement, *ruling.eligibilite)
        if result.outcome is Outcome.UNDETERMINED
    ]
    others = (ruling.voie, *ruling.fenetre, ruling.cumul, ruling.financement, *ruling.obligations)
    return list(dict.fromkeys(chain.from_iterable(result.missing for result in (*decisive, *others))))


def next_question(ruling: ProjectRuling, situation: Situation, data: FormData) -> str | None:
    """Return the next question to ask: never one that was answered, were it by « Je ne sais pas »."""
    for fact in open_facts(ruling):
        for name in asked_as(fact, situation, data):
            if not situation.is_settled(name):
                return name
    return None


def asked_as(fact: str, situation: Situation, data: FormData) -> Sequence[str]:
    """Return the questions that a fact asked by the rules may be put as, in this situation."""
    names = _ASKED_AS.get(fact, (fact,))
    return [name for name in names if _applies(name, situation, data)]


def _applies(name: str, situation: Situation, data: FormData) -> bool:
    if name == BY_CATEGORY:
        return bool(uncounted(situation, data))
    return name != "sans_finess" or situation.value("finess_geo") == "partie"


def uncounted(situation: Situation, data: FormData) -> list[str]:
    """Return the categories whose number would settle how many ESSMS count.

    Beside a total, those that may have to be taken off it; without one, all.
    """
    named = [name for name in situation.values.get("categories", ()) if name not in situation.counts]
    if "nombre_essms" in situation.values:
        return [name for name in named if data.categories[name].outcome != "yes"]
    return named


def left_open(ruling: ProjectRuling, situation: Situation, data: FormData) -> list[str]:
    """Return the questions answered « Je ne sais pas » that keep something open, in order of decisiveness."""
    asked = chain.from_iterable(asked_as(fact, situation, data) for fact in open_facts(ruling))
    return [name for name in dict.fromkeys(asked) if name in situation.unknown]


def names_too_few_regions(ruling: ProjectRuling, situation: Situation) -> bool:
    """Whether the project spreads over more regions than are named, and their names would settle something."""
    return "territoires" in open_facts(ruling) and "territoires" in situation.values
