"""Who is at the other end when proxies stand between: the first address that none of ours has vouched for."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = IPv4Network | IPv6Network


def client_address(peer: str, forwarded: str, *, trusted: Sequence[Network]) -> str:
    """The right-most address of `peer` and, before it, `X-Forwarded-For` that is not a trusted proxy's.

    Each proxy appends the address that it saw, so whatever stands to the left of an untrusted one is hearsay.
    Something unreadable ends the search at the proxy that passed it on.
    """
    client = peer
    for hop in reversed([*forwarded.split(","), peer] if forwarded else [peer]):
        address = _read(hop.strip())
        if address is None:
            return client
        client = str(address)
        if not any(address in network for network in trusted):
            return client
    return client


def _read(hop: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port; an IPv4 address that is written as IPv6 is the IPv4 address."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        address = ip_address(hop)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address


class ClientAddress:
    """Makes `REMOTE_ADDR` the client's for whatever comes after: limits, sessions, logs.

    What a proxy says of the scheme is forgotten unless it comes from a trusted one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the address, and pass on."""
        peer, trusted = request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES
        address = _read(peer)
        if address is None or not any(address in network for network in trusted):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        request.META["REMOTE_ADDR"] = client_address(peer, forwarded, trusted=trusted)
        return self.get_response(request)
