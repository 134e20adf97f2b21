"""What an installation may set for its pages, read from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from assistant.errors import SettingError

# The sources of a CSP frame-ancestors directive: 'self', or an origin, whose host may open with *.
_ANCESTOR = re.compile(r"'self'|https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")
_E_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_WEB = re.compile(r"https?://[^\s<>\"']+")


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
