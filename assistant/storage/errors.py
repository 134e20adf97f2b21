"""What the desk refuses, each refusal with what the page needs to explain it.

DeskError
├── UnknownRequest     no such request, or it has been removed for good
├── InBin              the request is in the bin
├── UnknownPoint       the draft has no such point to check
├── TooLong            a text is beyond what is kept
├── EditConflict       somebody else changed the draft; nothing of either is lost
├── PointsLeft         points to check are not ticked
├── SendingConflict    a sending of this reply has begun, or its end is unknown
├── AlreadySent        the reply has left: it cannot be changed any more
├── WrongCredentials   login and password do not go together
├── TooManyTries       too many failures from there, for now
└── AccountRefused     an account cannot be created or changed so
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import AssistantError
from assistant.storage.views import DraftView, PointView, SendingView


class DeskError(AssistantError):
    """Root of what the desk refuses; the message, in French, says what to do."""


class UnknownRequest(DeskError):
    """No request has this id."""

    def __init__(self, request_id: int) -> None:
        super().__init__(
            f"La demande {request_id} n’existe pas, ou plus\u00a0: revenez à la liste des demandes."
        )


class InBin(DeskError):
    """The request has been put in the bin."""

    def __init__(self) -> None:
        super().__init__("Cette demande est dans la corbeille\u00a0: reprenez-la avant de la modifier.")


class UnknownPoint(DeskError):
    """The draft has no such point, any more perhaps."""

    def __init__(self) -> None:
        super().__init__("Ce point ne figure plus parmi les vérifications\u00a0: rechargez la demande.")


class TooLong(DeskError):
    """A text is longer than what is kept; nothing was written."""

    def __init__(self, what: str, length: int, maximum: int) -> None:
        super().__init__(
            f"{what} compte {length} caractères\u00a0: {maximum} au plus peuvent être enregistrés. Raccourcissez-le\u00a0; "
            "rien n’a été enregistré."
        )


class EditConflict(DeskError):
    """Somebody else changed the draft since it was read.

    ``current`` is the draft as it now is; the text refused is kept among the revisions, under ``kept``.
    """

    def __init__(self, current: DraftView, kept: int | None = None) -> None:
        self.current = current
        self.kept = kept
        author = current.by.display_name if current.by else "l’assistant"
        super().__init__(
            f"Ce brouillon a été modifié entre-temps par {author}. Votre texte n’a pas remplacé le sien\u00a0: il est conservé "
            "dans l’historique («\u00a0brouillon écarté\u00a0»). Comparez les deux textes, puis enregistrez celui qui convient."
            if kept
            else f"Ce brouillon a été modifié entre-temps par {author}\u00a0: relisez-le avant de continuer."
        )


class PointsLeft(DeskError):
    """Points to check are not ticked: ``points``."""

    def __init__(self, points: Sequence[PointView]) -> None:
        self.points = tuple(points)
        what = "1 point reste" if len(self.points) == 1 else f"{len(self.points)} points restent"
        super().__init__(f"{what} à vérifier et à cocher avant de valider cette réponse.")


class SendingConflict(DeskError):
    """A sending of this reply has begun: ``sending``; its outcome has to be known first."""

    def __init__(self, sending: SendingView) -> None:
        self.sending = sending
        who = sending.by.display_name if sending.by else "un autre programme"
        super().__init__(
            f"Un envoi de cette réponse a été lancé par {who} et son issue n’est pas connue\u00a0: vérifiez dans la "
            "messagerie si le message est parti, puis indiquez-le ici."
            if sending.uncertain
            else f"Cette réponse est en cours d’envoi par {who}\u00a0: attendez la fin de l’envoi."
        )


class AlreadySent(DeskError):
    """The reply has been sent."""

    def __init__(self) -> None:
        super().__init__(
            "Cette réponse est déjà envoyée, ou déclarée comme telle\u00a0: elle ne peut plus être modifiée ni envoyée. Pour "
            "la compléter, préparez un nouveau message."
        )


class WrongCredentials(DeskError):
    """Login and password do not go together; which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            "Identifiant ou mot de passe incorrect. En cas d’oubli, demandez un nouveau mot de passe à l’administrateur."
        )


class TooManyTries(DeskError):
    """Too many failures: nothing is tried before ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        wait = f"{minutes}\u00a0minutes" if minutes > 1 else "une minute"
        super().__init__(f"Trop d’essais ont échoué\u00a0: réessayez dans {wait}.")


class AccountRefused(DeskError):
    """An account cannot be created or changed in this way."""
