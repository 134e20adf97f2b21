"""Opinions on answers, sent and withdrawn, and the masking of a text before it is shared."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse

from assistant.answer import Kind
from assistant.composing.french import say_number
from assistant.feedback import (
    MAX_ANSWER,
    MAX_COMMENT,
    MAX_QUESTION,
    REASONS,
    FeedbackError,
    FeedbackStore,
    Opinion,
)
from assistant.privacy.masking import find, mask
from assistant.web.chat.history import well_formed
from assistant.web.posted import Allowance, PostedError, answer_posted, refuse_elsewhere, said, sender

MAX_MASKED = 20_000  # characters
# A minute, of one address and of all together: an establishment or a relay may be one address.
OPINIONS_A_MINUTE = 20, 100
WITHDRAWALS_A_MINUTE = 20, 100
MASKINGS_A_MINUTE = 60, 240
# What the form of the chat needs to know.
OPINION_FORM = {
    "reasons": REASONS,
    "max_comment": MAX_COMMENT,
    "max_question": MAX_QUESTION,
    "max_answer": MAX_ANSWER,
}
_EXPECTED = {
    "value": "« value » doit être « utile » ou « inutile ».",
    "comment": f"Le commentaire doit être un texte de {say_number(MAX_COMMENT)} caractères au plus.",
    "question": f"La question jointe doit être un texte de {say_number(MAX_QUESTION)} caractères au plus.",
    "answer": f"La réponse jointe doit être un texte de {say_number(MAX_ANSWER)} caractères au plus.",
    "day": "« day » doit être le jour de la réponse, écrit AAAA-MM-JJ.",
    "kind": f"« kind » doit être la nature de la réponse\u00a0: {', '.join(Kind)}.",
}
_REASONS_EXPECTED = "Les motifs (« reasons ») sont, sans répétition, pour un avis " + "\u00a0; ".join(
    f"{value}\u00a0: {', '.join(reasons)}" for value, reasons in REASONS.items()
)


def router(store: FeedbackStore | None = None) -> APIRouter:
    """Return the routes; the opinions are kept under the directory of built things unless ``store`` is given."""
    pages = APIRouter()
    opinions = store or FeedbackStore()
    of_opinions, of_withdrawals = Allowance(*OPINIONS_A_MINUTE), Allowance(*WITHDRAWALS_A_MINUTE)
    of_maskings = Allowance(*MASKINGS_A_MINUTE)

    def keep(data: object, address: str) -> Response:
        opinion = read_opinion(data)
        of_opinions.take(address)  # only now: what is no opinion takes nobody's place
        try:
            identifier = opinions.add(opinion)
        except FeedbackError as error:
            raise PostedError(503, str(error)) from error
        return said("Merci. Votre avis est enregistré.", 201, id=identifier)

    @pages.post("/avis")
    async def give(request: Request) -> Response:
        return await answer_posted(request, keep)

    @pages.delete("/avis/{identifier}")
    def withdraw(request: Request, identifier: str) -> Response:
        try:
            refuse_elsewhere(request)
            of_withdrawals.take(sender(request))
            if opinions.withdraw(identifier):
                return said("Votre avis est retiré.")
        except PostedError as error:
            return said(str(error), error.status)
        except FeedbackError as error:
            return said(str(error), 503)
        return said(
            "Cet avis n’existe pas\u00a0: il a déjà été retiré, ou il a été supprimé au terme de sa conservation.",
            404,
        )

    def mask_text(data: object, address: str) -> Response:
        text = read_text(data)
        of_maskings.take(address)
        return masked(text)

    @pages.post("/masquer")
    async def hide(request: Request) -> Response:
        return await answer_posted(request, mask_text)

    return pages


def read_text(data: object) -> str:
    """Return the text that was sent, without halves of characters.

    Raises:
        PostedError: There is no text, or it is too long.
    """
    text = data.get("text") if isinstance(data, dict) and set(data) == {"text"} else None
    if not isinstance(text, str) or len(text) > MAX_MASKED:
        raise PostedError(
            422, f"« text » doit être un texte de {say_number(MAX_MASKED)} caractères au plus, et seul."
        )
    return well_formed(text)


def masked(text: str) -> Response:
    """Return ``{"text": masked text, "found": names of what was masked, once each}``."""
    found = list(dict.fromkeys(span.kind.value for span in find(text)))
    return JSONResponse({"text": mask(text), "found": found}, headers={"Cache-Control": "no-store"})


def read_opinion(data: object) -> Opinion:
    """Return the opinion that was sent.

    Raises:
        PostedError: It is none; the message says which field and what is expected.
    """
    try:
        return Opinion.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] in ("model_type", "extra_forbidden"):
        known = ", ".join(Opinion.model_fields)
        raise PostedError(422, f"Un avis est un objet JSON dont les seuls champs sont {known}.")
    raise PostedError(422, _EXPECTED.get(field, _REASONS_EXPECTED))
