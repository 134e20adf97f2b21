"""A message saved by Outlook (.msg), read with python-oxmsg."""

from __future__ import annotations

from typing import Any

from assistant.drafting.formats import automatic
from assistant.drafting.formats.attachments import Attached
from assistant.drafting.formats.charsets import clean_lines, decode_header
from assistant.drafting.formats.choosing import prefers_plain
from assistant.drafting.formats.eml import as_forwarded, read_eml
from assistant.drafting.formats.headers import addresses, identifiers
from assistant.drafting.formats.html import Page, read_page
from assistant.drafting.formats.limits import MAXIMUM_ATTACHMENTS, MAXIMUM_MESSAGES, MAXIMUM_TEXT
from assistant.drafting.message import Address, Attachment, Message
from assistant.errors import InputError

_UNREADABLE = "Ce fichier Outlook (.msg) ne peut pas être lu\u00a0: ouvrez-le dans Outlook et enregistrez-le en .eml, ou copiez son texte."
_ENCRYPTED = "Le message est chiffré (S/MIME)\u00a0: ouvrez-le dans votre messagerie, puis copiez son texte."

# Properties that python-oxmsg does not expose by name.
_MESSAGE_ID, _REPLY_TO_ID, _REFERENCES = 0x1035, 0x1042, 0x1039
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS, _REPRESENTED = 0x0C1A, 0x5D01, 0x0C1F, 0x5D02
_SHORT_NAME, _EMBEDDED = 0x3704, "__substg1.0_3701000D"
_EMBEDDED_OFFSET = 24  # bytes before its properties


def read_msg(raw: bytes, level: int = 0) -> Message:
    """Return a message saved by Outlook; ``level`` is how many messages it is inside.

    Raises:
        InputError: It is encrypted or cannot be read; says what to do.
    """
    from oxmsg import Message as Saved

    try:
        return _Reader(level).read(Saved.load(raw))
    except InputError:
        raise
    except Exception as error:  # a damaged file may break the library anywhere
        raise InputError(_UNREADABLE) from error


