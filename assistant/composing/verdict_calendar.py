"""Say when a call opens and closes, whether a filing is in time, and whether anything is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import join, low, plain_day, say_day, say_days, say_filing, say_month
from assistant.judging import Ruling
from assistant.rules.deadline import VOIES, check_ouvert
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome, RuleResult, StepStatus
from assistant.understanding.reading import Reading
from corpus.parameters import Parameters

VOIE_NAMES = {voie: f"voie {name}" for voie, name in VOIES.items()}
PROJECT = {
    "regionale": "projet régional",
    "multiregionale": "projet multirégional",
    "nationale": "projet national",
}
_CHECK = (
    "Avant de conclure, vérifiez auprès de votre ARS et de la CNSA qu’aucun nouvel appel n’a été annoncé."
)


def _of(result: RuleResult) -> tuple[str, str]:
    """Return (voie, campaign label) of a calendar result."""
    return str(result.facts["voie"]), campagne_label(str(result.facts["campagne"]))


def _supporting(result: RuleResult, text: str, status: StepStatus) -> Sentence:
    """Return a sentence supported by the steps of one status only."""
    sources = tuple(dict.fromkeys(s for step in result.steps if step.status is status for s in step.sources))
    return Sentence(text, sources, rules=(result,))


def compose_open(ruling: Ruling, reading: Reading, day: date) -> Draft:
    """Say whether any call is open on ``day``, then which one a project described beside it belongs to."""
    result, *others = ruling.results
    draft = _open(result, reading, day)
    for other in others:
        if other.rule == "groupement.voie" and other.outcome is Outcome.YES:
            head, *rest = draft.sentences
            voie, number = VOIES[str(other.values["voie"])], other.values.get("nombre")
            text = f"Avec {number} ESSMS, votre projet relevait de l’appel {voie.replace('ale', 'al')}."
            return replace(draft, sentences=[head, reported(other, text), *rest])
    return draft


def _open(result: RuleResult, reading: Reading, day: date) -> Draft:
    opened, closed = result.values.get("ouvertes") or [], result.values.get("closes") or []
    if result.outcome is Outcome.YES:
        calls = join(
            [
                f"{VOIE_NAMES[row['voie']]} {campagne_label(row['campagne'])}"
                + (f", jusqu’au {say_day(row['date'])}" if row["date"] else ", clôture au jour inconnu")
                for row in opened
            ]
        )
        sentences = [
            _supporting(
                result, f"Oui : au {say_day(day)}, un dépôt reste possible ({calls}).", StepStatus.MET
            )
        ]
        for row in closed:
            text = f"En revanche, la {VOIE_NAMES[row['voie']]} est close depuis le {say_day(row['date'])}."
            sentences.append(_supporting(result, text, StepStatus.NOT_MET))
        return Draft(Kind.ANSWER, Status.ANSWERED, sentences)
    if result.outcome is Outcome.UNDETERMINED:
        head = f"Non déterminé : les sources lues ne permettent pas de dire si {_call(result)} était ouvert le {say_day(day)}."
        steps = [
            Sentence(f"{plain_day(step.condition)}.", step.sources, rules=(result,), bullet=True)
            for step in result.steps
        ]
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, head), *steps])
    rest: list[Sentence] = []
    if closed:
        calls = join(
            [
                f"{VOIE_NAMES[row['voie']]} le {say_day(row['date'])} (il y a {say_days(row['days'])})"
                for row in closed
            ]
        )
        year = campagne_label(str(result.values["campagne"]))
        rest.append(
            _supporting(result, f"Les dépôts de la campagne {year} sont clos : {calls}.", StepStatus.NOT_MET)
        )
    elif not result.values.get("a_venir"):
        rest += [
            Sentence(f"{plain_day(step.condition)}.", step.sources, rules=(result,))
            for step in result.steps[:1]
        ]
    for row in result.values.get("a_venir") or []:
        name = f"La {VOIE_NAMES[row['voie']]} {campagne_label(row['campagne'])}"
        opens = (
            f"ouvre le {say_day(row['date'])}"
            if row["date"]
            else f"n’est pas encore ouverte : {row['reason']}"
        )
        rest.append(_supporting(result, f"{name} {opens}.", StepStatus.NOT_MET))
    rest += [*reservations([result]), *([Sentence(_CHECK)] if not result.values.get("a_venir") else [])]
    asked, last = reading.facts.campagne, str(result.values.get("campagne", ""))
    if asked and last and asked.value[:4] > last[:4] and int(asked.value[:4]) >= day.year:
        lead = f"Non déterminé : aucune source lue ne parle d’un appel à projets ESMS numérique en {asked.value}."
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [reported(result, lead), *rest])
    none = (
        f"{_call(result)} n’est pas"
        if result.facts.get("voie")
        else "aucun appel à projets ESMS numérique n’est"
    )
    head = f"Non : d’après les sources lues, {none} ouvert au {say_day(day)}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, head), *rest])


def _call(result: RuleResult) -> str:
    voie = result.facts.get("voie")
    return f"l’appel {PROJECT[str(voie)].split()[1]}" if voie else "un appel"


def compose_admissible(results: Sequence[RuleResult]) -> Draft:
    """Say whether a filing is in time, for one track or for each."""
    when = f"un dépôt {say_filing(results[0].facts['date_depot'])}"
    settled = [result for result in results if result.outcome is not Outcome.UNDETERMINED]
    if len(results) == 1 and settled:
        return _one_admissible(results[0], when)
    if len(results) == 1 and results[0].missing:
        return _depends_on_the_day(results[0], when)
    if not settled and not any(result.missing for result in results):
        reason = results[0].values.get("reason") or "les sources ne donnent pas cette clôture"
        head = f"Non déterminé : {reason}."
        return Draft(
            Kind.ABSTENTION,
            Status.NOT_IN_CORPUS,
            [reported(results[0], head), Sentence("Demandez la date à l’ARS ou à la CNSA.")],
        )
    rows = [reported(result, _admissible_row(result), bullet=True) for result in results]
    verdicts = {result.outcome for result in results if result in settled or result.missing}
    first = (settled or results)[0]
    if verdicts == {Outcome.NO}:
        early = any(result.values.get("ouverture") for result in settled)
        why = "n’est pas possible" if early else "est hors délai, donc non recevable,"
        head = f"Non : {when} {why} pour toutes les voies dont la clôture est connue."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(first, head), *rows])
    if verdicts == {Outcome.YES}:
        head = f"Oui : {when} est dans les délais pour les voies dont la clôture est connue."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(first, head), *rows])
    if Outcome.UNDETERMINED in verdicts:
        head = f"Non déterminé sans connaître la voie et le jour : {when} peut être dans les délais ou non."
        ask = Sentence("Quel jour exactement, et votre projet est-il régional, multirégional ou national ?")
    else:
        head = f"Non déterminé sans connaître la voie : {when} est dans les délais pour certains projets seulement."
        ask = Sentence("Votre projet est-il régional, multirégional ou national ?")
    return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(first, head), *rows, ask])


def _admissible_row(result: RuleResult) -> str:
    (voie, year), known = _of(result), result.values.get("date")
    words = {
        Outcome.YES: "donc dans les délais",
        Outcome.NO: "donc hors délai",
        Outcome.UNDETERMINED: "tout dépend du jour",
    }[result.outcome]
    name = f"{PROJECT[voie].capitalize()} {year}"
    if not isinstance(known, date):
        reason = result.values.get("reason") or "clôture non donnée par les sources"
        return f"{name} : {reason}{f', {words}' if result.outcome is not Outcome.UNDETERMINED else ''}."
    if opening := result.values.get("ouverture"):
        return f"{name} : pas de dépôt avant le {say_day(opening)}."
    return f"{name} : clôture le {say_day(known)}, {words}."


def _closing(result: RuleResult) -> str:
    """Return « fermait le 15 septembre 2025 », as exactly as the sources say it."""
    known, month = result.values.get("date"), result.values.get("month")
    if isinstance(known, date):
        return f"fermait le {say_day(known)}"
    return (
        f"fermait en {say_month(str(month))}" if month else "fermait un jour que les sources ne donnent pas"
    )


def _one_admissible(result: RuleResult, when: str) -> Draft:
    voie, year = _of(result)
    call = f"la {VOIE_NAMES[voie]} {year} {_closing(result)}"
    if result.outcome is Outcome.YES:
        text = f"Oui : {when} est dans les délais ; {call}."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
    if opening := result.values.get("ouverture"):
        text = f"Non : {when} précède la campagne {year}, qui n’a pas commencé avant le {say_day(opening)} ; {call}."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text)])
    late = result.values.get("days")
    after = f", soit {say_days(late)} plus tôt" if isinstance(late, int) else ""
    text = f"Non : {when} est hors délai, donc non recevable ; {call}{after}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])


def _depends_on_the_day(result: RuleResult, when: str) -> Draft:
    voie, year = _of(result)
    text = f"Non déterminé sans le jour exact : {when} peut être dans les délais ou non, car la {VOIE_NAMES[voie]} {year} {_closing(result)}."
    ask = Sentence("Quel jour le dossier a-t-il été ou sera-t-il déposé ?")
    return Draft(
        Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(result, text), *reservations([result]), ask]
    )


def compose_dates(ruling: Ruling, reading: Reading, day: date, parameters: Parameters) -> Draft:
    """Give opening or closing dates, and correct the date that the user cites when it does not prevail."""
    kinds = list(dict.fromkeys(result.rule for result in ruling.results))
    if len(kinds) > 1:  # openings, then closings
        of_kind = [tuple(result for result in ruling.results if result.rule == kind) for kind in kinds]
        drafts = [
            compose_dates(replace(ruling, results=results), reading, day, parameters) for results in of_kind
        ]
        best = next((draft for draft in drafts if draft.kind is Kind.ANSWER), drafts[0])
        texts: dict[str, Sentence] = {
            sentence.text: sentence for draft in drafts for sentence in draft.sentences
        }
        return replace(best, sentences=list(texts.values()))
    results, which = ruling.results, ruling.results[0].rule.rsplit(".", 1)[1]
    known = [result for result in results if isinstance(result.values.get("date"), date)]
    sentences = _contested(results, reading)
    if len(results) == 1:
        sentences.append(reported(results[0], _single_date(results[0], day, which, latest=ruling.latest)))
    else:
        year = campagne_label(str(results[0].facts["campagne"])).split(" ")[0]
        sentences.append(Sentence(_lead(which, year, bool(known), ruling.supposed), rules=tuple(results)))
        counts = ruling.latest and which == "cloture"  # of a past campaign, the days gone by are of no use
        sentences += [reported(result, _row(result, day, counts=counts), bullet=True) for result in results]
    if which == "cloture" and len(results) <= 3:
        sentences += reservations(known)
    if not known:
        national = {_of(result)[0] for result in results} == {"nationale"}
        whom = "à la DNS et à la CNSA" if national else "à l’ARS de votre région ou à la CNSA"
        sentences.append(Sentence(f"La date est à demander {whom}."))
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, sentences)
    open_now = check_ouvert(day, parameters)
    if which == "cloture" and ruling.latest and open_now.outcome is Outcome.NO:
        sentences += [*reservations([open_now]), Sentence(_CHECK)]
    return Draft(Kind.ANSWER, Status.ANSWERED, sentences)


def _lead(which: str, year: str, any_known: bool, supposed: bool) -> str:
    if not any_known:
        noun = "d’ouverture" if which == "ouverture" else "de clôture"
        return f"Non déterminé : les sources lues ne donnent pas de date sûre {noun} pour {year}."
    noun = "Dates limites de dépôt" if which == "cloture" else "Ouverture des dépôts"
    return f"{noun} de la campagne {year}{' (dernière campagne connue)' if supposed else ''} :"


def _row(result: RuleResult, day: date, *, counts: bool) -> str:
    (voie, year), known = _of(result), result.values.get("date")
    name = f"{VOIE_NAMES[voie].capitalize()} {year}"
    if isinstance(known, date):
        return f"{name} : le {say_day(known)}{f' ({_since(known, day)})' if counts else ''}."
    return f"{name} : {_unknown(result)}."


def _unknown(result: RuleResult) -> str:
    condition = result.steps[0].condition
    return str(result.values.get("reason") or low(condition))


def _since(known: date, day: date) -> str:
    if day > known:
        return f"close depuis {say_days((day - known).days)}"
    return "dernier jour aujourd’hui" if day == known else f"dans {say_days((known - day).days)}"


def _single_date(result: RuleResult, day: date, which: str, *, latest: bool) -> str:
    (voie, year), known = _of(result), result.values.get("date")
    if not isinstance(known, date):
        return f"Non déterminé pour un {PROJECT[voie]} {year} : {_unknown(result)}."
    if which == "ouverture":
        return f"Les dépôts d’un {PROJECT[voie]} {year} ont ouvert le {say_day(known)}."
    over = day > known
    was = "était" if over else "est"
    standing = f" ({'voie ' if over else ''}{_since(known, day)})" if latest else ""
    return f"La date limite de dépôt d’un {PROJECT[voie]} {year} {was} le {say_day(known)}{standing}."


def _contested(results: Sequence[RuleResult], reading: Reading) -> list[Sentence]:
    stated = reading.facts.date_citee
    if stated is None:
        return []
    cited = stated.value
    for result in results:
        known = result.values.get("date")
        if isinstance(known, date) and known == cited:
            return [reported(result, f"Oui, c’est bien le {say_day(cited)}.")]
    for result in results:
        for other in result.values.get("contradictions") or []:
            if str(other["value"]) == cited.isoformat():
                lead = (
                    f"Non, ce n’est pas le {say_day(cited)}."
                    if isinstance(result.values.get("date"), date)
                    else f"Non déterminé : le {say_day(cited)} n’est pas confirmé."
                )
                text = f"{lead} {plain_day(other['why'])}"
                return [Sentence(text, (*result.sources, *other["sources"]), rules=(result,))]
    if not any(isinstance(result.values.get("date"), date) for result in results):
        return [reported(results[0], f"Non déterminé : aucune source lue ne confirme le {say_day(cited)}.")]
    return [reported(results[0], f"Non : le {say_day(cited)} ne correspond pas aux sources lues.")]


def window_note(result: RuleResult, day: date) -> list[Sentence]:
    """Say, after a verdict about applying, that every call known is closed on ``day``; else nothing."""
    closed = result.values.get("closes") or []
    if result.outcome is not Outcome.NO or not closed:
        return []
    calls = join([f"{VOIE_NAMES[row['voie']]} le {say_day(row['date'])}" for row in closed])
    year = campagne_label(str(result.values["campagne"]))
    text = (
        f"Au {say_day(day)}, les appels {year} dont la date est connue sont clos ({calls}) : vérifiez auprès de "
        "votre ARS qu’un nouvel appel existe avant de préparer un dépôt."
    )
    return [_supporting(result, text, StepStatus.NOT_MET)]
