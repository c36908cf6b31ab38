"""Revealing masked contents: what for and why, before their text is in any answer."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.bodies import Body
from governance.api.endpoint import Endpoint
from governance.errors import NotVisible
from runs.api.reads import ReadShape
from runs.lineage.visible import artifacts_visible_to
from runs.memory.abouts import about_entry
from runs.memory.models import Entry
from runs.reading.models import Ticket
from runs.reading.reading import session_of
from runs.reading.reasons import LONGEST_REASON
from runs.reading.revealing import MOST_AT_ONCE, REVEAL_PURPOSES, reveal
from runs.reading.services import LIFE

DISPUTED = OpenApiExample(
    "Two contents",
    value={
        "contents": ["01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000002"],
        "purpose": "complaint",
        "reason": "The customer asks why the claim was refused.",
    },
    request_only=True,
)


class NewReveal(Body):
    """Which contents, what for, and why."""

    contents = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE, help_text="Their identifiers."
    )
    purpose = serializers.ChoiceField(choices=list(REVEAL_PURPOSES))
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="At least ten letters.")
    memory = serializers.UUIDField(
        required=False, help_text="Of a remembered value that no step has read: the version."
    )


class RevealShape(ReadShape):
    """The reading that reveals, and until when."""

    until = serializers.SerializerMethodField(help_text="Until then your answers have the text.")

    class Meta(ReadShape.Meta):
        fields: tuple[str, ...] = (*ReadShape.Meta.fields, "until")
        read_only_fields: tuple[str, ...] = fields

    def get_until(self, ticket: Ticket) -> datetime:
        """Five minutes."""
        return ticket.at + LIFE


class Reveals(Endpoint):
    """Revealing. It changes nothing but the ledger, so the scope to read is enough."""

    scopes_write = Scope.READ

    @extend_schema(
        operation_id="reveals_create",
        summary="Reveal masked contents",
        request=NewReveal,
        responses={201: OpenApiResponse(RevealShape, description="Revealed, for five minutes.")},
        examples=[DISPUTED],
    )
    def post(self, request: Request) -> Response:
        """To whoever calls, with this token or in this session; recorded with purpose and reason.

        403 without the permission “Reveal confidential and personal contents” in their project.
        """
        asked = self.body(NewReveal)
        wanted, within, of = list(dict.fromkeys(asked["contents"])), artifacts_visible_to(self.actor), None
        if version := asked.get("memory"):
            rows = Entry.objects.visible_to(self.actor).select_related("project", "artifact", "step__run")
            entry = self.fetch(rows.defer("artifact__inline"), version)
            of, contents = about_entry(entry), [entry.artifact]
        else:
            contents = list(within.filter(pk__in=wanted).defer("inline"))
        if {content.pk for content in contents} != set(wanted):
            raise NotVisible("There is no such content.")
        why: dict[str, Any] = {"purpose": asked["purpose"], "reason": asked["reason"], "of": of}
        made = reveal(
            contents, actor=self.actor, session=session_of(self.actor, request.session.session_key), **why
        )
        return Response(RevealShape(made).data, status=status.HTTP_201_CREATED)
