"""Write a message as a careful person would: no courtesy around it, no capitals throughout, accents, no typos.

The same question must get the same answer however it is typed. What is tidied is read, classified and searched for;
the user's own words stay those of the message for whatever quotes them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.understanding.numbers import in_digits
from assistant.understanding.spelling import SHORTHAND
from assistant.understanding.text import clean, fold
from index.french import bare

_SIGNS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "…": "..."})

# --- courtesy

_TITLE = r"(?:bonjour|bonsoir|bjr|salut|slt|hello|hi|coucou|madame|monsieur|mesdames|messieurs|mme|cher\w*|collegues?|confreres?|directeur|directrice)"
_GREETING = re.compile(
    rf"^\W*{_TITLE}(?:[\s,]+(?:(?:et|ou|le|la|l'|les|a|de) )?(?:{_TITLE}|tou(?:s|tes)|vous|toi|tout le monde|l'equipe|toute l'equipe|la presidente?|le president)\b)*(?:[,.!;:\n]+\s*|(?=\s))"
)
_OPENS_WITH_ONE = re.compile(
    r"^\W*(?:bonjour|bonsoir|bjr|salut|slt|hello|hi|coucou|madame|monsieur|mesdames|messieurs|cher\w*)\b"
)
_COURTESY = re.compile(
    r"\b(?:je me permets de|permettez[- ]moi|excus\w+(?:-(?:moi|nous))?|desolee? de (?:vous )?derang|pardon de|pardonnez|j'aurais besoin d'un (?:petit )?(?:renseignement|conseil)|"
    r"j'ai (?:une|deux|quelques|une petite) questions?\W*$|(?:une )?(?:petite |simple )?question\W*$|merci (?:beaucoup|bien|infiniment|d'avance|par avance|de|pour|a vous)|"
    r"(?:bonjour et )?merci\W*$|je vous (?:remercie|en remercie|sais gre)|en vous remerciant|avec mes remerciements|j'espere que vous|en esperant|esperant que|"
    r"(?:bonne|belle|excellente|tres bonne) (?:journee|soiree|continuation|reception|fin de)|dans l'attente|restant a votre|je reste a votre|a (?:votre|ta) disposition|"
    r"(?:bien )?cordialement|bien a (?:vous|toi)|(?:sinceres|meilleures|mes|respectueuses) salutations|respectueusement|s'il (?:vous|te) plait|svp|stp|a bientot|au revoir)\b"
)
_FAREWELL = re.compile(
    r"\b(?:bien |tres )?(?:cordialement|respectueusement)\b|\bbien a (?:vous|toi)\b|\b(?:sinceres|meilleures|respectueuses) salutations\b"
)
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])(?=\s)|(?<=\n)")
_PLEASE = re.compile(r",?\s*\b(?:s'il (?:vous|te) pla[iî]t|svp|stp)\b\s*(?=[?.!,]|$)", re.IGNORECASE)
_LONGEST_COURTESY, _LONGEST_SIGNATURE = 16, 12  # words


def without_courtesy(text: str) -> str:
    """Return the text without its greeting, courtesies and signature; the text itself when nothing else is left."""
    kept: list[str] = []
    rest = text
    folded = fold(text)
    opening = _GREETING.match(folded.plain) if _OPENS_WITH_ONE.match(folded.plain) else None
    if opening:
        end = opening.end()
        rest = text[folded.at[end] :] if end < len(folded.at) else ""
    sentences = _BETWEEN_SENTENCES.split(rest)
    for place, sentence in enumerate(sentences):
        plain = fold(sentence).plain
        if "?" not in sentence and len(plain.split()) <= _LONGEST_COURTESY:
            after = " ".join(sentences[place + 1 :])
            if _FAREWELL.search(plain) and "?" not in after and len(after.split()) <= _LONGEST_SIGNATURE:
                break
            if _COURTESY.search(plain) and not _SUBJECT.search(plain) and not re.search(r"\d", plain):
                continue
        kept.append(sentence)
    left = _PLEASE.sub("", "".join(kept)).strip()
    return left if sum(char.isalnum() for char in left) > 1 else text


# A courteous sentence that names one of these says more than courtesy.
_SUBJECT = re.compile(
    r"\b(?:esms|essms|dui|ars|cnsa|dossier|projet|(?<!votre )(?<!de l')aide|financ\w*|etablissements?|structures?|candidat\w*|editeur|logiciel|group\w*|region\w*|"
    r"instruction\w*|consigne\w*|regle\w*|prompt|de (?:me |m'|nous )?(?:dire|preciser|indiquer|confirmer|expliquer|repondre|donner))\b"
)

# --- words

_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST, _LONG = 5, 9  # letters of a word that may be mended, and of one that may have two typos
_OUTDONE = 5  # how much commoner one word must be than another as near, to be the one that was meant
_FOREIGN = 0.45  # share of unknown words from which a text is in another language, and left alone


@lru_cache(maxsize=1)
def french_words() -> Mapping[str, int]:
    """Return the words of French with how often they are written, as pyspellchecker ships them."""
    spec = find_spec("spellchecker")
    if spec is None or spec.origin is None:
        return {}
    with gzip.open(Path(spec.origin).parent / "resources" / "fr.json.gz", "rt", encoding="utf-8") as file:
        words: dict[str, int] = json.load(file)
    return words


_BARE = str.maketrans("àâäéèêëîïôöùûüÿçÀÂÉÈÊÎÔÛÇ", "aaaeeeeiioouuuycAAEEEIOUC")


@lru_cache(maxsize=1)
def _french_accents() -> Mapping[str, str]:
    """Return the commonest accented form of the French words that have one, by the form without accents."""
    words = french_words()
    found: dict[str, str] = {}
    for word, count in words.items():
        bare = word.translate(_BARE)
        if bare != word and count > words.get(found.get(bare, ""), 0):
            found[bare] = word
    return found


class Tidier:
    """Tidies messages by the words of the corpus and of French."""

    def __init__(
        self,
        texts: Iterable[str],
        acronyms: Iterable[str] = (),
        places: Iterable[str] = (),
        *,
        regions: Iterable[str] = (),
        typed: Iterable[str] = (),
    ) -> None:
        """Count the words of ``texts``, and of ``typed`` those that are French: people's messages hold typos.

        ``acronyms`` are kept in capitals, ``places`` with theirs unless they are ordinary words, ``regions`` always.
        """
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(match[0].lower() for match in _TOKEN.finditer(text))
        for text in typed:
            words = (match[0].lower() for match in _TOKEN.finditer(text))
            counts.update(word for word in words if word in counts or word in french_words())
        self._counts = counts
        # « somme » and « lot » are words before they are places.
        self._names = {
            place.lower(): place
            for place in places
            if _TOKEN.fullmatch(place) and place.lower() not in french_words()
        }
        self._names |= {region.lower(): region for region in regions if _TOKEN.fullmatch(region)}
        self._places = {fold(place).plain: place for place in self._names.values() if len(place) >= _SHORTEST}
        self._names |= {name.lower(): name for name in acronyms if name.isupper() and len(name) > 1}
        accented: dict[str, str] = {}
        for word in sorted(
            counts, key=lambda word: counts[word]
        ):  # the commonest form of a word comes last, and stays
            accented[fold(word).plain] = word
        self._accented = accented
        self._listed = [word for word in accented if len(word) >= _SHORTEST and word.isalpha()]
        self._mended: dict[tuple[str, bool], str] = {}

    def tidy(self, text: str) -> str:
        """Return the message tidied; never empty when the message is not."""
        tidied = without_courtesy(clean_lines(text).translate(_SIGNS))
        tidied = self._lowered(tidied)
        tidied = _framed(self._spelt(tidied))
        return tidied if any(char.isalnum() for char in tidied) else text

    def _lowered(self, text: str) -> str:
        """Return a text that is all in capitals in small letters, but for acronyms."""
        letters = [char for char in text if char.isalpha()]
        if (
            len(letters) < 8
            or sum(char.isupper() for char in letters) < 0.8 * len(letters)
            or " " not in text
        ):
            return self._named(text) if text.islower() else text
        return self._named(text.lower())

    def _named(self, text: str) -> str:
        return _TOKEN.sub(lambda match: self._names.get(match[0], match[0]), text)

    def _spelt(self, text: str) -> str:
        words = [match[0] for match in _TOKEN.finditer(text) if len(match[0]) > 2]
        unknown = [
            word for word in words if not self._knows(word.lower()) and fold(word).plain not in self._accented
        ]
        if len(words) > 3 and len(unknown) > _FOREIGN * len(words):
            return text
        bare = len(text) > 20 and fold(text).plain == text.lower()  # typed without any accent
        return _TOKEN.sub(lambda match: self._word(match[0], match.start() == 0, bare), text)

    def _knows(self, word: str) -> bool:
        return word in self._counts or word in french_words()

    def _word(self, written: str, first: bool, bare: bool) -> str:
        if written in SHORTHAND:
            return self._accented.get(SHORTHAND[written], SHORTHAND[written])
        word = written.lower()
        if written != word and not (first and written[1:] == word[1:]):
            return self._named_so(written)
        if "-" in word and not self._knows(word):
            return "-".join(
                self._word(part, first and place == 0, bare) for place, part in enumerate(written.split("-"))
            )
        key = (word, bare)
        if key not in self._mended:
            if len(self._mended) > 20_000:
                self._mended.clear()
            self._mended[key] = self._mend(word, bare)
        mended = self._mended[key]
        return mended[:1].upper() + mended[1:] if written != word else mended

    def _named_so(self, written: str) -> str:
        """Return a name as it is spelt: « Gyane » is Guyane; an acronym is left alone."""
        plain = fold(written).plain
        if (
            written.isupper()
            or len(plain) < _SHORTEST
            or self._knows(written.lower())
            or plain in self._places
        ):
            return self._places.get(plain, written)
        found = process.extract(plain, self._places.keys(), scorer=OSA.distance, score_cutoff=1, limit=2)
        return self._places[found[0][0]] if len(found) == 1 and found[0][0][0] == plain[0] else written

    def _mend(self, word: str, bare: bool) -> str:
        plain = fold(word).plain
        usual = self._accented.get(plain)
        if self._knows(word):
            common = french_words().get(usual or "", 0) >= french_words().get(word, 0)
            if bare and usual and usual != word and common and self._counts[usual] > 2 * self._counts[word]:
                return usual
            return word
        if len(word) < 3:
            return word
        if usual or plain in _french_accents():
            return usual or _french_accents()[plain]
        if len(word) < _SHORTEST:
            return word
        allowed = 2 if len(word) >= _LONG else 1
        found = process.extract(plain, self._listed, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        near = [
            (distance, -self._counts[self._accented[form]], form)
            for form, distance, _ in found
            if form[0] == plain[0]
        ]
        if not near:
            return word
        best, *others = sorted(near)
        rivals = [other for other in others if other[0] == best[0] and _OUTDONE * other[1] < best[1]]
        if any(not _same_stem(best[2], other[2]) for other in rivals):
            return word
        return self._accented[best[2]]


def _same_stem(first: str, second: str) -> bool:
    """Whether two words differ by their ending only, so that either reads alike."""
    length = max(4, min(len(first), len(second)) - 2)
    return first[:length] == second[:length]


# Ways of asking that mean the same, as the rules and the known questions put them.
_FRAMES = tuple(
    (re.compile(pattern, re.IGNORECASE), usual)
    for pattern, usual in (
        (
            r"(?<![\w'])[àa] quel(?:le date|le ann[ée]e| moment| jour)(?= (?:est|[ée]tai|a|s'|se |sera|ferm|ouvr|finit|d[ée]but|pe|pouv|doi|dev|faut|commen|ser|fal))",
            "quand",
        ),
        (r"(?<![\w'])quel(?:le)? (?:est |était |serait )?(?:le )?nombre d(?=[e'])", "combien d"),
        (r"(?<![\w'])pour quelles? raisons?(?![\w'])", "pourquoi"),
        (r"(?<![\w'])est-ce (?:que|qu') ?je peux(?![\w'])", "puis-je"),
        (r"(?<![\w'])est-ce (?:que|qu') ?(?:nous pouvons|on peut)(?![\w'])", "peut-on"),
        (r"(?<![\w'])(?:est-il|est-ce|serait-il) possible d(?:e |')(?=\w+r\b)", "peut-on "),
        (r"(?<![\w'])que veut dire(?![\w'])", "que signifie"),
    )
)


def _like(usual: str) -> Callable[[re.Match[str]], str]:
    """Return what puts ``usual`` in place of a match, with its capital."""
    return lambda match: usual.capitalize() if match[0][:1].isupper() else usual


def _framed(text: str) -> str:
    for pattern, usual in _FRAMES:
        text = pattern.sub(_like(usual), text)
    return text


def clean_lines(text: str) -> str:
    """Return the text with its line breaks kept, other blanks and controls cleaned."""
    return "\n".join(clean(line) for line in re.split(r"\r\n|\r|\n", text))


def searched(text: str) -> str:
    """Return a tidied text as it is searched for: numbers in digits, no mark between the words."""
    return bare(in_digits(text))
