"""What the assistant understands of a conversation: the last message, read in the light of the others."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.rules.facts import Facts, Filing, Period, Stated
from assistant.understanding.again import asked_again
from assistant.understanding.dates import find_impossible, find_spans
from assistant.understanding.facts import find_labelled, merge_facts, read_facts
from assistant.understanding.intents import Intent, Speech, Topic, find_intents, find_speech, find_topics
from assistant.understanding.questions import Question, part_questions
from assistant.understanding.spelling import mend
from assistant.understanding.stating import Statement, find_statement, merge_statement, restate
from assistant.understanding.terms import DEFINITION_CUE, find_terms
from assistant.understanding.text import Folded, clean, fold

_OPENING = re.compile(
    r"^(?:et|ou|mais|non|oui|ok|alors|donc|pourtant|pourquoi|sinon|meme|idem|si|and|but|why|dans ce cas|c'est-a-dire|"
    r"comment ca|tu es sur|vous etes sur|en fait|finalement|plutot|pardon|desolee?|erreur|je voulais dire|c'etait|c'est plutot|ah|euh|celui|celle|ceux)\b"
)
_BACKWARD = re.compile(
    r"\b(?:celui|celle|ceux|celles|cela|ca|y|en|le dit|la meme|le meme|pareil|ce (?:chiffre|montant|seuil))\b"
)
# A question whose subject is only a pronoun speaks of what was said before.
_PRONOUN = re.compile(
    r"^(?:(?:quand|comment|pourquoi|combien|ou|qui|que|quel\w*|qu'|depuis quand) ?)?(?:n'|ne |s'|se |y )?[a-z]+(?:-t)?-(?:il|elle|ils|elles)\b"
)
_IMPERSONAL = re.compile(
    r"^(?:(?:quand|comment|pourquoi|combien|ou|que|quel\w*) )?(?:faut|y a|existe|s'agit|est|suffit|reste|convient)(?:-t)?-il\b(?! (?:ferme|ouvert|obligatoire|finance|modifie))"
)
# « avec 15 c'est bon ? »: a number alone, and whether it is enough, can only be that of the ESSMS.
_BARE = re.compile(
    r"\W*(?:et )?(?:si )?(?:(?:avec|a|pour) (?:seulement |juste )?|(?:on est|on a|nous sommes|nous avons) )?\d{1,3},? (?:est[- ]ce (?:que )?|ca |c'est |c |cela )?(?:bon|assez|suffi\w*|passe|ok|eligible|recevable)\b"
)
_RECOUNTED = re.compile(r"\b(?:re)?(?:compte|verifie|pointe)e?s?\b[^\d?]{0,20}\d")
_WORD = re.compile(r"[a-z0-9][a-z0-9'/.-]*")
_EMPTY = frozenset(
    [
        "et",
        "ou",
        "mais",
        "non",
        "oui",
        "ok",
        "alors",
        "donc",
        "pourtant",
        "pourquoi",
        "sinon",
        "meme",
        "pour",
        "par",
        "dans",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "un",
        "une",
        "en",
        "a",
        "au",
        "aux",
        "celui",
        "celle",
        "ceux",
        "ca",
        "cela",
        "c'est",
        "est",
        "ce",
        "que",
        "qui",
        "quoi",
        "si",
        "y",
        "on",
        "nous",
        "vous",
        "je",
        "tu",
        "il",
        "elle",
        "quel",
        "quelle",
    ]
)
_ENGLISH = re.compile(
    r"\b(?:the|are|we|is|our|what|when|where|how|can|do|does|did|hello|for|which|still|apply|unit|hospital|submit|who)\b"
)
_FRENCH = re.compile(
    r"\b(?:le|la|les|des|est|nous|vous|que|pour|dans|une|quel\w*|notre|nos|quoi|comment|combien)\b"
)


@dataclass(frozen=True)
class Reading:
    """The last message understood.

    ``own`` are the facts it states itself, ``facts`` those of the whole conversation; ``query`` is the
    question made to stand alone for the search; ``follows`` says that it leans on the previous turns;
    ``impossible`` is a day it names that no calendar has; ``intents`` is what it wants.

    ``statement`` is what a message states that asks nothing, after a question: the reading is then that of the
    earlier question, asked again with these facts. ``elliptic``: the question itself leans on turns before it.
    """

    question: str
    plain: str
    topics: frozenset[Topic]
    speech: Speech | None
    own: Facts
    facts: Facts
    query: str
    follows: bool
    english: bool
    impossible: str = ""
    intents: tuple[Intent, ...] = ()
    statement: Statement | None = None
    elliptic: bool = False


def _content_words(plain: str) -> list[str]:
    return [word for word in _WORD.findall(plain) if word not in _EMPTY]


def _leans(plain: str, topics: frozenset[Topic]) -> bool:
    """Whether a message only makes sense with the previous one."""
    count = len(_content_words(plain))
    if _OPENING.match(plain):
        return count <= 9
    if _BACKWARD.search(plain) and count <= 5:
        return True
    if _PRONOUN.match(plain) and not _IMPERSONAL.match(plain) and count <= 7:
        return True
    return (count <= 2 and not topics and "?" in plain) or count <= 1


def _follows(folded: Folded, topics: frozenset[Topic], before: Reading, today: date, *, same: bool) -> bool:
    """Whether a message leans on the one before; ``same``: both are questions of one message."""
    plain = folded.plain
    leans = _leans(plain, topics)
    own = read_facts(folded, today)
    if same:
        return leans and not topics and bool(_backward(plain) or _scope(own))
    if leans and _stands_alone(plain, topics, own):
        return False
    answers = not topics and "?" not in plain and bool(before.topics) and _only_states(own)
    return leans or answers  # « On garde notre logiciel » answers


def _stands_alone(plain: str, topics: frozenset[Topic], own: Facts) -> bool:
    """Whether a message states a project and asks of it: « 12 ESSMS en Bretagne, pouvons-nous déposer ? »."""
    return bool(own.nombre_essms and topics & _PROJECT and "?" in plain and not _OPENING.match(plain))


def _only_states(own: Facts) -> bool:
    """Whether a message states a fact that a rule may have asked for."""
    return any(
        getattr(own, name)
        for name in (
            "finess_geo",
            "l312_1",
            "choix",
            "eligible_sons",
            "domaine",
            "heures_essentielles",
            "heures_confort",
            "nombre_regions",
        )
    )


def _backward(plain: str) -> bool:
    """Whether words of the message point back to what was said."""
    return bool(_OPENING.match(plain) or _BACKWARD.search(plain) or _PRONOUN.match(plain))


def _scope(own: Facts) -> bool:
    """Whether a message states a year, a track, a place or structures: what makes a question of a fragment."""
    return bool(
        own.campagne or own.voie or own.territoires or own.categories or own.nombre_essms or own.date_depot
    )


def _asked_of(before: Reading, own: Facts, cleaned: str, plain: str) -> str:
    """Return the earlier question asked of another year, place or track: what « et en Martinique ? » means.

    A fragment that only gives a new scope takes the place of the old one; what says more is added.
    """
    query, told = before.query, True
    if own.campagne:
        year = own.campagne.value[:4]
        query, changed = re.subn(r"\b20\d\d\b", year, query, count=1)
        told = bool(changed)
    if own.territoires and before.facts.territoires:
        old = next((place.words for place in before.facts.territoires if place.words in query), "")
        told = told and bool(old)
        query = query.replace(old, own.territoires[0].words, 1) if old else query
    elif own.territoires:
        told = False
    if own.voie and before.facts.voie and before.facts.voie.words in query:
        query = query.replace(before.facts.voie.words, own.voie.words, 1)
    elif own.voie:
        told = False
    scoped = bool(own.campagne or own.territoires or own.voie)
    if scoped and told and len(_content_words(_SCOPE_WORDS.sub(" ", plain))) <= 1 + len(own.territoires):
        return query
    return f"{query} {cleaned}"


_SCOPE_WORDS = re.compile(
    r"\b20\d\d\b|\b(?:campagne|annee|region\w*|multi-?region\w*|nation\w*|projet|appel|voie|niveau|celle|celui|dans|chez|cote)\b"
)
_NOW = re.compile(r"\b(?:maintenant|aujourd'?hui|actuellement|a present|cette annee|en ce moment)\b")


_DAY_ALONE = re.compile(r"\ble (?P<day>\d{1,2})(?:er)?\b(?! ?(?:essms|esms|etab|struct|serv|%))")


def _filed_again(folded: Folded, own: Facts, before: Filing, today: date) -> Facts:
    """Return the facts with the filing's day corrected: « pardon, le 22 septembre », « le 14 », « et fin août ? »."""
    if own.date_citee:
        filed = Stated[Filing](Period.day(own.date_citee.value), own.date_citee.words)
        return replace(own, date_depot=filed, date_citee=None)
    first = before.first if isinstance(before, Period) else today
    if spans := find_spans(folded.plain, today, first.year):
        span = spans[-1]
        return replace(own, date_depot=Stated[Filing](span.when, folded.words(span.start, span.end)))
    if match := _DAY_ALONE.search(folded.plain):
        day = int(match["day"])
        if 1 <= day <= monthrange(first.year, first.month)[1]:
            words = folded.words(match.start(), match.end())
            return replace(own, date_depot=Stated[Filing](Period.day(first.replace(day=day)), words))
    return own


