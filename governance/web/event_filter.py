"""What can be asked of the ledger's list; all of it stands in the address."""

from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Final

import django_filters
from django import forms
from django.utils import timezone

from governance.accounts.models import User
from governance.ledger.identity import first_uuid7, last_uuid7
from governance.ledger.kinds import ROUTINE, Kind
from governance.ledger.models import Event
from governance.ledger.querysets import EventQuerySet

# What events are about, as a page calls it.
OBJECTS: Final = {
    "approval": "Approval",
    "artifact": "Content",
    "catalogue": "Catalogue of the database",
    "environment": "Environment",
    "ticket": "File of readings",
    "erasure": "Removal of contents",
    "hold": "Legal hold",
    "limit": "Limit",
    "log": "Log",
    "memory": "Memory",
    "model": "Model",
    "opening": "Opening of an endpoint or provider",
    "organisation": "Organisation",
    "person": "Person",
    "price": "Price",
    "project": "Project",
    "prompt": "Prompt",
    "recall": "Recall",
    "release": "Release",
    "retention": "Retention rule",
    "run": "Run",
    "schedule": "Schedule",
    "step": "Step",
    "task": "Task",
    "team": "Team",
    "token": "Token",
    "version": "Version",
    "webhook": "Webhook",
    "workflow": "Workflow",
}
PERIODS: Final = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
PERIOD_WORDS: Final = {"1d": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days"}
ROWS = "row."
DAY = forms.DateInput(attrs={"type": "date"})


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """By kind, person, object, run and day."""

    by = django_filters.ChoiceFilter(
        label="Who", choices=[("people", "People only")], empty_label="Everybody", method="by_people"
    )
    period = django_filters.ChoiceFilter(
        label="Period", choices=list(PERIOD_WORDS.items()), empty_label="Any time", method="in_period"
    )
    kind = django_filters.ChoiceFilter(
        label="Event", choices=[(kind.value, kind.value) for kind in Kind], empty_label="Any"
    )
    actor = django_filters.CharFilter(
        field_name="actor_name", lookup_expr="icontains", label="By", max_length=200
    )
    type = django_filters.ChoiceFilter(
        field_name="object_type",
        choices=sorted(OBJECTS.items(), key=itemgetter(1)),
        label="About",
        empty_label="Anything",
    )
    object = django_filters.UUIDFilter(field_name="object_id", label="Object id")
    run = django_filters.UUIDFilter(label="Run id")
    rows = django_filters.ChoiceFilter(
        label="Rows of tables", choices=[("with", "Told as well")], empty_label="Left out", method="with_rows"
    )
    since = django_filters.DateFilter(method="from_day", label="From", widget=DAY)
    until = django_filters.DateFilter(method="until_day", label="Until", widget=DAY)

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: EventQuerySet) -> EventQuerySet:
        """As asked. What the database tells of single rows comes beside a service's event: if wanted."""
        found: EventQuerySet = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        wanted = asked["rows"] or asked["object"] or asked["kind"].startswith(ROWS)
        return found if wanted else found.exclude(kind__startswith=ROWS)

    def with_rows(self, rows: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """All of them; without this they are left out."""
        return rows

    def by_people(self, rows: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """What people did: neither the engine nor another part of the system. By an index of its own."""
        system = User.objects.filter(kind=User.Kind.SYSTEM)
        return rows.exclude(kind__in=list(ROUTINE)).exclude(actor__in=system.values("pk"))

    def in_period(self, rows: EventQuerySet, name: str, value: str) -> EventQuerySet:
        """The newest events, as far back as this from now."""
        return rows.filter(pk__gte=first_uuid7(timezone.now() - PERIODS[value]))

    # By the identifier, too: it is what the list is read by, so that a far day is found and not counted to.
    def from_day(self, rows: EventQuerySet, name: str, day: date) -> EventQuerySet:
        """Events of this day and later."""
        begins = datetime.combine(day, time.min, UTC)
        return rows.filter(pk__gte=first_uuid7(begins), at__gte=begins)

    def until_day(self, rows: EventQuerySet, name: str, day: date) -> EventQuerySet:
        """Events of this day and earlier."""
        ends = datetime.combine(day, time.max, UTC)
        return rows.filter(pk__lte=last_uuid7(ends), at__lte=ends)
