"""Environments and releases: submitting, activating, rolling back."""

from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named
from governance.api.release_shapes import (
    ActivationShape,
    EnvironmentShape,
    NewRelease,
    Reason,
    ReleaseQuery,
    ReleaseShape,
    ReleaseSummary,
    RollBackReason,
)
from governance.catalog.models import Version
from governance.errors import Invalid
from governance.releases.models import Activation, Environment, Release
from governance.releases.querysets import ReleaseQuerySet
from governance.releases.services import activate, roll_back, submit_release

SUBMISSION = OpenApiExample(
    "To production",
    value={
        "version": "019b0c5e-6f3a-7c11-9d20-5b8f4a1e2c77",
        "environment": "production",
        "notes": "Shorter replies",
    },
    request_only=True,
)


class Environments(Endpoint):
    """The environments of the caller's organisations."""

    paged = True

    @extend_schema(
        operation_id="environments_list", summary="Environments", responses=EnvironmentShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """Newest first; `rank` is the order of promotion."""
        return self.page(
            Environment.objects.visible_to(self.actor).select_related("organisation"), EnvironmentShape
        )


class Releases(Endpoint):
    """The releases within reach, and new ones."""

    scopes_write = Scope.RELEASES_WRITE
    query = ReleaseQuery
    paged = True

    @extend_schema(operation_id="releases_list", summary="Releases", responses=ReleaseSummary(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = _releases(self)
        for name in ("project", "workflow", "environment"):
            if wanted := self.asked.get(name):
                rows = rows.filter(called(wanted, via=name))
        if state := self.asked.get("state"):
            rows = rows.filter(request__state=state)
        return self.page(rows.defer("closure"), ReleaseSummary)

    @extend_schema(
        operation_id="releases_submit",
        summary="Submit a release",
        request=NewRelease,
        responses={201: ReleaseShape},
        examples=[SUBMISSION],
    )
    def post(self, request: Request) -> Response:
        """Offer a workflow version to an environment; to a protected one it then waits for its approval."""
        wanted = self.body(NewRelease)
        version = (
            Version.objects.visible_to(self.actor)
            .select_related("asset__project")
            .filter(pk=wanted["version"])
            .first()
        )
        if version is None:
            raise Invalid(
                "version: There is no such version.", fields={"version": "There is no such version."}
            )
        places = Environment.objects.visible_to(self.actor).filter(
            organisation=version.asset.project.organisation_id
        )
        environment = named(places, wanted["environment"], field="environment")
        release = submit_release(version, actor=self.actor, environment=environment, notes=wanted["notes"])
        made = ReleaseShape(_in_detail(self).get(pk=release.pk))
        return Response(made.data, 201, headers={"Location": reverse("api:release", args=[release.pk])})


class ReleaseDetail(Endpoint):
    """One release."""

    @extend_schema(operation_id="releases_read", summary="One release", responses=ReleaseShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """What it lets run, who decided, and when it was in effect."""
        return Response(ReleaseShape(self.fetch(_in_detail(self), pk)).data)


class Activate(Endpoint):
    """Putting a release into effect."""

    scopes_write = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="releases_activate",
        summary="Put a release into effect",
        request=Reason,
        responses={201: ActivationShape},
        examples=[
            OpenApiExample(
                "With a reason", value={"reason": "Agreed in the weekly review"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """New runs in its environment use it from now on. A protected one takes approved releases alone."""
        release = self.fetch(_releases(self), pk)
        made = activate(release, actor=self.actor, reason=self.body(Reason)["reason"])
        return Response(ActivationShape(made).data, 201)


class RollBack(Endpoint):
    """Going back to a release."""

    scopes_write = Scope.RELEASES_WRITE

    @extend_schema(
        operation_id="releases_roll_back",
        summary="Go back to a release",
        request=RollBackReason,
        responses={201: ActivationShape},
        examples=[
            OpenApiExample("With a reason", value={"reason": "Replies became too short"}, request_only=True)
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Put this earlier release into effect again: it was in effect before and is not now."""
        release = self.fetch(_releases(self), pk)
        made = roll_back(release, actor=self.actor, reason=self.body(RollBackReason)["reason"])
        return Response(ActivationShape(made).data, 201)


def _releases(endpoint: Endpoint) -> ReleaseQuerySet:
    """Within reach, with their names and which release is in effect where each would be."""
    newest = Activation.objects.line(OuterRef("workflow"), OuterRef("environment")).values("release")[:1]
    rows = Release.objects.visible_to(endpoint.actor).with_names()
    return rows.annotate(current_release=Subquery(newest))


def _in_detail(endpoint: Endpoint) -> ReleaseQuerySet:
    """The same with votes and activations, which the page of one shows and the list does not."""
    return _releases(endpoint).prefetch_related("request__votes", "activations__environment")
