"""How schedules look in the API, and what is asked of them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from runs.api.run_requests import WORKFLOW
from runs.schedules.given import given_by
from runs.schedules.models import Firing, Schedule
from runs.schedules.reading import next_times, standing_of
from runs.schedules.services import LONGEST_NAME
from runs.schedules.terms import Terms
from runs.schedules.timing import LONGEST_CRON, MOST_SECONDS


class ScheduleQuery(Query):
    """Which schedules."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    workflow = SlugOrId(required=False, help_text="A workflow's slug or identifier.")
    environment = SlugOrId(required=False, help_text="An environment's slug or identifier.")
    state = serializers.ChoiceField(
        required=False, choices=Schedule.State.choices, help_text="Without it, those that are not retired."
    )


class ScheduleTerms(Body):
    """What a schedule is saved with; either `cron` or `every_s`."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    zone = serializers.CharField(
        max_length=64, default="UTC", help_text="A time zone's name, such as Europe/Berlin."
    )
    cron = serializers.CharField(
        max_length=LONGEST_CRON,
        default="",
        allow_blank=True,
        help_text="Minute, hour, day of the month, month, day of the week, on the clocks of the zone.",
    )
    every_s = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MOST_SECONDS,
        help_text="Or: every so many seconds, 60 at least.",
    )
    inputs = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False),
        default=dict,
        help_text="By name, the text of each input of the workflow, with which every run is started.",
    )
    overlap = serializers.ChoiceField(
        choices=Schedule.Overlap.choices,
        default=Schedule.Overlap.SKIP,
        help_text="What to do when the run started last is still under way.",
    )
    catch_up = serializers.ChoiceField(
        choices=Schedule.CatchUp.choices,
        default=Schedule.CatchUp.LAST,
        help_text="What becomes of the times at which no sweeper was at work, or it was held up.",
    )

    @staticmethod
    def terms(asked: dict[str, Any]) -> Terms:
        """As the services take them, of a validated body."""
        names = ("zone", "cron", "every_s", "inputs", "overlap", "catch_up")
        return Terms(**{name: asked[name] for name in names})


class NewSchedule(ScheduleTerms):
    """A schedule to set: which workflow it starts, and where."""

    workflow = serializers.RegexField(WORKFLOW, help_text="“project/slug”, or an identifier.", max_length=141)
    environment = SlugOrId(help_text="An environment's slug or identifier.")


class ChangedSchedule(ScheduleTerms):
    """All that a schedule is saved with, anew."""

    edition = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The one that you read.")


class FiringShape(serializers.ModelSerializer[Firing]):
    """What became of a time at which a schedule was due."""

    class Meta:
        model = Firing
        fields = ("id", "due_at", "times", "at", "outcome", "reason", "run")
        read_only_fields = fields


class ScheduleSummary(serializers.ModelSerializer[Schedule]):
    """A schedule, as lists show it."""

    project = ProjectName(read_only=True)
    workflow = serializers.CharField(source="workflow.slug", read_only=True)
    environment = serializers.CharField(source="environment.slug", read_only=True)
    words = serializers.CharField(read_only=True, help_text="When it fires, in words.")
    state = serializers.ChoiceField(choices=Schedule.State.choices, read_only=True)
    overdue = serializers.SerializerMethodField(help_text="Whether it should have fired over a minute ago.")

    class Meta:
        model = Schedule
        fields: tuple[str, ...] = (
            "id",
            "project",
            "workflow",
            "environment",
            "name",
            "words",
            "zone",
            "cron",
            "every_s",
            "overlap",
            "catch_up",
            "edition",
            "state",
            "overdue",
            "next_at",
            "queued_for",
            "saved_by_name",
            "saved_at",
            "paused_at",
            "paused_by_name",
            "paused_because",
            "retired_at",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.BooleanField())
    def get_overdue(self, schedule: Schedule) -> bool:
        """No sweeper is at work."""
        return standing_of(schedule).tone == "bad"


class ScheduleShape(ScheduleSummary):
    """A schedule with its inputs, the next five times and its newest firing."""

    inputs = serializers.SerializerMethodField(
        help_text="By name, the text of each; null for a protected one that you may not change."
    )
    next_times = serializers.SerializerMethodField(help_text="The next five; none unless it is on.")
    last_firing = serializers.SerializerMethodField(help_text="What was told last; null before it fired.")

    class Meta(ScheduleSummary.Meta):
        fields: tuple[str, ...] = (*ScheduleSummary.Meta.fields, "inputs", "next_times", "last_firing")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField(allow_null=True)))
    def get_inputs(self, schedule: Schedule) -> dict[str, str | None]:
        """For the caller."""
        return given_by(schedule, actor=self.context["request"].user)

    @extend_schema_field(serializers.ListField(child=serializers.DateTimeField()))
    def get_next_times(self, schedule: Schedule) -> list[Any]:
        """From `next_at` on."""
        if schedule.next_at is None:
            return []
        field = serializers.DateTimeField()
        later = next_times(schedule.timing, schedule.next_at, 4)
        return [field.to_representation(found) for found in (schedule.next_at, *later)]

    @extend_schema_field(FiringShape(allow_null=True))
    def get_last_firing(self, schedule: Schedule) -> Any:
        """By the order in which they were told."""
        newest = schedule.firings.order_by("-id").first()
        return FiringShape(newest).data if newest else None
