"""What a network address counts for where nobody has signed."""

import pytest
from pytest_django import Settings

from runs.webhooks.pace import TooFast, pace_of_sender

pytestmark = pytest.mark.django_db

# More than twice ten: of them more than ten fall into one minute of the clock.
MANY = 24


def refused(*senders: str) -> int:
    """How many of these are told to come later."""
    late = 0
    for sender in senders:
        try:
            pace_of_sender(sender)
        except TooFast:
            late += 1
    return late


@pytest.fixture(autouse=True)
def one_a_minute(settings: Settings) -> None:
    """Each may send one."""
    settings.WEBHOOK_SENDER_PER_MINUTE = 1


def test_the_addresses_of_one_customer_are_one_sender() -> None:
    assert refused(*(f"2001:db8:1:1::{n}" for n in (1, 2, 3))) >= 1


def test_who_has_a_whole_site_of_ipv6_does_not_walk_from_network_to_network() -> None:
    assert refused(*(f"2001:db8:2:{n:x}::1" for n in range(MANY))) >= 1
    assert refused(*(f"2001:db8:{n + 16:x}::1" for n in range(MANY))) == 0


def test_ipv4_addresses_count_each_by_itself() -> None:
    assert refused(*(f"192.0.2.{n}" for n in range(MANY))) == 0
    assert refused("192.0.2.250", "192.0.2.250", "192.0.2.250") >= 1
