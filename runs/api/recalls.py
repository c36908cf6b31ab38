"""Recalls: opening them, listing what relied on something bad, settling and closing."""

from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.accounts.models import Project
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named
from runs.api.recall_shapes import (
    CaseQuery,
    CaseShape,
    Conclusion,
    NewRecall,
    RecallQuery,
    RecallShape,
    Retry,
    Settlement,
)
from runs.recalls.models import Recall
from runs.recalls.naming import named as subject_named
from runs.recalls.querysets import RecallQuerySet
from runs.recalls.services import close_recall, open_recall, resume_recall, settle_cases

FUNCTION = OpenApiExample(
    "A function that left names in",
    value={
        "project": "complaints",
        "kind": "function",
        "key": "redact_personal_data@1",
        "title": "Names left in",
        "reason": "Names in capitals were left in.",
    },
    request_only=True,
)
CHECKED = OpenApiExample(
    "Two were looked at",
    value={"cases": [1, 2], "status": "checked", "note": "Both are right."},
    request_only=True,
)
FASTER = OpenApiExample(
    "The database answers again", value={"reason": "The database was being moved."}, request_only=True
)
DONE = OpenApiExample("Nothing was wrong", value={"conclusion": "Every reply was right."}, request_only=True)


class Recalls(Endpoint):
    """The recalls within reach, and new ones."""

    scopes_write = Scope.RUNS_WRITE
    query = RecallQuery
    paged = True

    @extend_schema(operation_id="recalls_list", summary="Recalls", responses=RecallShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = _within(self)
        if "project" in self.asked:
            rows = rows.filter(called(self.asked["project"], via="project"))
        if "state" in self.asked:
            rows = rows.filter(state=self.asked["state"])
        return self.page(rows, RecallShape)

    @extend_schema(
        operation_id="recalls_open",
        summary="Open a recall",
        request=NewRecall,
        responses={201: OpenApiResponse(RecallShape, description="The new recall.")},
        examples=[FUNCTION],
    )
    def post(self, request: Request) -> Response:
        """Everything of the project that relied on it is collected in the background."""
        asked = self.body(NewRecall)
        project = named(Project.objects.visible_to(self.actor), asked["project"], field="project")
        about = subject_named(asked["kind"], asked["key"], actor=self.actor)
        made = open_recall(
            project, actor=self.actor, about=about, title=asked["title"], reason=asked["reason"]
        )
        answer = _answer(self, made.pk)
        answer.status_code = 201
        answer["Location"] = reverse("api:recall", args=[made.pk])
        return answer


class RecallDetail(Endpoint):
    """One recall."""

    @extend_schema(operation_id="recalls_read", summary="One recall", responses=RecallShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """What it is about, and how far it is collected."""
        return _answer(self, pk)


class Cases(Endpoint):
    """The cases of a recall."""

    query = CaseQuery
    paged = True
    ordering = ("id",)

    @extend_schema(
        operation_id="recalls_cases", summary="The cases of a recall", responses=CaseShape(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The nearest to the subject first, each with its newest note."""
        cases = self.fetch(_within(self), pk).cases.with_status().with_names()
        return self.page(cases.filter(**self.asked), CaseShape)


class Settle(Endpoint):
    """Settling cases of a recall."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="recalls_settle",
        summary="Settle cases of a recall",
        request=Settlement,
        responses=RecallShape,
        examples=[CHECKED],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """All of them or none; 409 when the recall is closed."""
        found, asked = self.fetch(_within(self), pk), self.body(Settlement)
        settle_cases(
            found, actor=self.actor, numbers=asked["cases"], status=asked["status"], note=asked["note"]
        )
        return _answer(self, pk)


class Resume(Endpoint):
    """Having a recall collected on."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="recalls_resume",
        summary="Collect a recall that failed again",
        request=Retry,
        responses=RecallShape,
        examples=[FASTER],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """From where it was left; 409 when nothing has failed."""
        resume_recall(self.fetch(_within(self), pk), actor=self.actor, reason=self.body(Retry)["reason"])
        return _answer(self, pk)


class Close(Endpoint):
    """Closing a recall."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="recalls_close",
        summary="Close a recall",
        request=Conclusion,
        responses=RecallShape,
        examples=[DONE],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """With a conclusion; 409 while it is being collected, or has open cases though all was found."""
        close_recall(
            self.fetch(_within(self), pk), actor=self.actor, conclusion=self.body(Conclusion)["conclusion"]
        )
        return _answer(self, pk)


def _within(endpoint: Endpoint) -> RecallQuerySet:
    return Recall.objects.visible_to(endpoint.actor).select_related("project__organisation")


def _answer(endpoint: Endpoint, pk: UUID) -> Response:
    return Response(RecallShape(endpoint.fetch(_within(endpoint), pk)).data)
