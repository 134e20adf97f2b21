"""Say whether a project holds enough ESSMS, and which call it belongs to."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import join, low
from assistant.composing.questions import ask
from assistant.composing.verdict_calendar import VOIE_NAMES
from assistant.judging import Ruling
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome, RuleResult
from assistant.understanding.facts import find_voies
from assistant.understanding.intents import Topic
from assistant.understanding.reading import Reading
from corpus.errors import ParameterNotInForceError
from corpus.parameters import Parameters
from corpus.territories import Region

_COUNTER = {
    "regionale": "l’ARS de la région",
    "multiregionale": "l’ARS (prenez contact avec chaque ARS concernée)",
    "nationale": "la DNS et la CNSA",
}
_CALL = {"regionale": "régional", "multiregionale": "multirégional", "nationale": "national"}


def compose_grouping(
    ruling: Ruling, reading: Reading, regions: dict[str, Region], parameters: Parameters
) -> Draft:
    """Give the verdict on number and track; the one that was asked for comes first."""
    first = ruling.results[0]
    seuil = next((result for result in ruling.results if result.rule == "groupement.seuil"), None)
    voie = next((result for result in ruling.results if result.rule == "groupement.voie"), None)
    if first.rule == "groupement.voie":
        if first.outcome is Outcome.UNDETERMINED and first.values.get("voie_possible") and seuil:
            return _track_possible(first, seuil, ruling, regions, parameters)
        if first.outcome is Outcome.UNDETERMINED:
            return _track_unknown(first, general=Topic.SEUIL in reading.topics)
        if first.outcome is Outcome.YES:
            return _track_first(first, seuil, reading)
    draft = _threshold(seuil or first, ruling, regions, parameters)
    if claimed := _claim(reading, (seuil or first).values):
        head, *rest = draft.sentences
        draft = replace(draft, sentences=[replace(head, text=f"{claimed} : {low(head.text)}"), *rest])
    if (
        (seuil or first).values.get("nombre") is None
        and draft.kind is Kind.ANSWER
        and _about_a_project(reading)
    ):
        return Draft(
            Kind.CLARIFICATION, Status.NEEDS_FACTS, [_LACKING, *draft.sentences, *ask(seuil or first)]
        )
    if (
        voie
        and voie.outcome is Outcome.YES
        and draft.status is Status.ANSWERED
        and seuil
        and seuil.outcome is Outcome.YES
    ):
        more = [reported(voie, _track(voie)), *reservations([voie])]
        return Draft(draft.kind, draft.status, [*draft.sentences, *more])
    return draft


_CLAIMED = re.compile(
    r"\b(?:seuil|minimum)\b[^.;?!\d]{0,30}\b(?:est|etait|serait|fixe)\b[^.;?!\d]{0,12}\b(\d{1,3})\b"
)


def _claim(reading: Reading, values: dict[str, object]) -> str | None:
    """Return « Oui » or « Non » when the message gives a threshold to be confirmed."""
    said = _CLAIMED.search(reading.plain)
    if said is None or values.get("nombre") is not None or "seuil_general" not in values:
        return None
    right = (
        {values["seuil"]}
        if values.get("seuil_unique")
        else {values["seuil_general"], values["seuil_special"]}
    )
    everywhere = re.search(r"\b(?:partout|toutes? les regions|en france)\b", reading.plain)
    return "Non" if int(said[1]) not in right or (everywhere and len(right) > 1) else "Oui"


_LACKING = Sentence("Non déterminé à ce stade : le nombre d’ESSMS de votre projet n’est pas indiqué.")


def _about_a_project(reading: Reading) -> bool:
    """Whether the user asks about a project of theirs, rather than for the threshold itself."""
    return Topic.SEUIL not in reading.topics or bool(
        re.search(r"\b(?:assez|suffisa\w*|sommes|atteint\w*)\b", reading.plain)
    )


def _confirmed(voie: RuleResult, reading: Reading) -> str:
    """Return « Oui, » or « Non, » when the question proposes one track, else nothing."""
    named = find_voies(re.sub(r"\b(?:une (?:seule|meme)|plusieurs) regions?\b", " ", reading.plain))
    if len(named) != 1 or re.search(r"\bquel\w*\b|\bou\b", reading.plain):
        return ""
    return "Oui, " if named[0] == voie.values["voie"] else "Non, "


def _track_first(voie: RuleResult, seuil: RuleResult | None, reading: Reading) -> Draft:
    text = _track(voie)
    name = VOIE_NAMES[str(voie.values["voie"])]
    lead = reported(
        voie,
        f"{_confirmed(voie, reading)}{name if _confirmed(voie, reading) else name.capitalize()} : {low(text)}",
    )
    met: list[Sentence] = []
    if seuil and seuil.outcome is Outcome.YES:
        scope = (
            " en Corse et dans les territoires ultramarins"
            if seuil.values["seuil"] == seuil.values["seuil_special"] < seuil.values["seuil_general"]
            else ""
        )
        met = [reported(seuil, f"Le nombre minimal est atteint : {seuil.values['seuil']} ESSMS{scope}.")]
    return Draft(Kind.ANSWER, Status.ANSWERED, [lead, *met, *reservations([voie])])


def _track_possible(
    voie: RuleResult, seuil: RuleResult, ruling: Ruling, regions: dict[str, Region], parameters: Parameters
) -> Draft:
    """Say which track it would be, once the threshold that is still open is reached."""
    draft = _threshold(seuil, ruling, regions, parameters)
    call = _CALL[str(voie.values["voie_possible"])]
    if seuil.values.get("nombre") is None:
        text = f"Le projet relèverait de l’appel {call}, sous réserve du nombre d’ESSMS."
        return Draft(
            Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(voie, text), *draft.sentences, *ask(voie)]
        )
    text = f"Si le nombre minimal est atteint, le projet relève de l’appel {call}."
    head, *rest = draft.sentences
    return Draft(draft.kind, draft.status, [head, reported(voie, text), *rest])


def _track(result: RuleResult) -> str:
    voie, year = str(result.values["voie"]), campagne_label(str(result.facts["campagne"]))
    number, regions = result.values.get("nombre"), result.facts.get("nombre_regions")
    where = "" if not regions else " dans une seule région" if regions == "1" else f" dans {regions} régions"
    subject = f"Avec {number} ESSMS{where}, votre projet" if number else f"Un projet{where}"
    return f"{subject} relève de l’appel {_CALL[voie]} (campagne {year}) ; le dossier est instruit par {_COUNTER[voie]}."


def _track_unknown(result: RuleResult, *, general: bool) -> Draft:
    """Say what the track depends on; ``general``: the rule itself is asked for, not that of a project."""
    limit = result.values.get("seuil_national")
    if limit is None:
        text = f"Non déterminé : {low(result.steps[0].condition)}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, text)])
    text = "Non déterminé à ce stade : la voie dépend du nombre d’ESSMS et du nombre de régions."
    explain = (
        f"Dans une seule région, la voie est régionale ; dans plusieurs régions, elle est multirégionale en dessous "
        f"de {limit} ESSMS et nationale à partir de {limit}."
    )
    if general:
        year = campagne_label(str(result.facts["campagne"]))
        lead = f"{explain[:-1]} (campagne {year})."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, lead), *reservations([result])])
    return Draft(
        Kind.CLARIFICATION,
        Status.NEEDS_FACTS,
        [reported(result, text), reported(result, explain), *ask(result)],
    )


def _threshold(
    seuil: RuleResult, ruling: Ruling, regions: dict[str, Region], parameters: Parameters
) -> Draft:
    values, year = seuil.values, campagne_label(ruling.campagne)
    ids = [str(name) for name in seuil.facts.get("territoires") or []]
    place = f" {join([regions[name].locatif for name in ids])}" if ids else ""
    if "seuil_general" not in values:
        text = f"Non déterminé : {low(seuil.steps[0].condition)}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(seuil, text)])
    both = (
        f"{values['seuil_general']} ESSMS au moins, ou {values['seuil_special']} si tous sont en Corse ou dans les "
        "territoires ultramarins"
    )
    one = bool(values.get("seuil_unique"))
    rule = f"{values['seuil']} ESSMS au moins" if one else both
    number = values.get("nombre")
    if number is None and ids and not one:
        text = (
            f"Non déterminé : aucune source lue ne dit si le seuil de {values['seuil_special']} ESSMS ou celui de "
            f"{values['seuil_general']} s’applique{place}."
        )
        whom = Sentence("La question est à poser à l’ARS compétente ou à la CNSA.")
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(seuil, text), whom])
    if number is None:
        text = f"Pour déposer un projet{place}, il faut réunir {rule} (campagne {year})."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(seuil, text)])
    left_out = _left_out(seuil)
    if seuil.outcome is Outcome.YES:
        scope = (
            ", valable en Corse et dans les territoires ultramarins"
            if one and values["seuil"] == values["seuil_special"] < values["seuil_general"]
            else ""
        )
        text = f"Oui, sur le nombre : {number} ESSMS{place} atteignent le seuil de {values['seuil']} ESSMS{scope} (campagne {year})."
        legal = _legal(seuil, parameters)
        return Draft(
            Kind.ANSWER, Status.ANSWERED, [reported(seuil, text), *left_out, *legal, *reservations([seuil])]
        )
    if seuil.outcome is Outcome.NO:
        lacking = f" ; il en manque {_few(values['manque'])}" if one and values.get("manque") else ""
        text = f"Non, pas seul : avec {number} ESSMS{place}, le seuil n’est pas atteint ({rule}){lacking} (campagne {year})."
        more = "Pour candidater, il faut rejoindre ou élargir un groupement, par convention ou par un groupement de coopération."
        join_up = Sentence(more, ("ars-normandie-2024", "ars-grand-est-avancement"), rules=(seuil,))
        return Draft(
            Kind.ANSWER, Status.ANSWERED, [reported(seuil, text), *left_out, join_up, *reservations([seuil])]
        )
    return _threshold_open(seuil, place, rule, left_out)


def _legal(seuil: RuleResult, parameters: Parameters) -> list[Sentence]:
    """Say what each ESSMS counted must be, for the campaigns whose texts ask for it."""
    try:
        finess = parameters["eligibilite.condition_finess"].value_for(str(seuil.facts["campagne"]))
    except ParameterNotInForceError:
        return []
    text = "Chaque ESSMS compté doit relever de l’article L.312-1 du CASF et avoir son propre numéro FINESS géographique."
    return [Sentence(text, finess.sources, rules=(seuil,))]


def _threshold_open(seuil: RuleResult, place: str, rule: str, left_out: list[Sentence]) -> Draft:
    values, question = seuil.values, ask(seuil)
    number = values["nombre"]
    if not question:
        if values.get("incertains"):
            text = f"Non déterminé : {number} ESSMS{place}, selon que les structures douteuses comptent ou non ; il en faut {values['seuil']}."
        elif str(number).isdigit() and int(str(number)) >= values["seuil_general"]:
            text = f"Non déterminé : aucune source lue ne dit si un projet{place} relève du programme et de quel seuil."
        else:
            text = (
                f"Non déterminé : avec {number} ESSMS{place}, le projet se situe entre les deux seuils "
                f"({values['seuil_special']} et {values['seuil_general']} ESSMS)."
            )
        end = Sentence("Posez la question à chaque ARS concernée avant de déposer.")
        return Draft(
            Kind.ABSTENTION, Status.PARTIAL, [reported(seuil, text), *left_out, *reservations([seuil]), end]
        )
    if seuil.missing[0] != "territoires":
        text = f"Non déterminé : avec {number} ESSMS{place}, c’est le nombre exact qui décide ({rule})."
        return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(seuil, text), *left_out, *question])
    text = f"Non déterminé : avec {number} ESSMS, tout dépend de la région. Il faut {rule}."
    extra = []
    if values.get("manque_general"):
        text_more = f"Hors Corse et outre-mer, {number} ESSMS ne suffisent donc pas : il en manque {_few(values['manque_general'])}."
        extra = [reported(seuil, text_more)]
    return Draft(
        Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(seuil, text), *left_out, *extra, *question]
    )


def _few(number: object) -> str:
    return "un seul" if number == 1 else str(number)


def _left_out(seuil: RuleResult) -> list[Sentence]:
    out, doubt = seuil.values.get("exclus"), seuil.values.get("incertains")
    sentences = []
    if seuil.values.get("sans_finess"):
        text = f"Sans numéro FINESS géographique propre, {seuil.values['sans_finess']} de vos structures ne comptent pas."
        sentences.append(Sentence(text, ("cnsa-faq-2023", "ars-la-reunion-2024"), rules=(seuil,)))
    elif out:
        text = f"Les structures du champ sanitaire ne comptent pas : {out} de moins dans votre total."
        sentences.append(Sentence(text, ("cnsa-faq-2023",), rules=(seuil,)))
    if aside := seuil.values.get("ecartes"):
        text = f"Ne sont pas comptées, car relevant du champ sanitaire : {join([str(words) for words in aside])}."
        sentences.append(Sentence(text, ("cnsa-faq-2023",), rules=(seuil,)))
    if doubt:
        text = (
            f"L’éligibilité de {doubt} de vos structures n’est pas établie : le total n’est donc pas certain."
        )
        sentences.append(Sentence(text, ("casf-l312-1",), rules=(seuil,)))
    return sentences
