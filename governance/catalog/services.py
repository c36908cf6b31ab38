"""Making assets and versions."""

from typing import Any

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import AssetPermission, Permission
from governance.access.unique import unless_taken
from governance.accounts.models import Project, User
from governance.catalog.content import prepared
from governance.catalog.models import Asset, Pin, Version
from governance.errors import Invalid, WrongState
from governance.ledger.canonical import sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import slug as slug_text
from governance.ledger.text import storable

LONGEST_CONTENT = 2_000_000


@transaction.atomic
def create_asset(project: Project, *, actor: User, kind: Asset.Kind, slug: str, purpose: str = "") -> Asset:
    """Name a new prompt, model or workflow.

    Raises `Invalid` for a malformed or taken slug; `NotAllowed` without "Write prompts, models and
    workflows".
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    authorise(actor, Permission.AUTHOR, project=project)
    slug = slug_text(slug, longest=80)
    purpose = storable(purpose, field="purpose", longest=400)
    with unless_taken("slug", f"There is a {kind} called {slug} already."):
        asset = Asset.objects.create(project=project, kind=kind, slug=slug, purpose=purpose, created_by=actor)
    record(
        Kind.ASSET_CREATED,
        actor=actor,
        organisation=project.organisation_id,
        about=(kind.value, asset.pk),
        details={"slug": slug, "project": project.slug, "purpose": asset.purpose},
    )
    return asset


@transaction.atomic
def create_version(asset: Asset, *, actor: User, content: dict[str, Any], message: str) -> Version:
    """Add the next version of an asset; it can never be changed.

    Raises `Invalid` with a message for each wrong field or node, `WrongState` when nothing differs from the
    newest version, `NotAllowed` without the right to write on the project or the asset.
    """
    asset = Asset.objects.select_for_update(of=("self",)).select_related("project").get(pk=asset.pk)
    authorise(actor, Permission.AUTHOR, project=asset.project, on=(asset, AssetPermission.AUTHOR))
    message = storable(
        message, field="message", longest=400, missing="Say what changed, for those who review it."
    )
    body, pins = prepared(asset, content, actor=actor)
    if len(body) > LONGEST_CONTENT:
        raise Invalid(f"A version may hold {LONGEST_CONTENT:,} bytes; this has {len(body):,}.")
    digest = sha256_hex(body)
    newest = asset.versions.order_by("-number").first()
    if newest is not None and newest.digest == digest:
        raise WrongState(f"Nothing differs from version {newest.number}.")
    version = Version.objects.create(
        asset=asset,
        number=1 if newest is None else newest.number + 1,
        content=body,
        digest=digest,
        message=message,
        author=actor,
        author_name=actor.name,
        parent=newest,
    )
    Pin.objects.bulk_create(Pin(version=version, node=node, pinned=pinned) for node, pinned in pins)
    _record_version(version, actor, pins)
    return version


def _record_version(version: Version, actor: User, pins: list[tuple[str, Version]]) -> None:
    record(
        Kind.VERSION_CREATED,
        actor=actor,
        organisation=version.asset.project.organisation_id,
        about=("version", version.pk),
        details={
            "asset": version.asset.slug,
            "asset_id": str(version.asset_id),
            "kind": version.asset.kind,
            "number": version.number,
            "sha256": version.digest,
            "message": version.message,
            "pins": [f"{node}: {pinned.asset.slug} v{pinned.number}" for node, pinned in pins[:100]],
        },
    )
