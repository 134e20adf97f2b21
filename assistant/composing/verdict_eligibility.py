"""Say whether a category of structures, or one structure, is within the programme's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import join, low
from assistant.composing.questions import ask
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome, RuleResult, StepStatus
from corpus.categories import Categorie


def compose_categories(results: Sequence[RuleResult], categories: dict[str, Categorie]) -> Draft:
    """Give the verdict on each category asked about, those that share one together."""
    drafts = [
        _one_verdict([result for result in results if result.outcome is outcome], categories)
        for outcome in (Outcome.YES, Outcome.NO, Outcome.UNDETERMINED)
        if any(result.outcome is outcome for result in results)
    ]
    first = drafts[0]
    return replace(first, sentences=[sentence for draft in drafts for sentence in draft.sentences])


def _one_verdict(results: Sequence[RuleResult], categories: dict[str, Categorie]) -> Draft:
    first = results[0]
    same = [result for result in results if result.outcome is first.outcome]
    named = [categories[str(result.facts["categorie"])] for result in same]
    names = join([categorie.pluriel for categorie in named])
    sources = tuple(dict.fromkeys(source for result in same for source in result.sources))
    notes = reservations(same)

    def head(text: str) -> Sentence:
        return Sentence(text, sources, rules=tuple(same))

    if first.outcome is Outcome.YES:
        alineas = list(dict.fromkeys(categorie.alinea for categorie in named if categorie.alinea))
        where = f" ({join(alineas)})" if alineas else ""
        finess = any("FINESS" in step.condition for step in first.steps)
        tail = ", à condition que chaque ESSMS ait son propre numéro FINESS géographique." if finess else "."
        text = f"Oui : {names} relèvent de l’article L.312-1 du CASF{where} et peuvent donc candidater à ESMS numérique{tail}"
        return Draft(Kind.ANSWER, Status.ANSWERED, [head(text), *notes])
    narrow = [step for step in first.steps if step.condition.startswith("Périmètre")]
    year = campagne_label(str(first.facts["campagne"]))
    if narrow and first.outcome is Outcome.NO:
        text = f"Non pour {year} : {narrow[0].condition.split(' : ', 1)[1]}, ce qui n’incluait pas {names}."
        return Draft(Kind.ANSWER, Status.ANSWERED, [head(text), *notes])
    if first.outcome is Outcome.NO:
        text = (
            f"Non : {names} relèvent du champ sanitaire et n’entrent pas dans le programme ESMS numérique : aucune "
            "structure de cette nature n’est éligible, ni comptée dans le nombre minimal d’ESSMS."
        )
        return Draft(Kind.ANSWER, Status.ANSWERED, [head(text), *notes])
    if narrow:
        text = f"Non déterminé pour {year} : {narrow[0].condition.split(' : ', 1)[1]}."
        return Draft(Kind.ABSTENTION, Status.PARTIAL, [head(text), *notes])
    text = f"Non déterminé : les sources lues ne disent pas si {names} peuvent bénéficier d’ESMS numérique."
    end = Sentence(
        "Demandez confirmation à l’ARS de votre région avant de compter ces structures dans un groupement."
    )
    return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [head(text), *notes, end])


def compose_structure(result: RuleResult) -> Draft:
    """Give the verdict on one structure from what was said of it."""
    if result.outcome is Outcome.UNDETERMINED:
        met = [low(step.condition) for step in result.steps if step.status is StepStatus.MET]
        known = f" Condition déjà remplie : {join(met)}." if met else ""
        text = f"Non déterminé : il manque une information pour juger de l’éligibilité.{known}"
        return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(result, text), *ask(result)])
    if result.outcome is Outcome.NO:
        broken = join([low(step.condition) for step in result.steps if step.status is StepStatus.NOT_MET])
        text = f"Non : une condition d’éligibilité n’est pas remplie ({broken})."
    else:
        text = (
            "Oui : la structure relève de l’article L.312-1 du CASF et a son propre numéro FINESS géographique ; "
            "elle est éligible, quel que soit son financeur."
        )
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
