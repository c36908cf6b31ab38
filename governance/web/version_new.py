"""Writing the next version: edit, see the difference, create."""

from dataclasses import dataclass
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
from governance.web.acting import actor_of, posted
from governance.web.asset_forms import kind_words
from governance.web.comparison import Comparison, compared
from governance.web.draft_forms import Draft, MessageForm, draft_form


@dataclass(frozen=True)
class Outcome:
    """What came of a press on one of the two buttons."""

    made: Version | None = None
    comparison: Comparison | None = None
    notice: str = ""

    @property
    def status(self) -> int:
        """Of the page that shows it: nothing came of it, the wrong moment, or something to look at."""
        return 409 if self.notice else 200 if self.comparison else 400


@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor. `step=preview` shows the difference and keeps the text, `step=create` writes it."""
    actor = actor_of(request)
    asset = get_object_or_404(Asset.objects.visible_to(actor).select_related("project__organisation"), pk=pk)
    authorise(actor, Permission.AUTHOR, project=asset.project, on=(asset, AssetPermission.AUTHOR))
    newest = asset.versions.newest_first().first()
    sent = posted(request)
    step = sent.get("step", "") if sent is not None else ""
    draft = draft_form(asset, newest, sent)
    message = MessageForm(
        sent if step else None, initial={"message": sent.get("message", "")} if sent else None
    )
    valid = bool(step) and all([draft.is_valid(), message.is_valid()])
    outcome = _tried(step, asset, newest, draft, message, actor) if valid else Outcome()
    if outcome.made is not None:
        messages.success(request, f"{outcome.made} is written.")
        return redirect("governance:version", outcome.made.pk)
    context = {
        "asset": asset,
        "words": kind_words(asset.kind),
        "newest": newest,
        "draft": draft,
        "message": message,
        "comparison": outcome.comparison,
        "notice": outcome.notice,
        "next_number": newest.number + 1 if newest else 1,
        "functions": all_announced() if asset.kind == Asset.Kind.WORKFLOW else [],
        "pinnable": _pinnable(asset, actor) if asset.kind == Asset.Kind.WORKFLOW else [],
    }
    return render(request, "governance/version_new.html", context, status=outcome.status if step else 200)


def _tried(
    step: str, asset: Asset, newest: Version | None, draft: Draft, message: MessageForm, actor: User
) -> Outcome:
    """Write the version, or compare what would be written; what is refused is put on the forms."""
    try:
        if step == "create":
            said = message.cleaned_data["message"]
            return Outcome(made=create_version(asset, actor=actor, content=draft.content(), message=said))
        return Outcome(comparison=_preview(asset, newest, draft, actor))
    except Invalid as problem:
        _refuse(draft, message, problem)
    except WrongState as problem:
        return Outcome(notice=problem.message)
    return Outcome()


def _refuse(draft: Draft, message: MessageForm, problem: Invalid) -> None:
    if "message" in problem.fields:
        message.add_error("message", problem.fields["message"])
    else:
        draft.refuse(problem)


def _preview(asset: Asset, newest: Version | None, draft: Draft, actor: User) -> Comparison:
    """The comparison with the version that would be written, which nothing stores."""
    body, _ = prepared(asset, draft.content(), actor=actor)
    digest = sha256_hex(body)
    if newest is not None and newest.digest == digest:
        raise WrongState(f"Nothing differs from version {newest.number}.")
    number = newest.number + 1 if newest else 1
    unsaved = Version(
        asset=asset, number=number, content=body, digest=digest, author=actor, author_name=actor.name
    )
    if newest is not None:
        newest.asset = asset
    return compared(newest, unsaved)


def _pinnable(asset: Asset, actor: User) -> list[str]:
    """What a node may pin, the newest version of each asset that the actor may use, as it is written."""
    newest = (
        Version.objects.pinnable(asset, actor=actor)
        .exclude(asset=asset)
        .select_related("asset")
        .order_by("asset__kind", "asset__slug", "-number")
        .distinct("asset__kind", "asset__slug")
        .defer("content")
    )
    return [f"{version.asset.slug}@{version.number}" for version in newest[:60]]
