"""What runs left for the runs after them: the version that holds of each value, now or as a run saw it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.accounts.models import Project, User
from governance.errors import Invalid
from governance.releases.models import Environment
from governance.web.acting import actor_of, chosen_uuid, refuse_unknown
from governance.web.paging import page_of
from runs.memory.models import Entry
from runs.memory.querysets import EntryQuerySet
from runs.records.models import Run
from runs.web.filters import Chip, most_narrowing
from runs.web.paging import with_parameters

AS_OF = "as_of"
NARROWED = ("project", "environment", "namespace", "key")


class MemoryFilters(forms.Form):
    """What the list can be narrowed by; all of it stands in the address."""

    project = forms.ModelChoiceField(Project.objects.none(), required=False, empty_label="Any")
    environment = forms.ModelChoiceField(Environment.objects.none(), required=False, empty_label="Any")
    namespace = forms.CharField(required=False, max_length=40)
    key = forms.CharField(required=False, max_length=200)
    as_of = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, parameters: QueryDict, *, actor: User) -> None:
        super().__init__(parameters)
        chosen: forms.ModelChoiceField[Project] = self.fields["project"]  # type: ignore[assignment]
        chosen.queryset = Project.objects.visible_to(actor)
        place: forms.ModelChoiceField[Environment] = self.fields["environment"]  # type: ignore[assignment]
        place.queryset = Environment.objects.visible_to(actor)


@dataclass(frozen=True)
class AsOf:
    """The moment of a run: what it reads is what was there then; nothing is where it reads no memory."""

    run: Run

    @property
    def sequence(self) -> int:
        """How many entries its project had in the environment."""
        return self.run.memory_snapshot or 0

    @property
    def reads(self) -> bool:
        """Whether it was taken up, and reads memory at all."""
        return self.run.memory_snapshot is not None


@require_safe
def memory(request: HttpRequest) -> HttpResponse:
    """Each value within reach with the version that holds, the one written last first."""
    actor = actor_of(request)
    refuse_unknown(request.GET, *NARROWED, AS_OF)
    filters = MemoryFilters(request.GET, actor=actor)
    if not filters.is_valid():
        fields = {name: " ".join(map(str, errors)) for name, errors in filters.errors.items()}
        raise Invalid("The list cannot be narrowed like this.", fields=fields)
    as_of = as_of_in(request.GET, actor)
    rows = _narrowed(Entry.objects.visible_to(actor), filters.cleaned_data, as_of)
    context = {
        "page": page_of(rows.with_writers(), request.GET),
        "filters": filters,
        "chips": _chips(filters, request.GET),
        "choose_project": most_narrowing(actor),
        "as_of": as_of,
    }
    return render(request, "runs/memory.html", context)


def as_of_in(parameters: QueryDict, actor: User) -> AsOf | None:
    """The run that `?as_of=` names, within reach."""
    wanted = chosen_uuid(parameters, AS_OF)
    if wanted is None:
        return None
    runs = Run.objects.visible_to(actor).select_related("workflow", "environment", "recalls_from")
    return AsOf(get_object_or_404(runs, pk=wanted))


def _narrowed(rows: EntryQuerySet, asked: dict[str, Any], as_of: AsOf | None) -> EntryQuerySet:
    for name in NARROWED:
        if asked[name]:
            rows = rows.filter(**{name: asked[name]})
    if as_of is None:
        return rows.holding()
    return rows.within(as_of.run.project_id, as_of.run.memory_of).holding(as_of.sequence)


def _chips(filters: MemoryFilters, parameters: QueryDict) -> list[Chip]:
    on = {name: value for name, value in filters.cleaned_data.items() if value and name != AS_OF}
    return [
        Chip(name.capitalize(), str(value), with_parameters(parameters, drop=name))
        for name, value in on.items()
    ]
