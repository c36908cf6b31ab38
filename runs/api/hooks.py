"""Where other systems deliver: the address of a webhook. Nobody is signed in; the delivery is signed."""

import logging
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.errors import DomainError, Invalid, NotVisible
from runs.webhooks.delivering import NOT_NOW, Hindered, Reused
from runs.webhooks.pace import TooFast, pace_of_sender
from runs.webhooks.receiving import NotJson, NotSigned, TooLarge, at_address, receive
from runs.webhooks.sealing import NotSealed
from runs.webhooks.signatures import Signed

JSON: Final = "application/json"
UNTIL_MENDED: Final = 300
LONGEST_LENGTH: Final = 18
STATUS: Final[dict[type[DomainError], int]] = {
    NotSigned: 401,
    Reused: 409,
    TooLarge: 413,
    NotJson: 415,
    Invalid: 422,
    TooFast: 429,
    Hindered: 503,
}
logger = logging.getLogger(__name__)


class Refused(APIException):
    """A delivery that is not taken; with when to come again, where that helps."""

    def __init__(self, problem: DomainError) -> None:
        super().__init__(problem.message)
        self.status_code = next(status for kind, status in STATUS.items() if isinstance(problem, kind))
        if isinstance(problem, NotSigned):
            self.auth_header = 'Standard-Webhooks realm="Countersign"'
        if isinstance(problem, TooFast):
            self.wait = problem.seconds
        if isinstance(problem, Hindered):
            self.wait = UNTIL_MENDED


class Whatever(BaseContentNegotiation):
    """JSON, whatever the sender says it accepts: senders look at the status alone."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """None is used: what is signed are the bytes."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first."""
        first = next(iter(renderers))
        return first, first.media_type


class Hook(APIView):
    """Takes deliveries as Standard Webhooks has them."""

    http_method_names = ("post",)
    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class = Whatever
    schema = None

    @property
    def default_response_headers(self) -> dict[str, str]:
        """True for now alone."""
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def post(self, request: Request, address: str) -> Response:
        """202 with a new run; 200 with the first one when the same message comes again."""
        sender = request.META.get("REMOTE_ADDR", "")
        try:
            run, new = self._received(request, address, sender)
        except NotSealed as problem:
            logger.error("A webhook's secret cannot be read: %s", problem.message)
            raise Refused(Hindered(NOT_NOW)) from problem
        except tuple(STATUS) as problem:
            raise Refused(problem) from problem
        return Response({"run": str(run)}, 202 if new else 200)

    def _received(self, request: Request, address: str, sender: str) -> tuple[UUID, bool]:
        """What came of the delivery. Who signs rightly is not held up by others behind the same address."""
        try:
            webhook = at_address(address)
            return receive(webhook, _signed(request), is_json=_is_json(request), sender=sender)
        except (NotVisible, NotSigned):
            pace_of_sender(sender)
            raise


def _signed(request: Request) -> Signed | None:
    """The body with what signs it; nothing of one that is too large, of which but a little is read."""
    largest, said = settings.WEBHOOK_MAX_BYTES, request.META.get("CONTENT_LENGTH") or "0"
    if len(said) > LONGEST_LENGTH or int(said) > largest:
        return None
    body = request._request.read(largest + 1)
    return Signed.of(body, request.headers) if len(body) <= largest else None


def _is_json(request: Request) -> bool:
    """By its type; what is not in UTF-8 has been refused before."""
    return (request.content_type or "").partition(";")[0].strip().lower() == JSON
