"""What is asked of runs: which ones, a new one, an end to one."""

from rest_framework import serializers

from governance.api.bodies import Body, Query, SlugOrId
from runs.api.documents import FORMS, DocumentField
from runs.durable.start import HIGHEST_PRIORITY, USUAL_PRIORITY
from runs.records.models import Run

WORKFLOW = r"^([\w-]{1,60}/[\w-]{1,80}|[0-9a-fA-F-]{36})$"


class RunQuery(Query):
    """Which runs."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    workflow = SlugOrId(required=False, help_text="A workflow's slug or identifier.")
    environment = SlugOrId(required=False, help_text="An environment's slug or identifier.")
    state = serializers.ChoiceField(required=False, choices=Run.State.choices)
    version = serializers.UUIDField(required=False, help_text="A workflow version's identifier.")
    release = serializers.UUIDField(required=False, help_text="A release's identifier.")
    reference = serializers.CharField(required=False, max_length=200, help_text="Exactly this reference.")
    part_of = serializers.UUIDField(
        required=False, help_text="The parts of this run; without it, runs that are no part of another."
    )
    derived_from = serializers.UUIDField(required=False, help_text="Forks and replays of this run.")
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)


class NewRun(Body):
    """A run to start, of whatever release is in effect."""

    workflow = serializers.RegexField(WORKFLOW, help_text="“project/slug”, or an identifier.", max_length=141)
    environment = SlugOrId(help_text="An environment's slug or identifier.")
    inputs = serializers.DictField(child=DocumentField(), help_text=f"By name, each {FORMS}")
    reference = serializers.CharField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="Your own number for the case.",
    )
    priority = serializers.IntegerField(
        required=False,
        default=USUAL_PRIORITY,
        min_value=0,
        max_value=HIGHEST_PRIORITY,
        help_text="The higher, the sooner a worker takes it, among those of your organisation.",
    )


class Effect(Body):
    """What the step under review yields to the steps after it, and how it is known that it took effect."""

    output = serializers.JSONField(help_text="Any JSON value that the step could have returned.")
    reason = serializers.CharField(max_length=1000)


class Nothing(Body):
    """An empty object, or no body at all."""
