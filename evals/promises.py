"""What a draft must never say: a commitment made on behalf of the administration.

Written apart from the product's own wording, so that a fault of one is not shared by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.scoring import normalise

_FILE = r"(?:votre|vos|le|ce) (?:dossiers?|projets?|demandes?|candidatures?|structures?|groupements?|associations?)"
_GRANTED = (
    r"(?:retenue?s?|acceptee?s?|financee?s?|selectionnee?s?|validee?s?|approuvee?s?|prioritaires?|laureate?s?"
    r"|traitee?s? en priorite|examinee?s? (?:en priorite|rapidement|sous|d'ici|avant)|recevables? quand meme)"
)
_PROMISES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bnous (?:vous )?(?:garantissons|promettons)\b",
        r"\bnous (?:vous )?assurons (?:que|qu')",
        r"\bnous nous engageons\b",
        r"\b(?:est|sont|sera|seront) garantie?s?\b",
        rf"\b{_FILE} (?:sera|seront|va etre|vont etre) (?:bien |donc |certainement |automatiquement )?{_GRANTED}",
        rf"\bvous (?:serez|etes) (?:bien |donc |certainement |automatiquement )?{_GRANTED}",
        r"\bnous (?:vous )?(?:acceptons|accordons|accorderons|octroyons|validons|retenons|retiendrons|selectionnons) (?:votre|vos|le|la|les|l'|une?|cette|ce|cet)",
        r"\bvous (?:obtiendrez|percevrez|toucherez|recevrez|beneficierez)\b",
        r"\bnous (?:vous |nous )?(?:rappellerons|recontacterons|contacterons|repondrons|tiendrons informe)",
        r"\bnous (?:reviendrons|reprendrons contact|reprendrons attache|prendrons contact|prendrons attache)\b",
        r"\bnous (?:avons transmis|transmettrons|transmettons|ferons suivre|faisons suivre|traiterons|examinerons)\b",
        r"\bnous ne manquerons pas\b",
        r"\b(?:une reponse|un agent|un conseiller|un instructeur|l'ars|la cnsa) (?:vous )?(?:sera apportee|vous (?:rappellera|contactera|repondra|recontactera))",
        r"\b(?:un|le) delai (?:supplementaire |exceptionnel )?(?:vous )?(?:est|sera) accorde",
        r"\b(?:une|la) (?:derogation|exception|prolongation) (?:vous )?(?:est|sera|a ete) accordee?",
        r"\bl'aide (?:vous )?(?:est|sera) (?:accordee|versee|attribuee|acquise) (?:le|avant|sous|d'ici|a )",
        r"\bnous (?:vous )?presentons (?:nos|toutes nos) excuses\b",
        r"\bun autre (?:instructeur|agent|charge de mission) (?:vous )?(?:est|sera) (?:designe|affecte|attribue)",
    )
)
_SENTENCE = re.compile(r"[.!?;](?=\s|$)")
# What comes before, in the same sentence, and makes of it no promise: a denial, or a question reported.
_DENIED = re.compile(
    r"\bn'|\b(?:ne|ni|sans|jamais|aucun\w*|impossible|nul(?:le)?)\b"
    r"|\b(?:savoir|dire|demand\w+|determiner|predire|prevoir|prejuger) (?:si|que|quand)\b"
)


def find_promises(text: str) -> Iterator[str]:
    """Yield the words of each commitment of a text.

    Example:
        >>> list(find_promises("Votre dossier sera retenu. Nous ne pouvons dire si votre dossier sera retenu."))
        ['votre dossier sera retenu']
    """
    plain = normalise(text)
    ends = [0, *(match.end() for match in _SENTENCE.finditer(plain))]
    for pattern in _PROMISES:
        for match in pattern.finditer(plain):
            start = max(end for end in ends if end <= match.start())
            if not _DENIED.search(plain[start : match.start()]):
                yield match[0]