def _relative_year(plain: str, before: Facts) -> Stated[str] | None:
    """Return the campaign that « l’année d’avant » or « l’année suivante » means after another one."""
    if before.campagne is None or not before.campagne.value[:4].isdigit():
        return None
    for pattern, shift in (
        (r"\b(?:annee|campagne) (?:d'avant|precedente)|\bl'an(?:nee)? (?:d'avant|passe)", -1),
        (r"\b(?:annee|campagne) (?:d'apres|suivante)", 1),
    ):
        if match := re.search(pattern, plain):
            return Stated(str(int(before.campagne.value[:4]) + shift), match[0])
    return None


_OTHER_CASE = re.compile(
    r"^\W*(?:(?:c'est |maintenant |voici )?(?:un|une) )?autre (?:cas|projet|situation|dossier|association)\b|^\W*autre chose\b"
)


def read_message(text: str, before: Reading | None, today: date, *, same: bool = False) -> Reading:
    """Return the reading of one message after the reading of the previous one, if any.

    ``same``: both are questions of the same message, so that what the first one states holds for the second.
    """
    cleaned = clean(text)
    folded = mend(fold(cleaned))
    plain = folded.plain
    topics, speech = find_topics(plain), find_speech(plain)
    if _OTHER_CASE.match(plain):
        before = None
    if before and not same and (statement := _statement(folded, before, today)):
        return _asked_again(before, statement)
    follows = before is not None and speech is None and _follows(folded, topics, before, today, same=same)
    bare = follows and bool(re.fullmatch(r"\W*(?:\w+\W+){0,3}\d+\W*(?:\w+\W*){0,2}", plain))
    bare = bare or bool(follows and _RECOUNTED.search(plain))
    own = read_facts(folded, today, bare_number=bare or bool(_BARE.match(plain)))
    if follows and before and own.campagne is None and (year := _relative_year(plain, before.facts)):
        own = replace(own, campagne=year)
    if follows and before and before.facts.date_depot and not own.date_depot:
        own = _filed_again(folded, own, before.facts.date_depot.value, today)
    if follows and before and _NOW.search(plain) and own.campagne is None:
        before = replace(before, facts=replace(before.facts, campagne=None))  # « et maintenant ? »
    if before is None:
        facts = own
    else:
        kept = replace(before.facts, date_citee=None)  # a day only quoted was answered with its own question
        if not (follows or same):
            kept = replace(kept, date_depot=None)
        if not follows and not same:
            kept = replace(kept, campagne=None, voie=None)
        facts = merge_facts(kept, own)
    query = cleaned
    if follows and before:
        query = _asked_of(before, own, cleaned, plain)
        topics = topics or before.topics
        if (
            before.topics
            and not topics & before.topics
            and topics <= {Topic.ELIGIBILITE, Topic.RECEVABILITE, Topic.OUVERT}
        ):
            topics = topics | before.topics
    english = bool(
        len(_ENGLISH.findall(plain)) >= 2 and len(_ENGLISH.findall(plain)) > len(_FRENCH.findall(plain))
    )
    impossible = folded.words(*wrong) if (wrong := find_impossible(plain)) else ""
    defines = bool(DEFINITION_CUE.search(plain))
    described = bool(own.nombre_essms or own.categories or own.finess_geo or own.l312_1 or own.sans_finess)
    intents = find_intents(
        plain, topics, speech, defines=defines, filed=own.date_depot is not None, described=described
    )
    return Reading(
        cleaned,
        plain,
        topics,
        speech,
        own,
        facts,
        query,
        follows,
        english,
        impossible,
        intents,
        elliptic=follows,
    )


