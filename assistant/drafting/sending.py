"""Send a letter by SMTP, when the installation says through which server; never tried twice.

Nothing here is logged: neither the password nor the letter leaves this module but for the server.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.composing.french import NBSP, typeset
from assistant.drafting.exporting.cleaning import clean_line
from assistant.drafting.exporting.eml import compose
from assistant.drafting.exporting.heading import deliverable, mailboxes, new_identifier
from assistant.drafting.exporting.outgoing import Outgoing
from assistant.drafting.message import Address
from assistant.errors import AssistantError, InputError, SettingError
from assistant.settings import DeskSettings, read_mailbox

_PORTS = {"none": 25, "starttls": 587, "tls": 465}
_SECRET = 1024  # bytes of a password
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_NOT_SENT = "Le message n’est pas parti."


class SendingError(AssistantError):
    """A letter could not be sent; the message, in French, says so and what to do.

    ``may_have_left``: the connection was lost after the letter was handed over; nobody knows whether it left.
    """

    def __init__(self, message: str, *, may_have_left: bool = False) -> None:
        super().__init__(typeset(message))
        self.may_have_left = may_have_left


@dataclass(frozen=True)
class Refusal:
    """A recipient that the server refused, and its reason, as it gave it."""

    address: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What the server took charge of: for whom, and whom it refused; ``message_id`` is the letter's identifier."""

    message_id: str
    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class SmtpSettings:
    """The server that letters leave through.

    Environment: ``ASSISTANT_SMTP_HOST``, ``_PORT``, ``_SECURITY`` (``none``, ``starttls``, ``tls``), ``_USER``,
    ``_PASSWORD`` or ``_PASSWORD_FILE``, ``_FROM``. ``timeout``: seconds that each exchange may take.
    """

    host: str
    sender: Address
    port: int = _PORTS["starttls"]
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0

    @classmethod
    def from_environment(cls) -> SmtpSettings | None:
        """Read the settings; ``None`` when no server is named: nothing is sent then.

        Raises:
            SettingError: A value is not what is expected; the message says which and what to write.
        """
        host = _setting("HOST")
        if not host:
            return None
        if not _HOST.fullmatch(host):
            raise SettingError(
                f"ASSISTANT_SMTP_HOST vaut « {host} »{NBSP}: écrivez le nom du serveur d’envoi, par exemple "
                "smtp.example.org."
            )
        security = _setting("SECURITY").lower() or "starttls"
        if security not in _PORTS:
            raise SettingError(
                f"ASSISTANT_SMTP_SECURITY vaut « {security} »{NBSP}: écrivez none, starttls ou tls."
            )
        user, password = _setting("USER"), _password()
        if bool(user) != bool(password):
            missing = (
                "ASSISTANT_SMTP_PASSWORD ou ASSISTANT_SMTP_PASSWORD_FILE" if user else "ASSISTANT_SMTP_USER"
            )
            raise SettingError(
                f"{missing} manque{NBSP}: donnez un nom d’utilisateur et un mot de passe, ou aucun des deux."
            )
        if user and security == "none" and not _is_loopback(host):
            raise SettingError(
                f"ASSISTANT_SMTP_SECURITY vaut « none » avec un mot de passe{NBSP}: il passerait en clair vers {host}. "
                "Écrivez starttls ou tls."
            )
        return cls(host, _sender(), _port(_PORTS[security]), security, user, password)


def send(outgoing: Outgoing, settings: SmtpSettings, *, quoting: bool = True) -> Receipt:
    """Hand a letter over to the server, once.

    It is signed by ``outgoing.sender``, or by the sender of the settings, who is told of failures in either case. A
    recipient refused does not keep it from the others, unless nobody of « À » is left.

    Raises:
        SendingError: It did not leave, or may not have (``may_have_left``).
        InputError: The letter is too long, or has too many recipients.
    """
    if not deliverable(outgoing.sender):
        outgoing = replace(outgoing, sender=settings.sender)
    to = list(mailboxes(outgoing.recipients))
    others = list(mailboxes(outgoing.cc, to))
    if not to:
        raise SendingError(
            f"Aucune adresse ne permet de répondre{NBSP}: indiquez le destinataire. {_NOT_SENT}"
        )
    identifier = new_identifier(outgoing.sender)
    message = compose(outgoing, identifier, quoting=quoting)
    senders = [deliverable(settings.sender), deliverable(outgoing.sender)]
    with _connected(settings) as server, _told(settings):
        options = _options(server, [*senders, *to, *others], message)
        _expect(server.mail(senders[0], options), "l’adresse de l’expéditeur")
        refused = tuple(_refused(server, [*to, *others]))
        gone = {refusal.address for refusal in refused}
        if gone.issuperset(to):
            raise SendingError(
                f"Le serveur a refusé {_listed(refused)}. Vérifiez l’adresse du destinataire. {_NOT_SENT}"
            )
        code, said = server.docmd("DATA")
        if code != 354:
            raise _rejected("le message", said)
        _hand_over(server, message, settings)
    return Receipt(identifier, tuple(kept for kept in [*to, *others] if kept not in gone), refused)


