"""Decide what sending a draft asks for, and say why: the level, its reasons, and the points a human must check.

Green: every question is settled by a rule or a statement of an official source, for a campaign not yet over. Amber: a
secondary source, a past campaign, a reservation, something only the service can fill in. Red: a question left
undetermined, sources that contradict each other, personal data, a threat or a complaint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Citation, Kind, Status
from assistant.composing.citing import Line
from assistant.composing.french import join, say_day
from assistant.drafting.letter import Part, is_unanswered
from assistant.drafting.numbering import SECONDARY, markers
from assistant.drafting.questions import Asking, Form
from assistant.drafting.reply import Point, Reason, Risk
from assistant.rules.catalogue import PARAMETERS
from assistant.rules.deadline import begun_campagne, last_campagne
from assistant.rules.reading import campagne_label
from assistant.rules.result import RuleResult
from corpus.parameters import Contradiction, Parameter, Parameters
from corpus.sources import Source

_RANK = (Risk.GREEN, Risk.AMBER, Risk.RED)
_TRACKS = ("regionale", "multiregionale", "nationale")


@dataclass(frozen=True)
class Assessment:
    """The level, its reasons, and the points to tick."""

    risk: Risk
    reasons: tuple[Reason, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Finding:
    """A reason and the point that answers it."""

    level: Risk
    key: str
    reason: str
    point: str


def assess(
    asking: Asking,
    parts: Sequence[Part],
    citations: Sequence[Citation],
    parameters: Parameters,
    sources: Mapping[str, Source],
    day: date,
    others: Iterable[Finding] = (),
) -> Assessment:
    """Return the assessment of a draft; ``others`` are findings about the message itself (personal data, reading)."""
    findings = [
        *_about_message(asking, parts),
        *(
            finding
            for part in parts
            if not part.same_as
            for finding in _about_answer(part, citations, parameters, day)
        ),
        *_contradictions(parts, parameters, sources),
        *(_repeated(part) for part in parts if part.same_as),
        *others,
    ]
    unique = {finding.key: finding for finding in reversed(findings)}
    ordered = sorted(
        (finding for finding in findings if unique.pop(finding.key, None) is not None),
        key=lambda finding: -_RANK.index(finding.level),
    )
    risk = max((finding.level for finding in ordered), key=_RANK.index, default=Risk.GREEN)
    return Assessment(
        risk,
        tuple(Reason(finding.level, finding.reason) for finding in ordered),
        tuple(Point(finding.key, finding.point) for finding in ordered),
    )


def _about_message(asking: Asking, parts: Sequence[Part]) -> Iterator[Finding]:
    if asking.complaints:
        yield Finding(
            Risk.RED,
            "complaint",
            f"Le message contient une réclamation ou une menace : « {_cut(asking.complaints[0])} ».",
            "Réclamation ou menace (recours, presse…) : relire le ton de la réponse et décider s’il faut la transmettre à un "
            "responsable ou au service juridique.",
        )
    if asking.injected:
        yield Finding(
            Risk.RED,
            "injection",
            f"Le message donne des consignes à un assistant, qui ont été ignorées : « {_cut(asking.injected[0])} ».",
            "Consignes données à l’assistant : vérifier que le message vient bien d’un demandeur et que la réponse n’en "
            "reprend rien.",
        )
    for number, request in enumerate(asking.requests, 1):
        yield Finding(
            Risk.AMBER,
            f"request-{number}",
            f"Le message demande au service autre chose qu’une information : « {_cut(request)} ».",
            f"Compléter ou retirer la réponse à la demande « {_cut(request)} ».",
        )
    for number, favour in enumerate(asking.favours, 1):
        yield Finding(
            Risk.AMBER,
            f"favour-{number}",
            f"Le message demande une exception, que les sources n’accordent ni ne refusent : « {_cut(favour)} ».",
            f"Décider de la réponse à la demande d’exception « {_cut(favour)} ».",
        )
    if asking.numbers:
        listed = join(asking.numbers)
        yield Finding(
            Risk.AMBER,
            "numbers",
            f"Le message donne plusieurs nombres d’ESSMS ({listed}), à additionner ou contradictoires.",
            f"Vérifier le nombre d’ESSMS retenu : le message en donne plusieurs ({listed}).",
        )
    if asking.left:
        yield Finding(
            Risk.AMBER,
            "left",
            f"Le message pose {asking.left} questions de plus que ce qu’une réponse traite.",
            "Traiter les dernières questions du message, qui n’ont pas été reprises.",
        )
    if not parts:
        yield Finding(
            Risk.AMBER,
            "nothing",
            "Aucune question n’a été trouvée dans le message.",
            "Relire le message : aucune question n’y a été trouvée.",
        )


def _repeated(part: Part) -> Finding:
    return Finding(
        Risk.AMBER,
        f"same-{part.number}",
        f"Question {part.number} : sa réponse est celle de la question {part.same_as}.",
        f"Question {part.number} : vérifier que la réponse à la question {part.same_as} est bien la sienne.",
    )


def _about_answer(
    part: Part, citations: Sequence[Citation], parameters: Parameters, day: date
) -> Iterator[Finding]:
    answer, about = part.asked.answer, f"Question {part.number}"
    if part.found.form is Form.CASE:
        yield Finding(
            Risk.RED,
            f"case-{part.number}",
            f"{about} : elle porte sur un dossier particulier, que les sources ne connaissent pas.",
            f"{about} : compléter la réponse avec la situation du dossier.",
        )
        return
    if is_unanswered(part):
        yield Finding(
            Risk.RED,
            f"undetermined-{part.number}",
            f"{about} : les règles et les sources ne permettent pas de conclure.",
            f"{about} : les sources ne disent pas la réponse ; la compléter, ou confirmer qu’elle reste à demander à l’ARS.",
        )
    elif answer.kind is Kind.REFUSAL:
        yield Finding(
            Risk.AMBER,
            f"refusal-{part.number}",
            f"{about} : elle sort du programme ou de ce que l’assistant peut traiter.",
            f"{about} : confirmer que la demande n’est pas à traiter ou l’orienter.",
        )
    elif answer.status is Status.PARTIAL or any(line.key == "unsure_nearest" for line in part.asked.lines):
        yield Finding(
            Risk.AMBER,
            f"partial-{part.number}",
            f"{about} : la réponse est celle des sources les plus proches.",
            f"{about} : vérifier que la réponse est bien celle de la question.",
        )
    yield from _weak_sources(part, citations, about)
    yield from _past(part, parameters, day)
    for text in dict.fromkeys(text for result in answer.rules for text in result.reservations):
        yield Finding(
            Risk.AMBER,
            f"reservation-{part.number}-{_slug(text)}",
            f"{about} : réserve. {text}",
            f"{about} : {text}",
        )


def _weak_sources(part: Part, citations: Sequence[Citation], about: str) -> Iterator[Finding]:
    """A sentence that only secondary sources support."""
    grades = {citation.number: citation for citation in citations}
    weak = [line for line in part.asked.lines if _is_weak(line, grades)]
    if weak:
        names = dict.fromkeys(grades[number].publisher for line in weak for number in markers(line.text))
        listed = ", ".join(names)
        yield Finding(
            Risk.AMBER,
            f"secondary-{part.number}",
            f"{about} : une phrase ne s’appuie que sur une source secondaire ({listed}).",
            f"{about} : confirmer par une source officielle ce que dit {listed}.",
        )


def _is_weak(line: Line, citations: Mapping[int, Citation]) -> bool:
    numbers = [number for number in markers(line.text) if number in citations]
    return bool(numbers) and all(citations[number].grade >= SECONDARY for number in numbers)


def _past(part: Part, parameters: Parameters, day: date) -> Iterator[Finding]:
    """An answer on a campaign that is over."""
    latest = begun_campagne(day, parameters) or last_campagne(parameters)
    years = [str(value) for result in part.asked.answer.rules if (value := result.facts.get("campagne"))]
    past = [year for year in dict.fromkeys(years) if year < latest or int(year[:4]) < day.year]
    if past:
        yield Finding(
            Risk.AMBER,
            f"past-{past[0]}",
            f"La réponse vaut pour la campagne {campagne_label(past[0])}, qui n’est plus celle du {say_day(day)}.",
            f"Vérifier qu’aucun texte plus récent que la campagne {campagne_label(past[0])} ne s’applique.",
        )


def _contradictions(
    parts: Sequence[Part], parameters: Parameters, sources: Mapping[str, Source]
) -> Iterator[Finding]:
    for part in parts:
        for result in part.asked.answer.rules:
            for parameter, other in _contradicted(result, parameters):
                names = ", ".join(sources[name].publisher for name in other.sources if name in sources)
                yield Finding(
                    _gravity(part, result, other),
                    f"contradiction-{parameter.id}-{_slug(str(other.value))}",
                    f"Question {part.number} : des sources se contredisent. {parameter.description} : "
                    f"{names} donne « {_said(other.value)} ». {other.why}",
                    f"Question {part.number} : sources en contradiction, confirmer la valeur retenue contre celle de "
                    f"{names} ({_said(other.value)}).",
                )


def _contradicted(result: RuleResult, parameters: Parameters) -> Iterator[tuple[Parameter, Contradiction]]:
    """Return what contradicts the figures that a rule established, for its campaign and its track."""
    campagne, voie = result.facts.get("campagne"), result.facts.get("voie")
    if not campagne:
        return
    for name, parameter in parameters.items():
        if not name.startswith(PARAMETERS.get(result.rule, ())):
            continue
        track = next((track for track in _TRACKS if name.endswith(f"_{track}")), None)
        if track and voie and track != voie:
            continue
        for other in parameter.contradictions_for(str(campagne)):
            if _established(parameter, str(campagne), result):
                yield parameter, other


def _established(parameter: Parameter, campagne: str, result: RuleResult) -> bool:
    """Whether the value of a parameter is one that a result gives: what it only reads by the way is not in question."""
    value = next((entry.value for entry in parameter.history if campagne in entry.campagnes), None)
    return value is not None and str(value) in {str(said) for said in _leaves(result.values)}


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _gravity(part: Part, result: RuleResult, other: Contradiction) -> Risk:
    """Return what a contradiction makes of a draft: red for what is asked or quoted, amber for what is listed beside."""
    several = sum(item.rule == result.rule for item in part.asked.answer.rules) > 1
    cited = part.asked.reading.own.date_citee
    quoted = cited is not None and cited.value.isoformat() == str(other.value)
    return Risk.AMBER if several and not quoted else Risk.RED


def _said(value: object) -> str:
    text = str(value)
    try:
        return say_day(date.fromisoformat(text))
    except ValueError:
        return text


def _slug(text: str) -> str:
    return f"{sum(ord(char) * (place + 1) for place, char in enumerate(text)) % 100_000:05d}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:119].rsplit(" ", 1)[0] + "…"
