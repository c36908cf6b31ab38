"""Verifying a run, running it again, forking it, and holding it beside another."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.accounts.models import User
from governance.api.endpoint import Endpoint
from governance.api.naming import named
from governance.api.release_shapes import Reason
from governance.catalog.models import Version
from governance.errors import Invalid
from governance.releases.models import Environment
from runs.api import idempotency
from runs.api.answers import answer, listed_runs
from runs.api.record_shapes import RunShape
from runs.api.replay_shapes import ComparisonShape, NewFork, VerdictShape
from runs.api.run_acts import RunAct
from runs.api.run_requests import Nothing
from runs.replay.compare import compared
from runs.replay.fitting import GONE
from runs.replay.fork import fork_run, replay_run
from runs.replay.verify import verify_run

MOST_DIFFERENCES = 200
NOT_COMPARABLE = "These are runs of two different workflows, which have no steps in common."


class Verify(RunAct):
    """Walking over what was recorded of a run. It changes nothing of it, so reading is enough."""

    scopes_write = Scope.READ

    @extend_schema(
        operation_id="runs_verify", summary="Verify a run", request=Nothing, responses=VerdictShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Hold every recorded step against what the definition yields from the records; no step is called."""
        self.body(Nothing)
        verdict = verify_run(self.found(pk), actor=self.actor)
        facts = {
            "holds": verdict.holds,
            "steps": verdict.steps,
            "runs": verdict.runs,
            "differences": verdict.differences[:MOST_DIFFERENCES],
            "differences_in_all": len(verdict.differences),
        }
        return Response(VerdictShape(facts).data)


class Replay(RunAct):
    """The same once more."""

    @extend_schema(
        operation_id="runs_replay",
        summary="Run again",
        request=Reason,
        responses=idempotency.started_or_replayed(RunShape),
        parameters=[idempotency.OPTIONAL, idempotency.REPLAYED],
        examples=[OpenApiExample("A reason", value={"reason": "Does it do the same?"}, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """A new run of the same versions on the same inputs; 409 where a step changes something outside."""
        key = idempotency.key_if_given(request)
        run, created = replay_run(self.found(pk), actor=self.actor, reason=self.reason(), idempotency_key=key)
        return idempotency.started(run, answer(self.actor, run), created=created)


class Fork(RunAct):
    """Beginning where another run stood."""

    @extend_schema(
        operation_id="runs_fork",
        summary="Fork a run",
        request=NewFork,
        responses=idempotency.started_or_replayed(RunShape),
        parameters=[idempotency.OPTIONAL, idempotency.REPLAYED],
        examples=[
            OpenApiExample(
                "Once more from the third step",
                value={"position": 2, "reason": "Another look at the summary."},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """A new run that takes over the steps before `position`; with other versions it is an experiment."""
        key = idempotency.key_if_given(request)
        run, given = self.found(pk), self.body(NewFork)
        places = Environment.objects.visible_to(self.actor).filter(organisation=run.organisation_id)
        wanted = given.get("environment")
        fork, created = fork_run(
            run,
            actor=self.actor,
            position=given["position"],
            reason=given["reason"],
            overrides=_overrides(self.actor, given["overrides"]),
            environment=named(places, wanted, field="environment") if wanted else None,
            idempotency_key=key,
        )
        return idempotency.started(fork, answer(self.actor, fork), created=created)


class Compare(Endpoint):
    """Two runs beside one another."""

    @extend_schema(operation_id="runs_compare", summary="Compare two runs", responses=ComparisonShape)
    def get(self, request: Request, pk: UUID, other: UUID) -> Response:
        """Their steps by node, and where they part; 400 for runs of different workflows."""
        left, right = (self.fetch(listed_runs(self.actor), each) for each in (pk, other))
        if left.workflow_id != right.workflow_id:
            raise Invalid(NOT_COMPARABLE)
        return Response(ComparisonShape(compared(left, right)).data)


def _overrides(actor: User, given: dict[str, dict[str, Any]]) -> dict[str, dict[str, Version]]:
    """The versions by their identifiers. Raises `Invalid` naming the node whose version is not seen."""
    wanted = {pk for chosen in given.values() for pk in chosen.values()}
    seen = Version.objects.visible_to(actor).select_related("asset").in_bulk(wanted)
    for node, chosen in given.items():
        if any(pk not in seen for pk in chosen.values()):
            raise Invalid(f"{node}: {GONE}", fields={node: GONE})
    return {node: {kind: seen[pk] for kind, pk in chosen.items()} for node, chosen in given.items()}
