"""Open with « Oui » or « Non » when a statement is known to settle what a question asks."""

from __future__ import annotations

import re

from assistant.composing.polarity import acronyms_of
from assistant.figures import figures_of
from assistant.understanding.text import fold
from index.french import stem
from index.passage import Hit

_OPEN = re.compile(
    r"\b(?:a|de|par|pour|chez|avec) (?:qui|quoi|quel\w*)\b|^\W*(?:(?:et|mais|alors|donc) )?ou\b|\bou [a-z]+(?:-t)?-(?:on|il|elle|ils|elles|nous|vous|je)\b|\b(?:quel\w*|combien|quand|comment|pourquoi|ou (?:est|sont|se|peut|faut|dois|doit|trouver|deposer)|qui (?:est|sont|peut|doit|a|va)|que (?!l)|quoi|lequel|laquelle|lesquel\w*)\b"
)
_ASKS = re.compile(
    r"\best[- ]ce (?:que|qu')|-(?:t-)?(?:il|elle|ils|elles|on|ce|nous|je|vous)\b|\b(?:on|nous|je|il|elle|ils|elles|ca|cela) (?:n'|y |en |l'|la |le |les |s'|se )*\w+|^\W*(?:peut|faut|doit|puis|a-t|est|sont|may|can|is|do|must)\b|c'est (?:bon|bien|possible|permis|oblig\w*)"
)
# « Est-ce exclu de … ? »: yes and no change sides with it, and a resemblance does not tell.
_ADVERSE = re.compile(
    r"\b(?:exclu\w*|interdi\w*|impossib\w*|trop tard|empech\w*|incompatib\w*|faux|fausse|dispens\w*|exempt\w*|echapp\w*|se passer d\w*|inutile|renonc\w*)\b"
)
# What turns a question round, or narrows it: its answer is then no longer that of the plain one.
_TURNED = re.compile(
    r"\b(?:ne|n'|pas|sans|aucun\w*|jamais|ni|non|exclu\w*|interdi\w*|refus\w*|impossib\w*|trop tard|hors|empech\w*|incompatib\w*|"
    r"clos\w*|ferme\w*|faux|fausse|dispens\w*|exempt\w*|retir\w*|insuffis\w*|irrecevab\w*|ineligib\w*|echapp\w*|renonc\w*|"
    r"seul\w*|uniquement|seulement|exclusivement|tous|toutes|toujours|partout|automatique\w*|totalite|integral\w*|entier\w*|autre\w*|meme si|plutot)\b"
)
_MUST = re.compile(
    r"\b(?:faut|fallait|faudra\w*|doit|doivent|dois|devons|devait|devaient|devions|oblig\w*|exig\w*|necessaire\w*|impos\w*|contrain\w*|force\w*|tenus?|must)\b"
)
_MAY = re.compile(
    r"\b(?:peut|peuvent|peux|puis|pouvons|pouvez|pouvai\w*|pourr\w*|possible|droit|permis\w*|autoris\w*|eligib\w*|admis\w*|accept\w*|compt(?:e|ent|ee|er|ait|aient)\w*|"
    r"financ\w*|pris\w* en charge|pay(?:e|ee|ees|es|er)|entr(?:e|ent|er|ait)|inclu\w*|concern\w*|candidat\w*|particip\w*|fai(?:t|sait|re) partie|rentre\w*|couvr\w*|couver\w*|can|may|allowed|eligible)\b"
)
_LAST = re.compile(r"[^.;:!?]*\?\W*$")
# A statement is the one that the question is about when it scores, a known question of it resembles the user's, and
# most of the question's words are there, or else the resemblance is strong.
_LEAST, _ALIKE, _STRONGLY, _SHARED = 1.5, 0.55, 0.72, 0.5
_WELL_SHARED = 0.6
_LEAD = 0.08  # by how much a known question of one verdict must outdo those of the other
_MONTH = re.compile(
    r"\b(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b"
)
_OURSELVES = re.compile(
    r"\b(?:sommes|suis)[- ](?:nous|je)\b|\b(?:nous sommes|je suis|on est)\b(?!.{0,15}\b(?:oblig|tenu|contrain))"
)
_REFERRED = 0.6  # resemblance that is enough when the clause only refers to what the message named before
_REFERS = re.compile(
    r"\b(?:la|le|les|l'|y|en|lui) (?=[a-z]+(?:er|ir|re|oir)\b)|-(?:t-)?(?:il|elle|ils|elles)\b|\b(?:il|elle|ils|elles|ca|cela) "
)


def settle(question: str, hit: Hit, score: float) -> str | None:
    """Return « Oui » or « Non » when the passage found is known to settle the question, else ``None``.

    Two things settle it: a known question of the passage that resembles the user's, by far more than any of the other
    verdict and turned the same way; or the passage's own word on what may or must be so, for a question put positively.
    A resemblance outweighs the word. Nothing is said when the question names a figure, a month or an acronym that is
    not there.
    """
    plain = fold(question).plain
    asked = _LAST.search(plain)
    clause = asked[0] if asked else plain
    if score < _LEAST or _OURSELVES.search(clause):
        return None
    if _OPEN.search(re.sub(r"est[- ]ce (?:que|qu')", " ", clause)) or not _ASKS.search(clause):
        return None
    words = {
        word for word in (_by_resemblance(question, clause, hit), _by_word(question, clause, hit)) if word
    }
    return words.pop().capitalize() if len(words) == 1 else None


def _by_resemblance(question: str, clause: str, hit: Hit) -> str:
    word, known, likeness, lead = hit.settled()
    if likeness < _ALIKE or lead < _LEAD or _ADVERSE.search(clause):
        return ""
    if _turns(clause) != _turns(fold(known).plain) or not figures_of(question) <= figures_of(known):
        return ""
    if _shared(clause, known) < (_SHARED if likeness >= _STRONGLY else _WELL_SHARED):
        return ""
    return word if names_only(question, f"{known} {hit.passage.path} {hit.passage.text}") else ""


def _by_word(question: str, clause: str, hit: Hit) -> str:
    passage = hit.passage
    said = f"{passage.path} {passage.text}"
    if hit.likeness < _ALIKE or _turns(clause) or not names_only(question, said):
        return ""
    known = hit.likeness >= _STRONGLY or (hit.likeness >= _REFERRED and _REFERS.search(clause))
    if not known and _shared(clause, f"{said} {hit.question}") < _SHARED:
        return ""
    word = passage.impose if _MUST.search(clause) else passage.permis if _MAY.search(clause) else ""
    nearest, _, likeness, _ = hit.settled()
    return "" if nearest != word and likeness >= _ALIKE else word


def _turns(clause: str) -> frozenset[str]:
    """Return the stems of what turns a question round or narrows it."""
    plain = re.sub(r"n'est[- ]ce pas|, non ?\?", " ", clause)
    return frozenset(match[0][:5] for match in _TURNED.finditer(plain))


def names_only(question: str, said: str) -> bool:
    """Whether every figure, month and acronym of a question is said."""
    plain, there = fold(question).plain, fold(said).plain
    return (
        acronyms_of(question) <= acronyms_of(said)
        and figures_of(question) <= figures_of(said)
        and set(_MONTH.findall(plain)) <= set(_MONTH.findall(there))
    )


def _shared(clause: str, said: str) -> float:
    """Return the share of the words of a clause that are said, verbs of asking left out."""
    words = {word for word in stem(_MAY.sub(" ", _MUST.sub(" ", clause))) if len(word) > 2}
    return len(words & set(stem(said))) / max(1, len(words))
