"""What an installation may set for its pages and for the letters of its desk, read from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from assistant.composing.french import NBSP
from assistant.drafting.exporting.heading import deliverable
from assistant.drafting.message import Address
from assistant.errors import SettingError

# The sources of a CSP frame-ancestors directive: 'self', or an origin, whose host may open with *.
_ANCESTOR = re.compile(r"'self'|https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")
_E_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_WEB = re.compile(r"https?://[^\s<>\"']+")
_MAILBOX = re.compile(r"(?:\"?(?P<name>[^\"<>\x00-\x1f]{0,120}?)\"?\s*<(?P<in>[^<>]+)>|(?P<alone>\S+))")
_SIGNATURE_LINES, _SIGNATURE_WIDTH = 15, 200
_RETENTION = (365, 30, 3650)  # days: by default, at least, at most


@dataclass(frozen=True)
class SiteSettings:
    """Who answers for this installation, and which sites may show its chat in a frame.

    ``contact`` (environment: ``ASSISTANT_CONTACT``) is an e-mail or web address, empty when none is given;
    ``frame_ancestors`` (``ASSISTANT_FRAME_ANCESTORS``, separated by spaces) are origins such as
    ``https://intranet.example.org``, or ``'self'``; none may by default.
    """

    contact: str = ""
    frame_ancestors: tuple[str, ...] = field(default=())

    @classmethod
    def from_environment(cls) -> SiteSettings:
        """Read the settings.

        Raises:
            SettingError: A value is not what is expected; the message says which and what to write.
        """
        contact = os.environ.get("ASSISTANT_CONTACT", "").strip()
        if contact and not (_E_MAIL.fullmatch(contact) or _WEB.fullmatch(contact)):
            raise SettingError(
                f"ASSISTANT_CONTACT vaut « {contact} »\u00a0: écrivez une adresse électronique, ou une adresse de page "
                "qui commence par https://."
            )
        ancestors = tuple(os.environ.get("ASSISTANT_FRAME_ANCESTORS", "").split())
        for ancestor in ancestors:
            if not _ANCESTOR.fullmatch(ancestor):
                raise SettingError(
                    f"ASSISTANT_FRAME_ANCESTORS contient « {ancestor} »\u00a0: écrivez des origines séparées par des "
                    "espaces, par exemple https://intranet.example.org."
                )
        return cls(contact, ancestors)

    @property
    def contact_url(self) -> str:
        """The link to the contact, empty when none is given."""
        return f"mailto:{self.contact}" if _E_MAIL.fullmatch(self.contact) else self.contact


@dataclass(frozen=True)
class DeskSettings:
    """What the letters of the desk are signed with, and how long requests are kept.

    ``signature`` (environment: ``ASSISTANT_SIGNATURE``, a text whose lines are parted by a backslash and « n », or the path of a text in
    ``ASSISTANT_SIGNATURE_FILE``) is the block below a letter; ``reply_from`` (``ASSISTANT_REPLY_FROM``) is who writes;
    ``retention_days`` (``ASSISTANT_RETENTION_DAYS``) is how many days a request is kept after it was answered.
    """

    signature: str = ""
    reply_from: Address | None = None
    retention_days: int = _RETENTION[0]

    @classmethod
    def from_environment(cls) -> DeskSettings:
        """Read the settings.

        Raises:
            SettingError: A value is not what is expected; the message says which and what to write.
        """
        written = os.environ.get("ASSISTANT_REPLY_FROM", "").strip()
        return cls(
            _signature(), read_mailbox("ASSISTANT_REPLY_FROM", written) if written else None, _retention()
        )


def read_mailbox(setting: str, written: str) -> Address:
    """Return the sender that a setting names, as ``Service <service@example.org>`` or the address alone.

    Raises:
        SettingError: It is not an address.
    """
    match = _MAILBOX.fullmatch(written)
    address = (match["in"] or match["alone"]).strip() if match else ""
    if match is None or not deliverable(Address("", address)):
        raise SettingError(
            f"{setting} vaut « {written} »{NBSP}: écrivez un nom et une adresse, par exemple "
            "Service <service@example.org>, ou l’adresse seule."
        )
    return Address((match["name"] or "").strip(), address)


def _signature() -> str:
    given, path = (
        os.environ.get("ASSISTANT_SIGNATURE", ""),
        os.environ.get("ASSISTANT_SIGNATURE_FILE", "").strip(),
    )
    if given.strip() and path:
        raise SettingError(
            f"ASSISTANT_SIGNATURE et ASSISTANT_SIGNATURE_FILE sont donnés tous les deux{NBSP}: gardez-en un."
        )
    name, text = ("ASSISTANT_SIGNATURE_FILE", _read(path)) if path else ("ASSISTANT_SIGNATURE", given)
    lines = [line.strip() for line in text.replace("\\n", "\n").strip().splitlines()]
    if len(lines) > _SIGNATURE_LINES or any(len(line) > _SIGNATURE_WIDTH for line in lines):
        raise SettingError(
            f"La signature de {name} est trop longue{NBSP}: {_SIGNATURE_LINES} lignes de {_SIGNATURE_WIDTH} caractères au "
            "plus."
        )
    return "\n".join(lines)


def _read(path: str) -> str:
    """Return the text of a signature, read no further than what would be refused."""
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            return file.read(2 * _SIGNATURE_LINES * _SIGNATURE_WIDTH)
    except (OSError, UnicodeError, ValueError) as error:
        raise SettingError(
            f"Le fichier « {path} » de ASSISTANT_SIGNATURE_FILE ne se lit pas{NBSP}: vérifiez son chemin, ses droits et qu’il "
            "est en UTF-8."
        ) from error


def _retention() -> int:
    default, least, most = _RETENTION
    written = os.environ.get("ASSISTANT_RETENTION_DAYS", "").strip() or str(default)
    if not (re.fullmatch("[0-9]{1,5}", written) and least <= int(written) <= most):
        raise SettingError(
            f"ASSISTANT_RETENTION_DAYS vaut « {written} »{NBSP}: écrivez un nombre de jours de {least} à {most}."
        )
    return int(written)
