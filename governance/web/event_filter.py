"""What can be asked of the ledger's list; all of it stands in the address."""

import django_filters
from django import forms

from governance.ledger.kinds import Kind
from governance.ledger.models import Event

OBJECTS = (
    "approval", "environment", "model", "organisation", "person", "price", "project", "prompt", "release",
    "run", "team", "token", "version", "workflow",
)  # fmt: skip
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
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label="From", widget=DAY)
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label="Until", widget=DAY)

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()
