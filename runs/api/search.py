"""Finding records by what somebody has at hand."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.bodies import Query
from governance.api.catalog_shapes import VersionName
from governance.api.endpoint import Endpoint
from runs.api.record_shapes import RunSummary, StepShape
from runs.insight.search import search


class SearchQuery(Query):
    """What to look for."""

    q = serializers.CharField(
        max_length=2000,
        help_text="A piece of a text, a SHA-256, an identifier, a reference, or “slug v2”.",
    )


class PassageShape(serializers.Serializer[object]):
    """Where in the text it stands."""

    before = serializers.CharField(allow_blank=True)
    match = serializers.CharField()
    after = serializers.CharField(allow_blank=True)
    masked = serializers.CharField(
        allow_blank=True, help_text="The class of a content that is not quoted; then the three are empty."
    )


class FoundOutput(serializers.Serializer[object]):
    """A step that made the content; its trace is at `/outputs/{step.id}/`."""

    run = serializers.UUIDField(source="step.run_id")
    step = StepShape()
    passage = PassageShape(allow_null=True)


class FoundInput(serializers.Serializer[object]):
    """A run that was started with the content."""

    run = serializers.UUIDField(source="run.pk")
    name = serializers.CharField(source="given.name")
    filename = serializers.CharField(source="given.filename", allow_blank=True)
    sha256 = serializers.CharField(source="given.artifact.sha256")
    passage = PassageShape(allow_null=True)


class FoundVersion(serializers.Serializer[object]):
    """A version, or a release of one."""

    version = VersionName()
    release = serializers.UUIDField(source="release.pk", allow_null=True, default=None)


class Found(serializers.Serializer[object]):
    """What was found, each kind newest first and at most 20."""

    outputs = FoundOutput(many=True)
    inputs = FoundInput(many=True)
    runs = RunSummary(many=True)
    versions = FoundVersion(many=True)
    more = serializers.SerializerMethodField(
        help_text="The kinds of which there are others: ask more narrowly."
    )
    too_general = serializers.BooleanField(help_text="The text is so common that the search was given up.")

    def get_more(self, results: object) -> list[str]:
        """In a fixed order."""
        return sorted(getattr(results, "more", ()))


class Search(Endpoint):
    """Search."""

    query = SearchQuery

    @extend_schema(operation_id="search", summary="Find records", responses=Found)
    def get(self, request: Request) -> Response:
        """Within your reach: by a pasted text, a digest, an identifier, a reference or a version's name."""
        return Response(Found(search(self.asked["q"], actor=self.actor)).data)
