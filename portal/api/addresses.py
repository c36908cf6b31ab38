"""The schema's address, and the answer to every address that is none."""

from typing import Any, NoReturn

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.endpoint import Endpoint
from portal.api.schema import document


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