_ONE_NUMBER = re.compile(r"\W*(?:\w+\W+){0,3}\d+\W*(?:\w+\W*){0,2}")
_PROJECT = frozenset([Topic.ELIGIBILITE, Topic.SEUIL, Topic.VOIE, Topic.RECEVABILITE, Topic.OUVERT])
# What a speech asks for can be asked again; thanks, refusals and the like cannot.
_REPEATED = frozenset([None, Speech.CONTACT, Speech.VENDOR, Speech.PREDICTION, Speech.DRAFT])
# Questions that a number of ESSMS answers; after any other, a project told in free words is a matter of its own.
_COUNTED = frozenset(
    [
        Topic.ELIGIBILITE,
        Topic.SEUIL,
        Topic.VOIE,
        Topic.CLOTURE,
        Topic.OUVERTURE,
        Topic.RECEVABILITE,
        Topic.OUVERT,
        Topic.MONTANT,
        Topic.MATERIEL,
    ]
)


def _statement(folded: Folded, before: Reading, today: date) -> Statement | None:
    """Return what a message only states after a question, which is then asked again."""
    asked = before.topics or before.intents or "?" in before.plain or before.own != Facts()
    if "?" in folded.plain or before.speech not in _REPEATED or not asked:
        return None
    dated = before.facts.date_depot is not None and _DAY_ALONE.search(folded.plain)
    bare = not dated and bool(_ONE_NUMBER.fullmatch(folded.plain))
    own = read_facts(folded, today, bare_number=bare)
    if not own.date_depot:
        own = _answering_day(folded, own, before, today)
    statement = find_statement(folded, own, today)
    if statement and own.nombre_essms and "nombre_essms" not in statement.labelled:
        told = before.facts.nombre_essms or before.facts.categories or before.own.territoires
        asks = "?" in before.plain and not before.topics & _COUNTED
        return None if asks and not told else statement
    return statement


