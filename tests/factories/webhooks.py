"""Webhooks, and senders that sign as Standard Webhooks says."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client

from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.accounts.models import User
from governance.ledger.models import Event
from governance.releases.models import Release
from runs.webhooks.delivering import Message, deliver
from runs.webhooks.models import Refusal, Webhook
from runs.webhooks.refusing import count_refusal
from runs.webhooks.rotating import rotate_webhook
from runs.webhooks.services import create_webhook, disable_webhook
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.visiting import visitor

BODY = b'{"letter": "Dear bank, you charged my card twice."}'
_numbers = count(1)


def a_webhook(
    company: Company,
    *,
    release: Release | None = None,
    by: User | None = None,
    into: str = "",
    name: str = "",
) -> tuple[Webhook, str]:
    """A webhook of a workflow in effect in development, and its secret."""
    found = release or released(company, chain(1))
    return create_webhook(
        company.project,
        actor=by or company.operator,
        name=name or f"Post room {next(_numbers)}",
        workflow=found.workflow,
        environment=found.environment,
        into=into,
    )


def signature(secret: str, body: bytes, *, key: str, at: int) -> str:
    """The signature, worked out here and not by the code that is tested."""
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{key}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()


@dataclass
class Sender:
    """A system that delivers to one webhook."""

    webhook: Webhook
    secret: str
    client: Client

    @property
    def url(self) -> str:
        """Where it sends."""
        return f"/hooks/{self.webhook.address}"

    def headers(self, body: bytes, key: str, *, at: int | None = None, secret: str = "") -> dict[str, str]:
        """The three headers of a message."""
        when = int(time.time()) if at is None else at
        return {
            "webhook-id": key,
            "webhook-timestamp": str(when),
            "webhook-signature": signature(secret or self.secret, body, key=key, at=when),
        }

    def send(
        self,
        body: bytes | dict[str, Any] = BODY,
        key: str = "msg_1",
        *,
        at: int | None = None,
        secret: str = "",
        content_type: str = "application/json",
        **headers: str,
    ) -> Any:
        """Deliver, rightly signed unless told otherwise; `headers` replace those that would be sent."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers(raw, key, at=at, secret=secret), **named}
        kept = {name: value for name, value in sent.items() if value != ABSENT}
        return self.client.post(self.url, raw, content_type=content_type, headers=kept)


ABSENT = "(absent)"


def sender(company: Company, **more: Any) -> Sender:
    """Somebody who knows the secret of a new webhook."""
    webhook, secret = a_webhook(company, **more)
    return Sender(webhook, secret, visitor())


def counted(webhook: Webhook) -> dict[str, int]:
    """How often it refused, by reason."""
    return dict(Refusal.objects.filter(webhook=webhook).values_list("reason", "count"))


def second_operator(company: Company) -> User:
    """Somebody else who may start runs, too: the stranger is given the role."""
    grant_role(company.project, actor=company.owner, role=Role.OPERATOR, to=company.stranger, reason="heir")
    return company.person("stranger")


def delivered(company: Company) -> Webhook:
    """A webhook that has started a run and refused a request."""
    webhook, _ = a_webhook(company)
    message = Message(key="msg_1", body=BODY, secret=1, sender="203.0.113.7")
    deliver(webhook, actor=company.operator, message=message)
    count_refusal(webhook, Refusal.Reason.SIGNATURE)
    return webhook


def acts_on_webhooks(company: Company) -> dict[str, tuple[Any, UUID | None]]:
    """By the operation of the API: a good body, and a webhook of which it is the moment."""
    why = {"reason": "Contract"}
    workflow = released(company, chain(1)).workflow
    new = {"name": "Contract", "workflow": str(workflow.pk), "environment": "development", "into": "letter"}
    rotated, disabled = a_webhook(company)[0], a_webhook(company)[0]
    rotate_webhook(rotated, actor=company.operator)
    disable_webhook(disabled, actor=company.operator, reason="Contract")
    return {
        "webhooks_create": (new, None),
        "webhooks_rename": ({"name": "Anew"}, a_webhook(company)[0].pk),
        "webhooks_rotate": ({"hours": 1}, rotated.pk),
        "webhooks_end_secret": ({}, rotated.pk),
        "webhooks_disable": (why, a_webhook(company)[0].pk),
        "webhooks_enable": ({}, disabled.pk),
        "webhooks_adopt": ({}, a_webhook(company, by=second_operator(company))[0].pk),
        "webhooks_retire": (why, a_webhook(company)[0].pk),
    }


def told(webhook: Webhook) -> list[str]:
    """The kinds of its events, in order."""
    return list(Event.objects.about("webhook", webhook.pk).values_list("kind", flat=True))
