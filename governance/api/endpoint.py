"""What every endpoint does alike: name its scopes, refuse unknown parameters, fetch within reach, page.

Who calls, what a malformed body is and how an error looks is decided by the classes that the settings name.
"""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.access.permissions import Scope
from governance.accounts.models import User
from governance.api.bodies import Query, declared
from governance.errors import NotVisible

M = TypeVar("M", bound=Model)
PAGING = frozenset({"cursor", "page_size"})


class Endpoint(GenericAPIView[Any]):
    """One address of the API. A token needs `scopes_read` to read and `scopes_write` for anything else."""

    http_method_names = ("get", "head", "post")
    scopes_read: ClassVar[Scope | None] = Scope.READ
    scopes_write: ClassVar[Scope | None] = None
    query: ClassVar[type[Query]] = Query
    paged: ClassVar[bool] = False
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    @property
    def actor(self) -> User:
        """Whoever calls."""
        return self.request.user  # type: ignore[return-value]  # SignedInWithScope let nobody else pass

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Answers are for the caller alone, and true for now alone: nothing between may keep them."""
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate and authorise, then refuse parameters that would have no effect."""
        super().initial(request, *args, **kwargs)
        self.asked: dict[str, Any] = self._checked(request)

    def fetch(self, within_reach: QuerySet[M], pk: UUID) -> M:
        """The row of this identifier within the caller's reach. Raises `NotVisible`."""
        found = within_reach.filter(pk=pk).first()
        if found is None:
            raise NotVisible("There is no such object.")
        return found

    def body(self, shape: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The validated body. Raises `ValidationError` naming each wrong field."""
        handed_in = shape(data=self.request.data)
        handed_in.is_valid(raise_exception=True)
        found: dict[str, Any] = handed_in.validated_data
        return found

    def page(self, rows: QuerySet[Any], shape: type[BaseSerializer[Any]]) -> Response:
        """One page of the rows, in the order of `ordering`."""
        listed = shape(self.paginate_queryset(rows), many=True, context=self.get_serializer_context())
        return self.get_paginated_response(listed.data)

    def _checked(self, request: Request) -> dict[str, Any]:
        parameters = request.query_params
        known = declared(self.query) | (PAGING if self.paged else frozenset())
        wrong = {name[:80]: [Query.unknown_words] for name in sorted(set(parameters) - known)[:20]}
        wrong |= {name: ["Give it once."] for name in known if len(parameters.getlist(name)) > 1}
        if wrong:
            raise ValidationError(wrong)
        query = self.query(data={name: value for name, value in parameters.items() if name not in PAGING})
        query.is_valid(raise_exception=True)
        found: dict[str, Any] = query.validated_data
        return found
