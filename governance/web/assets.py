"""Lists of workflows, prompts and models; the page of one; naming a new one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.gate import holds, reach
from governance.access.permissions import AssetPermission, Permission
from governance.accounts.models import Project, User
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset
from governance.catalog.sharing import shared_with
from governance.errors import Invalid, NotAllowed
from governance.releases.models import Release
from governance.web.acting import actor_of, address, chosen_uuid, posted, refuse_unknown
from governance.web.asset_forms import AssetForm, kind_words
from governance.web.content_view import content_view
from governance.web.form_errors import put
from governance.web.history import history, many
from governance.web.paging import page_of
from governance.web.presence import by_asset, by_version, in_effect
from governance.web.release_facts import effects_of

MOST_VERSIONS = 60


@require_safe
def asset_list(request: HttpRequest, kind: Asset.Kind) -> HttpResponse:
    """The assets of one kind, by name, each with its newest version and where it is in effect."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "project")
    chosen = chosen_uuid(request.GET, "project")
    rows = Asset.objects.visible_to(actor).of_kind(kind).select_related("project__organisation")
    page = page_of(rows.filter(project=chosen) if chosen else rows, request.GET, order=("slug", "id"))
    newest = Version.objects.filter(asset__in=page.rows).order_by("asset_id", "-number").distinct("asset_id")
    newest_of = {version.asset_id: version for version in newest.defer("content")}
    present = by_asset(in_effect(actor, page.rows))
    context = {
        "words": kind_words(kind),
        "page": page,
        "rows": [(asset, newest_of.get(asset.pk), present.get(asset.pk, [])) for asset in page.rows],
        "projects": Project.objects.visible_to(actor).select_related("organisation"),
        "chosen": chosen,
        "new_url": address("governance:asset-new", kind) if reach(actor).projects(Permission.AUTHOR) else "",
    }
    return render(request, "governance/asset_list.html", context)


@require_safe
def asset(request: HttpRequest, pk: UUID, kind: Asset.Kind | None = None) -> HttpResponse:
    """One asset: its newest content, its versions, where it is used and what happened to it."""
    actor = actor_of(request)
    within = Asset.objects.visible_to(actor).select_related("project__organisation", "created_by")
    found = get_object_or_404(within if kind is None else within.of_kind(kind), pk=pk)
    if kind is None:
        return redirect("governance:asset", found.kind, found.pk)
    versions = list(found.versions.newest_first().defer("content")[: MOST_VERSIONS + 1])
    newest = found.versions.with_pins().newest_first().first()
    if newest is not None:
        newest.asset = found
    present = in_effect(actor, [found])
    releases = _releases(actor, found)
    context = {
        "asset": found,
        "words": kind_words(found.kind),
        "versions": [
            (version, by_version(present).get(version.pk, [])) for version in versions[:MOST_VERSIONS]
        ],
        "more_versions": len(versions) > MOST_VERSIONS,
        "newest": newest,
        "content": content_view(newest) if newest else None,
        "present": present,
        "releases": releases,
        "effects": effects_of(releases),
        "may_write": may_write(actor, found),
        "may_share": reach(actor).allows(Permission.ADMINISTER, found.project_id),
        "shared": shared_with(found),
        "may_submit": reach(actor).allows(Permission.SUBMIT, found.project_id)
        and found.kind == Asset.Kind.WORKFLOW,
        "history": history(
            (found.kind, found.pk),
            *many("version", [version.pk for version in versions]),
            actor=actor,
            limit=12,
        ),
    }
    return render(request, "governance/asset.html", context)


def may_write(actor: User, found: Asset) -> bool:
    """Whether the page offers a new version; the service decides again."""
    allowed = reach(actor).allows(Permission.AUTHOR, found.project_id)
    return allowed or holds(actor, AssetPermission.AUTHOR, found)


def _releases(actor: User, found: Asset) -> list[Release]:
    if found.kind != Asset.Kind.WORKFLOW:
        return []
    return list(Release.objects.visible_to(actor).filter(workflow=found).with_names().order_by("-id")[:10])


@require_http_methods(["GET", "HEAD", "POST"])
def asset_new(request: HttpRequest, kind: Asset.Kind) -> HttpResponse:
    """Name a new asset, then write its first version."""
    actor = actor_of(request)
    if not reach(actor).projects(Permission.AUTHOR):
        raise NotAllowed(
            "This needs the permission “Write prompts, models and workflows” on a project. "
            "A platform owner can grant it.",
            missing=Permission.AUTHOR,
        )
    form = AssetForm(posted(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_asset(actor=actor, kind=kind, **form.cleaned_data)
        except Invalid as problem:
            put(form, problem)
        else:
            return redirect("governance:version-new", made.pk)
    context = {"form": form, "words": kind_words(kind), "kind": kind}
    return render(request, "governance/asset_new.html", context, status=400 if form.errors else 200)
