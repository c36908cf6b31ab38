"""How the OpenAPI document is made: each operation with its scope, parameters and possible problems."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from governance.api.bodies import Query, declared
from portal.api.problems import MEDIA_TYPE, SORTS

ALWAYS = (400, 401, 403, 406)
ABOUT_AN_OBJECT = (404,)
WITH_A_BODY = (409, 413, 415)


class ProblemField(serializers.Serializer[object]):
    """A field or parameter, and what is wrong with it."""

    field = serializers.CharField(help_text="Dotted: `inputs.letter`.")
    detail = serializers.CharField()


class Problem(serializers.Serializer[object]):
    """What went wrong and what to do (RFC 9457)."""

    type = serializers.CharField(help_text="Names the sort of problem; leads to its explanation.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="In words for people.")
    instance = serializers.CharField(help_text="Names the request: quote it when you report a problem.")
    errors = ProblemField(many=True, required=False)  # type: ignore[assignment]  # a field, not the property
    missing = serializers.CharField(required=False, help_text="The permission or scope that is needed.")


class DocumentedSchema(AutoSchema):
    """Adds what every endpoint has in common, so that no endpoint can forget to say it."""

    def get_override_parameters(self) -> list[Any]:
        """The endpoint's own query parameters."""
        query = getattr(self.view, "query", None)
        asks = self.method == "GET" and query is not None and issubclass(query, Query) and declared(query)
        return [*super().get_override_parameters(), *([query] if asks else [])]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """What the object is called; that it is a shape goes without saying."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Shape")

    def get_extensions(self) -> dict[str, Any]:
        """`x-scope`: what a token needs."""
        scope = getattr(self.view, "scopes_read" if self.method == "GET" else "scopes_write")
        return {**super().get_extensions(), "x-scope": str(scope)}

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with the problems it can answer."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            shape = {"schema": self.resolve_serializer(Problem, "response").ref}
            for status in self._problems():
                operation["responses"].setdefault(
                    str(status), {"description": SORTS[status].title, "content": {MEDIA_TYPE: shape}}
                )
        return operation

    def _problems(self) -> tuple[int, ...]:
        about = ABOUT_AN_OBJECT if "{" in self.path or self.method == "POST" else ()
        early = (409,) if getattr(self.view, "may_be_too_early", False) else ()
        return tuple(sorted({*ALWAYS, *about, *early, *(WITH_A_BODY if self.method == "POST" else ())}))


class ClosedBody(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A body takes the declared fields and no others."""

    target_class = "governance.api.bodies.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        """The schema, closed."""
        mapped = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        return {**mapped, "additionalProperties": False}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer csn_…`."""

    target_class = "portal.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "Made on the page API tokens; shown once."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The portal's session cookie."""

    target_class = "portal.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API; it does not change while the process lives."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found
