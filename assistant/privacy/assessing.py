"""What personal data a message holds beyond the ordinary contact details of those who write it.

Names, telephones, e-mail and postal addresses of correspondents are in every letter. What makes a message sensitive is
a social security number, an IBAN, a date of birth, and whoever is supported: their name, their health, where they live.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.privacy.masking import find
from assistant.privacy.people import Person, read_known
from assistant.privacy.spans import Kind, Span, plain
from assistant.privacy.vocabulary import fold


class Concern(StrEnum):
    """What a finding is about, as it completes « Le message contient… »."""

    NIR = "un numéro de sécurité sociale"
    IBAN = "un IBAN"
    HEALTH = "des données de santé d’une personne reconnaissable"
    SUPPORTED = "le nom d’une personne accompagnée"
    BIRTH = "une date de naissance"
    HOME = "l’adresse d’une personne accompagnée ou d’un particulier"


@dataclass(frozen=True)
class Finding:
    """Personal data that a reply must not carry: ``text[start:end]`` is ``words``."""

    concern: Concern
    words: str
    start: int
    end: int

    @property
    def label(self) -> str:
        """Return the finding as a French sentence, without the data itself."""
        return f"Le message contient {self.concern}."


_BY_KIND = {Kind.NIR: Concern.NIR, Kind.IBAN: Concern.IBAN, Kind.BIRTH: Concern.BIRTH}


def assess(text: str, known: Iterable[str] = ()) -> list[Finding]:
    """Return what a message holds beyond its correspondents' contact details, in the order of the text.

    Args:
        text: What was written; a signature may be part of it.
        known: The correspondents as headers name them: their names are no finding, whatever stands beside.
    """
    known = tuple(known)
    simple, _ = plain(text)
    spans = find(text, known)
    # On a text as long as the original: what ``plain`` leaves out would move the places.
    reading = _Reading(fold(simple if len(simple) == len(text) else text), text, spans, read_known(known))
    found = [Finding(_BY_KIND[span.kind], *_place(text, span)) for span in spans if span.kind in _BY_KIND]
    found += reading.find()
    unique = {(one.concern, one.start): one for one in found}
    return sorted(unique.values(), key=lambda one: (one.start, list(Concern).index(one.concern)))


def _place(text: str, span: Span) -> tuple[str, int, int]:
    return text[span.start : span.end], span.start, span.end


# Before a name: whoever it names is supported, or somebody's kin.
_KIN = (
    r"\b(?:mon|ma|notre) (?:fils|fille|mere|pere|frere|soeur|mari|epouse|epoux|femme|conjointe?|compagne|compagnon|oncle|tante|"
    r"grand-mere|grand-pere|enfant|petit-fils|petite-fille|maman|papa|neveu|niece|pupille|belle-mere|beau-pere|"
    r"residente?|patiente?|usagere?|majeure? protegee?|protegee?|beneficiaire)\b"
)
_ROLE = (
    rf"(?:{_KIN}|\b(?:residente?|patiente?|usagere?|pensionnaire|beneficiaire|locataire|(?:jeune|enfant|adulte|personne)(?: (?:accueillie?|accompagnee?|"
    r"protegee?|hebergee?|agee|handicapee?))?|majeure? protegee?|tut(?:eur|rice) de|curat(?:eur|rice) de|"
    r"(?:dui|dossier (?:medical|usager)|ordonnance|traitement|prise en charge|projet personnalise|situation|admission|hospitalisation) d[eu'](?: la residente| resident| patient| l'usager)?))"
)
_SUPPORTED_BEFORE = re.compile(
    rf"{_ROLE}[ ]?[,:(]?[ ]?(?:(?:pre)?nommee? )?(?:m\.|mme|mlle|monsieur|madame|mademoiselle)?[ ]?\Z"
)
_SUPPORTED_AFTER = re.compile(
    r"[ ]?[,(]?[ ]?(?:(?:notre|une?|l'une? de nos) )?(?:residente?s?|patiente?s?|usagere?s?|accompagnee? par|accueillie? (?:a|au|en|dans|chez)|hebergee? |agee? de \d|\d{2,3} ans|nee? (?:le|en) |"
    r"est (?:entree?|accueillie?|hebergee?|decedee?|hospitalisee?|sous (?:tutelle|curatelle)|suivie? (?:par le medecin|en psychiatrie)|sortie? d'hospitalisation)|vit (?:dans|en|a l'ehpad|chez (?:nous|vous)))"
)
# What is said of somebody's health. « Unité Alzheimer », « handicap » in general say nothing of anybody.
_ILLNESS = re.compile(
    r"\b(?:atteinte?s? d|souffr(?:e|ant|ait|ent) d(?!'un manque|e difficultes|e retard|u manque)|diagnosti(?:c|quee?)\b|diabeti(?:que|quee)\b|diabete\b|epilep(?:tique|sie)\b|schizophren\w+|autis(?:te|me)\b|trisomi(?:que|e)\b|"
    r"depressi(?:f|ve|on)\b|bipolaire\b|demen(?:te?|ce)\b|alitee?\b|hospitalis(?:ee?|ation)\b|operee? d|sous (?:insuline|chimiotherapie|antidepresseurs?|neuroleptiques?|dialyse|oxygene|morphine)\b|"
    r"chimiotherapie\b|a fait (?:un avc|une chute|un infarctus|un malaise)|\bavc\b|gir [1-6]\b|maladie d[eu' ]|cancer\b|tumeur\b|alzheimer\b|parkinson\b|seropositi\w+|vih\b|sclerose\b|polyhandicapee?\b|"
    r"paraplegique\b|tetraplegique\b|hemiplegi\w+|enceinte\b|grossesse\b|escarres?\b|allergi(?:e|que)\b|denutri(?:e|tion)\b|incontinen\w+|ordonnance\b|son traitement\b|traitement (?:medical|medicamenteux)|"
    r"prescription medicale|troubles (?:cognitifs|psychiques|du comportement|psychiatriques|bipolaires)|deficien(?:te?|ce)\b|handicap (?:mental|psychique|moteur)|insuffisance (?:cardiaque|renale|respiratoire)|"
    r"fracture\b|a perdu la memoire|tentative de suicide|suicidaire\b|addiction\b|alcooli(?:que|sme)\b|toxicoman\w+)"
)
# What, just before, makes it a kind of place or a subject.
_GENERAL = re.compile(
    r"\b(?:unites?|services?|pole|plan|pasa|maison|accueil de jour|association|france|prise en charge|public|personnes|residents|usagers|patients|enfants|adultes|jeunes|malades|troubles|lits?|places?|"
    r"dispositif|equipe|filiere|programme)(?: \w+){0,3} (?:de |d'|des |du |aux? )?\Z"
)
_PRONOUN = re.compile(
    r"\s*(?:il|elle|son|sa|ses|cette personne|ce(?:tte)? (?:resident|residente|patient|patiente))\b"
)
_HOME_BEFORE = re.compile(
    r"\b(?:domiciliee?|demeurant|habit(?:e|ant|ent)|resid(?:e|ant)|logee?|vit|vivant|adresse (?:personnelle|privee|du resident|de la residente|du patient|de l'usager|du domicile)|domicile|chez (?:lui|elle|moi))\b[^.!?\n]{0,25}\Z"
)
_BOUNDARY = re.compile(r"[!?]|(?<!\bm)(?<!\bdr)(?<!\b[a-z])\.(?=\s|\Z)|\n\s*\n")
_REACH = 1_000  # characters of a sentence that are read on each side of a name


class _Reading:
    """A message, the spans found in it, and whether each person named is supported."""

    def __init__(self, folded: str, text: str, spans: Sequence[Span], known: Sequence[Person]) -> None:
        self._folded = folded
        self._text = text
        self._spans = spans
        self._known = known
        self._ends = [0, *(match.end() for match in _BOUNDARY.finditer(folded)), len(folded)]

    def find(self) -> Iterator[Finding]:
        """Return the supported people named, what is said of their health, and private addresses."""
        named = [span for span in self._spans if span.kind is Kind.PERSON and not self._is_known(span)]
        supported = {span: None for span in named if self._is_supported(span)}
        words = {word for span in supported for word in self._person(span).words if len(word) > 1}
        for span in named:
            mine = {word for word in self._person(span).words if len(word) > 1}
            if span in supported or (mine and mine <= words):
                yield Finding(Concern.SUPPORTED, *_place(self._text, span))
        yield from self._health(named)
        yield from self._homes(supported)

    def _person(self, span: Span) -> Person:
        return Person.of(self._text[span.start : span.end])

    def _is_known(self, span: Span) -> bool:
        person = self._person(span)
        return any(known == person or known.includes(person) for known in self._known)

    def _is_supported(self, span: Span) -> bool:
        before = self._folded[max(0, span.start - 80) : span.start]
        after = self._folded[span.end : span.end + 60]
        return bool(_SUPPORTED_BEFORE.search(before) or _SUPPORTED_AFTER.match(after))

    def _health(self, named: Sequence[Span]) -> Iterator[Finding]:
        """What is said of the health of somebody named in the sentence or the one before, or of the sender's kin."""
        starts = [span.start for span in named]
        for illness in _ILLNESS.finditer(self._folded):
            first, last = self._sentence(illness.start())
            if _GENERAL.search(self._folded, max(first, illness.start() - 40), illness.start()):
                continue
            if _PRONOUN.match(self._folded, first) and first:
                first, _ = self._sentence(first - 1)
            here = bisect_left(starts, first)
            if (here < len(starts) and starts[here] < last) or re.search(_KIN, self._folded[first:last]):
                yield self._said(first, last)

    def _said(self, first: int, last: int) -> Finding:
        said = self._text[first:last]
        start = first + len(said) - len(said.lstrip())
        return Finding(Concern.HEALTH, said.strip(), start, start + len(said.strip()))

    def _sentence(self, place: int) -> tuple[int, int]:
        rank = bisect_right(self._ends, place)
        first = self._ends[rank - 1]
        last = self._ends[rank] if rank < len(self._ends) else len(self._folded)
        return max(first, place - _REACH), min(last, place + _REACH)

    def _homes(self, supported: Iterable[Span]) -> Iterator[Finding]:
        starts = [span.start for span in supported]
        for span in self._spans:
            if span.kind is not Kind.ADDRESS:
                continue
            before = self._folded[max(0, span.start - 60) : span.start]
            first, _ = self._sentence(span.start)
            beside = bisect_left(starts, first) < bisect_left(starts, span.start)
            if beside or _HOME_BEFORE.search(before):
                yield Finding(Concern.HOME, *_place(self._text, span))
