"""Turn what was understood, judged and found into the sentences of an answer, without a language model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from assistant.answer import Kind, Status
from assistant.composing.bounds import misuse_of, names_acronym
from assistant.composing.definitions import compose_definitions
from assistant.composing.draft import Draft, Sentence, reported
from assistant.composing.french import join, low
from assistant.composing.polarity import verdict_of
from assistant.composing.replies import out_of_scope, reply_to, say
from assistant.composing.selection import Question, Scored, select
from assistant.composing.settling import settle
from assistant.composing.verdict_calendar import window_note
from assistant.composing.verdicts import compose_verdict
from assistant.judging import Judge, Ruling
from assistant.rules.coherence import check_texte
from assistant.rules.deadline import check_ouvert
from assistant.rules.result import Outcome
from assistant.understanding.intents import Intent, Speech, Topic
from assistant.understanding.reading import Reading
from assistant.understanding.senses import Sense
from assistant.understanding.text import fold
from corpus.sources import Source
from index.french import stem
from index.passage import Hit, Passage

# A passage this near to a question is about the same thing; a statement further than the other is not its answer.
RELATED_COSINE = 0.862
CONFIDENT = 0.15
DOCUMENT_RANK = 5  # an added document speaks for the rules only when it is among the best passages

_PROJECT_RULES = ("groupement.seuil", "groupement.voie", "eligibilite.categorie", "eligibilite.structure")


@dataclass(frozen=True)
class Material:
    """What a composition starts from."""

    reading: Reading
    ruling: Ruling
    hits: Sequence[Hit]
    day: date
    sense: Sense = field(default_factory=Sense)
    outside: bool = False  # whether the whole message is about something else than the programme
    message: str = ""
    document_words: frozenset[str] = frozenset()  # stems of the question that only added documents have


def compose(material: Material, judge: Judge, sources: Mapping[str, Source]) -> Draft:
    """Return the draft of an answer.

    The order is that of trust: what is not a question, then a ruling, then a definition, then statements.
    """
    reading = material.reading
    if reading.impossible:
        text = say("impossible_day", words=reading.impossible)
        return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [Sentence(text)])
    if reading.speech is Speech.INJECTION:
        return _injection(material, judge, sources)
    if draft := _of_a_document(material, sources):
        return draft
    speech = reading.speech or (None if reading.follows else misuse_of(material.sense, material.hits))
    if speech is Speech.INJECTION:
        return _injection(material, judge, sources)
    if (
        material.outside
        and speech in (None, Speech.CONTACT)
        and not (defined_by(material) or _in_document(material))
    ):
        return out_of_scope()
    if speech is Speech.DRAFT:
        return _letter(_answer(material, judge, sources))
    if speech is Speech.COMPLAINT and reading.intents != (Intent.RECLAMATION,):
        draft = _answer(material, judge, sources)
        return replace(draft, sentences=[Sentence(say("complaint_first")), *draft.sentences])
    if speech and (reply := reply_to(speech)):
        if speech is Speech.VENDOR and not _vendor_only(reading):
            return _answer(material, judge, sources)
        return reply
    return _answer(material, judge, sources)


_LABELS = {
    Intent.ELIGIBILITE: "Sur l’éligibilité :",
    Intent.ECHEANCE: "Sur les dates :",
    Intent.VOIE: "Sur la voie de dépôt :",
    Intent.FINANCEMENT: "Sur le financement :",
    Intent.MONTANT: "Sur les montants :",
    Intent.DEFINITION: "Sur le vocabulaire :",
    Intent.PROCEDURE: "Sur les démarches :",
    Intent.CHIFFRES: "Sur les chiffres du programme :",
    Intent.COMPARAISON: "Sur les sources :",
}
_OTHER = "Sur votre autre question :"
_RANK = (Kind.ANSWER, Kind.CLARIFICATION, Kind.ABSTENTION, Kind.REFUSAL)


def join_drafts(drafts: Sequence[tuple[Reading, Draft]], left: int = 0) -> Draft:
    """Return one draft for all the questions of a message: the first answers at once, the others are announced.

    A sentence already said is not repeated. The whole is an answer as soon as one question has one. ``left``: how
    many questions of the message are not among these.
    """
    (reading, first), *others = drafts
    if not others:
        return first
    sentences, said = list(first.sentences), {sentence.text for sentence in first.sentences}
    last = _label(reading)
    for reading, draft in others:
        new = [sentence for sentence in draft.sentences if sentence.text not in said]
        if not new:
            continue
        label = _label(reading)
        sentences += [Sentence(f"**{label}**"), *new] if label != last else new
        last = label
        said |= {sentence.text for sentence in new}
    if left:
        sentences.append(Sentence(say("questions_left")))
    kinds = [draft.kind for _, draft in drafts]
    kind = min(kinds, key=_RANK.index)
    best = next(draft for _, draft in drafts if draft.kind is kind)
    partial = kind is Kind.ANSWER and any(other is not Kind.ANSWER for other in kinds)
    return Draft(kind, Status.PARTIAL if partial else best.status, sentences)


def _label(reading: Reading) -> str:
    return next((_LABELS[intent] for intent in reading.intents if intent in _LABELS), _OTHER)


def _vendor_only(reading: Reading) -> bool:
    return not re.search(
        r"\b(?:referenc\w*|exigence\w*|obligat\w*|conform\w*|vague|finance\w*|change\w*|aide)\b",
        reading.plain,
    )


def _injection(material: Material, judge: Judge, sources: Mapping[str, Source]) -> Draft:
    """Refuse the instruction, then answer what remains of the question when a rule can."""
    refusal = reply_to(Speech.INJECTION)
    sentences = list(refusal.sentences) if refusal else []
    if material.ruling.results:
        sentences += compose_verdict(material.ruling, material.reading, material.day, judge).sentences
    elif re.search(r"\binstruction\w*\b.*\b20\d\d|\bprolong\w*|\bdelais?\b", material.reading.plain):
        found = check_ouvert(material.day, judge.data.parameters)
        text = check_texte(material.day, judge.data.parameters)
        if number := text.values.get("texte"):
            known = f"Le dernier texte connu des sources lues est l’instruction {number} ; aucun autre n’y apparaît."
            sentences.append(reported(text, known))
        sentences += window_note(found, material.day)
    return Draft(Kind.REFUSAL, Status.NOT_ALLOWED, sentences)


def _letter(draft: Draft) -> Draft:
    """Frame an answer as a reply that staff can edit."""
    if draft.kind is Kind.REFUSAL:
        return draft
    framed = [Sentence(say("draft_opening")), *draft.sentences, Sentence(say("draft_closing"))]
    return Draft(draft.kind, draft.status, framed)


def defined_by(material: Material) -> list[Sentence]:
    """Return the definitions that a message asks for, when no rule judges it."""
    return [] if material.ruling.results else compose_definitions(material.reading.question)


def _of_a_document(material: Material, sources: Mapping[str, Source]) -> Draft | None:
    """Return what an added document answers to a question put in words of its own: « le webinaire », « l’annexe F ».

    Neither a rule nor a refusal knows these words. A message that states a project is left to the rules.
    """
    own = material.reading.own
    if not material.document_words or own.nombre_essms or own.categories or own.date_depot:
        return None
    chosen = select(material.hits, Question.from_reading(material.reading), sources)
    if not chosen or chosen[0].hit.passage.kind != "document":
        return None
    if not material.document_words & frozenset(stem(chosen[0].hit.passage.indexed_text)):
        return None
    return _statements(material, sources)


def _answer(material: Material, judge: Judge, sources: Mapping[str, Source]) -> Draft:
    reading, ruling = material.reading, material.ruling
    if ruling.results:
        draft = _with_reminder(compose_verdict(ruling, reading, material.day, judge), material)
        draft = _turned(draft, reading, ruling.results[0].rule)
        if draft.kind is Kind.ABSTENTION and (added := _from_documents(material, sources)):
            return Draft(Kind.ANSWER, Status.PARTIAL, added)
        if ruling.results[0].rule == "textes.applicable":
            return Draft(draft.kind, draft.status, [*draft.sentences, *_about_text(material)])
        if ruling.results[0].rule in _PROJECT_RULES and ruling.latest and _about_applying(reading, ruling):
            # The verdict first, then at once where the programme stands: the details come after.
            note = window_note(check_ouvert(material.day, judge.data.parameters), material.day)
            head, *rest = draft.sentences
            return Draft(draft.kind, draft.status, [head, *note, *rest])
        return draft
    if definitions := defined_by(material):
        return Draft(Kind.ANSWER, Status.ANSWERED, definitions)
    return _statements(material, sources)


# A question put the other way round: yes and no change sides. (rules, what tells it, if not so, if so)
_TURNED = (
    (
        ("",),
        re.compile(
            r"\b(?:est[- ](?:il|ce) |c'est |serait[- ]il )faux (?:que|qu')|\bn'est[- ]il pas vrai que"
        ),
        "Non, ce n’est pas faux",
        "Oui, c’est faux",
    ),
    (
        ("calendrier.recevabilite", "calendrier.ouvert"),
        re.compile(r"\b(?:trop tard|hors delai|irrecevab\w*|forclos\w*|en retard)\b"),
        "Non, ce n’est pas trop tard",
        "Oui, c’est trop tard",
    ),
    (
        ("eligibilite.categorie", "eligibilite.structure"),
        re.compile(r"\b(?:exclu\w*|ineligib\w*|non eligib\w*|hors (?:du )?(?:champ|perimetre|programme))\b"),
        "Non, pas d’exclusion",
        "Oui, l’exclusion vaut",
    ),
    (
        ("groupement.seuil",),
        re.compile(
            r"\btrop (?:petit\w*|peu\b)|\binsuffisan\w*|\b(?:sous|en dessous d\w+) (?:le |du )?(?:seuil|minimum)"
        ),
        "Non, c’est assez",
        "Oui, c’est trop peu",
    ),
)
_VERDICT = re.compile(r"^(Oui|Non)\b[^:.]{0,25} : ")
_YES_NO = re.compile(r"\?|\best[- ]ce qu|-(?:il|elle|ils|elles|ce|on|nous|je)\b")


def _turned(draft: Draft, reading: Reading, rule: str) -> Draft:
    """Return the verdict turned, when the question asks whether the contrary holds."""
    head, *rest = draft.sentences
    found = _VERDICT.match(head.text)
    if found is None or head.text.startswith("Non déterminé") or not _YES_NO.search(reading.plain):
        return draft
    for rules, cue, no, yes in _TURNED:
        if rule.startswith(rules) and cue.search(reading.plain):
            lead = no if found[1] == "Oui" else yes
            return replace(
                draft, sentences=[replace(head, text=f"{lead} : {head.text[found.end() :]}"), *rest]
            )
    return draft


def _with_reminder(draft: Draft, material: Material) -> Draft:
    """Say what was taken from the earlier messages, in the user's own words, so that it can be corrected."""
    reading = material.reading
    read = {name for result in material.ruling.results for name, value in result.facts.items() if value}
    words = [
        stated.words
        for name in ("nombre_essms", "territoires", "campagne", "voie", "finess_geo", "choix", "domaine")
        if name in read and not getattr(reading.own, name) and (known := getattr(reading.facts, name))
        for stated in (known if isinstance(known, tuple) else (known,))
    ]
    just_said = fold(material.message).plain
    said = [word for word in dict.fromkeys(words) if word.strip() and fold(word).plain not in just_said]
    if not said:
        return draft
    text = f"J’ai tenu compte de ce que vous aviez indiqué : {join([f'« {word} »' for word in said])}. Dites-moi si cela a changé."
    return replace(draft, sentences=[*draft.sentences, Sentence(text)])