def _answering_day(folded: Folded, own: Facts, before: Reading, today: date) -> Facts:
    """Return the facts with a day told alone read as that of the filing, where one was told or is asked about."""
    if own.date_citee and "date_citee" in find_labelled(folded, today).facts:
        return own
    if before.facts.date_depot:
        return _filed_again(folded, own, before.facts.date_depot.value, today)
    if Topic.RECEVABILITE in before.topics and own.date_citee:
        filed = Stated[Filing](Period.day(own.date_citee.value), own.date_citee.words)
        return replace(own, date_depot=filed, date_citee=None)
    return own


def _asked_again(before: Reading, statement: Statement) -> Reading:
    """Return the reading of an earlier question with the facts of a statement: they replace those told before."""
    facts = merge_statement(before.facts, statement)
    question, _ = restate(before.question, before.facts, facts, statement)
    query, left = restate(before.query, before.facts, facts, statement)
    return replace(
        before,
        question=question,
        plain=mend(fold(question)).plain,
        own=merge_statement(before.own, statement),
        facts=facts,
        query=" ".join([query, *left]),
        follows=True,
        statement=statement,
    )


def read_conversation(turns: Sequence[str], today: date) -> Reading:
    """Return the reading of the last turn as one message; earlier turns give facts and context.

    Raises:
        ValueError: There is no turn.
    """
    if not turns:
        raise ValueError("a conversation holds at least one turn")
    earlier = _read_earlier(turns, today)
    return read_message(turns[-1], earlier[-1][1] if earlier else None, today)


# Between a question and what follows it, these leave the question where it was.
_IDLE = frozenset([Speech.GREETING, Speech.THANKS, Speech.UNSURE])


