"""A ruling on a project put into French for the page: a headline, themes with their conditions, numbered sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.composing.french import cap, join, low, plain_day, say_day, say_number
from assistant.composing.verdict_funding import compose_type, compose_waiver
from assistant.rules.catalogue import PARAMETERS
from assistant.rules.deadline import VOIES
from assistant.rules.project import ProjectRuling
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.web.figures import discarded
from assistant.web.project.form import Situation, asked_as, open_facts
from assistant.web.project.questions import FormData, Question
from assistant.web.references import Reference, References
from assistant.web.statuses import OUTCOME_ICONS, OUTCOME_LABELS, STEP_ICONS, STEP_LABELS
from corpus.parameters import Parameters
from corpus.sources import Source

_FACT = {StepStatus.MET: "oui", StepStatus.NOT_MET: "non", StepStatus.UNKNOWN: "inconnu"}
_CALL = {StepStatus.MET: "établi", StepStatus.NOT_MET: "fermé", StepStatus.UNKNOWN: "incertain"}
_DUTY = {StepStatus.MET: "exigé", StepStatus.NOT_MET: "établi", StepStatus.UNKNOWN: "inconnu"}
_SCOPE = {**STEP_LABELS, StepStatus.NOT_MET: "hors périmètre"}
_STATUS_LABELS = {
    "eligibilite.categorie": _SCOPE,
    "groupement.voie": _FACT,
    "calendrier.ouvert": _CALL,
    "sons.referencement": _DUTY,
    "cibles.dispense": _FACT,
    "financement.type": {**_FACT, StepStatus.MET: "établi"},
}
# Rules whose no is no obstacle: their conditions only tell two cases apart.
_TELLING_APART = frozenset({"groupement.voie", "sons.referencement", "cibles.dispense", "financement.type"})

_TONES = {Outcome.YES: "good", Outcome.NO: "bad", Outcome.UNDETERMINED: "doubt"}
_ICONS = {tone: OUTCOME_ICONS[outcome] for outcome, tone in _TONES.items()}
_UNDETERMINED = OUTCOME_LABELS[Outcome.UNDETERMINED]
_BADGES = {
    "eligibilite": ("Remplie", "Non remplie"),
    "groupement.seuil": ("Atteint", "Non atteint"),
    "calendrier.ouvert": ("Appel ouvert", "Aucun appel ouvert"),
    "calendrier.recevabilite": ("Dans les délais", "Hors délai"),
    "financement.type": ("Établi", "Non établi"),
    "sons.referencement": ("Obligatoire", "Pas d’obligation"),
    "cibles.dispense": ("Dispense", "Pas de dispense"),
    "cumul.compatibilite": ("Compatible", "Incompatible"),
}
_LACKING = 2  # missing facts that the headline names


@dataclass(frozen=True)
class Condition:
    """A condition and whether it holds; ``kind`` colours it (a status, or ``plain``)."""

    text: str
    kind: str
    icon: str
    label: str
    words: str
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Rejected:
    """A value that circulates and does not prevail, in a sentence."""

    text: str
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Theme:
    """What the rules say on one theme; ``pending``: nothing that bears on it was stated yet."""

    title: str
    badge: str
    tone: str
    pending: bool
    remarks: tuple[str, ...]
    conditions: tuple[Condition, ...]
    reservations: tuple[str, ...]
    discarded: tuple[Rejected, ...]


@dataclass(frozen=True)
class Line:
    """A verdict in a sentence."""

    tone: str
    text: str

    @property
    def icon(self) -> str:
        """The mark that says the tone without colour."""
        return _ICONS[self.tone]


@dataclass(frozen=True)
class RulingView:
    """All that the page shows of a ruling."""

    project: Line
    filing: Line
    themes: tuple[Theme, ...]
    sources: tuple[Reference, ...]


def view_ruling(
    ruling: ProjectRuling,
    situation: Situation,
    day: date,
    data: FormData,
    questions: Mapping[str, Question],
    sources: Mapping[str, Source],
) -> RulingView:
    """Return a ruling as the page shows it; ``sources`` are the known ones by id."""
    references = References("projet", sources)
    themes = tuple(_themes(ruling, data.parameters, references))
    project = _project(ruling, situation, data, questions)
    return RulingView(project, _filing(ruling, day), themes, references.cited)


def _project(
    ruling: ProjectRuling,
    situation: Situation,
    data: FormData,
    questions: Mapping[str, Question],
) -> Line:
    tone = _TONES[ruling.outcome]
    if ruling.outcome is Outcome.YES:
        return Line(tone, "Projet éligible sur ce qui est indiqué.")
    decisive = (*ruling.eligibilite, ruling.groupement, ruling.cumul)
    if ruling.outcome is Outcome.NO:
        obstacles = [result for result in decisive if result.outcome is Outcome.NO]
        if obstacles:
            return Line(tone, f"Projet non éligible\u00a0: {_obstacle(obstacles[0])}.")
        stated = situation.value("date_depot")
        filed = f" le {say_day(date.fromisoformat(stated))}" if stated else ""
        early = any(result.values.get("ouverture") for result in ruling.fenetre)
        return Line(
            tone,
            f"Projet non recevable\u00a0: dépôt{filed} {'avant l’ouverture' if early else 'hors délai'}.",
        )
    lacking = _lacking(ruling, decisive, situation, data, questions)
    if lacking:
        more = ["d’autres réponses"] if len(lacking) > _LACKING else []
        return Line(tone, f"Non déterminé\u00a0: il manque {join([*lacking[:_LACKING], *more])}.")
    return Line(tone, "Non déterminé\u00a0: les sources lues ne permettent pas de trancher.")


def _obstacle(result: RuleResult) -> str:
    step = next(step for step in result.steps if step.status is StepStatus.NOT_MET)
    if result.rule == "groupement.seuil":
        number = result.values["nombre"]
        return f"le nombre minimal d’ESSMS n’est pas atteint ({number} compté{'s' if number not in ('0', '1') else ''})"
    if result.rule == "eligibilite.categorie":  # what is found, not a condition
        return f"{low(plain_day(step.condition))}{f' ({step.words})' if step.words else ''}"
    return f"condition non remplie, «\u00a0{low(plain_day(step.condition))}\u00a0»"


def _lacking(
    ruling: ProjectRuling,
    decisive: Sequence[RuleResult],
    situation: Situation,
    data: FormData,
    questions: Mapping[str, Question],
) -> list[str]:
    """Return what is missing for the project to be settled, the most decisive first; nothing when no fact would do."""
    stuck = [result for result in decisive if result.outcome is Outcome.UNDETERMINED and not result.missing]
    if stuck:
        return []
    wanted = {fact for result in decisive for fact in result.missing}
    if not wanted and _depends_on_track(ruling):
        wanted = set(ruling.voie.missing)
    if "l312_1" in wanted:
        wanted.discard("champ_sanitaire")  # the category says it too
    lacking = []
    for fact in open_facts(ruling):
        if fact in wanted:
            names = asked_as(fact, situation, data)
            name = next((name for name in names if name not in situation.values), fact)
            lacking.append(
                questions[name].lacking if name in questions else "le nombre de structures par catégorie"
            )
    return list(dict.fromkeys(lacking))


def _depends_on_track(ruling: ProjectRuling) -> bool:
    """Whether a filing day is in time for some tracks only."""
    return len(ruling.fenetre) > 1


def _filing(ruling: ProjectRuling, day: date) -> Line:
    when = f"Dépôt au {say_day(day)}\u00a0:"
    if ruling.outcome is Outcome.NO:
        return Line("bad", f"{when} impossible en l’état.")
    if ruling.depot is Outcome.NO:
        return Line("bad", f"{when} impossible, aucun appel n’est ouvert pour ce projet.")
    if ruling.depot is Outcome.YES:
        return Line("good", f"{when} possible, un appel est ouvert.")
    if ruling.outcome is Outcome.YES:
        return Line(
            "doubt",
            f"{when} non déterminé, les sources lues ne disent pas avec certitude si l’appel est ouvert.",
        )
    if ruling.fenetre[0].rule == "calendrier.ouvert" and ruling.fenetre[0].outcome is Outcome.YES:
        return Line(
            "doubt", f"{when} non déterminé, un appel est ouvert mais le projet n’est pas encore jugé."
        )
    return Line("doubt", f"{when} non déterminé à ce stade.")


def _themes(ruling: ProjectRuling, parameters: Parameters, references: References) -> Iterator[Theme]:
    def theme(
        title: str, results: Sequence[RuleResult], badge: tuple[str, str], remarks: Sequence[str] = ()
    ) -> Theme:
        pending = all(_is_pending(result) for result in results)
        return Theme(
            title,
            *(("Non examiné", "neutral") if pending else badge),
            pending,
            tuple(plain_day(text) for text in remarks),
            tuple(_conditions(results, ruling, references)),
            tuple(dict.fromkeys(plain_day(text) for result in results for text in result.reservations)),
            tuple(_discarded(results, ruling, parameters, references)),
        )

    yield theme("Éligibilité des structures", ruling.eligibilite, _badge_of_all(ruling.eligibilite))
    yield theme(
        "Nombre d’ESSMS", (ruling.groupement,), _badge(ruling.groupement), _short_of(ruling.groupement)
    )
    yield theme("Voie de dépôt", (ruling.voie,), _track(ruling.voie), _track_if(ruling.voie))
    yield theme("Calendrier", ruling.fenetre, _badge_of_all(ruling.fenetre))
    yield theme("Cumul des aides", (ruling.cumul,), _badge(ruling.cumul))
    yield theme(
        "Ce qui est financé", (ruling.financement,), _badge(ruling.financement), _funded(ruling.financement)
    )
    referencing, waiver = ruling.obligations
    yield theme("Logiciel référencé", (referencing,), _badge(referencing))
    yield theme("Cibles d’usage", (waiver,), _badge(waiver), _waived(waiver))


def _is_pending(result: RuleResult) -> bool:
    """Whether a rule still lacks facts and holds no condition for or against."""
    return bool(result.missing) and all(step.status is StepStatus.UNKNOWN for step in result.steps)


def _badge(result: RuleResult) -> tuple[str, str]:
    """Return the words of an outcome and their tone."""
    if result.outcome is Outcome.UNDETERMINED:
        return _UNDETERMINED, "doubt"
    yes, no = _BADGES.get(result.rule) or _BADGES[result.rule.split(".", 1)[0]]
    if result.values.get("ouverture"):
        no = "Avant l’ouverture"
    tone = "neutral" if result.rule in _TELLING_APART else _TONES[result.outcome]
    return (yes if result.outcome is Outcome.YES else no), tone


def _badge_of_all(results: Sequence[RuleResult]) -> tuple[str, str]:
    """Return the badge of several results: that of the obstacle, else of what is open."""
    if results[0].rule == "calendrier.recevabilite" and len({result.outcome for result in results}) > 1:
        return "Selon la voie", "doubt"
    order = (Outcome.NO, Outcome.UNDETERMINED, Outcome.YES)
    return _badge(min(results, key=lambda result: order.index(result.outcome)))


def _track(result: RuleResult) -> tuple[str, str]:
    if result.outcome is Outcome.NO:
        return "Aucune", "bad"
    voie = result.values.get("voie")
    return (cap(VOIES[str(voie)]), "neutral") if voie else (_UNDETERMINED, "doubt")


def _track_if(result: RuleResult) -> list[str]:
    possible = result.values.get("voie_possible")
    return [f"Voie {VOIES[str(possible)]}, si le nombre minimal d’ESSMS est atteint."] if possible else []


def _short_of(result: RuleResult) -> list[str]:
    """Say how many ESSMS count and how many lack."""
    values, remarks = result.values, []
    if without := values.get("sans_finess"):
        remarks.append(
            f"ESSMS sans numéro FINESS propre, non comptés\u00a0: {say_number(int(str(without)))}."
        )
    health = int(str(values.get("exclus") or 0)) - int(str(without or 0))
    if health > 0:
        remarks.append(f"Structures du champ sanitaire, non comptées\u00a0: {say_number(health)}.")
    if doubt := values.get("incertains"):
        remarks.append(
            f"Structures dont l’éligibilité n’est pas établie\u00a0: {say_number(int(str(doubt)))}."
        )
    if values.get("nombre") is not None and remarks:
        remarks.append(f"Nombre compté\u00a0: {values['nombre']} ESSMS.")
    if lack := values.get("manque"):
        remarks.append(f"Il manque {say_number(int(str(lack)))} ESSMS.")
    return remarks


def _funded(result: RuleResult) -> list[str]:
    return [compose_type(result).sentences[0].text] if result.outcome is Outcome.YES else []


def _waived(result: RuleResult) -> list[str]:
    return [compose_waiver(result).sentences[0].text] if result.outcome is Outcome.YES else []


def _conditions(
    results: Sequence[RuleResult], ruling: ProjectRuling, references: References
) -> Iterator[Condition]:
    """Return the conditions of a theme, once each: several categories meet the same ones."""
    merged: dict[tuple[str, StepStatus, tuple[str, ...]], list[str]] = {}
    labels = _STATUS_LABELS.get(results[0].rule, STEP_LABELS)
    for result in results:
        for step in _own_steps(result, ruling):
            text = _with_track(step, result, several=len(results) > 1)
            merged.setdefault((text, step.status, step.sources), []).append(step.words)
    plain = results[0].rule in _TELLING_APART
    for (text, status, sources), words in merged.items():
        said = join([word for word in dict.fromkeys(words) if word])
        kind = "plain" if plain and status is not StepStatus.UNKNOWN else status.value
        icon = "•" if kind == "plain" else STEP_ICONS[status]
        yield Condition(plain_day(text), kind, icon, labels[status], said, references.cite(sources))


def _own_steps(result: RuleResult, ruling: ProjectRuling) -> Sequence[Step]:
    """Return the steps of a result, those of the threshold left to their theme."""
    if result is ruling.voie:
        return [step for step in result.steps if step not in ruling.groupement.steps]
    return result.steps


def _with_track(step: Step, result: RuleResult, *, several: bool) -> str:
    if not several or result.rule != "calendrier.recevabilite":
        return step.condition
    return f"Voie {VOIES[str(result.facts['voie'])]}\u00a0: {low(step.condition)}"


def _discarded(
    results: Sequence[RuleResult], ruling: ProjectRuling, parameters: Parameters, references: References
) -> Iterator[Rejected]:
    """Return the values that circulate against those that the results rest on."""
    for name, campagne in dict.fromkeys(_parameters_read(results, ruling, parameters)):
        parameter = parameters[name]
        for other in parameter.contradictions_for(campagne):
            given = discarded(parameter, other)
            text = f"{given.subject}\u00a0: valeur non retenue, {given.value}. {given.why}"
            yield Rejected(text, references.cite(given.sources))


def _parameters_read(
    results: Sequence[RuleResult], ruling: ProjectRuling, parameters: Parameters
) -> Iterator[tuple[str, str]]:
    for result in results:
        campagne = str(result.values.get("campagne") or ruling.campagne)
        if result is ruling.voie and result.outcome is Outcome.NO:
            continue  # no track: its figures do not matter
        if result.rule.startswith("calendrier."):
            known = result.facts.get("voie")
            over = result.rule == "calendrier.recevabilite" or (
                result.outcome is Outcome.NO and not result.values.get("a_venir")
            )
            kinds = ("cloture",) if over else ("ouverture", "cloture")
            tracks = [str(known)] if known else list(VOIES)
            yield from ((f"calendrier.{kind}_{track}", campagne) for track in tracks for kind in kinds)
        else:
            prefixes = PARAMETERS[result.rule]
            names = [name for name in parameters if name.startswith(prefixes)]
            own = [
                name for name in names if result is ruling.groupement or not name.startswith("groupement.")
            ]
            yield from ((name, campagne) for name in own)
