"""Whether a machine sent a message: an absence, a failed delivery, a read receipt, a list."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.drafting.message import Message

ABSENCE = "Ce message est une réponse automatique (absence)\u00a0: il n’appelle sans doute pas de réponse."
BOUNCE = "Ce message est un avis de non-remise\u00a0: un envoi précédent n’a pas atteint son destinataire."
RECEIPT = "Ce message est un accusé de lecture ou de réception\u00a0: il n’appelle pas de réponse."
MASS = "Ce message a été envoyé à une liste ou par un automate."

_ABSENCE = re.compile(
    r"^\W*(?:r[ée]ponse automatique|absence du bureau|absent(?:e)? du bureau|message d['’]absence|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo|abwesenheitsnotiz|absence\b|en cong[ée]s\b)",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"^\W*(?:undeliver(?:able|ed)|non remis|[ée]chec de (?:la )?remise|[ée]chec d['’]envoi|mail delivery (?:failed|failure|subsystem|status)|delivery (?:status notification|failure|has failed)|returned mail|failure notice|message non distribu[ée])",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"^\W*(?:lu\s*:|read\s*:|not read\s*:|non lu\s*:|accus[ée] de (?:lecture|r[ée]ception)|confirmation de lecture|disposition notification|remis\s*:|relay[ée]\s*:|delivered\s*:)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)


def notices_of(subject: str, sender: str, headers: Mapping[str, str], report: str = "") -> tuple[str, ...]:
    """Return what to tell of a message sent by a machine; nothing of one that a person wrote.

    Args:
        subject: The subject.
        sender: The address of the sender.
        headers: Headers by their name in lower case.
        report: The type of a ``multipart/report``, such as « delivery-status ».
    """
    if report == "delivery-status" or _BOUNCE.match(subject) or _DAEMON.match(sender):
        return (BOUNCE,)
    if report == "disposition-notification" or _RECEIPT.match(subject):
        return (RECEIPT,)
    automatic = headers.get("auto-submitted", "").strip().lower()
    replied = automatic.startswith("auto-replied") or "x-autoreply" in headers or "x-autorespond" in headers
    if replied or _ABSENCE.match(subject):
        return (ABSENCE,)
    precedence = headers.get("precedence", "").strip().lower()
    is_generated = automatic.startswith("auto-") or precedence in ("bulk", "junk", "list", "auto_reply")
    return (MASS,) if is_generated or "list-unsubscribe" in headers else ()


def is_automatic(message: Message) -> bool:
    """Whether a message read says that a machine sent it."""
    return bool({ABSENCE, BOUNCE, RECEIPT, MASS} & set(message.notices))
