"""How many requests an address may send, and a webhook take, in a minute: counted in one statement each.

Counts stand in a bounded number of slots, which addresses and webhooks fall into by a keyed digest, so that
nobody can fill the table, nor aim at the slot of another.
"""

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
WHOLE_IPV6: Final = 64


class TooFast(DomainError):
    """More requests than may come in a minute; `seconds` says when to come again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests came at once. Send it again later.")
        self.seconds = seconds


def pace_of_sender(sender: str) -> None:
    """Count a request of a network address that no webhook signed for. Raises `TooFast`."""
    _counted(f"sender {_network(sender)}", most=settings.WEBHOOK_SENDER_PER_MINUTE)


def pace_of_webhook(webhook: UUID) -> None:
    """Count a rightly signed request to a webhook; others cannot use up its pace. Raises `TooFast`."""
    _counted(f"webhook {webhook}", most=settings.WEBHOOK_PER_MINUTE)


def _counted(name: str, *, most: int) -> None:
    slot = int.from_bytes(salted_hmac("webhook pace", name, algorithm="sha256").digest()[:4]) % SLOTS
    [found] = rows(PACE, {"slot": slot})
    if found.count > most:
        raise TooFast(max(1, found.seconds_left))


def _network(sender: str) -> str:
    """The address; of IPv6 the network that one customer is given."""
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    if isinstance(address, IPv6Address):
        return str(ip_network((address, WHOLE_IPV6), strict=False))
    return str(address)
