"""How webhooks look in the API, and what is asked of them."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from runs.api.run_requests import WORKFLOW
from runs.webhooks.models import Delivery, Refusal, Webhook, WebhookSecret

MOST_HOURS = 168


class WebhookQuery(Query):
    """Which webhooks."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    state = serializers.ChoiceField(required=False, choices=Webhook.State.choices)


class NewWebhook(Body):
    """A webhook to open."""

    name = serializers.CharField(max_length=120, help_text="Who or what will send to it.")
    workflow = serializers.RegexField(WORKFLOW, help_text="“project/slug”, or an identifier.", max_length=141)
    environment = SlugOrId(help_text="An environment's slug or identifier.")
    into = serializers.RegexField(
        r"^([a-z][a-z0-9_]{0,39})?$",
        required=False,
        default="",
        allow_blank=True,
        help_text="The workflow's one input, which the whole body is. "
        "Without it the members of the body are the inputs.",
    )


class NewName(Body):
    """What a webhook is called from now on."""

    name = serializers.CharField(max_length=120, help_text="Who or what sends to it.")


class Rotation(Body):
    """For how long the earlier secret stays good."""

    hours = serializers.IntegerField(
        required=False, default=24, min_value=0, max_value=MOST_HOURS, help_text="0: it ends at once."
    )


class WebhookShape(serializers.ModelSerializer[Webhook]):
    """A webhook."""

    project = ProjectName(read_only=True)
    workflow = serializers.CharField(source="workflow.slug", read_only=True)
    environment = serializers.CharField(source="environment.slug", read_only=True)
    url = serializers.SerializerMethodField(help_text="Where deliveries are sent.")

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "project",
            "name",
            "workflow",
            "environment",
            "into",
            "url",
            "state",
            "starter",
            "starter_name",
            "hindrance",
            "hindered_at",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = fields
        extra_kwargs = {
            "into": {"help_text": "The input that the body is; empty where its members are the inputs."},
            "starter_name": {"help_text": "In whose name runs are started."},
            "hindrance": {"help_text": "Why the last delivery could start nothing; else empty."},
        }

    @extend_schema_field(serializers.URLField())
    def get_url(self, webhook: Webhook) -> str:
        """As this request reached the portal."""
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse("hook", args=[webhook.address]))


class SecretShape(serializers.ModelSerializer[WebhookSecret]):
    """That there is a secret, not what it is."""

    class Meta:
        model = WebhookSecret
        fields: tuple[str, ...] = ("number", "made_at", "made_by_name", "ends_at")
        read_only_fields: tuple[str, ...] = fields


class RefusalShape(serializers.Serializer[object]):
    """How often something was refused in the last days, and why."""

    reason = serializers.ChoiceField(choices=Refusal.Reason.choices)
    times = serializers.IntegerField()
    last = serializers.DateTimeField()


class WebhookDetailShape(WebhookShape):
    """A webhook with its good secrets and what it refused."""

    secrets = serializers.SerializerMethodField(help_text="Those that are good now, the newest first.")
    refusals = serializers.SerializerMethodField(help_text=f"Of the last {Refusal.DAYS} days, by reason.")

    class Meta(WebhookShape.Meta):
        fields: tuple[str, ...] = (*WebhookShape.Meta.fields, "secrets", "refusals")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(SecretShape(many=True))
    def get_secrets(self, webhook: Webhook) -> Any:
        """Without their contents."""
        return SecretShape(WebhookSecret.objects.filter(webhook=webhook).good(), many=True).data

    @extend_schema_field(RefusalShape(many=True))
    def get_refusals(self, webhook: Webhook) -> Any:
        """The most frequent first."""
        return RefusalShape(Refusal.objects.filter(webhook=webhook).by_reason(), many=True).data


class SecretOnceShape(serializers.Serializer[object]):
    """A webhook with a new secret, which is shown in this answer and never again."""

    webhook = WebhookDetailShape()
    secret = serializers.CharField(help_text="Begins with `whsec_`.")


class DeliveryShape(serializers.ModelSerializer[Delivery]):
    """A delivery, and the run that it started."""

    run_state = serializers.CharField(source="run.state", read_only=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id",
            "key",
            "sha256",
            "size",
            "secret",
            "sender",
            "at",
            "run",
            "run_state",
        )
        read_only_fields: tuple[str, ...] = fields
