"""What can be asked of the ledger's list; all of it stands in the address."""

from datetime import UTC, date, datetime, time

import django_filters
from django import forms

from governance.ledger.identity import first_uuid7, last_uuid7
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.ledger.querysets import EventQuerySet

OBJECTS = (
    "approval", "environment", "model", "organisation", "person", "price", "project", "prompt", "release",
    "run", "team", "token", "version", "workflow",
)  # fmt: skip
ROWS = "row."
DAY = forms.DateInput(attrs={"type": "date"})


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """By kind, person, object, run and day."""

    kind = django_filters.ChoiceFilter(
        label="Event", choices=[(kind.value, kind.value) for kind in Kind], empty_label="Any"
    )
    actor = django_filters.CharFilter(
        field_name="actor_name", lookup_expr="icontains", label="By", max_length=200
    )
    type = django_filters.ChoiceFilter(
        field_name="object_type",
        choices=[(name, name.capitalize()) for name in OBJECTS],
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

    # By the identifier, too: it is what the list is read by, so that a far day is found and not counted to.
    def from_day(self, rows: EventQuerySet, name: str, day: date) -> EventQuerySet:
        """Events of this day and later."""
        begins = datetime.combine(day, time.min, UTC)
        return rows.filter(pk__gte=first_uuid7(begins), at__gte=begins)

    def until_day(self, rows: EventQuerySet, name: str, day: date) -> EventQuerySet:
        """Events of this day and earlier."""
        ends = datetime.combine(day, time.max, UTC)
        return rows.filter(pk__lte=last_uuid7(ends), at__lte=ends)