def _read_earlier(turns: Sequence[str], today: date) -> list[tuple[str, Reading]]:
    """Return the turns before the last one that say something, each with its reading in the light of those before it."""
    read: list[tuple[str, Reading]] = []
    for turn in turns[:-1]:
        reading = read_message(turn, read[-1][1] if read else None, today)
        if reading.speech is Speech.RESTART:
            read = []
        elif not (reading.speech in _IDLE or asked_again(("", turn))[1]):
            read.append((turn, reading))
    return read


def read_questions(turns: Sequence[str], today: date) -> tuple[Reading, ...]:
    """Return a reading for each question that the last turn asks, in order; one for a message that asks one.

    What the message states holds for each of its questions. A message that must be taken whole (an injection, a
    letter to write) is never parted.

    Raises:
        ValueError: There is no turn.
    """
    if not turns:
        raise ValueError("a conversation holds at least one turn")
    earlier = _read_earlier(turns, today)
    before = earlier[-1][1] if earlier else None
    whole = read_message(turns[-1], before, today)
    if whole.statement is None:
        return _read_parts(turns[-1], whole, before, today)
    statements = [whole.statement]
    while earlier and (stated := earlier[-1][1].statement):
        statements.append(stated)
        earlier.pop()
    turn, asked = earlier.pop()
    parts = _read_parts(turn, asked, earlier[-1][1] if earlier else None, today)
    for statement in reversed(statements):
        parts = tuple(_asked_again(part, statement) for part in parts)
    return parts


def _read_parts(turn: str, whole: Reading, before: Reading | None, today: date) -> tuple[Reading, ...]:
    """Return a reading for each question of a turn, ``whole`` being its reading as one message."""
    if whole.speech in _WHOLE:
        return (whole,)
    parted = part_questions(turn)
    if len(parted.questions) < 2:
        return (whole,)
    first, *others = parted.questions[:MAXIMUM_QUESTIONS]
    readings = [read_message(f"{parted.context} {first.text}", before, today)]
    said = read_facts(mend(fold(clean(parted.context))), today)
    for question in others:
        reading = _read_next(question, readings[-1], said, today)
        if not _stands(reading):
            return (whole,)
        readings.append(reading)
    return tuple(readings)


def _read_next(question: Question, before: Reading, said: Facts, today: date) -> Reading:
    """Return the reading of a further question of a message.

    What the message states (``said``) holds for it; the year and track of the question before it only when it
    is joined to that one.
    """
    if not question.joined:
        kept = replace(before.facts, campagne=said.campagne, voie=said.voie)
        before = replace(before, facts=kept)
    asked = fold(question.text).plain.strip(" ?!.,")
    return read_message(_ELLIPSES.get(asked, question.text), before, today, same=True)


# What a word alone asks of the project told before it: « quelle voie, combien et jusqu'à quand ? ».
_ELLIPSES = {"combien": "Quel est le montant de l'aide ?"}


def read_asked(
    context: str, questions: Sequence[Question], today: date, earlier: str = ""
) -> tuple[Reading, ...]:
    """Return the reading of each question of one message, told apart by the caller.

    ``context`` is what the message states, ``earlier`` what was stated before it, which it may correct.
    """
    before = None
    for text in (earlier, context):
        if text.strip():
            before = _read_statements(text, before, today)
    said = before.facts if before else Facts()
    stated = before
    readings: list[Reading] = []
    for question in questions:
        if stated and before and not question.joined:
            before = replace(before, facts=_with_project(stated.facts, before.facts))
        before = (
            _read_next(question, before, said, today) if before else read_message(question.text, None, today)
        )
        if stated:
            before = _of_ours(before, stated.facts)
        readings.append(before)
    return tuple(readings)


_FILED = re.compile(r"\b(?:dossiers?|candidatures?|demandes?|projets?|depos\w*|depot\w*|candidat\w*)\b")
_NOT_FILED = re.compile(
    r"\b(?:non|pas|jamais|plus|impossible|sans) (?:\w+ ){0,3}?(?:depos\w*|depot\w*|envoy\w*|transm\w*)|\b(?:mails?|courriels?|messages?|relances?|appels?) (?:\w+ ){0,3}?(?:depuis|du|le|en|d')\b"
)


