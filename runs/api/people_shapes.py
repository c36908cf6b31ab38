"""How signals and tasks look in the API, and what is asked of them."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from runs.api.record_shapes import ArtifactName
from runs.people.deciders import deciders
from runs.people.eligibility import standing
from runs.people.models import Task
from runs.signals.models import Signal


class NewSignal(Body):
    """What happened, told by the name that the workflow waits for."""

    name = serializers.RegexField(r"^[a-z][a-z0-9_.-]{0,79}$", max_length=80, help_text="The event's name.")
    payload = serializers.JSONField(
        required=False, default=dict, help_text="Any JSON value; the output of the step that takes it."
    )


class SignalShape(serializers.ModelSerializer[Signal]):
    """A signal that a run was told."""

    payload = ArtifactName(read_only=True)
    step = serializers.SerializerMethodField(help_text="The step that took it; null while none has.")

    class Meta:
        model = Signal
        fields = ("id", "run", "name", "key", "payload", "sender_name", "at", "step")
        read_only_fields = fields

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_step(self, signal: Signal) -> str | None:
        """Its identifier."""
        taking = getattr(signal, "taking", None)
        return str(taking.step_id) if taking else None


class TaskQuery(Query):
    """Which tasks."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    run = serializers.UUIDField(required=False, help_text="A run's identifier.")
    state = serializers.ChoiceField(required=False, choices=Task.State.choices)
    waiting_for_me = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Only those that you may decide: through a token none that is `browser_only`.",
    )


class TaskDecision(Body):
    """What you decide, and why; it stands in the ledger."""

    decision = serializers.CharField(max_length=100, help_text="One of what the task offers.")
    reason = serializers.CharField(max_length=2000)
    value = serializers.JSONField(
        required=False, allow_null=True, default=None, help_text="Of an edit: what you make of the subject."
    )


class TaskSummary(serializers.ModelSerializer[Task]):
    """What a run asks of people, as lists show it."""

    project = ProjectName(read_only=True)
    team = serializers.CharField(source="team.name", read_only=True, allow_null=True, default=None)
    escalate_to = serializers.CharField(
        source="escalate_to.name", read_only=True, allow_null=True, default=None
    )
    browser_only = serializers.BooleanField(
        source="shielded",
        read_only=True,
        help_text="An approval in a protected environment: given by a person at the browser, by no token.",
    )

    class Meta:
        model = Task
        fields: tuple[str, ...] = (
            "id",
            "run",
            "project",
            "node",
            "kind",
            "title",
            "state",
            "team",
            "escalate_to",
            "browser_only",
            "opened_at",
            "escalates_at",
            "deadline_at",
            "decision",
            "reason",
            "decided_by_name",
            "closed_at",
        )
        read_only_fields: tuple[str, ...] = fields


class ShownValue(serializers.Serializer[object]):
    """Something that the person is shown: the content, and the place of the value in it."""

    name = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field, not the attribute
        help_text="The reference; the content is the whole that it leads into."
    )
    artifact = serializers.UUIDField()
    classification = serializers.CharField()
    content = serializers.SerializerMethodField(help_text="Where to download it.")

    def get_content(self, found: dict[str, str]) -> str:
        """Its address."""
        return reverse("api:artifact-content", args=[found["artifact"]])


class TaskShape(TaskSummary):
    """A task with what it shows, what can be decided, and whether you could."""

    shown = ShownValue(many=True, read_only=True)
    offers = serializers.SerializerMethodField(help_text="Each decision with its words.")
    edited = ArtifactName(read_only=True, allow_null=True)
    deciders = serializers.SerializerMethodField(
        help_text="Who can decide it now, by name; nobody once it is closed or its time is over."
    )
    obstacle = serializers.SerializerMethodField(
        help_text="What keeps you from deciding; empty when nothing does."
    )

    class Meta(TaskSummary.Meta):
        fields: tuple[str, ...] = (
            *TaskSummary.Meta.fields,
            "instructions",
            "subject",
            "shown",
            "offers",
            "edited",
            "deciders",
            "obstacle",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_offers(self, task: Task) -> dict[str, Any]:
        """By decision."""
        return dict(task.offers)

    def get_deciders(self, task: Task) -> list[str]:
        """As the task's page says."""
        closed = task.state != Task.State.OPEN or getattr(task, "overdue", False)
        return [] if closed else [person.name for person in deciders(task)]

    def get_obstacle(self, task: Task) -> str:
        """For the caller."""
        found = standing(task, self.context["request"].user)
        return found.sentence if found else ""
