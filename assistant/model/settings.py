"""What an installation may set about a language model, read from the environment; nothing set: no model."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from assistant.composing.french import NBSP
from assistant.errors import SettingError
from index.french import fold


class Task(StrEnum):
    """What a model may be asked to do."""

    REPHRASE = "reformuler"
    READ = "lire"
    JUDGE = "juger"
    WRITE = "rediger"


@dataclass(frozen=True)
class Provider:
    """A kind of server: the package that speaks to it, its usual address, the environment's name of its key.

    ``shared``: the address is that of a public service, which wants a key.
    """

    package: str
    extra: str
    address: str
    key: str
    shared: bool = True


PROVIDERS = {
    "openai": Provider("langchain_openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    "mistralai": Provider("langchain_mistralai", "mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "ollama": Provider(
        "langchain_ollama", "ollama", "http://127.0.0.1:11434", "OLLAMA_API_KEY", shared=False
    ),
}

_NAME = re.compile(r"[a-z]+:[A-Za-z0-9][A-Za-z0-9./:@+_-]{0,199}")
_NUMBER = re.compile(r"[0-9]{1,12}")
_AMOUNT = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,6})?")
_KEY = re.compile(r"[!-~]{1,2000}")
_PRINTABLE = re.compile(r"[!-~]{1,500}")
_PRIVATE_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".intranet", ".intra", ".home.arpa")
_SHOWN = 80  # characters of a value that a message repeats

TIMEOUT = (20, 1, 300)  # seconds: by default, at least, at most
CONTEXT = (8_192, 1_024, 4_000_000)  # tokens
CONVERSATION_TOKENS = (200_000, 1_000, 1_000_000_000)
DAY_TOKENS = (5_000_000, 1_000, 1_000_000_000_000)


@dataclass(frozen=True)
class ModelSettings:
    """The model asked, where, how long, for what, at what cost, up to which caps; the key is never shown.

    ``name`` is in the form of LangChain's ``init_chat_model``; ``timeout`` is how many seconds one question may wait
    for the model in all; ``prices`` are euros for a million tokens read, and written; caps count both.
    """

    name: str
    base_url: str = ""
    timeout: float = float(TIMEOUT[0])
    context: int = CONTEXT[0]
    tasks: frozenset[Task] = frozenset(Task)
    conversation_tokens: int = CONVERSATION_TOKENS[0]
    day_tokens: int = DAY_TOKENS[0]
    prices: tuple[Decimal, Decimal] | None = None
    conversation_cost: Decimal | None = None
    day_cost: Decimal | None = None
    trace: Path | None = None
    key: SecretStr | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls) -> ModelSettings | None:
        """Read the settings; ``None`` when no model is named.

        Raises:
            SettingError: A value is not what is expected; the message says which and what to write.
        """
        name = _given("ASSISTANT_MODEL")
        if not name:
            return None
        provider = _provider(name)
        base_url, key = _base_url(), _key(provider)
        _check_key(provider, base_url, key)
        prices = _prices()
        return cls(
            name=name,
            base_url=base_url,
            timeout=_timeout(),
            context=_whole("ASSISTANT_MODEL_CONTEXT", CONTEXT, "tokens"),
            tasks=_tasks(),
            conversation_tokens=_whole("ASSISTANT_MODEL_CONVERSATION_TOKENS", CONVERSATION_TOKENS, "tokens"),
            day_tokens=_whole("ASSISTANT_MODEL_DAY_TOKENS", DAY_TOKENS, "tokens"),
            prices=prices,
            conversation_cost=_cost("ASSISTANT_MODEL_CONVERSATION_COST", prices),
            day_cost=_cost("ASSISTANT_MODEL_DAY_COST", prices),
            trace=_trace(),
            key=key,
        )

    @property
    def provider(self) -> Provider:
        """The kind of server that the name tells."""
        return PROVIDERS[self.kind]

    @property
    def kind(self) -> str:
        """The provider's name, as ``openai``."""
        return self.name.partition(":")[0]

    @property
    def label(self) -> str:
        """The name of the model without its provider, as shown on the page."""
        return self.name.partition(":")[2]

    @property
    def address(self) -> str:
        """The address that every request goes to."""
        return self.base_url or self.provider.address

    @property
    def in_clear(self) -> bool:
        """Whether what is sent is not encrypted on its way."""
        return self.address.startswith("http:")


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()


def _shown(value: str) -> str:
    """Return a value as an error repeats it: printable, short, without what may be a key."""
    value = "".join(char if char.isprintable() else " " for char in " ".join(value.split()))
    value = re.sub(r"\?.*|\bsk-\S+", "…", value)
    return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"


def _refusal(name: str, value: str, wanted: str) -> SettingError:
    return SettingError(f"{name} vaut « {_shown(value)} »{NBSP}: {wanted}")


def _provider(name: str) -> Provider:
    provider = PROVIDERS.get(name.partition(":")[0])
    if provider is None or not _NAME.fullmatch(name):
        raise _refusal(
            "ASSISTANT_MODEL",
            name,
            f"écrivez un fournisseur ({', '.join(PROVIDERS)}), deux-points et le nom du modèle, sans espace, par exemple "
            "mistralai:mistral-small-latest, ou openai:albert-large avec l’adresse d’Albert dans ASSISTANT_MODEL_BASE_URL.",
        )
    return provider