def _from_documents(material: Material, sources: Mapping[str, Source]) -> list[Sentence]:
    """Return what an added document says where the rules know nothing: quoted, and not yet judged."""
    year = material.ruling.campagne[:4]
    for hit in material.hits[:DOCUMENT_RANK]:
        passage = hit.passage
        about = str(year) in passage.text or (year.isdigit() and int(year) in passage.annees)
        if passage.kind == "document" and about and (hit.dense or 0.0) >= RELATED_COSINE:
            return [_quoted(passage, sources), Sentence(say("not_judged"))]
    return []


def _about_text(material: Material) -> list[Sentence]:
    """Return the statement that dates the instruction a ruling names, from those found."""
    numbers = re.findall(r"20\d\d/\d+", str(material.ruling.results[0].values.get("texte")))
    for hit in material.hits:
        text = hit.passage.text
        dated = re.search(r"\bdu \d{1,2}(?:er)? \w+ 20\d\d|signée le \d", text)
        if hit.passage.nature == "fait" and dated and numbers and numbers[-1] in text:
            return [Sentence(text, hit.passage.sources, passage=hit.passage)]
    return []


def _about_applying(reading: Reading, ruling: Ruling) -> bool:
    """Whether the answer may send someone to apply: it must then say that the calls are closed."""
    if ruling.results[0].rule == "eligibilite.categorie" and ruling.results[0].outcome is not Outcome.YES:
        return False
    asked = reading.topics & {Topic.ELIGIBILITE, Topic.VOIE, Topic.RECEVABILITE}
    return bool(asked or reading.own.nombre_essms)


