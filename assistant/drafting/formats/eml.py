"""An Internet message (.eml): its headers, the part that says what was written, what is attached or forwarded in it."""

from __future__ import annotations

import binascii
import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Part
from functools import cache
from pathlib import PurePath

from assistant.drafting.formats import automatic
from assistant.drafting.formats.attachments import Attached
from assistant.drafting.formats.charsets import clean_lines, decode, decode_header, undo_base64
from assistant.drafting.formats.choosing import prefers_plain
from assistant.drafting.formats.headers import (
    BoundedPolicy,
    addresses,
    identifiers,
    moment,
    parameter,
    raw_headers,
)
from assistant.drafting.formats.html import read_page
from assistant.drafting.formats.limits import (
    MAXIMUM_MESSAGES,
    MAXIMUM_NESTING,
    MAXIMUM_PARTS,
    MAXIMUM_TEXT,
    SMALLEST_IMAGE,
)
from assistant.drafting.formats.signed import signed_content, without_pgp_signature
from assistant.drafting.message import Address, Attachment, Message
from assistant.errors import InputError

FORWARDED = "---------- Message transféré ----------"

_IMAGE_INSIDE = "C’est une image placée dans le corps du message\u00a0: son contenu n’a pas été lu."
_ENCRYPTED = "Le message est chiffré ({how})\u00a0: ouvrez-le dans votre messagerie, puis copiez son texte."
_TEXT = re.compile(r"text/(?:plain|enriched|richtext|markdown|html|x-amp-html|xhtml)|application/xhtml\+xml")
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
)
_REPORTS = ("message/delivery-status", "message/disposition-notification", "message/feedback-report", "text/rfc822-headers", "message/global-delivery-status")  # fmt: skip
_NOTES = {
    "text/calendar": "C’est une invitation d’agenda\u00a0: elle n’a pas été lue.",
    "application/ics": "C’est une invitation d’agenda\u00a0: elle n’a pas été lue.",
    "text/vcard": "C’est une carte de visite\u00a0: elle n’a pas été lue.",
    "text/x-vcard": "C’est une carte de visite\u00a0: elle n’a pas été lue.",
}
_OUTLOOK_ONLY = "Le message a été envoyé dans le format propre à Outlook (winmail.dat)\u00a0: une partie de son contenu peut manquer."
_NO_TEXT = "Le corps du message ne contient aucun texte."
_CUT = "Le message est très long\u00a0: seul son début a été lu."
_ENRICHED = re.compile(r"</?[a-z]{1,20}>", re.IGNORECASE)

Body = tuple[str, str]  # « plain » or « html », and the text


@cache
def _policy() -> BoundedPolicy:
    return BoundedPolicy()


def read_eml(raw: bytes, level: int = 0) -> Message:
    """Return an Internet message; ``level`` is how many messages it is inside.

    Raises:
        InputError: It is encrypted, has too many parts, or says nothing; says why and what to do.
    """
    try:
        return _Reader(level).read(message_from_bytes(raw, policy=_policy()))
    except RecursionError:
        raise InputError(_too_many("emboîtées")) from None


def _too_many(how: str) -> str:
    return (
        f"Le message compte trop de parties {how} pour être lu\u00a0: copiez son texte dans un fichier .txt."
    )


def as_forwarded(message: Message) -> str:
    """Return a message under the header of a forward, as a mail program would have quoted it."""
    lines = [FORWARDED]
    if message.sender:
        lines.append(f"De : {message.sender}")
        if message.sent:
            lines.append(f"Date : {message.sent:%d/%m/%Y %H:%M}")
        lines.append(f"Objet : {message.subject or '(sans objet)'}")
        if message.to:
            lines.append(f"À : {'; '.join(map(str, message.to[:10]))}")
    return "\n".join([*lines, "", message.text])


