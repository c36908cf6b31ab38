"""Schedules: listing, setting, changing, pausing, resuming and retiring them, and their firings."""

from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named
from governance.api.release_shapes import Reason
from governance.releases.models import Environment
from runs.api.run_requests import Nothing
from runs.api.runs import workflow_called
from runs.api.schedule_shapes import (
    ChangedSchedule,
    FiringShape,
    NewSchedule,
    ScheduleQuery,
    ScheduleShape,
    ScheduleSummary,
)
from runs.schedules.models import Schedule
from runs.schedules.querysets import ScheduleQuerySet
from runs.schedules.services import (
    change_schedule,
    create_schedule,
    pause_schedule,
    resume_schedule,
    retire_schedule,
)

MORNING = OpenApiExample(
    "Every weekday at nine",
    value={
        "workflow": "complaints/complaint-handling",
        "environment": "production",
        "name": "Morning letters",
        "zone": "Europe/Berlin",
        "cron": "0 9 * * 1-5",
        "inputs": {"letter": "Dear Sir or Madam, …"},
    },
    request_only=True,
)
BECAUSE = [OpenApiExample("With a reason", value={"reason": "Over the holidays."}, request_only=True)]
LATER = OpenApiExample(
    "An hour later",
    value={
        "name": "Morning letters",
        "zone": "Europe/Berlin",
        "cron": "0 10 * * 1-5",
        "inputs": {"letter": "Dear Sir or Madam, …"},
        "edition": 1,
    },
    request_only=True,
)
STATES = {
    "on": Q(next_at__isnull=False),
    "paused": Q(paused_at__isnull=False, retired_at=None),
    "retired": Q(retired_at__isnull=False),
}


class Schedules(Endpoint):
    """The schedules within reach, and new ones."""

    scopes_write = Scope.TRIGGERS_WRITE
    query = ScheduleQuery
    paged = True

    @extend_schema(operation_id="schedules_list", summary="Schedules", responses=ScheduleSummary(many=True))
    def get(self, request: Request) -> Response:
        """Newest first; without `state`, those that are not retired."""
        wanted = STATES[self.asked["state"]] if "state" in self.asked else Q(retired_at=None)
        for name in ("project", "workflow", "environment"):
            if name in self.asked:
                wanted &= called(self.asked[name], via=name)
        return self.page(_within(self).filter(wanted), ScheduleSummary)

    @extend_schema(
        operation_id="schedules_create",
        summary="Set a schedule",
        request=NewSchedule,
        responses={201: OpenApiResponse(ScheduleShape, description="The new schedule.")},
        examples=[MORNING],
    )
    def post(self, request: Request) -> Response:
        """It starts runs from now on, each in your name, of whatever release is in effect at the time."""
        asked = self.body(NewSchedule)
        workflow = workflow_called(self.actor, asked["workflow"])
        places = Environment.objects.visible_to(self.actor).filter(
            organisation=workflow.project.organisation_id
        )
        made = create_schedule(
            workflow,
            actor=self.actor,
            environment=named(places, asked["environment"], field="environment"),
            name=asked["name"],
            terms=NewSchedule.terms(asked),
        )
        answer = _answer(self, made.pk)
        answer.status_code = 201
        answer["Location"] = reverse("api:schedule", args=[made.pk])
        return answer


class ScheduleDetail(Endpoint):
    """One schedule."""

    @extend_schema(operation_id="schedules_read", summary="One schedule", responses=ScheduleShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its terms, its next times and its newest firing."""
        return _answer(self, pk)


class Change(Endpoint):
    """Saving a schedule anew."""

    scopes_write = Scope.TRIGGERS_WRITE

    @extend_schema(
        operation_id="schedules_change",
        summary="Change a schedule",
        request=ChangedSchedule,
        responses=ScheduleShape,
        examples=[LATER],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """All of its terms, from now on in your name; 409 when somebody saved another edition meanwhile."""
        schedule, asked = self.fetch(_within(self), pk), self.body(ChangedSchedule)
        change_schedule(
            schedule,
            actor=self.actor,
            edition=asked["edition"],
            name=asked["name"],
            terms=ChangedSchedule.terms(asked),
        )
        return _answer(self, pk)


class Pause(Endpoint):
    """Pausing a schedule."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="schedules_pause",
        summary="Pause a schedule",
        request=Reason,
        responses=ScheduleShape,
        examples=BECAUSE,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It fires no more until it is resumed; 409 when it is paused or retired."""
        schedule = self.fetch(_within(self), pk)
        pause_schedule(schedule, actor=self.actor, reason=self.body(Reason)["reason"])
        return _answer(self, pk)


class Resume(Endpoint):
    """Resuming a schedule."""

    scopes_write = Scope.TRIGGERS_WRITE

    @extend_schema(
        operation_id="schedules_resume", summary="Resume a schedule", request=Nothing, responses=ScheduleShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It fires again, from now on in your name; 409 when it is not paused."""
        schedule = self.fetch(_within(self), pk)
        self.body(Nothing)
        resume_schedule(schedule, actor=self.actor)
        return _answer(self, pk)


class Retire(Endpoint):
    """Retiring a schedule."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="schedules_retire",
        summary="Retire a schedule",
        request=Reason,
        responses=ScheduleShape,
        examples=BECAUSE,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It ends for good; what it started stays. 409 when it is retired."""
        schedule = self.fetch(_within(self), pk)
        retire_schedule(schedule, actor=self.actor, reason=self.body(Reason)["reason"])
        return _answer(self, pk)


class Firings(Endpoint):
    """The firings of one schedule."""

    paged = True

    @extend_schema(
        operation_id="schedules_firings",
        summary="The firings of a schedule",
        responses=FiringShape(many=True),
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """What became of each time, newest first: the run, or why there is none."""
        return self.page(self.fetch(_within(self), pk).firings.all(), FiringShape)


def _within(endpoint: Endpoint) -> ScheduleQuerySet:
    return Schedule.objects.visible_to(endpoint.actor).with_names().select_related("project__organisation")


def _answer(endpoint: Endpoint, pk: UUID) -> Response:
    found = endpoint.fetch(_within(endpoint), pk)
    return Response(ScheduleShape(found, context=endpoint.get_serializer_context()).data)
