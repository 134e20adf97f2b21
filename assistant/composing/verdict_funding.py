"""Say what can be funded, added up or waived, and which amounts can be computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence, reported, reservations
from assistant.composing.french import cap, join, low, plain_day, say_day, say_number
from assistant.composing.questions import ask
from assistant.rules.reading import campagne_label
from assistant.rules.result import Outcome, RuleResult, StepStatus

_CONFIRM = "Faites confirmer votre cas par l’ARS de votre région."


def compose_share(result: RuleResult, *, how: bool = False) -> Draft:
    """Give the share of a mixed home service that can be funded; ``how`` when only the method is asked."""
    if result.outcome is Outcome.UNDETERMINED:
        method = (
            "La part finançable d’un service à domicile se calcule au prorata : les heures consacrées aux activités "
            "essentielles rapportées au total des heures ; les heures de confort ne sont pas financées."
        )
        piece = "Le dossier doit comporter, pour chaque service, la répartition de ses heures."
        sentences = [
            reported(result, method),
            Sentence(piece, ("cnsa-faq-2023",), rules=(result,)),
            *reservations([result]),
        ]
        if how:
            return Draft(Kind.ANSWER, Status.ANSWERED, sentences)
        return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [*sentences, *ask(result)])
    essential, total = result.facts["heures_essentielles"], result.values["total_heures"]
    share = f"{say_number(result.values['pourcentage'])}\u00a0%"
    detail = f"{say_number(essential)} heures essentielles sur {say_number(total)}"
    if result.outcome is Outcome.NO:
        text = (
            f"Non : sans heure consacrée aux activités essentielles, la part finançable est nulle ({detail})."
        )
    else:
        text = f"{share} : c’est la part finançable, soit {detail} ; les heures de confort ne sont pas financées."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])


def compose_compatibility(result: RuleResult, *, hindered: bool = False) -> Draft:
    """Say whether another aid stands in the way; ``hindered`` when that is how the question is put."""
    if result.outcome is Outcome.UNDETERMINED:
        reason = result.values.get("reason") or "il manque une information sur les autres aides"
        return Draft(
            Kind.ABSTENTION,
            Status.PARTIAL,
            [reported(result, f"Non déterminé : {reason}."), Sentence(_CONFIRM)],
        )
    if result.outcome is Outcome.YES:
        met = [step.condition for step in result.steps if step.status is StepStatus.MET]
        text = f"Oui, c’est compatible : {low(met[0])}."
        return Draft(
            Kind.ANSWER,
            Status.ANSWERED,
            [reported(result, text), *reservations([result]), Sentence(_CONFIRM)],
        )
    broken = [step for step in result.steps if step.status is StepStatus.NOT_MET]
    sentences = []
    for position, step in enumerate(broken):
        text = _OBSTACLES.get(step.condition, step.condition)
        verdict = "Oui, cela fait obstacle : " if hindered else "Non, ce n’est pas cumulable : "
        lead = verdict if position == 0 else ""
        body = low(text) if lead else cap(text)
        sentences.append(Sentence(f"{lead}{body}.", step.sources, rules=(result,)))
    return Draft(Kind.ANSWER, Status.ANSWERED, [*sentences, *reservations([result])])


_OBSTACLES = {
    "Aucun autre financement européen sur l’opération": "ESMS numérique exclut tout autre financement européen (FEDER, FSE…)",
    "Pas de second financement pour le même logiciel": "un ESSMS déjà financé n’est pas financé une seconde fois pour installer ou faire évoluer le même logiciel",
    "Pas de financement pour deux logiciels de DUI différents": "un ESSMS déjà financé ne l’est pas une seconde fois pour un logiciel de DUI différent",
    "Pas de Prestation Ségur commandée pour un autre logiciel": "un ESSMS qui a commandé la Prestation Ségur (SONS) pour un logiciel ne reçoit pas ESMS numérique pour un autre logiciel",
}


def compose_upgrade(result: RuleResult) -> Draft:
    """Say whether the SONS pays an upgrade ordered on a day."""
    ordered = result.facts.get("date_commande")
    last = date.fromisoformat(str(result.values["derniere_commande"]))
    deployed = date.fromisoformat(str(result.values["dernier_deploiement"]))
    if result.outcome is Outcome.YES:
        text = f"Oui : une commande passée au plus tard le {say_day(last)} et déployée au plus tard le {say_day(deployed)} est prise en charge par le SONS (vague 1)."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text)])
    if isinstance(ordered, date) and ordered > last:
        text = f"Non pour la vague 1 : les commandes du SONS étaient closes le {say_day(last)}, avant votre date ({say_day(ordered)})."
        waves = [
            Sentence(
                f"{plain_day(cap(step.condition))}.",
                step.sources,
                rules=(result,),
            )
            for step in result.steps
            if step.status is StepStatus.UNKNOWN
        ]
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *waves])
    if result.outcome is Outcome.NO:
        text = f"Non : le déploiement de la vague 1 devait être achevé le {say_day(deployed)}."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text)])
    if isinstance(ordered, date):
        text = f"Oui sous condition : la commande du {say_day(ordered)} précède la clôture de la vague 1 ({say_day(last)}), si le déploiement était achevé au plus tard le {say_day(deployed)}."
        return Draft(Kind.ANSWER, Status.PARTIAL, [reported(result, text)])
    text = f"Non déterminé : tout dépend de la date de commande (vague 1 close le {say_day(last)})."
    return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [reported(result, text), *ask(result)])


def compose_waiver(
    result: RuleResult, *, every: bool = False, must: bool = False, other: bool = False
) -> Draft:
    """Say whether the usage targets are waived.

    ``every``: the user asks whether all of them are; ``must``: whether they have to be met; ``other``: about one
    that is never waived.
    """
    if result.outcome is not Outcome.UNDETERMINED and (must or other):
        return _targets_due(result, must=must, other=other)
    domain, since = result.facts.get("domaine"), say_day(result.facts["dispense_depuis"])
    if result.outcome is Outcome.YES:
        lead = "Non, pas de toutes" if every else "Oui, en partie"
        text = f"{lead} : depuis le {since}, une structure AHI non éligible au SONS est dispensée des cibles MSSanté et DMP/Mon espace santé ; les autres cibles demeurent."
    elif result.outcome is Outcome.NO and domain == "AHI" and result.facts.get("eligible_sons"):
        text = "Non : une structure AHI éligible au SONS n’est dispensée d’aucune cible d’usage."
    elif result.outcome is Outcome.NO and domain == "AHI":
        text = f"Non : avant le {since}, aucune dispense de cibles d’usage n’existait."
    elif result.outcome is Outcome.NO:
        text = f"Non : aucune dispense de cibles d’usage n’est mentionnée pour le domaine {domain} ; seules des structures AHI en bénéficient depuis le {since}."
    else:
        text = f"Non déterminé : depuis le {since}, une structure AHI est dispensée des cibles MSSanté et DMP/Mon espace santé si elle n’est pas éligible au SONS, et ne l’est pas dans le cas contraire."
        return Draft(
            Kind.CLARIFICATION,
            Status.NEEDS_FACTS,
            [reported(result, text), *ask(result), *reservations([result])],
        )
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])


def _targets_due(result: RuleResult, *, must: bool, other: bool) -> Draft:
    """Say that the usage targets are to be met, all of them or those that no waiver covers."""
    waived = result.outcome is Outcome.YES
    since = say_day(result.facts["dispense_depuis"])
    lead = "Oui" if must else "Non"
    if waived and must and not other:
        text = f"Non pour les cibles MSSanté et DMP/Mon espace santé, dont une structure AHI non éligible au SONS est dispensée depuis le {since} ; oui pour les autres cibles."
    elif waived:
        text = f"{lead} : la dispense ouverte le {since} ne vaut que pour les cibles MSSanté et DMP/Mon espace santé ; les autres cibles demeurent."
    else:
        text = f"{lead} : les cibles d’usage sont à atteindre ; seules des structures AHI non éligibles au SONS sont dispensées de certaines d’entre elles, depuis le {since}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])


def compose_registered(result: RuleResult) -> Draft:
    """Say whether the vendor of an AHI project was registered in time, from what was said of the two days."""
    year = campagne_label(str(result.facts["campagne"]))
    rule = "l’éditeur doit être enregistré au guichet de référencement au plus tard le jour de la signature de la convention"
    if result.outcome is Outcome.NO:
        text = f"Non : pour un projet AHI éligible au SONS, {rule} (campagne {year}) ; un enregistrement postérieur ne remplit pas la condition."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), Sentence(_CONFIRM)])
    if result.outcome is Outcome.YES:
        text = f"Oui : un éditeur enregistré au plus tard le jour de la signature remplit la condition posée aux projets AHI éligibles au SONS (campagne {year})."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), Sentence(_CONFIRM)])
    text = f"Non déterminé : {low(result.steps[0].condition)}."
    return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, text), Sentence(_CONFIRM)])


def compose_referencing(result: RuleResult, *, denied: bool = False, without: bool = False) -> Draft:
    """Say whether the software of a project must be referenced.

    ``denied``: the user supposes that there is no obligation, so that a bare yes or no would mislead;
    ``without``: the user asks whether a software that is not referenced will do.
    """
    domain, year = result.facts.get("domaine"), campagne_label(str(result.facts["campagne"]))
    if result.outcome is Outcome.NO:
        lead = "Aucune obligation en effet" if denied else "Oui, c’est admis" if without else "Non"
        text = f"{lead} : pour un projet {domain}, aucune obligation de logiciel référencé Ségur dans la campagne {year}."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
    ahi = "l’éditeur doit être enregistré au guichet de référencement au plus tard à la date de signature de la convention avec l’ARS"
    if result.outcome is Outcome.YES:
        lead = "Ce n’est plus exact" if denied else "Non, cela ne suffit pas" if without else "Oui"
        text = (
            f"{lead} : pour un projet {domain} éligible au SONS, {ahi} (campagne {year})."
            if domain == "AHI"
            else f"{lead} : le logiciel doit être référencé Ségur vague 1 (campagne {year})."
        )
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
    if domain == "AHI" and result.missing:
        lead = (
            "Ce n’est plus exact pour toutes les structures AHI"
            if denied
            else "Oui pour les structures AHI éligibles au SONS"
        )
        text = f"{lead} : {'si la structure est éligible au SONS, ' if denied else ''}{ahi} (campagne {year}) ; pour les AHI non éligibles au SONS, les sources lues ne le précisent pas."
        return Draft(Kind.ANSWER, Status.PARTIAL, [reported(result, text), *ask(result)])
    text = f"Non déterminé : {low(result.steps[0].condition)}."
    return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, text), Sentence(_CONFIRM)])


def compose_amounts(results: Sequence[RuleResult]) -> Draft:
    """Give the amounts that can be computed, or say that the campaign's scale is unknown."""
    sentences: list[Sentence] = []
    for result in results:
        sentences += _amount(result)
    unknown = all("reason" in result.values or not result.values for result in results)
    if unknown:
        past = "Les forfaits de 2021 et le barème de l’appel national 2022 sont connus, mais ne se transposent pas aux autres campagnes."
        sentences = [
            *sentences[:1],
            Sentence(past, results[0].sources, rules=tuple(results)),
            Sentence(
                "Demandez le barème à l’ARS de votre région, ou à la DNS et à la CNSA pour un projet national."
            ),
        ]
        return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, sentences)
    return Draft(Kind.ANSWER, Status.ANSWERED, [*sentences, *reservations(results)])