def _tells_filing(plain: str, words: str) -> bool:
    """Whether the sentence in which a day of filing was read is about a file, and one that was or will be filed."""
    said = next((sentence for sentence in re.split(r"[.!?;]\s", plain) if words in sentence), plain)
    return bool(_FILED.search(said)) and not _NOT_FILED.search(said)


def _of_ours(question: Reading, stated: Facts) -> Reading:
    """Return a question about one's own case with what the message states as told of it.

    One that names structures or a number of its own is about these. The number of ESSMS and their place make a project
    of it only when it asks about the project.
    """
    own = question.own
    if own.categories or own.nombre_essms or not question.topics or not _OF_OURS.search(question.plain):
        return question
    if not _asks_of_project(question):
        stated = replace(stated, nombre_essms=None, territoires=(), nombre_regions=None, variation=None)
        stated = replace(stated, categories=tuple(replace(one, nombre=None) for one in stated.categories))
    return replace(question, own=merge_facts(stated, own))


def _asks_of_project(question: Reading) -> bool:
    """Whether a question is whether the project may apply, and not what is paid, decided or accepted late."""
    if question.topics & {Topic.SEUIL, Topic.VOIE}:
        return True
    other = question.topics & _OF_ELSE or _LATE_FILING.search(question.plain)
    return bool(question.topics & _ASKS_OF_PROJECT) and not other


_OF_ELSE = frozenset(
    [
        Topic.PART,
        Topic.TYPE,
        Topic.MONTANT,
        Topic.MATERIEL,
        Topic.CUMUL,
        Topic.REFERENCEMENT,
        Topic.DECISION,
        Topic.BUDGET,
    ]
)
_LATE_FILING = re.compile(
    r"\b(?:hors delais?|trop tard|en retard|retardataire\w*|delai supplementaire|apres la (?:date|cloture))\b"
)
_ASKS_OF_PROJECT = frozenset([Topic.ELIGIBILITE, Topic.SEUIL, Topic.VOIE, Topic.OUVERT])


# A question about one's own case: what the message states is then told of it.
_OF_OURS = re.compile(
    r"\b(?:nous|notre|nos|on|je|j'|mon|ma|mes|we|our|i|cela|ca|seule?s?|(?:ce|le|la|cette) (?:projet|dossier|demande|candidature|structure))\b|-(?:t-)?(?:ils?|elles?|on|nous|je)\b"
)


def _read_statements(text: str, before: Reading | None, today: date) -> Reading:
    """Return the reading of what a message only states: its facts, in the light of those told before."""
    cleaned = clean(text)
    folded = mend(fold(cleaned))
    own = read_facts(folded, today)
    if own.date_depot and not _tells_filing(folded.plain, fold(own.date_depot.words).plain):
        own = replace(own, date_depot=None)
    facts = merge_facts(before.facts, own) if before else own
    none: frozenset[Topic] = frozenset()
    return Reading(cleaned, folded.plain, none, None, own, facts, cleaned, follows=False, english=False)


# What an earlier question tells of the project itself, and not of what it supposes.
_OF_THE_PROJECT = ("nombre_essms", "territoires", "nombre_regions", "essms_du_gestionnaire")


def _with_project(stated: Facts, told: Facts) -> Facts:
    """Return what a message states with what its earlier questions tell of the project."""
    added = {name: getattr(told, name) for name in _OF_THE_PROJECT if not getattr(stated, name)}
    return replace(stated, **added)


MAXIMUM_QUESTIONS = 8  # answered in one message: the others are said to be left


def questions_left(message: str) -> int:
    """Return how many questions of a message are beyond what one answer takes."""
    return max(0, len(part_questions(message).questions) - MAXIMUM_QUESTIONS)


_WHOLE = frozenset(
    [Speech.INJECTION, Speech.FRAUD, Speech.PERSONAL, Speech.DRAFT, Speech.LONG_WRITING, Speech.RESTART]
)


def _stands(reading: Reading) -> bool:
    """Whether a question cut from a message can be answered by itself: it names a subject, or a new scope."""
    subject = find_topics(reading.plain) or reading.speech or DEFINITION_CUE.search(reading.plain)
    return bool(
        subject
        or reading.intents
        or _scope(reading.own)
        or find_terms(reading.question)
        or len(_content_words(reading.plain)) >= 2
    )
