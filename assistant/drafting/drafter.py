"""READ FIRST: how an e-mail becomes a draft reply, in six steps.

separate -> find questions -> answer each -> number -> write -> assess. No step needs a language model and none asks
the clock; every sentence about the programme comes from the assistant with its citations.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, Protocol

from assistant.answer import Answer, Kind, Mode, Status
from assistant.chain import Asked
from assistant.composing.french import low
from assistant.drafting.formats.automatic import is_automatic
from assistant.drafting.language import foreign_language
from assistant.drafting.letter import Correspondence, Part, shortened, subject_of, write_letter
from assistant.drafting.message import Address, Message, Quoted, Separated
from assistant.drafting.numbering import markers, number_together, without_secondary
from assistant.drafting.questions import MAXIMUM_QUESTIONS, REFERS, Asking, Form, Found, find_questions
from assistant.drafting.reply import Answered, Length, Options, Question, Reply, Risk
from assistant.drafting.risk import Finding, assess
from assistant.drafting.salutation import salutation
from assistant.drafting.separating import separate
from assistant.privacy.assessing import Finding as PersonalData
from assistant.privacy.assessing import assess as assess_personal
from assistant.rules.facts import CategoryMention, Count, Facts, Stated
from assistant.rules.result import RuleResult
from assistant.understanding.facts import merge_facts, read_facts
from assistant.understanding.intents import find_topics
from assistant.understanding.questions import Question as AskedQuestion
from assistant.understanding.reading import read_conversation
from assistant.understanding.saying import say_facts
from assistant.understanding.spelling import mend
from assistant.understanding.text import clean, fold
from corpus.documents import load_all_sources
from corpus.parameters import load_parameters

_ATTACHMENT = 8_000  # characters of an attachment that are read for facts and questions
_PERSONAL = 50_000  # characters of a message and of each attachment in which personal data are looked for
_SIGNED = 60  # characters of a line that may be a signature
_EARLIER = 2  # earlier messages of the same sender whose facts still hold
# Whether one may still apply, told in a letter about a project that does not ask.
_OUTLOOK = "Peut-on encore déposer un dossier aujourd’hui ?"
_CALENDAR = ("calendrier.ouvert", "calendrier.recevabilite", "calendrier.cloture")
_PROJECT = ("groupement.", "eligibilite.")


# What is told of one's own structures even in what is only believed of the rules.
_CLAIMED_OF = ("categories", "territoires", "domaine")


class Answers(Protocol):
    """Whoever answers each question of a message."""

    def ask_each(
        self, context: str, questions: Sequence[AskedQuestion], day: date, earlier: str = ""
    ) -> list[Asked]:
        """Return the answer to each question, in order."""

    @property
    def without_model(self) -> Answers:
        """The same without a language model: for what is not worth its time."""


class Drafter:
    """Drafts replies; safe to share between threads."""

    def __init__(self, assistant: Answers) -> None:
        self._assistant = assistant
        self._parameters = load_parameters()
        self._sources = load_all_sources()

    def draft(
        self,
        message: Message,
        day: date,
        options: Options | None = None,
        questions: Sequence[str] | None = None,
    ) -> Reply:
        """Return the draft reply to a message as of ``day``.

        ``questions``, when given, are answered in the place of those found: whoever drafts put them right.
        A message that asks nothing gets a draft that says so, amber: nothing is raised for what people write.
        """
        started = time.perf_counter()
        options = options or Options()
        parted = separate(message)
        passed_on = parted.forwarded and bool(parted.history)
        sender, parted, subject = _asker(message, parted)
        asking, attached = _with_attachments(find_questions(parted.written, subject, day), message, day)
        if is_automatic(message):
            asking = replace(
                asking,
                questions=tuple(found for found in asking.questions if find_topics(fold(found.words).plain)),
            )
        if questions is not None:
            asking = _put_right(asking, questions)
        before = _earlier(parted.history, sender)
        told = _told_below(parted.exchanges, day)
        earlier = "\n".join(filter(None, [before, asking.announced, told]))
        asked, outlook = self._answer(asking, day, earlier, options.length)
        everything, citations = number_together([*asked, *([outlook] if outlook else [])])
        if outlook:
            *asked, outlook = everything
        else:
            asked = everything
        parts = _parts(asking.questions, asked)
        facts = _facts(asking, earlier, asked, day)
        concerns = _personal(message, sender)
        correspondence = Correspondence(
            salutation(sender, parted.signature or _last_lines(parted.written)),
            message.sent.date() if message.sent and not passed_on else None,
            asking,
            # The structures that a question names are not always the sender's own.
            replace(facts, categories=_stated(asking, earlier, day).categories),
            tuple(concern.words for concern in concerns),
        )
        paragraphs = write_letter(correspondence, parts, citations, outlook, day, options)
        assessment = assess(
            asking,
            parts,
            citations,
            self._parameters,
            self._sources,
            day,
            [
                *_about_reading(message, attached, before),
                *_about_persons(concerns),
                *(_passed_on(message, sender) if passed_on else ()),
            ],
        )
        return Reply(
            subject=subject_of(message.subject),
            paragraphs=paragraphs,
            questions=tuple(_answered(part) for part in parts),
            facts=_plain_facts(facts),
            risk=assessment.risk,
            reasons=assessment.reasons,
            points=assessment.points,
            citations=citations,
            rules=_rules(parts),
            to=sender if passed_on and sender and sender.address else message.answer_to,
            cc=message.cc,
            in_reply_to=message.message_id,
            references=(*message.references, *([message.message_id] if message.message_id else [])),
            notices=(*message.notices, *_without_help(asked)),
            mode=_mode_of(asked),
            model=next((item.answer.model for item in asked if item.answer.model), ""),
            options=options,
            elapsed_ms=round(1000 * (time.perf_counter() - started)),
        )

    def _answer(
        self, asking: Asking, day: date, earlier: str, length: Length
    ) -> tuple[list[Asked], Asked | None]:
        """Return the answers to the questions, and what may be said of applying now when a project does not ask."""
        questions = [AskedQuestion(found.words, found.joined) for found in asking.questions]
        if not questions:
            return [], None
        answered = self._assistant.ask_each(asking.context, questions, day, earlier)
        asked = [
            _of_the_service(item) if found.form is Form.CASE else _officially(item, length)
            for found, item in zip(asking.questions, answered, strict=True)
        ]
        rules = [result.rule for item in asked for result in item.answer.rules]
        if any(rule.startswith(_PROJECT) for rule in rules) and not set(rules) & set(_CALENDAR):
            (outlook,) = self._assistant.without_model.ask_each("", [AskedQuestion(_OUTLOOK)], day)
            return asked, _officially(outlook, length)
        return asked, None


def _mode_of(asked: Sequence[Asked]) -> Mode:
    """Return who put the answers in words: a model as soon as it wrote one."""
    modes = [item.answer.mode for item in asked]
    return next((mode for mode in (Mode.MODEL, Mode.FALLBACK) if mode in modes), Mode.RULES)


def _without_help(asked: Sequence[Asked]) -> tuple[str, ...]:
    """Return why a language model did not put an answer in words, once each."""
    return tuple(dict.fromkeys(item.answer.notice for item in asked if item.answer.mode is Mode.FALLBACK))


def _of_the_service(item: Asked) -> Asked:
    """Return a question on one file without answer: no public source knows it."""
    return replace(item, answer=Answer(Kind.ABSTENTION, Status.NOT_IN_CORPUS, ""), lines=())


def _officially(item: Asked, length: Length) -> Asked:
    """Return an answer of a length that cites no secondary source where a public body says the same."""
    if length is Length.SHORT:
        item = replace(item, lines=shortened(item.lines))
    grades = {citation.number: citation.grade for citation in item.answer.citations}
    lines = tuple(replace(line, text=without_secondary(line.text, grades)) for line in item.lines)
    answer = replace(
        item.answer,
        text=without_secondary(item.answer.text, grades),
        details=without_secondary(item.answer.details, grades),
    )
    used = {number for line in lines for number in markers(line.text)}
    return replace(
        item,
        lines=lines,
        answer=replace(answer, citations=tuple(c for c in answer.citations if c.number in used)),
    )


def _asker(message: Message, parted: Separated) -> tuple[Address | None, Separated, str]:
    """Return who asks, the message to answer and its subject: the one passed on, when another passes it on."""
    if not (parted.forwarded and parted.history):
        return message.answer_to, parted, message.subject
    first, *others = parted.history
    inner = separate(Message(first.text, first.subject or message.subject, first.sender))
    history = (*inner.history, *others)
    return first.sender, replace(inner, history=history), first.subject or message.subject


def _with_attachments(asking: Asking, message: Message, day: date) -> tuple[Asking, list[str]]:
    """Return what is asked with what short attachments state, and ask when the body does not; and their names.

    A long attachment is a document, not a message: it states nothing of the project by itself.
    """
    used = []
    for attachment in message.attachments:
        if not attachment.text or len(attachment.text) > _ATTACHMENT:
            continue
        inside = find_questions(attachment.text, "", day)
        refers = REFERS.search(fold(message.text).plain)
        questions = (
            asking.questions
            if asking.questions and not refers
            else (
                *asking.questions,
                *(found for found in inside.questions if not found.implicit or not asking.questions),
            )
        )
        if questions != asking.questions or inside.context:
            used.append(attachment.name)
        asking = replace(asking, context=f"{asking.context}\n{inside.context}".strip(), questions=questions)
    return asking, used


def _earlier(history: Sequence[Quoted], sender: Address | None) -> str:
    """Return what the same person wrote before, oldest first: its facts hold until they are corrected."""
    own = [quoted.text for quoted in history if _same(quoted.sender, sender)][:_EARLIER]
    return "\n".join(reversed([separate(Message(text)).written for text in own]))


def _put_right(asking: Asking, questions: Sequence[str]) -> Asking:
    """Return what is asked with the questions that whoever drafts wrote; one that was found keeps its form."""
    known = {found.words: found for found in asking.questions}
    kept = [known.get(words, Found(words, Form.EXPLICIT)) for words in questions if words.strip()]
    unasked = [words for words in known if words not in questions]
    context = "\n".join([asking.context, *unasked]).strip()
    return replace(asking, questions=tuple(kept[:MAXIMUM_QUESTIONS]), context=context, left=0)


def _told_below(exchanges: Sequence[tuple[str, str]], day: date) -> str:
    """Return the facts that answers written under quoted questions tell: « Combien ? » — « 18. »."""
    facts = Facts()
    for quoted, written in exchanges:
        facts = merge_facts(facts, read_conversation((quoted, written), day).own)
    return say_facts(replace(facts, date_citee=None))


def _same(one: Address | None, other: Address | None) -> bool:
    if one is None or other is None:
        return False
    if one.address and other.address:
        return one.address.casefold() == other.address.casefold()
    return bool(one.name) and fold(one.name).plain == fold(other.name).plain


def _parts(found: Sequence[Found], asked: Sequence[Asked]) -> list[Part]:
    """Number the questions; one whose whole answer was given for an earlier one points to it."""
    parts: list[Part] = []
    for number, (question, item) in enumerate(zip(found, asked, strict=True), 1):
        same = next(
            (
                part.number
                for part in parts
                if not part.same_as
                and part.asked.answer.text == item.answer.text
                and question.form is not Form.CASE
                and part.found.form is not Form.CASE
            ),
            0,
        )
        parts.append(Part(number, question, item, same))
    return parts


def _answered(part: Part) -> Answered:
    question = Question(part.found.words, part.asked.reading.query, part.found.implicit)
    theme = next((intent.value for intent in part.asked.reading.intents), "")
    return Answered(question, part.asked.answer, theme)


def _rules(parts: Sequence[Part]) -> tuple[RuleResult, ...]:
    """Return the rulings of all the questions, each once."""
    kept: list[RuleResult] = []
    for part in parts:
        kept += [result for result in part.asked.answer.rules if result not in kept]
    return tuple(kept)


def _facts(asking: Asking, earlier: str, asked: Sequence[Asked], day: date) -> Facts:
    """Return what the message states: in its statements first, then in its questions that suppose nothing else."""
    facts = _stated(asking, earlier, day)
    for found, item in zip(asking.questions, asked, strict=True):
        own = item.reading.own
        added = {
            field.name: getattr(own, field.name)
            for field in fields(own)
            if getattr(own, field.name)
            and not getattr(facts, field.name)
            and (found.form is not Form.BELIEF or field.name in _CLAIMED_OF)
        }
        if found.form is not Form.BELIEF and facts.categories and own.categories:
            known = {mention.categorie for mention in facts.categories}
            added["categories"] = (
                *facts.categories,
                *(one for one in own.categories if one.categorie not in known),
            )
        facts = replace(facts, **added)
    return replace(facts, date_citee=None)


def _stated(asking: Asking, earlier: str, day: date) -> Facts:
    """Return what the statements of the message tell, and what was told before it."""
    facts = Facts()
    for text in (earlier, asking.context):
        if text.strip():
            facts = merge_facts(facts, read_facts(mend(fold(clean(text))), day))
    return facts


def _plain_facts(facts: Facts) -> dict[str, Any]:
    """Return the facts in JSON: the name of each with its value; days in ISO form."""
    named = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return {name: _plain(stated) for name, stated in named.items() if stated}


def _plain(stated: object) -> Any:
    if isinstance(stated, Stated):
        return _plain(stated.value)
    if isinstance(stated, tuple):
        plain = [_plain(item) for item in stated]
        return [item for place, item in enumerate(plain) if item not in plain[:place]]
    if isinstance(stated, CategoryMention):
        return (
            stated.categorie
            if stated.nombre is None
            else {"categorie": stated.categorie, "nombre": _plain(stated.nombre)}
        )
    if isinstance(stated, Count) and stated.exact:
        return stated.low
    return stated if isinstance(stated, bool | int | float | str) else str(stated)


def _personal(message: Message, sender: Address | None) -> list[PersonalData]:
    """Return the personal data of a message and its attachments, beyond the contact details of its correspondents."""
    people = [sender, message.sender, message.reply_to, *message.to, *message.cc]
    known = [part for person in people if person for part in (person.name, person.address) if part]
    texts = [message.text[:_PERSONAL], *(attachment.text[:_PERSONAL] for attachment in message.attachments)]
    return [finding for text in texts for finding in assess_personal(text, known)]


def _last_lines(written: str) -> str:
    """Return the short lines that end a message signed without a closing formula."""
    lines = [line.strip() for line in written.strip().splitlines()][-2:]
    return "\n".join(line for line in lines if line and len(line) < _SIGNED and "?" not in line)


def _passed_on(message: Message, sender: Address | None) -> Iterator[Finding]:
    yield Finding(
        Risk.AMBER,
        "passed-on",
        f"Le message a été transmis par {message.sender or 'un correspondant'} ; la réponse s’adresse à {sender or 'son auteur, dont l’adresse manque'}.",
        "Destinataire : vérifier à qui la réponse doit être envoyée.",
    )


def _about_persons(found: Sequence[PersonalData]) -> Iterator[Finding]:
    for label in dict.fromkeys(finding.label for finding in found):
        yield Finding(
            Risk.RED,
            f"personal-{label}",
            label,
            f"Données personnelles : {low(label)[:-1]} ; ne pas les reprendre dans la réponse, et décider s’il faut les effacer.",
        )


def _about_reading(message: Message, attached: Sequence[str], earlier: str) -> Iterator[Finding]:
    """Return what must be checked of how the message was read."""
    for name in attached:
        yield Finding(
            Risk.AMBER,
            f"attachment-{name}",
            f"Des éléments ont été lus dans la pièce jointe « {name} ».",
            f"Vérifier dans la pièce jointe « {name} » les éléments qui en ont été repris.",
        )
    for attachment in message.attachments:
        if attachment.problem or len(attachment.text) > _ATTACHMENT:
            why = attachment.problem or "elle est trop longue pour être traitée comme un message."
            yield Finding(
                Risk.AMBER,
                f"unread-{attachment.name}",
                f"La pièce jointe « {attachment.name} » n’a pas été exploitée : {why}",
                f"Ouvrir la pièce jointe « {attachment.name} » et compléter la réponse si besoin.",
            )
    if is_automatic(message):
        yield Finding(
            Risk.AMBER,
            "automatic",
            "Le message semble envoyé par un automate (absence, accusé de réception, liste).",
            "Message automatique : décider s’il appelle une réponse.",
        )
    if language := foreign_language(message.text):
        yield Finding(
            Risk.AMBER,
            "language",
            f"Le message est écrit en {language} ; l’assistant ne lit bien que le français.",
            f"Langue du message ({language}) : vérifier que toutes les questions ont été comprises, et la langue de la réponse.",
        )
    if earlier:
        yield Finding(
            Risk.AMBER,
            "earlier",
            "Des éléments viennent d’un message précédent du même correspondant.",
            "Vérifier que les éléments du message précédent valent toujours.",
        )
