"""Every route of the installation, read from the resolver, and how a test asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories.retention import a_hold
from tests.factories.runs import LETTER, chain
from tests.web.asked import Asked


@dataclass(frozen=True)
class Route:
    """A place in the resolver. Routes without a name are known by their pattern."""

    name: str
    pattern: str


def routes() -> list[Route]:
    """Every route there is."""
    return sorted(
        set(_walk(get_resolver().url_patterns, "", ())), key=lambda route: (route.name, route.pattern)
    )


def is_admin(route: Route) -> bool:
    """The admin has a table of its own."""
    return route.pattern.startswith("admin/")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for found in patterns:
        here = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            inside = (*spaces, found.namespace) if found.namespace else spaces
            yield from _walk(found.url_patterns, here, inside)
        else:
            yield Route(":".join((*spaces, found.name)) if found.name else here, here)


VOTE = Asked(
    lambda world: world.request.pk,
    body=lambda world: {"decision": "approve", "reason": "Looks right.", "digest": world.request.digest},
)
REASON = {"reason": "for the matrix"}
REVEALING = {"purpose": "audit", "reason": "The matrix asks for it."}
DECISION = {"decision": "approve", "reason": "Looks right."}
DRAFT = chain(3)
TERMS = {"zone": "Europe/Berlin", "cron": "0 9 * * *", "overlap": "skip", "catch_up": "last"}
FORM = {**TERMS, "kind": "cron", "input_letter": LETTER}

ASKED: dict[str, Asked] = {
    "governance:approval": VOTE,
    "governance:approval-withdraw": Asked(lambda world: world.request.pk),
    "governance:asset-new": Asked(more=lambda world: {"kind": "prompt"}),
    "governance:asset assets/<uuid:pk>/": Asked(lambda world: world.workflow.pk),
    "governance:asset <kinds:kind>/<uuid:pk>/": Asked(
        lambda world: world.workflow.pk, more=lambda world: {"kind": "workflow"}
    ),
    "governance:asset-sharing": Asked(
        lambda world: world.workflow.pk,
        body=lambda world: {**REASON, "to": world.northwind.stranger.pk, "permission": "view_asset"},
    ),
    "governance:asset-stop-sharing": Asked(
        lambda world: world.workflow.pk,
        body=lambda world: {**REASON, "person": world.northwind.stranger.pk},
    ),
    "governance:version-new": Asked(lambda world: world.workflow.pk),
    "governance:version": Asked(lambda world: world.version.pk),
    "governance:version-diff": Asked(lambda world: world.version.pk),
    "governance:release-submit": Asked(
        lambda world: world.version.pk,
        body=lambda world: {"environment": world.northwind.staging.pk, "notes": ""},
    ),
    "governance:release": Asked(lambda world: world.active.pk),
    "governance:release-activate": Asked(lambda world: world.approved.pk, body=lambda world: REASON),
    "governance:release-roll-back": Asked(lambda world: world.earlier.pk, body=lambda world: REASON),
    "governance:event": Asked(lambda world: world.event.pk),
    "governance:event-proof": Asked(lambda world: world.event.pk),
    "governance:checkpoint": Asked(lambda world: world.checkpoint.pk),
    "governance:completeness": Asked(lambda world: world.checkpoint.log),
    "governance:token-revoke": Asked(lambda world: world.token.pk),
    "runs:start": Asked(
        query=lambda world: {"activation": world.active.activations.all()[0].pk},
        body=lambda world: {"reference": "", "key": uuid4().hex, "text_letter": LETTER},
    ),
    "runs:run": Asked(lambda world: world.done.pk),
    "runs:progress": Asked(lambda world: world.queued.pk),
    "runs:resume": Asked(lambda world: world.failed.pk, body=lambda world: REASON),
    "runs:cancel": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "runs:signal": Asked(
        lambda world: world.listening.pk,
        body=lambda world: {"name": "paid", "payload": "{}", "key": "from-the-matrix"},
    ),
    "runs:task": Asked(lambda world: world.task.pk, body=lambda world: DECISION),
    "runs:task-reveal": Asked(lambda world: world.task.pk),
    "runs:pause": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "runs:continue": Asked(lambda world: world.queued.pk),
    "runs:retry-now": Asked(lambda world: world.queued.pk),
    "runs:record-effect": Asked(lambda world: world.queued.pk, body=lambda world: {**REASON, "output": "{}"}),
    "runs:repeat-step": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "runs:retry-compensation": Asked(lambda world: world.queued.pk),
    "runs:verify": Asked(lambda world: world.done.pk),
    "runs:replay": Asked(lambda world: world.done.pk, body=lambda world: REASON),
    "runs:fork": Asked(
        lambda world: world.done.pk,
        body=lambda world: {**REASON, "position": 1, "environment": world.done.environment_id, "key": "k"},
    ),
    "runs:evidence-of": Asked(
        lambda world: world.done.pk,
        more=lambda world: {"kind": "run"},
        body=lambda world: REVEALING,
    ),
    "runs:evidence-policy": Asked(more=lambda world: {"organisation": world.northwind.slug}),
    "runs:compare": Asked(lambda world: world.done.pk, more=lambda world: {"other": world.queued.pk}),
    "runs:output": Asked(lambda world: world.step.pk),
    "runs:reveal": Asked(
        query=lambda world: {"content": str(world.artifact.pk)},
        body=lambda world: {"contents": [str(world.artifact.pk)], **REVEALING},
    ),
    "runs:artifact": Asked(lambda world: world.artifact.pk),
    "runs:memory-value": Asked(lambda world: world.memory.pk),
    "runs:memory-revert": Asked(lambda world: world.memory.pk, body=lambda world: REASON),
    "runs:webhook": Asked(lambda world: world.webhook.pk),
    "runs:webhook-rename": Asked(lambda world: world.webhook.pk, body=lambda world: {"name": "Anew"}),
    "runs:webhook-rotate": Asked(lambda world: world.webhook.pk, body=lambda world: {"hours": "24"}),
    "runs:webhook-end-secret": Asked(lambda world: world.webhook.pk),
    "runs:webhook-disable": Asked(lambda world: world.webhook.pk, body=lambda world: REASON),
    "runs:webhook-enable": Asked(lambda world: world.webhook.pk),
    "runs:webhook-adopt": Asked(lambda world: world.webhook.pk),
    "runs:webhook-retire": Asked(lambda world: world.webhook.pk, body=lambda world: REASON),
    "runs:endpoint": Asked(
        more=lambda world: {"organisation": "northwind", "kind": "endpoint", "name": "bank"},
        body=lambda world: {**REASON, "environments": [world.northwind.development.pk]},
    ),
    "runs:schedule-new": Asked(
        query=lambda world: {"activation": world.active.activations.all()[0].pk},
        body=lambda world: {**FORM, "name": "From the matrix"},
    ),
    "runs:schedule": Asked(lambda world: world.schedule.pk),
    "runs:schedule-change": Asked(
        lambda world: world.schedule.pk, body=lambda world: {**FORM, "name": "From the matrix", "edition": 1}
    ),
    "runs:schedule-pause": Asked(lambda world: world.schedule.pk, body=lambda world: REASON),
    "runs:schedule-resume": Asked(lambda world: world.schedule.pk),
    "runs:schedule-retire": Asked(lambda world: world.schedule.pk, body=lambda world: REASON),
    "runs:retention": Asked(body=lambda world: {**REASON, "classification": "confidential", "days": 365}),
    "runs:hold-new": Asked(body=lambda world: {"scope": "run", "key": world.done.pk, **REASON}),
    "runs:hold": Asked(lambda world: world.hold.pk),
    "runs:hold-ask": Asked(lambda world: world.hold.pk, body=lambda world: REASON),
    "runs:hold-confirm": Asked(lambda world: world.hold.pk),
    "runs:erasure": Asked(lambda world: world.erasure.pk),
    "runs:recall-new": Asked(
        query=lambda world: {"kind": "release", "key": world.active.pk},
        body=lambda world: {"title": "Matrix", **REASON, "project": world.northwind.project.pk},
    ),
    "runs:recall": Asked(lambda world: world.recall.pk),
    "runs:recall-progress": Asked(lambda world: world.recall.pk),
    "runs:recall-settle": Asked(
        lambda world: world.recall.pk, body=lambda world: {"case": ["1"], "status": "checked"}
    ),
    "runs:recall-resume": Asked(lambda world: world.recall.pk, body=lambda world: {"reason": "Again."}),
    "runs:recall-close": Asked(lambda world: world.recall.pk, body=lambda world: {"conclusion": "Done."}),
    "runs:recall-export": Asked(lambda world: world.recall.pk),
    "runs:made": Asked(lambda world: world.version.pk),
    "search": Asked(query=lambda world: {"q": "canary of Northwind sings"}),
    "account_confirm_email": Asked(more=lambda world: {"key": "nothing"}),
    "api:assets": Asked(
        body=lambda world: {
            "project": str(world.northwind.project.pk),
            "kind": "prompt",
            "slug": "from-the-matrix",
            "purpose": "",
        }
    ),
    "api:search": Asked(
        query=lambda world: {"q": "canary of Northwind sings"},
    ),
    "api:releases": Asked(
        body=lambda world: {
            "version": str(world.version.pk),
            "environment": str(world.northwind.staging.pk),
            "notes": "",
        }
    ),
    "api:asset": Asked(lambda world: world.workflow.pk),
    "api:versions": Asked(
        lambda world: world.workflow.pk,
        body=lambda world: {"content": DRAFT, "message": "from the matrix"},
    ),
    "api:version": Asked(lambda world: world.version.pk),
    "api:release": Asked(lambda world: world.active.pk),
    "api:release-activate": Asked(lambda world: world.approved.pk, body=lambda world: REASON),
    "api:release-roll-back": Asked(lambda world: world.earlier.pk, body=lambda world: REASON),
    "api:completeness": Asked(lambda world: world.checkpoint.log),
    "api:approval": Asked(lambda world: world.request.pk),
    "api:run": Asked(lambda world: world.done.pk),
    "api:runs": Asked(
        body=lambda world: {
            "workflow": str(world.workflow.pk),
            "environment": str(world.northwind.development.pk),
            "inputs": {"letter": LETTER},
        }
    ),
    "api:run-resume": Asked(lambda world: world.failed.pk, body=lambda world: REASON),
    "api:run-cancel": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "api:run-pause": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "api:run-continue": Asked(lambda world: world.queued.pk),
    "api:run-retry-now": Asked(lambda world: world.queued.pk),
    "api:run-record-effect": Asked(
        lambda world: world.queued.pk, body=lambda world: {**REASON, "output": {"paid": True}}
    ),
    "api:run-repeat-step": Asked(lambda world: world.queued.pk, body=lambda world: REASON),
    "api:run-retry-compensation": Asked(lambda world: world.queued.pk),
    "api:run-verify": Asked(lambda world: world.done.pk),
    "api:run-replay": Asked(lambda world: world.done.pk, body=lambda world: REASON),
    "api:evidence": Asked(
        body=lambda world: {"kind": "run", "id": str(world.done.pk), **REVEALING},
    ),
    "log-checkpoint": Asked(more=lambda world: {"name": world.northwind.slug}),
    "log-tile": Asked(more=lambda world: {"name": world.northwind.slug, "path": "entries/000.p/1"}),
    "api:ledger-checkpoint": Asked(query=lambda world: {"log": world.northwind.slug}),
    "api:ledger-event-proof": Asked(lambda world: world.event.pk),
    "api:ledger-consistency": Asked(query=lambda world: {"log": world.northwind.slug, "old": 1, "new": 2}),
    "api:evidence-policy": Asked(more=lambda world: {"organisation": world.northwind.slug}),
    "api:run-fork": Asked(lambda world: world.done.pk, body=lambda world: {**REASON, "position": 1}),
    "api:run-compare": Asked(lambda world: world.done.pk, more=lambda world: {"other": world.queued.pk}),
    "api:run-steps": Asked(lambda world: world.done.pk),
    "api:run-events": Asked(lambda world: world.done.pk),
    "api:nothing": Asked(more=lambda world: {"elsewhere": "nowhere"}),
    "api:run-signals": Asked(
        lambda world: world.listening.pk, body=lambda world: {"name": "paid", "payload": {"cents": 1200}}
    ),
    "api:task": Asked(lambda world: world.task.pk),
    "api:task-reveal": Asked(lambda world: world.task.pk),
    "api:reveals": Asked(body=lambda world: {"contents": [str(world.artifact.pk)], **REVEALING}),
    "api:task-decide": Asked(lambda world: world.task.pk, body=lambda world: DECISION),
    "api:memory-version": Asked(lambda world: world.memory.pk),
    "api:memory-revert": Asked(lambda world: world.memory.pk, body=lambda world: REASON),
    "api:holds": Asked(body=lambda world: a_hold(world.done)),
    "api:hold": Asked(lambda world: world.hold.pk),
    "api:erasure": Asked(lambda world: world.erasure.pk),
    "api:recalls": Asked(
        body=lambda world: {
            **REASON,
            "project": str(world.northwind.project.pk),
            "kind": "release",
            "key": str(world.active.pk),
            "title": "Matrix",
        }
    ),
    "api:recall": Asked(lambda world: world.recall.pk),
    "api:recall-cases": Asked(lambda world: world.recall.pk),
    "api:recall-settle": Asked(
        lambda world: world.recall.pk, body=lambda world: {"cases": [1], "status": "checked"}
    ),
    "api:recall-resume": Asked(lambda world: world.recall.pk, body=lambda world: {"reason": "Again."}),
    "api:recall-close": Asked(lambda world: world.recall.pk, body=lambda world: {"conclusion": "Done."}),
    "api:schedules": Asked(
        body=lambda world: {
            **TERMS,
            "workflow": str(world.workflow.pk),
            "environment": str(world.northwind.development.pk),
            "name": "From the matrix",
            "inputs": {"letter": LETTER},
        }
    ),
    "api:schedule": Asked(lambda world: world.schedule.pk),
    "api:schedule-change": Asked(
        lambda world: world.schedule.pk,
        body=lambda world: {**TERMS, "name": "Anew", "edition": 1, "inputs": {"letter": LETTER}},
    ),
    "api:schedule-pause": Asked(lambda world: world.schedule.pk, body=lambda world: REASON),
    "api:schedule-resume": Asked(lambda world: world.schedule.pk),
    "api:schedule-retire": Asked(lambda world: world.schedule.pk, body=lambda world: REASON),
    "api:schedule-firings": Asked(lambda world: world.schedule.pk),
    "api:webhooks": Asked(
        body=lambda world: {
            "name": "From the matrix",
            "workflow": str(world.workflow.pk),
            "environment": str(world.northwind.development.pk),
        }
    ),
    "api:webhook": Asked(lambda world: world.webhook.pk),
    "api:webhook-deliveries": Asked(lambda world: world.webhook.pk),
    "api:webhook-rename": Asked(lambda world: world.webhook.pk, body=lambda world: {"name": "Anew"}),
    "api:webhook-rotate": Asked(lambda world: world.webhook.pk, body=lambda world: {"hours": 1}),
    "api:webhook-end-secret": Asked(lambda world: world.webhook.pk),
    "api:webhook-disable": Asked(lambda world: world.webhook.pk, body=lambda world: REASON),
    "api:webhook-enable": Asked(lambda world: world.webhook.pk),
    "api:webhook-adopt": Asked(lambda world: world.webhook.pk),
    "api:webhook-retire": Asked(lambda world: world.webhook.pk, body=lambda world: REASON),
    "api:output": Asked(lambda world: world.step.pk),
    "api:artifact-content": Asked(lambda world: world.artifact.pk),
}
