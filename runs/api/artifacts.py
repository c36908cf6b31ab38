"""Downloading content: its exact bytes, as a file, never as something a browser would run."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from governance.api.endpoint import Endpoint
from governance.api.files import AnyRepresentation
from runs.api.opened import opened
from runs.artifacts.download import DOWNLOADED, inert_headers
from runs.lineage.visible import artifacts_visible_to
from runs.reading.abouts import about_artifact
from runs.reading.models import Ticket


class Content(Endpoint):
    """The bytes of one artifact."""

    content_negotiation_class = AnyRepresentation

    @extend_schema(
        operation_id="artifacts_content",
        summary="Download content",
        responses={(200, DOWNLOADED): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The exact bytes; their SHA-256 is recomputed just before and must be the recorded one.

        Confidential and personal contents are masked: 403 until you reveal them, see `/reveals/`.
        """
        artifact = self.fetch(artifacts_visible_to(self.actor).defer("inline"), pk)
        about = about_artifact(artifact, self.actor)
        taken = opened(self, about, [pk], purpose="a file", kind=Ticket.Kind.EXPORTED)
        headers = {**inert_headers(artifact), "X-Content-SHA256": artifact.sha256}
        return HttpResponse(taken.whole(artifact), content_type=DOWNLOADED, headers=headers)
