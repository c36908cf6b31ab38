"""Retention: the rules that count, holds, and what was removed. A hold is lifted in the browser alone."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope as TokenScope
from governance.accounts.models import Project
from governance.api.endpoint import Endpoint
from governance.api.naming import named
from governance.errors import Invalid
from runs.api.retention_shapes import ErasureShape, HoldShape, NewHold, RetentionShape
from runs.retention.holds import place_hold
from runs.retention.models import Erasure, Hold, Rule
from runs.retention.querysets import HoldQuerySet
from runs.retention.scopes import About, Scope, about_of, about_period, about_reference

COMPLAINT = OpenApiExample(
    "A complaint before the court",
    value={
        "project": "complaints",
        "scope": "reference",
        "key": "CASE-2026-0142",
        "reason": "The customer has gone to court.",
    },
    request_only=True,
)


class Rules(Endpoint):
    """How long contents are kept."""

    @extend_schema(operation_id="retention_rules", summary="Retention rules", responses=RetentionShape)
    def get(self, request: Request) -> Response:
        """The rule that counts for each class that has one; contents of the others are kept."""
        rules = Rule.objects.visible_to(self.actor).counting()
        return Response(RetentionShape({"rules": rules}).data)


class Holds(Endpoint):
    """The holds within reach, and new ones."""

    scopes_write = TokenScope.RUNS_WRITE
    paged = True

    @extend_schema(operation_id="holds_list", summary="Holds", responses=HoldShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first, those that were lifted among them."""
        return self.page(_within(self), HoldShape)

    @extend_schema(
        operation_id="holds_place",
        summary="Place a hold",
        request=NewHold,
        responses={201: OpenApiResponse(HoldShape, description="The new hold.")},
        examples=[COMPLAINT],
    )
    def post(self, request: Request) -> Response:
        """From now on none of these contents is removed, whatever a rule says, until two people lift it."""
        asked = self.body(NewHold)
        project = named(Project.objects.visible_to(self.actor), asked["project"], field="project")
        made = place_hold(_about(asked, project, self), actor=self.actor, reason=asked["reason"])
        answer = Response(HoldShape(self.fetch(_within(self), made.pk)).data, status=201)
        answer["Location"] = reverse("api:hold", args=[made.pk])
        return answer


class HoldDetail(Endpoint):
    """One hold."""

    @extend_schema(operation_id="holds_read", summary="One hold", responses=HoldShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """What it is about, why, and who lifted it."""
        return Response(HoldShape(self.fetch(_within(self), pk)).data)


class Erasures(Endpoint):
    """What was announced and removed."""

    paged = True

    @extend_schema(operation_id="erasures_list", summary="Erasures", responses=ErasureShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.page(Erasure.objects.visible_to(self.actor).counted(), ErasureShape)


class ErasureDetail(Endpoint):
    """One erasure."""

    @extend_schema(operation_id="erasures_read", summary="One erasure", responses=ErasureShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """How many of its contents were removed, how many kept."""
        found = self.fetch(Erasure.objects.visible_to(self.actor).counted(), pk)
        return Response(ErasureShape(found).data)


def _within(endpoint: Endpoint) -> HoldQuerySet:
    return Hold.objects.visible_to(endpoint.actor).select_related("project", "lift__asked")


def _about(asked: dict[str, Any], project: Project, endpoint: Endpoint) -> About:
    """What is to be held, within the project. Raises `Invalid`."""
    if asked["scope"] == Scope.REFERENCE:
        return about_reference(project.organisation, project, asked["key"])
    if asked["scope"] == Scope.PERIOD:
        if not (asked["since"] and asked["until"]):
            words = "Give the first and the last day."
            raise Invalid(words, fields={"since": words})
        return about_period(project.organisation, project, asked["since"], asked["until"])
    key = str(project.pk) if asked["scope"] == Scope.PROJECT else asked["key"]
    found = about_of(asked["scope"], key, actor=endpoint.actor)
    if found.project != project:
        words = "It belongs to another project."
        raise Invalid(words, fields={"key": words})
    return found
