"""A form of the decisive facts, asked in order, and the ruling on the project.

The address holds the whole state: nothing is kept here, and the page works without a script. A script asks for the
same address as answers change; it names in a header the question being answered, which then stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fastapi import APIRouter, Request, Response

from assistant.rules.project import ProjectRuling, judge
from assistant.rules.reading import campagne_label
from assistant.understanding.saying import say_facts
from assistant.web.project.form import (
    BY_CATEGORY,
    Situation,
    facts_of,
    left_open,
    names_too_few_regions,
    next_question,
    question_of,
    read_query,
    say_answer,
    uncounted,
    write_query,
)
from assistant.web.project.questions import (
    COUNTS,
    FIRST_DAY,
    LAST_DAY,
    OPTIONAL,
    ORDER,
    START,
    Choice,
    FormData,
    Question,
    build_questions,
)
from assistant.web.project.ruling import RulingView, view_ruling
from assistant.web.site import Site, origin
from corpus.categories import load_categories
from corpus.territories import load_territories

_PATH = "/projet"
_KEPT = "x-question"  # the header that names the question being answered, after its place: « carte:domaine »
_AT_START, _AS_CARD, _AS_OPTION = "depart", "carte", "precisions"
_BY_CATEGORY_TEXT = "Combien de ces structures le projet compte-t-il\u00a0?"
_BY_CATEGORY_HELP = "Leur nombre décide de ce qui reste compté dans le groupement\u00a0: indiquez-le pour chaque catégorie cochée."


@dataclass(frozen=True)
class Row:
    """A question answered, in the list of answers; ``erase`` is the address without it."""

    question: Question
    answer: str
    erase: str


@dataclass(frozen=True)
class Layout:
    """Where each question is shown: ``start`` together first, ``cards`` asked, ``rows`` answered, ``optional``.

    ``numbers``: the question on categories is asked again, for the number of each.
    """

    start: Sequence[Question]
    cards: Sequence[Question]
    rows: Sequence[Row]
    optional: Sequence[Question]
    numbers: bool


class ProjectPage:
    """Reads an address and shows what it states, what is asked next and what the rules say."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @cached_property
    def _data(self) -> FormData:
        return FormData(self._site.parameters, load_territories(), load_categories())

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        return build_questions(self._data)

    @cached_property
    def _groups(self) -> Mapping[str, Sequence[Choice]]:
        """The categories under their headings, in order."""
        groups: dict[str, list[Choice]] = {}
        for choice in self._questions["categories"].choices:
            groups.setdefault(choice.group, []).append(choice)
        return groups

    def show(self, request: Request) -> Response:
        """Return the page; status 422 when something in the address is wrong, 414 when it is too long to be read."""
        situation = read_query(request.url.query, self._questions)
        today = self._site.clock()
        day = situation.day(today)
        facts = facts_of(situation, self._data, self._questions)
        ruling = judge(facts, day, self._data.parameters, self._data.territories, self._data.categories)
        asked = None if situation.errors else next_question(ruling, situation, self._data)
        view: RulingView | None = None
        if not (situation.empty or situation.errors):
            sources = self._site.sources
            view = view_ruling(ruling, situation, day, self._data, self._questions, sources)
        address = write_query(situation)
        return self._site.page(
            request,
            "project.html",
            title="Vérifier mon projet",
            status=414 if situation.too_long else 422 if situation.errors else 200,
            situation=situation,
            questions=self._questions,
            layout=self._layout(situation, asked, request.headers.get(_KEPT)),
            ruling=ruling,
            view=view,
            errors=self._errors(situation),
            remaining=self._remaining(ruling, situation),
            stated_facts=self._stated(situation),
            said=say_facts(facts),
            today=today,
            judged=day,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            campagne=campagne_label(ruling.campagne),
            groups=self._groups,
            counts=COUNTS,
            by_category=BY_CATEGORY,
            uncounted=uncounted(situation, self._data),
            number_text=_BY_CATEGORY_TEXT,
            number_help=_BY_CATEGORY_HELP,
            address=_PATH + (f"?{address}" if address else ""),
            origin=origin(request),
            as_of_today=_path(situation, "jour"),
        )

    def _layout(self, situation: Situation, asked: str | None, kept: str | None) -> Layout:
        """Place each question once; the one being answered (``kept``) stays where it is meanwhile."""
        card = question_of(asked) if asked else None
        place, _, held = (kept or "").partition(":")
        starting = not situation.is_settled("nombre_essms") or place == _AT_START
        start = START if starting else ()
        rows, optional, cards = [], [], []
        for name in ORDER:
            question = self._questions[name]
            if name in start:
                continue
            if name == card or (place == _AS_CARD and name == held):
                cards.append(question)
            elif name in OPTIONAL and place == _AS_OPTION and name == held:
                optional.append(question)
            elif situation.is_settled(name) or situation.has_error(name):
                rows.append(Row(question, self._answer(situation, question), _path(situation, name)))
            elif name in OPTIONAL:
                optional.append(question)
        cards.sort(key=lambda question: question.name == card)
        optional.sort(key=lambda question: OPTIONAL.index(question.name))
        return Layout(
            tuple(self._questions[name] for name in start), cards, rows, optional, asked == BY_CATEGORY
        )

    def _answer(self, situation: Situation, question: Question) -> str:
        if situation.has_error(question.name):
            return "à corriger"
        return say_answer(situation, question)

    def _stated(self, situation: Situation) -> list[tuple[str, str]]:
        """Return (label, answer) of every fact stated, for the printed page."""
        return [
            (self._questions[name].label, say_answer(situation, self._questions[name]))
            for name in ORDER
            if situation.is_settled(name)
        ]

    def _errors(self, situation: Situation) -> list[tuple[str, str, str]]:
        """Return (field, label of its question, message) of each error, in the order of the questions."""
        rank = {name: place for place, name in enumerate(ORDER)}
        found = sorted(situation.errors.items(), key=lambda item: rank[question_of(item[0])])
        return [(place, self._questions[question_of(place)].label, message) for place, message in found]

    def _remaining(self, ruling: ProjectRuling, situation: Situation) -> list[tuple[str, str, str]]:
        """Return (label, why it matters, address to answer it) of what keeps the ruling open."""
        rows = []
        for name in left_open(ruling, situation, self._data):
            question = self._questions[question_of(name)]
            help_text = _BY_CATEGORY_HELP if name == BY_CATEGORY else self._questions[name].help
            rows.append((question.label, help_text, f"#ligne-{question.name}"))
        if names_too_few_regions(ruling, situation):
            question = self._questions["territoires"]
            text = "Le projet s’étend sur plusieurs régions, dont une partie seulement est cochée."
            rows.append((question.label, text, f"#ligne-{question.name}"))
        return rows


def _path(situation: Situation, without: str) -> str:
    query = write_query(situation, (without,))
    return f"{_PATH}?{query}" if query else _PATH


def router(site: Site) -> APIRouter:
    """Return the routes."""
    pages = APIRouter()
    page = ProjectPage(site)

    @pages.get(_PATH)
    def show(request: Request) -> Response:
        return page.show(request)

    return pages
