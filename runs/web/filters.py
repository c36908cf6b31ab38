"""What the list of runs can be narrowed by; all of it stands in the address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from governance.access.gate import reach
from governance.accounts.models import Project, User
from governance.catalog.models import Asset, Version
from governance.errors import Invalid
from governance.ledger.identity import first_uuid7
from governance.releases.models import Environment, Release
from runs.insight.periods import BY_KEY, PERIODS
from runs.records.failed import UNDONE_AFTER_FAILURE
from runs.records.models import Run
from runs.records.querysets import RunQuerySet
from runs.web.paging import STEERING, with_parameters

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"}, format="%Y-%m-%dT%H:%M:%S")


class RunFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Each filter is scoped: what the person may not see is no choice."""

    period = django_filters.ChoiceFilter(
        label="Period",
        method="within",
        choices=[(p.key, p.label) for p in PERIODS if p.begins()],
        empty_label="Any time",
    )
    since = django_filters.IsoDateTimeFilter(label="From (UTC)", method="from_moment", widget=MOMENT)
    until = django_filters.IsoDateTimeFilter(label="Until (UTC)", method="until_moment", widget=MOMENT)
    state = django_filters.ChoiceFilter(
        label="State", method="standing", choices=Run.State.choices, empty_label="Any state"
    )
    origin = django_filters.ChoiceFilter(
        label="Started as", choices=Run.Origin.choices, empty_label="Anything"
    )
    environment = django_filters.ModelChoiceFilter(
        label="Environment",
        queryset=lambda request: Environment.objects.visible_to(request.user),
        empty_label="Any",
    )
    workflow = django_filters.ModelChoiceFilter(
        label="Workflow",
        queryset=lambda request: Asset.objects.visible_to(request.user).of_kind(Asset.Kind.WORKFLOW),
        empty_label="Any",
    )
    project = django_filters.ModelChoiceFilter(
        label="Project",
        queryset=lambda request: Project.objects.visible_to(request.user),
        empty_label="Any",
    )
    reference = django_filters.CharFilter(label="Reference", lookup_expr="exact", max_length=200)
    version = django_filters.ModelChoiceFilter(
        queryset=lambda request: Version.objects.visible_to(request.user).select_related("asset"),
        widget=forms.HiddenInput,
    )
    release = django_filters.ModelChoiceFilter(
        queryset=lambda request: Release.objects.visible_to(request.user).select_related("workflow"),
        widget=forms.HiddenInput,
    )

    part_of = django_filters.ModelChoiceFilter(
        field_name="parent",
        label="Part of",
        queryset=lambda request: Run.objects.visible_to(request.user),
        widget=forms.HiddenInput,
    )
    derived_from = django_filters.ModelChoiceFilter(
        field_name="source",
        label="Made from",
        queryset=lambda request: Run.objects.visible_to(request.user),
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Run
        fields: list[str] = []

    def standing(self, rows: QuerySet[Run], name: str, value: str) -> QuerySet[Run]:
        """Runs in this state. Those that failed and have undone what they did have failed as well."""
        failed = UNDONE_AFTER_FAILURE if value == Run.State.FAILED else Q()
        return rows.filter(Q(state=value) | failed if failed else Q(state=value))

    def within(self, rows: QuerySet[Run], name: str, value: str) -> QuerySet[Run]:
        """Runs that began in the period."""
        return rows.filter(**BY_KEY[value].within("pk"))

    def from_moment(self, rows: QuerySet[Run], name: str, value: datetime) -> QuerySet[Run]:
        """Runs that began at this moment or later."""
        return rows.filter(pk__gte=first_uuid7(value))

    def until_moment(self, rows: QuerySet[Run], name: str, value: datetime) -> QuerySet[Run]:
        """Runs that began before this moment."""
        return rows.filter(pk__lt=first_uuid7(value))


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: str
    value: str
    remove_url: str


def narrowed(rows: RunQuerySet, parameters: QueryDict, request: Any) -> RunFilters:
    """The filters on the rows; parts are listed only when those of one run are asked for.

    Raises `Invalid` for an unknown filter or a value that is no choice.
    """
    known = set(RunFilters.base_filters) | STEERING
    if unknown := sorted(set(parameters) - known):
        raise Invalid(
            f"There is no filter called “{unknown[0][:60]}”.", fields={unknown[0][:60]: "Unknown filter."}
        )
    listed = rows if parameters.get("part_of") else rows.whole()
    filters = RunFilters(parameters, queryset=listed, request=request)
    if not filters.is_valid():
        fields = {name: " ".join(errors) for name, errors in filters.form.errors.items()}
        raise Invalid("The list cannot be narrowed like this.", fields=fields)
    return filters


def chips(filters: RunFilters, parameters: QueryDict) -> list[Chip]:
    """The filters that are on, in words."""
    found = []
    for name, value in filters.form.cleaned_data.items():
        if value:
            field = filters.form.fields[name]
            words = dict(getattr(field, "choices", ())).get(value, value) if isinstance(value, str) else value
            words = parameters.get(name, "").replace("T", " ") if isinstance(value, datetime) else words
            words = f"run {str(value.pk)[:8]}…{str(value.pk)[-4:]}" if isinstance(value, Run) else words
            label = str(field.label or name.capitalize())
            without = with_parameters(parameters, drop=name)
            found.append(Chip(label=label, value=str(words), remove_url=without))
    return found


def most_narrowing(person: User) -> bool:
    """Whether choosing a project means anything for this person."""
    return len(reach(person).projects()) > 1
