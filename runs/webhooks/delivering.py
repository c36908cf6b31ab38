"""From a rightly signed delivery to its run: once, however often it comes."""

import hashlib
import logging
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import DomainError, Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.actors import engine
from runs.durable.start import start_run
from runs.records.models import Run
from runs.webhooks.inputs import declared_inputs, inputs_in
from runs.webhooks.models import Delivery, Webhook
from runs.webhooks.services import facts_of

NOT_NOW = "This delivery could start nothing at the moment."
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """A delivery whose signature is right: the sender's identifier, the body, who signed, from where."""

    key: str
    body: bytes
    secret: int
    sender: str

    @property
    def sha256(self) -> str:
        """Of the body, as it came."""
        return hashlib.sha256(self.body).hexdigest()


class Reused(WrongState):
    """The identifier came before, with another body."""


class Hindered(DomainError):
    """The delivery is in order and could start nothing; why stands on the webhook, not in the message."""


def deliver(webhook: Webhook, *, actor: User, message: Message) -> tuple[UUID, bool]:
    """Start the run that the delivery asks for, in the actor's name; its identifier, and whether it is new.

    Raises `Invalid` for a body that does not fit the workflow, `Reused` for another body under a known
    identifier, `Hindered` where the actor may not start it (any more), or nothing is released there.
    """
    if first := _first(webhook, message):
        return first, False
    try:
        with transaction.atomic():
            return _started(webhook, actor, message)
    except (Invalid, Reused):
        raise
    except IntegrityError as problem:
        # The database keeps that it is enabled and in whose name it starts: one of them changed meanwhile.
        logger.warning("The webhook %s changed while a delivery came: %s", webhook.pk, problem)
        raise Hindered(NOT_NOW) from problem
    except DomainError as problem:
        # Somebody else may have committed the same identifier between our look and our start.
        if first := _first(webhook, message):
            return first, False
        note_hindrance(webhook, actor=actor, words=_words(problem, actor))
        raise Hindered(NOT_NOW) from problem


@transaction.atomic
def note_hindrance(webhook: Webhook, *, actor: User, words: str) -> None:
    """Record why a delivery could start nothing: once, not for each delivery that meets the same."""
    known = Webhook.objects.filter(pk=webhook.pk, state=Webhook.State.ENABLED).exclude(hindrance=words)
    if known.update(hindrance=words, hindered_at=Now()):
        about = facts_of(webhook, reason=words, starter=str(actor.pk))
        record(Kind.WEBHOOK_HINDERED, actor=engine(), **about)


def _first(webhook: Webhook, message: Message) -> UUID | None:
    """The run of the first delivery under this identifier. Raises `Reused` when its body was another."""
    found = Delivery.objects.filter(webhook=webhook, key=message.key).first()
    if found is None:
        return None
    if found.sha256 != message.sha256:
        raise Reused("This webhook-id came before, with another body. Give each message one of its own.")
    return found.run_id


def _started(webhook: Webhook, actor: User, message: Message) -> tuple[UUID, bool]:
    declared = declared_inputs(webhook.workflow, webhook.environment) or ()
    run, new = start_run(
        webhook.workflow,
        actor=actor,
        environment=webhook.environment,
        inputs=inputs_in(message.body, into=webhook.into, declared=declared),
        idempotency_key=f"webhook:{webhook.pk}:{message.key}",
        origin=Run.Origin.WEBHOOK,
    )
    if not new and (first := _first(webhook, message)):
        return first, False
    Delivery.objects.create(
        webhook=webhook,
        key=message.key,
        sha256=message.sha256,
        size=len(message.body),
        secret=message.secret,
        run=run,
        sender=message.sender,
    )
    facts = {
        "name": webhook.name,
        "webhook": str(webhook.pk),
        "key": message.key,
        "sha256": message.sha256,
        "secret": message.secret,
    }
    record(
        Kind.WEBHOOK_DELIVERED,
        actor=actor,
        organisation=webhook.project.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details=facts,
    )
    _relieve(webhook)
    return run.pk, True


def _relieve(webhook: Webhook) -> None:
    """What was in the way is gone."""
    if webhook.hindrance and Webhook.objects.filter(pk=webhook.pk).exclude(hindrance="").update(
        hindrance="", hindered_at=None
    ):
        record(Kind.WEBHOOK_RELIEVED, actor=engine(), **facts_of(webhook))


def _words(problem: DomainError, starter: User) -> str:
    """What is in the way, to whoever looks after the webhook."""
    if not starter.is_active:
        return f"It starts runs in the name of {starter.name}, whose account is disabled. Take it over."
    if isinstance(problem, NotVisible | NotAllowed):
        return (
            f"It starts runs in the name of {starter.name}, who may not start any here (any more). "
            "Take it over, or have the role given back."
        )
    return problem.message[:500]
