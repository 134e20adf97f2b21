"""Tell a message that only states facts: it answers, or corrects, and the question asked before is asked again.

« Région : Bretagne », « pardon, 18 », « en fait nous sommes en Corse » ask nothing. What the readers of facts took
from such a message, and the words that only name or link facts, leave nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date

from assistant.rules.facts import CategoryMention, Count, Facts, Stated
from assistant.understanding.facts import find_labelled, merge_facts
from assistant.understanding.nouns import MANAGER_NOUN
from assistant.understanding.numbers import JOINS, LEAVES, find_numbers
from assistant.understanding.places import find_places
from assistant.understanding.questions import part_questions
from assistant.understanding.spelling import mend
from assistant.understanding.text import Folded, fold
from corpus.categories import load_categories

_WORD = re.compile(r"[a-z0-9]+")
# Words that correct, link or introduce what is stated, and say nothing else.
_LINKS = (
    "correction rectification erratum erreur precision pardon desole desolee euh ah oh oups non oui ok bonjour merci enfin donc alors bien "
    "finalement plutot en fait realite je j voulais veux dire me suis trompe trompee exactement precisement mais et puis aussi egalement plus "
    "c ce est etait sera sont s il elle agit nous on notre nos mon ma mes le la les l un une des de d du au aux a dans sur pour avec y que qu "
    "sommes avons ai ont tout tous toutes seulement uniquement juste situe situee situes situees implante implantee implantes implantees "
    "reparti repartis reparties projet groupement"
)
_STRUCTURES = "essms esms etablissement etablissements structure structures service services"
_DATE = "date jour depot depose deposee deposons deposer deposerons deposerions dossier envoye envoyons transmis remis"
# Words that name a fact: they count only where the fact is stated.
_NAMES = {
    "nombre_essms": f"nombre total effectif membres sites comptons gerons gere reunissons reunit regroupons {_STRUCTURES}",
    "variation": f"total supplementaires moins autre autres voisin voisine voisins {_STRUCTURES}",
    "territoires": f"region regions territoire territoires departement departements ville villes {_STRUCTURES}",
    "nombre_regions": "nombre region regions",
    "categories": f"categorie categories type types dont parmi compris {_STRUCTURES}",
    "campagne": "campagne annee appel appels aap projets",
    "voie": "voie appel appels aap projets depot",
    "date_depot": _DATE,
    "date_citee": "date jour",
    "finess_geo": f"numero numeros finess geographique propre chaque chacun {_STRUCTURES}",
    "l312_1": f"article casf {_STRUCTURES}",
    "domaine": f"domaine champ secteur {_STRUCTURES}",
    "choix": "choix logiciel dui",
    "heures_essentielles": "heures h annee an annuelles",
    "heures_confort": "heures h annee an annuelles",
    "date_commande": "date commande commandee bon",
    "date_deploiement": "date deploiement deploye acheve",
}
_ALSO = re.compile(rf"\b(?:aussi|egalement|en plus|en outre|ajout\w+|apport\w+|{JOINS})\b")
_PARTNERS = re.compile(rf"\b(?:{JOINS}|{LEAVES}|{MANAGER_NOUN}|ajout\w+|apport\w+)\b")
_PIECES = re.compile(r" \+ | / |, ")  # how the words of several readings are put together


@dataclass(frozen=True)
class Statement:
    """The facts that a message only states. ``labelled`` are those told by their labels; ``also``: they are more."""

    own: Facts
    labelled: frozenset[str] = frozenset()
    also: bool = False


def find_statement(folded: Folded, own: Facts, today: date) -> Statement | None:
    """Return what a message states when it does nothing else; ``own`` are the facts read in it."""
    stated = [item.name for item in fields(own) if getattr(own, item.name)]
    if not stated or "?" in folded.plain or part_questions(folded.original).questions:
        return None
    told = find_labelled(folded, today)
    free = told.without(folded)
    rest = free.plain
    for piece in _words_of(own):
        rest = re.sub(rf"(?<!\w){re.escape(piece)}(?!\w)", " " * len(piece), rest, count=1)
    for place in find_places(free):  # those of a region already told are no fact of their own
        rest = f"{rest[: place.start]}{' ' * (place.end - place.start)}{rest[place.end :]}"
    also = bool(_ALSO.search(free.plain))
    if own.variation or (also and own.nombre_essms):
        rest = _PARTNERS.sub(" ", rest)
        stated.append("variation")
    allowed = set(_LINKS.split()).union(*(_NAMES.get(name, "").split() for name in stated))
    if not allowed.issuperset(_WORD.findall(rest)):
        return None
    return Statement(own, frozenset(told.facts), also)


def _words_of(facts: Facts) -> list[str]:
    """Return the words that facts were read from, folded and mended, the longest first."""
    whole = [stated.words for _, stated in _stated(facts)]
    pieces = {mend(fold(piece)).plain.strip() for words in whole for piece in (words, *_PIECES.split(words))}
    return sorted(pieces - {""}, key=len, reverse=True)


def _stated(facts: Facts) -> Iterator[tuple[str, Stated[object] | CategoryMention]]:
    """Yield each fact with its name, those of a list one by one."""
    for item in fields(facts):
        value = getattr(facts, item.name)
        for stated in value if isinstance(value, tuple) else (value,):
            if stated is not None:
                yield item.name, stated


def merge_statement(before: Facts, statement: Statement) -> Facts:
    """Return facts once a statement is made: what it says replaces the same fact, or adds to it when told ``also``.

    A fact told by its label replaces that one alone; the track stated before goes when the new regions deny it.
    """
    now = statement.own
    number = now.nombre_essms
    if statement.also and number and number.value.exact and before.nombre_essms:
        joined = Stated(number.value.low, number.words)
        now = replace(now, nombre_essms=None, variation=joined)
    labelled = {name: getattr(now, name) for name in statement.labelled}
    free = replace(now, **{name: getattr(Facts(), name) for name in labelled})
    merged = merge_facts(before, free, also=statement.also)
    if labelled.get("territoires"):
        places = labelled["territoires"]
        if statement.also:
            places = tuple({place.value: place for place in (*before.territoires, *places)}.values())
        merged = replace(merged, nombre_regions=None, voie=_voie_over(merged.voie, len(places)))
        labelled["territoires"] = places
    elif regions := labelled.get("nombre_regions"):
        fit = regions.value.high is None or len(before.territoires) <= regions.value.high
        merged = replace(merged, territoires=before.territoires if fit else ())
    if labelled.get("categories") and statement.also:
        labelled["categories"] = (*before.categories, *labelled["categories"])
    elif labelled.get("categories"):
        merged = _without_their_own(merged, before.categories, labelled["categories"])
    if labelled.get("nombre_essms"):
        merged = replace(merged, variation=None)
    return replace(merged, **{name: value for name, value in labelled.items() if value})


def _without_their_own(
    facts: Facts, old: tuple[CategoryMention, ...], new: tuple[CategoryMention, ...]
) -> Facts:
    """Return facts with the domain of the new categories, and without what only the old ones told."""
    told = " ".join(fold(mention.words).plain for mention in old)
    if facts.projet_mixte and all(
        piece in told for piece in fold(facts.projet_mixte.words).plain.split(" / ")
    ):
        facts = replace(facts, projet_mixte=None)
    if facts.domaine is None or fold(facts.domaine.words).plain not in told:
        return facts
    domaines = {load_categories()[mention.categorie].domaine for mention in new}
    domaine = domaines.pop() if len(domaines) == 1 else None
    return replace(facts, domaine=Stated(domaine, new[0].words) if domaine else None)


def _voie_over(voie: Stated[str] | None, regions: int) -> Stated[str] | None:
    """Return the track stated, unless it is of one region where there are several, or the reverse."""
    denied = voie is not None and (voie.value == "regionale") != (regions == 1)
    return None if denied else voie


def restate(question: str, before: Facts, after: Facts, statement: Statement) -> tuple[str, list[str]]:
    """Return an earlier question with the facts corrected in its words, and the words that found no place in it.

    ``before`` and ``after`` are the facts without and with the statement.
    """
    own = statement.own
    left = [
        stated.words
        for name, stated in _stated(own)
        if name not in (*_LISTED, "nombre_essms", "variation", "sans_finess")
        and (name not in _PLACED or not (known := getattr(before, name)) or known.words not in question)
    ]
    for name in _PLACED:
        old, new = getattr(before, name), getattr(after, name)
        if old and new and old.words and old.value != new.value and old.words in question:
            words = _recounted(old.words, new.value) if name == "nombre_essms" else new.words
            question = _put(question, old.words, words)
    for name in _LISTED:
        told, known = getattr(own, name), getattr(before, name)
        words = " et ".join(dict.fromkeys(one.words for one in told))
        over = told and any(one not in getattr(after, name) for one in known)
        moved = _moved(question, [one.words for one in known if one.words], words) if over else question
        left += [words] if told and moved == question else []
        question = moved
    return question, [words for words in dict.fromkeys(left) if words and words not in question]


# Facts whose words in a question can give place to others, and those of which there may be several.
_PLACED = ("nombre_essms", "campagne", "voie", "date_depot")
_LISTED = ("territoires", "categories")


def _put(question: str, old: str, new: str) -> str:
    """Return a question with words in the place of others; « le » is not said twice."""
    start = question.index(old)
    if question[:start].lower().endswith("le "):
        new = new.removeprefix("le ")
    return question[:start] + new + question[start + len(old) :]


def _recounted(words: str, count: Count) -> str:
    """Return « 14 ESSMS en Bretagne » with another number."""
    folded = fold(words)
    found = find_numbers(folded.plain)
    if len(found) != 1:
        return words
    return _put(words, folded.words(found[0].start, found[0].end), str(count))


def _moved(question: str, gone: list[str], words: str) -> str:
    """Return a question without the words that are no longer true, ``words`` standing for the first of them."""
    if not gone:
        return question
    first = iter([words])
    one = f"(?:{'|'.join(re.escape(old) for old in sorted(gone, key=len, reverse=True))})"
    listed = (
        rf"(?<!\w){one}(?:(?:,| et| ou) (?:en |à |au |aux |dans (?:le |la |les |l’|l')?|une? )?{one})*(?!\w)"
    )
    return re.sub(listed, lambda match: next(first, ""), question)
