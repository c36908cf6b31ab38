"""Whether anything is missing from a log, for programs."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.bodies import Query
from governance.api.endpoint import Endpoint
from governance.proof.completeness.asked import looked_at


class CompletenessQuery(Query):
    """Between which checkpoints."""

    since = serializers.IntegerField(
        required=False, min_value=0, max_value=2**62, help_text="The first one's size; 0 is the beginning."
    )
    until = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The last one's size; without it the latest."
    )


class SignedShape(serializers.Serializer[Any]):
    """An end of what was looked at; `signed` and `root_hash` are null where no checkpoint is."""

    size = serializers.IntegerField()
    signed = serializers.DateTimeField(allow_null=True)
    root_hash = serializers.CharField(allow_null=True)


class ComparedShape(serializers.Serializer[Any]):
    """How many rows were looked for among events, and events among rows."""

    what = serializers.CharField()
    rows = serializers.IntegerField()
    events = serializers.IntegerField()


class MissingShape(serializers.Serializer[Any]):
    """Something that is missing, and an entry beside it."""

    code = serializers.CharField()
    said = serializers.CharField()
    log = serializers.UUIDField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    event = serializers.UUIDField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class CompletenessShape(serializers.Serializer[Any]):
    """What was compared, and what is missing; `limit` says what cannot be told."""

    log = serializers.UUIDField()
    origin = serializers.CharField()
    since = SignedShape()
    until = SignedShape()
    complete = serializers.BooleanField()
    entries = serializers.IntegerField()
    sessions = serializers.IntegerField()
    sessions_unresolved = serializers.IntegerField()
    events_before_numbers = serializers.IntegerField()
    compared = ComparedShape(many=True)
    findings = MissingShape(many=True)
    limit = serializers.CharField()


class Completeness(Endpoint):
    """A log of an organisation that the caller owns; a token owns none, so this takes a person's session."""

    query = CompletenessQuery

    @extend_schema(
        operation_id="ledger_completeness",
        summary="Whether an entry, a run or a decision is missing",
        responses=CompletenessShape,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Between two checkpoints; without the first, as far back as is looked at."""
        report = looked_at(pk, actor=self.actor, **self.asked)
        return Response(CompletenessShape(report.plain()).data)
