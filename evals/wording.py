"""Other ways to put a French question that leave its meaning alone: frames, numbers, order of its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from evals.number_words import NUMBER_WORDS, number_to_words, words_to_number

_INFINITIVE = (
    r"(?P<rest>(?:(?:se|s'|s’|le|la|les|l'|l’|y|en|nous|vous) ?)?(?P<verb>[a-zà-ÿ]{2,}(?:er|ir|oir|re))\b)"
)
_START = r"(?P<start>^|(?<=[.!?:;,\n] )|(?<=[.!?\n])|(?<=\bet )|(?<=\bEt ))"
_NOUN = r"(?P<rest>(?:le |la |les |l['’]|notre |votre |nos |vos |leur |leurs ))"
_VOWEL = re.compile(r"[aeiouyhàâéèêëîïôûAEIOUYHÀÂÉÈÊËÎÏÔÛ]")
_NO_INFINITIVE = frozenset(
    [
        "notre",
        "votre",
        "autre",
        "entre",
        "contre",
        "lettre",
        "titre",
        "cadre",
        "centre",
        "hier",
        "dossier",
        "pour",
        "leur",
    ]
)


def _frame(pattern: str, change: Callable[[re.Match[str]], str | None]) -> Callable[[str], str | None]:
    compiled = re.compile(_START + pattern, re.IGNORECASE)

    def apply(text: str) -> str | None:
        for match in compiled.finditer(text):
            new = change(match)
            if new is not None:
                if match[0][:1].isupper():
                    new = new[:1].upper() + new[1:]
                return text[: match.start()] + new + text[match.end() :]
        return None

    return apply


def _to_infinitive(frame: str) -> Callable[[re.Match[str]], str | None]:
    """Put « frame de » before an infinitive, elided before a vowel; nothing when the word is no infinitive."""

    def change(match: re.Match[str]) -> str | None:
        if match["verb"].lower() in _NO_INFINITIVE:
            return None
        of = "d’" if _VOWEL.match(match["rest"]) else "de "
        return f"{frame} {of}{match['rest']}"

    return change


def _before_infinitive(frame: str) -> Callable[[re.Match[str]], str | None]:
    return lambda match: None if match["verb"].lower() in _NO_INFINITIVE else f"{frame} {match['rest']}"


def _plain(new: str) -> Callable[[re.Match[str]], str | None]:
    return lambda match: new + match["rest"] if "rest" in match.re.groupindex else new


_QUESTION = r"(?=[^.!?\n]*\?)"  # the sentence is a question to its end
FRAMES: tuple[Callable[[str], str | None], ...] = (
    _frame(rf"peut[- ]on {_INFINITIVE}{_QUESTION}", _to_infinitive("est-il possible")),
    _frame(rf"est-il possible (?:de |d['’]){_INFINITIVE}{_QUESTION}", _before_infinitive("peut-on")),
    _frame(rf"faut-il {_INFINITIVE}{_QUESTION}", _to_infinitive("est-il nécessaire")),
    _frame(rf"doit[- ]on {_INFINITIVE}{_QUESTION}", _before_infinitive("faut-il")),
    _frame(rf"quel(?:le)? est {_NOUN}{_QUESTION}", _plain("pouvez-vous me donner ")),
    _frame(rf"quel(?:le)?s sont {_NOUN}{_QUESTION}", _plain("pouvez-vous me donner ")),
    _frame(
        r"combien (?P<rest>(?:de |d['’])(?!temps|argent|euros?|millions?|fois|jours|mois|places)[a-zà-ÿ]+)" + _QUESTION,
        _plain("quel nombre "),
    ),
    _frame(r"puis-je(?=\s)" + _QUESTION, _plain("est-ce que je peux")),
    _frame(r"pouvons-nous(?=\s)" + _QUESTION, _plain("est-ce que nous pouvons")),
    _frame(r"devons-nous(?=\s)" + _QUESTION, _plain("est-ce que nous devons")),
    _frame(r"dois-je(?=\s)" + _QUESTION, _plain("est-ce que je dois")),
    _frame(r"sommes-nous(?=\s)" + _QUESTION, _plain("est-ce que nous sommes")),
    _frame(r"avons-nous(?=\s)" + _QUESTION, _plain("est-ce que nous avons")),
    _frame(r"est-ce que nous pouvons(?=\s)" + _QUESTION, _plain("pouvons-nous")),
    _frame(r"est-ce qu['’]on peut(?=\s)" + _QUESTION, _plain("peut-on")),
    # One noun and no more: « Qu’est-ce que l’agence attend ? » asks for something else.
    _frame(r"qu['’]est-ce qu['’](?P<rest>une? )(?=[^?.]{1,40}\?)", _plain("c’est quoi ")),
    _frame(r"qu['’]est-ce que (?P<rest>(?:le |la |les |l['’]))(?=[\w-]+ ?\?)", _plain("c’est quoi ")),
    _frame(r"que veut dire(?=\s)" + _QUESTION, _plain("que signifie")),
    _frame(r"que signifie(?=\s)" + _QUESTION, _plain("que veut dire")),
    _frame(r"y a-t-il(?=\s)" + _QUESTION, _plain("existe-t-il")),
    _frame(r"comment(?= (?!ça|ca|cela|se fait)[a-zà-ÿ]+)" + _QUESTION, _plain("de quelle manière")),
    _frame(r"pourquoi(?=\s)" + _QUESTION, _plain("pour quelle raison")),
    _frame(r"où(?= (?!en )[a-zà-ÿ]+)" + _QUESTION, _plain("à quel endroit")),
    _frame(r"quand(?= [a-zà-ÿ’'-]+)(?=[^,.!?\n]*\?)", _plain("à quelle date")),
)  # fmt: skip


def paraphrases(text: str) -> Iterator[str]:
    """Yield the text with one of its frames changed, a frame at a time.

    Example:
        >>> list(paraphrases("Peut-on acheter des tablettes ?"))
        ['Est-il possible d’acheter des tablettes ?']
    """
    for frame in FRAMES:
        changed = frame(text)
        if changed is not None:
            yield changed


_MONTH = r"janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
# What a number after them is the name of, not a count.
_NAMED_BY = r"(?:n°|n°|num[ée]ro|vague|phase|annexe|article|art\.?|temps|t|axe|niveau|lot|version|v|page|p\.|au|du|le|h)"
_DIGITS = re.compile(
    rf"(?<![\w.,/°+-])(?<!\b(?:le|du|au) )(?P<n>[1-9]\d?)(?![\w/°]|[.,-]\d| ?%| ?(?:[Mk]d?)?[€$]|(?:(?:, ?| (?:ou|à|et) )\d+(?:,\d+)?)+ ?(?:[Mk]d?€|€|millions?|milliards?)| ?h\b| ?(?:{_MONTH})\b|(?: \d{{3}})| ?[+x*])",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"(?<![\w-])(?P<n>(?:{NUMBER_WORDS})(?:(?: et |-)(?:{NUMBER_WORDS}|une?))*)(?![\w-]| ?(?:{_MONTH})\b| pour cent| temps\b| et demie?\b| (?:{NUMBER_WORDS})\b)",
    re.IGNORECASE,
)
_KEPT_WORDS = frozenset(["neuf", "cent", "cents", "mille"])  # « un logiciel neuf », « cent pour cent »


def numbers_in_words(text: str) -> str:
    """Return the text with its counts from 2 to 99 in words; years, dates, names and parts of ids are left alone."""

    def change(match: re.Match[str]) -> str:
        number = int(match["n"])
        before = text[: match.start()].rstrip().rpartition(" ")[2]
        named = re.fullmatch(_NAMED_BY, before.strip("(«"), re.IGNORECASE)
        return match[0] if number < 2 or named else number_to_words(number)

    return _DIGITS.sub(change, text)


def numbers_in_digits(text: str) -> str:
    """Return the text with its counts in digits; « un » and « neuf » are as often other words."""

    def change(match: re.Match[str]) -> str:
        words = match["n"].lower()
        number = None if words in _KEPT_WORDS else words_to_number(words)
        return match[0] if number is None else str(number)

    return _WORDS.sub(change, text)


_SENTENCE = re.compile(r"[^.!?]+(?:\.(?=\w)[^.!?]*)*[.!?]+(?:\s+|$)")
# A sentence that leans on the one before it cannot be moved: a connective opens it, or a pronoun stands for a word.
_LEANS = re.compile(
    r"^\W*(?:et|mais|ou|or|donc|alors|sinon|si oui|si non|dans ce cas|du coup|aussi|de plus|en outre|par ailleurs|car|puis|ensuite|enfin|pareil|idem|même)\b"
    r"|\b(?:ils?|elles?|cela|ça|ceci|celui|celle|ceux|celles|ce|cet|cette|ces|lui|leurs?|eux|y|en|dont|aussi|également|autres?|le(?:s|quel|squels|squelles)|laquelle)\b"
    r"|\b(?:le|la|les) \w+(?:ait|aient|era|eront|ez)\b|\bl['’](?:a|ai|as|avez|avons|ont|est|avait)\b",
    re.IGNORECASE,
)
_LEANS_NOT = re.compile(
    r"\b(?:il (?:faut|y a|est (?:possible|nécessaire|obligatoire))|faut-il|est-il (?:possible|nécessaire|obligatoire)|est-ce|y a-t-il|c['’]est|en (?:20\d\d|[A-ZÉÎ]\w+)|les(?= [a-zà-ÿ]{3,}))\b"
)
_NAMED_SUBJECT = re.compile(
    r"^\W*(?:l[ea]s?|l['’]|notre|nos|mon|ma|mes|une?|des)\b.*?-(?:ils?|elles?)\b", re.IGNORECASE
)


def _leans(sentence: str) -> bool:
    """Whether a sentence needs what precedes it; « Le seuil est-il atteint ? » names its own subject."""
    if subject := _NAMED_SUBJECT.match(sentence):
        sentence = sentence[: subject.end()].rpartition("-")[0] + sentence[subject.end() :]
    return _LEANS.search(_LEANS_NOT.sub(" … ", sentence)) is not None


def other_order(text: str) -> str | None:
    """Return a message with its first sentence last; ``None`` when it has one sentence, or they lean on each other."""
    sentences = [match[0].strip() for match in _SENTENCE.finditer(text)]
    if len(sentences) < 2 or len(" ".join(sentences)) < len(" ".join(text.split())) - 2:
        return None
    if re.match(r"\W*(?:bonjour|bonsoir|salut|hello|madame|monsieur)\b", sentences[0], re.IGNORECASE):
        return None
    if any(_leans(sentence) for sentence in sentences[1:]):
        return None
    return " ".join([*sentences[1:], sentences[0]])
