"""What lies at the root: the index, the schema, and the answer to every address that is none."""

from typing import Any, NoReturn

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.endpoint import Endpoint
from portal.api.schema import document


class IndexShape(serializers.Serializer[object]):
    """Where to go from here."""

    resources = serializers.DictField(
        child=serializers.URLField(), help_text="The address of each list, by its name."
    )
    openapi = serializers.URLField(help_text="The OpenAPI document, for programs.")
    documentation = serializers.URLField(help_text="The same for people, at the browser.")


class Index(Endpoint):
    """What there is."""

    @extend_schema(operation_id="index", summary="What there is", responses=IndexShape, tags=["index"])
    def get(self, request: Request) -> Response:
        """The address of everything that can be asked for without knowing an identifier."""
        here = request.build_absolute_uri(request.path)
        readable = [path for path, methods in document()["paths"].items() if "get" in methods]
        names = [path.removeprefix(request.path_info).strip("/") for path in readable if "{" not in path]
        facts = {
            "resources": {name: f"{here}{name}/" for name in names if name},
            "openapi": request.build_absolute_uri(reverse("api:schema")),
            "documentation": request.build_absolute_uri(reverse("api-docs")),
        }
        return Response(IndexShape(facts).data)


class Schema(Endpoint):
    """The OpenAPI document, as JSON."""

    schema = None

    def get(self, request: Request) -> Response:
        """The document that describes every other address."""
        return Response(document())


class Nothing(APIView):
    """Says, in the API's own form and only to those who are signed in, that an address leads nowhere."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """Authenticate, then raise `NotFound`."""
        super().initial(request, *args, **kwargs)
        raise NotFound
