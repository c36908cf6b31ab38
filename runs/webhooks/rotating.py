"""The secrets of a webhook: a new one, the end of an earlier one, the keys that they are encrypted under."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from governance.access.gate import authorise_installation
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.proof.standing import refuse_unless_standing
from runs.webhooks.models import Webhook, WebhookSecret
from runs.webhooks.querysets import SecretQuerySet
from runs.webhooks.sealing import seal, sealed_by_first, unseal
from runs.webhooks.services import facts_of, held, refuse_in_another_name
from runs.webhooks.signatures import new_secret, written

USUAL_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)


@transaction.atomic
def rotate_webhook(webhook: Webhook, *, actor: User, overlap: timedelta = USUAL_OVERLAP) -> str:
    """Make a new secret, shown this once; the one until now is good for `overlap`, any before it no more.

    Raises `Invalid` for an overlap outside nothing to seven days, `WrongState` of a retired one, or of one
    that starts runs in somebody else's name.
    """
    webhook = held(webhook, actor=actor)
    refuse_in_another_name(webhook, actor)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        reason = "Choose between 0 hours, at once, and 168, seven days."
        raise Invalid(reason, fields={"hours": reason})
    secret, number = _renewed(webhook, actor, overlap)
    about = facts_of(webhook, secret=number, overlap_s=int(overlap.total_seconds()))
    record(Kind.WEBHOOK_ROTATED, actor=actor, **about)
    return secret


@transaction.atomic
def adopt_webhook(webhook: Webhook, *, actor: User) -> str:
    """From now on it starts runs in the actor's name, with a new secret, shown this once; all others end now.

    Who knew an earlier one would act in the heir's name. Raises `WrongState` when it is the actor's already.
    """
    webhook = held(webhook, actor=actor)
    refuse_unless_standing(webhook.project.organisation_id)
    if webhook.starter_id == actor.pk:
        raise WrongState("This webhook starts runs in your name already.")
    before, webhook.starter, webhook.starter_name = webhook.starter_name, actor, actor.name
    webhook.hindrance, webhook.hindered_at = "", None
    webhook.save(update_fields=["starter", "starter_name", "hindrance", "hindered_at"])
    secret, number = _renewed(webhook, actor, timedelta(0))
    record(Kind.WEBHOOK_ADOPTED, actor=actor, **facts_of(webhook, before=before, secret=number))
    return secret


@transaction.atomic
def end_earlier_secret(webhook: Webhook, *, actor: User) -> Webhook:
    """From now on the newest secret alone is good. Raises `WrongState` when it is so already."""
    webhook = held(webhook, actor=actor)
    earlier = WebhookSecret.objects.filter(webhook=webhook, ends_at__isnull=False).good()
    if not _end(earlier):
        raise WrongState("No earlier secret is good any more.")
    record(Kind.WEBHOOK_SECRET_ENDED, actor=actor, **facts_of(webhook))
    return webhook


@transaction.atomic
def reseal_webhook(webhook: Webhook, *, actor: User) -> bool:
    """Encrypt its secrets under the first key, and whether one was under another. Done at the command line.

    What is of no use any more is emptied. Raises `NotSealed` where no key opens a secret that is good.
    """
    authorise_installation(actor)
    rows = Webhook.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    webhook = rows.get(pk=webhook.pk)
    known = WebhookSecret.objects.filter(webhook=webhook)
    known.exclude(pk__in=known.good().values("pk")).update(sealed="")
    old = [secret for secret in known.exclude(sealed="") if not sealed_by_first(secret.sealed)]
    for secret in old:
        known.filter(pk=secret.pk).update(sealed=seal(unseal(secret.sealed)))
    if old:
        record(Kind.WEBHOOK_RESEALED, actor=actor, **facts_of(webhook, secrets=len(old)))
    return bool(old)


def _renewed(webhook: Webhook, actor: User, overlap: timedelta) -> tuple[str, int]:
    """A new secret and its number; the one until now ends after `overlap`, any before it now."""
    known = WebhookSecret.objects.filter(webhook=webhook)
    newest = known.get(ends_at=None)
    _end(known.exclude(pk=newest.pk).good())
    known.filter(pk=newest.pk).update(ends_at=Now() + overlap)
    known.exclude(pk__in=known.good().values("pk")).update(sealed="")
    secret, number = new_secret(), newest.number + 1
    WebhookSecret.objects.create(webhook=webhook, number=number, sealed=seal(secret), made_by_name=actor.name)
    return written(secret), number


def _end(secrets: SecretQuerySet) -> int:
    """Now, and emptied."""
    return secrets.update(ends_at=Now(), sealed="")
