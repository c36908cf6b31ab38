"""Opening a webhook, and what becomes of it: disabled, enabled, taken over, retired."""

import secrets
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.access.unique import unless_taken
from governance.accounts.models import Project, User
from governance.catalog.models import Asset
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import printable, storable
from governance.proof.standing import refuse_unless_standing
from governance.releases.models import Environment
from runs.webhooks.inputs import check_into, declared_inputs
from runs.webhooks.models import Webhook, WebhookSecret
from runs.webhooks.sealing import seal
from runs.webhooks.signatures import new_secret, written

ADDRESS_BYTES = 24
LONGEST_NAME = 120
LONGEST_REASON = 1000
WHY = "Say why."
TAKEN = "There is a webhook of this name: choose another."


@transaction.atomic
def create_webhook(
    project: Project, *, actor: User, name: str, workflow: Asset, environment: Environment, into: str = ""
) -> tuple[Webhook, str]:
    """Open a webhook that starts the workflow there in the actor's name; with its secret, shown this once.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs"; `Invalid` for an empty or
    taken name, what is no workflow of the project, or an `into` that is not the workflow's one input;
    `NotSealed` where no key is set to encrypt the secret with.
    """
    authorise(actor, Permission.OPERATE, project=project)
    refuse_unless_standing(project.organisation_id)
    name = _named(name)
    if workflow.project_id != project.pk or workflow.kind != Asset.Kind.WORKFLOW:
        raise Invalid("Only a workflow can be started.", fields={"workflow": "Choose a workflow."})
    if environment.organisation_id != project.organisation_id:
        raise NotVisible("There is no such environment.")
    check_into(into, declared_inputs(workflow, environment))
    secret = new_secret()
    with unless_taken("name", TAKEN):
        webhook = Webhook.objects.create(
            project=project,
            workflow=workflow,
            environment=environment,
            name=name,
            address=secrets.token_urlsafe(ADDRESS_BYTES),
            into=into,
            starter=actor,
            starter_name=actor.name,
        )
    WebhookSecret.objects.create(webhook=webhook, number=1, sealed=seal(secret), made_by_name=actor.name)
    places = {"workflow": workflow.slug, "environment": environment.slug, "into": into}
    record(Kind.WEBHOOK_CREATED, actor=actor, **facts_of(webhook, **places))
    return webhook, written(secret)


@transaction.atomic
def rename_webhook(webhook: Webhook, *, actor: User, name: str) -> Webhook:
    """Call it something else; all else stays. Raises `Invalid` for an empty or taken name."""
    webhook = held(webhook, actor=actor)
    before, webhook.name = webhook.name, _named(name)
    if webhook.name == before:
        raise WrongState("The webhook is called that already.")
    with unless_taken("name", TAKEN):
        webhook.save(update_fields=["name"])
    record(Kind.WEBHOOK_RENAMED, actor=actor, **facts_of(webhook, before=before))
    return webhook


@transaction.atomic
def disable_webhook(webhook: Webhook, *, actor: User, reason: str) -> Webhook:
    """Let it answer as if it were not there, until it is enabled. Raises `WrongState` when it is."""
    webhook = held(webhook, actor=actor)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing=WHY)
    if webhook.state != Webhook.State.ENABLED:
        raise WrongState("This webhook is disabled already.")
    webhook.state = Webhook.State.DISABLED
    webhook.save(update_fields=["state"])
    record(Kind.WEBHOOK_DISABLED, actor=actor, **facts_of(webhook, reason=reason))
    return webhook


@transaction.atomic
def enable_webhook(webhook: Webhook, *, actor: User) -> Webhook:
    """Let it take deliveries again. Raises `WrongState` unless it is disabled, and the actor's own."""
    webhook = held(webhook, actor=actor)
    refuse_in_another_name(webhook, actor)
    refuse_unless_standing(webhook.project.organisation_id)
    if webhook.state != Webhook.State.DISABLED:
        raise WrongState("This webhook is enabled already.")
    webhook.state = Webhook.State.ENABLED
    webhook.save(update_fields=["state"])
    record(Kind.WEBHOOK_ENABLED, actor=actor, **facts_of(webhook))
    return webhook


@transaction.atomic
def retire_webhook(webhook: Webhook, *, actor: User, reason: str) -> Webhook:
    """End it for good; its deliveries stay. Its secrets are emptied: nothing needs them any more."""
    webhook = held(webhook, actor=actor)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing=WHY)
    webhook.state = Webhook.State.RETIRED
    webhook.save(update_fields=["state"])
    known = WebhookSecret.objects.filter(webhook=webhook)
    known.good().update(ends_at=Now())
    known.update(sealed="")
    record(Kind.WEBHOOK_RETIRED, actor=actor, **facts_of(webhook, reason=reason))
    return webhook


def _named(name: str) -> str:
    return printable(name, longest=LONGEST_NAME, missing="Say who or what will send to it.")


def held(webhook: Webhook, *, actor: User) -> Webhook:
    """The webhook as it is now, locked, once the person may change it. Raises what services raise."""
    rows = Webhook.objects.select_for_update(of=("self",), no_key=True)
    webhook = rows.select_related("project", "workflow", "environment").get(pk=webhook.pk)
    authorise(actor, Permission.OPERATE, project=webhook.project)
    if webhook.state == Webhook.State.RETIRED:
        raise WrongState("This webhook is retired: open another one.")
    return webhook


def refuse_in_another_name(webhook: Webhook, actor: User) -> None:
    """Raises `WrongState` where it starts runs in somebody else's name: nobody acts in that of another."""
    if webhook.starter_id != actor.pk:
        raise WrongState(
            f"This webhook starts runs in the name of {webhook.starter_name}. Take it over: then it starts "
            "them in yours, with a secret that nobody knew before."
        )


def facts_of(webhook: Webhook, **details: object) -> dict[str, Any]:
    """What every event about a webhook says, as `record` takes it."""
    return {
        "organisation": webhook.project.organisation_id,
        "about": ("webhook", webhook.pk),
        "details": {"name": webhook.name, **details},
    }
