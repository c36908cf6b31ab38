"""Writing the next version: edit, see the difference, create."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import authorise
from governance.access.permissions import AssetPermission, Permission
from governance.accounts.models import User
from governance.catalog.content import prepared
from governance.catalog.functions import all_announced
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_version
from governance.errors import Invalid, WrongState
from governance.ledger.canonical import sha256_hex
from governance.web.acting import actor_of
from governance.web.asset_forms import kind_words
from governance.web.comparison import Comparison, compared
from governance.web.draft_forms import Draft, MessageForm, draft_form


@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor. `step=preview` shows the difference and keeps the text, `step=create` writes the version."""
    actor = actor_of(request)
    asset = get_object_or_404(Asset.objects.visible_to(actor).select_related("project__organisation"), pk=pk)
    authorise(actor, Permission.AUTHOR, project=asset.project, on=(asset, AssetPermission.AUTHOR))
    newest = asset.versions.newest_first().first()
    posted = request.POST if request.method == "POST" else None
    draft = draft_form(asset, newest, posted)
    message = MessageForm(posted if posted is not None and posted.get("step") else None, initial=_kept(posted))
    made, comparison, notice = None, None, ""
    if posted is not None and posted.get("step") and all([draft.is_valid(), message.is_valid()]):
        try:
            if posted["step"] == "create":
                made = create_version(
                    asset, actor=actor, content=draft.content(), message=message.cleaned_data["message"]
                )
            else:
                comparison = _preview(asset, newest, draft, actor)
        except Invalid as problem:
            _refuse(draft, message, problem)
        except WrongState as problem:
            notice = problem.message
    if made is not None:
        messages.success(request, f"{made} is written. Its digest is {made.digest[:8]}…{made.digest[-4:]}.")
        return redirect("governance:version", made.pk)
    context = {
        "asset": asset,
        "words": kind_words(asset.kind),
        "newest": newest,
        "draft": draft,
        "message": message,
        "comparison": comparison,
        "notice": notice,
        "next_number": newest.number + 1 if newest else 1,
        "functions": all_announced() if asset.kind == Asset.Kind.WORKFLOW else [],
        "pinnable": _pinnable(asset) if asset.kind == Asset.Kind.WORKFLOW else [],
    }
    return render(request, "governance/version_new.html", context, status=_status(posted, comparison, notice))


def _kept(posted: object) -> dict[str, str]:
    return {"message": str(posted.get("message", ""))} if hasattr(posted, "get") else {}


def _status(posted: object, comparison: Comparison | None, notice: str) -> int:
    if notice:
        return 409
    asked = hasattr(posted, "get") and posted.get("step")
    return 400 if asked and comparison is None else 200


def _refuse(draft: Draft, message: MessageForm, problem: Invalid) -> None:
    if "message" in problem.fields:
        message.add_error("message", problem.fields["message"])
    else:
        draft.refuse(problem)


def _preview(asset: Asset, newest: Version | None, draft: Draft, actor: User) -> Comparison:
    """The comparison with the version that would be written, which nothing stores."""
    body, _ = prepared(asset, draft.content())
    digest = sha256_hex(body)
    if newest is not None and newest.digest == digest:
        raise WrongState(f"Nothing differs from version {newest.number}.")
    number = newest.number + 1 if newest else 1
    unsaved = Version(asset=asset, number=number, content=body, digest=digest, author=actor, author_name=actor.name)
    if newest is not None:
        newest.asset = asset
    return compared(newest, unsaved)


def _pinnable(asset: Asset) -> list[str]:
    """What a node may pin, newest version of each asset of the project, as it is written."""
    newest = (
        Version.objects.filter(asset__project=asset.project_id)
        .exclude(asset__kind=Asset.Kind.WORKFLOW)
        .select_related("asset")
        .order_by("asset__kind", "asset__slug", "-number")
        .distinct("asset__kind", "asset__slug")
        .defer("content")
    )
    return [f"{version.asset.slug}@{version.number}" for version in newest[:60]]
