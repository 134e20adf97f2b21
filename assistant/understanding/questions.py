"""Part a message into what it states and the questions it asks, each to be answered on its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from assistant.understanding.text import Folded, fold

# The end of a sentence: a mark, a stop that closes no abbreviation, a blank line, an item of a list.
_END = re.compile(
    r"[?!]+|;(?= )|(?<!\b[a-z])(?<!\bart)(?<!\bmme)(?<!\bcf)(?<!\bn°)\.(?=\s|$)|\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,2}[.)])\s)"
)
_INVERTED = r"(?:peut|peux|puis|pouvons|pouvez|doit|doivent|devons|dois|faut|sommes|est|sont|etes|avons|ai|a|ont|va|allons|y a|sera|serons|pourra|pourrons)(?:-t)?-(?:on|nous|vous|je|il|elle|ils|elles|ce)"
_OPENS = rf"(?:(?:a|de|dans|par|pour|sur|avec|aupres de|jusqu'a|depuis|sous|d') ?)?(?:quel(?:le)?s?|combien|quand|comment|pourquoi|qui|quoi|lequel|laquelle|est[- ]ce|qu'est|{_INVERTED})\b|jusqu'a quand|ou (?:depos|faut|doit|dois|peut|en est|se|trouver|envoyer|adresser)\w*|que (?:finance|faut|doit|se passe|devient|couvre)\w*"
# A second question coordinated to the first: « … et quelle est la date limite ? ».
_AND = re.compile(
    rf"(?:,? (?:et|ainsi que|puis|mais|mais aussi|et aussi|et puis|et sinon|et si oui,?|si oui,?|ou encore|sinon|enfin),? |, (?!(?:a|de|dans|par|pour|sur|avec) (?:laquelle|lequel|lesquel\w+)\b))(?={_OPENS}|(?:et )?si (?:oui|non)\b)"
)
_AND_YEAR = re.compile(r",? et (?:(?:en|pour|celle de|celui de) )(?=20\d\d\b(?!/))")
# Two subjects told by their nouns: « date limite en Bretagne et seuil en Martinique ? ».
_SUBJECT = r"(?:seuil|minimum|dates? limites?|cloture|montants?|forfaits?|enveloppes?|budget|voie|calendrier)"
_AND_SUBJECT = re.compile(rf"(?:,| et| ainsi que) (?=(?:le |la |les |l'|quel\w* )?{_SUBJECT}\b)")
_BETWEEN_YEARS = re.compile(
    r"\bentre\b|\bde 20\d\d a\b|\bchang\w*|\bdifferen\w*|\bcompar\w*|\bcumul\w*|\btotal\b|\bevolu\w*"
)
_INDIRECT = re.compile(
    r"\b(?:savoir|indiquer|dire|preciser|confirmer|expliquer|rappeler|(?<!nous )demande|demander|connaitre|comprendre)\b (?:\w+ )?(?:si|s'|ce|que|quel\w*|comment|combien|quand|ou|qui|la|le|les|l'|un|une|pourquoi)"
)
_HEAD = r"\W*(?:(?:alors|donc|bonjour|et|mais|du coup|aussi|sinon|enfin|dans ce cas),? )*"
_PUT = rf"\b{_INVERTED}\b|\best[- ]ce qu|\bqu'est-ce\b|\bc'est quoi\b|\bc koi\b|\bveut dire\b"
_QUESTION = re.compile(rf"(?:^|: ){_HEAD}(?:{_OPENS})|{_PUT}")
_DIRECT = re.compile(rf"^{_HEAD}(?:{_OPENS})|{_PUT}")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)]|[a-d]\))\s+")
_LEAD = re.compile(
    r"^\W*(?:(?:et|puis|ainsi que|mais aussi|enfin|aussi|sinon|mais|d'autre part|par ailleurs|deuxiemement|secundo|ensuite|(?:[-*•]|\d{1,2}[.)]|[a-d]\)))[ ,]+)+"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'/-]{2,}")
_JOINED = re.compile(r"^\W*(?:et|ainsi que|puis|mais|ou|sinon|si (?:oui|non))\b|^ ?,")
# What makes a question of a fragment: a figure, an interrogative word, or « et » and a new subject.
_STANDS = re.compile(
    rf"\d|{_QUESTION.pattern}|^\W*et (?:si |pour |en |a |au |aux |avec |dans |chez )?(?:un |une |le |la |les |des |l')?\w{{2,}}"
)


@dataclass(frozen=True)
class Question:
    """A question in the user's words; ``joined`` to the one before it (« et quelle… »), or opening afresh."""

    text: str
    joined: bool = False