def _statements(material: Material, sources: Mapping[str, Source]) -> Draft:
    """Answer with the statements found, say that the sources are silent, or refuse what is off topic."""
    reading = material.reading
    documented = _in_document(material)
    chosen = select(material.hits, Question.from_reading(reading), sources)
    if not chosen:
        return _silent(material, sources)
    unsure = chosen[0].score < CONFIDENT and not names_acronym(reading)
    if unsure and not reading.follows and not documented:
        return Draft(
            Kind.ABSTENTION, Status.NOT_IN_CORPUS, [Sentence(say("abstention")), Sentence(say("clarify"))]
        )
    sentences = _with_verdict(reading, chosen, material.day, sources)
    if chosen[0].hit.passage.nature == "inconnu":
        said = re.search(
            r"demand|peu(?:t|vent)|voir |confirm", " ".join(sentence.text for sentence in sentences)
        )
        return Draft(
            Kind.ABSTENTION,
            Status.NOT_IN_CORPUS,
            sentences if said else [*sentences, Sentence(say("ask_whom"))],
        )
    return Draft(Kind.ANSWER, Status.ANSWERED, sentences)


def _in_document(material: Material) -> bool:
    """Whether an added document is what the words of the question find first, and is near its meaning."""
    best = max(material.hits, key=lambda hit: hit.lexical or 0.0, default=None)
    return best is not None and best.passage.kind == "document" and (best.dense or 0.0) >= RELATED_COSINE


