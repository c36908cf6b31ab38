"""Runs: listing, starting, reading."""

from uuid import UUID

from django.db.models import Q
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
from runs.api.answers import answer, listed_runs, whole_runs
from runs.api.record_shapes import EventShape, RunShape, RunSummary, StepShape
from runs.api.run_requests import NewRun, RunQuery
from runs.durable.start import start_run
from runs.records.models import Run, Step

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
        """Newest first, without the parts of others. A run is found a moment after it was started."""
        asked = self.asked
        wanted = Q() if "part_of" in asked else Q(parent=None)
        for name in ("project", "workflow", "environment"):
            if name in asked:
                wanted &= called(asked[name], via=name)
        for name, column in {**SAME, **BOUNDS}.items():
            if name in asked:
                wanted &= Q(**{column: asked[name]})
        return self.page(listed_runs(self.actor).filter(wanted), RunSummary)

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
        request are repeated; 409 when the key was used for another request, nothing is released there, or
        what it asks is not open there.
        """
        key = idempotency.key_of(request)
        wanted = self.body(NewRun)
        workflow = workflow_called(self.actor, wanted["workflow"])
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
            priority=wanted["priority"],
        )
        return idempotency.started(run, answer(self.actor, run), created=created)


class RunDetail(Endpoint):
    """One run."""

    @extend_schema(operation_id="runs_read", summary="One run", responses=RunShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its stamps, inputs, newest steps and output, and why it is not moving."""
        return Response(RunShape(self.fetch(whole_runs(self.actor), pk)).data)


class Steps(Endpoint):
    """The steps of one run."""

    paged = True
    ordering = ("id",)

    @extend_schema(operation_id="runs_steps", summary="The steps of a run", responses=StepShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Every committed attempt, in the order in which they were made."""
        run = self.fetch(Run.objects.visible_to(self.actor), pk)
        return self.page(Step.objects.filter(run=run.pk).with_names(), StepShape)


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
SAME = {
    **{name: name for name in ("state", "version", "release", "reference")},
    "part_of": "parent",
    "derived_from": "source",
}
BOUNDS = {"created_after": "created_at__gt", "created_before": "created_at__lt"}


def workflow_called(actor: User, name: str) -> Asset:
    """The workflow that the request names. Raises `Invalid` when there is none within reach, or several."""
    workflows = Asset.objects.visible_to(actor).of_kind(Asset.Kind.WORKFLOW).select_related("project")
    if identifier_in(name) is not None:
        return named(workflows, name, field="workflow")
    project, _, slug = name.partition("/")
    if not slug:
        raise Invalid(f"workflow: {NO_SUCH}", fields={"workflow": NO_SUCH})
    return named(workflows.filter(project__slug=project), slug, field="workflow")
