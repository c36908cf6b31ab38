"""What becomes of a webhook: a new secret, disabled, enabled, taken over, retired."""

from datetime import timedelta
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.release_shapes import Reason
from runs.api.run_requests import Nothing
from runs.api.webhook_shapes import NewName, Rotation, WebhookDetailShape
from runs.api.webhooks import ONCE, WebhookEndpoint
from runs.webhooks.rotating import adopt_webhook, end_earlier_secret, rotate_webhook
from runs.webhooks.services import disable_webhook, enable_webhook, rename_webhook, retire_webhook

A_DAY = OpenApiExample("With a day to change over", value={"hours": 24}, request_only=True)
RENAMED = OpenApiExample("After its sender", value={"name": "Post room, second floor"}, request_only=True)
WHY = OpenApiExample("With a reason", value={"reason": "The sender is replaced."}, request_only=True)


class WebhookAct(WebhookEndpoint):
    """One act on one webhook; the answer is the webhook as it is then. 409 at the wrong moment."""

    scopes_write = Scope.RUNS_WRITE

    def reason(self) -> str:
        """Why, from the body."""
        return str(self.body(Reason)["reason"])


class Rotate(WebhookAct):
    """A new secret."""

    scopes_write = Scope.TRIGGERS_WRITE

    @extend_schema(
        operation_id="webhooks_rotate",
        summary="Make a new secret for a webhook",
        request=Rotation,
        responses={200: ONCE},
        examples=[A_DAY],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """The earlier one stays good for as many hours; one before that ends now."""
        found, hours = self.found(pk), self.body(Rotation)["hours"]
        return self.once(pk, rotate_webhook(found, actor=self.actor, overlap=timedelta(hours=hours)))


class Rename(WebhookAct):
    """Another name."""

    @extend_schema(
        operation_id="webhooks_rename",
        summary="Rename a webhook",
        request=NewName,
        responses=WebhookDetailShape,
        examples=[RENAMED],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Its address and its secrets stay; 409 when it is called that already."""
        rename_webhook(self.found(pk), actor=self.actor, name=self.body(NewName)["name"])
        return self.done(pk)


class EndSecret(WebhookAct):
    """An end of the earlier secret."""

    @extend_schema(
        operation_id="webhooks_end_secret",
        summary="End the earlier secret of a webhook",
        request=Nothing,
        responses=WebhookDetailShape,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """What it signs is refused from now on; 409 when none is good but the newest."""
        self.body(Nothing)
        end_earlier_secret(self.found(pk), actor=self.actor)
        return self.done(pk)


class Disable(WebhookAct):
    """Shutting a webhook for a while."""

    @extend_schema(
        operation_id="webhooks_disable",
        summary="Disable a webhook",
        request=Reason,
        responses=WebhookDetailShape,
        examples=[WHY],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It answers as if it were not there; 409 when it does already."""
        disable_webhook(self.found(pk), actor=self.actor, reason=self.reason())
        return self.done(pk)


class Enable(WebhookAct):
    """Opening it again."""

    scopes_write = Scope.TRIGGERS_WRITE

    @extend_schema(
        operation_id="webhooks_enable",
        summary="Enable a webhook",
        request=Nothing,
        responses=WebhookDetailShape,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It takes deliveries again; 409 unless it is disabled."""
        self.body(Nothing)
        enable_webhook(self.found(pk), actor=self.actor)
        return self.done(pk)


class Adopt(WebhookAct):
    """Taking a webhook over."""

    scopes_write = Scope.TRIGGERS_WRITE

    @extend_schema(
        operation_id="webhooks_adopt",
        summary="Take a webhook over",
        request=Nothing,
        responses={200: ONCE},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """It starts runs in your name, with a new secret; earlier ones end. 409 when it is yours already."""
        self.body(Nothing)
        return self.once(pk, adopt_webhook(self.found(pk), actor=self.actor))


class Retire(WebhookAct):
    """The end of a webhook."""

    @extend_schema(
        operation_id="webhooks_retire",
        summary="Retire a webhook",
        request=Reason,
        responses=WebhookDetailShape,
        examples=[WHY],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """For good; its deliveries and their runs stay."""
        retire_webhook(self.found(pk), actor=self.actor, reason=self.reason())
        return self.done(pk)
