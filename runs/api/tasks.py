"""Tasks: what runs ask of people, and deciding it."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.naming import called
from runs.api.people_shapes import TaskDecision, TaskQuery, TaskShape, TaskSummary
from runs.api.run_requests import Nothing
from runs.durable.decide import decide
from runs.people.models import Task
from runs.people.querysets import TaskQuerySet
from runs.people.revealing import reveal_to_decide
from runs.reading.reading import session_of

APPROVED = OpenApiExample(
    "An approval",
    value={"decision": "approve", "reason": "The amounts agree with the statement."},
    request_only=True,
)
EDITED = OpenApiExample(
    "An edit",
    value={"decision": "edit", "reason": "More polite.", "value": "Dear Ms Example, …"},
    request_only=True,
)

AT_THE_BROWSER = OpenApiExample(
    "An approval that no token can give",
    value={
        "id": "01920000-0000-7000-8000-000000000001",
        "run": "01920000-0000-7000-8000-000000000002",
        "project": "complaints",
        "node": "ask",
        "kind": "approve",
        "title": "Pay the compensation",
        "state": "open",
        "team": "Second readers",
        "escalate_to": None,
        "browser_only": True,
        "opened_at": "2026-11-22T09:00:00Z",
        "escalates_at": None,
        "deadline_at": "2026-11-23T09:00:00Z",
        "decision": "",
        "reason": "",
        "decided_by_name": "",
        "closed_at": None,
        "instructions": "Read it twice.",
        "subject": "",
        "shown": [],
        "offers": {"approve": "Approve", "reject": "Reject"},
        "edited": None,
        "deciders": ["Aron Approver"],
        "obstacle": "An approval is given by a person at the browser, not by a token.",
    },
    response_only=True,
)


class Tasks(Endpoint):
    """The tasks within reach."""

    query = TaskQuery
    paged = True

    @extend_schema(operation_id="tasks_list", summary="Tasks", responses=TaskSummary(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = _tasks(self)
        if project := self.asked.get("project"):
            rows = rows.filter(called(project, via="project"))
        for name in ("run", "state"):
            if name in self.asked:
                rows = rows.filter(**{name: self.asked[name]})
        if self.asked["waiting_for_me"]:
            rows = rows.filter(pk__in=Task.objects.waiting_for(self.actor).values("pk"))
        return self.page(rows, TaskSummary)


class TaskDetail(Endpoint):
    """One task."""

    @extend_schema(
        operation_id="tasks_read", summary="One task", responses=TaskShape, examples=[AT_THE_BROWSER]
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """What is asked, what it shows, and what keeps you from deciding."""
        return _answer(self, pk)


class Decide(Endpoint):
    """Deciding a task."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="tasks_decide",
        summary="Decide a task",
        request=TaskDecision,
        responses=TaskShape,
        examples=[APPROVED, EDITED],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Once, and its run goes on. Answers 409 when it was decided, expired or withdrawn before.

        An approval in a protected environment is given by a person at the browser, not by a token.
        """
        task = self.fetch(_tasks(self), pk)
        wanted = self.body(TaskDecision)
        decide(
            task,
            actor=self.actor,
            decision=wanted["decision"],
            reason=wanted["reason"],
            value=wanted["value"],
        )
        return _answer(self, pk)


class TaskReveal(Endpoint):
    """Revealing what a task shows."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="tasks_reveal", summary="Reveal what a task shows", request=Nothing, responses=TaskShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """To whoever may decide it, for five minutes; the task is the reason. 409 once nobody can decide it.

        Then its contents can be downloaded, whatever their class.
        """
        self.body(Nothing)
        session = session_of(self.actor, request.session.session_key)
        reveal_to_decide(self.fetch(_tasks(self), pk), actor=self.actor, session=session)
        return _answer(self, pk)


def _tasks(endpoint: Endpoint) -> TaskQuerySet:
    return Task.objects.visible_to(endpoint.actor).with_names().timed()


def _answer(endpoint: Endpoint, pk: UUID) -> Response:
    found = endpoint.fetch(_tasks(endpoint).select_related("edited").defer("edited__inline"), pk)
    return Response(TaskShape(found, context=endpoint.get_serializer_context()).data)