def _hand_over(server: smtplib.SMTP, message: bytes, settings: SmtpSettings) -> None:
    """Send the text, then the dot that ends it: until the dot has gone, the server may not deliver anything."""
    text = re.sub(rb"(?m)^\.", b"..", message)
    server.send(text if text.endswith(b"\r\n") else text + b"\r\n")
    try:
        server.send(b".\r\n")
        code, said = server.getreply()
    except OSError as error:
        raise _uncertain(settings) from error
    if 400 <= code < 600:
        raise _rejected("le message", said)
    if not 200 <= code < 300:
        raise _uncertain(settings)


def _uncertain(settings: SmtpSettings) -> SendingError:
    return SendingError(
        f"La connexion avec {settings.host} s’est interrompue après la remise du message{NBSP}: il est possible qu’il "
        "soit parti. Vérifiez auprès du destinataire ou de votre service informatique avant de l’envoyer de nouveau.",
        may_have_left=True,
    )


@contextmanager
def _connected(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    """Give a connection that is encrypted and signed in as the settings ask; closing it can fail without harm."""
    with _told(settings):
        server = _opened(settings)
    try:
        with _told(settings):
            _greet(server)
            if settings.security == "starttls":
                if not server.has_extn("starttls"):
                    raise SendingError(
                        f"Le serveur {settings.host} ne propose pas de connexion chiffrée (STARTTLS). Vérifiez "
                        f"ASSISTANT_SMTP_PORT et ASSISTANT_SMTP_SECURITY. {_NOT_SENT}"
                    )
                server.starttls(context=ssl.create_default_context())
                _greet(server)
            if settings.user:
                _sign_in(server, settings)
        yield server
        with suppress(OSError):
            server.quit()
    finally:
        server.close()


def _opened(settings: SmtpSettings) -> smtplib.SMTP:
    # Servers are told the host of the sender's address: the name of this machine is nobody's affair.
    name = deliverable(settings.sender).rpartition("@")[2]
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, name, timeout=settings.timeout, context=ssl.create_default_context()
        )
    return smtplib.SMTP(settings.host, settings.port, name, timeout=settings.timeout)


def _greet(server: smtplib.SMTP) -> None:
    if not 200 <= server.ehlo()[0] < 300:
        _expect(server.helo(), "la connexion")