class _Reader:
    """Reads one message; what it meets on the way is kept: attachments, messages inside, what to tell."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._parts = 0
        self._attached = Attached()
        self._inner: list[Attachment] = []
        self._forwarded: list[str] = []
        self._notices: list[str] = []
        self._report = ""

    def read(self, root: Part) -> Message:
        """Return the message whose root this is."""
        headers = raw_headers(root)
        text = self._text(self._bodies(root, 0))
        subject = decode_header(headers.get("subject", ""))
        sender = self._one(headers, "from", "sender", "return-path")
        if not (text or self._attached.files or self._inner or subject or sender):
            raise InputError(
                "Le message est vide\u00a0: ni texte, ni objet, ni pièce jointe. Exportez-le de nouveau."
            )
        if not text:
            self._notices.append(_NO_TEXT)
        self._notices += automatic.notices_of(
            subject, sender.address if sender else "", headers, self._report
        )
        references = identifiers(headers.get("references", "")) or identifiers(headers.get("in-reply-to", ""))
        return Message(
            text=text,
            subject=subject,
            sender=sender,
            reply_to=self._one(headers, "reply-to"),
            to=addresses(headers.get("to", "")),
            cc=addresses(headers.get("cc", "")),
            sent=moment(headers.get("date", "")),
            message_id=next(iter(identifiers(headers.get("message-id", ""))), ""),
            references=references,
            attachments=(*self._attached.files, *self._inner),
            notices=tuple(dict.fromkeys(filter(None, (*self._notices, *self._attached.notices)))),
        )

    def _one(self, headers: dict[str, str], *names: str) -> Address | None:
        found = (address for name in names for address in addresses(headers.get(name, "")))
        return next(found, None)

    def _text(self, bodies: Sequence[Body]) -> str:
        """Return the whole body, with the messages inside under it."""
        text = "\n\n".join(part.strip("\n") for _, part in bodies if part.strip())
        text = undo_base64(text)
        if "-----BEGIN PGP MESSAGE-----" in text[:2000]:
            raise InputError(_ENCRYPTED.format(how="PGP"))
        cleaned = clean_lines(without_pgp_signature(text))
        self._notices.append(cleaned.notice)
        whole = "\n\n".join(filter(None, (cleaned.text.strip("\n"), *self._forwarded)))
        if len(whole) > MAXIMUM_TEXT:
            self._notices.append(_CUT)
        return whole[:MAXIMUM_TEXT].rstrip() if whole.strip() else ""

    def _bodies(self, part: Part, depth: int) -> list[Body]:
        """Return the texts of a part, in order; what is attached to it is noted."""
        self._parts += 1
        if self._parts > MAXIMUM_PARTS or depth > MAXIMUM_NESTING:
            raise InputError(_too_many("" if self._parts > MAXIMUM_PARTS else "emboîtées").replace("  ", " "))
        kind = _type_of(part)
        self._refuse_encrypted(part, kind)
        if kind in _PKCS7:
            return self._opaque(part)
        if kind.startswith("message/") and kind not in _REPORTS:
            self._message_inside(part, kind)
            return []
        if part.is_multipart():
            return self._multipart(part, kind, depth)
        if _is_attached(part, kind, depth):
            self._attach(part, kind)
            return []
        return self._leaf(part, kind)

    def _refuse_encrypted(self, part: Part, kind: str) -> None:
        if kind == "multipart/encrypted" or kind == "application/pgp-encrypted":
            raise InputError(_ENCRYPTED.format(how="PGP ou S/MIME"))
        if kind in _PKCS7 and "enveloped" in parameter(part, "smime-type").lower():
            raise InputError(_ENCRYPTED.format(how="S/MIME"))

    def _opaque(self, part: Part) -> list[Body]:
        raw = _bytes_of(part)
        content = signed_content(raw)
        if content is None:
            raise InputError(_ENCRYPTED.format(how="S/MIME"))
        self._notices.append("Le message est signé\u00a0; la signature n’a pas été vérifiée.")
        return self._bodies(message_from_bytes(content, policy=_policy()), 1)

    def _multipart(self, part: Part, kind: str, depth: int) -> list[Body]:
        payload = part.get_payload()
        children = (
            [child for child in payload if isinstance(child, Part)] if isinstance(payload, list) else []
        )
        if kind == "multipart/report":
            self._report = parameter(part, "report-type").lower()
        if kind == "multipart/signed":
            self._notices.append("Le message est signé\u00a0; la signature n’a pas été vérifiée.")
        bodies = [body for child in children for body in self._bodies(child, depth + 1)]
        return [_chosen(bodies)] if kind == "multipart/alternative" and len(bodies) > 1 else bodies

    def _leaf(self, part: Part, kind: str) -> list[Body]:
        raw = _bytes_of(part)
        charset = parameter(part, "charset")
        if "html" in kind:
            page = read_page(raw, charset)
            self._notices += page.notices
            return [] if kind == "text/x-amp-html" else [("html", page.text)]
        decoded = decode(raw, charset)
        self._notices.append(decoded.notice)
        text = decoded.text.replace("\r\n", "\n")
        if parameter(part, "format").lower() == "flowed":
            text = unflow(text, parameter(part, "delsp").lower() == "yes")
        if kind in ("text/enriched", "text/richtext"):
            text = _ENRICHED.sub("", text)
        return [("plain", text)]

    def _attach(self, part: Part, kind: str) -> None:
        name = _name_of(part)
        suffix = PurePath(name).suffix.lower()
        if kind in _SIGNATURES or kind in _REPORTS:
            return
        raw = _bytes_of(part)
        if suffix == ".eml" or (suffix == ".msg" and raw.startswith(b"\xd0\xcf\x11\xe0")):
            self._file_inside(raw, name, suffix)
        elif kind.startswith("image/") and part.get("content-id") and not _is_disposed(part):
            if len(raw) >= SMALLEST_IMAGE:
                self._attached.note(name or "image", kind, len(raw), _IMAGE_INSIDE)
        elif note := _NOTES.get(kind):
            self._attached.note(name or kind.partition("/")[2], kind, len(raw), note)
        else:
            if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
                self._notices.append(_OUTLOOK_ONLY)
            self._attached.add(name, kind, raw)

    def _message_inside(self, part: Part, kind: str) -> None:
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(inner, Part) or kind == "message/partial":
            self._attached.note(_name_of(part) or "message", kind, 0, "Ce message joint n’a pas pu être lu.")
            return
        encoded = inner.get_payload()
        if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64" and not inner.keys():
            with contextlib.suppress(binascii.Error, ValueError):
                inner = message_from_bytes(binascii.a2b_base64(str(encoded)), policy=_policy())
        self._read_inside(inner, _name_of(part) or "message")

    def _read_inside(self, inner: Part, name: str) -> None:
        if self._level + 1 > MAXIMUM_MESSAGES or self._report:
            if not self._report:
                self._attached.note(
                    name, "message/rfc822", 0, "Ce message joint est emboîté trop profondément."
                )
            return
        reader = _Reader(self._level + 1)
        reader._parts = self._parts
        try:
            self._pass_on(reader.read(inner))
        except InputError as error:
            self._attached.note(name, "message/rfc822", 0, str(error))
        self._parts = reader._parts

    def _file_inside(self, raw: bytes, name: str, suffix: str) -> None:
        if suffix == ".eml":
            self._read_inside(message_from_bytes(raw, policy=_policy()), name)
            return
        from assistant.drafting.formats.msg import read_msg

        if self._level + 1 > MAXIMUM_MESSAGES:
            self._attached.note(
                name,
                "application/vnd.ms-outlook",
                len(raw),
                "Ce message joint est emboîté trop profondément.",
            )
            return
        try:
            self._pass_on(read_msg(raw, self._level + 1))
        except InputError as error:
            self._attached.note(name, "application/vnd.ms-outlook", len(raw), str(error))

    def _pass_on(self, message: Message) -> None:
        """Put a message inside under the text, as a forward, and its attachments with the others."""
        self._forwarded.append(as_forwarded(replace(message, attachments=())))
        self._inner += message.attachments
        self._notices += message.notices


def _type_of(part: Part) -> str:
    try:
        return part.get_content_type().lower()
    except Exception:  # the parser of the standard library fails on some malformed headers
        return "application/octet-stream" if _name_of(part) else "text/plain"


def _name_of(part: Part) -> str:
    return parameter(part, "filename", "content-disposition") or parameter(part, "name")


def _is_disposed(part: Part) -> bool:
    """Whether a part says that it is an attachment."""
    try:
        return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")
    except Exception:  # the parser of the standard library fails on some malformed headers
        return False


def _is_attached(part: Part, kind: str, depth: int) -> bool:
    if not _TEXT.fullmatch(kind):
        return True
    return depth > 0 and (_is_disposed(part) or bool(parameter(part, "filename", "content-disposition")))


def _bytes_of(part: Part) -> bytes:
    """Return the content of a part; what says Base64 and is plain text is taken as it is."""
    payload = part.get_payload()
    try:
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    except Exception:  # the parser of the standard library fails on some malformed headers
        encoding = ""
    if isinstance(payload, str) and encoding == "base64" and _is_prose(payload):
        return payload.encode("utf-8", errors="surrogateescape")
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        raw = None
    if isinstance(raw, bytes):
        return raw
    return payload.encode("utf-8", errors="surrogateescape") if isinstance(payload, str) else b""


def _is_prose(payload: str) -> bool:
    start = payload[:2000]
    return start.count(" ") > len(start) // 40


def _chosen(bodies: Sequence[Body]) -> Body:
    plain = "\n\n".join(text for kind, text in bodies if kind == "plain").strip("\n")
    page = "\n\n".join(text for kind, text in bodies if kind == "html").strip("\n")
    return ("plain", plain) if prefers_plain(plain, page) else ("html", page or plain)


def unflow(text: str, drops_space: bool = False) -> str:
    r"""Return a ``format=flowed`` text with its lines as they were typed.

    Example:
        >>> unflow("Une phrase \nen deux.\n-- \nNom\n> cité \n> suite")
        'Une phrase en deux.\n-- \nNom\n> cité suite'
    """
    lines: list[str] = []
    flows, marks = False, 0
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:]
        line = line[1:] if line.startswith(" ") else line
        if flows and depth == marks and line != "-- ":
            previous = lines.pop()
            line = (previous[:-1] if drops_space else previous) + line
        elif depth:
            line = f"{'>' * depth} {line}"
        lines.append(line)
        flows = line.endswith(" ") and line.lstrip("> ") != "-- " and line.strip() != "--"
        marks = depth
    return "\n".join(lines)
