"""The questions of the project form: one for each fact that the rules read, in order of decisiveness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.composing.french import cap
from assistant.rules.deadline import VOIES, campagnes
from assistant.rules.reading import campagne_label
from assistant.understanding.saying import (
    AIDES,
    CHOIX,
    LABELS,
    PLURALS,
    YES_NO,
    domaines,
    say_category_whole,
)
from corpus.categories import Categorie
from corpus.parameters import Parameters
from corpus.territories import Territories

FIRST_DAY, LAST_DAY = date(2021, 1, 1), date(2035, 12, 31)
UNKNOWN = "inconnu"  # the answer « Je ne sais pas », and the parameter that lists the facts it is given to
COUNTS = "nombre."  # before the id of a category: how many structures of it the project holds
MOST_ESSMS = 9_999

START = ("nombre_essms", "territoires", "campagne")
OPTIONAL = ("territoires", "campagne", "date_depot", "jour", "voie", "entite_nationale", "date_signature")
MIXED = "plusieurs"  # several fields, none of which has rules of its own
MIXED_WITH = {
    "plusieurs-ahi": "AHI",
    "plusieurs-pjm": "PJM",
}  # several fields, one of which has rules of its own
_LABELS = {"jour": "Jour de la situation"}  # of a question that is no fact


class Control(StrEnum):
    """How a question is answered."""

    NUMBER = "number"
    SELECT = "select"
    RADIO = "radio"
    REGIONS = "regions"
    CATEGORIES = "categories"
    DATE = "date"


@dataclass(frozen=True)
class Choice:
    """A value that may be answered, as the address writes it and as it is shown; ``group`` heads it in a long list."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Question:
    """A question of the form; ``name`` is its parameter in the address, most often a fact of ``Facts``.

    ``lacking`` names its answer in « il manque … »; ``help`` says why it matters.
    """

    name: str
    text: str
    lacking: str
    help: str
    control: Control
    choices: tuple[Choice, ...] = ()

    @property
    def label(self) -> str:
        """What names its answer in a list: the label of the fact, in the plural when there may be several."""
        return _LABELS.get(self.name) or PLURALS.get(self.name) or LABELS[self.name]

    def label_of(self, value: str) -> str:
        """Return the label of a choice."""
        return next(choice.label for choice in self.choices if choice.value == value)


@dataclass(frozen=True)
class FormData:
    """What the questions are made from, beside the rules."""

    parameters: Parameters
    territories: Territories
    categories: dict[str, Categorie]


_YES_NO = tuple(Choice(word, cap(word)) for word in YES_NO.values())
_FINESS = (
    Choice("oui", "Oui, chacun le sien"),
    Choice("partie", "Non, pas tous"),
    Choice("aucun", "Non, aucun"),
)
_REGIONS = (Choice("une", "Une seule région"), Choice("plusieurs", "Plusieurs régions"))


def _choices(names: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, cap(label)) for value, label in names.items())


_FIXED = (
    Question(
        "nombre_essms", "Combien d’ESSMS le projet réunit-il\u00a0?", "le nombre d’ESSMS",
        "Comptez les établissements et services de tous les gestionnaires du groupement, chacun avec son numéro FINESS. "
        "Ce nombre décide du seuil de regroupement et de la voie de dépôt.",
        Control.NUMBER,
    ),
    Question(
        "l312_1", "Les structures relèvent-elles de l’article L.312-1 du CASF\u00a0?",
        "la catégorie des structures",
        "Cet article énumère les établissements et services sociaux et médico-sociaux\u00a0: il fixe le périmètre du programme.",
        Control.RADIO, _YES_NO,
    ),
    Question(
        "finess_geo", "Chaque ESSMS a-t-il son propre numéro FINESS géographique\u00a0?",
        "le numéro FINESS des ESSMS",
        "Un ESSMS sans numéro FINESS géographique propre n’est pas compté dans le groupement.",
        Control.RADIO, _FINESS,
    ),
    Question(
        "sans_finess", "Combien d’ESSMS n’ont pas leur propre numéro FINESS\u00a0?",
        "le nombre d’ESSMS sans numéro FINESS propre",
        "Ils sont retirés du nombre d’ESSMS du projet.",
        Control.NUMBER,
    ),
    Question(
        "champ_sanitaire", "Les structures relèvent-elles du champ sanitaire (USLD, HAD, SMR, hôpital)\u00a0?",
        "l’appartenance ou non au champ sanitaire",
        "Les structures du champ sanitaire sont exclues du programme.",
        Control.RADIO, _YES_NO,
    ),
    Question(
        "nombre_regions", "Le projet s’étend-il sur une seule région ou sur plusieurs\u00a0?",
        "le nombre de régions",
        "Le nombre de régions, avec celui des ESSMS, décide de la voie de dépôt\u00a0: régionale, multirégionale ou nationale.",
        Control.RADIO, _REGIONS,
    ),
    Question(
        "autre_aide_europeenne", "L’opération reçoit-elle un autre financement européen (FEDER, FSE…)\u00a0?",
        "les autres financements européens",
        "L’aide d’ESMS numérique exclut tout autre financement européen de la même opération.",
        Control.RADIO, _YES_NO,
    ),
    Question(
        "deja_finance", "Des ESSMS du projet ont-ils déjà été financés par ESMS numérique\u00a0?",
        "les financements déjà reçus",
        "Un ESSMS n’est pas financé une seconde fois, ni pour le même logiciel ni pour un autre.",
        Control.RADIO, _choices(AIDES),
    ),
    Question(
        "prestation_segur", "Une Prestation Ségur (SONS) a-t-elle été commandée pour ces ESSMS\u00a0?",
        "les Prestations Ségur commandées",
        "La Prestation Ségur est la mise à niveau d’un logiciel payée par l’État à l’éditeur\u00a0: elle ne se cumule pas avec "
        "une aide pour un autre logiciel.",
        Control.RADIO, _choices(AIDES),
    ),
    Question(
        "choix", "Quel logiciel (DUI) le projet prévoit-il\u00a0?", "le choix du logiciel",
        "Ce que l’aide finance dépend de ce choix. Un changement d’éditeur est un remplacement\u00a0; un logiciel conservé est "
        "mis en conformité.",
        Control.RADIO, _choices(CHOIX),
    ),
    Question(
        "eligible_sons", "Les structures AHI du projet sont-elles éligibles au SONS\u00a0?",
        "l’éligibilité au SONS",
        "L’exigence d’un logiciel référencé et la dispense de certaines cibles d’usage en dépendent.",
        Control.RADIO, _YES_NO,
    ),
    Question(
        "date_depot", "Quel jour le dossier a-t-il été ou sera-t-il déposé\u00a0?", "le jour de dépôt",
        "Un dossier déposé après la clôture n’est pas recevable. Sans date, le calendrier est lu au jour de la situation.",
        Control.DATE,
    ),
    Question(
        "voie", "De quelle voie le projet relève-t-il, si vous le savez\u00a0?", "la voie de dépôt",
        "Elle choisit le calendrier tant que le nombre d’ESSMS et de régions ne la fixe pas.",
        Control.RADIO, tuple(Choice(name, f"Voie {label}") for name, label in VOIES.items()),
    ),
    Question(
        "entite_nationale", "Des ESSMS sont-ils rattachés à une entité nationale\u00a0?",
        "le rattachement à une entité nationale",
        "Une règle de non-cumul particulière existe pour ces ESSMS.",
        Control.RADIO, _YES_NO,
    ),
    Question(
        "date_signature", "Quel jour la convention avec l’ARS a-t-elle été ou sera-t-elle signée\u00a0?",
        "le jour de signature de la convention",
        "Elle compte pour la dispense de certaines cibles d’usage des structures AHI.",
        Control.DATE,
    ),
    Question(
        "jour", "À quel jour juger la situation\u00a0?", "le jour de la situation",
        "Aujourd’hui par défaut. Une autre date relit les mêmes faits à ce jour-là.",
        Control.DATE,
    ),
)  # fmt: skip

