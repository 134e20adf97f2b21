"""Write the header lines of a letter: clean, folded, and impossible to add to from within a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.header import Header
from email.utils import format_datetime
from uuid import uuid4

from assistant.composing.french import NBSP
from assistant.drafting.exporting.cleaning import clean_line
from assistant.drafting.exporting.outgoing import NAME_LENGTH, Outgoing, reply_subject
from assistant.drafting.message import Address
from assistant.errors import InputError

MAXIMUM_RECIPIENTS = 100
LINE = 76  # characters
_REFERENCES = 20  # identifiers kept: the first one and the latest
_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,250}>")
_LOCAL = re.compile(r"[^\s@<>()\[\]:;,\"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


def deliverable(address: Address | None) -> str:
    """Return an address as mail servers take it, its host in ASCII; empty when nothing can be sent there.

    Example:
        >>> deliverable(Address("", "accueil@exemple-été.example"))
        'accueil@xn--exemple-t-i4ab.example'
    """
    import idna

    local, at, host = (address.address.strip() if address else "").rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return ""
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""
    return f"{local}@{host}" if _HOST.fullmatch(host) else ""


def mailboxes(addresses: Iterable[Address], but: Sequence[str] = ()) -> dict[str, Address]:
    """Return the addresses that can be written to, each once, without those of ``but``.

    Raises:
        InputError: There are more than ``MAXIMUM_RECIPIENTS``.
    """
    found: dict[str, Address] = {}
    known = {kept.lower() for kept in but}
    for address in addresses:
        written = deliverable(address)
        if written and written.lower() not in known:
            known.add(written.lower())
            found[written] = address
    if len(found) > MAXIMUM_RECIPIENTS:
        raise InputError(
            f"La lettre a {len(found)} destinataires, pour {MAXIMUM_RECIPIENTS} au plus{NBSP}: retirez-en."
        )
    return found


def new_identifier(sender: Address | None) -> str:
    """Return an identifier for a message, which says nothing of the machine; empty when nobody signs it."""
    written = deliverable(sender)
    return f"<{uuid4().hex}@{written.rpartition('@')[2]}>" if written else ""


def header_lines(outgoing: Outgoing, identifier: str) -> bytes:
    """Return the header lines of a letter, each ended as mail servers want it.

    They are in UTF-8, and in ASCII unless the name of a mailbox (what stands before « @ ») is not.

    Raises:
        InputError: It has too many recipients.
    """
    to = mailboxes(outgoing.recipients)
    lines = [
        _folded("From", _written(mailboxes([outgoing.sender] if outgoing.sender else [])), ","),
        _folded("To", _written(to), ","),
        _folded("Cc", _written(mailboxes(outgoing.cc, tuple(to))), ","),
        f"Subject: {_encoded(reply_subject(outgoing.subject), len('Subject: '))}",
        f"Date: {format_datetime(outgoing.now if outgoing.now.tzinfo else outgoing.now.astimezone())}",
        _folded("Message-ID", [identifier] if identifier else [], ""),
        _folded("In-Reply-To", _identifiers([outgoing.answers]), ""),
        _folded("References", _thread(outgoing), ""),
    ]
    return "".join(f"{line}\r\n" for line in lines if line).encode()


def _folded(name: str, values: Sequence[str], separator: str) -> str:
    """Return a header with a value a line, empty when there is none."""
    return f"{name}: " + f"{separator}\r\n ".join(values) if values else ""


def _written(addresses: dict[str, Address]) -> list[str]:
    return [
        _mailbox(clean_line(address.name, NAME_LENGTH), written) for written, address in addresses.items()
    ]


def _mailbox(name: str, written: str) -> str:
    if not name or name == written:
        return written
    if not name.isascii() or "=?" in name:
        name = _encoded(name, len("From: "))
    elif not _PLAIN_NAME.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name}\r\n <{written}>" if len(name) + len(written) + 3 > LINE else f"{name} <{written}>"


def _encoded(text: str, taken: int) -> str:
    """Return a text in ASCII, folded; ``taken`` is how much of its first line is not its own."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    header = Header(text, charset, maxlinelen=LINE, continuation_ws=" ", header_name="x" * max(0, taken - 2))
    return header.encode(linesep="\r\n")


def _thread(outgoing: Outgoing) -> list[str]:
    known = _identifiers([*outgoing.thread, outgoing.answers])
    if outgoing.answers in known:  # it comes last, wherever the sender's program had put it
        known = [identifier for identifier in known if identifier != outgoing.answers] + [outgoing.answers]
    return known if len(known) <= _REFERENCES else [known[0], *known[1 - _REFERENCES :]]


def _identifiers(values: Iterable[str]) -> list[str]:
    """Return the values that are identifiers of messages, each once, in order."""
    return list(dict.fromkeys(value for value in map(str.strip, values) if _IDENTIFIER.fullmatch(value)))
