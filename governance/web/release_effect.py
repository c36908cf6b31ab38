"""Putting a release into effect and going back to one: shown first, then confirmed with a reason."""

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.proof.waiting import told
from governance.releases.models import Activation, Release
from governance.releases.services import activate, roll_back
from governance.web.acting import actor_of, posted
from governance.web.form_errors import put
from governance.web.history import history
from governance.web.release_changes import changes
from governance.web.release_facts import Standing, standing_of
from governance.web.release_forms import ReasonForm


class Service(Protocol):
    """What puts a release into effect."""

    def __call__(self, release: Release, *, actor: User, reason: str) -> Activation: ...


@dataclass(frozen=True)
class Step:
    """One of the two ways into effect, in the words of its page."""

    service: Service
    title: str
    verb: str
    told: str
    done: str
    back: bool = False


FORWARD = Step(
    service=activate,
    title="Put {release} into effect",
    verb="Put into effect",
    told="It has the decisions that its environment asks for; the worker checks them again before each run.",
    done="{release} is in effect in {environment}. New runs use it from now on.",
)
BACK = Step(
    service=roll_back,
    title="Roll back to {release}",
    verb="Roll back to release {number}",
    told="{release} was in effect before, so no new approval is asked for; the worker checks it again.",
    done="Rolled back to {release} in {environment}. New runs use it from now on.",
    back=True,
)
AGAIN = replace(
    BACK,
    title="Put {release} back into effect",
    verb="Put back into effect",
    done="{release} is back in effect in {environment}. New runs use it from now on.",
)


@require_http_methods(["GET", "HEAD", "POST"])
def release_activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a release into effect. GET shows what that would change and asks for a reason."""
    return _page(request, pk, FORWARD)


@require_http_methods(["GET", "HEAD", "POST"])
def release_roll_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return to what was in effect before. GET shows what that would change and asks for a reason."""
    return _page(request, pk, BACK)


def _page(request: HttpRequest, pk: UUID, step: Step) -> HttpResponse:
    actor = actor_of(request)
    found = get_object_or_404(Release.objects.visible_to(actor).with_contents(), pk=pk)
    authorise(actor, Permission.ACTIVATE, project=found.project)
    standing = standing_of(found)
    _check(found, standing, step)
    if step.back and standing.current and standing.current.number < found.number:
        step = AGAIN
    form = ReasonForm(posted(request))
    names = {"release": found, "number": found.number, "environment": found.environment.name}
    if request.method == "POST" and form.is_valid():
        try:
            step.service(found, actor=actor, reason=form.cleaned_data["reason"])
        except Invalid as problem:
            put(form, problem)
        else:
            messages.success(request, step.done.format(**names) + told(found.project.organisation_id))
            return redirect("governance:release", found.pk)
    now = Release.objects.with_contents().get(pk=standing.current.pk) if standing.current else None
    context = {
        "release": found,
        "title": step.title.format(**names),
        "verb": step.verb.format(**names),
        "back": step.back,
        "told": step.told.format(**names),
        "now": now,
        "changes": changes(now, found),
        "form": form,
        "history": history(("release", found.pk), actor=actor, limit=6),
    }
    return render(request, "governance/release_effect.html", context, status=400 if form.errors else 200)


def _check(release: Release, standing: Standing, step: Step) -> None:
    """Tell before anything is asked what the service would refuse afterwards. Raises `WrongState`."""
    if standing.in_effect:
        raise WrongState(f"{release} is in effect in {release.environment.name} already.")
    if not standing.ready:
        raise WrongState(f"{release} is not approved: {release.request.get_state_display().lower()}.")
    if standing.not_cleared:
        raise WrongState(standing.not_cleared)
    if step.back and not standing.was_in_effect:
        raise WrongState(f"{release} was never in effect in {release.environment.name}: activate it instead.")
