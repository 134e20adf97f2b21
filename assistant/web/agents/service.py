"""What a member of staff does at the desk, without any page: receive, draft, change, export, send.

The page and the API call this and nothing else; each call is one step that is whole when it returns.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from assistant.answer import Answer
from assistant.drafting.addresses import read_address
from assistant.drafting.drafter import Answers, Drafter
from assistant.drafting.editing import insert_paragraph, renumber, replace_paragraph
from assistant.drafting.exporting import Outgoing, as_docx, as_eml, as_html, as_odt, as_plain, file_name
from assistant.drafting.formats import iterate, read_message
from assistant.drafting.message import Message, Separated
from assistant.drafting.reply import Length, Options, Paragraph, Reply, Role, Tone
from assistant.drafting.sending import Receipt, SendingError, SmtpSettings, send
from assistant.drafting.separating import separate
from assistant.errors import AssistantError, InputError
from assistant.settings import DeskSettings
from assistant.storage.accounts import Accounts
from assistant.storage.clock import now as now_utc
from assistant.storage.database import Database, open_database
from assistant.storage.desk import Desk
from assistant.storage.views import AccountView, RequestView

MAXIMUM_MESSAGES = 500  # of one mailbox or table dropped on the page
MAXIMUM_QUESTION = 2_000  # characters
_MEDIA = {
    "eml": "message/rfc822",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}
_HEADING = re.compile(r"\A\*\*\d+\. [^\n]*\*\*\n\n")
_SEVERAL = (".mbox", ".csv")


class Assistant(Answers, Protocol):
    """Whoever answers the questions of a message, or one question asked at the desk."""

    def ask(self, turns: Sequence[str], day: Any) -> Answer:
        """Answer the last of ``turns``."""


@dataclass(frozen=True)
class Received:
    """What became of one message: the request that holds it, ``new`` or there already, or the ``problem``."""

    label: str
    request: RequestView | None = None
    new: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Exported:
    """A letter as a file."""

    content: bytes
    media_type: str
    name: str


class DeskService:
    """The desk over a database and an assistant; threads may share it."""

    def __init__(
        self,
        assistant: Assistant,
        database: Database,
        settings: DeskSettings,
        smtp: SmtpSettings | None = None,
        *,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self.assistant = assistant
        self.database = database
        self.settings = settings
        self.smtp = smtp
        self.clock = clock
        self.desk = Desk(database, clock)
        self.accounts = Accounts(database, clock)
        self.drafter = Drafter(assistant)
        # Messages come by the hundred: a model is waited for when somebody asks for a letter to be made again.
        self._arriving = Drafter(assistant.without_model)

    @classmethod
    def open(cls, assistant: Assistant) -> DeskService:
        """Open the desk that the environment describes.

        Raises:
            SettingError: A setting means nothing.
            StorageError: The database cannot be opened.
        """
        settings, smtp = DeskSettings.from_environment(), SmtpSettings.from_environment()
        return cls(assistant, open_database(), settings, smtp)

    def receive(self, raw: bytes, name: str, by: AccountView) -> list[Received]:
        """Take in a file dropped: one message, or those of an mbox or a table; each fails alone."""
        if not name.lower().endswith(_SEVERAL):
            return [self._receive(name or "Message", lambda: (raw, read_message(raw, name)), by)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"depot{Path(name).suffix.lower()}"
            path.write_bytes(raw)
            items: list[Received] = []
            for item in iterate(path):
                if len(items) >= MAXIMUM_MESSAGES:
                    told = f"Seuls les {MAXIMUM_MESSAGES} premiers messages ont été repris\u00a0: déposez les suivants à part."
                    return [*items, Received(name, problem=told)]
                label = item.label.replace(path.name, name)

                def read(item: Any = item) -> tuple[bytes, Message]:
                    content = item.raw()
                    return content, item.parse(content)

                items.append(self._receive(label, read, by))
        return items or [Received(name, problem="Ce fichier ne contient aucun message.")]

    def paste(self, text: str, by: AccountView) -> Received:
        """Take in a message pasted, with or without its headers."""
        raw = text.encode("utf-8", "replace")
        return self._receive("Message collé", lambda: (raw, read_message(raw)), by)

    def _receive(self, label: str, read: Callable[[], tuple[bytes, Message]], by: AccountView) -> Received:
        try:
            raw, message = read()
            reply = self._arriving.draft(message, self._day(), self._options())
            request, new = self.desk.add(message, raw, reply, by=by.id, kind="courriel")
        except AssistantError as error:
            return Received(label, problem=str(error))
        return Received(label, request, new)

    def redraft(
        self,
        request_id: int,
        *,
        version: int,
        by: AccountView,
        tone: Tone | None = None,
        length: Length | None = None,
        questions: Sequence[str] | None = None,
    ) -> RequestView:
        """Draft the whole letter again; the text there was stays among the revisions.

        Raises:
            DeskError: Somebody changed the text since ``version``, or the request is gone.
        """
        view = self.desk.get(request_id)
        reply = self._drafted(view, tone, length, questions)
        return self.desk.replace_reply(request_id, reply, version=version, by=by.id)

    def regenerate(self, request_id: int, key: str, *, version: int, by: AccountView) -> RequestView:
        """Draft one paragraph again, by its key, and leave the others as they were edited.

        Raises:
            InputError: The paragraph is no longer in the text, or nothing has that key.
            DeskError: Somebody changed the text since ``version``.
        """
        view = self.desk.get(request_id)
        reply = self._drafted(view)
        before = next((item["text"] for item in view.reply["paragraphs"] if item["key"] == key), "")
        after = next((item.text for item in reply.paragraphs if item.key == key), "")
        text = self._renumbered(view, reply)
        made = replace_paragraph(text, renumber(before, view.reply["citations"], _citations(reply)), after)
        if not before or not after or made is None:
            raise InputError(
                "Ce paragraphe ne figure plus dans le brouillon\u00a0: reprenez une version antérieure, ou refaites la lettre."
            )
        return self.desk.replace_reply(
            request_id, reply, _with_sources(made, view, reply), version=version, by=by.id
        )

    def insert_answer(self, request_id: int, question: str, *, version: int, by: AccountView) -> RequestView:
        """Put the answer to one more question in the letter, before what comes next, with its sources.

        Raises:
            InputError: The question is empty or too long.
            DeskError: Somebody changed the text since ``version``.
        """
        view = self.desk.get(request_id)
        asked = [item["text"] for item in view.reply["questions"]]
        reply = self._drafted(view, questions=[*asked, _checked(question)])
        answers = [
            item for item in reply.paragraphs if item.role is Role.ANSWER and item.key.startswith("answer-")
        ]
        added = _HEADING.sub("", answers[-1].text)  # the question is ours, not the sender's
        text = insert_paragraph(self._renumbered(view, reply), added, _following(view))
        return self.desk.replace_reply(
            request_id, reply, _with_sources(text, view, reply), version=version, by=by.id
        )

    def ask(self, request_id: int, question: str) -> Answer:
        """Return what the assistant answers to a question about a request, with what its message states.

        Raises:
            InputError: The question is empty or too long.
        """
        view = self.desk.get(request_id)
        facts = [fact for fact in [self.parts(view).written[:MAXIMUM_QUESTION]] if fact]
        return self.assistant.ask([*facts, _checked(question)], self._day())

    def export(self, request_id: int, form: str) -> Exported:
        """Return the letter as a file: ``eml``, ``docx`` or ``odt``.

        Raises:
            InputError: The form is another one, or the letter is too long.
        """
        makers = {"eml": as_eml, "docx": as_docx, "odt": as_odt}
        if form not in makers:
            raise InputError(
                f"Le format «\u00a0{form}\u00a0» n’existe pas\u00a0: choisissez eml, docx ou odt."
            )
        outgoing = self.outgoing(self.desk.get(request_id))
        return Exported(makers[form](outgoing), _MEDIA[form], file_name(outgoing.subject, form))

    def clipboard(self, request_id: int) -> tuple[str, str]:
        """Return the letter in HTML and in plain text, as a mail program takes them from the clipboard."""
        text = self.desk.get(request_id).draft.text
        return as_html(text), as_plain(text)

    def send(self, request_id: int, *, version: int, by: AccountView) -> Receipt:
        """Send the letter by SMTP, once: nobody else can while it leaves.

        Raises:
            SendingError: It did not leave, or may have: the request then says so until somebody settles it.
            DeskError: It was sent, is being sent, was changed, or has points left to check.
            InputError: Sending is not set up.
        """
        if self.smtp is None:
            raise InputError(
                "L’envoi n’est pas configuré\u00a0: exportez la réponse, ou renseignez ASSISTANT_SMTP_HOST."
            )
        draft = self.desk.claim_sending(request_id, by.id, version=version)
        view = self.desk.get(request_id)
        try:
            receipt = send(replace(self.outgoing(view), text=draft.text), self.smtp)
        except SendingError as error:
            if not error.may_have_left:
                self.desk.release_sending(request_id, by.id)
            raise
        except Exception:  # nothing was handed to the server
            self.desk.release_sending(request_id, by.id)
            raise
        self.desk.mark_sent(request_id, by=by.id, how="smtp")
        return receipt

    def outgoing(self, view: RequestView) -> Outgoing:
        """Return the letter of a request with its headers."""
        message = view.message
        return Outgoing(
            subject=view.reply["subject"],
            text=view.draft.text,
            now=self.clock(),
            to=(to,) if (to := read_address(view.reply["to"])) else (),
            cc=message.cc,
            sender=self.settings.reply_from,
            original=message,
        )

    def parts(self, view: RequestView) -> Separated:
        """Return what the sender wrote, the history, the signature and the notices."""
        return separate(view.message)

    def highlighted(self, view: RequestView) -> list[tuple[str, bool]]:
        """Return the sender's words cut in pieces, each with whether a question was found there."""
        return highlight(self.parts(view).written, [item["text"] for item in view.reply["questions"]])

    def _drafted(
        self,
        view: RequestView,
        tone: Tone | None = None,
        length: Length | None = None,
        questions: Sequence[str] | None = None,
    ) -> Reply:
        kept = view.reply["options"]
        options = Options(
            tone or Tone(kept["tone"]), length or Length(kept["length"]), self.settings.signature
        )
        asked = [item["text"] for item in view.reply["questions"]] if questions is None else questions
        return self.drafter.draft(view.message, self._day(), options, asked)

    def _renumbered(self, view: RequestView, reply: Reply) -> str:
        return renumber(view.draft.text, view.reply["citations"], _citations(reply))

    def _options(self) -> Options:
        return Options(signature=self.settings.signature)

    def _day(self) -> Any:
        return self.clock().astimezone().date()


