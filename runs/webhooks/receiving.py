"""What comes to the address of a webhook: signed, paced, and only then read."""

import re
import time
from typing import Final
from uuid import UUID

from governance.errors import DomainError, Invalid, NotVisible
from runs.webhooks.delivering import Hindered, Message, Reused, deliver
from runs.webhooks.models import Refusal, Webhook, WebhookSecret
from runs.webhooks.pace import TooFast, pace_of_webhook
from runs.webhooks.refusing import count_refusal
from runs.webhooks.sealing import unseal
from runs.webhooks.signatures import Signed, signer

ADDRESS = re.compile(r"[A-Za-z0-9_-]{32}")


class TooLarge(DomainError):
    """More bytes than a delivery may have."""


class NotSigned(DomainError):
    """Not signed by one of the webhook's secrets, or not now; which of the two is not said."""


class NotJson(DomainError):
    """A body of another type."""


REASONS: Final[dict[type[DomainError], Refusal.Reason]] = {
    TooLarge: Refusal.Reason.SIZE,
    NotSigned: Refusal.Reason.SIGNATURE,
    TooFast: Refusal.Reason.PACE,
    NotJson: Refusal.Reason.TYPE,
    Invalid: Refusal.Reason.CONTENT,
    Reused: Refusal.Reason.REUSED,
    Hindered: Refusal.Reason.HINDERED,
}


def at_address(address: str) -> Webhook:
    """The enabled webhook of this address. Raises `NotVisible`: a disabled one is not there."""
    rows = Webhook.objects.filter(address=address, state=Webhook.State.ENABLED)
    named = rows.select_related("project", "workflow__project", "environment", "starter")
    found = named.first() if ADDRESS.fullmatch(address) else None
    if found is None:
        raise NotVisible("There is no such webhook.")
    return found


def receive(webhook: Webhook, signed: Signed | None, *, is_json: bool, sender: str) -> tuple[UUID, bool]:
    """The run that a request starts, or started before, and whether it is new; None is too large a body.

    Raises what `REASONS` lists, once it is counted, and `NotSealed` where no key opens the secrets.
    """
    try:
        return _taken(webhook, signed, is_json=is_json, sender=sender)
    except tuple(REASONS) as problem:
        count_refusal(webhook, next(why for kind, why in REASONS.items() if isinstance(problem, kind)))
        raise


def _taken(webhook: Webhook, signed: Signed | None, *, is_json: bool, sender: str) -> tuple[UUID, bool]:
    if signed is None:
        raise TooLarge("The body is too large.")
    secret = _secret_of(webhook, signed)
    pace_of_webhook(webhook.pk)
    if not is_json:
        raise NotJson("A delivery is JSON in UTF-8: send it as application/json.")
    message = Message(signed.key, signed.body, secret, sender)
    return deliver(webhook, actor=webhook.starter, message=message)


def _secret_of(webhook: Webhook, signed: Signed) -> int:
    """The number of the secret that signed it. Raises `NotSigned`."""
    good = list(WebhookSecret.objects.filter(webhook=webhook).good())
    place = signer(signed, [unseal(secret.sealed) for secret in good], now=time.time())
    if place is None:
        raise NotSigned("The signature is not right for this message, or it was not made just now.")
    return good[place].number
