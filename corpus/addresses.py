"""The way out to the web: https only, public addresses only, one polite request at a time.

A link or a DNS record must not make this machine talk to itself or to the network it stands in. A name is
resolved once for each connection, all its addresses are checked, and the connection is made to one of them;
the certificate is checked against the name. No proxy, no cookie and no password is read from anywhere.
robots.txt is read once for each server and respected, and so is the time a server asks to wait.
"""

from __future__ import annotations

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.robotparser import RobotFileParser

import httpcore
import httpx

from corpus.errors import DocumentError

AGENT = "assistant-esms-numerique"
USER_AGENT = f"{AGENT} (python -m corpus fetch: a few public documents, when an operator asks)"

MAX_REDIRECTS = 5
MAX_TRIES = 3
MAX_WAIT = 120.0  # of a Retry-After: beyond, the operator is told to come back
MAX_CRAWL_DELAY = 30.0
MAX_ROBOTS_BYTES = 512 * 1024
ROBOTS_SECONDS = 60.0

Allowed = Callable[[str], bool]
T = TypeVar("T")

_HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
_IPV6_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public, whatever the tables of this version of Python say: protocol assignments, 6to4, documentation.
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))
)
_CORRECT = "Corrigez la clé « download » de la source, dans corpus/sources.yaml."
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Timing:
    """How long a server may take, and how long it is left in peace between two requests; in seconds."""

    connect: float = 10
    read: float = 30
    whole: float = 600
    pause: float = 1


