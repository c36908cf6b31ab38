"""The page of what runs can ask outside, and the form that opens it to environments."""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.gate import authorise_owner
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.releases.models import Environment, Opening
from governance.releases.openings import set_opening
from governance.web.acting import actor_of, posted, refuse_unknown
from governance.web.form_errors import put
from governance.web.history import history, many
from runs.insight.outlets import Outlet, asked_by, outlets

if TYPE_CHECKING:
    EnvironmentChoices = forms.ModelMultipleChoiceField[Environment]
else:
    EnvironmentChoices = forms.ModelMultipleChoiceField

MOST_RECORDED = 12
TITLES = {
    Opening.Kind.ENDPOINT: "HTTP endpoints",
    Opening.Kind.PROVIDER: "Providers of models",
}
UNSET = {
    Opening.Kind.ENDPOINT: "until then it is open to unprotected environments",
    Opening.Kind.PROVIDER: "until then it is open to all",
}


class Environments(EnvironmentChoices):
    """Environments with what may run in each of them."""

    def label_from_instance(self, obj: Environment) -> str:
        """The name and what runs there."""
        return f"{obj.name}: {'approved releases' if obj.protected else 'anything, nobody approves it'}"


class OpeningForm(forms.Form):
    """The environments that it is open to, and why."""

    environments = Environments(
        Environment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Runs of these environments may ask it",
        help_text="No others, from their next call on. What nobody approved reaches whatever an unprotected "
        "environment may ask.",
    )
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is recorded in the ledger.",
    )

    def __init__(self, *args: Any, outlet: Outlet, **options: Any) -> None:
        initial = {"environments": [found.pk for found in outlet.open]}
        super().__init__(*args, **{**options, "initial": initial})
        field = self.fields["environments"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            own = Environment.objects.filter(organisation=outlet.organisation)
            field.queryset = own.order_by("rank", "slug")


@require_safe
def endpoints(request: HttpRequest) -> HttpResponse:
    """For whoever belongs to an organisation; platform owners change it."""
    refuse_unknown(request.GET)
    found = outlets(actor_of(request))
    companies = {outlet.organisation for outlet in found}
    groups = [
        {
            "title": TITLES[kind],
            "company": organisation if len(companies) > 1 else None,
            "unset": UNSET[kind],
            "environments": rows[0].environments,
            "rows": [(outlet, _cells(outlet)) for outlet in rows],
        }
        for (organisation, kind), members in groupby(found, lambda outlet: (outlet.organisation, outlet.kind))
        if (rows := list(members))
    ]
    has_endpoints = any(outlet.kind == Opening.Kind.ENDPOINT for outlet in found)
    return render(request, "runs/endpoints.html", {"groups": groups, "has_endpoints": has_endpoints})


def _cells(outlet: Outlet) -> list[tuple[Environment, bool]]:
    """Each environment, and whether it is open to it."""
    return [(found, found in outlet.open) for found in outlet.environments]


@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest, organisation: str, kind: str, name: str) -> HttpResponse:
    """What asks it, and to which environments it is open. POST opens it to others."""
    actor = actor_of(request)
    outlet = _within_reach(actor, organisation, kind, name)
    form, status = OpeningForm(posted(request), outlet=outlet), 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        try:
            set_opening(
                outlet.organisation, actor=actor, kind=outlet.kind, name=outlet.name, **form.cleaned_data
            )
        except (Invalid, WrongState) as problem:
            put(form, problem)
            status = 400 if isinstance(problem, Invalid) else 409
        else:
            messages.success(request, f"“{outlet.name}” is open to exactly these environments now.")
            return redirect("runs:endpoints")
    context = {
        "outlet": outlet,
        "form": form,
        "asked_by": asked_by(outlet, actor),
        "history": history(*many("opening", _set_before(outlet)), actor=actor, limit=MOST_RECORDED),
    }
    return render(request, "runs/endpoint.html", context, status=status)


def _set_before(outlet: Outlet) -> Iterable[UUID]:
    """The openings of the name, the newest first."""
    rows = Opening.objects.filter(organisation=outlet.organisation, kind=outlet.kind, name=outlet.name)
    return rows.values_list("pk", flat=True)[:MOST_RECORDED]


def _within_reach(actor: User, organisation: str, kind: str, name: str) -> Outlet:
    """It, for a platform owner; the service asks again."""
    for outlet in outlets(actor):
        if (outlet.organisation.slug, outlet.kind, outlet.name) == (organisation, kind, name):
            authorise_owner(actor, organisation=outlet.organisation)
            return outlet
    raise Http404
