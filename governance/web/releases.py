"""The board of what is in effect where, and the page of one release."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest, Vote
from governance.approvals.signed import signed
from governance.catalog.models import Asset
from governance.releases.closure import pinned_versions
from governance.releases.models import Activation, Environment, Release
from governance.releases.outward import why_shut
from governance.web.acting import actor_of, address, chosen, chosen_uuid, refuse_unknown
from governance.web.history import history
from governance.web.next_step import next_step
from governance.web.outward import asked_rows
from governance.web.paging import page_of
from governance.web.release_facts import effects_of, facts, periods, standing_of

WORKFLOWS_ON_BOARD = 25


@dataclass
class Cell:
    """A workflow in an environment: what is in effect, and what is on its way there."""

    environment: Environment
    activation: Activation | None = None
    approvers: list[str] = field(default_factory=list)
    waiting: list[Release] = field(default_factory=list)


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Workflows by environments, and below it all releases, newest first. A constant number of queries."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "state", "workflow")
    workflows = (
        Asset.objects.visible_to(actor).of_kind(Asset.Kind.WORKFLOW).select_related("project__organisation")
    )
    shown = list(
        workflows.filter(releases__isnull=False).distinct().order_by("slug", "id")[: WORKFLOWS_ON_BOARD + 1]
    )
    environments = list(
        Environment.objects.visible_to(actor).select_related("organisation").order_by("rank", "slug")
    )
    rows = Release.objects.visible_to(actor).with_names()
    if state := chosen(request.GET, "state", ApprovalRequest.State.values):
        rows = rows.filter(request__state=state)
    if workflow := chosen_uuid(request.GET, "workflow"):
        rows = rows.filter(workflow=workflow)
    page = page_of(rows, request.GET, size=25)
    context = {
        "boards": _boards(actor, shown[:WORKFLOWS_ON_BOARD], environments),
        "more_workflows": len(shown) > WORKFLOWS_ON_BOARD,
        "page": page,
        "states": ApprovalRequest.State.choices,
        "state": state,
        "workflow": workflow,
        "effects": effects_of(page.rows),
    }
    return render(request, "governance/releases.html", context)


def _boards(
    actor: User, workflows: list[Asset], environments: list[Environment]
) -> list[tuple[list[Environment], list[tuple[Asset, list[Cell]]]]]:
    """One board for each organisation, since each has its own environments."""
    active = Activation.objects.visible_to(actor).filter(workflow__in=workflows).in_effect()
    loaded = (
        active.with_names().select_related("release__request").prefetch_related("release__request__votes")
    )
    current = {(activation.workflow_id, activation.environment_id): activation for activation in loaded}
    coming: dict[tuple[UUID, UUID], list[Release]] = defaultdict(list)
    for release in _coming(actor, workflows):
        effective = current.get((release.workflow_id, release.environment_id))
        if effective is None or release.number > effective.release.number:
            coming[release.workflow_id, release.environment_id].append(release)
    boards = []
    for organisation in dict.fromkeys(workflow.project.organisation_id for workflow in workflows):
        own = [environment for environment in environments if environment.organisation_id == organisation]
        rows = [
            (workflow, [_cell(workflow, environment, current, coming) for environment in own])
            for workflow in workflows
            if workflow.project.organisation_id == organisation
        ]
        boards.append((own, rows))
    return boards


def _coming(actor: User, workflows: list[Asset]) -> list[Release]:
    """Open requests, and what is ready and was never put into effect."""
    within = Release.objects.visible_to(actor).filter(workflow__in=workflows).with_names()
    ready = within.filter(
        request__state__in=[ApprovalRequest.State.OPEN, *ApprovalRequest.CARRIED], activations=None
    )
    return list(ready.order_by("-id")[:200])


def _cell(
    workflow: Asset,
    environment: Environment,
    current: dict[tuple[UUID, UUID], Activation],
    coming: dict[tuple[UUID, UUID], list[Release]],
) -> Cell:
    key = (workflow.pk, environment.pk)
    activation = current.get(key)
    votes = activation.release.request.votes.all() if activation else []
    return Cell(
        environment,
        activation,
        approvers=[vote.person_name for vote in votes if vote.decision == Vote.Decision.APPROVE],
        waiting=coming[key][:2],
    )


@require_safe
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One release: what it holds, who decided, when it took effect."""
    actor = actor_of(request)
    loaded = Release.objects.visible_to(actor).with_contents().select_related("project__organisation")
    votes = Prefetch("request__votes")
    found = get_object_or_404(loaded.prefetch_related(votes), pk=pk)
    standing = standing_of(found)
    may_activate = reach(actor).allows(Permission.ACTIVATE, found.project_id)
    context = {
        "release": found,
        "signed": signed(found.request),
        "standing": standing,
        "shut": why_shut(found),
        "asked": asked_rows(found.version, actor),
        "next_step": None if standing.was_in_effect else next_step(found, standing, actor),
        "facts": facts(found),
        "pins": sorted(
            pinned_versions(found.version),
            key=lambda version: (version.asset.kind != Asset.Kind.WORKFLOW, version.asset.slug),
        ),
        "functions": sorted(found.contents["functions"].items()),
        "periods": periods(found),
        "may_activate": may_activate and standing.may_take_effect,
        "roll_back_to": standing.previous if may_activate and standing.in_effect else None,
        "runs_url": address("runs:list", release=str(found.pk)),
        "evidence_url": address("runs:evidence-of", "release", found.pk),
        "relied_url": address("runs:recall-new", kind="release", key=str(found.pk)),
        "history": history(("release", found.pk), ("approval", found.request_id), actor=actor, limit=20),
    }
    return render(request, "governance/release.html", context)
