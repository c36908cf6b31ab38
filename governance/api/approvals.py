"""Requests for approval: read here, decided by a person at the browser."""

from typing import Any, NoReturn
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.endpoint import Endpoint
from governance.api.naming import called
from governance.api.release_shapes import ApprovalQuery, ApprovalShape, ApprovalSummary
from governance.approvals.models import ApprovalRequest

AT_THE_BROWSER = "A decision is signed by a person on the request's review page: sign in at the browser."


class Approvals(Endpoint):
    """The requests within reach."""

    query = ApprovalQuery
    paged = True

    @extend_schema(
        operation_id="approvals_list", summary="Requests for approval", responses=ApprovalSummary(many=True)
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = _requests(self)
        if project := self.asked.get("project"):
            rows = rows.filter(called(project, via="project"))
        if state := self.asked.get("state"):
            rows = rows.filter(state=state)
        if self.asked["waiting_for_me"]:
            rows = rows.filter(pk__in=ApprovalRequest.objects.waiting_for(self.actor).values("pk"))
        return self.page(rows, ApprovalSummary)


class ApprovalDetail(Endpoint):
    """One request."""

    @extend_schema(operation_id="approvals_read", summary="One request for approval", responses=ApprovalShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its votes, and what keeps you from deciding: decisions are signed at the browser, never here."""
        found = self.fetch(_requests(self).prefetch_related("votes", "exclusions__person"), pk)
        return Response(ApprovalShape(found, context=self.get_serializer_context()).data)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        """Say where a decision is made. Raises `MethodNotAllowed`."""
        raise MethodNotAllowed(request.method or "", detail=AT_THE_BROWSER)


def _requests(endpoint: Endpoint) -> QuerySet[ApprovalRequest]:
    rows = ApprovalRequest.objects.visible_to(endpoint.actor)
    return rows.select_related("project", "requested_by", "release").defer("release__closure")