def _euros(amount: object) -> str:
    return f"{say_number(int(str(amount)))}\u00a0€"


def _amount(result: RuleResult) -> list[Sentence]:
    values, year = result.values, campagne_label(str(result.facts["campagne"]))
    if "part_moa_par_essms_eur" in values:
        return _national_scale(result)
    if "forfait_par_essms_eur" not in values:
        reason = values.get("reason") or f"aucune source lue ne donne de montant pour {year}"
        return [reported(result, f"Non déterminé : {reason}.")]
    rate = _euros(values["forfait_par_essms_eur"])
    if "conformite_par_essms_eur" in values:
        kept = _euros(values["conformite_par_essms_eur"])
        return [
            reported(
                result,
                f"En {year}, le forfait était de {rate} par ESMS en acquisition et de {kept} en mise en conformité.",
            )
        ]
    if "forfait_eur" in values:
        cap = f" (au plus {values['plafond_essms']} ESMS financés)" if "plafond_essms" in values else ""
        return [
            reported(
                result,
                f"En {year}, {rate} par ESMS, soit {_euros(values['forfait_eur'])} pour votre projet{cap}.",
            )
        ]
    kind = "de mise en conformité" if result.facts.get("choix") == "maintien" else "d’acquisition"
    return [reported(result, f"En {year}, le forfait {kind} était de {rate} par ESMS.")]


