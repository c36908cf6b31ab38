"""Webhooks: which there are, opening them, and their deliveries."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named
from governance.releases.models import Environment
from runs.api.runs import workflow_called
from runs.api.webhook_shapes import (
    DeliveryShape,
    NewWebhook,
    SecretOnceShape,
    WebhookDetailShape,
    WebhookQuery,
    WebhookShape,
)
from runs.webhooks.models import Delivery, Webhook
from runs.webhooks.querysets import WebhookQuerySet
from runs.webhooks.services import create_webhook

ONCE = OpenApiResponse(SecretOnceShape, description="With the secret, this once.")
POST_ROOM = OpenApiExample(
    "For a post room",
    value={
        "name": "Post room",
        "workflow": "complaints/complaint-handling",
        "environment": "production",
    },
    request_only=True,
)


class WebhookEndpoint(Endpoint):
    """What endpoints of webhooks do alike."""

    def within(self) -> WebhookQuerySet:
        """The webhooks that the caller sees."""
        return Webhook.objects.visible_to(self.actor).with_names()

    def found(self, pk: UUID) -> Webhook:
        """The webhook within the caller's reach."""
        return self.fetch(self.within(), pk)

    def done(self, pk: UUID) -> Response:
        """The webhook as it is now."""
        return Response(self._shown(pk))

    def once(self, pk: UUID, secret: str, *, status: int = status.HTTP_200_OK) -> Response:
        """The same with a new secret, which no other answer holds."""
        return Response({"webhook": self._shown(pk), "secret": secret}, status=status)

    def _shown(self, pk: UUID) -> Any:
        return WebhookDetailShape(self.found(pk), context=self.get_serializer_context()).data


class Webhooks(WebhookEndpoint):
    """The webhooks within reach, and new ones."""

    scopes_write = Scope.TRIGGERS_WRITE
    query = WebhookQuery
    paged = True

    @extend_schema(operation_id="webhooks_list", summary="Webhooks", responses=WebhookShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first, retired ones too."""
        rows = self.within()
        if project := self.asked.get("project"):
            rows = rows.filter(called(project, via="project"))
        if "state" in self.asked:
            rows = rows.filter(state=self.asked["state"])
        return self.page(rows, WebhookShape)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Open a webhook",
        request=NewWebhook,
        responses={201: ONCE},
        examples=[POST_ROOM],
    )
    def post(self, request: Request) -> Response:
        """It starts runs in your name, for as long as you may. Its secret is in this answer alone."""
        wanted = self.body(NewWebhook)
        workflow = workflow_called(self.actor, wanted["workflow"])
        places = Environment.objects.visible_to(self.actor).filter(
            organisation=workflow.project.organisation_id
        )
        made, secret = create_webhook(
            workflow.project,
            actor=self.actor,
            name=wanted["name"],
            workflow=workflow,
            environment=named(places, wanted["environment"], field="environment"),
            into=wanted["into"],
        )
        return self.once(made.pk, secret, status=status.HTTP_201_CREATED)


class WebhookDetail(WebhookEndpoint):
    """One webhook."""

    @extend_schema(operation_id="webhooks_read", summary="One webhook", responses=WebhookDetailShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """Where it leads, what is in its way, its good secrets (not what they are) and what it refused."""
        return self.done(pk)


class Deliveries(WebhookEndpoint):
    """What was delivered to one webhook."""

    paged = True

    @extend_schema(
        operation_id="webhooks_deliveries",
        summary="The deliveries of a webhook",
        responses=DeliveryShape(many=True),
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Newest first; refused ones are counted on the webhook and not kept."""
        found = self.found(pk)
        return self.page(Delivery.objects.filter(webhook=found).select_related("run"), DeliveryShape)
