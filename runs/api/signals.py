"""Signals: what runs were told, and telling them."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from runs.api import idempotency
from runs.api.people_shapes import NewSignal, SignalShape
from runs.durable.signal import send_signal
from runs.records.models import Run
from runs.signals.models import Signal

KEY = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "pattern": f"^{idempotency.PATTERN.pattern}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Names what happened: the same key with the same payload tells it once. 1 to 200 visible "
    "ASCII characters, for example the identifier of the payment.",
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replay",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200],
    description="`true`: nothing was told, this is the signal of the first request.",
)
PAID = OpenApiExample(
    "A payment", value={"name": "paid", "payload": {"reference": "INV-7", "cents": 1200}}, request_only=True
)


class Signals(Endpoint):
    """What one run was told."""

    scopes_write = Scope.RUNS_WRITE
    paged = True
    ordering = ("id",)

    @extend_schema(
        operation_id="runs_signals", summary="The signals of a run", responses=SignalShape(many=True)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """In the order in which they came; those that no step has taken are kept until one does."""
        run = self.fetch(Run.objects.visible_to(self.actor), pk)
        return self.page(Signal.objects.filter(run=run).with_names(), SignalShape)

    @extend_schema(
        operation_id="runs_signal",
        summary="Tell a run what happened",
        request=NewSignal,
        responses={
            201: OpenApiResponse(SignalShape, description="Told."),
            200: OpenApiResponse(SignalShape, description="Told before by the same key: nothing new."),
        },
        parameters=[KEY, REPLAYED],
        examples=[PAID],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It may come before the run waits for it. Answers 409 when the run has ended."""
        key = idempotency.key_of(request)
        run = self.fetch(Run.objects.visible_to(self.actor), pk)
        wanted = self.body(NewSignal)
        signal, created = send_signal(
            run, actor=self.actor, name=wanted["name"], key=key, payload=wanted["payload"]
        )
        shape = SignalShape(Signal.objects.with_names().get(pk=signal.pk)).data
        return Response(
            shape, 201 if created else 200, headers={} if created else {"Idempotent-Replay": "true"}
        )
