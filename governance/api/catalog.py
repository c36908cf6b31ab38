"""Prompts, models and workflows, and their versions."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.catalog_shapes import (
    AssetQuery,
    AssetShape,
    NewAsset,
    NewVersion,
    VersionShape,
    VersionSummary,
)
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named, projects_of
from governance.catalog.models import Asset, Pin, Version
from governance.catalog.querysets import AssetQuerySet
from governance.catalog.services import create_asset, create_version

PROMPT = OpenApiExample(
    "The next version of a prompt",
    value={
        "content": {
            "messages": [{"role": "user", "content": "Summarise in one sentence:\n{letter}"}],
            "variables": [{"name": "letter", "description": "The redacted letter."}],
        },
        "message": "Ask for one sentence",
    },
    request_only=True,
)
PROMPT_NAME = OpenApiExample(
    "A new prompt",
    value={"project": "complaints", "kind": "prompt", "slug": "summarise", "purpose": "Sums up a letter."},
    request_only=True,
)


class Assets(Endpoint):
    """The assets within reach, and new ones."""

    scopes_write = Scope.CATALOG_WRITE
    query = AssetQuery
    paged = True

    @extend_schema(
        operation_id="assets_list", summary="Prompts, models and workflows", responses=AssetShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = _assets(self)
        if kind := self.asked.get("kind"):
            rows = rows.of_kind(kind)
        if slug := self.asked.get("slug"):
            rows = rows.filter(slug=slug)
        if project := self.asked.get("project"):
            rows = rows.filter(called(project, via="project"))
        return self.page(rows, AssetShape)

    @extend_schema(
        operation_id="assets_create",
        summary="Name a new asset",
        request=NewAsset,
        responses={201: AssetShape},
        examples=[PROMPT_NAME],
    )
    def post(self, request: Request) -> Response:
        """Name a new prompt, model or workflow; then add its first version."""
        wanted = self.body(NewAsset)
        project = named(projects_of(self.actor), wanted.pop("project"), field="project")
        wanted["kind"] = Asset.Kind(wanted["kind"])
        asset = create_asset(project, actor=self.actor, **wanted)
        return Response(
            AssetShape(asset).data, 201, headers={"Location": reverse("api:asset", args=[asset.pk])}
        )


class AssetDetail(Endpoint):
    """One asset."""

    @extend_schema(operation_id="assets_read", summary="One asset", responses=AssetShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its name, purpose and newest version's number."""
        return Response(AssetShape(self.fetch(_assets(self), pk)).data)


class Versions(Endpoint):
    """The versions of one asset, and the next one."""

    scopes_write = Scope.CATALOG_WRITE
    paged = True

    @extend_schema(
        operation_id="versions_list", summary="The versions of an asset", responses=VersionSummary(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Newest first, without their content."""
        asset = self.fetch(Asset.objects.visible_to(self.actor), pk)
        return self.page(asset.versions.defer("content"), VersionSummary)

    @extend_schema(
        operation_id="versions_create",
        summary="Add the next version",
        request=NewVersion,
        responses={201: VersionShape},
        examples=[PROMPT],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Add the next version of an asset. It is checked whole and can never be changed."""
        asset = self.fetch(Asset.objects.visible_to(self.actor), pk)
        version = create_version(asset, actor=self.actor, **self.body(NewVersion))
        made = _versions(self).get(pk=version.pk)
        return Response(
            VersionShape(made).data, 201, headers={"Location": reverse("api:version", args=[version.pk])}
        )


class VersionDetail(Endpoint):
    """One version."""

    @extend_schema(operation_id="versions_read", summary="One version", responses=VersionShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Its content, the digest of that, and what it pins."""
        return Response(VersionShape(self.fetch(_versions(self), pk)).data)


def _assets(endpoint: Endpoint) -> AssetQuerySet:
    return Asset.objects.visible_to(endpoint.actor).select_related("project", "created_by").with_newest()


def _versions(endpoint: Endpoint) -> QuerySet[Version]:
    rows = Version.objects.visible_to(endpoint.actor).select_related("asset__project")
    pins = Pin.objects.select_related("pinned__asset").defer("pinned__content")
    return rows.prefetch_related(Prefetch("pins", pins))
