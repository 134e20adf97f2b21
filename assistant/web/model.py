"""What the pages know of the language model that may help the assistant: whether there is one, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlsplit

from assistant.answer import Answer, Mode, Partial
from assistant.composing.french import NBSP, say_number

if TYPE_CHECKING:
    from decimal import Decimal

    from assistant.model.settings import ModelSettings

LONGEST_LABEL = 80  # characters of the name of a model

_ICONS = {Mode.RULES: "§", Mode.MODEL: "✦", Mode.FALLBACK: "↺"}
_WITHOUT = "Composé sans modèle de langue"
# What a model may be asked, by the names of the settings.
_TASKS = {
    "reformuler": "Reformuler une question qui ne se comprend qu’avec les précédentes.",
    "lire": "Relever dans votre message ce que vous demandez et les faits que vous donnez. S’il lit autrement que "
    "l’assistant, ce sont vos propres mots qui départagent.",
    "juger": "Soumettre un projet aux règles écrites. Le verdict affiché est toujours celui de la règle.",
    "rediger": "Choisir et mettre en ordre les phrases de la réponse, parmi les passages des sources et les résultats des règles "
    "qui lui sont donnés.",
}


@runtime_checkable
class Modelled(Protocol):
    """An assistant that a language model helps: it tells an answer as it is made."""

    @property
    def model_label(self) -> str:
        """The name of the model, as the pages show it."""

    def stream(self, turns: Sequence[str], day: date, conversation: str = "") -> Iterator[Partial | Answer]:
        """Yield what is already checked of the answer to the last of ``turns``, then the answer, once.

        ``conversation`` is what tokens are counted by. Closing the iterator stops the request to the model.
        """

    def model_state(self) -> str:
        """Return why the model cannot be asked now, in one line; empty when it can."""


@dataclass(frozen=True)
class Written:
    """Who put an answer in words: a mark, and the same in words."""

    icon: str
    words: str


def written(answer: Answer, *, modelled: bool) -> Written | None:
    """Return who wrote an answer, ``None`` where it goes without saying: no model did, and none is ``modelled``.

    What a fallback says is why the model did not help.
    """
    if answer.mode is Mode.MODEL:
        return Written(
            _ICONS[Mode.MODEL],
            f"Phrases choisies et ordonnées par {_named(answer.model)}, toutes tirées des sources et des règles",
        )
    if answer.mode is Mode.FALLBACK:
        return Written(_ICONS[Mode.FALLBACK], answer.notice or _WITHOUT)
    return Written(_ICONS[Mode.RULES], _WITHOUT) if modelled else None


def drafted(mode: object, label: object) -> Written | None:
    """Return what says that a model wrote part of a letter, ``None`` when none did; both are as they were stored."""
    if mode != Mode.MODEL:
        return None
    by = _named(label if isinstance(label, str) else "")
    return Written(_ICONS[Mode.MODEL], f"Rédigé en partie par {by}\u00a0: relisez chaque phrase")


def _named(label: str) -> str:
    name = short_label(label)
    return f"un modèle de langue ({name})" if name else "un modèle de langue"


def short_label(label: str) -> str:
    """Return the name of a model in one line of a bounded length."""
    line = " ".join(label.split())
    return line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1].rstrip()}…"


@dataclass(frozen=True)
class ModelCard:
    """What « À propos » says of the model: its name, what it is asked, its bounds in words.

    ``here``: what it is sent stays on this machine; ``clear``: it is not encrypted on its way; ``kept``: a journal of
    the exchanges is.
    """

    label: str
    tasks: tuple[str, ...]
    here: bool = False
    clear: bool = False
    seconds: str = ""  # that a question may wait for it
    caps: tuple[str, ...] = ()
    kept: bool = False


def card_of(assistant: object) -> ModelCard | None:
    """Return the card of the model that helps an assistant, ``None`` when none does.

    Its bounds are those of the settings that the assistant gives as ``model_settings``.
    """
    if not isinstance(assistant, Modelled):
        return None
    label = short_label(assistant.model_label)
    settings: ModelSettings | None = getattr(assistant, "model_settings", None)
    if settings is None:
        return ModelCard(label, tuple(_TASKS.values()))
    here = _is_here(settings.address)
    return ModelCard(
        label,
        tuple(words for name, words in _TASKS.items() if name in settings.tasks),
        here,
        settings.in_clear and not here,
        say_number(settings.timeout),
        tuple(_caps(settings)),
        settings.trace is not None,
    )


def _is_here(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _caps(settings: ModelSettings) -> Iterator[str]:
    for tokens, cost, per in (
        (settings.conversation_tokens, settings.conversation_cost, "par conversation"),
        (settings.day_tokens, settings.day_cost, "par jour, pour tous les visiteurs"),
    ):
        said = f"{say_number(tokens)} jetons"
        yield f"{said} et {_say_euros(cost)} {per}" if cost is not None else f"{said} {per}"


def _say_euros(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",").removesuffix(",00") + f"{NBSP}€"
