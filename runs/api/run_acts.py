"""What an operator does to a run."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.release_shapes import Reason
from runs.api.answers import answer
from runs.api.record_shapes import RunShape
from runs.api.run_requests import Effect, Nothing
from runs.durable.cancel import cancel_run
from runs.durable.pause import continue_run, pause_run
from runs.durable.resume import resume_run
from runs.durable.retry_compensation import retry_compensation
from runs.durable.retry_now import retry_now
from runs.durable.review import record_effect, repeat_step
from runs.records.models import Run


def _because(reason: str) -> list[OpenApiExample]:
    return [OpenApiExample("With a reason", value={"reason": reason}, request_only=True)]


class RunAct(Endpoint):
    """One act on one run; the answer is the run as it is then. 409 at the wrong moment."""

    scopes_write = Scope.RUNS_WRITE

    def found(self, pk: UUID) -> Run:
        """The run within the caller's reach."""
        return self.fetch(Run.objects.visible_to(self.actor), pk)

    def done(self, run: Run) -> Response:
        """The run as it is now."""
        return Response(answer(self.actor, run))

    def reason(self) -> str:
        """Why, from the body."""
        found: dict[str, Any] = self.body(Reason)
        return str(found["reason"])


class Resume(RunAct):
    """Letting a failed run go on."""

    @extend_schema(
        operation_id="runs_resume",
        summary="Resume a failed run",
        request=Reason,
        responses=RunShape,
        examples=_because("The provider answers again"),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue it again at the node that failed; its committed steps stay."""
        return self.done(resume_run(self.found(pk), actor=self.actor, reason=self.reason()))


class Cancel(RunAct):
    """Ending a run."""

    @extend_schema(
        operation_id="runs_cancel",
        summary="Cancel a run",
        request=Reason,
        responses=RunShape,
        examples=_because("Sent twice"),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """End a run that has not succeeded; where the workflow says how, what it did is undone."""
        return self.done(cancel_run(self.found(pk), actor=self.actor, reason=self.reason()))


class Pause(RunAct):
    """Holding a run up."""

    @extend_schema(
        operation_id="runs_pause",
        summary="Pause a run",
        request=Reason,
        responses=RunShape,
        examples=_because("The provider is being moved"),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Hold it up with its parts: at once, or after the step that is being executed."""
        return self.done(pause_run(self.found(pk), actor=self.actor, reason=self.reason()))


class Continue(RunAct):
    """Letting a paused run go on."""

    @extend_schema(
        operation_id="runs_continue", summary="Continue a paused run", request=Nothing, responses=RunShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Let it go on with its parts, where it was held up; attempts are counted on."""
        self.body(Nothing)
        return self.done(continue_run(self.found(pk), actor=self.actor))


class RetryNow(RunAct):
    """Not waiting for the next attempt."""

    @extend_schema(
        operation_id="runs_retry_now", summary="Try again at once", request=Nothing, responses=RunShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Make the next attempt now that was put off for a while."""
        self.body(Nothing)
        return self.done(retry_now(self.found(pk), actor=self.actor))


class RecordEffect(RunAct):
    """Saying that a step under review took effect."""

    @extend_schema(
        operation_id="runs_record_effect",
        summary="Record the effect of a step under review",
        request=Effect,
        responses=RunShape,
        examples=[
            OpenApiExample(
                "A payment that was made",
                value={"output": {"paid": True}, "reason": "It is on the statement of 3 November"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """The step is recorded as succeeded, with this output and who recorded it; the run goes on."""
        given = self.body(Effect)
        run = record_effect(self.found(pk), actor=self.actor, output=given["output"], reason=given["reason"])
        return self.done(run)


class RepeatStep(RunAct):
    """Saying that a step under review may be attempted again."""

    @extend_schema(
        operation_id="runs_repeat_step",
        summary="Repeat a step under review",
        request=Reason,
        responses=RunShape,
        examples=_because("The bank knows of no payment"),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It took no effect, or may do so twice: it is attempted once more."""
        return self.done(repeat_step(self.found(pk), actor=self.actor, reason=self.reason()))


class RetryCompensation(RunAct):
    """Undoing what could not be undone."""

    @extend_schema(
        operation_id="runs_retry_compensation",
        summary="Try again to undo what a run did",
        request=Nothing,
        responses=RunShape,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Undo what is left, from the last step that has not been undone."""
        self.body(Nothing)
        return self.done(retry_compensation(self.found(pk), actor=self.actor))
