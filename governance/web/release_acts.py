"""Submitting a release."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise
from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.errors import Invalid, WrongState
from governance.policies.separation import PROTECTED_QUORUM, demand
from governance.releases.closure import authors_of, pinned_versions
from governance.releases.models import Activation, Release
from governance.releases.services import submit_release
from governance.web.acting import actor_of, posted
from governance.web.form_errors import put
from governance.web.release_forms import SubmitForm
from governance.web.versions import with_content


@dataclass(frozen=True)
class Demanded:
    """What a protected environment will ask for, told before anything is submitted."""

    quorum: int
    barred: list[tuple[str, str]]
    eligible: list[User]


@require_http_methods(["GET", "HEAD", "POST"])
def release_submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a workflow version to an environment."""
    actor = actor_of(request)
    version = get_object_or_404(with_content(actor).filter(asset__kind=Asset.Kind.WORKFLOW), pk=pk)
    authorise(actor, Permission.SUBMIT, project=version.asset.project)
    organisation = version.asset.project.organisation
    form = SubmitForm(posted(request), organisation=organisation)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        try:
            made = submit_release(version, actor=actor, **form.cleaned_data)
        except (Invalid, WrongState) as problem:
            put(form, problem)
            status = 400 if isinstance(problem, Invalid) else 409
        else:
            messages.success(request, _submitted(made))
            return redirect("governance:release", made.pk)
    effective = Activation.objects.visible_to(actor).filter(workflow=version.asset_id).in_effect()
    context = {
        "version": version,
        "asset": version.asset,
        "form": form,
        "demanded": _demanded(version, actor),
        "effective": effective.with_names().order_by("environment__rank"),
        "pins": list(pinned_versions(version)),
    }
    return render(request, "governance/release_submit.html", context, status=status)


def _submitted(made: Release) -> str:
    if made.request.quorum:
        return f"{made} is submitted and waits for approval."
    return f"{made} is submitted. No approval is required, so it can be put into effect now."


def _demanded(version: Version, actor: User) -> Demanded:
    """Asked of the same pure function that decides when the release is submitted."""
    parts = pinned_versions(version)
    asked = demand(protected=True, submitter=actor.pk, authors=authors_of(parts))
    names = {part.author_id: part.author_name for part in parts} | {actor.pk: actor.name}
    approvers = holders(version.asset.project, Permission.APPROVE)
    return Demanded(
        quorum=PROTECTED_QUORUM,
        barred=sorted((names[person], _you(reason)) for person, reason in asked.excluded.items()),
        eligible=[person for person in approvers if person.pk not in asked.excluded],
    )


def _you(reason: str) -> str:
    return reason.replace("submitted it", "would submit it")
