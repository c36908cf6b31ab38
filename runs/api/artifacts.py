"""Downloading content: its exact bytes, as a file, never as something a browser would run."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from governance.accounts.models import User
from governance.api.endpoint import Endpoint
from runs.artifacts.models import Artifact
from runs.artifacts.services import open_artifact
from runs.lineage.models import Edge
from runs.records.models import Run, RunInput, Step

OCTETS = "application/octet-stream"
# Even where somebody opens it in a browser: no script, no style, no frame, no request.
INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class AnyRepresentation(BaseContentNegotiation):
    """A file has one representation, whatever the caller would like best."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser:  # type: ignore[override]
        """The only one."""
        return parsers[0]

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first, for problems."""
        return renderers[0], renderers[0].media_type or ""


class Content(Endpoint):
    """The bytes of one artifact."""

    content_negotiation_class = AnyRepresentation

    @extend_schema(
        operation_id="artifacts_content",
        summary="Download content",
        responses={(200, OCTETS): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The exact bytes; their SHA-256 is recomputed just before and must be the recorded one."""
        artifact = self.fetch(artifacts_visible_to(self.actor), pk)
        response = HttpResponse(open_artifact(artifact), content_type=OCTETS, headers=INERT)
        response["Content-Disposition"] = f'attachment; filename="{artifact.sha256[:16]}.{_ending(artifact)}"'
        response["X-Content-SHA256"] = artifact.sha256
        return response


def artifacts_visible_to(actor: User) -> QuerySet[Artifact]:
    """Content that some run within the caller's reach was started with, sent or made."""
    here = {"run__in": Run.objects.visible_to(actor)}
    return Artifact.objects.filter(
        Q(Exists(RunInput.objects.filter(artifact=OuterRef("pk"), **here)))
        | Q(Exists(Step.objects.visible_to(actor).filter(output=OuterRef("pk"))))
        | Q(Exists(Edge.objects.visible_to(actor).filter(artifact=OuterRef("pk"))))
    )


def _ending(artifact: Artifact) -> str:
    return {"text/plain": "txt", "application/json": "json"}.get(artifact.media_type, "bin")
