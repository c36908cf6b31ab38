"""What runs can ask outside, and to which environments each of it is open."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.accounts_shapes import OrganisationName
from governance.api.endpoint import Endpoint
from governance.api.release_shapes import EnvironmentName
from governance.releases.models import Opening
from runs.insight.outlets import outlets


class OpeningShape(serializers.ModelSerializer[Opening]):
    """What a platform owner set last."""

    class Meta:
        model = Opening
        fields = ("id", "number", "reason", "set_by_name", "set_at")
        read_only_fields = fields


class OutletShape(serializers.Serializer[object]):
    """An HTTP endpoint or a provider of models, as an organisation may ask it."""

    organisation = OrganisationName()
    kind = serializers.ChoiceField(choices=Opening.Kind.choices)
    name = serializers.CharField(help_text="As workflows and models name it.")
    has_address = serializers.BooleanField(help_text="Whether the installation says where it is.")
    host = serializers.CharField(help_text="For platform owners in a browser; else empty.")
    open = EnvironmentName(many=True, help_text="Runs of these environments may ask it, and no others.")
    opening = OpeningShape(allow_null=True, help_text="Null while nobody has set it.")


class OutletsShape(serializers.Serializer[object]):
    """All that the installation names, and all that was ever set; few enough for one answer."""

    endpoints = OutletShape(many=True)


class Endpoints(Endpoint):
    """HTTP endpoints and providers."""

    @extend_schema(
        operation_id="endpoints_list",
        summary="Endpoints and what is open to which environment",
        responses=OutletsShape,
    )
    def get(self, request: Request) -> Response:
        """By organisation, kind and name. A platform owner opens them, in a browser."""
        return Response(OutletsShape({"endpoints": outlets(self.actor)}).data)
