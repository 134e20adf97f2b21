"""Tests touch no network but the loopback, send no telemetry, and never ask a model hub for anything."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any

import pytest

os.environ.update(
    ANONYMIZED_TELEMETRY="False",
    DO_NOT_TRACK="1",
    GRADIO_ANALYTICS_ENABLED="False",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_OFFLINE="1",
    LANGSMITH_TRACING="false",
    TOKENIZERS_PARALLELISM="false",
)
# A proxy would carry outside, through the loopback, what the guard below refuses.
for _proxy in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(_proxy, None)


class NetworkRefusedError(RuntimeError):
    """A test tried to leave the machine; not an OSError, so that no library takes it for being offline."""


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else host or ""


def _is_address(host: Any) -> bool:
    try:
        ipaddress.ip_address(_text(host))
    except ValueError:
        return False
    return True


def _stays_here(host: Any) -> bool:
    if _is_address(host):
        return ipaddress.ip_address(_text(host)).is_loopback
    return _text(host) in ("", "localhost")


def _refuse_outside(sock: socket.socket, address: Any) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not _stays_here(address[0]):
        raise NetworkRefusedError(f"a test tried to reach {address!r}: tests stay on the loopback.")


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    with pytest.MonkeyPatch.context() as patch:
        for name, rank in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), rank))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(method: Any, rank: int) -> Any:
    def guarded(sock: socket.socket, *arguments: Any) -> Any:
        _refuse_outside(sock, arguments[rank])
        return method(sock, *arguments)

    return guarded


def _guarded_lookup(lookup: Any) -> Any:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        if not _stays_here(host) and not _is_address(host):
            raise NetworkRefusedError(f"a test tried to look up {host!r}: tests stay offline.")
        return lookup(host, *arguments, **options)

    return guarded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the asynchronous tests first: the browser's library keeps an event loop running in the thread of the tests."""
    items.sort(key=lambda item: item.path.name != "test_langchain.py")