def _base_url() -> str:
    """Return the address without a final slash; what a message repeats of it never holds a password."""
    written = _given("ASSISTANT_MODEL_BASE_URL")
    if not written:
        return ""
    wanted = "écrivez l’adresse du serveur, par exemple http://127.0.0.1:8080/v1."
    if not _PRINTABLE.fullmatch(written):
        raise SettingError(
            f"ASSISTANT_MODEL_BASE_URL contient une espace, une fin de ligne ou un caractère accentué{NBSP}: {wanted}"
        )
    try:
        parts = urlsplit(written)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if "@" in written:
        raise SettingError(
            f"ASSISTANT_MODEL_BASE_URL contient un nom ou un mot de passe{NBSP}: retirez-les et donnez la clé dans "
            "ASSISTANT_MODEL_KEY."
        )
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise _refusal("ASSISTANT_MODEL_BASE_URL", written, wanted)
    return written.rstrip("/?#")


def _key(provider: Provider) -> SecretStr | None:
    for name in ("ASSISTANT_MODEL_KEY", provider.key):
        if written := _given(name):
            if not _KEY.fullmatch(written):
                raise SettingError(
                    f"{name} contient une espace, une fin de ligne ou un caractère accentué{NBSP}: recopiez la clé seule."
                )
            return SecretStr(written)
    return None


def _check_key(provider: Provider, base_url: str, key: SecretStr | None) -> None:
    if key is None:
        if provider.shared and not base_url:
            raise SettingError(
                f"Le modèle de ASSISTANT_MODEL demande une clé{NBSP}: donnez-la dans {provider.key}, ou l’adresse de votre "
                "serveur dans ASSISTANT_MODEL_BASE_URL."
            )
        return
    parts = urlsplit(base_url or provider.address)
    if parts.scheme == "http" and not _stays_inside(parts.hostname or ""):
        raise SettingError(
            f"ASSISTANT_MODEL_BASE_URL enverrait la clé en clair à {parts.hostname}{NBSP}: écrivez une adresse en https://, "
            "ou celle d’un serveur de votre réseau."
        )


def _stays_inside(host: str) -> bool:
    """Tell whether a host is this machine or one of a private network, by its name or address alone."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_private
    except ValueError:
        return "." not in host or host.rstrip(".").endswith(_PRIVATE_ENDINGS)


def _timeout() -> float:
    default, least, most = TIMEOUT
    written = _given("ASSISTANT_MODEL_TIMEOUT") or str(default)
    if not _AMOUNT.fullmatch(written) or not least <= float(written.replace(",", ".")) <= most:
        raise _refusal(
            "ASSISTANT_MODEL_TIMEOUT", written, f"écrivez un nombre de secondes de {least} à {most}."
        )
    return float(written.replace(",", "."))


def _whole(name: str, bounds: tuple[int, int, int], unit: str) -> int:
    default, least, most = bounds
    written = _given(name) or str(default)
    if not _NUMBER.fullmatch(written) or not least <= int(written) <= most:
        raise _refusal(
            name, written, f"écrivez un nombre de {unit} de {least} à {most}, en chiffres sans espace."
        )
    return int(written)


def _tasks() -> frozenset[Task]:
    written = _given("ASSISTANT_MODEL_TASKS")
    if not written:
        return frozenset(Task)
    try:
        tasks = frozenset(Task(word) for word in re.split(r"[\s,;]+", fold(written)) if word)
    except ValueError:
        tasks = frozenset()
    if not tasks:
        raise _refusal(
            "ASSISTANT_MODEL_TASKS",
            written,
            f"écrivez les tâches confiées au modèle, parmi {', '.join(Task)}, séparées par des espaces.",
        )
    return tasks


def _prices() -> tuple[Decimal, Decimal] | None:
    written = _given("ASSISTANT_MODEL_PRICES")
    if not written:
        return None
    amounts = written.split()
    if len(amounts) != 2 or not all(_AMOUNT.fullmatch(amount) for amount in amounts):
        raise _refusal(
            "ASSISTANT_MODEL_PRICES",
            written,
            "écrivez deux prix en euros par million de tokens, lus puis écrits, par exemple 0,20 0,60.",
        )
    read, wrote = (Decimal(amount.replace(",", ".")) for amount in amounts)
    return read, wrote


def _cost(name: str, prices: tuple[Decimal, Decimal] | None) -> Decimal | None:
    written = _given(name)
    if not written:
        return None
    if not _AMOUNT.fullmatch(written) or not Decimal(written.replace(",", ".")):
        raise _refusal(name, written, "écrivez un montant en euros, par exemple 2,50.")
    if prices is None:
        raise SettingError(
            f"{name} est donné sans prix{NBSP}: écrivez aussi ASSISTANT_MODEL_PRICES, par exemple 0,20 0,60."
        )
    return Decimal(written.replace(",", "."))


def _trace() -> Path | None:
    written = _given("ASSISTANT_MODEL_TRACE")
    if not written:
        return None
    path = Path(written).expanduser()
    if path.is_dir() or not path.parent.is_dir():
        raise _refusal(
            "ASSISTANT_MODEL_TRACE",
            written,
            "écrivez le chemin d’un fichier, dans un dossier qui existe.",
        )
    return path