class UnfinishedError(DocumentError):
    """A server asked to wait, or the connection was cut: trying again after ``wait`` seconds may do."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def shown(text: object) -> str:
    """Return what a server said, on one line, cut short and without anything that acts on a terminal."""
    plain = "".join(mark if mark.isprintable() else "?" for mark in str(text))
    return plain if len(plain) <= 200 else plain[:199] + "…"


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, where a published document may be.

    Example:
        >>> is_public("93.184.216.34"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
        (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(ip.packed[-4:])))
        if ip.scope_id is not None or ip not in _IPV6_UNICAST:
            return False
    if ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC):
        return False
    return ip.is_global


def resolve(host: str, port: int, allowed: Allowed) -> list[str]:
    """Return the addresses of a host, once every one of them is allowed.

    Raises:
        DocumentError: The name leads nowhere, or to an address that is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DocumentError(
            f"« {shown(host)} » est introuvable : ce nom ne mène à aucune adresse. "
            "Vérifiez l’adresse du document et la connexion à l’internet."
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not allowed(address):
            raise DocumentError(
                f"« {shown(host)} » mène à l’adresse {address}, qui n’est pas publique ; un site de l’internet "
                "est attendu. Téléchargez le document vous-même, puis : python -m corpus add."
            )
    return addresses


def check_url(url: str | httpx.URL) -> httpx.URL:
    """Return a URL that may be asked for: https, with a host, without a name or password.

    Raises:
        DocumentError: It is not one.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise DocumentError(f"« {shown(url)} » n’est pas une adresse lisible. {_CORRECT}") from error
    if parsed.userinfo:
        raise DocumentError(f"L’adresse de « {shown(parsed.host)} » contient un mot de passe. {_CORRECT}")
    if parsed.scheme != "https":
        raise DocumentError(f"« {shown(url)} » n’est pas une adresse en https. {_CORRECT}")
    if not parsed.host or (parsed.port is not None and not 0 < parsed.port < 65_536):
        raise DocumentError(f"« {shown(url)} » ne nomme pas de serveur joignable. {_CORRECT}")
    return parsed


def redirection(response: httpx.Response) -> httpx.URL | None:
    """Return where a response sends to, or ``None`` when it does not.

    Raises:
        DocumentError: It sends nowhere, or to something else than an https address.
    """
    if response.status_code not in _REDIRECTS:
        return None
    where = response.headers.get("location", "")
    try:
        return check_url(response.url.join(where).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError, DocumentError) as error:
        raise DocumentError(
            f"« {response.url.host} » redirige vers « {shown(where)} » ; une adresse en https, sans mot de "
            "passe, est attendue. Cherchez la nouvelle adresse du document."
        ) from error


@contextmanager
def open_url(
    url: httpx.URL,
    headers: Mapping[str, str],
    *,
    allowed: Allowed,
    trust: ssl.SSLContext,
    timing: Timing,
    deadline: float,
) -> Iterator[httpx.Response]:
    """Ask for a URL and yield the response, its body unread; a redirection is not followed.

    Raises:
        DocumentError: The server cannot be reached, or not safely.
        UnfinishedError: It was reached, then stopped answering, or ``deadline`` (of the monotonic clock) passed.
    """
    timeout = httpx.Timeout(timing.read, connect=timing.connect).as_dict()
    request = httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout})
    pool = httpcore.ConnectionPool(trust, network_backend=_Backend(allowed, deadline))
    with _explained(url.host, timing, deadline), pool:
        answer = pool.handle_request(
            httpcore.Request(
                "GET",
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        # httpx.Client is not used: it reads the address of a redirection before we do, and keeps cookies.
        with closing(
            httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), request=request)
        ) as response:
            yield response


@contextmanager
def _explained(host: str, timing: Timing, deadline: float) -> Iterator[None]:
    name = f"« {shown(host)} »"
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        if time.monotonic() >= deadline:
            raise UnfinishedError(
                f"{name} n’a pas tout envoyé à temps ({timing.whole:g} s au plus pour un fichier). "
                "Relancez la commande.",
                math.inf,
            ) from error
        if isinstance(error.__context__, ssl.SSLCertVerificationError):
            raise DocumentError(
                f"{name} présente un certificat qui n’est pas valable pour ce nom. N’y téléchargez rien ; "
                "vérifiez l’adresse du document."
            ) from error
        if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
            raise DocumentError(
                f"{name} n’a pas accepté de connexion sûre ({timing.connect:g} s au plus). "
                "Vérifiez la connexion à l’internet, ou relancez plus tard."
            ) from error
        raise UnfinishedError(
            f"{name} a interrompu l’envoi ou n’a rien envoyé pendant {timing.read:g} s. "
            "Relancez la commande : ce qui peut reprendre reprendra."
        ) from error


class _Backend(httpcore.NetworkBackend):
    """Connect to an address that was checked; never give a name to the system a second time."""

    def __init__(self, allowed: Allowed, deadline: float) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in resolve(host, port, self._allowed):
            left = _left(timeout, self._deadline)
            try:
                stream = self._system.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline, so that no slow drip outlives it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, self._deadline)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("deadline")
    return left if timeout is None else min(timeout, left)


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class Web:
    """A guarded, polite client. ``allowed`` and ``trust`` are there for tests; no setting reaches them."""

    def __init__(
        self,
        *,
        allowed: Allowed = is_public,
        trust: ssl.SSLContext | None = None,
        timing: Timing | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.timing = timing or Timing()
        self._allowed = allowed
        self._trust = trust or httpx.create_ssl_context(trust_env=False)
        self._sleep = sleep
        self._last: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser | DocumentError] = {}

    @contextmanager
    def get(
        self, address: str, headers: Mapping[str, str], deadline: float, *, robots: bool = True
    ) -> Iterator[httpx.Response]:
        """Yield the response to a URL, at the end of at most five redirections, each checked like the first.

        Raises:
            DocumentError: The address, or one it redirects to, is refused.
            UnfinishedError: The server asks to come back later, or stopped answering.
        """
        url = check_url(address)
        for _ in range(MAX_REDIRECTS + 1):
            if robots:
                self._ask_robots(url)
            host = url.host
            self._take_turn(url)
            try:
                with self._open(url, headers, deadline) as response:
                    if response.status_code in (429, 503):
                        raise _asked_to_wait(response)
                    if (following := redirection(response)) is None:
                        yield response
                        return
                    url = following
            finally:
                self._last[host] = time.monotonic()
        raise DocumentError(
            f"« {shown(address)} » redirige plus de {MAX_REDIRECTS} fois, jusqu’à « {shown(url)} ». "
            "Cherchez la nouvelle adresse du document."
        )

    def persevere(self, action: Callable[[], T]) -> T:
        """Return what ``action`` returns, tried at most three times while the server asks to wait or cuts."""
        tries = 1
        while True:
            try:
                return action()
            except UnfinishedError as error:
                wait = 2.0**tries if error.wait is None else error.wait
                if tries == MAX_TRIES or wait > MAX_WAIT:
                    raise
                self._sleep(wait)
                tries += 1

    def _open(
        self, url: httpx.URL, headers: Mapping[str, str], deadline: float
    ) -> AbstractContextManager[httpx.Response]:
        return open_url(
            url,
            {**_HEADERS, **headers},
            allowed=self._allowed,
            trust=self._trust,
            timing=self.timing,
            deadline=deadline,
        )

    def _take_turn(self, url: httpx.URL) -> None:
        pause = self.timing.pause
        rules = self._robots.get(_origin(url))
        if isinstance(rules, RobotFileParser):
            pause = max(pause, min(int(rules.crawl_delay(AGENT) or 0), MAX_CRAWL_DELAY))
        wait = self._last.get(url.host, -math.inf) + pause - time.monotonic()
        if wait > 0:
            self._sleep(wait)

    def _ask_robots(self, url: httpx.URL) -> None:
        origin = _origin(url)
        if origin not in self._robots:
            try:
                self._robots[origin] = self.persevere(lambda: self._read_robots(origin))
            except DocumentError as error:
                self._robots[origin] = error
        rules = self._robots[origin]
        if isinstance(rules, DocumentError):
            raise DocumentError(str(rules))
        if not rules.can_fetch(AGENT, str(url)):
            raise DocumentError(
                f"« {url.host} » demande aux robots de ne pas lire cette adresse (robots.txt). "
                "Téléchargez le document vous-même, puis : python -m corpus add."
            )

    def _read_robots(self, origin: str) -> RobotFileParser:
        rules = RobotFileParser()
        deadline = time.monotonic() + min(ROBOTS_SECONDS, self.timing.whole)
        with self.get(f"{origin}/robots.txt", {}, deadline, robots=False) as response:
            status, text = response.status_code, _beginning(response, MAX_ROBOTS_BYTES)
        if status in (401, 403):
            text = "User-agent: *\nDisallow: /"
        elif 400 <= status < 500:
            text = ""
        try:
            if not (200 <= status < 300 or 400 <= status < 500):
                raise ValueError("neither rules nor their absence")
            rules.parse(text.splitlines())
        except ValueError as error:  # of the parser too: "²" passes for a digit, not for a number
            raise DocumentError(
                f"« {httpx.URL(origin).host} » ne donne pas de robots.txt lisible (réponse {status}), sans "
                "lequel rien n’y est téléchargé. Relancez plus tard."
            ) from error
        return rules


def _origin(url: httpx.URL) -> str:
    return f"https://{url.netloc.decode('ascii')}"


def _beginning(response: httpx.Response, size: int) -> str:
    data = b""
    for chunk in response.iter_raw():
        data += chunk
        if len(data) >= size:
            break
    return data[:size].decode("utf-8-sig", errors="replace")


def _asked_to_wait(response: httpx.Response) -> UnfinishedError:
    told = response.headers.get("retry-after", "").strip()
    wait: float | None = None
    if told.isascii() and told.isdecimal():
        wait = float(told)
    elif told:
        with suppress(ValueError, OverflowError):
            moment = parsedate_to_datetime(told)
            wait = max(0.0, moment.timestamp() - time.time())
    words = "" if wait is None else f" et demande d’attendre {wait:.0f} s"
    return UnfinishedError(
        f"« {response.url.host} » ne répond pas pour l’instant (réponse {response.status_code}){words}. "
        "Relancez plus tard.",
        wait,
    )
