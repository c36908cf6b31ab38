"""The HTTP client of the process's loop: pooled connections, no redirects, nothing compressed."""

import asyncio
import ipaddress
from weakref import WeakKeyDictionary

import httpx

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx.AsyncClient]] = WeakKeyDictionary()


def client_for(base_url: str) -> httpx.AsyncClient:
    """The client for this address on the running loop. A loopback address is never asked through a proxy."""
    direct = is_loopback(httpx.URL(base_url).host)
    held = _clients.setdefault(asyncio.get_running_loop(), {})
    if direct not in held:
        held[direct] = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=not direct,
            headers={"Accept-Encoding": "identity", "User-Agent": "countersign"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30),
        )
    return held[direct]


def host_of(base_url: str) -> str:
    """Where an address leads, without what it says besides."""
    return httpx.URL(base_url).host


def is_loopback(host: str) -> bool:
    """Whether the host of an address is this machine, by its name or its number alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
