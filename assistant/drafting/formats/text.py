"""Pasted or saved text: a message whose first lines may be its header, in French or in English."""

from __future__ import annotations

import re

from assistant.drafting.addresses import read_address
from assistant.drafting.boundaries import QUOTE, header_at, is_header
from assistant.drafting.formats.charsets import clean_lines, decode, undo_base64
from assistant.drafting.formats.limits import MAXIMUM_TEXT
from assistant.drafting.formats.moments import read_moment
from assistant.drafting.formats.signed import without_pgp_signature
from assistant.drafting.message import Address, Message
from assistant.errors import InputError

_SEVERAL = re.compile(r"\s*[;]\s*|,\s+(?=[^,;@]{0,80}@)")
_SUBJECT = re.compile(
    r"\s*\*{0,2}(?:objet|subject|sujet)\s*\*{0,2}[ \u00a0]?:\*{0,2}[ \u00a0]*(?P<subject>\S.{0,300})",
    re.IGNORECASE,
)
_CUT = "Le message est très long\u00a0: seul son début a été lu."


def read_text(raw: bytes) -> Message:
    """Return the message of bytes of plain text.

    Raises:
        InputError: There is no text in them.
    """
    decoded = decode(raw)
    return message_of(undo_base64(decoded.text), (decoded.notice,))


def message_of(text: str, notices: tuple[str, ...] = ()) -> Message:
    """Return the message of a text, the header of its first lines read and left out of it.

    Raises:
        InputError: There is no text.
    """
    cleaned = clean_lines(without_pgp_signature(text))
    body = cleaned.text.strip("\n")
    if not body.strip():
        raise InputError(
            "Le message est vide\u00a0: aucun texte n’a été trouvé. Collez le message ou exportez-le de nouveau."
        )
    told = [*notices, cleaned.notice, _CUT if len(body) > MAXIMUM_TEXT else ""]
    lines = body[:MAXIMUM_TEXT].split("\n")
    first = next(place for place, line in enumerate(lines) if line.strip())
    said, end = header_at(lines, first)
    kept = tuple(dict.fromkeys(filter(None, told)))
    if QUOTE.match(lines[first]):
        return Message("\n".join(lines), notices=kept)
    if not is_header(said):
        return _titled(lines, first, kept)
    return Message(
        text="\n".join(lines[end:]).strip("\n"),
        subject=said.get("subject", ""),
        sender=read_address(said["from"]),
        to=_addresses(said.get("to", "")),
        cc=_addresses(said.get("cc", "")),
        sent=read_moment(said.get("date", "")),
        notices=kept,
    )


def _titled(lines: list[str], first: int, notices: tuple[str, ...]) -> Message:
    """Return a text that may begin with its subject alone: « Objet : demande de précisions »."""
    titled = _SUBJECT.fullmatch(lines[first][:400])
    text = "\n".join(lines[first + 1 :] if titled else lines).strip("\n")
    if titled and text.strip():
        return Message(text, subject=titled["subject"].strip(" *"), notices=notices)
    return Message("\n".join(lines).strip("\n"), notices=notices)


def _addresses(written: str) -> tuple[Address, ...]:
    found = (read_address(one) for one in _SEVERAL.split(written)[:100])
    return tuple(address for address in found if address is not None)
