"""How long contents are kept, what holds them longer, what is going to be removed, and what was."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise_owner, reach
from governance.accounts.models import Organisation, User
from governance.errors import Invalid, WrongState
from governance.proof.waiting import told
from governance.web.acting import actor_of, posted, refuse_unknown
from governance.web.paging import page_of
from runs.artifacts.models import Artifact
from runs.retention.models import FEWEST_DAYS, MOST_DAYS, Erasure, Hold, Rule
from runs.retention.rules import LONGEST_REASON, set_rule

HOLDS_SHOWN: Final = 50


class RuleForm(forms.Form):
    """Of which class, how long, and why."""

    classification = forms.ChoiceField(
        label="Contents that are", choices=[*reversed(Artifact.Classification.choices)]
    )
    days = forms.IntegerField(
        label="Days after their last use",
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        required=False,
        help_text=f"At least {FEWEST_DAYS}, six months. Empty: they are kept.",
    )
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """The rules that count, the holds that stand, and erasures newest first; owners set a rule here."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    organisation = organisation_of(actor)
    form = RuleForm(posted(request))
    if request.method == "POST":
        authorise_owner(actor, organisation=organisation or Organisation())
        if organisation is not None and form.is_valid() and _is_set(form, organisation, actor):
            messages.success(request, "The rule counts from now on." + told(organisation.pk))
            return redirect("runs:retention")
    owned = organisation is not None and organisation.pk in reach(actor).owned
    context = {**_standing(request, actor), "form": form if owned else None}
    return render(request, "runs/retention.html", context, status=400 if form.errors else 200)


def organisation_of(actor: User) -> Organisation | None:
    """The one that the person owns, else the one that they see."""
    found = reach(actor)
    return Organisation.objects.filter(pk__in=found.owned or found.organisations).order_by("name").first()


def _is_set(form: RuleForm, organisation: Organisation, actor: User) -> bool:
    """Whether the rule is set; else the reasons stand beside the form's fields."""
    try:
        set_rule(organisation, actor=actor, **form.cleaned_data)
    except (Invalid, WrongState) as problem:
        beside(form, problem)
        return False
    return True


def beside(form: forms.Form, problem: Invalid | WrongState) -> None:
    """What is wrong, at the fields that it names."""
    for name, words in (getattr(problem, "fields", {}) or {"": problem.message}).items():
        form.add_error(name if name in form.fields else None, words)


def _standing(request: HttpRequest, actor: User) -> dict[str, Any]:
    counting = {rule.classification: rule for rule in Rule.objects.visible_to(actor).counting()}
    classes = [*reversed(Artifact.Classification.choices)]
    page = page_of(Erasure.objects.visible_to(actor).counted(), request.GET)
    holds = Hold.objects.visible_to(actor).select_related("project", "lift")
    return {
        "rules": [(label, counting.get(value)) for value, label in classes],
        "holds": holds.standing()[:HOLDS_SHOWN],
        "lifted": holds.exclude(lift=None)[:HOLDS_SHOWN],
        "page": page,
        "may_hold": bool(reach(actor).owned),
    }