def _sign_in(server: smtplib.SMTP, settings: SmtpSettings) -> None:
    try:
        if (settings.user + settings.password).isascii():
            server.login(settings.user, settings.password)
            return
        # smtplib knows ASCII alone; RFC 4616 says UTF-8.
        secret = base64.b64encode(f"\0{settings.user}\0{settings.password}".encode()).decode()
        code, _ = server.docmd("AUTH", f"PLAIN {secret}")
    except smtplib.SMTPNotSupportedError as error:
        raise SendingError(
            f"Le serveur {settings.host} n’attend pas de mot de passe ici. Vérifiez ASSISTANT_SMTP_PORT et "
            f"ASSISTANT_SMTP_SECURITY, ou retirez ASSISTANT_SMTP_USER. {_NOT_SENT}"
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
    if code != 235:
        # What the server says may repeat what it was given.
        raise SendingError(
            f"Le serveur {settings.host} a refusé le nom d’utilisateur ou le mot de passe (code {code}). Vérifiez "
            f"ASSISTANT_SMTP_USER et ASSISTANT_SMTP_PASSWORD. {_NOT_SENT}"
        )


def _options(server: smtplib.SMTP, addresses: Sequence[str], message: bytes) -> list[str]:
    """Return the options that the message asks of the server."""
    options = []
    if server.has_extn("size"):
        limit = server.esmtp_features["size"].strip()
        if limit.isdigit() and 0 < int(limit) < len(message):
            raise SendingError(
                f"Le message pèse {len(message)} octets, plus que les {limit} que le serveur accepte{NBSP}: raccourcissez la "
                f"lettre, ou ne citez pas le message d’origine. {_NOT_SENT}"
            )
        options.append(f"SIZE={len(message)}")
    if not all(address.isascii() for address in addresses):
        if not server.has_extn("smtputf8"):
            raise SendingError(
                "Le serveur n’accepte pas les adresses qui comportent des lettres accentuées. Demandez une autre adresse "
                f"au destinataire. {_NOT_SENT}"
            )
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    return options


def _refused(server: smtplib.SMTP, recipients: Sequence[str]) -> Iterator[Refusal]:
    for address in recipients:
        code, said = server.rcpt(address)
        if code == 421:
            raise smtplib.SMTPServerDisconnected("closing")
        if not 200 <= code < 300:
            yield Refusal(address, _said(said))


@contextmanager
def _told(settings: SmtpSettings) -> Iterator[None]:
    """Turn what may go wrong before the letter is handed over into a sentence that says it did not leave."""
    try:
        yield
    except (SendingError, InputError):
        raise
    except ssl.SSLCertVerificationError as error:
        raise SendingError(
            f"Le certificat du serveur {settings.host} n’est pas reconnu ({error.verify_message}). Vérifiez "
            f"ASSISTANT_SMTP_HOST, ou indiquez l’autorité de certification par SSL_CERT_FILE. {_NOT_SENT}"
        ) from error
    except ssl.SSLError as error:
        raise SendingError(
            f"La connexion chiffrée avec {settings.host}, port {settings.port}, a échoué. Vérifiez ASSISTANT_SMTP_PORT et "
            f"ASSISTANT_SMTP_SECURITY. {_NOT_SENT}"
        ) from error
    except TimeoutError as error:
        raise _silent(settings) from error
    except (smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError) as error:
        if isinstance(error.__context__, TimeoutError):  # smtplib takes silence for a closed connection
            raise _silent(settings) from error
        raise SendingError(
            f"Le serveur {settings.host} a fermé la connexion. Réessayez plus tard. {_NOT_SENT}"
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _rejected("la connexion", _as_bytes(error.smtp_error)) from error
    except (OSError, UnicodeError) as error:
        raise SendingError(
            f"Le serveur {settings.host}, port {settings.port}, n’est pas joignable. Vérifiez ASSISTANT_SMTP_HOST et "
            f"ASSISTANT_SMTP_PORT, ou réessayez plus tard. {_NOT_SENT}"
        ) from error


def _silent(settings: SmtpSettings) -> SendingError:
    return SendingError(
        f"Le serveur {settings.host}, port {settings.port}, n’a pas répondu en {settings.timeout:g} s. Réessayez plus "
        f"tard, ou vérifiez ASSISTANT_SMTP_PORT et ASSISTANT_SMTP_SECURITY. {_NOT_SENT}"
    )


def _expect(reply: tuple[int, bytes], what: str) -> None:
    if not 200 <= reply[0] < 300:
        raise _rejected(what, reply[1])


def _rejected(what: str, said: bytes) -> SendingError:
    return SendingError(
        f"Le serveur a refusé {what}{NBSP}: « {_said(said)} ». Transmettez cette réponse à votre service informatique. "
        f"{_NOT_SENT}"
    )


def _listed(refused: Sequence[Refusal]) -> str:
    return f"{NBSP}; ".join(f"{refusal.address} (« {refusal.reason} »)" for refusal in refused)


def _as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _said(reply: bytes) -> str:
    return clean_line(reply.decode("utf-8", errors="replace"), 200) or "sans explication"


def _setting(name: str) -> str:
    return os.environ.get(f"ASSISTANT_SMTP_{name}", "").strip()


def _port(default: int) -> int:
    written = _setting("PORT")
    if not written:
        return default
    if not (re.fullmatch("[0-9]{1,5}", written) and 0 < int(written) < 65536):
        raise SettingError(
            f"ASSISTANT_SMTP_PORT vaut « {written} »{NBSP}: écrivez un nombre de 1 à 65535, par exemple 587."
        )
    return int(written)


def _password() -> str:
    given, path = os.environ.get("ASSISTANT_SMTP_PASSWORD", ""), _setting("PASSWORD_FILE")
    if given and path:
        raise SettingError(
            f"ASSISTANT_SMTP_PASSWORD et ASSISTANT_SMTP_PASSWORD_FILE sont donnés tous les deux{NBSP}: gardez-en un."
        )
    if not path:
        return given
    try:
        with Path(path).open("rb") as file:
            secret = file.read(_SECRET + 1).decode().rstrip("\r\n")
    except (OSError, UnicodeError, ValueError) as error:
        raise SettingError(
            f"Le fichier « {path} » de ASSISTANT_SMTP_PASSWORD_FILE ne se lit pas{NBSP}: vérifiez son chemin, ses droits et "
            "qu’il est en UTF-8."
        ) from error
    if not secret or len(secret) > _SECRET or "\n" in secret:
        raise SettingError(
            f"Le fichier « {path} » de ASSISTANT_SMTP_PASSWORD_FILE doit contenir le mot de passe seul, sur une ligne."
        )
    return secret


def _sender() -> Address:
    written = _setting("FROM")
    if written:
        return read_mailbox("ASSISTANT_SMTP_FROM", written)
    sender = DeskSettings.from_environment().reply_from
    if sender is None:
        raise SettingError(
            f"ASSISTANT_SMTP_FROM manque{NBSP}: écrivez l’adresse qui envoie, par exemple « Service <service@example.org> »."
        )
    return sender


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
