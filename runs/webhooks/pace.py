"""How many requests an address may send, and a webhook take, in a minute: counted in one statement each.

Counts stand in a bounded number of slots, which addresses and webhooks fall into by a keyed digest, so that
nobody can fill the table, nor aim at the slot of another.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from governance.errors import DomainError
from governance.prepared import rows

PACE: Final = (Path(__file__).parent / "sql" / "pace.sql").read_bytes()
SLOTS: Final = 65_536
# The network that one customer is given, and the one that a site may have: 65,536 of the first.
ONE_IPV6: Final = 64
MANY_IPV6: Final = 48
MANY_MAY: Final = 10


class TooFast(DomainError):
    """More requests than may come in a minute; `seconds` says when to come again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests came at once. Send it again later.")
        self.seconds = seconds


def pace_of_sender(sender: str) -> None:
    """Count a request of a network address that no webhook signed for. Raises `TooFast`.

    Of IPv6 it counts for the customer's network and, up to ten times as many, for the one around it: who has
    the whole of that has no new count with each address.
    """
    for network, times in _networks(sender):
        _counted(f"sender {network}", most=times * settings.WEBHOOK_SENDER_PER_MINUTE)


def pace_of_webhook(webhook: UUID) -> None:
    """Count a rightly signed request to a webhook; others cannot use up its pace. Raises `TooFast`."""
    _counted(f"webhook {webhook}", most=settings.WEBHOOK_PER_MINUTE)


def _counted(name: str, *, most: int) -> None:
    slot = int.from_bytes(salted_hmac("webhook pace", name, algorithm="sha256").digest()[:4]) % SLOTS
    [found] = rows(PACE, {"slot": slot})
    if found.count > most:
        raise TooFast(max(1, found.seconds_left))


def _networks(sender: str) -> Iterator[tuple[str, int]]:
    """What the address counts for, and how many times the usual may come from it."""
    try:
        address = ip_address(sender)
    except ValueError:
        yield sender, 1
        return
    if not isinstance(address, IPv6Address):
        yield str(address), 1
        return
    for bits, times in ((ONE_IPV6, 1), (MANY_IPV6, MANY_MAY)):
        yield str(ip_network((address, bits), strict=False)), times
