"""The review page: what changes, who may decide, and the decision itself."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.refusing import repeated_refusals
from governance.accounts.models import User
from governance.approvals.eligibility import needed, obstacle, standings
from governance.approvals.models import ApprovalRequest, Vote
from governance.approvals.services import Stale, vote, withdraw
from governance.approvals.signed import signed
from governance.errors import Invalid
from governance.proof.waiting import told
from governance.releases.models import Release
from governance.web.acting import actor_of
from governance.web.approval_forms import DecisionForm
from governance.web.form_errors import put
from governance.web.history import history
from governance.web.next_step import next_step
from governance.web.release_changes import before_it, changes
from governance.web.release_facts import standing_of


@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET shows the review; POST decides, bound to the digest that the form carries. GET never decides."""
    actor = actor_of(request)
    asked = get_object_or_404(_within(actor), pk=pk)
    if request.method != "POST":
        return _page(request, asked, DecisionForm(initial={"digest": asked.digest}))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=400)
    given = form.cleaned_data
    try:
        made = vote(
            asked,
            actor=actor,
            decision=Vote.Decision(given["decision"]),
            reason=given["reason"],
            digest=given["digest"],
        )
    except Stale:
        return _stale(request, asked, given["digest"])
    except Invalid as problem:
        put(form, problem)
        return _page(request, asked, form, status=400)
    done = f"Recorded: {made.person_name} {made.get_decision_display().lower()} {asked.subject}."
    messages.success(request, done + told(asked.project.organisation_id))
    return _outcome(asked)


@require_POST
def approval_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the request back; whoever submitted it may."""
    actor = actor_of(request)
    asked = withdraw(get_object_or_404(_within(actor), pk=pk), actor=actor)
    messages.success(request, f"{asked.subject} is withdrawn.")
    return _outcome(asked)


def _outcome(asked: ApprovalRequest) -> HttpResponse:
    """The review again, at the box that says what was recorded and what comes next."""
    return redirect(f"{reverse('governance:approval', args=[asked.pk])}#decision")


def _within(actor: User) -> QuerySet[ApprovalRequest]:
    loaded = ApprovalRequest.objects.visible_to(actor).select_related("project__organisation", "requested_by")
    releases = Release.objects.with_contents()
    return loaded.filter(release__isnull=False).prefetch_related(
        "votes", "exclusions__person", Prefetch("release", queryset=releases)
    )


def _page(
    request: HttpRequest,
    asked: ApprovalRequest,
    form: DecisionForm,
    *,
    status: int = 200,
    stale: Mapping[str, object] | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    release = asked.release
    earlier = before_it(release)
    people = standings(asked)
    context = {
        "asked": asked,
        "signed": signed(asked),
        "title": f"Release {release.version} to {release.environment.name}",
        "release": release,
        "earlier": earlier,
        "changes": changes(earlier, release),
        "split": request.GET.get("view") == "split",
        "form": form,
        "obstacle": obstacle(asked, actor),
        "needed": needed(asked),
        "people": people,
        "nobody_left": asked.state == ApprovalRequest.State.OPEN and not any(not why for _, why in people),
        "may_withdraw": asked.requested_by_id == actor.pk and asked.state == ApprovalRequest.State.OPEN,
        "next_step": next_step(release, standing_of(release), actor),
        "stale": stale,
        "refusals": repeated_refusals(("approval", asked.pk)),
        "history": history(("approval", asked.pk), ("release", release.pk), actor=actor, limit=12),
    }
    return render(request, "governance/approval.html", context, status=status)


def _stale(request: HttpRequest, asked: ApprovalRequest, seen: str) -> HttpResponse:
    """The review again, with what is different from what the person saw, and nothing decided."""
    other = Release.objects.visible_to(actor_of(request)).filter(digest=seen).with_contents().first()
    found = {"seen": seen, "other": other, "changes": changes(other, asked.release) if other else None}
    return _page(request, asked, DecisionForm(initial={"digest": asked.digest}), status=409, stale=found)