class _Reader:
    """Reads one saved message."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._attached = Attached()
        self._inner: list[Attachment] = []
        self._forwarded: list[str] = []
        self._notices: list[str] = []

    def read(self, saved: Any) -> Message:
        """Return the message.

        Raises:
            InputError: It is encrypted.
        """
        kind = str(saved.message_class).lower()
        headers = {name.lower(): str(value) for name, value in saved.message_headers.items()}
        wrapped = self._wrapped(saved, kind)
        if wrapped is not None:
            return wrapped
        text = self._body(saved)
        self._attach(saved)
        whole = "\n\n".join(filter(None, (text, *self._forwarded)))[:MAXIMUM_TEXT]
        subject = decode_header(saved.subject.replace("\x00", "")) or decode_header(
            headers.get("subject", "")
        )
        sender = next(iter(addresses(headers.get("from", ""))), None) or _sender(saved)
        to, cc = _recipients(saved, headers)
        report = (
            "delivery-status" if ".ndr" in kind else "disposition-notification" if ".ipnrn" in kind else ""
        )
        self._notices += automatic.notices_of(subject, sender.address if sender else "", headers, report)
        identifier = headers.get("message-id") or _string(saved, _MESSAGE_ID)
        references = headers.get("references") or _string(saved, _REFERENCES) or headers.get("in-reply-to") or _string(saved, _REPLY_TO_ID)  # fmt: skip
        return Message(
            text=whole,
            subject=subject,
            sender=sender,
            reply_to=next(iter(addresses(headers.get("reply-to", ""))), None),
            to=to,
            cc=cc,
            sent=saved.sent_date,
            message_id=next(iter(identifiers(identifier)), ""),
            references=identifiers(references),
            attachments=(*self._attached.files, *self._inner),
            notices=tuple(dict.fromkeys(filter(None, (*self._notices, *self._attached.notices)))),
        )

    def _wrapped(self, saved: Any, kind: str) -> Message | None:
        """Return the message inside a signature kept as an attachment.

        Raises:
            InputError: What is kept is encrypted.
        """
        if "smime" not in kind:
            return None
        raw = next((item.file_bytes for item in saved.attachments if item.file_bytes), b"")
        if "multipartsigned" in kind and raw:
            return read_eml(raw, self._level)
        from assistant.drafting.formats.signed import signed_content

        content = signed_content(raw)
        if content is None:
            raise InputError(_ENCRYPTED)
        return read_eml(content, self._level)

    def _body(self, saved: Any) -> str:
        plain = clean_lines(saved.body or "")
        page = self._page(saved)
        if prefers_plain(plain.text, page.text):
            self._notices.append(plain.notice)
            return plain.text.strip("\n")
        self._notices += page.notices
        if not page.text.strip():
            self._notices.append("Le corps du message ne contient aucun texte lisible.")
        return page.text

    def _page(self, saved: Any) -> Page:
        from oxmsg.domain import constants

        raw = saved.properties.binary_prop_value(constants.PID_HTML)
        if raw:
            return read_page(raw, saved.properties.body_encoding)
        written = saved.properties.str_prop_value(constants.PID_BODY_HTML)
        return read_page(written) if written else Page("")

    def _attach(self, saved: Any) -> None:
        for item in saved.attachments[: 2 * MAXIMUM_ATTACHMENTS]:
            name = str(item.file_name or item.properties.str_prop_value(_SHORT_NAME) or "")
            raw = item.file_bytes
            if raw is None:
                self._message_inside(item, name)
            elif name.lower().endswith(".eml"):
                self._pass_on(read_eml(raw, self._level + 1))
            else:
                self._attached.add(name, str(item.mime_type or ""), raw)

    def _message_inside(self, item: Any, name: str) -> None:
        """Read a message attached to this one, whose properties begin sooner in the file than those of a whole one."""
        storage = next((child for child in item._storage.storages if child.path.endswith(_EMBEDDED)), None)
        if storage is None or self._level + 1 > MAXIMUM_MESSAGES:
            self._attached.note(
                name or "élément joint",
                "application/vnd.ms-outlook",
                0,
                "Cet élément joint n’a pas pu être lu.",
            )
            return
        try:
            self._pass_on(_Reader(self._level + 1).read(_embedded(storage)))
        except Exception:  # a damaged file may break the library anywhere
            self._attached.note(
                name or "élément joint",
                "application/vnd.ms-outlook",
                0,
                "Cet élément joint n’a pas pu être lu.",
            )

    def _pass_on(self, message: Message) -> None:
        self._forwarded.append(as_forwarded(message))
        self._inner += message.attachments
        self._notices += message.notices


def _embedded(storage: Any) -> Any:
    from oxmsg import Message as Saved
    from oxmsg.properties import Properties

    class Embedded(Saved):
        """A message attached to another."""

        @property
        def _properties(self) -> Properties:
            return Properties(self._storage, properties_header_offset=_EMBEDDED_OFFSET)

    return Embedded(storage)


def _string(saved: Any, identifier: int) -> str:
    return str(saved.properties.str_prop_value(identifier) or "").replace("\x00", "")


def _sender(saved: Any) -> Address | None:
    name = clean_lines(_string(saved, _SENDER_NAME)).text.strip()
    candidates = (_string(saved, one) for one in (_SENDER_SMTP, _REPRESENTED, _SENDER_ADDRESS))
    address = next((one.strip() for one in candidates if "@" in one), "")  # else an address inside Exchange
    return Address("" if name == address else name, address) if name or address else None


def _recipients(saved: Any, headers: dict[str, str]) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    to, cc = addresses(headers.get("to", "")), addresses(headers.get("cc", ""))
    if to or cc:
        return to, cc
    known = tuple(
        Address(str(one.name or ""), str(one.email_address or ""))
        for one in saved.recipients[:100]
        if one.name or one.email_address
    )
    return known, ()
