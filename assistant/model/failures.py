"""Why a model did not help, said in French without a word of what its server answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from assistant.errors import AssistantError


class Failure(StrEnum):
    """Why the model did not help."""

    TIMEOUT = "delai"
    UNREACHABLE = "injoignable"
    BUSY = "sature"
    SERVER = "panne"
    REFUSED = "refus"
    GARBAGE = "illisible"
    CUT = "coupe"
    CAPPED = "plafond"
    PAUSED = "pause"
    UNSUPPORTED = "non_pris_en_charge"
    TOO_LONG = "trop_long"


SENTENCES = {
    Failure.TIMEOUT: "Le modèle n’a pas répondu à temps.",
    Failure.UNREACHABLE: "Le serveur du modèle n’a pas pu être joint.",
    Failure.BUSY: "Le serveur du modèle est saturé.",
    Failure.SERVER: "Le serveur du modèle est en panne.",
    Failure.REFUSED: "Le serveur du modèle a refusé la demande\u00a0: vérifiez la clé et le nom du modèle.",
    Failure.GARBAGE: "La réponse du modèle est illisible.",
    Failure.CUT: "La réponse du modèle a été interrompue.",
    Failure.CAPPED: "Le plafond d’usage du modèle est atteint.",
    Failure.PAUSED: "Le modèle est laissé en pause après plusieurs échecs.",
    Failure.UNSUPPORTED: "Le serveur du modèle ne prend pas en charge cette demande.",
    Failure.TOO_LONG: "La demande est trop longue pour le modèle.",
}


class ModelError(AssistantError):
    """The model did not help; ``failure`` says why, ``retry_after`` how many seconds its server asked to wait."""

    def __init__(self, failure: Failure, retry_after: float = 0.0) -> None:
        super().__init__(SENTENCES[failure])
        self.failure = failure
        self.retry_after = retry_after


class UnacceptableBodyError(Exception):
    """A response that is not read: too large, of another type, or leading elsewhere."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


# By name, so that no provider's package needs to be there: httpx, httpx2, openai and ollama each have their own.
_TIMEOUTS = {"TimeoutException", "APITimeoutError", "TimeoutError"}
_CONNECTIONS = {"TransportError", "APIConnectionError", "ConnectionError", "OSError"}
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size|overflow)|prompt is too long|exceeds? the (?:available )?context",
    re.IGNORECASE,
)
_OPTIONS = re.compile(r"tools?\b|function|response_format|json_schema|jinja|grammar", re.IGNORECASE)
_READ = 4_000  # characters of an error's text that are looked at


def failure_of(error: BaseException, begun: bool = False, optional: bool = False) -> ModelError:
    """Return what an error of a provider's package means.

    ``begun``: a part of the answer had come. ``optional``: the request asked for what a server may lack (a form of
    answer, tools), so that one refused as wrong is rather not supported.
    """
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, ModelError):
            return link
        if isinstance(link, UnacceptableBodyError):
            return ModelError(link.failure)
    for link in chain:
        status = _status(link)
        if status:
            return _of_status(status, link, optional)
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    if names & _TIMEOUTS:
        return ModelError(Failure.TIMEOUT)
    if names & _CONNECTIONS:
        return ModelError(Failure.CUT if begun else Failure.UNREACHABLE)
    if "APIError" in names or "ResponseError" in names:  # an error told in the middle of a stream
        return ModelError(Failure.SERVER)
    return ModelError(Failure.GARBAGE)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and 300 <= status <= 599:
            return status
    return 0


def _of_status(status: int, error: BaseException, optional: bool) -> ModelError:
    told = str(error)[:_READ]
    if status == 429:
        return ModelError(Failure.BUSY, _retry_after(error))
    if status in (400, 413, 422, 500) and _TOO_LONG.search(told):
        return ModelError(Failure.TOO_LONG)
    if optional and (status in (400, 422, 501) or (status in (404, 500) and _OPTIONS.search(told))):
        return ModelError(Failure.UNSUPPORTED)
    if status >= 500 or status == 408:
        return ModelError(Failure.SERVER, _retry_after(error))
    return ModelError(Failure.REFUSED)


def _retry_after(error: BaseException) -> float:
    """Return the seconds that a server asks to wait, 0 when it does not say or says nonsense."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    written = str(headers.get("retry-after") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", written):
        return float(written)
    try:
        when = parsedate_to_datetime(written)
    except (TypeError, ValueError):
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
