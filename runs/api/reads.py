"""The log of readings: who opened which contents, how and when."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Query
from governance.api.endpoint import Endpoint
from runs.reading.models import Ticket


class ReadQuery(Query):
    """Which readings."""

    run = serializers.UUIDField(required=False, help_text="A run: of what it was given, sent or made.")
    content = serializers.UUIDField(required=False, help_text="A content's identifier.")
    person = serializers.UUIDField(required=False, help_text="Whoever read.")
    kind = serializers.ChoiceField(required=False, choices=Ticket.Kind.choices)


class ReadShape(serializers.ModelSerializer[Ticket]):
    """One reading. `digest` is the SHA-256 of the opened contents' identifiers, in order, without a gap."""

    project = ProjectName(read_only=True, allow_null=True)

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "id", "at", "kind", "purpose", "reason", "actor", "actor_name", "project", "run",
            "about_type", "about_id", "contents", "digest", "event",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class Reads(Endpoint):
    """The readings within reach."""

    query = ReadQuery
    paged = True

    @extend_schema(operation_id="reads_list", summary="Who read what", responses=ReadShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first: of the projects within reach, and of everything to an organisation's owners."""
        rows = Ticket.objects.visible_to(self.actor).with_names()
        if run := self.asked.get("run"):
            rows = rows.of_run(run, actor=self.actor)
        if content := self.asked.get("content"):
            rows = rows.of_content(content)
        if person := self.asked.get("person"):
            rows = rows.filter(actor=person)
        if kind := self.asked.get("kind"):
            rows = rows.filter(kind=kind)
        return self.page(rows, ReadShape)
