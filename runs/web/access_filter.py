"""What can be asked of the log of readings; all of it stands in the address."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import django_filters
from django import forms

from governance.ledger.identity import first_uuid7, last_uuid7
from governance.web.acting import actor_of
from runs.reading.models import Ticket
from runs.reading.querysets import TicketQuerySet

DAY = forms.DateInput(attrs={"type": "date"})


class AccessFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """By person, way, run, content and day."""

    person = django_filters.CharFilter(
        field_name="actor_name", lookup_expr="icontains", label="By", max_length=200
    )
    kind = django_filters.ChoiceFilter(label="How", choices=Ticket.Kind.choices, empty_label="Any")
    run = django_filters.UUIDFilter(method="of_run", label="Run id")
    content = django_filters.UUIDFilter(method="of_content", label="Content id")
    object = django_filters.UUIDFilter(field_name="about_id", label="Object id")
    since = django_filters.DateFilter(method="from_day", label="From", widget=DAY)
    until = django_filters.DateFilter(method="until_day", label="Until", widget=DAY)

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = ()

    def of_run(self, rows: TicketQuerySet, name: str, run: UUID) -> TicketQuerySet:
        """Whoever opened what the run was given, sent or made, wherever they opened it."""
        return rows.of_run(run, actor=actor_of(self.request))

    def of_content(self, rows: TicketQuerySet, name: str, content: UUID) -> TicketQuerySet:
        """Whoever opened this very content."""
        return rows.of_content(content)

    def from_day(self, rows: TicketQuerySet, name: str, day: date) -> TicketQuerySet:
        """Readings of this day and later."""
        return rows.filter(pk__gte=first_uuid7(datetime.combine(day, time.min, UTC)))

    def until_day(self, rows: TicketQuerySet, name: str, day: date) -> TicketQuerySet:
        """Readings of this day and earlier."""
        return rows.filter(pk__lte=last_uuid7(datetime.combine(day, time.max, UTC)))