def _national_scale(result: RuleResult) -> list[Sentence]:
    values = result.values
    scale = (
        f"Appel national 2022, acquisition, à partir du {values['rang']}e ESSMS : {_euros(values['part_moa_par_essms_eur'])} par ESSMS pour la "
        f"maîtrise d’ouvrage, jusqu’à {_euros(values['editeur_par_essms_eur'])} pour l’éditeur et {_euros(values['editeur_reference_par_essms_eur'])} "
        "de plus si l’éditeur est référencé Ségur."
    )
    sentences = []
    if "part_moa_eur" in values:
        beyond = int(str(values["au_dela"]))
        parts = [
            f"{_euros(values['part_moa_eur'])} pour la maîtrise d’ouvrage",
            f"jusqu’à {_euros(values['editeur_max_eur'])} pour l’éditeur",
        ]
        if "editeur_reference_eur" in values:
            parts.append(f"{_euros(values['editeur_reference_eur'])} de plus si l’éditeur est référencé")
        text = (
            f"Au-delà du {values['avant_rang']}e ESSMS ({beyond} ESSMS) : {join(parts)}."
            if beyond
            else f"Aucun ESSMS au-delà du {values['avant_rang']}e : ce barème ne s’applique pas."
        )
        sentences.append(reported(result, text))
        if beyond:
            half = _euros(values["moitie_eur"])
            sentences.append(
                reported(
                    result,
                    f"La part de la maîtrise d’ouvrage est versée pour moitié au démarrage ({half}) et pour moitié sur preuve d’atteinte ({half}).",
                )
            )
    if "part_moa_eur" not in values:
        sentences.append(
            reported(
                result,
                "La part de la maîtrise d’ouvrage est versée pour moitié au démarrage et pour moitié sur preuve d’atteinte.",
            )
        )
    total = f"Les {values['avant_rang']} premiers ESSMS relèvent du tarif régional, que les sources lues ne donnent pas : le total n’est donc pas déterminé."
    return (
        [*sentences[:1], reported(result, scale), *sentences[1:], reported(result, total)]
        if "part_moa_eur" in values
        else [reported(result, scale), *sentences, reported(result, total)]
    )