@dataclass(frozen=True)
class Parted:
    """A message in parts: ``context`` is what it states, ``questions`` what it asks, in order."""

    context: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Clause:
    """A sentence, or a question coordinated inside one: its words, its folded text, and whether it asks.

    ``joined``: it leans on the clause before it (« et quelle… »); ``short``: too short to stand by itself.
    """

    words: str
    plain: str
    asks: bool
    joined: bool
    short: bool


def part_clauses(text: str) -> list[Clause]:
    """Return the clauses of a text, in order."""
    folded = fold(text)
    return [
        Clause(
            words=folded.words(start, end),
            plain=folded.plain[start:end],
            asks=asks,
            joined=bool(_JOINED.match(folded.plain[start:end])),
            short=len(_WORD.findall(folded.plain, start, end)) < 2
            and not _STANDS.search(folded.plain[start:end]),
        )
        for start, end, asks in _clauses(folded)
        if folded.words(start, end).strip(" ,;.?!")
    ]


def without_lead(clause: Clause, *, first: bool) -> str:
    """Return the words of a question without what ties it to the sentence before it, or the mark of an item."""
    folded = fold(clause.words)
    lead = (_ITEM if first else _LEAD).match(folded.plain)
    return (folded.words(lead.end(), len(folded.plain)) if lead else clause.words).lstrip(" ,")


def part_questions(text: str) -> Parted:
    """Return the statements and the questions of a message, in order.

    A fragment too short to stand is joined to the question before it.
    """
    context: list[str] = []
    questions: list[Question] = []
    for clause in part_clauses(text):
        if not clause.asks:
            context.append(clause.words)
        elif questions and clause.short:
            last = questions.pop()
            questions.append(Question(f"{last.text} {clause.words}", last.joined))
        else:
            words = without_lead(clause, first=not questions)
            questions.append(Question(words, bool(questions and clause.joined)))
    return Parted(" ".join(context), tuple(questions))


def _clauses(folded: Folded) -> list[tuple[int, int, bool]]:
    """Return the place of each clause (a sentence, or a question coordinated inside one) and whether it asks."""
    clauses, start = [], 0
    for match in _END.finditer(_lines(folded)):
        clauses += _coordinated(folded.plain, start, match.end())
        start = match.end()
    return [*clauses, *_coordinated(folded.plain, start, len(folded.plain))]


def _lines(folded: Folded) -> str:
    """Return the folded text with the line breaks of the original, which folding makes spaces."""
    return "".join(
        "\n" if folded.original[place] == "\n" else char
        for char, place in zip(folded.plain, folded.at, strict=True)
    )


def _coordinated(plain: str, start: int, end: int) -> list[tuple[int, int, bool]]:
    sentence = plain[start:end]
    cuts = {match.start() for match in _AND.finditer(sentence) if _asks(sentence[: match.start()] + " ")}
    if "?" in sentence and not _BETWEEN_YEARS.search(sentence):
        years = [match.start() for match in re.finditer(r"\b20\d\d\b", sentence)]
        cuts |= {
            match.start() for match in _AND_YEAR.finditer(sentence) if years and years[0] < match.start()
        }
        named = re.search(rf"\b{_SUBJECT}\b", sentence)
        cuts |= {
            match.start()
            for match in _AND_SUBJECT.finditer(sentence)
            if named and named.start() < match.start()
        }
    places = [0, *sorted(cuts), len(sentence)]
    # In a sentence cut in questions, each part is one, with its own mark or not.
    return [
        (start + first, start + last, bool(cuts) or _asks(sentence[first:last]))
        for first, last in pairwise(places)
    ]


def opens_question(plain: str) -> bool:
    """Whether a folded clause is put as a question: a mark, an interrogative at its start, an inversion."""
    return "?" in plain or bool(_DIRECT.search(plain))


def _asks(clause: str) -> bool:
    return "?" in clause or bool(_QUESTION.search(clause) or _INDIRECT.search(clause))