# The order in which answers are listed: about that in which the rules ask.
ORDER = (
    "nombre_essms", "territoires", "nombre_regions", "categories", "l312_1", "finess_geo", "champ_sanitaire",
    "autre_aide_europeenne", "deja_finance", "prestation_segur", "entite_nationale", "choix", "domaine",
    "eligible_sons", "date_signature", "voie", "campagne", "date_depot", "jour",
)  # fmt: skip


def build_questions(data: FormData) -> dict[str, Question]:
    """Return every question by name; the names of places, categories and campaigns are those of the corpus."""
    questions = (*_FIXED, *_from_corpus(data))
    return {question.name: question for question in questions}


def _from_corpus(data: FormData) -> Iterator[Question]:
    yield Question(
        "territoires", "Dans quelles régions se trouvent ces ESSMS\u00a0?", "la région",
        "Cochez toutes les régions du projet\u00a0: le nombre minimal d’ESSMS n’est pas le même en Corse et dans les "
        "territoires ultramarins, et la voie dépend du nombre de régions.",
        Control.REGIONS, tuple(Choice(region.id, region.name) for region in data.territories.regions),
    )  # fmt: skip
    yield Question(
        "categories", "Quelles structures le projet réunit-il\u00a0?",
        "la catégorie des structures",
        "Le programme s’adresse aux structures visées à l’article L.312-1 du CASF. Le nombre est facultatif, mais utile "
        "pour celles que le programme ne finance pas.",
        Control.CATEGORIES, tuple(_categories(data)),
    )  # fmt: skip
    yield Question(
        "campagne", "Pour quelle campagne\u00a0?", "la campagne",
        "Les seuils et les dates se lisent pour une campagne donnée.",
        Control.SELECT,
        tuple(Choice(code, campagne_label(code)) for code in reversed(campagnes(data.parameters))),
    )  # fmt: skip
    yield Question(
        "domaine", "Dans quel domaine interviennent les structures\u00a0?", "le domaine",
        "L’obligation de choisir un logiciel référencé et certaines cibles d’usage dépendent du domaine.",
        Control.RADIO,
        (
            *_choices(domaines()),
            Choice("plusieurs-ahi", "Plusieurs domaines, dont AHI"),
            Choice("plusieurs-pjm", "Plusieurs domaines, dont PJM, sans AHI"),
            Choice(MIXED, "Plusieurs domaines, ni AHI ni PJM"),
        ),
    )  # fmt: skip


def _categories(data: FormData) -> Iterator[Choice]:
    groups = [*map(cap, domaines().values()), "Autres structures", "Champ sanitaire"]
    choices = [
        Choice(item.id, category_name(item.id), _group(item, groups[-2], groups[-1]))
        for item in data.categories.values()
    ]
    return iter(sorted(choices, key=lambda choice: groups.index(choice.group)))


def _group(categorie: Categorie, others: str, health: str) -> str:
    if categorie.domaine:
        return cap(domaines()[categorie.domaine])
    return health if categorie.outcome == "no" else others


def category_name(name: str) -> str:
    """Return the name of a category as the form lists it: « EHPAD », « Hôpital ou clinique »."""
    return cap(say_category_whole(name))