def highlight(text: str, questions: Sequence[str]) -> list[tuple[str, bool]]:
    """Return a text cut in pieces, each with whether it is one of the questions, whose spaces may differ.

    Example:
        >>> highlight("Bonjour. Quel est le seuil ?", ["Quel est le seuil ?"])
        [('Bonjour. ', False), ('Quel est le seuil ?', True)]
    """
    places = sorted(place for question in questions if (place := _find(text, question)))
    pieces: list[tuple[str, bool]] = []
    last = 0
    for start, end in places:
        if start < last:
            continue
        pieces += [(text[last:start], False), (text[start:end], True)]
        last = end
    return [(piece, found) for piece, found in [*pieces, (text[last:], False)] if piece]


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Return where words are in a text in which spaces, line breaks and marks of items may differ."""
    squeezed = [(char, place) for place, char in enumerate(text) if not char.isspace()]
    wanted = "".join(words.split())
    start = "".join(char for char, _ in squeezed).find(wanted) if wanted else -1
    if start < 0:
        return None
    return squeezed[start][1], squeezed[start + len(wanted) - 1][1] + 1


def _checked(question: str) -> str:
    words = " ".join(question.split())
    if not words:
        raise InputError("La question est vide\u00a0: écrivez ce que vous voulez demander à l’assistant.")
    if len(words) > MAXIMUM_QUESTION:
        raise InputError(f"La question dépasse {MAXIMUM_QUESTION} caractères\u00a0: résumez-la.")
    return words


def _citations(reply: Reply) -> list[dict[str, Any]]:
    return [vars(citation) for citation in reply.citations]


def _following(view: RequestView) -> list[str]:
    """Return the paragraphs that come after the answers, in order."""
    after = ("missing", "next_steps", "courtesy", "signature", "sources")
    return [item["text"] for item in view.reply["paragraphs"] if item["role"] in after]


def _with_sources(text: str, view: RequestView, reply: Reply) -> str:
    """Return the letter with its list of sources made anew; one whose list was taken out has none put back."""
    before = next(
        (item["text"] for item in view.reply["paragraphs"] if item["role"] == Role.SOURCES.value), ""
    )
    after: Paragraph | None = next((item for item in reply.paragraphs if item.role is Role.SOURCES), None)
    if not before or after is None:
        return text if after is None or before else f"{text}\n\n{after.text}"
    moved = renumber(before, view.reply["citations"], _citations(reply))
    return replace_paragraph(text, moved, after.text) or text