def compose_stale_amount(result: RuleResult, *, compared: bool = False) -> Draft:
    """Correct an amount that belongs to another campaign; ``compared``: the user asks whether the aid is above it."""
    amount = _euros(int(float(str(result.facts["montant_eur"]))))
    asked = campagne_label(str(result.facts["campagne"]))
    of = campagne_label(str(result.values["campagne_du_montant"]))
    what = f"{amount} est un montant de {of} ({low(str(result.values['description']))})"
    end = Sentence(f"Aucune source lue ne donne le barème de {asked} : demandez-le à l’ARS de votre région.")
    if compared or int(of[:4]) + 1 == int(asked[:4]):  # of the year before: nothing says that it was given up
        text = f"Non déterminé pour {asked} : {what} ; aucune source lue ne dit s’il vaut encore."
        return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, text), end])
    text = f"Non : {what} ; il ne vaut pas pour {asked}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), end])


def compose_type(result: RuleResult, *, upgrade: bool = False) -> Draft:
    """Say what is funded for the choice of software stated, or for each when none is.

    ``upgrade``: the user asks whether the upgrade of the software kept is.
    """
    if result.missing:
        text = (
            "Tout dépend du logiciel. Un premier logiciel, ou un remplacement : l’aide finance l’achat, le développement "
            "des usages et, le cas échéant, du matériel. Un logiciel conservé : elle finance le développement des usages "
            "et, le cas échéant, du matériel, mais pas la montée de version."
        )
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *ask(result)])
    if result.outcome is Outcome.UNDETERMINED:
        text = "Non déterminé : les sources lues ne disent pas ce qui est financé quand les membres d’un groupement font des choix différents."
        return Draft(Kind.ABSTENTION, Status.PARTIAL, [reported(result, text), Sentence(_CONFIRM)])
    if result.values["acquisition"]:
        text = "L’aide finance l’acquisition du logiciel, le développement des usages et, le cas échéant, du matériel ; un remplacement ou un changement d’éditeur vaut acquisition."
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
    text = "Si vous gardez votre logiciel, l’aide finance le développement des usages et, le cas échéant, du matériel ; la montée de version relève du SONS, pas d’ESMS numérique."
    if upgrade:
        text = f"Non : la montée de version d’un logiciel conservé relève du SONS, pas d’ESMS numérique ; {low(text.split(' ; ')[0])}."
    return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])


def compose_hardware(result: RuleResult) -> Draft:
    """Say whether hardware aid is within reach of a manager of the size stated."""
    size, limit = result.facts["essms_du_gestionnaire"], result.values.get("seuil")
    cap = result.values.get("plafond_eur")
    ceiling = f" Le plafond est de {say_number(cap)} € par ESSMS." if cap else ""
    if result.outcome is Outcome.YES:
        text = f"Oui, une aide au matériel peut être demandée : avec {size} ESSMS, le gestionnaire est sous le seuil de {limit} ESSMS.{ceiling}"
        return Draft(Kind.ANSWER, Status.ANSWERED, [reported(result, text), *reservations([result])])
    if limit is None:
        text = f"Non déterminé : {low(result.steps[0].condition)}."
    elif result.steps[0].status is StepStatus.NOT_MET:
        text = f"Non déterminé : l’aide au matériel va aux gestionnaires de moins de {limit} ESSMS ; avec {size} ESSMS, elle n’est pas acquise."
    else:
        text = f"Non déterminé : le critère lu, moins de {limit} ESSMS par gestionnaire, n’est établi que pour le Grand Est et La Réunion.{ceiling}"
    question = ask(result)
    kind = Kind.CLARIFICATION if question else Kind.ABSTENTION
    status = Status.NEEDS_FACTS if question else Status.PARTIAL
    return Draft(
        kind, status, [reported(result, text), *reservations([result]), *(question or [Sentence(_CONFIRM)])]
    )
