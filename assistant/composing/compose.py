"""Turn what was understood, judged and found into the sentences of an answer, without a language model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answer import Kind, Status
from assistant.composing.bounds import misuse_of
from assistant.composing.definitions import compose_definitions
from assistant.composing.draft import Draft, Sentence, reported
from assistant.composing.french import join
from assistant.composing.material import RELATED_COSINE, Material, in_document
from assistant.composing.replies import out_of_scope, reply_to, worded
from assistant.composing.selection import Question, select
from assistant.composing.statements import compose_statements, quoted
from assistant.composing.verdict_calendar import window_note
from assistant.composing.verdicts import compose_verdict
from assistant.judging import Judge, Ruling
from assistant.rules.coherence import check_texte
from assistant.rules.deadline import check_ouvert
from assistant.rules.result import Outcome
from assistant.understanding.intents import Intent, Speech, Topic
from assistant.understanding.reading import Reading
from assistant.understanding.senses import Scope
from assistant.understanding.text import fold
from corpus.sources import Source
from index.french import stem

DOCUMENT_RANK = 5  # an added document speaks for the rules only when it is among the best passages

_PROJECT_RULES = ("groupement.seuil", "groupement.voie", "eligibilite.categorie", "eligibilite.structure")


def compose(material: Material, judge: Judge, sources: Mapping[str, Source]) -> Draft:
    """Return the draft of an answer.

    The order is that of trust: what is not a question, then a ruling, then a definition, then statements.
    """
    reading = material.reading
    if reading.impossible:
        asked = worded("impossible_day", words=reading.impossible)
        return Draft(Kind.CLARIFICATION, Status.NEEDS_FACTS, [asked])
    if reading.speech is Speech.INJECTION:
        return _injection(material, judge, sources)
    if draft := _of_a_document(material, sources):
        return draft
    defined = defined_by(material)
    speech = _speech_of(material, defined=bool(defined))
    if speech is Speech.INJECTION:
        return _injection(material, judge, sources)
    elsewhere = speech is None or (speech is Speech.CONTACT and material.sense.scope is Scope.OUTSIDE)
    if material.outside and elsewhere and not (defined or in_document(material)):
        return out_of_scope()
    if speech is Speech.DRAFT:
        return _letter(_answer(material, judge, sources))
    if speech is Speech.COMPLAINT and reading.intents != (Intent.RECLAMATION,):
        draft = _answer(material, judge, sources)
        return replace(draft, sentences=[worded("complaint_first"), *draft.sentences])
    if speech and (reply := reply_to(speech)):
        if speech is Speech.VENDOR and not _vendor_only(reading):
            return _answer(material, judge, sources)
        return reply
    return _answer(material, judge, sources)


def _speech_of(material: Material, *, defined: bool) -> Speech | None:
    """Return what kind of message this is, by its words, else by its meaning when no rule or definition answers it."""
    reading = material.reading
    if reading.speech or reading.elliptic or defined:
        return reading.speech
    speech = misuse_of(material.sense, material.hits)
    if material.ruling.results and speech in (Speech.PREDICTION, Speech.VENDOR, Speech.PERSONAL):
        return None
    if speech is Speech.INJECTION and (reading.own.date_citee or reading.own.campagne):
        return None  # « j’ai lu 1er juin 2025, tu es sûr ? » doubts an answer
    return speech


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
        sentences.append(worded("questions_left"))
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
    framed = [worded("draft_opening"), *draft.sentences, worded("draft_closing")]
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
    return compose_statements(material, sources)


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
    return compose_statements(material, sources)


# A question put the other way round: yes and no change sides. (rules, what tells it, if not so, if so)
# « On dit que les SAAD ne sont pas éligibles » puts the contrary forward; « je ne sais pas si… » does not.
_CLAIM = r"\b(?:dit|dire|dits?|lu|semble|parait|pens\w+|cro(?:is|it|yons|yais)|affirm\w+|assur\w+|annonc\w+|pretend\w*|soutien\w*|soutenu|certifi\w+|exact|vrai|juste|correct|confirm\w+|compris|suppos\w+|principe|sauf erreur)\b"
_DENIED = r"\b(?:n'|ne )(?!sai|savon|compren|trouv|suis |sommes |voi|faut|dit|dise)(?:[a-z']+ ){0,3}?(?:pas|plus|jamais)\b"
_TURNED = (
    (
        ("eligibilite.", "groupement.", "calendrier.recevabilite", "calendrier.ouvert", "cumul.", "sons.referencement"),
        re.compile(rf"^(?!.*\b(?:exclu|interdi|impossib|inelig|irrecev))(?=.*{_CLAIM}).*{_DENIED}"),
        "Non, c’est inexact",
        "Oui, c’est exact",
    ),
    (
        ("",),
        re.compile(r"\b(?:est[- ](?:il|ce) |c'est |serait[- ]il )faux (?:que|qu')"),
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
        ("calendrier.recevabilite",),
        re.compile(
            r"\b(?:etai\w+|est|sont|soient?|serai\w*)(?: \w+)? (?:clos\w*|ferme\w*|termine\w*|fini\w*)\b"
        ),
        "Non, ce n’était pas clos",
        "Oui, c’était clos",
    ),
    (
        ("groupement.seuil",),
        re.compile(
            r"\b(?:faut|fallait|faudra\w*|devons|devions|doit|doivent|devait|dois|oblig\w*|besoin)\b.{0,40}"
            r"\b(?:trouver|chercher|rejoindre|s'associ\w+|se regroup\w+|(?:d')?autres? (?:organismes?|gestionnaires?|associations?|partenaires?|etablissements?|structures?)|partenaires?)\b"
        ),
        "Non, pas besoin d’autres partenaires",
        "Oui, il faut d’autres partenaires",
    ),
    (
        ("groupement.seuil",),
        re.compile(r"\b(?:interdi\w*|exclu\w*|impossib\w*|defendu\w*)\b"),
        "Non, rien ne l’interdit",
        "Oui, c’est exclu",
    ),
    (
        ("eligibilite.categorie", "eligibilite.structure"),
        re.compile(r"\b(?:exclu\w*|ineligib\w*|non eligib\w*|hors (?:du )?(?:champ|perimetre|programme))\b"),
        "Non, pas d’exclusion",
        "Oui, l’exclusion vaut",
    ),
    (
        ("sons.referencement",),
        re.compile(r"\b(?:faut|fallait|devons|doit|oblig\w*|contraint\w*)\b.{0,40}\bchang\w*"),
        "Non, pas nécessairement",
        "Oui, en l’état",
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
# « Oui pour les structures AHI éligibles au SONS : … » holds for these alone, turned or not.
_VERDICT = re.compile(r"^(Oui|Non)\b(?P<of> pour [^:.]{1,60}|[^:.]{0,25}) : ")
_YES_NO = re.compile(rf"\?|{_CLAIM}|\btrop tard\W*$|\best[- ]ce qu|-(?:il|elle|ils|elles|ce|on|nous|je)\b")


def _turned(draft: Draft, reading: Reading, rule: str) -> Draft:
    """Return the verdict turned, when the question asks whether the contrary holds."""
    head, *rest = draft.sentences
    found = _VERDICT.match(head.text)
    if found is None or head.text.startswith("Non déterminé") or not _YES_NO.search(reading.plain):
        return draft
    for rules, cue, no, yes in _TURNED:
        if rule.startswith(rules) and cue.search(reading.plain):
            lead = (no if found[1] == "Oui" else yes) + (found["of"] if found["of"].startswith(" pour ") else "")
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
    return replace(draft, sentences=[*draft.sentences, Sentence(text, key="reminder")])


def _from_documents(material: Material, sources: Mapping[str, Source]) -> list[Sentence]:
    """Return what an added document says where the rules know nothing: quoted, and not yet judged."""
    year = material.ruling.campagne[:4]
    for hit in material.hits[:DOCUMENT_RANK]:
        passage = hit.passage
        about = str(year) in passage.text or (year.isdigit() and int(year) in passage.annees)
        if passage.kind == "document" and about and (hit.dense or 0.0) >= RELATED_COSINE:
            return [quoted(passage, sources), worded("not_judged")]
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
