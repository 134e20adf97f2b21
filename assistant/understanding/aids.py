"""Read what a message says of software, domain and other aid: the facts of the funding rules."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from assistant.rules.facts import Stated
from assistant.understanding.dates import Day
from assistant.understanding.text import Folded

_SOFTWARE = r"(?:dui|logiciels?|solutions?|outils?|editeurs?|prestataires?|dossier usager\w*)"
_CHANGE = re.compile(
    rf"\b(?:chang\w+|remplac\w+|quitt\w+|abandonn\w+|bascul\w+|migr\w+|pass\w+)\b.{{0,40}}\b{_SOFTWARE}\b|\b(?:autre|nouvel?(?:le)?) {_SOFTWARE}\b|\b(?:en changer|le remplacer)\b|{_SOFTWARE} (?:b|concurrent\w*)\b"
)
_KEEP = re.compile(
    rf"\b(?:gard\w+|conserv\w+|maint\w+|reste\w*|evolu\w+|faire evoluer|mont\w+ de version|mise a (?:niveau|jour)|mettre a (?:niveau|jour)|mise en conformite)\b.{{0,40}}\b(?:{_SOFTWARE}|version)\b|\b(?:montee|mise) (?:de version|en conformite|a niveau)|{_SOFTWARE} (?:actuel|existant|deja en place)"
)
_BUY = re.compile(
    rf"\b(?:premier\w*|1er|1ere|acquisition|acquer\w+|achat|achet\w+|s'equip\w+|equiper|nous equiper|pas encore (?:de |d')|n'avons (?:pas|aucun)(?: de)?|sans)\b.{{0,30}}\b{_SOFTWARE}\b|\bpremiere acquisition|\ben acquisition\b|\bacquier(?:t|ent)\b|\bvolet acquisition|\bdossiers? papier"
)
_AWARDED = re.compile(
    r"\b(?:deja|anterieur\w*|precedemment|auparavant|en 20(?:21|22|23|24|25))\b.{0,60}\b(?:financ\w+|aide\w*|laureat\w*|beneficie\w*|subvention\w*|percu\w*|recu\w*|touche\w*|obtenu\w*|eu)\b|"
    r"\b(?:financ\w+|aides?|laureat\w*|beneficie\w*|subventionne\w*|percu\w*|recu\w*|touche\w*|obtenu\w*)\b.{0,40}\b(?:deja|anterieur\w*|en 20(?:21|22|23|24|25))\b|\b(?:deuxieme|seconde?|2e|nouvelle) (?:fois|aide|financement|subvention|demande)\b"
)
_EUROPE = re.compile(
    r"\b(?:feder|fse\+?|feader|react-?eu|fonds europeens?|financements? europeens?|aides? europeennes?|subventions? europeennes?|credits? europeens?|interreg|erasmus)\b"
)
_NO_EUROPE = re.compile(r"\b(?:pas|aucun\w*|sans|ni)\b.{0,20}\b(?:feder|fse|europeen\w*)")
_SEGUR = re.compile(
    r"\b(?:prestation segur|bon de commande|command\w+|montee de version|mise a niveau)\b.{0,50}\b(?:sons|segur|editeur|logiciel)\b|\bsons\b.{0,50}\b(?:command\w+|deja|beneficie\w*|signe\w*|recu\w*|percu\w*|obtenu\w*)\b|\b(?:beneficie\w*|profite\w*|obtenu|eu|recu|percu) (?:du|d'un|le|la|d'une) (?:sons|prestation segur)"
)
_OTHER_SOFTWARE = re.compile(
    rf"\b(?:autre|second|deuxieme|different\w*|nouve\w+) {_SOFTWARE}\b|\b{_SOFTWARE} (?:a|b|different\w*)\b.{{0,80}}\b{_SOFTWARE} (?:b|different\w*)|\b(?:en changer|chang\w+ (?:de|d')|remplac\w+)|\bdeux (?:dui|logiciels)|\bun autre,? (?:d'une|de) (?:autre )?(?:marque|editeur)|\bd'une autre (?:marque|maison)|\bd'un autre editeur|\b(?:dui|logiciel|editeur) [bxy]\b"
)
_SAME_SOFTWARE = re.compile(
    rf"\b(?:le |du |au |la )?meme {_SOFTWARE}\b|\bmeme (?:dui|logiciel|solution|editeur)|\b(?:ce|ce meme|notre) {_SOFTWARE} (?:la|existant|actuel)|\bfaire evoluer\b"
)
_ENTITY = re.compile(
    r"\b(?:entite|organisation|federation|association|groupe) nationale?\b|rattache\w* a (?:une |l')?(?:entite|structure) nationale"
)
_DOMAINS = (
    (
        "AHI",
        re.compile(
            r"\bahi\b|accueil,? (?:et )?hebergement,? (?:et )?insertion|\bhebergement[- ](?:et )?(?:l'|d')?insertion|\bchrs\b|\bcada\b|\bsiao\b|centres? d'hebergement"
        ),
    ),
    (
        "PJM",
        re.compile(
            r"\bpjm\b|\bmjpm\b|protection (?:juridique|judiciaire) des majeurs|tutel\w+|curatel\w+|mandataires? judiciaires?|\bdpf\b"
        ),
    ),
    ("PDE", re.compile(r"\bpde\b|protection de l'enfance|\bmecs\b|\baemo\b|\baed\b|foyers? de l'enfance")),
    ("PDS", re.compile(r"\bpds\b|difficultes specifiques|\bcsapa\b|\bcaarud\b|\blhss\b|\bact\b(?= )")),
    (
        "DOM",
        re.compile(r"\bssiad\b|\bsaad\b|\bspasad\b|aide a domicile|services? a domicile|soins a domicile"),
    ),
    (
        "PH",
        re.compile(
            r"\bhandicap\w*|\bime\b|\bsessad\b|\bitep\b|\besat\b|\bfam\b|\bsavs\b|\bsamsah\b|\bcmpp\b|\bcamsp\b"
        ),
    ),
    ("PA", re.compile(r"\behpad\b|personnes agees|residences? autonomie|maisons? de retraite")),
)
_NOT_SONS = re.compile(
    r"\b(?:non|pas|in|hors)[ -]?(?:eligibles?|concerne\w*|couvert\w*)? ?(?:au |du |par le |le )?sons\b|\bnon[ -]sons\b|\bhors[ -]sons\b|\bsons\b ?: ?non|n'est pas (?:eligible|concernee?) (?:au|par le) sons|non eligibles? (?:au|du) sons|ineligibles? au sons|hors (?:du |de la |de )?(?:champ|perimetre|portee) (?:du|de la|de) (?:sons|prestation segur)"
)
_SONS = re.compile(r"\beligibles? (?:au|du) sons\b|\bsons\b ?: ?oui")
_ORDER = re.compile(r"\b(?:command\w*|bon de commande|sign\w+ (?:le|un) (?:devis|bon))")


_DEPLOYED = re.compile(
    r"\b(?:deploy\w*|deploie\w*|deploiement|mis en service|mise en service|installe\w*|livre\w*|acheve\w*|demarre\w*)\b"
)
# The other aid is refused, given up, another's, or for something else than this operation.
_NOT_THIS_AID = re.compile(
    r"\b(?:refuse\w*|renonc\w*|annule\w*|abandonn\w*|rejete\w*|retire\w*)\b|\b(?:voisins?|confreres?)\b|\bpas (?:nous|pour nous)\b|\b(?:autre|un) (?:projet|operation) (?:immobili\w*|de construction|de travaux)|\bautre (?:projet|operation)\b|\bimmobili\w*|\bbatiments?\b|\btravaux\b|\brenovation\b"
)
_DENIED_VERB = re.compile(r"\bn(?:e |')$")


def _dated(
    folded: Folded, days: list[Day], cue: re.Pattern[str], other: re.Pattern[str]
) -> Stated[date] | None:
    """Return the day told of ``cue`` rather than of ``other``: the one whose nearest word before it is of it."""
    if not cue.search(folded.plain):
        return None
    for day in days:
        before = folded.plain[: day.start]
        last = max((match.start() for match in cue.finditer(before)), default=-1)
        rival = max((match.start() for match in other.finditer(before)), default=-1)
        if last > rival or (last == rival == -1 and len(days) == 1 and not other.search(folded.plain)):
            return Stated(day.day, folded.words(day.start, day.end))
    return None


def _mixed(folded: Folded) -> Stated[bool] | None:
    """Return that a project joins AHI or PJM structures to others."""
    found = [(name, match) for name, pattern in _DOMAINS if (match := pattern.search(folded.plain))]
    names = {name for name, _ in found}
    if names & {"AHI", "PJM"} and names - {"AHI", "PJM"} and _TOGETHER.search(folded.plain):
        return Stated(True, " / ".join(folded.words(match.start(), match.end()) for _, match in found))
    return None


_TOGETHER = re.compile(
    r"\b(?:mel\w+|mixtes?|melang\w*|groupement|projet|ensemble|a la fois|\d+|un|une|deux|trois)\b.{0,60}\bet\b"
)


def _stated(folded: Folded, value: Any, *patterns: re.Pattern[str]) -> Stated[Any] | None:
    for pattern in patterns:
        if match := pattern.search(folded.plain):
            return Stated(value, folded.words(match.start(), match.end()))
    return None


def _denies(folded: Folded, pattern: re.Pattern[str]) -> bool:
    """Whether the choice is told as not made: « nous ne gardons pas notre logiciel »."""
    return any(
        _DENIED_VERB.search(folded.plain[: match.start()]) and re.search(r"^\w+ (?:pas|plus)\b", match[0])
        for match in pattern.finditer(folded.plain)
    )


def _choice(folded: Folded) -> Stated[str] | None:
    kept = _stated(folded, "maintien", _KEEP)
    new = _stated(folded, "remplacement", _CHANGE) or _stated(folded, "acquisition", _BUY)
    if kept and _denies(folded, _KEEP):
        new = new or Stated("remplacement", kept.words)
        kept = None
    if new and _denies(folded, _BUY):
        new = None
    if (
        kept
        and new
        and re.search(
            r"\b(?:certains?|une partie|d'autres|les uns|les autres|moitie|melange|mixte)\b", folded.plain
        )
    ):
        return Stated("mixte", f"{kept.words} / {new.words}")
    return new or kept


def _domain(folded: Folded) -> Stated[str] | None:
    return next((found for name, pattern in _DOMAINS if (found := _stated(folded, name, pattern))), None)


def _award(folded: Folded) -> Stated[str] | None:
    if both := re.search(r"\bdeux (?:dui|logiciels?|solutions)(?: (?:de dui )?differents?)?\b", folded.plain):
        return Stated("autre_logiciel", folded.words(both.start(), both.end()))
    match = _AWARDED.search(folded.plain)
    if match is None:
        return None
    words = folded.words(match.start(), match.end())
    if _SAME_SOFTWARE.search(folded.plain) and not _CHANGE.search(folded.plain):
        return Stated("meme_logiciel", words)
    return (
        Stated("autre_logiciel", words)
        if _OTHER_SOFTWARE.search(folded.plain) or _CHANGE.search(folded.plain)
        else None
    )


def _segur(folded: Folded) -> Stated[str] | None:
    match = _SEGUR.search(folded.plain)
    if match is None:
        return None
    words = folded.words(match.start(), match.end())
    if _SAME_SOFTWARE.search(folded.plain):
        return Stated("meme_logiciel", words)
    return Stated("autre_logiciel", words) if _OTHER_SOFTWARE.search(folded.plain) else None


def read_aids(folded: Folded, days: list[Day]) -> dict[str, Stated[Any] | None]:
    """Return the facts about software, domain and other aid, by name in ``Facts``; absent ones are None."""
    plain = folded.plain
    europe = _stated(folded, True, _EUROPE)
    if europe and (_NO_EUROPE.search(plain) or _NOT_THIS_AID.search(plain)):
        europe = Stated(False, europe.words)
    ordered = _dated(folded, days, _ORDER, _DEPLOYED)
    deployed = _dated(folded, days, _DEPLOYED, _ORDER) if ordered else None
    sons = _stated(folded, False, _NOT_SONS) or _stated(folded, True, _SONS)
    return {
        "choix": _choice(folded),
        "domaine": _domain(folded),
        "deja_finance": _award(folded),
        "prestation_segur": _segur(folded),
        "autre_aide_europeenne": europe,
        "entite_nationale": _stated(folded, True, _ENTITY),
        "eligible_sons": sons,
        "date_commande": ordered,
        "date_deploiement": deployed,
        "projet_mixte": _mixed(folded),
    }
