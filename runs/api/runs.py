"""Runs: listing, starting, reading, resuming, cancelling."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.accounts.models import User
from governance.api.endpoint import Endpoint
from governance.api.naming import called, identifier_in, named
from governance.catalog.models import Asset
from governance.errors import Invalid
from governance.ledger.models import Event
from governance.releases.models import Environment
from runs.api import idempotency
from runs.api.record_shapes import EventShape, RunShape, RunSummary
from runs.api.run_requests import CancelReason, NewRun, Nothing, RunQuery
from runs.durable.cancel import cancel_run
from runs.durable.resume import resume_run
from runs.durable.start import start_run
from runs.records.models import Run, RunInput, Step
from runs.records.querysets import RunQuerySet

LETTER = OpenApiExample(
    "A letter as text",
    value={
        "workflow": "complaints/complaint-handling",
        "environment": "production",
        "inputs": {"letter": "Dear Sir or Madam, my card was charged twice on 3 November …"},
        "reference": "CASE-2041",
    },
    request_only=True,
)
FILE = OpenApiExample(
    "A letter as a file",
    value={
        "workflow": "complaints/complaint-handling",
        "environment": "production",
        "inputs": {"letter": {"filename": "letter.txt", "base64": "RGVhciBTaXIgb3IgTWFkYW0sIC4uLg=="}},
    },
    request_only=True,
)


class Runs(Endpoint):
    """The runs within reach, and new ones."""

    scopes_write = Scope.RUNS_WRITE
    query = RunQuery
    paged = True

    @extend_schema(operation_id="runs_list", summary="Runs", responses=RunSummary(many=True))
    def get(self, request: Request) -> Response:
        """Newest first. A run is found a moment after it was started, in whatever state."""
        asked = self.asked
        wanted = Q()
        for name in ("project", "workflow", "environment"):
            if name in asked:
                wanted &= called(asked[name], via=name)
        for name, column in {**SAME, **BOUNDS}.items():
            if name in asked:
                wanted &= Q(**{column: asked[name]})
        return self.page(_listed(self.actor).filter(wanted), RunSummary)

    @extend_schema(
        operation_id="runs_start",
        summary="Start a run",
        request=NewRun,
        responses=idempotency.started_or_replayed(RunShape),
        parameters=[idempotency.PARAMETER, idempotency.REPLAYED],
        examples=[LETTER, FILE],
    )
    def post(self, request: Request) -> Response:
        """Start a run of the release in effect. A worker executes it: read it again to follow it.

        Answers 201 with a new run; 200 with the first one and `Idempotent-Replay: true` when the key and the
        request are repeated; 409 when the key was used for another request, or nothing is released there.
        """
        key = idempotency.key_of(request)
        wanted = self.body(NewRun)
        workflow = _workflow(self.actor, wanted["workflow"])
        places = Environment.objects.visible_to(self.actor).filter(
            organisation=workflow.project.organisation_id
        )
        run, created = start_run(
            workflow,
            actor=self.actor,
            environment=named(places, wanted["environment"], field="environment"),
            inputs=wanted["inputs"],
            reference=wanted["reference"],
            idempotency_key=key,
            origin=Run.Origin.API,
        )
        headers = {"Location": reverse("api:run", args=[run.pk])}
        if not created:
            headers["Idempotent-Replay"] = "true"
        return Response(_answer(self.actor, run), 201 if created else 200, headers=headers)


class RunDetail(Endpoint):
    """One run."""

    @extend_schema(operation_id="runs_read", summary="One run", responses=RunShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its stamps, inputs, steps and output, and why it is not moving."""
        return Response(RunShape(self.fetch(_whole(self.actor), pk)).data)


class Resume(Endpoint):
    """Letting a failed run go on."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="runs_resume", summary="Resume a failed run", request=Nothing, responses=RunShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue it again at the node that failed; its committed steps stay."""
        self.body(Nothing)
        run = resume_run(self.fetch(Run.objects.visible_to(self.actor), pk), actor=self.actor)
        return Response(_answer(self.actor, run))


class Cancel(Endpoint):
    """Ending a run."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="runs_cancel",
        summary="Cancel a run",
        request=CancelReason,
        responses=RunShape,
        examples=[OpenApiExample("With a reason", value={"reason": "Sent twice"}, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """End a run that waits, is executing or has failed; what its present step does is thrown away."""
        run = self.fetch(Run.objects.visible_to(self.actor), pk)
        cancel_run(run, actor=self.actor, reason=self.body(CancelReason)["reason"])
        return Response(_answer(self.actor, run))


class Events(Endpoint):
    """The ledger's entries of one run."""

    paged = True
    ordering = ("id",)

    @extend_schema(operation_id="runs_events", summary="The events of a run", responses=EventShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """In the order in which they were recorded."""
        run = self.fetch(Run.objects.visible_to(self.actor), pk)
        return self.page(Event.objects.of_run(run.pk), EventShape)


NO_SUCH = "There is none of this name."
SAME = {name: name for name in ("state", "version", "release", "reference")}
BOUNDS = {"created_after": "created_at__gt", "created_before": "created_at__lt"}


def _whole(actor: User) -> RunQuerySet:
    """Within reach, with all that a run's shape shows but the contents, in a fixed number of queries."""
    inputs = RunInput.objects.select_related("artifact").defer("artifact__body")
    rows = _listed(actor).select_related("output").defer("output__body")
    return rows.prefetch_related(Prefetch("inputs", inputs), Prefetch("steps", Step.objects.with_names()))


def _listed(actor: User) -> RunQuerySet:
    return Run.objects.visible_to(actor).with_names()


def _answer(actor: User, run: Run) -> dict[str, Any]:
    """The run as it is now, read anew."""
    return RunShape(_whole(actor).get(pk=run.pk)).data


def _workflow(actor: User, name: str) -> Asset:
    """The workflow that the request names. Raises `Invalid` when there is none within reach, or several."""
    workflows = Asset.objects.visible_to(actor).of_kind(Asset.Kind.WORKFLOW).select_related("project")
    if identifier_in(name) is not None:
        return named(workflows, name, field="workflow")
    project, _, slug = name.partition("/")
    if not slug:
        raise Invalid(f"workflow: {NO_SUCH}", fields={"workflow": NO_SUCH})
    return named(workflows.filter(project__slug=project), slug, field="workflow")