def _with_verdict(
    reading: Reading, chosen: Sequence[Scored], day: date, sources: Mapping[str, Source]
) -> list[Sentence]:
    """Return the statements chosen; one that settles a yes-no question comes first and opens with its verdict."""
    sentences = [_quoted(item.hit.passage, sources) for item in chosen]
    if any(item.hit.passage.kind == "document" for item in chosen):
        sentences.append(Sentence(say("not_judged")))
    for place, item in enumerate(chosen):
        passage = item.hit.passage
        verdict = settle(reading.question, item.hit, item.score) if place == 0 else None
        if verdict is None and passage.nature == "fait" and _current(item, reading, day):
            verdict = verdict_of(reading.question, passage.text)
        if verdict:
            first = sentences.pop(place)
            return [replace(first, text=_opened(verdict, first.text)), *sentences]
    return sentences


def _opened(verdict: str, text: str) -> str:
    """Return a statement that opens with its verdict: « Non : l’USLD est exclue. »."""
    return f"{verdict} : {low(text)}" if text[1:2].islower() or text[1:2] in "’'" else f"{verdict}. {text}"


def _current(item: Scored, reading: Reading, day: date) -> bool:
    """Whether a statement may settle the question: not one of past years when none was asked about."""
    years = item.hit.passage.annees
    return not years or reading.facts.campagne is not None or max(years) >= day.year - 1


def _quoted(passage: Passage, sources: Mapping[str, Source]) -> Sentence:
    """Return a passage as a sentence; an added document is named, so that it does not speak for the rules."""
    text = passage.text
    if passage.kind == "document":
        text = f"D’après le document « {sources[passage.sources[0]].title} » : {text}"
    return Sentence(text, passage.sources, passage=passage)


def _silent(material: Material, sources: Mapping[str, Source]) -> Draft:
    """Say that nothing answers for the year, place or track asked, with the nearest thing known."""
    sentences = [Sentence(say("abstention"))]
    nearest = next(
        (hit for hit in material.hits if hit.passage.kind == "fiche" and hit.passage.nature == "fait"), None
    )
    if nearest is not None:
        sentences += [
            Sentence(say("nearest")),
            Sentence(nearest.passage.text, nearest.passage.sources, passage=nearest.passage),
        ]
    return Draft(Kind.ABSTENTION, Status.NOT_IN_CORPUS, [*sentences, Sentence(say("ask_whom"))])
