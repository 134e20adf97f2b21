"""Choose the rules that a message calls for, and apply them to the facts of the conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from assistant.rules.coherence import check_annuelle, check_chiffres, check_texte
from assistant.rules.cumulation import check_compatibilite
from assistant.rules.deadline import CAMPAGNES, VOIES, check_echeance, check_ouvert, check_recevabilite
from assistant.rules.eligibility import check_categorie, check_structure
from assistant.rules.facts import CategoryMention, Facts, Stated
from assistant.rules.funding import check_montant
from assistant.rules.grouping import check_seuil, check_voie, count_essms
from assistant.rules.home_services import check_part_financable
from assistant.rules.procedure import check_ars_competente, check_decision
from assistant.rules.result import Outcome, RuleResult
from assistant.rules.software import check_dispense, check_montee_de_version, check_referencement
from assistant.understanding.dates import find_month_end
from assistant.understanding.facts import find_voies
from assistant.understanding.intents import Topic
from assistant.understanding.reading import Reading
from corpus.categories import Categorie, load_categories
from corpus.parameters import Parameters, load_parameters
from corpus.territories import Territories, load_territories

DEFAULT_CAMPAGNE = "2025"

_OTHER_CALENDAR = re.compile(
    r"\b(?:sons|vague|prestations?|bons? de commande|deploiement|ms ?sante|guichet|arrete|instructions?|circulaire|convention\w*|"
    r"notifi\w*|decisions?|reponse|cibles?|programme|amorcage|segur|versement|paiement|solde|avance|generalisation|referenc\w*|"
    r"preuves?|duree|dialogue|heure|publi\w*|galis|resultats?)\b"
)
_NOT_YEARLY = re.compile(
    r"\b(?:repartition|repart\w*|outre-mer|ultramarin\w*|drom|par (?:region|essms|etablissement)|chaque region|ma region|notre region|2021 ?-? ?2025|cumule\w*|"
    r"europ\w*|pnrr|global\w*|depuis le debut|additionn\w*|toutes les campagnes|materiel\w*|equipement\w*|forfaitaire|rallonge|redistribu\w*|innovation|ressources?)\b"
)
_OTHER_MONEY = re.compile(
    r"\b(?:enveloppe\w*|budget\w*|region\w*|delegue\w*|national (?:total|global)|m€|millions?|milliards?|credits?|cdc|caisse des depots|segur|ars|total|materiel\w*|equipement\w*|amoa|acompte|solde|avance)\b"
)
_FIRST_PERSON = re.compile(r"\b(?:nous|on|notre|nos|je|mon|ma|mes|j'|we|our|i)\b|puis-je|-nous\b")
_PROJECT = re.compile(
    r"\b(?:candidat\w*|depos\w*|eligib\w*|recevab\w*|particip\w*|postul\w*|benefici\w*|apply)\b"
)
_FIGURES = re.compile(
    r"\b(?:montant\w*|budget\w*|enveloppe\w*|forfait\w*|euros?|millions?|milliards?|combien (?:ca |on |par |touche|coute|perc|rec|pour|d'argent|vers|de (?:projets?|dossiers?|grappes?|structures? (?:engag|equip|financ)|region|gestionnaires?|fonds|credits?|m€))|"
    r"coute\w*|subventions?|credits?|paye\w*|rembours\w*|taux|part d(?:es|'|e)|proportion|pourcentage|repartition|cumul\w*|combien .{0,40}(?:engage|finance|retenu|equip|depos|deploy)\w*)|€"
)
_WHICH_ARS = re.compile(
    r"\b(?:quelle|laquelle|a quelle|quelles)\b.{0,12}\bars\b|\bars (?:competente|pilote|chef de file|referente|instructrice)"
)
_SHARE_ASKED = re.compile(r"\b(?:part|quote-?part|proportion|prorata|taux|pourcentage|fraction)\b")
_HOME = re.compile(r"\b(?:saad|ssiad|spasad|sad|domicile)\b")
_NOT_A_PROJECT = re.compile(
    r"\bretenus?\b|\bmaitrise d'ouvrage|\b(?:en|a l') ?instruction\b|\bconfirmez|\bediteurs?|\bgrappes? (?:du|de) (?:temps|20)|\bcoup de pouce|\btypologie|\bpetits? (?:gestionnaires?|organismes?)|\b(?:gros|moyens?) gestionnaires?"
)
_REASON = re.compile(r"\bpourquoi\b|\bwhy\b")
_DEFINITION = re.compile(r"\b(?:c'est quoi|qu'est[- ]ce|definition|signifi\w*|veut dire|kesako|difference)\b")


@dataclass(frozen=True)
class Ruling:
    """The rules that apply to a message, and whether the campaign had to be supposed."""

    results: tuple[RuleResult, ...] = ()
    campagne: str = DEFAULT_CAMPAGNE
    supposed: bool = True


@dataclass(frozen=True)
class Judge:
    """The rules with the data they read, loaded once."""

    parameters: Parameters
    territories: Territories
    categories: dict[str, Categorie]

    @classmethod
    def from_corpus(cls) -> Judge:
        """Return a judge over the corpus that ships with the product."""
        return cls(load_parameters(), load_territories(), load_categories())

    def judge(self, reading: Reading, day: date) -> Ruling:
        """Return the ruling a message calls for; empty when no rule answers it."""
        stated = reading.facts.campagne
        year = stated.value if stated else DEFAULT_CAMPAGNE
        results = self._results(reading, year, day)
        return Ruling(tuple(results), year, stated is None)

    def _results(self, reading: Reading, year: str, day: date) -> list[RuleResult]:
        topics, plain, facts = reading.topics, reading.plain, reading.facts
        if _DEFINITION.search(plain) and not _has_number(reading.own):
            return []
        calendar = not _OTHER_CALENDAR.search(plain.replace("esms numerique", ""))
        beyond = year[:4] > CAMPAGNES[-1][:4]
        if facts.date_depot and topics & {Topic.RECEVABILITE, Topic.CLOTURE} and calendar:
            return self._recevabilite(reading, day)
        if aid := self._aids(reading, year, day):
            return aid
        if (
            calendar
            and facts.date_citee
            and not _has_number(reading.own)
            and topics & {Topic.OUVERT, Topic.OUVERTURE}
            and re.search(r"\bouv\w+|\blanc\w+|\bdebut\w*", plain)
        ):
            return self._echeances("ouverture", reading, year, day)
        if calendar and Topic.OUVERT in topics and not _has_number(reading.own):
            return [check_ouvert(day, self.parameters)]
        if calendar and beyond and topics & {Topic.CLOTURE, Topic.OUVERTURE, Topic.OUVERT}:
            return [check_ouvert(day, self.parameters)]
        if calendar and facts.date_citee and facts.voie and not topics - {Topic.ELIGIBILITE}:
            return self._echeances("cloture", reading, year, day)
        if calendar and topics & {Topic.CLOTURE, Topic.OUVERTURE} and not _has_number(reading.own):
            which = "ouverture" if Topic.OUVERTURE in topics and Topic.CLOTURE not in topics else "cloture"
            return self._echeances(which, reading, year, day)
        campagne = _one_campagne(year)
        if (
            _FIGURES.search(plain)
            and not topics & {Topic.SEUIL, Topic.VOIE}
            and not re.search(r"recevab|eligib", plain)
        ):
            return []
        number = _has_number(facts) and (
            _has_number(reading.own) or bool(reading.own.territoires) or reading.follows or bool(topics)
        )
        asked = topics & {Topic.ELIGIBILITE, Topic.SEUIL, Topic.VOIE} or _has_number(reading.own)
        if number and asked and not _REASON.search(plain) and not _NOT_A_PROJECT.search(plain):
            return self._groupement(reading, campagne)
        if Topic.ELIGIBILITE in topics and any((reading.own.l312_1, reading.own.finess_geo)):
            return [check_structure(facts, campagne, self.parameters, self._one_category(reading))]
        named = reading.own.categories or (facts.categories if reading.follows else ())
        if (
            named
            and Topic.ELIGIBILITE in topics
            and "confort" not in plain
            and not topics & {Topic.DISPENSE, Topic.REFERENCEMENT, Topic.CUMUL}
        ):
            return self._categories(named, campagne)
        if Topic.SEUIL in topics or (
            reading.follows and reading.own.territoires and Topic.ELIGIBILITE in topics
        ):
            return [check_seuil(facts, campagne, self.parameters, self.territories, self.categories)]
        if Topic.VOIE in topics and (
            facts.nombre_regions or len(facts.territoires) > 1 or _FIRST_PERSON.search(plain)
        ):
            return [check_voie(facts, campagne, self.parameters, self.territories, self.categories)]
        if (
            Topic.ELIGIBILITE in topics
            and _FIRST_PERSON.search(plain)
            and _PROJECT.search(plain)
            and _bare(plain)
        ):
            return [check_seuil(facts, campagne, self.parameters, self.territories, self.categories)]
        return []

    def _one_category(self, reading: Reading) -> Categorie | None:
        names = {mention.categorie for mention in reading.own.categories}
        return self.categories[names.pop()] if len(names) == 1 else None

    def _aids(self, reading: Reading, year: str, day: date) -> list[RuleResult]:
        """Apply the funding, software and cumulation rules when the message states what they turn on."""
        topics, own, facts = reading.topics, reading.own, reading.facts
        campagne = _one_campagne(year)
        follows = reading.follows
        if own.heures_essentielles or own.heures_confort:
            return [check_part_financable(facts, campagne, self.parameters)]
        if Topic.CUMUL in topics and (own.deja_finance or own.prestation_segur or own.autre_aide_europeenne):
            if own.deja_finance and facts.campagne and facts.campagne.value < DEFAULT_CAMPAGNE:
                campagne = DEFAULT_CAMPAGNE  # the year stated is that of the past award
            if result := check_compatibilite(facts, campagne, self.parameters):
                return [result] if result.outcome is not Outcome.UNDETERMINED or result.values else []
        if Topic.SONS in topics and own.date_commande:
            return [check_montee_de_version(facts, day, self.parameters)]
        domain = own.domaine or (facts.domaine if follows else None)
        if (
            Topic.DISPENSE in topics
            and domain
            and re.search(r"\bcibles?\b|ms ?sante|\bdmp\b|espace sante|usages?\b", reading.query.lower())
        ):
            return [check_dispense(facts, campagne, day, self.parameters)]
        if Topic.REFERENCEMENT in topics and domain and domain.value in ("AHI", "PJM"):
            return [check_referencement(facts, campagne, self.parameters)]
        if _WHICH_ARS.search(reading.plain) and (
            facts.nombre_regions or facts.voie or len(facts.territoires) > 1
        ):
            return [check_ars_competente(campagne, self.parameters)]
        if _SHARE_ASKED.search(reading.plain) and _HOME.search(reading.plain):
            return [check_part_financable(facts, campagne, self.parameters)]
        if (
            Topic.CHIFFRES in topics
            and not reading.own.territoires
            and not own.categories
            and "T" not in year
            and not own.nombre_essms
        ):
            when = find_month_end(reading.plain) or (
                min(day, date(int(year[:4]), 12, 31)) if own.campagne else day
            )
            return [check_chiffres(when, self.parameters)]
        if (
            Topic.MONTANT in topics
            and Topic.MATERIEL not in topics
            and not _OTHER_MONEY.search(reading.plain)
        ):
            return self._montant(reading, year)
        if Topic.DECISION in topics and Topic.RECEVABILITE not in topics:
            return [check_decision(campagne, self.parameters)]
        if Topic.TEXTE in topics:
            return self._texte(reading, year, day)
        if (
            Topic.BUDGET in topics
            and (facts.campagne or own.campagne)
            and not reading.own.territoires
            and not _NOT_YEARLY.search(reading.query.lower())
            and not re.search(r"\d ?(?:m€|millions)|\bou \d", reading.plain)
        ):
            codes = [code for code in CAMPAGNES if code == year or code.startswith(f"{year}-")]
            return [check_annuelle(code, self.parameters) for code in codes]
        return []

    def _texte(self, reading: Reading, year: str, day: date) -> list[RuleResult]:
        """Find the text of the day cited, of the campaign named (its last day), or of today."""
        cited = reading.facts.date_citee
        if cited:
            return [check_texte(cited.value, self.parameters)]
        if reading.facts.campagne and year[:4].isdigit():
            return [check_texte(min(day, date(int(year[:4]), 12, 31)), self.parameters)]
        return [check_texte(day, self.parameters)]

    def _montant(self, reading: Reading, year: str) -> list[RuleResult]:
        facts = reading.facts
        voie = facts.voie.value if facts.voie else self._voie_of_project(facts, year)
        effectif = count_essms(facts, self.categories)
        number = Stated(effectif.nombre, effectif.words) if effectif.nombre else None
        campagnes = [code for code in CAMPAGNES if code == year or code.startswith(f"{year}-")]
        return [check_montant(facts, campagne, voie, number, self.parameters) for campagne in campagnes]

    def _groupement(self, reading: Reading, campagne: str) -> list[RuleResult]:
        facts = reading.facts
        seuil = check_seuil(facts, campagne, self.parameters, self.territories, self.categories)
        voie = check_voie(facts, campagne, self.parameters, self.territories, self.categories)
        several = facts.nombre_regions is not None or len(facts.territoires) > 1
        if Topic.VOIE in reading.topics and (voie.outcome is not Outcome.NO):
            return [voie, seuil]
        if voie.outcome is Outcome.YES and (several or facts.territoires):
            return [seuil, voie]
        return [seuil]

    def _categories(self, mentions: tuple[CategoryMention, ...], campagne: str) -> list[RuleResult]:
        unique = {mention.categorie: mention for mention in mentions}
        results = [
            check_categorie(mention, self.categories[name], campagne, self.parameters)
            for name, mention in unique.items()
        ]
        doubtful = [result for result in results if result.outcome is not Outcome.YES]
        return doubtful or results

    def _echeances(self, which: str, reading: Reading, year: str, day: date) -> list[RuleResult]:
        campagnes = [code for code in CAMPAGNES if code == year or code.startswith(f"{year}-")]
        named = find_voies(reading.plain)
        if not named and reading.follows:
            named = [reading.facts.voie.value] if reading.facts.voie else find_voies(reading.query.lower())
        if not named and (voie := self._voie_of_project(reading.facts, year)):
            named = [voie]
        voies = named or list(VOIES)
        return [
            check_echeance(which, campagne, voie, self.parameters, day)
            for campagne in campagnes
            for voie in voies
        ]

    def _voie_of_project(self, facts: Facts, year: str) -> str | None:
        if facts.nombre_essms is None and facts.nombre_regions is None:
            return None
        campagne = _one_campagne(year)
        result = check_voie(facts, campagne, self.parameters, self.territories, self.categories)
        voie = result.values.get("voie")
        return voie if isinstance(voie, str) else None

    def _recevabilite(self, reading: Reading, day: date) -> list[RuleResult]:
        stated = reading.facts.date_depot
        if stated is None:
            return []
        year = reading.facts.campagne.value if reading.facts.campagne else str(stated.value.year)
        named = reading.facts.voie.value if reading.facts.voie else self._voie_of_project(reading.facts, year)
        campagnes = [code for code in CAMPAGNES if code == year or code.startswith(f"{year}-")]
        if not campagnes:
            return [check_ouvert(stated.value if stated.value > day else day, self.parameters)]
        voies = [named] if named else list(VOIES)
        return [
            check_recevabilite(stated.value, stated.words, campagnes[-1], voie, self.parameters)
            for voie in voies
        ]


def _bare(plain: str) -> bool:
    """Whether a question about applying names nothing more precise that the documents could answer."""
    return len(re.findall(r"[a-z]{4,}", plain)) <= 9


def _has_number(facts: Facts) -> bool:
    return facts.nombre_essms is not None or any(
        mention.nombre for mention in facts.categories if _numbered(mention)
    )


def _numbered(mention: CategoryMention) -> bool:
    """« une USLD » counts one structure but does not describe a project."""
    return mention.nombre is not None and (mention.nombre.high is None or mention.nombre.high > 1)


def _one_campagne(year: str) -> str:
    """Return the campaign a year stands for; « 2021 » alone means its second round, open to all ESSMS."""
    return "2021-T2" if year == "2021" else year
