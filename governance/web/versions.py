"""The page of one version: its content, what it belongs to, and where it is used."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.catalog.pinned import users_of
from governance.ledger.canonical import sha256_hex
from governance.releases.models import Release
from governance.web.acting import actor_of, address
from governance.web.asset_forms import kind_words
from governance.web.assets import may_write
from governance.web.content_view import content_view
from governance.web.history import history
from governance.web.outward import asked_rows
from governance.web.presence import by_version, in_effect

MOST_USERS = 30


@require_safe
def version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version. Its digest is computed anew, so that the page can say that it holds."""
    actor = actor_of(request)
    found = get_object_or_404(with_content(actor), pk=pk)
    releases = _releases(actor, found)
    context = {
        "version": found,
        "asset": found.asset,
        "words": kind_words(found.asset.kind),
        "content": content_view(found),
        "holds": sha256_hex(bytes(found.content)) == found.digest,
        "present": by_version(in_effect(actor, [found.asset])).get(found.pk, []),
        "newer": found.asset.versions.filter(number__gt=found.number).order_by("number").first(),
        "pinned_by": _pinned_by(actor, found),
        "releases": releases,
        "asked": asked_rows(found, actor),
        "made_url": address("runs:made", found.pk),
        "relied_url": address("runs:recall-new", kind="version", key=str(found.pk)),
        "may_write": may_write(actor, found.asset),
        "may_submit": found.asset.kind == Asset.Kind.WORKFLOW
        and reach(actor).allows(Permission.SUBMIT, found.asset.project_id),
        "history": history(("version", found.pk), actor=actor, limit=12),
    }
    return render(request, "governance/version.html", context)


def with_content(actor: User) -> QuerySet[Version]:
    """Versions within reach, with what their content names."""
    loaded = Version.objects.visible_to(actor).select_related("asset__project__organisation", "parent")
    return loaded.with_pins()


def _pinned_by(actor: User, found: Version) -> list[Version]:
    """The workflow versions that pin this one, newest first."""
    users = Version.objects.visible_to(actor).filter(pins__pinned=found).distinct().select_related("asset")
    return list(users.defer("content").order_by("-id")[:MOST_USERS])


def _releases(actor: User, found: Version) -> list[Release]:
    """The releases that hold this version, by themselves or through a pin, newest first."""
    within = Release.objects.visible_to(actor).with_names()
    holding = within.filter(version__in={found.pk, *users_of(found.pk)})
    return list(holding.order_by("-id")[:MOST_USERS])
