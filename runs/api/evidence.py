"""Bundles of evidence for machines, and the policy that they are examined under."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.accounts.models import Organisation
from governance.api.bodies import Body
from governance.api.endpoint import Endpoint
from governance.api.files import AnyRepresentation
from governance.errors import NotVisible
from runs.artifacts.classes import MASKED
from runs.evidence.policy import policy_of
from runs.evidence.services import make_bundle
from runs.evidence.subject import About, subject_of
from runs.reading.reasons import LONGEST_REASON, PURPOSES

ZIP = "application/zip"
LONGEST_NOTE = 16_384


class NewBundle(Body):
    """What evidence is asked of, what for, and which protected contents are to be in it."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in About])
    id = serializers.UUIDField(help_text="Of the output's step, the run, the release, or a period's project.")
    purpose = serializers.ChoiceField(choices=list(PURPOSES))
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="At least ten letters.")
    reveal = serializers.ListField(
        child=serializers.ChoiceField(choices=list(MASKED)),
        required=False,
        max_length=len(MASKED),
        help_text="Classes of contents to include besides public and internal ones.",
    )
    trusted = serializers.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        trim_whitespace=False,
        help_text="A checkpoint that the reader holds; the bundle then shows that it is continued.",
    )
    first = serializers.DateField(required=False, help_text="Of a period: its first day, in UTC.")
    last = serializers.DateField(required=False, help_text="Of a period: its last day.")


class KeyInForce(serializers.Serializer[object]):
    """A key and the sizes of the log between which it was in force."""

    vkey = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python's."""
        bounds = {
            "from": serializers.IntegerField(),
            "to": serializers.IntegerField(allow_null=True, help_text="Null while it is."),
        }
        return {**super().get_fields(), **bounds}


class PolicyShape(serializers.Serializer[object]):
    """Whom a reader trusts, as `verify.py` takes it. More witnesses and `trusted` are the reader's."""

    origin = serializers.CharField(help_text="The name of the organisation's log.")
    keys = KeyInForce(many=True)
    evidence_keys = KeyInForce(many=True)
    witnesses = serializers.ListField(child=serializers.CharField())
    quorum = serializers.IntegerField()
    trusted = serializers.CharField(allow_null=True)


class Bundles(Endpoint):
    """Making a bundle. It changes nothing but the ledger, which says who had it, so reading is enough."""

    scopes_write = Scope.READ
    content_negotiation_class = AnyRepresentation

    @extend_schema(
        operation_id="evidence_make",
        summary="Make a bundle of evidence",
        request=NewBundle,
        responses={(200, ZIP): OpenApiTypes.BINARY},
        examples=[
            OpenApiExample(
                "A run",
                value={
                    "kind": "run",
                    "id": "0192f0c1-2b7e-7cc1-9d0a-6f1f5a0d1c11",
                    "purpose": "complaint",
                    "reason": "The customer asks why the claim was refused.",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        """A zip file, with its SHA-256 in `X-Content-SHA256`; 409 until the log's signature covers it all."""
        asked = self.body(NewBundle)
        days: dict[str, date] = {name: asked[name] for name in ("first", "last") if name in asked}
        pk: UUID = asked["id"]
        subject = subject_of(asked["kind"], pk, actor=self.actor, **days)
        made = make_bundle(
            subject,
            actor=self.actor,
            purpose=asked["purpose"],
            reason=asked["reason"],
            reveal=asked.get("reveal", ()),
            trusted=asked.get("trusted", ""),
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{made.filename}"',
            "X-Content-SHA256": made.sha256,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(made.content, content_type=ZIP, headers=headers)


class Policy(Endpoint):
    """Whom to trust for an organisation's evidence."""

    may_be_too_early: ClassVar[bool] = True  # the log's first signature is still to come

    @extend_schema(operation_id="evidence_policy", summary="The policy for evidence", responses=PolicyShape)
    def get(self, request: Request, organisation: str) -> Response:
        """The log's name, its keys and those that sign evidence; 409 until the log was signed."""
        found = Organisation.objects.visible_to(self.actor).filter(slug=organisation).first()
        if found is None:
            raise NotVisible("There is no such organisation.")
        return Response(policy_of(found))
