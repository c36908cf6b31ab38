"""Holds: placing one, its page, and the two people who lift it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.gate import authorise_owner, reach
from governance.access.permissions import Permission
from governance.accounts.models import Organisation, Project, User
from governance.errors import Invalid
from governance.proof.waiting import told
from governance.web.acting import actor_of, address, posted, refuse_unknown
from governance.web.history import history
from runs.retention.holds import ask_lift, confirm_lift, open_request, place_hold
from runs.retention.models import Hold
from runs.retention.permission import may_lift
from runs.retention.rules import LONGEST_REASON
from runs.retention.scopes import LONGEST_KEY, About, Scope, about_of, about_period, about_reference
from runs.web.retention import beside, organisation_of

DAY = {"type": "date"}
PAGES = {Scope.RUN: "runs:run", Scope.WORKFLOW: "governance:asset"}


class HoldForm(forms.Form):
    """Whose contents, and why."""

    scope = forms.ChoiceField(label="All contents of", choices=Scope.choices)
    key = forms.CharField(
        label="Which",
        max_length=LONGEST_KEY,
        required=False,
        help_text="The identifier of the run, the workflow or the project; or the reference, to the letter.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "class": "mono"}),
    )
    since = forms.DateField(label="Of a period: its first day", required=False, widget=forms.DateInput(DAY))
    until = forms.DateField(label="Its last day", required=False, widget=forms.DateInput(DAY))
    project = forms.ModelChoiceField(
        Project.objects.none(),
        required=False,
        empty_label="the whole organisation",
        label="Of a reference or a period: within",
    )
    reason = forms.CharField(label="Why", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: forms.ModelChoiceField[Project] = self.fields["project"]  # type: ignore[assignment]
        chosen.queryset = projects

    def about(self, organisation: Organisation, actor: User) -> About:
        """What was chosen. Raises `Invalid`."""
        given = self.cleaned_data
        if given["project"] is not None:  # somebody may own several organisations
            organisation = given["project"].organisation
        if given["scope"] == Scope.REFERENCE:
            return about_reference(organisation, given["project"], given["key"])
        if given["scope"] != Scope.PERIOD:
            return about_of(given["scope"], given["key"], actor=actor)
        if not (given["since"] and given["until"]):
            words = "Give the first and the last day."
            raise Invalid(words, fields={"since": words})
        return about_period(organisation, given["project"], given["since"], given["until"])


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Place a hold; `?scope=` and `?key=` fill the form in."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "scope", "key")
    organisation = organisation_of(actor) or Organisation()
    authorise_owner(actor, organisation=organisation)
    projects = Project.objects.filter(pk__in=reach(actor).projects(Permission.ADMINISTER)).order_by("slug")
    projects = projects.select_related("organisation")
    first = {"scope": request.GET.get("scope", ""), "key": request.GET.get("key", "")}
    form = HoldForm(posted(request), projects=projects, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            about = form.about(organisation, actor)
            made = place_hold(about, actor=actor, reason=form.cleaned_data["reason"])
        except Invalid as problem:
            beside(form, problem)
        else:
            messages.success(
                request, "The hold stands: nothing of it is removed." + told(made.organisation_id)
            )
            return redirect("runs:hold", pk=made.pk)
    return render(request, "runs/hold_new.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What it is about, why, and who has asked that it end."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    found = _found(request, pk)
    lift = getattr(found, "lift", None)
    asked = None if lift else open_request(found)
    may = lift is None and may_lift(actor, found)
    context = {
        "hold": found,
        "lift": lift,
        "asked": asked,
        "may_ask": may and asked is None,
        "may_confirm": may and asked is not None and asked.by_id != actor.pk,
        "asked_yourself": may and asked is not None and asked.by_id == actor.pk,
        "about_url": address(PAGES[Scope(found.scope)], found.key) if found.scope in PAGES else "",
        "history": history(("hold", found.pk), actor=actor, limit=8),
    }
    return render(request, "runs/hold.html", context)


@require_POST
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask that it end."""
    ask_lift(_found(request, pk), actor=actor_of(request), reason=request.POST.get("reason", ""))
    messages.success(request, "Asked. Somebody else has to confirm it within 14 days.")
    return redirect("runs:hold", pk=pk)


@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End it, as somebody else has asked."""
    found = _found(request, pk)
    confirm_lift(found, actor=actor_of(request))
    messages.success(request, "The hold is lifted. Rules count again." + told(found.organisation_id))
    return redirect("runs:hold", pk=pk)


def _found(request: HttpRequest, pk: UUID) -> Hold:
    rows = Hold.objects.visible_to(actor_of(request)).select_related("project", "organisation", "lift")
    return get_object_or_404(rows, pk=pk)
